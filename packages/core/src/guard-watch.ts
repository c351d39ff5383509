import { checkArray, checkOptions, checkSignal } from './check.ts'
import { copyEach } from './copies.ts'
import { invalidArgument } from './errors.ts'
import { checkLine, checkTurn } from './guard-turn.ts'
import type { Limits } from './limits.ts'
import type { WaitingTurn } from './turn.ts'
import type { Hint, HintRequest, Watch } from './watch.ts'

/** The edge of a watch. */
export function guardWatch(inner: Watch, limits: Limits): Watch {
  return {
    async next(request: HintRequest = {}): Promise<Hint | null> {
      checkHintRequest(request, limits)
      return await inner.next(copyHintRequest(request))
    },
    close: () => inner.close(),
  }
}

function checkHintRequest(request: HintRequest, limits: Limits): void {
  checkOptions('watch.next', request, ['signal', 'lines', 'turn'])
  checkSignal('watch.next.signal', request.signal)
  checkArray('watch.next.lines', request.lines ?? [], limits.batch).forEach((line, i) =>
    checkLine(`watch.next.lines[${i}]`, line),
  )
  if (request.turn !== undefined) checkWaitingTurn(request.turn, limits)
}

/** Nobody waits for the answer of what else a turn may say: it would be late by as long as the wait takes. */
function checkWaitingTurn(turn: WaitingTurn, limits: Limits): void {
  checkOptions('watch.next.turn', turn, ['workerId', 'slot', 'nonce', 'claim'])
  checkTurn(turn, limits)
  if (turn.claim === undefined || 'ids' in turn.claim)
    throw invalidArgument('watch.next.turn.claim', 'must be a claim of lines')
}

function copyHintRequest({ signal, lines, turn }: HintRequest): HintRequest {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(lines === undefined ? {} : { lines: copyEach(lines) }),
    ...(turn === undefined ? {} : { turn: { ...turn, claim: { ...turn.claim, lines: copyEach(turn.claim.lines) } } }),
  }
}
