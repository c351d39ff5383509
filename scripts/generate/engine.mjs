import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TERMINAL_STATUSES, TRANSITIONS } from '../../packages/core/src/status.ts'
import { filesBelow, read } from '../checks/files.mjs'
import { compiled } from './lua-script.mjs'
import { scriptModule } from './script-module.mjs'
import { statusTable } from './status-table.mjs'

const LUA = 'packages/redis-protocol/lua'
const STATUS_TABLE = `${LUA}/lib/status.lua`
const MODULE = 'packages/redis-protocol/src/scripts.generated.ts'

/**
 * The files of the Redis-protocol engine that follow from others.
 * @param {string} root
 */
export async function engineFiles(root) {
  if (!existsSync(join(root, LUA))) return []
  const { STATUS_CODES, EVENT_CODES } = await sourceOf(root, 'codes.ts')
  const status = statusTable({
    transitions: TRANSITIONS,
    terminal: TERMINAL_STATUSES,
    statusCodes: STATUS_CODES,
    eventCodes: EVENT_CODES,
  })
  const { SHARED_KEYS, LINE_KEYS } = await sourceOf(root, 'keys.ts')
  const { scripts, libs } = luaSources(root)
  libs.set('status', status)
  const surroundings = { sharedKeys: SHARED_KEYS, lineKeys: LINE_KEYS, libs }
  const all = [...scripts].map(([name, text]) => compiled(name, text, surroundings))
  return [
    { path: STATUS_TABLE, text: status },
    { path: MODULE, text: scriptModule(all) },
  ]
}

/**
 * The sources by name: scripts, and the parts that they use.
 * @param {string} root
 */
function luaSources(root) {
  /** @type {Map<string, string>} */
  const scripts = new Map()
  /** @type {Map<string, string>} */
  const libs = new Map()
  for (const file of filesBelow(root, LUA)) {
    const [, isLib, name] = /^\/(lib\/)?([^/]+)\.lua$/.exec(file.slice(LUA.length)) ?? []
    if (name === undefined) throw new Error(`${file}: ${LUA} holds *.lua and lib/*.lua only`)
    ;(isLib === undefined ? scripts : libs).set(name, read(root, file))
  }
  return { scripts, libs }
}

/** Loaded by address: these scripts are not compiled together with the package. @param {string} root @param {string} name */
function sourceOf(root, name) {
  return import(pathToFileURL(join(root, 'packages/redis-protocol/src', name)).href)
}
