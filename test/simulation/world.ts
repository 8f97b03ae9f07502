import { OVERLAP_BLOCKS } from '../../src/domains/settlement/reading.ts'
import type { Deps } from '../../src/flows/deps.ts'
import { Fault } from '../../src/kernel/errors.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import { won } from '../../src/kernel/money.ts'
import { openRounds } from '../../src/kernel/rounds.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import type { Log } from '../../src/platform/log/log.ts'
import { NO_TRACER } from '../../src/platform/trace/tracer.ts'
import { type ChainModel, openChainModel, type Transaction } from './chain/model.ts'
import { type ModelNode, openNode } from './chain/nodes.ts'
import { openModelChain } from './chain/port.ts'
import { forgedLogs } from './forger.ts'
import type { Plan } from './plan.ts'
import { openRandom, type Random } from './random.ts'
import { openMemoryDb, openStatementFinder, type StatementFinder } from './rows/database.ts'
import { openRows, type Rows } from './rows/rows.ts'
import type { Change } from './rows/table.ts'
import { newProcess, openScheduler, type Process, type Scheduler } from './scheduler.ts'
import { openShop, type Shop } from './shop.ts'
import type { Switches } from './switches.ts'

/** 2026-11-21T00:00:00Z, when every run begins. */
export const EPOCH_MS = 1_795_219_200_000
const GKEI = 1_000_000_000n
export const FEE_CEILING = 750n * GKEI
export const CALM_BASE_FEE = 25n * GKEI
export const LANE_GAS_MONEY = 10n ** 20n
const LOST_ANSWERS = 0.3

/** What the watcher of the rules hears. */
export type Witness = {
  committed(process: Process | undefined, changes: readonly Change[]): void
  sends(process: Process, raw: Hex, transaction: Transaction): void
}

/** The whole of a run: time, chain, rows, and what a process gets to see of them. */
export type World = {
  readonly plan: Plan
  readonly switches: Switches
  readonly scheduler: Scheduler
  readonly random: Random
  readonly rows: Rows
  readonly model: ChainModel
  readonly nodes: readonly ModelNode[]
  readonly lanes: readonly Signer[]
  readonly shop: Shop
  /** Errors that nothing outside explains. */
  readonly surprises: unknown[]
  /** Until when a process loses the answers of the database, by its name. */
  readonly cutUntil: Map<string, number>
  /** A process with its own clocks. */
  open(name: string, clocks: { aheadMs: number; steadyMs: number }): Process
  depsOf(process: Process): Deps
  /** Milliseconds since 1970, as the database has it. */
  trueTime(): number
}

const silent: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
}

const uncounted: Deps['meter'] = {
  ...{ authorised: () => {}, booked: () => {}, held: () => {}, journaled: () => {} },
  ...{ signed: () => {}, broadcast: () => {}, mined: () => {}, batchFailed: () => {} },
  ...{ surprise: () => {}, webhook: () => {} },
}

const nobody: Deps['poster'] = {
  post: () => Promise.reject(new Error('nobody hears of it here')),
  checkHost: () => Promise.resolve(undefined),
  close: () => Promise.resolve(),
}

/** A lane's key: the model believes the address that stands at the beginning of r. */
export function laneSigner(index: number): Signer {
  const address: Hex = `0xa${index}${'00'.repeat(18)}ff`
  return {
    address,
    sign: async (digest) => ({
      r: `0x${address.slice(2)}${digest.slice(2, 26)}`,
      s: `0x${'01'.repeat(32)}`,
      yParity: 0,
    }),
  }
}

export function openWorld(plan: Plan, switches: Switches, witness: Witness): World {
  const scheduler = openScheduler()
  const random = openRandom(plan.seed ^ 0x5eed)
  const trueTime = () => EPOCH_MS + scheduler.now()
  const shop = openShop(plan.shoppers, BigInt(plan.money))
  const lanes = Array.from({ length: plan.lanes }, (_, index) => laneSigner(index + 1))
  const model = openChainModel(
    {
      baseFeePerGas: CALM_BASE_FEE,
      seconds: EPOCH_MS / 1_000,
      state: {
        accounts: shop.accounts,
        nonces: new Map(),
        gasMoney: new Map([
          ...lanes.map((lane) => [lane.address, LANE_GAS_MONEY] as const),
          [shop.otherSettler, LANE_GAS_MONEY] as const,
        ]),
        isPaused: false,
      },
    },
    shop.payerOf,
  )
  const rows = openRows(trueTime, switches, (changes) =>
    witness.committed(scheduler.running(), changes),
  )
  const nodes = Array.from({ length: plan.nodes }, (_, place) =>
    openNode(place, {
      model,
      now: scheduler.now,
      random,
      forge: (head) => forgedLogs(rows, plan.agreeAbove, head),
      later: (run) => scheduler.at(scheduler.now() + random.between(10, 3_000), run),
    }),
  )
  const world: World = {
    ...{ plan, switches, scheduler, random, rows, model, nodes, lanes, shop, trueTime },
    cutUntil: new Map(),
    surprises: [],
    open: newProcess,
    depsOf: (process) => depsOf(world, witness, finder, process),
  }
  const finder = openStatementFinder()
  rows.merchants.set(String(shop.merchant.id), shop.merchant)
  return world
}

