import { failed, type Readiness, readinessOf } from '../kernel/health.ts'
import { exitWithParent } from '../platform/embedded/parent.ts'
import type { Log } from '../platform/log/log.ts'

const LIMIT_MS = 15_000

/** One step of an orderly end. */
export type Phase = { readonly name: string; run(): Promise<void> }

/** Whether this process starts, works or ends; only while it works may it be ready. */
export type Life = {
  /** Everything is up. */
  begin(): void
  end(): void
  /** The answer of the checks while the process works. While it starts or ends they are not asked. */
  guard(check: () => Promise<Readiness>): () => Promise<Readiness>
}

export function openLife(): Life {
  let stage: 'starting' | 'working' | 'ending' = 'starting'
  return {
    begin: () => {
      if (stage === 'starting') stage = 'working'
    },
    end: () => {
      stage = 'ending'
    },
    guard: (check) => async () => {
      if (stage === 'ending') return readinessOf({ process: failed('is ending: send no more') })
      if (stage === 'starting') return readinessOf({ process: failed('is starting') })
      return check()
    },
  }
}

/**
 * Ends the process in named phases at SIGTERM, at SIGINT, or when its supervisor is gone. First of all it stops to be
 * ready, and lets those who ask for that see it for `drainMs`. A phase that fails is logged and the next one runs; a
 * second signal, or too long a time, ends it at once.
 */
export function endOnSignal(
  { log, life, drainMs }: { readonly log: Log; readonly life: Life; readonly drainMs: number },
  phases: readonly Phase[],
): void {
  let isEnding = false
  const end = async (signal: string) => {
    if (isEnding) process.exit(1)
    isEnding = true
    setTimeout(() => process.exit(1), LIMIT_MS + drainMs).unref()
    log.info('shutting down', { signal })
    const all = [
      { name: 'stop to be ready', run: async () => life.end() },
      { name: 'drain', run: () => new Promise<void>((done) => setTimeout(done, drainMs)) },
      ...phases,
    ]
    for (const phase of all) await runPhase(log, phase)
    process.exit(0)
  }
  process.on('SIGTERM', () => void end('SIGTERM'))
  process.on('SIGINT', () => void end('SIGINT'))
  exitWithParent(() => void end('parent gone'))
}

async function runPhase(log: Log, { name, run }: Phase): Promise<void> {
  const start = performance.now()
  const milliseconds = () => Math.round(performance.now() - start)
  await run().then(
    () => log.info('shutdown phase', { phase: name, milliseconds: milliseconds() }),
    (err) => log.error('shutdown phase failed', { phase: name, milliseconds: milliseconds(), err }),
  )
}
