import type { NodeFault } from './chain/nodes.ts'
import { openRandom, type Random } from './random.ts'

/** Something that the world does to Baro, and when: milliseconds since the run began. */
export type PlannedEvent = { readonly at: number } & (
  | {
      readonly kind: 'sale'
      /** Who pays: one phone, or two that race. */
      readonly shoppers: readonly number[]
      readonly amount: number
      /** How often each presses. */
      readonly presses: number
      readonly lifetimeSeconds: number
    }
  | { readonly kind: 'crash'; readonly worker: number; readonly backAfterMs: number }
  | { readonly kind: 'freeze'; readonly worker: number; readonly forMs: number }
  /** Its questions to the database take effect and their answers are lost. The one after the last worker is the gateway. */
  | { readonly kind: 'cuts_answers'; readonly worker: number; readonly forMs: number }
  | {
      readonly kind: 'node'
      readonly node: number
      readonly fault: NodeFault
      readonly forMs: number
    }
  | { readonly kind: 'wipes_pool' }
  | { readonly kind: 'halts'; readonly forMs: number }
  | { readonly kind: 'rolls_back'; readonly blocks: number }
  | { readonly kind: 'goes_broke'; readonly shopper: number }
  | { readonly kind: 'frozen_payer'; readonly shopper: number; readonly forMs: number }
  | { readonly kind: 'pause'; readonly forMs: number }
  /** Another settler submits what this shopper signed last. */
  | { readonly kind: 'submitted_elsewhere'; readonly shopper: number }
  | { readonly kind: 'key_used_elsewhere'; readonly lane: number; readonly times: number }
  | { readonly kind: 'base_fee'; readonly gkei: number; readonly forMs: number }
  | { readonly kind: 'runs_dry'; readonly lane: number; readonly forMs: number }
  | { readonly kind: 'loses_jobs'; readonly forMs: number }
)

export type WorkerPlan = {
  /** What its wall clock is ahead, in milliseconds. */
  readonly aheadMs: number
  readonly steadyMs: number
  /** How long an idle loop of it pauses. */
  readonly paceMs: number
}

/** Everything that a run is made from. */
export type Plan = {
  readonly seed: number
  readonly workers: readonly WorkerPlan[]
  readonly lanes: number
  readonly nodes: number
  readonly shoppers: number
  /** Won of each shopper. */
  readonly money: number
  /** Won; undefined: one node is believed. */
  readonly agreeAbove: number | undefined
  readonly laneWindow: number
  /** How long one way to a database or a node takes at most. */
  readonly latencyMs: number
  /** When the faults end. */
  readonly healAt: number
  readonly events: readonly PlannedEvent[]
}

type Draw = (random: Random, size: Size) => Omit<PlannedEvent, 'at'>
type Size = Pick<Plan, 'lanes' | 'nodes' | 'shoppers' | 'agreeAbove'> & { readonly workers: number }

const seconds = (random: Random, least: number, most: number) => random.between(least, most) * 1_000

/** What may go wrong, and how often beside the others. */
const FAULTS: readonly { readonly weight: number; readonly draw: Draw }[] = [
  {
    weight: 5,
    draw: (random, { workers }) => ({
      kind: 'crash',
      worker: random.between(0, workers - 1),
      backAfterMs: seconds(random, 0, 4),
    }),
  },
  {
    weight: 4,
    draw: (random, { workers }) => ({
      kind: 'freeze',
      worker: random.between(0, workers - 1),
      forMs: seconds(random, 2, 15),
    }),
  },
  {
    weight: 2,
    draw: (random, { workers }) => ({
      kind: 'cuts_answers',
      worker: random.between(0, workers),
      forMs: seconds(random, 1, 4),
    }),
  },
  {
    weight: 8,
    draw: (random, size) => {
      const fault = drawNodeFault(random, size)
      // Two liars who agree are believed, and no gateway can know better.
      const node = fault.kind === 'forges_paid' ? 0 : random.between(0, size.nodes - 1)
      // Only what lasts is taken for the use of a key elsewhere.
      const most = fault.kind === 'wrong_nonce' ? 30 : 12
      return { kind: 'node', node, fault, forMs: seconds(random, 1, most) }
    },
  },
  { weight: 3, draw: () => ({ kind: 'wipes_pool' }) },
  { weight: 1, draw: (random) => ({ kind: 'halts', forMs: seconds(random, 2, 15) }) },
  {
    weight: 1,
    draw: (random) => ({
      kind: 'rolls_back',
      blocks: random.chance(0.1) ? 128 : random.between(1, 20),
    }),
  },
  {
    weight: 3,
    draw: (random, { shoppers }) => ({
      kind: 'goes_broke',
      shopper: random.between(0, shoppers - 1),
    }),
  },
  {
    weight: 1,
    draw: (random, { shoppers }) => ({
      kind: 'frozen_payer',
      shopper: random.between(0, shoppers - 1),
      forMs: seconds(random, 1, 10),
    }),
  },
  { weight: 1, draw: (random) => ({ kind: 'pause', forMs: seconds(random, 2, 8) }) },
  {
    weight: 1,
    draw: (random, { shoppers }) => ({
      kind: 'submitted_elsewhere',
      shopper: random.between(0, shoppers - 1),
    }),
  },
  {
    weight: 1,
    draw: (random, { lanes }) => ({
      kind: 'key_used_elsewhere',
      lane: random.between(0, lanes - 1),
      times: random.between(1, 3),
    }),
  },
  {
    weight: 2,
    draw: (random) => ({
      kind: 'base_fee',
      gkei: random.pick([40, 90, 180, 400, 900]),
      forMs: seconds(random, 3, 20),
    }),
  },
  {
    weight: 1,
    draw: (random, { lanes }) => ({
      kind: 'runs_dry',
      lane: random.between(0, lanes - 1),
      forMs: seconds(random, 3, 10),
    }),
  },
  { weight: 2, draw: (random) => ({ kind: 'loses_jobs', forMs: seconds(random, 2, 10) }) },
]

