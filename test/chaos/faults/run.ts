import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attack } from './attack.ts'
import { readChain } from './chain-evidence.ts'
import { type Backend, drawPlan, leastFaults, type Plan } from './plan.ts'
import { openWitness, readRows, readWork, type Witness } from './row-evidence.ts'
import { type Sale, startSales } from './sales.ts'
import { openStack, type Stack } from './stack.ts'
import { readStatements } from './statements.ts'
import { tellStories } from './story.ts'
import { type Evidence, judgeRun, type Wrong } from './verdict.ts'

export type Request = {
  readonly payments: number
  readonly seed: number
  readonly backend: Backend
  /** One line of progress. */
  readonly say: (line: string) => void
  /** Gives the run up: everything that it started is stopped. */
  readonly signal?: AbortSignal
}

export type Result = {
  readonly seed: number
  readonly backend: Backend
  readonly payments: number
  readonly settled: number
  readonly refused: number
  readonly double: number
  readonly lost: number
  readonly stuck: number
  readonly events_undelivered: number
  readonly ledger_equals_chain: boolean
  readonly statement_equals_ledger: boolean
  readonly journal_equals_chain: boolean
  readonly append_only_kept: boolean
  readonly faults: Readonly<Record<string, number>>
  /** What the product had to do about them: signed again at a higher fee, carried a payment a second time, sent a webhook again. */
  readonly repairs: {
    readonly batches: number
    readonly fee_bumps: number
    readonly second_rides: number
    readonly webhook_repeats: number
  }
  readonly seconds: number
  readonly drain_seconds: number
}

export type Outcome = {
  readonly result: Result
  /** What is wrong, in lines; none when everything holds. */
  readonly failures: readonly string[]
}

/** The faults go on this long after the last 202. */
const TAIL_MS = 3_000
const LOOK_MS = 1_000
const WITNESS_MS = 4_000
/** A first webhook retry comes after six seconds, one whose sender died after twenty-two, a second one after 72 more. */
const DRAIN_MS = 150_000
/** When nothing has moved for so long, nothing will. */
const STILL_MS = 90_000

/** Draws a plan from the seed, carries it out over the real product, lets everything heal, and judges what is left. */
export async function runChaos(request: Request): Promise<Outcome> {
  const { payments, seed, backend, say, signal } = request
  const begun = performance.now()
  const since = new Date()
  const plan = drawPlan(seed, payments, backend)
  const stack = await openStack(plan, say)
  let isKept = true
  signal?.addEventListener('abort', () => void stack.stop())
  try {
    const played = await play(stack, say)
    const evidence = await gather(stack, played, since)
    const wrongs = judgeRun(evidence)
    for (const crash of stack.product.crashes()) say(crash)
    const result = resultOf(stack, evidence, wrongs, {
      seconds: secondsSince(begun),
      drain_seconds: played.drainSeconds,
    })
    const missing = missingFaults(plan, result.faults)
    const stories = wrongs.length === 0 ? [] : await tellStories(stack, evidence, wrongs)
    const failures = [...missing, ...stories]
    isKept = failures.length > 0
    if (isKept) keep(stack, { plan, result, failures, crashes: stack.product.crashes() })
    return { result, failures: isKept ? [...failures, ...whereabouts(stack)] : [] }
  } finally {
    await stack.stop()
    if (!isKept) stack.folder.remove()
  }
}

type Played = {
  readonly sales: readonly Sale[]
  readonly witness: Witness
  readonly restedAt: Date
  readonly drainSeconds: number
}

/** Sales and faults together, then the healing and the rest. */
async function play(stack: Stack, say: (line: string) => void): Promise<Played> {
  const witness = await openWitness(stack.database.pool)
  const watching = watchRows(witness)
  stack.sky.begin()
  const begun = performance.now()
  const sales = startSales(stack)
  const faults = attack(stack, say)
  const telling = setInterval(() => {
    say(`${secondsSince(begun)} s: ${sales.accepted()} of ${stack.plan.payments} accepted`)
  }, 10_000)
  await sales.done.finally(() => clearInterval(telling))
  while (!faults.isOver()) await sleep(LOOK_MS)
  await sleep(TAIL_MS)
  await faults.end()
  say(`${secondsSince(begun)} s: all accepted, everything heals`)
  const healed = performance.now()
  const restedAt = await rest(stack, say)
  await watching.end()
  await witness.look()
  return { sales: sales.all, witness, restedAt, drainSeconds: secondsSince(healed) }
}

