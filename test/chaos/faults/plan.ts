import { type Random, seeded } from './random.ts'
import { drawWeather, type Phase, round } from './weather.ts'

export const BACKENDS = ['redis', 'postgres'] as const
export type Backend = (typeof BACKENDS)[number]

export const PROCESSES = ['gateway-1', 'gateway-2', 'worker-1', 'worker-2'] as const
export type ProcessName = (typeof PROCESSES)[number]

/** Something that is done to the product, `at` seconds after the first sale. */
export type Fault = { readonly at: number } & (
  | { readonly kind: 'kill'; readonly process: ProcessName }
  | { readonly kind: 'pause'; readonly process: ProcessName; readonly seconds: number }
  | { readonly kind: 'restart_database' | 'restart_redis' | 'flush_redis' | 'wipe_pool' }
  | { readonly kind: 'halt_chain' | 'pause_token'; readonly seconds: number }
  | { readonly kind: 'raise_base_fee'; readonly blocks: number }
  | { readonly kind: 'close_endpoint'; readonly endpoint: number; readonly seconds: number }
)

/** What a payer does to its won as soon as one of its payments was answered 202. */
export type Whim = 'honest' | 'moves_its_won' | 'is_frozen'

/** One run, whole: what its seed decides. */
export type Plan = {
  readonly seed: number
  readonly backend: Backend
  readonly payments: number
  /** Sales are spread over this long, and the faults too; then the faults go on until the last 202 and a little more. */
  readonly seconds: number
  readonly faults: readonly Fault[]
  readonly weather: readonly [readonly Phase[], readonly Phase[]]
  readonly payers: readonly Whim[]
}

/** The weather goes on this long when sales are slow to be accepted. */
const LONGEST_RUN_SECONDS = 900
const ENDPOINTS = 4
/** Half of the ten per cent that may go broke do, and a few are frozen. */
const BROKE_SHARE = 0.05
const FROZEN_SHARE = 0.03

/** What a run of so many payments must have suffered at least, or it shows nothing. */
export function leastFaults(plan: Pick<Plan, 'payments' | 'backend'>) {
  const share = Math.min(1, plan.payments / 500)
  return {
    process_kills: Math.max(2, Math.ceil(10 * share)),
    process_stops: 1,
    database_restarts: 1,
    redis_flushes: plan.backend === 'redis' ? 1 : 0,
    rpc_faults: Math.ceil(50 * share),
  }
}

/** Draws a run. The same seed, size and backend give the same plan. */
export function drawPlan(seed: number, payments: number, backend: Backend): Plan {
  const random = seeded(`baro chaos ${seed}`)
  const seconds = Math.round(12 + 0.16 * payments)
  return {
    seed,
    backend,
    payments,
    seconds,
    faults: drawFaults(random.branch('faults'), { seconds, payments, backend }),
    weather: drawWeather(random.branch('weather'), LONGEST_RUN_SECONDS),
    payers: drawPayers(random.branch('payers'), Math.max(25, Math.ceil(payments / 3))),
  }
}

function drawPayers(random: Random, count: number): Whim[] {
  const broke = Math.max(1, Math.round(count * BROKE_SHARE))
  const frozen = Math.max(1, Math.floor(count * FROZEN_SHARE))
  const whims: Whim[] = Array.from({ length: count }, () => 'honest')
  for (let done = 0; done < broke + frozen; ) {
    const at = random.whole(0, count - 1)
    if (whims[at] !== 'honest') continue
    whims[at] = done < broke ? 'moves_its_won' : 'is_frozen'
    done += 1
  }
  return whims
}

type Size = Pick<Plan, 'seconds' | 'payments' | 'backend'>

function drawFaults(random: Random, size: Size): Fault[] {
  const { payments, backend } = size
  const many = (per: number) => Math.max(1, Math.round(payments / per))
  const workers = ['worker-1', 'worker-2'] as const
  const faults: Fault[] = [
    ...spread(random, size, Math.max(3, many(36)), (at) => ({
      ...{ at, kind: 'kill' as const },
      process: random.chance(0.6) ? random.pick(workers) : random.pick(PROCESSES),
    })),
    ...spread(random, size, many(170), (at) => ({
      ...{ at, kind: 'pause' as const, seconds: round(random.between(5, payments < 200 ? 7 : 15)) },
      process: random.chance(0.7) ? random.pick(workers) : random.pick(PROCESSES),
    })),
    ...spread(random, size, many(250), (at) => ({ at, kind: 'restart_database' as const })),
    ...spread(random, size, many(60), (at) => ({ at, kind: 'wipe_pool' as const })),
    ...spread(random, size, many(250), (at) => ({
      ...{ at, kind: 'halt_chain' as const },
      seconds: round(random.between(3, 6)),
    })),
    // What is on its way to a block is mined as failed, and its payments ride again.
    ...spread(random, size, many(250), (at) => ({ at, kind: 'pause_token' as const, seconds: 2 })),
    ...spread(random, size, many(250), (at) => ({
      ...{ at, kind: 'close_endpoint' as const, seconds: 3.5 },
      endpoint: random.whole(0, ENDPOINTS - 1),
    })),
    // Rises to where what was signed before can no longer be mined, and falls again within half a minute.
    ...spread(random, size, Math.floor(payments / 200), (at) => ({
      ...{ at, kind: 'raise_base_fee' as const },
      blocks: random.whole(20, 30),
    })),
    ...(backend === 'redis' ? drawRedisFaults(random, size) : []),
  ]
  return faults.toSorted((a, b) => a.at - b.at)
}

function drawRedisFaults(random: Random, size: Size): Fault[] {
  const count = Math.max(1, Math.round(size.payments / 200))
  return [
    ...spread(random, size, count, (at) => ({ at, kind: 'flush_redis' as const })),
    ...spread(random, size, count, (at) => ({ at, kind: 'restart_redis' as const })),
  ]
}

/** So many faults of a kind, one in each part of the time, so that none is bunched up at one end. */
function spread(
  random: Random,
  { seconds }: Size,
  count: number,
  draw: (at: number) => Fault,
): Fault[] {
  const part = (seconds - 2) / count
  return Array.from({ length: count }, (_, index) =>
    draw(round(1 + part * (index + random.next()))),
  )
}
