import { TERMINAL_STATUSES, TRANSITIONS } from '../../packages/core/src/status.ts'
import { filesBelow, read } from '../checks/files.mjs'
import { compiled } from './lua-script.mjs'
import { packageSource } from './package-source.mjs'
import { scriptModule } from './script-module.mjs'
import { statusTable } from './status-table.mjs'

const PACKAGE = 'packages/redis-protocol'
const LUA = `${PACKAGE}/lua`
const STATUS_TABLE = `${LUA}/lib/status.lua`
const MODULE = `${PACKAGE}/src/scripts.generated.ts`

/**
 * The files of the Redis-protocol engine that follow from others.
 * @param {string} root
 */
export async function engineFiles(root) {
  const { STATUS_CODES, EVENT_CODES } = await packageSource(root, `${PACKAGE}/src/codes.ts`)
  const status = statusTable({
    transitions: TRANSITIONS,
    terminal: TERMINAL_STATUSES,
    statusCodes: STATUS_CODES,
    eventCodes: EVENT_CODES,
  })
  const { SHARED_KEYS, LINE_KEYS } = await packageSource(root, `${PACKAGE}/src/keys.ts`)
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
