import type { Deps } from '../../flows/deps.ts'
import { measureChain, measureRows, type RowState } from '../../flows/measure-state.ts'
import { atMostEvery, within } from '../../kernel/pace.ts'
import { SECOND_MS } from '../../kernel/time.ts'
import type { PoolState } from '../../platform/db/db.ts'
import type { Metrics, Sample } from '../../platform/metrics/metrics.ts'
import type { QueueCounts } from '../../platform/queue/queue.ts'

/** However many scrape, rows, nodes and queue are asked this often, and a scrape waits this long for each. */
const KEEP_MS = 1_000
const LIMIT_MS = 1_000

export type GaugeSources = {
  readonly deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'signers' | 'log'>
  readonly pool: () => PoolState
  /** Gateways have none. */
  readonly queueCounts: (() => Promise<QueueCounts>) | undefined
  readonly about: { readonly version: string; readonly process: string }
}

type Read = () => Promise<readonly Sample[]>
type Gauge = (name: string, help: string, read: Read) => void

/** Adds what is read at a scrape. A source that does not answer gives no samples, and `baro_scrape_ok` says which. */
export function addGauges(metrics: Metrics, sources: GaugeSources): void {
  const { deps, about } = sources
  const gauge: Gauge = (name, help, read) => metrics.gauge({ name, help }, read)
  const rows = source(deps.log, 'rows', async () => {
    // Whoever scrapes must not stand in the queue of those who pay.
    if (sources.pool().waiting > 0) throw new Error('every connection of the pool is in use')
    return measureRows(deps)
  })
  const chain = source(deps.log, 'chain', () => measureChain(deps))
  const counts = sources.queueCounts
  const queue = counts === undefined ? undefined : source(deps.log, 'queue', counts)

  gauge('baro_build_info', 'Version and kind of this process; always 1', async () => [
    { value: 1, labels: about },
  ])
  gauge('baro_scrape_ok', 'Whether a source of gauges answered this scrape', async () => [
    ...(await isRead('rows', rows)),
    ...(await isRead('chain', chain)),
    ...(queue === undefined ? [] : await isRead('queue', queue)),
  ])
  addPool(gauge, sources.pool)
  addRows(gauge, rows)
  addLanes(gauge, rows, chain)
  addChain(gauge, deps, rows, chain)
  if (queue !== undefined)
    gauge('baro_queue_jobs', 'Jobs in the queue, by state', async () =>
      Object.entries((await queue()) ?? {}).map(([state, value]) => ({ value, labels: { state } })),
    )
}

type Source<Answer> = () => Promise<Answer | undefined>

/** Asked at most once a second, for at most a second; undefined when there is no answer. */
function source<Answer>(
  log: Deps['log'],
  name: string,
  ask: () => Promise<Answer>,
): Source<Answer> {
  const kept = atMostEvery(KEEP_MS, ask)
  return () =>
    within(LIMIT_MS, name, kept()).catch((err: unknown) => {
      log.debug('a source of gauges does not answer', { source: name, err })
      return undefined
    })
}

async function isRead(name: string, ask: Source<unknown>): Promise<Sample[]> {
  return [{ value: (await ask()) === undefined ? 0 : 1, labels: { source: name } }]
}

function addPool(gauge: Gauge, pool: () => PoolState): void {
  gauge('baro_db_pool_connections', 'Connections of this process, by state', async () => {
    const { inUse, idle } = pool()
    return [
      { value: inUse, labels: { state: 'in_use' } },
      { value: idle, labels: { state: 'idle' } },
    ]
  })
  gauge('baro_db_pool_waiting', 'Callers that wait for a connection', async () => [
    { value: pool().waiting },
  ])
  gauge('baro_db_pool_max_connections', 'Connections that this process may open', async () => [
    { value: pool().max },
  ])
}

