import type { Metrics } from './metrics.ts'

const BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Measures calls of a JSON-RPC node. Methods are those that the program calls, so they are few. */
export function rpcMeter(
  metrics: Metrics,
): (method: string, outcome: 'ok' | 'error', milliseconds: number) => void {
  const seconds = metrics.histogram({
    name: 'baro_rpc_request_seconds',
    help: 'Calls of chain nodes, by method and outcome; each attempt counts',
    labels: ['method', 'outcome'],
    buckets: BUCKETS_SECONDS,
  })
  return (method, outcome, milliseconds) => seconds({ method, outcome }, milliseconds / 1_000)
}
