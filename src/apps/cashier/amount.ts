import { type Won, won } from '../../kernel/money.ts'

/** More than any sale over a counter: a guard against a finger that slips, not a limit of the gateway. */
export const LIMIT_WON = 100_000_000n

export type Key =
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '00'
  | 'back'
  | 'clear'

/** The amount after a key, or the same amount and `isOver` when it would pass the limit. */
export function press(amount: Won, key: Key): { readonly amount: Won; readonly isOver: boolean } {
  if (key === 'clear') return { amount: won(0n), isOver: false }
  if (key === 'back') return { amount: won(amount / 10n), isOver: false }
  const next = won(BigInt(`${amount}${key}`))
  return next > LIMIT_WON ? { amount, isOver: true } : { amount: next, isOver: false }
}

/** The key of the pad that a key of the keyboard stands for. */
export function keyOf(key: string): Key | undefined {
  if (/^[0-9]$/.test(key)) return key as Key
  if (key === 'Backspace') return 'back'
  if (key === 'Delete' || key === 'Escape') return 'clear'
  return undefined
}
