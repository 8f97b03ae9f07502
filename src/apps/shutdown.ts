import { exitWithParent } from '../platform/embedded/parent.ts'
import type { Log } from '../platform/log/log.ts'

const LIMIT_MS = 15_000

/** One step of an orderly end. */
export type Phase = { readonly name: string; run(): Promise<void> }

/**
 * Ends the process in named phases at SIGTERM, at SIGINT, or when its supervisor is gone. A phase that fails is
 * logged and the next one runs; a second signal, or too long a time, ends it at once.
 */
export function endOnSignal(log: Log, phases: readonly Phase[]): void {
  let isEnding = false
  const end = async (signal: string) => {
    if (isEnding) process.exit(1)
    isEnding = true
    setTimeout(() => process.exit(1), LIMIT_MS).unref()
    log.info('shutting down', { signal })
    for (const phase of phases)
      await phase
        .run()
        .catch((err) => log.error('a phase of the shutdown failed', { phase: phase.name, err }))
    process.exit(0)
  }
  process.on('SIGTERM', () => void end('SIGTERM'))
  process.on('SIGINT', () => void end('SIGINT'))
  exitWithParent(() => void end('parent gone'))
}
