import { chainStateAt } from '../domains/settlement/chain-state.ts'
import { firstFee } from '../domains/settlement/fee.ts'
import { LOW_PAYMENTS } from '../domains/settlement/lane-plan.ts'
import { type Check, degraded, failed, ok, type Readiness, readinessOf } from '../kernel/health.ts'
import { within } from '../kernel/pace.ts'
import { SECOND_MS } from '../kernel/time.ts'
import { encodeSettleBatch } from '../platform/chain/batch.ts'
import { settleBatchGasLimit } from '../platform/chain/batch-limits.ts'
import type { Block } from '../platform/chain/chain.ts'
import { appliedMigrations } from '../platform/db/migrate.ts'
import { sql } from '../platform/db/sql.ts'
import type { Deps } from './deps.ts'

const CHECK_LIMIT_MS = 3_000
/** A queue on PostgreSQL goes by its workers' clocks, and invoices expire by those of the gateways. */
const MOST_SKEW_SECONDS = 2

/** The migrations that this version of the program was made for. */
export type Expected = { readonly migrations: () => Promise<readonly string[]> }

/** What a worker alone can be asked about itself. */
export type WorkerParts = Expected & {
  readonly pingQueue: () => Promise<void>
  /** For each configured node, what is wrong with its chain or the token there; undefined when nothing is. */
  readonly nodeProblems: () => Promise<readonly (string | undefined)[]>
}

/**
 * Whether a gateway can take a sale now. A chain that makes no blocks degrades it and no more: what it accepts settles
 * when blocks come again.
 */
export async function checkGateway(
  deps: Pick<Deps, 'db' | 'chain' | 'clock'>,
  expected: Expected,
): Promise<Readiness> {
  const { database, clocks, chain } = lookAtAll(deps, expected)
  return answer({ database, clocks, chain, token: checkToken(deps, 'gateway') })
}

/** Whether a worker can settle a payment now. What it cannot settle waits in the rows. */
export async function checkWorker(
  deps: Pick<Deps, 'db' | 'chain' | 'clock' | 'signers' | 'limits'>,
  parts: WorkerParts,
): Promise<Readiness> {
  const { database, clocks, chain, head } = lookAtAll(deps, parts)
  return answer({
    database,
    clocks,
    queue: checkQueue(parts.pingQueue),
    chain,
    nodes: checkNodes(parts.nodeProblems),
    token: checkToken(deps, 'worker'),
    batches: checkBatches(deps),
    lanes: checkLanes(deps, head),
  })
}

async function answer(checks: Readonly<Record<string, Promise<Check>>>): Promise<Readiness> {
  const found = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const late = () => failed(`no answer within ${CHECK_LIMIT_MS / SECOND_MS} s`)
      return [name, await within(CHECK_LIMIT_MS, name, check).catch(late)] as const
    }),
  )
  return readinessOf(Object.fromEntries(found))
}

/** What both kinds of process look at: each thing once. */
function lookAtAll(deps: Pick<Deps, 'db' | 'chain' | 'clock'>, expected: Expected) {
  const database = lookAtDatabase(deps)
  const head = deps.chain.head()
  // Each check tells of its own failure; a look that nobody waits for must not end the process.
  for (const look of [database, head]) look.catch(() => {})
  return {
    head,
    database: checkDatabase(database, expected),
    clocks: checkClocks(deps, database, head),
    chain: checkChain(deps, head),
  }
}

type DatabaseLook = {
  readonly onlyReads: boolean
  readonly applied: ReadonlySet<string>
  /** How far this process is ahead, at least, with the way of the question taken off. */
  readonly skewSeconds: number
}

async function lookAtDatabase({ db, clock }: Pick<Deps, 'db' | 'clock'>): Promise<DatabaseLook> {
  const before = clock.now().getTime()
  const row = await db.one<{ only_reads: boolean; now: Date }>(sql`
    select pg_is_in_recovery() or current_setting('transaction_read_only')::bool as only_reads,
      clock_timestamp() as now`)
  const after = clock.now().getTime()
  const now = row?.now.getTime() ?? before
  const skewMs = now < before ? before - now : now > after ? after - now : 0
  const applied = new Set(await appliedMigrations(db))
  return { onlyReads: row?.only_reads ?? true, applied, skewSeconds: skewMs / SECOND_MS }
}

async function checkDatabase(look: Promise<DatabaseLook>, expected: Expected): Promise<Check> {
  const migrations = await expected.migrations()
  const found = await look.catch(() => undefined)
  if (found === undefined)
    return failed('does not answer: see that PostgreSQL runs and that it can be reached from here')
  if (found.onlyReads) return failed('only reads: point DATABASE_URL at the primary')
  const missing = migrations.filter((name) => !found.applied.has(name))
  if (missing.length > 0)
    return failed(`lacks ${missing.length} migrations, ${missing[0]} first: run npm run migrate`)
  if (found.applied.size > migrations.length)
    return degraded('is migrated for a newer version: finish the update of this process')
  return ok('answers, writes, and is of this version')
}

