import { type Stage, strike } from './faults.ts'
import type { Plan, PlannedEvent } from './plan.ts'
import { openChainMemory } from './rules/chain-memory.ts'
import { breachOfEnd, unfinished } from './rules/liveness.ts'
import { type Breach, breachOfBlock, breachOfCommit, breachOfSending } from './rules/safety.ts'
import { startSale } from './sales.ts'
import { openNames, type Told, wordsOf } from './story.ts'
import { EVERY_SAFETY, type Switches } from './switches.ts'
import { startWorker, type Worker } from './worker.ts'
import { openWorld, type Witness, type World } from './world.ts'

const BLOCK_MS = 1_000
/** Everything must be done so long after the last fault. */
export const HEAL_LIMIT_MS = 300_000
const JOB_MS = 200

export type Outcome = {
  readonly breach: Breach
  readonly told: readonly Told[]
  /** Virtual milliseconds. */
  readonly lastedMs: number
  readonly world: World
}

/** Runs a plan to its end, or to the first thing that must not be. */
export async function runPlan(plan: Plan, switches: Switches = EVERY_SAFETY): Promise<Outcome> {
  const told: Told[] = []
  const names = openNames()
  const memory = openChainMemory()
  const accepted = new Set<string>()
  let breach: Breach
  const fail = (found: Breach) => {
    if (breach === undefined && found !== undefined) {
      breach = found
      tell('RULE', found)
    }
  }
  const tell = (who: string, what: string) => told.push({ at: world.scheduler.now(), who, what })
  const witness: Witness = {
    committed: (process, changes) => {
      for (const words of wordsOf(changes, names)) tell(process?.name ?? 'database', words)
      fail(breachOfCommit(world, memory, changes))
      if (changes.some((one) => one.table === 'outbox')) wakeSomebody()
    },
    sends: (process, _raw, transaction) => {
      const lane = names('lane', transaction.from)
      const count = transaction.items.length
      tell(process.name, `sends nonce ${transaction.nonce} of ${lane}, ${count} payments`)
      fail(breachOfSending(world, process, transaction))
    },
  }
  const world = openWorld(plan, switches, witness)
  const { scheduler, model, random } = world
  for (const { address } of world.lanes) names('lane', address)
  const lives = plan.workers.map(() => 1)
  const start = (index: number): Worker => {
    const clocks = plan.workers[index] ?? { aheadMs: 0, steadyMs: 0, paceMs: 500 }
    return startWorker(world, `worker ${index + 1}.${lives[index]}`, clocks)
  }
  const stage: Stage = {
    world,
    gateway: world.open('gateway', { aheadMs: 0, steadyMs: 0 }),
    workers: plan.workers.map((_, index) => start(index)),
    restart: (index, afterMs) => {
      const worker = stage.workers[index]
      if (worker === undefined || worker.process.isDead) return
      worker.process.isDead = true
      tell(worker.process.name, 'is killed')
      scheduler.at(scheduler.now() + afterMs, () => {
        lives[index] = (lives[index] ?? 0) + 1
        stage.workers[index] = start(index)
      })
    },
    until: { halted: 0, jobsLost: 0, dear: 0 },
    submittedElsewhere: new Set(),
    rollBack: (blocks) => {
      model.rollBack(blocks)
      memory.rolledBack(model.head().number)
      tell('chain', `goes back ${blocks} blocks, to ${model.head().number}`)
    },
    tell,
  }
  const wakeSomebody = () => {
    if (scheduler.now() < stage.until.jobsLost) return
    scheduler.at(scheduler.now() + random.between(1, JOB_MS), () =>
      random.pick(stage.workers).wakeLanes(),
    )
  }
  const mine = () => {
    scheduler.at(scheduler.now() + BLOCK_MS, mine)
    if (scheduler.now() < stage.until.halted) return
    const block = model.mine()
    if (block.transactions.length === 0) return
    memory.mined(block)
    for (const one of block.transactions) {
      const paid = one.logs.filter((log) => log.kind === 'paid').length
      const what = one.succeeded ? `${paid} of ${one.logs.length} paid` : 'failed'
      tell(
        'chain',
        `block ${block.number} takes nonce ${one.nonce} of ${names('lane', one.from)}: ${what}`,
      )
    }
    const invoices = block.transactions.flatMap((one) => one.logs.map((log) => log.invoice))
    fail(breachOfBlock(memory, invoices))
  }
  const happen = (event: PlannedEvent) => {
    if (event.kind !== 'sale') return strike(stage, event)
    const invoice = startSale(world, stage.gateway, event, { accepted: (id) => accepted.add(id) })
    const who = event.shoppers.map((index) => `shopper ${index}`).join(' and ')
    tell(who, `pay ${names('invoice', invoice.id)} of ${event.amount} won, ${event.presses} times`)
  }
  const heal = () => {
    for (const node of world.nodes) node.heal()
    tell('world', 'the faults end')
  }
  let isDone = false
  scheduler.at(BLOCK_MS, mine)
  for (const event of plan.events) scheduler.at(event.at, () => happen(event))
  scheduler.at(plan.healAt, heal)
  const look = () => {
    isDone = unfinished(world, memory) === undefined && isQuiet(world)
    scheduler.at(scheduler.now() + BLOCK_MS, look)
  }
  const lastAct = Math.max(plan.healAt, ...plan.events.map((one) => one.at + lastsMs(one)))
  scheduler.at(lastAct + 3 * BLOCK_MS, look)

  const isOver = () => isDone || breach !== undefined || world.surprises.length > 0
  // Faults are thrown by the thousand, and nobody reads where.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const own = Object.getOwnPropertyDescriptor(performance, 'now')
  performance.now = () => scheduler.now() + (scheduler.running()?.steadyMs ?? 0)
  try {
    await scheduler.run(lastAct + HEAL_LIMIT_MS, isOver)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (own === undefined) Reflect.deleteProperty(performance, 'now')
    else Object.defineProperty(performance, 'now', own)
  }
  if (world.surprises.length > 0) throw world.surprises[0]
  if (breach === undefined)
    fail(
      isDone
        ? breachOfEnd(world, memory, accepted, (one) => stage.submittedElsewhere.has(one.id))
        : `${unfinished(world, memory) ?? 'something is under way'} long after the faults ended`,
    )
  return { breach, told, lastedMs: scheduler.now(), world }
}

/** Whether nothing is in the pool and no shopper is still asking. */
function isQuiet({ model }: World): boolean {
  return model.poolSize() === 0
}

function lastsMs(event: PlannedEvent): number {
  if ('forMs' in event) return event.forMs
  return event.kind === 'crash' ? event.backAfterMs : event.kind === 'sale' ? 12_000 : 0
}