function depsOf(world: World, witness: Witness, find: StatementFinder, process: Process): Deps {
  const { scheduler, random, plan, rows, model, nodes, switches } = world
  const delay = () => random.between(0, plan.latencyMs)
  const trip = <T>(effect: () => T | Promise<T>, needsProcess = false) =>
    scheduler.ask(process, {
      ...{ effect, needsProcess },
      delayMs: delay(),
      answerDelayMs: delay(),
    })
  const isCut = () =>
    (world.cutUntil.get(process.name) ?? 0) > scheduler.now() && random.chance(LOST_ANSWERS)
  const sends = (raw: Hex, transaction: Transaction) => witness.sends(process, raw, transaction)
  const db = openMemoryDb(rows, find, (work, isTransaction) =>
    trip(async () => {
      if (!switches.journalFirst && isTransaction) await sendUnwritten(world, work, sends)
      const result = await rows.atomically(work)
      if (isCut()) throw new Fault('database_unavailable')
      return result
    }, isTransaction),
  )
  const chain = openModelChain({
    ...{ model, nodes, sends, trip },
    order: (others) => (others.length > 1 ? [random.pick(others)] : others),
  })
  return simulationDeps({
    db,
    chain: switches.overlap ? chain : withoutOverlap(rows, chain),
    signers: world.lanes,
    now: () => world.trueTime() + process.aheadMs,
    random: random.next,
    laneWindow: plan.laneWindow,
    agreeAbove: switches.agreement ? plan.agreeAbove : undefined,
  })
}

/** What flows get to touch here: rows in memory, a model of the chain, virtual time. */
export function simulationDeps(parts: {
  readonly db: Deps['db']
  readonly chain: Chain
  readonly signers: readonly Signer[]
  readonly now: () => number
  readonly random: () => number
  readonly laneWindow?: number
  readonly agreeAbove?: number | undefined
}): Deps {
  const { db, chain, signers, random, laneWindow = 16, agreeAbove } = parts
  return {
    ...{ db, chain, signers, random, log: silent, poster: nobody, riskLimit: won(0n) },
    ...{ meter: uncounted, rounds: openRounds(), tracer: NO_TRACER },
    clock: { now: () => new Date(parts.now()) },
    limits: {
      laneWindow,
      maxFeePerGas: FEE_CEILING,
      agreeAbove: agreeAbove === undefined ? undefined : BigInt(agreeAbove),
    },
    webhookPolicy: { allowCidrs: [], requireHttps: true },
  }
}

/** What a hasty engine would do: it reads from the block after the cursor. */
function withoutOverlap(rows: Rows, chain: Chain): Chain {
  return {
    ...chain,
    settlements: (from, to, otherThan) => {
      const cursor = rows.cursors.all()[0]?.block_number ?? 0n
      const isUsual = from === cursor - OVERLAP_BLOCKS
      return chain.settlements(isUsual ? cursor + 1n : from, to, otherThan)
    },
  }
}

class NotYet extends Error {}

/** What a careless engine would do: what it is about to write goes to the chain before it is written. */
async function sendUnwritten<T>(
  { rows, model }: World,
  work: () => Promise<T>,
  sends: (raw: Hex, transaction: Transaction) => void,
): Promise<void> {
  const known = rows.attempts.size
  let raws: readonly Hex[] = []
  await rows
    .atomically(async () => {
      await work()
      raws = rows.attempts
        .all()
        .slice(known)
        .map((one) => one.raw)
      throw new NotYet()
    })
    .catch((error: unknown) => {
      if (!(error instanceof NotYet)) return
    })
  for (const raw of raws) {
    sends(raw, model.read(raw))
    model.send(model.read(raw))
  }
}
