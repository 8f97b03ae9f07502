import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isNonceFree,
  lowestFreeNonce,
  type ReplayWindow,
} from '../../src/domains/payments/nonce.ts'

/** The rule of the contract, told with a set instead of bits: what is spent, and what is below the window. */
class Account {
  base = 0n
  readonly spent = new Set<bigint>()

  accepts(nonce: bigint): boolean {
    return nonce >= this.base && nonce - this.base <= 1_087n && !this.spent.has(nonce)
  }

  spend(nonce: bigint): boolean {
    if (!this.accepts(nonce)) return false
    if (nonce - this.base >= 64n) this.base = nonce - 63n
    this.spent.add(nonce)
    return true
  }

  window(): ReplayWindow {
    let used = 0n
    for (let bit = 0n; bit < 64n; bit++) if (this.spent.has(this.base + bit)) used |= 1n << bit
    return { base: this.base, used }
  }
}

/** Accounts that paid in any order, with jumps. */
const accounts = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 80 }).map((jumps) => {
  const account = new Account()
  for (const jump of jumps) account.spend(account.base + BigInt(jump))
  return account
})

/** Every nonce that is offered until there is none, each reserved before the next is asked for. */
function offerAll(window: ReplayWindow): bigint[] {
  const reserved = new Set<bigint>()
  for (;;) {
    const nonce = lowestFreeNonce(window, reserved)
    if (nonce === undefined) return [...reserved]
    reserved.add(nonce)
  }
}

describe('a nonce', () => {
  it('is free exactly when the contract accepts it, up to the longest jump', () => {
    fc.assert(
      fc.property(accounts, fc.bigInt({ min: 0n, max: 3_000n }), (account, nonce) => {
        fc.pre(nonce <= account.base + 1_087n)
        expect(isNonceFree(account.window(), nonce)).toBe(account.accepts(nonce))
      }),
    )
  })

  it('that is offered is the lowest that neither the chain nor an offer has', () => {
    fc.assert(
      fc.property(accounts, fc.uniqueArray(fc.bigInt({ min: 0n, max: 300n })), (account, taken) => {
        const reserved = new Set(taken)
        const offered = lowestFreeNonce(account.window(), reserved)
        for (let nonce = 0n; nonce < (offered ?? 0n); nonce++)
          expect(account.accepts(nonce) && !reserved.has(nonce)).toBe(false)
        if (offered !== undefined) {
          expect(account.accepts(offered)).toBe(true)
          expect(reserved.has(offered)).toBe(false)
        }
      }),
    )
  })

  it('is offered so that all open offers can be paid, in whatever order they are', () => {
    fc.assert(
      fc.property(accounts, fc.infiniteStream(fc.nat()), (account, chances) => {
        const offers = offerAll(account.window())
        expect(offers.length).toBeGreaterThan(0)
        while (offers.length > 0) {
          const { value } = chances.next()
          const [nonce] = offers.splice((value ?? 0) % offers.length, 1)
          expect(nonce !== undefined && account.spend(nonce), `nonce ${nonce}`).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is offered to a new account from zero, 64 at a time', () => {
    expect(offerAll({ base: 0n, used: 0n })).toEqual(
      Array.from({ length: 64 }, (_, at) => BigInt(at)),
    )
  })

  it('is offered behind a full window', () => {
    expect(lowestFreeNonce({ base: 5n, used: 2n ** 64n - 1n }, new Set())).toBe(69n)
    expect(isNonceFree({ base: 5n, used: 2n ** 64n - 1n }, 68n)).toBe(false)
    expect(isNonceFree({ base: 5n, used: 0n }, 4n)).toBe(false)
  })
})
