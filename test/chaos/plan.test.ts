import { describe, expect, it } from 'vitest'
import { BACKENDS, drawPlan, leastFaults } from './faults/plan.ts'

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed)

describe('the plan of a fault run', () => {
  it('is decided by its seed', () => {
    expect(drawPlan(7, 500, 'redis')).toEqual(drawPlan(7, 500, 'redis'))
    expect(drawPlan(8, 500, 'redis')).not.toEqual(drawPlan(7, 500, 'redis'))
  })

  it.each([20, 60, 500])(
    'of %i payments holds what such a run must suffer, whatever the seed',
    (payments) => {
      for (const seed of SEEDS)
        for (const backend of BACKENDS) {
          const plan = drawPlan(seed, payments, backend)
          const planned = (kind: string) => plan.faults.filter((one) => one.kind === kind).length
          const least = leastFaults(plan)
          expect(planned('kill')).toBeGreaterThanOrEqual(least.process_kills)
          expect(planned('pause')).toBeGreaterThanOrEqual(least.process_stops)
          expect(planned('restart_database')).toBeGreaterThanOrEqual(least.database_restarts)
          expect(planned('flush_redis')).toBeGreaterThanOrEqual(least.redis_flushes)
          expect(plan.faults.every(({ at }) => at >= 0 && at < plan.seconds)).toBe(true)
        }
    },
  )

  it('lets at most a tenth of the payers go broke, and a process stand longer than a lease', () => {
    for (const seed of SEEDS) {
      const plan = drawPlan(seed, 500, 'postgres')
      const broke = plan.payers.filter((whim) => whim !== 'honest').length
      expect(broke).toBeGreaterThan(0)
      expect(broke / plan.payers.length).toBeLessThanOrEqual(0.1)
      for (const fault of plan.faults)
        if (fault.kind === 'pause') expect(fault.seconds).toBeGreaterThanOrEqual(5)
    }
  })

  it('never has both nodes tell a lie that nobody could see through', () => {
    for (const seed of SEEDS) {
      const [first, second] = drawPlan(seed, 500, 'postgres').weather
      for (const [at, { weather }] of first.entries()) {
        const lies = [weather, second[at]?.weather].filter(
          (one) => one?.emptyLogs !== undefined && one.emptyLogs > 0.5,
        )
        expect(lies.length).toBeLessThan(2)
      }
    }
  })
})
