import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../../src/kernel/errors.ts'
import {
  basisPoints,
  feeOf,
  groupDigits,
  MAX_WON,
  vatOf,
  won,
  wonFromJson,
  wonToJson,
} from '../../src/kernel/money.ts'

const amounts = fc.bigInt({ min: 1n, max: MAX_WON }).map(won)
const rates = fc.integer({ min: 0, max: 10_000 }).map(basisPoints)

describe('an amount', () => {
  it('comes back from JSON as it went', () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = JSON.stringify(wonToJson(amount))
        expect(text).toMatch(/^[1-9]\d*$/)
        expect(wonFromJson(JSON.parse(text))).toBe(amount)
      }),
    )
  })

  it('is never read from a number that is not a safe whole one from one up', () => {
    const others = fc.oneof(
      fc.double().filter((value) => !Number.isSafeInteger(value)),
      fc.integer({ max: 0 }),
      fc.constantFrom(2 ** 53, 1e21, Number.NaN, Number.POSITIVE_INFINITY, -0, 0.1 + 0.2),
    )
    fc.assert(
      fc.property(others, (value) => {
        expect(() => wonFromJson(value)).toThrow(Fault)
      }),
    )
  })

  it('never leaves as a number that JSON would round', () => {
    expect(wonToJson(MAX_WON)).toBe(Number.MAX_SAFE_INTEGER)
    expect(wonToJson(-MAX_WON)).toBe(-Number.MAX_SAFE_INTEGER)
    for (const value of [MAX_WON + 1n, -MAX_WON - 1n, 2n ** 256n])
      expect(() => wonToJson(value)).toThrow('does not fit')
  })

  it('is not negative', () => {
    expect(() => won(-1n)).toThrow('negative')
    expect(won(0n)).toBe(0n)
  })

  it('is grouped in threes for people', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MAX_WON, max: MAX_WON }), (value) => {
        expect(groupDigits(value)).toBe(value.toLocaleString('en-US'))
      }),
    )
  })
})

describe('a fee', () => {
  it('is the exact share, rounded down, so that the odd won is the merchant’s', () => {
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        const fee = feeOf(amount, rate)
        expect(fee * 10_000n).toBeLessThanOrEqual(amount * BigInt(rate))
        expect((fee + 1n) * 10_000n).toBeGreaterThan(amount * BigInt(rate))
        expect(fee).toBeLessThanOrEqual(amount)
      }),
    )
  })

  it('on a sum is at most what its parts lose by rounding more than on the parts', () => {
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1, maxLength: 20 }), rates, (parts, rate) => {
        const whole = feeOf(won(parts.reduce<bigint>((sum, part) => sum + part, 0n)), rate)
        const summed = parts.reduce<bigint>((sum, part) => sum + feeOf(part, rate), 0n)
        expect(whole - summed).toBeGreaterThanOrEqual(0n)
        expect(whole - summed).toBeLessThan(BigInt(parts.length))
      }),
    )
  })

  it.each([
    [4_500n, 80, 36n],
    [1n, 9_999, 0n],
    [124n, 80, 0n],
    [125n, 80, 1n],
    [4_500n, 0, 0n],
    [4_500n, 10_000, 4_500n],
  ])('of %d won at %d basis points is %d', (amount, rate, fee) => {
    expect(feeOf(won(amount), basisPoints(rate))).toBe(fee)
  })

  it.each([-1, 10_001, 0.5, Number.NaN])('has no rate of %d basis points', (rate) => {
    expect(() => basisPoints(rate)).toThrow('basis points')
  })
})

describe('value-added tax', () => {
  it('is an eleventh of the taxable part, rounded down', () => {
    fc.assert(
      fc.property(amounts, amounts, (one, other) => {
        const [taxFree, amount] = one < other ? [one, other] : [other, one]
        const vat = vatOf(amount, taxFree)
        expect(vat * 11n).toBeLessThanOrEqual(amount - taxFree)
        expect((vat + 1n) * 11n).toBeGreaterThan(amount - taxFree)
      }),
    )
  })

  it('is nothing where all is tax-free, and refuses more than all', () => {
    expect(vatOf(won(11n), won(11n))).toBe(0n)
    expect(vatOf(won(11_000n), won(0n))).toBe(1_000n)
    expect(() => vatOf(won(1n), won(2n))).toThrow('tax-free')
  })
})
