import { Fault } from './errors.ts'

/** An exact amount of Korean won. The currency has no minor unit (ISO 4217 exponent 0), so 1n is one won. */
export type Won = bigint & { readonly __unit: 'KRW' }

/** Basis points: 100 is one per cent. */
export type BasisPoints = number & { readonly __unit: 'basis points' }

export const MAX_WON = BigInt(Number.MAX_SAFE_INTEGER)

/** Brands a non-negative amount. Throws `internal` on a negative one: that is a fault of ours, never of a client. */
export function won(value: bigint): Won {
  if (value < 0n) throw new Fault('internal', 'An amount cannot be negative')
  return value as Won
}

/** Reads the wire form: a JSON integer from 1 to 9007199254740991. Throws `invalid_request`. */
export function wonFromJson(value: number): Won {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Fault('invalid_request', 'An amount is a whole number of won, from 1 up')
  return BigInt(value) as Won
}

/** Reads what an operator types: whole won from 0 up, in digits. Undefined for anything else. */
export function wonFromText(text: string): Won | undefined {
  if (!/^\d{1,16}$/.test(text) || BigInt(text) > MAX_WON) return undefined
  return BigInt(text) as Won
}

/** The one checked way from an amount (signed in reports) to a JSON integer. */
export function wonToJson(value: bigint): number {
  if (value > MAX_WON || value < -MAX_WON)
    throw new Fault('internal', `${value} won does not fit a JSON integer`)
  return Number(value)
}

export function basisPoints(value: number): BasisPoints {
  if (!Number.isInteger(value) || value < 0 || value > 10_000)
    throw new Fault('internal', `${value} is not a number of basis points`)
  return value as BasisPoints
}

/** The operator's fee, rounded down to the won: the odd won is the merchant's. */
export function feeOf(amount: Won, rate: BasisPoints): Won {
  return won((amount * BigInt(rate)) / 10_000n)
}

/** Korean value-added tax inside a price: one eleventh of the taxable part, rounded down. */
export function vatOf(amount: Won, taxFree: Won): Won {
  if (taxFree > amount)
    throw new Fault('invalid_request', 'The tax-free part is larger than the amount')
  return won((amount - taxFree) / 11n)
}

/** `4,500` for people; the sign of a negative amount is kept. */
export function groupDigits(value: bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