function addRows(gauge: Gauge, rows: Source<RowState>): void {
  const from = (name: string, help: string, pick: (state: RowState) => number) =>
    gauge(name, help, async () => {
      const state = await rows()
      return state === undefined ? [] : [{ value: pick(state) }]
    })
  const age = ({ at }: RowState, since: Date | undefined) =>
    since === undefined ? 0 : Math.max(0, secondsBetween(since, at))
  from('baro_payments_waiting', 'Payments that wait for a batch', (s) => s.payments.waiting)
  from('baro_payments_waiting_oldest_seconds', 'Age of the oldest of them; 0 when none', (s) =>
    age(s, s.payments.oldestWaiting),
  )
  from('baro_payments_settling', 'Payments in a batch without a block', (s) => s.payments.settling)
  from('baro_payments_settling_oldest_seconds', 'Age of the oldest of them; 0 when none', (s) =>
    age(s, s.payments.oldestSettling),
  )
  from('baro_payments_review', 'Payments that a person must decide', (s) => s.payments.review)
  from('baro_webhooks_due', 'Deliveries whose time has come', (s) => s.deliveries.due)
  from('baro_webhooks_due_oldest_seconds', 'How late the latest of them is; 0 when none', (s) =>
    age(s, s.deliveries.oldestDue),
  )
  from('baro_webhooks_pending', 'Deliveries that are not done', (s) => s.deliveries.pending)
  from('baro_webhooks_parked', 'Deliveries that were given up', (s) => s.deliveries.parked)
  from('baro_outbox_jobs', 'Jobs that have not reached the queue', (s) => s.outbox.depth)
  from('baro_outbox_oldest_seconds', 'Age of the oldest of them; 0 when none', (s) =>
    age(s, s.outbox.oldest),
  )
}

type ChainSource = Source<Awaited<ReturnType<typeof measureChain>>>

function addLanes(gauge: Gauge, rows: Source<RowState>, chain: ChainSource): void {
  type Lane = RowState['lanes'][number]
  const ofRows = (name: string, help: string, pick: (lane: Lane, state: RowState) => number) =>
    gauge(name, help, async () => {
      const state = await rows()
      return (state?.lanes ?? []).map((lane) => ({
        value: pick(lane, state as RowState),
        labels: { lane: lane.address },
      }))
    })
  ofRows('baro_lane_next_nonce', 'Nonce of the next batch of a lane', (l) => Number(l.nextNonce))
  ofRows('baro_lane_in_flight', 'Batches of a lane that no block has taken', (l) => l.inFlight)
  ofRows('baro_lane_oldest_in_flight_seconds', 'Age of the oldest of them; 0 when none', (l, s) =>
    l.oldestInFlight === undefined ? 0 : secondsBetween(l.oldestInFlight, s.at),
  )
  ofRows('baro_lane_attempts', 'Signed transactions of its batch that has the most', (l) =>
    Number(l.mostAttempts),
  )
  ofRows('baro_lane_led', 'Whether any worker leads the lane', (l) => Number(l.isLed))

  type Account = NonNullable<Awaited<ReturnType<ChainSource>>>['accounts'][number]
  const ofChain = (name: string, help: string, pick: (account: Account) => number) =>
    gauge(name, help, async () =>
      ((await chain())?.accounts ?? []).map((account) => ({
        value: pick(account),
        labels: { lane: account.address },
      })),
    )
  ofChain('baro_lane_chain_nonce', 'Transactions of a lane that are in blocks', (a) =>
    Number(a.nonce),
  )
  ofChain('baro_lane_balance_wei', 'Coins of a lane for gas, in wei (kei on Kaia)', (a) =>
    Number(a.balance),
  )
}

function addChain(
  gauge: Gauge,
  { chain: port }: Pick<Deps, 'chain'>,
  rows: Source<RowState>,
  chain: ChainSource,
): void {
  const one = (value: number | undefined): Sample[] => (value === undefined ? [] : [{ value }])
  gauge('baro_chain_head_block', 'Newest block of the nodes', async () => {
    const reading = await chain()
    return one(reading && Number(reading.head.number))
  })
  gauge('baro_chain_head_age_seconds', 'How long ago that block was made', async () => {
    const reading = await chain()
    return one(reading && secondsBetween(reading.head.time, reading.at))
  })
  gauge('baro_chain_cursor_block', 'Newest block whose logs are in the database', async () => {
    const state = await rows()
    return one(state?.cursor && Number(state.cursor.blockNumber))
  })
  gauge('baro_chain_cursor_lag_blocks', 'Blocks whose logs are not read yet', async () => {
    const [state, reading] = await Promise.all([rows(), chain()])
    if (state?.cursor === undefined || reading === undefined) return []
    return one(Math.max(0, Number(reading.head.number - state.cursor.blockNumber)))
  })
  const nodes = (pick: (node: ReturnType<typeof port.nodes>[number]) => number | undefined) =>
    port.nodes().flatMap((node) => {
      const value = pick(node)
      return value === undefined ? [] : [{ value, labels: { node: String(node.place) } }]
    })
  gauge('baro_rpc_node_healthy', 'Whether a node is asked, by its place', async () =>
    nodes((node) => Number(node.isHealthy)),
  )
  gauge('baro_rpc_node_head_block', 'Newest block that a node showed', async () =>
    nodes((node) => (node.head === undefined ? undefined : Number(node.head))),
  )
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / SECOND_MS
}
