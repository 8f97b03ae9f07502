import { percentile, round } from '../stack/figures.ts'
import type { Confirmed } from './load.ts'
import type { Observer } from './observer.ts'

const WARM_UP_MS = 2_000

export type Figures = {
  readonly seconds: number
  readonly settled_per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
}

/**
 * Rate and latency of what settled. Blocks settle payments in bursts, so the rate is taken from burst to burst: from the
 * first one after the warm-up to the last one under load, the first one's own payments left out.
 */
export function measure(observer: Observer, confirmed: readonly Confirmed[]): Figures {
  const settled = confirmed.flatMap(({ invoiceId, dueAt }) => {
    const ending = observer.endings.get(invoiceId)
    return ending?.isSettled ? [{ dueAt, at: ending.at }] : []
  })
  const begin = Math.min(...confirmed.map(({ dueAt }) => dueAt)) + WARM_UP_MS
  const end = Math.max(...confirmed.map(({ answeredAt }) => answeredAt))
  const times = settled.map(({ at }) => at).filter((at) => at >= begin && at <= end)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const latencies = settled.map(({ dueAt, at }) => at - dueAt)
  return {
    seconds: round((last - first) / 1_000),
    settled_per_second: round((1_000 * times.filter((at) => at > first).length) / (last - first)),
    p50_ms: Math.round(percentile(latencies, 0.5)),
    p99_ms: Math.round(percentile(latencies, 0.99)),
  }
}
