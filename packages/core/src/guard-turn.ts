import {
  checkArray,
  checkBoolean,
  checkId,
  checkInteger,
  checkName,
  checkObject,
  checkOneOf,
  checkOptions,
  checkText,
} from './check.ts'
import { fixedLines } from './copies.ts'
import { invalidArgument } from './errors.ts'
import { checkBytes } from './json.ts'
import { MAX_COUNT, MAX_DURATION_MS, MAX_NAME_LENGTH, MAX_SLOTS, type Limits } from './limits.ts'
import { MAX_LOG_ENTRIES, MAX_NOTE_BYTES, type Note } from './log.ts'
import type { Line } from './record.ts'
import type { Claim, ClaimLine, Fence, Presence, Settlement, Touch, TurnRequest } from './turn.ts'

const TURN = ['workerId', 'slot', 'nonce', 'settlements', 'claim', 'touches', 'presence']

/** @throws QueueError naming the part of the turn at fault. */
export function checkTurn(turn: TurnRequest, limits: Limits): void {
  checkOptions('turn', turn, TURN)
  checkName('turn.workerId', turn.workerId)
  checkInteger('turn.slot', turn.slot, 0, MAX_SLOTS - 1)
  checkName('turn.nonce', turn.nonce)
  if (turn.settlements !== undefined) {
    const settlements = checkArray('turn.settlements', turn.settlements, limits.batch)
    settlements.forEach((settlement, i) => checkSettlement(`turn.settlements[${i}]`, settlement, limits))
  }
  if (turn.touches !== undefined) {
    const touches = checkArray('turn.touches', turn.touches, limits.batch)
    touches.forEach((touch, i) => checkTouch(`turn.touches[${i}]`, touch, limits))
  }
  if (turn.claim !== undefined) checkClaim(turn.claim, limits)
  if (turn.presence !== undefined && turn.presence !== null) checkPresence(turn.presence, limits)
}

export function checkFence(parameter: string, fence: Fence, min: number): void {
  if (fence !== 'any') checkInteger(parameter, fence, min, MAX_COUNT)
}

export function checkLine(parameter: string, line: Line): void {
  checkOptions(parameter, line, ['queue', 'executionBackend'])
  checkLineName(parameter, line)
}

function checkLineName(parameter: string, line: Line): void {
  checkName(`${parameter}.queue`, line.queue)
  checkName(`${parameter}.executionBackend`, line.executionBackend)
}

const SETTLEMENT = {
  complete: ['outcome', 'id', 'attempt', 'result', 'progress', 'log'],
  fail: ['outcome', 'id', 'attempt', 'error', 'retryInMs', 'progress', 'log'],
  snooze: ['outcome', 'id', 'attempt', 'delayMs', 'progress', 'log'],
  release: ['outcome', 'id', 'attempt', 'progress', 'log'],
} as const

function checkSettlement(parameter: string, settlement: Settlement, limits: Limits): void {
  checkObject(parameter, settlement)
  checkOneOf(`${parameter}.outcome`, settlement.outcome, ['complete', 'fail', 'snooze', 'release'])
  checkOptions(parameter, settlement, SETTLEMENT[settlement.outcome])
  checkId(`${parameter}.id`, settlement.id)
  checkFence(`${parameter}.attempt`, settlement.attempt, 1)
  if (settlement.progress !== undefined) checkEncoded(`${parameter}.progress`, settlement.progress, limits.resultBytes)
  if (settlement.log !== undefined) checkLog(`${parameter}.log`, settlement.log)
  switch (settlement.outcome) {
    case 'complete':
      checkEncoded(`${parameter}.result`, settlement.result, limits.resultBytes)
      break
    case 'fail':
      checkEncoded(`${parameter}.error`, settlement.error, limits.errorBytes)
      if (settlement.retryInMs !== null)
        checkInteger(`${parameter}.retryInMs`, settlement.retryInMs, 0, MAX_DURATION_MS)
      break
    case 'snooze':
      checkInteger(`${parameter}.delayMs`, settlement.delayMs, 0, MAX_DURATION_MS)
      break
    case 'release':
      break
  }
}

