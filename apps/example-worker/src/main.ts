#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'
import { processTerminal } from './terminal.ts'

/**
 * Aborts at the first SIGINT or SIGTERM, or when nobody reads the output any more, or the process is gone that started this one for
 * itself; the second signal ends the process at once.
 */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  process.on('disconnect', () => controller.abort())
  // The line to it must not keep this process from ending.
  process.channel?.unref()
  process.stdout.on('error', () => controller.abort())
  return controller.signal
}

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal(), untilInterrupted())
