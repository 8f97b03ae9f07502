import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../src/apps/config.ts'
import { approvalsCountAfter, isApproved } from '../../src/domains/payments/approval.ts'
import { CHAIN_STATES, chainStateAt } from '../../src/domains/settlement/chain-state.ts'
import { won } from '../../src/kernel/money.ts'

const NOW = new Date('2026-11-21T05:00:00.000Z')
const HOUR_MS = 3_600_000
const ago = (milliseconds: number) => new Date(NOW.getTime() - milliseconds)

describe('the state of a chain', () => {
  it.each([
    [0, 'live'],
    [10_000, 'live'],
    [10_001, 'slow'],
    [60_000, 'slow'],
    [60_001, 'halted'],
    [40 * HOUR_MS, 'halted'],
    // The clock of a chain may be a little ahead of ours.
    [-2_000, 'live'],
  ])('is, with a newest block %i ms old, %s', (age, state) => {
    expect(chainStateAt(ago(age), NOW)).toBe(state)
  })

  it('is halted while nobody has seen a block', () => {
    expect(chainStateAt(undefined, NOW)).toBe('halted')
  })

  it('only gets worse while no block comes', () => {
    const ages = fc.tuple(fc.nat(2 * HOUR_MS), fc.nat(2 * HOUR_MS))
    fc.assert(
      fc.property(ages, ([one, more]) => {
        const rank = (age: number) => CHAIN_STATES.indexOf(chainStateAt(ago(age), NOW))
        expect(rank(one + more)).toBeGreaterThanOrEqual(rank(one))
      }),
    )
  })
})

describe('the risk limit', () => {
  type Approval = { readonly at: number; readonly amount: bigint; isSettled: boolean }
  /** A sale at a moment of its store, or the settlement of what was approved first. */
  const happenings = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: HOUR_MS / 3 }),
      amount: fc.bigInt({ min: 1n, max: 50_000n }),
      isSettlement: fc.boolean(),
      isChainLate: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  const limits = fc.bigInt({ min: 0n, max: 120_000n })

  /** What stands open of a store's approvals at a moment, by the rule that the rows are read with. */
  const atRisk = (approvals: readonly Approval[], at: number) =>
    approvals
      .filter((one) => !one.isSettled && one.at > approvalsCountAfter(new Date(at)).getTime())
      .reduce((sum, one) => sum + one.amount, 0n)

  it('is never passed by what stands open of any hour, whatever happens in whatever order', () => {
    fc.assert(
      fc.property(limits, happenings, (limit, events) => {
        const approvals: Approval[] = []
        let at = NOW.getTime()
        for (const { afterMs, amount, isSettlement, isChainLate } of events) {
          at += afterMs
          const first = approvals.find((one) => !one.isSettled)
          if (isSettlement && first !== undefined) first.isSettled = true
          const sale = {
            isChainLate,
            limit: won(limit),
            atRisk: won(atRisk(approvals, at)),
            amount: won(amount),
          }
          if (isApproved(sale)) approvals.push({ at, amount, isSettled: false })
          expect(atRisk(approvals, at)).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })

  it('approves all that fits: what it refuses would pass it', () => {
    const sales = fc.record({ limit: limits, atRisk: limits, amount: limits })
    fc.assert(
      fc.property(sales, ({ limit, atRisk: open, amount }) => {
        const sale = { limit: won(limit), atRisk: won(open), amount: won(amount) }
        expect(isApproved({ ...sale, isChainLate: true })).toBe(open + amount <= limit)
        expect(isApproved({ ...sale, isChainLate: false })).toBe(false)
      }),
    )
  })

  it('is 0 unless the operator says otherwise, and 0 approves nothing', () => {
    const env = {
      DATABASE_URL: 'postgres://localhost/baro',
      CHAIN_RPC_URLS: 'http://127.0.0.1:8545',
      CHAIN_ID: '1',
      TOKEN_ADDRESS: `0x${'11'.repeat(20)}`,
    }
    expect(readConfig(env, 'gateway').riskLimit).toBe(0n)
    const set = { ...env, RISK_LIMIT_WON_PER_STORE_HOUR: '300000' }
    expect(readConfig(set, 'gateway').riskLimit).toBe(300_000n)
    for (const wrong of ['-1', '1.5', '10만', '1e3', '9007199254740992'])
      expect(() => readConfig({ ...env, RISK_LIMIT_WON_PER_STORE_HOUR: wrong }, 'gateway')).toThrow(
        'RISK_LIMIT_WON_PER_STORE_HOUR must be a whole number of won',
      )
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 15n }), (amount) => {
        const sale = { limit: won(0n), atRisk: won(0n), amount: won(amount) }
        expect(isApproved({ ...sale, isChainLate: true })).toBe(false)
      }),
    )
  })

  it('looks back one hour', () => {
    expect(approvalsCountAfter(NOW)).toEqual(ago(HOUR_MS))
  })
})