/** Looks at the rows that nobody may change every few seconds, also while the database comes and goes. */
function watchRows(witness: Witness): { end(): Promise<void> } {
  const stopping = new AbortController()
  const run = async () => {
    while (!stopping.signal.aborted) {
      await witness.look().catch(() => {})
      await sleep(WITNESS_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = run()
  return {
    end: async () => {
      stopping.abort()
      await running
    },
  }
}

/** Waits until nothing is left to do, or as long as that may take. Returns when that was. */
async function rest(stack: Stack, say: (line: string) => void): Promise<Date> {
  const end = performance.now() + DRAIN_MS
  let told = ''
  let toldAt = performance.now()
  for (;;) {
    const work = await readWork(stack.database.pool).catch(() => undefined)
    const left = work === undefined ? 1 : Object.values(work).reduce((sum, one) => sum + one, 0)
    const words = JSON.stringify(work)
    const now = performance.now()
    if (words !== told) {
      say(`still to do: ${words}`)
      told = words
      toldAt = now
    }
    if (left === 0 || now > end || now - toldAt > STILL_MS) return new Date()
    await sleep(LOOK_MS)
  }
}

async function gather(stack: Stack, played: Played, since: Date): Promise<Evidence> {
  const statements = await readStatements(stack, since)
  const rows = await readRows(stack.database.pool, played.restedAt)
  return {
    rows,
    statements,
    chain: await readChain(stack),
    sales: played.sales,
    changedRows: played.witness.changed(),
    heard: stack.listeners.map(({ receiver, merchantId }) => ({
      merchantId,
      heard: receiver.heard,
    })),
    shops: stack.shops.map(({ merchant }) => merchant),
    feeRecipient: stack.token.feeRecipient,
  }
}

function resultOf(
  stack: Stack,
  { rows, sales, heard }: Evidence,
  wrongs: readonly Wrong[],
  times: { readonly seconds: number; readonly drain_seconds: number },
): Result {
  const { seed, backend } = stack.plan
  const count = (kind: Wrong['kind']) => wrongs.filter((wrong) => wrong.kind === kind).length
  const rides = new Set(rows.rides.map((ride) => `${ride.payment_id} ${ride.batch_id}`))
  const ended = (status: string) => rows.payments.filter((one) => one.status === status).length
  return {
    ...{ seed, backend },
    payments: sales.filter((sale) => sale.isAccepted).length,
    settled: ended('settled'),
    refused: ended('refused'),
    double: count('double'),
    lost: count('lost') + count('invoice'),
    stuck: count('stuck'),
    events_undelivered: count('undelivered'),
    ledger_equals_chain: count('ledger') === 0,
    statement_equals_ledger: count('statement') === 0,
    journal_equals_chain: count('journal') === 0,
    append_only_kept: count('append_only') === 0,
    faults: stack.counts.all(),
    repairs: {
      batches: rows.batches.length,
      fee_bumps: rows.attempts.length - rows.batches.length,
      second_rides: rides.size - new Set(rows.rides.map((ride) => ride.payment_id)).size,
      webhook_repeats: heard.reduce(
        (sum, server) =>
          sum + server.heard.length - new Set(server.heard.map((one) => one.id)).size,
        0,
      ),
    },
    ...times,
  }
}

function missingFaults(plan: Plan, faults: Readonly<Record<string, number>>): string[] {
  return Object.entries(leastFaults(plan))
    .filter(([name, least]) => (faults[name] ?? 0) < least)
    .map(([name, least]) => `too few ${name}: ${faults[name] ?? 0} of ${least}`)
}

function keep(stack: Stack, report: object): void {
  const plain = (_name: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value
  writeFileSync(join(stack.folder.path, 'chaos.json'), JSON.stringify(report, plain, 2))
}

function whereabouts({ plan, folder }: Stack): string[] {
  const again = `npm run chaos -- --payments ${plan.payments} --seed ${plan.seed} --backend ${plan.backend}`
  return [
    '',
    `plan of seed ${plan.seed}: ${JSON.stringify(plan.faults)}`,
    `again: ${again}`,
    `kept in ${folder.path}: chaos.json (plan, result, failures), logs/, the database`,
  ]
}

function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) / 100) / 10
}
