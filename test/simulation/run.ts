import { openAuthoriser } from '../../src/flows/authorise-payment.ts'
import { type Stage, strike } from './faults.ts'
import type { Plan, PlannedEvent } from './plan.ts'
import { type ChainMemory, openChainMemory } from './rules/chain-memory.ts'
import { breachOfEnd, unfinished } from './rules/liveness.ts'
import { type Breach, breachOfBlock, breachOfCommit, breachOfSending } from './rules/safety.ts'
import { type Gateway, startSale } from './sales.ts'
import { type Names, openNames, type Told, wordsOf } from './story.ts'
import { EVERY_SAFETY, type Switches } from './switches.ts'
import { onVirtualClock } from './virtual-clock.ts'
import { startWorker, type Worker } from './worker.ts'
import { openWorld, type World } from './world.ts'

const BLOCK_MS = 1_000
/** Everything must be done so long after the last fault. */
const HEAL_LIMIT_MS = 300_000
/** How long a queue takes at most to hand a job to a worker. */
const JOB_MS = 200
/** How long a sale may still be under way: its shoppers ask again. */
const SALE_MS = 12_000

export type Outcome = {
  readonly breach: Breach
  readonly told: readonly Told[]
  readonly world: World
}

/** A run under way, with what is said and known about it. */
type Run = {
  readonly world: World
  readonly stage: Stage
  readonly memory: ChainMemory
  readonly names: Names
  readonly told: Told[]
  readonly accepted: Set<string>
  breach: Breach
}

/** Runs a plan to its end, or to the first thing that must not be. */
export async function runPlan(plan: Plan, switches: Switches = EVERY_SAFETY): Promise<Outcome> {
  const run = openRun(plan, switches)
  const { world, memory, told } = run
  const { scheduler } = world
  const lastAct = Math.max(plan.healAt, ...plan.events.map((one) => one.at + lastsMs(one)))
  let isDone = false
  const lookForEnd = () => {
    isDone = unfinished(world, memory) === undefined && world.model.poolSize() === 0
    scheduler.at(scheduler.now() + BLOCK_MS, lookForEnd)
  }
  scheduler.at(BLOCK_MS, () => makeBlocks(run))
  for (const event of plan.events) scheduler.at(event.at, () => happen(run, event))
  scheduler.at(plan.healAt, () => heal(run))
  scheduler.at(lastAct + 3 * BLOCK_MS, lookForEnd)
  await onVirtualClock(scheduler, () =>
    scheduler.run(
      lastAct + HEAL_LIMIT_MS,
      () => isDone || run.breach !== undefined || world.surprises.length > 0,
    ),
  )
  if (world.surprises.length > 0) throw world.surprises[0]
  if (run.breach === undefined) fail(run, isDone ? endOf(run) : lateOf(run))
  return { breach: run.breach, told, world }
}

function openRun(plan: Plan, switches: Switches): Run {
  const memory = openChainMemory()
  const names = openNames()
  const world = openWorld(plan, switches, {
    committed: (process, changes) => {
      for (const words of wordsOf(changes, names)) tell(run, process?.name ?? 'database', words)
      fail(run, breachOfCommit(world, memory, changes))
      if (changes.some((one) => one.table === 'outbox')) wakeSomebody(run)
    },
    sends: (process, _raw, transaction) => {
      const lane = names('lane', transaction.from)
      const count = transaction.items.length
      tell(run, process.name, `sends nonce ${transaction.nonce} of ${lane}, ${count} payments`)
      fail(run, breachOfSending(world, process, transaction))
    },
  })
  for (const { address } of world.lanes) names('lane', address)
  names('settler', world.shop.otherSettler)
  const workers: Worker[] = []
  const run: Run = {
    ...{ world, memory, names, told: [], accepted: new Set(), breach: undefined },
    stage: {
      ...{ world, workers, submittedElsewhere: new Set<string>() },
      gateway: openGateway(world),
      until: { halted: 0, jobsLost: 0, dear: 0 },
      tell: (who, what) => tell(run, who, what),
      restart: (index, afterMs) => restart(run, index, afterMs),
      rollBack: (blocks) => {
        world.model.rollBack(blocks)
        const { number } = world.model.head()
        memory.rolledBack(number)
        tell(run, 'chain', `goes back ${blocks} blocks, to ${number}`)
      },
    },
  }
  plan.workers.forEach((clocks, index) => {
    workers.push(startWorker(world, `worker ${index + 1}.1`, clocks))
  })
  return run
}

