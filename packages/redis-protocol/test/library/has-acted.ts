import type { Exchange } from '../../../../scripts/servers/proxy.mjs'

/** Whether a command was a script that did what it was asked for. One that lacks a line's keys says so, and has done nothing. */
export function hasActed({ name, reply = '' }: Exchange): boolean {
  return (name === 'evalsha' || name === 'eval') && !reply.includes('moved\u001d')
}