function drawNodeFault(random: Random, { agreeAbove, nodes }: Size): NodeFault {
  const faults: NodeFault[] = [
    { kind: 'lags', blocks: random.chance(0.2) ? random.between(10, 128) : random.between(1, 6) },
    { kind: 'late_logs', blocks: random.between(1, 4) },
    { kind: 'hides_logs' },
    { kind: 'hides_some_logs' },
    { kind: 'null_receipts' },
    { kind: 'failed_receipts' },
    { kind: 'wrong_nonce', by: random.pick([-3, -1, 1, 2]) },
    { kind: 'refuses' },
    { kind: 'busy' },
    { kind: 'cuts' },
    { kind: 'sends_twice' },
  ]
  // One node that makes up payments is believed unless another must agree.
  if (agreeAbove !== undefined && nodes > 1) faults.push({ kind: 'forges_paid' })
  return random.pick(faults)
}

/**
 * What would make the same transaction do something else when its block is made anew. No gateway can mend that: a sale
 * that was settled is not paid any more. Kaia takes no block back; a single validator that was killed does.
 */
const CHANGES_HISTORY: readonly PlannedEvent['kind'][] = [
  'goes_broke',
  'frozen_payer',
  'pause',
  'submitted_elsewhere',
]
const PLENTY_WON = 10_000_000
const SCARCE_WON = 60_000

/** Draws a whole plan from a seed. */
export function drawPlan(seed: number): Plan {
  const random = openRandom(seed)
  const nodes = random.between(1, 3)
  const size: Size = {
    workers: random.between(1, 3),
    lanes: random.between(1, 2),
    nodes,
    shoppers: random.between(2, 6),
    agreeAbove: nodes > 1 && random.chance(0.4) ? random.pick([0, 5_000]) : undefined,
  }
  const healAt = seconds(random, 15, 40)
  const time = (share: number) => random.between(500, Math.floor(healAt * share))
  const sales = Array.from({ length: random.between(4, 12) }, () =>
    drawSale(random, size, time(0.9)),
  )
  const drawn = Array.from({ length: random.between(3, 14) }, () => ({
    at: time(1),
    ...drawFault(random, size),
  })) as PlannedEvent[]
  const rollsBack = drawn.some((one) => one.kind === 'rolls_back')
  const faults = rollsBack ? drawn.filter((one) => !CHANGES_HISTORY.includes(one.kind)) : drawn
  return {
    ...{ seed, healAt, nodes },
    lanes: size.lanes,
    shoppers: size.shoppers,
    money: rollsBack ? PLENTY_WON : SCARCE_WON,
    agreeAbove: size.agreeAbove,
    workers: Array.from({ length: size.workers }, () => ({
      aheadMs: random.between(-1_500, 1_500),
      steadyMs: random.between(0, 1_000_000),
      paceMs: random.between(400, 1_200),
    })),
    laneWindow: random.pick([1, 2, 16]),
    latencyMs: random.pick([3, 20, 150]),
    events: [...sales, ...faults].toSorted((a, b) => a.at - b.at),
  }
}

function drawSale(random: Random, size: Size, at: number): PlannedEvent {
  const first = random.between(0, size.shoppers - 1)
  const second = random.between(0, size.shoppers - 1)
  return {
    ...{ at, kind: 'sale' },
    shoppers: random.chance(0.25) && second !== first ? [first, second] : [first],
    amount: random.pick([1_000, 4_500, 5_001, 12_000]),
    presses: random.chance(0.3) ? random.between(2, 3) : 1,
    lifetimeSeconds: random.chance(0.2) ? random.between(10, 20) : 180,
  }
}

function drawFault(random: Random, size: Size): Omit<PlannedEvent, 'at'> {
  const total = FAULTS.reduce((sum, one) => sum + one.weight, 0)
  let rest = random.next() * total
  for (const one of FAULTS) {
    rest -= one.weight
    if (rest < 0) return one.draw(random, size)
  }
  return { kind: 'wipes_pool' }
}
