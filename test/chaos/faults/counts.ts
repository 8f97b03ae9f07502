/** How often each fault really happened. */
export type Counts = {
  add(fault: string): void
  of(fault: string): number
  /** All of them, and `rpc_faults`, their sum over the nodes. */
  all(): Readonly<Record<string, number>>
}

/** Those that every run names, be they none. */
const ALWAYS = [
  'process_kills',
  'process_stops',
  'database_restarts',
  'redis_flushes',
  'rpc_faults',
]

export function openCounts(): Counts {
  const counts = new Map<string, number>()
  const rpcFaults = () =>
    [...counts].reduce((sum, [name, count]) => (name.startsWith('rpc_') ? sum + count : sum), 0)
  return {
    add: (fault) => {
      counts.set(fault, (counts.get(fault) ?? 0) + 1)
    },
    of: (fault) => (fault === 'rpc_faults' ? rpcFaults() : (counts.get(fault) ?? 0)),
    all: () => ({
      ...Object.fromEntries(ALWAYS.map((name) => [name, counts.get(name) ?? 0])),
      ...Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      rpc_faults: rpcFaults(),
    }),
  }
}
