import type { Readiness } from '../../kernel/health.ts'
import type { Rounds } from '../../kernel/rounds.ts'
import type { InternalAnswer } from '../../platform/http/internal.ts'
import { METRICS_TYPE, type Metrics } from '../../platform/metrics/metrics.ts'

/** A loop comes round within seconds, also when everything that it needs is away. */
const HUNG_SECONDS = 60

type Watched = {
  readonly metrics: Metrics
  readonly rounds: Rounds
  readonly readiness: () => Promise<Readiness>
}

/** What the operator's port answers, on the gateway and on the worker. */
export function internalRoutes(
  watched: Watched,
): Readonly<Record<string, () => Promise<InternalAnswer>>> {
  return {
    '/metrics': async () => ({
      status: 200,
      type: METRICS_TYPE,
      body: await watched.metrics.text(),
    }),
    // That this is answered at all shows that the event loop turns.
    '/health/live': async () => {
      const loops = watched.rounds.ages()
      const hung = Object.keys(loops).filter((name) => (loops[name] ?? 0) > HUNG_SECONDS)
      return json(hung.length === 0 ? 200 : 503, {
        status: hung.length === 0 ? 'live' : 'hung',
        hung,
        seconds_since_last_round: loops,
      })
    },
    '/health/ready': async () => {
      const found = await watched.readiness()
      return json(found.status === 'not_ready' ? 503 : 200, found)
    },
  }
}

function json(status: number, body: object): InternalAnswer {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` }
}