/** One authoriser for all who confirm: they share its queries. */
function openGateway(world: World): Gateway {
  const process = world.open('gateway', { aheadMs: 0, steadyMs: 0 })
  const deps = world.depsOf(process)
  return { process, deps, authorise: openAuthoriser(deps) }
}

function tell({ world, told }: Run, who: string, what: string): void {
  told.push({ at: world.scheduler.now(), who, what })
}

function fail(run: Run, found: Breach): void {
  if (found === undefined || run.breach !== undefined) return
  run.breach = found
  tell(run, 'RULE', found)
}

function endOf({ world, memory, accepted, stage }: Run): Breach {
  return breachOfEnd(world, memory, accepted, (one) => stage.submittedElsewhere.has(one.id))
}

function lateOf({ world, memory }: Run): Breach {
  return `${unfinished(world, memory) ?? 'something is under way'} long after the faults ended`
}

/** A new process takes the place of a killed one: what it knew is gone. */
function restart(run: Run, index: number, afterMs: number): void {
  const { world, stage } = run
  const { scheduler, plan } = world
  const worker = stage.workers[index]
  const clocks = plan.workers[index]
  if (worker === undefined || clocks === undefined || worker.process.isDead) return
  worker.process.isDead = true
  tell(run, worker.process.name, 'is killed')
  const [, life] = worker.process.name.split('.')
  scheduler.at(scheduler.now() + afterMs, () => {
    stage.workers[index] = startWorker(world, `worker ${index + 1}.${Number(life) + 1}`, clocks)
  })
}

/** The job of a new payment reaches some worker, unless the queue loses it. */
function wakeSomebody({ world, stage }: Run): void {
  const { scheduler, random } = world
  if (scheduler.now() < stage.until.jobsLost) return
  scheduler.at(scheduler.now() + random.between(1, JOB_MS), () =>
    random.pick(stage.workers).wakeLanes(),
  )
}

function makeBlocks(run: Run): void {
  const { world, stage, memory, names } = run
  const { scheduler, model } = world
  scheduler.at(scheduler.now() + BLOCK_MS, () => makeBlocks(run))
  if (scheduler.now() < stage.until.halted) return
  const block = model.mine()
  memory.mined(block)
  for (const one of block.transactions) {
    const paid = one.logs.filter((log) => log.kind === 'paid').length
    const what = one.succeeded ? `${paid} of ${one.logs.length} paid` : 'failed'
    const lane = names('lane', one.from)
    tell(run, 'chain', `block ${block.number} takes nonce ${one.nonce} of ${lane}: ${what}`)
  }
  const logs = block.transactions.flatMap((one) => one.logs)
  fail(
    run,
    breachOfBlock(
      memory,
      logs.map((log) => log.invoice),
    ),
  )
}

function happen(run: Run, event: PlannedEvent): void {
  const { world, stage, accepted, names } = run
  if (event.kind !== 'sale') {
    strike(stage, event)
    return
  }
  const invoice = startSale(world, stage.gateway, event, { accepted: (id) => accepted.add(id) })
  const who = event.shoppers.map((index) => `shopper ${index}`).join(' and ')
  const name = names('invoice', invoice.id)
  tell(run, who, `pay ${name} of ${event.amount} won, ${event.presses} times`)
}

function heal(run: Run): void {
  for (const node of run.world.nodes) node.heal()
  tell(run, 'world', 'the faults end')
}

function lastsMs(event: PlannedEvent): number {
  if ('forMs' in event) return event.forMs
  return event.kind === 'crash' ? event.backAfterMs : event.kind === 'sale' ? SALE_MS : 0
}