const TOUCH = ['id', 'attempt', 'alive', 'progress', 'log']

function checkTouch(parameter: string, touch: Touch, limits: Limits): void {
  checkOptions(parameter, touch, TOUCH)
  checkId(`${parameter}.id`, touch.id)
  checkFence(`${parameter}.attempt`, touch.attempt, 1)
  if (touch.alive !== undefined) checkBoolean(`${parameter}.alive`, touch.alive)
  if (touch.progress !== undefined) checkEncoded(`${parameter}.progress`, touch.progress, limits.resultBytes)
  if (touch.log !== undefined) checkLog(`${parameter}.log`, touch.log)
}

/** Numbers that do not grow would be taken for entries that are there already. */
function checkLog(parameter: string, log: readonly Note[]): void {
  let before = 0
  checkArray(parameter, log, MAX_LOG_ENTRIES).forEach((note, i) => {
    checkOptions(`${parameter}[${i}]`, note, ['number', 'agoMs', 'text'])
    checkInteger(`${parameter}[${i}].number`, note.number, before + 1, Number.MAX_SAFE_INTEGER)
    checkInteger(`${parameter}[${i}].agoMs`, note.agoMs, 0, MAX_DURATION_MS)
    checkEncoded(`${parameter}[${i}].text`, note.text, MAX_NOTE_BYTES)
    before = note.number
  })
}

function checkClaim(claim: Claim, limits: Limits): void {
  checkObject('turn.claim', claim)
  if ('ids' in claim) {
    checkOptions('turn.claim', claim, ['ids'])
    checkIds('turn.claim.ids', claim.ids, limits)
    return
  }
  checkOptions('turn.claim', claim, ['lines', 'limit', 'order'])
  checkInteger('turn.claim.limit', claim.limit, 0, limits.batch)
  if (claim.order !== undefined) checkOneOf('turn.claim.order', claim.order, ['priority', 'listed'])
  const lines = checkArray('turn.claim.lines', claim.lines, limits.batch)
  if (fixedLines(lines) !== undefined) return
  const seen = new Set<string>()
  lines.forEach((line, i) => checkClaimLine(`turn.claim.lines[${i}]`, line, limits, seen))
}

function checkClaimLine(parameter: string, line: ClaimLine, limits: Limits, seen: Set<string>): void {
  checkOptions(parameter, line, ['queue', 'executionBackend', 'limit'])
  checkLineName(parameter, line)
  if (line.limit !== undefined) checkInteger(`${parameter}.limit`, line.limit, 0, limits.batch)
  const name = `${line.queue}|${line.executionBackend}`
  if (seen.has(name)) throw invalidArgument(parameter, `names the line ${name} twice`)
  seen.add(name)
}

export function checkIds(parameter: string, ids: readonly string[], limits: Limits): void {
  checkArray(parameter, ids, limits.batch).forEach((id, i) => checkId(`${parameter}[${i}]`, id))
}

function checkPresence(presence: Presence, limits: Limits): void {
  checkOptions('turn.presence', presence, ['host', 'pid', 'concurrency', 'lines', 'everyMs'])
  checkText('turn.presence.host', presence.host, MAX_NAME_LENGTH)
  checkInteger('turn.presence.pid', presence.pid, 0, 2 ** 32)
  checkInteger('turn.presence.concurrency', presence.concurrency, 0, MAX_COUNT)
  checkArray('turn.presence.lines', presence.lines, limits.batch).forEach((line, i) =>
    checkLine(`turn.presence.lines[${i}]`, line),
  )
  if (presence.everyMs !== undefined) checkInteger('turn.presence.everyMs', presence.everyMs, 1, MAX_DURATION_MS)
}

function checkEncoded(parameter: string, text: unknown, maxBytes: number): void {
  if (typeof text !== 'string' || text === '') throw invalidArgument(parameter, 'must be JSON text')
  checkBytes(parameter, text, maxBytes)
}