async function checkClocks(
  { clock }: Pick<Deps, 'clock'>,
  database: Promise<DatabaseLook>,
  head: Promise<Block>,
): Promise<Check> {
  const found = await database.catch(() => undefined)
  if (found === undefined) return degraded('cannot be compared while the database is away')
  const { skewSeconds } = found
  if (Math.abs(skewSeconds) > MOST_SKEW_SECONDS)
    return failed(`${ahead(skewSeconds)} of the database: set both by NTP`)
  const block = await head.catch(() => undefined)
  const early = block === undefined ? 0 : (block.time.getTime() - clock.now().getTime()) / SECOND_MS
  if (early > MOST_SKEW_SECONDS)
    return degraded(`${ahead(-early)} of the newest block: set this machine by NTP`)
  return ok('process and database agree')
}

function ahead(seconds: number): string {
  return `this process is ${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead' : 'behind'}`
}

async function checkChain({ clock }: Pick<Deps, 'clock'>, head: Promise<Block>): Promise<Check> {
  const block = await head.catch(() => undefined)
  if (block === undefined) return failed('no node answers: see CHAIN_RPC_URLS')
  const now = clock.now()
  const state = chainStateAt(block.time, now)
  const ageSeconds = Math.max(0, Math.round((now.getTime() - block.time.getTime()) / SECOND_MS))
  const found = `${state}: block ${block.number} is ${ageSeconds} s old`
  if (state === 'live') return ok(found)
  return degraded(`${found}; what is accepted settles when blocks come: look at the nodes`)
}

async function checkToken(
  { chain }: Pick<Deps, 'chain'>,
  role: 'gateway' | 'worker',
): Promise<Check> {
  const rules = await chain.rules().catch(() => undefined)
  if (rules === undefined) return degraded('cannot be read: see the check of the chain')
  if (!rules.isPaused) return ok('takes payments')
  return role === 'gateway'
    ? degraded('is paused: payments are refused with 503 until its pauser unpauses it')
    : failed('is paused: nothing settles until its pauser unpauses it')
}

async function checkQueue(ping: () => Promise<void>): Promise<Check> {
  return ping().then(
    () => ok('answers'),
    () => failed('does not answer: see Redis, or PostgreSQL where REDIS_URL is not set'),
  )
}

async function checkNodes(problems: WorkerParts['nodeProblems']): Promise<Check> {
  const found = await problems()
  const wrong = found.flatMap((problem, place) =>
    problem === undefined ? [] : [`node ${place}: ${problem}`],
  )
  if (wrong.length === 0) return ok('each is on the right chain and has the expected token')
  const text = wrong.join('; ')
  return wrong.length === found.length ? failed(text) : degraded(text)
}

/** An empty batch meets what every batch of the lane would meet. */
async function checkBatches({ chain, signers }: Pick<Deps, 'chain' | 'signers'>): Promise<Check> {
  const data = encodeSettleBatch([])
  const refusals = await Promise.all(
    signers.map(({ address }) => chain.rehearse(address, data).catch(() => 'no answer')),
  )
  const refused = signers.flatMap(({ address }, index) => {
    const refusal = refusals[index]
    return refusal === undefined ? [] : [`${address} (${refusal})`]
  })
  if (refused.length === 0) return ok('the token takes batches of every lane')
  const text = `the token refuses batches of ${refused.join(', ')}: let its owner see to the roles`
  return refused.length === signers.length ? failed(text) : degraded(text)
}

async function checkLanes(
  { chain, signers, limits }: Pick<Deps, 'chain' | 'signers' | 'limits'>,
  head: Promise<Block>,
): Promise<Check> {
  const look = Promise.all([head, Promise.all(signers.map((one) => chain.balance(one.address)))])
  const found = await look.catch(() => undefined)
  if (found === undefined) return degraded('cannot be read: see the check of the chain')
  const [{ baseFeePerGas }, balances] = found
  const price = firstFee(baseFeePerGas, limits.maxFeePerGas)
  if (price === undefined)
    return failed('the chain asks more for gas than MAX_FEE_PER_GAS_GKEI allows: payments wait')
  const one = price * settleBatchGasLimit(1, 1)
  const below = (need: bigint) => signers.filter((_, index) => (balances[index] ?? 0n) < need)
  const empty = below(one)
  const low = below(one * LOW_PAYMENTS)
  const named = (lanes: typeof signers) => lanes.map((one) => one.address).join(', ')
  if (empty.length === signers.length)
    return failed(`no lane can pay for gas: send coins to ${named(empty)}`)
  if (low.length > 0) return degraded(`low on coins for gas: send some to ${named(low)}`)
  return ok('every lane has coins for gas')
}
