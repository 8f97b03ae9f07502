import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { Won } from '../../kernel/money.ts'

/** What a payer wants to promise, and what was known of the account before. */
export type Wish = {
  readonly payer: Hex
  readonly amount: Won
  /** On chain. */
  readonly balance: bigint
  /** Promised when the balance had not been read yet: it may have left the rows, but not the balance, since. */
  readonly promisedBefore: bigint
}

export type Funds = {
  /** Counts the amount as promised, or answers with the `insufficient_funds` that the payer is to hear. */
  promise(wish: Wish): Fault | undefined
}

/** The funds of payers who promise at one time, from what each has promised now. */
export function openFunds(promisedNow: ReadonlyMap<Hex, bigint>): Funds {
  const added = new Map<Hex, bigint>()
  return {
    promise: ({ payer, amount, balance, promisedBefore }) => {
      const now = promisedNow.get(payer) ?? 0n
      const here = added.get(payer) ?? 0n
      const free = balance - (now > promisedBefore ? now : promisedBefore) - here
      if (free < amount)
        return new Fault(
          'insufficient_funds',
          `This account can pay ${free > 0n ? free : 0n} won now`,
        )
      added.set(payer, here + amount)
      return undefined
    },
  }
}
