import type { ReplayWindow } from '../../../src/domains/payments/nonce.ts'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { SettlementEvent, SkipReason } from '../../../src/platform/chain/logs.ts'

const WINDOW_BITS = 64n
const FURTHEST_NONCE = 1_087n
const GROUP_DIGITS = 48
const ITEM_DIGITS = 196

export type TokenAccount = ReplayWindow & { readonly balance: bigint; readonly isFrozen: boolean }

/** What the chain knows after a block. Never changed: a block with transactions makes another one. */
export type ChainState = {
  readonly accounts: ReadonlyMap<Hex, TokenAccount>
  /** Transactions of each relayer in blocks. */
  readonly nonces: ReadonlyMap<Hex, bigint>
  readonly gasMoney: ReadonlyMap<Hex, bigint>
  readonly isPaused: boolean
}

export const NEW_ACCOUNT: TokenAccount = { base: 0n, used: 0n, balance: 0n, isFrozen: false }

/** One item of a batch, unpacked. */
export type Item = {
  readonly merchant: Hex
  readonly signature: Hex
  readonly amount: bigint
  readonly nonce: bigint
  readonly validBefore: number
  readonly invoice: Hex
}

/** Unpacks the calldata of `settleBatch`; nothing for the empty call of a filled gap. */
export function unpackBatch(data: Hex): readonly Item[] {
  if (data.length < 10) return []
  const bytes = Number.parseInt(data.slice(74, 138), 16)
  const packed = data.slice(138, 138 + 2 * bytes)
  const items: Item[] = []
  for (let at = 0; at < packed.length; ) {
    const merchant: Hex = `0x${packed.slice(at, at + 40)}`
    const count = Number.parseInt(packed.slice(at + 44, at + 48), 16)
    at += GROUP_DIGITS
    for (let one = 0; one < count; one++, at += ITEM_DIGITS)
      items.push({
        merchant,
        signature: `0x${packed.slice(at, at + 128)}`,
        amount: BigInt(`0x${packed.slice(at + 128, at + 144)}`),
        nonce: BigInt(`0x${packed.slice(at + 144, at + 156)}`),
        validBefore: Number.parseInt(packed.slice(at + 156, at + 164), 16),
        invoice: `0x${packed.slice(at + 164, at + 196)}`,
      })
  }
  return items
}

export type PayerOf = (signature: Hex) => Hex | undefined

/** Settles the items as the contract does, on accounts that may be changed, and returns its logs in order. */
export function settleItems(
  accounts: Map<Hex, TokenAccount>,
  items: readonly Item[],
  payerOf: PayerOf,
  at: {
    readonly seconds: number
    readonly blockNumber: bigint
    readonly txHash: Hex
    firstLog: number
  },
): SettlementEvent[] {
  let logIndex = at.firstLog
  return items.map((item) => {
    const place = { invoice: item.invoice, blockNumber: at.blockNumber, txHash: at.txHash }
    const payer = payerOf(item.signature)
    const reason = at.seconds >= item.validBefore ? 'expired' : take(accounts, payer, item)
    if (reason !== undefined || payer === undefined) {
      const skipped = { ...place, kind: 'skipped', reason: reason ?? 'bad_signature' } as const
      return { ...skipped, payer: payer ?? `0x${'00'.repeat(20)}`, logIndex: logIndex++ }
    }
    // The Transfer comes first.
    logIndex += 2
    const { merchant, amount } = item
    return { ...place, kind: 'paid', payer, merchant, amount, logIndex: logIndex - 1 }
  })
}

/** Takes the money, or says why not and changes nothing. */
function take(
  accounts: Map<Hex, TokenAccount>,
  payer: Hex | undefined,
  { nonce, amount }: Item,
): SkipReason | undefined {
  if (payer === undefined) return 'bad_signature'
  const account = accounts.get(payer) ?? NEW_ACCOUNT
  if (account.isFrozen) return 'frozen_payer'
  const ahead = nonce - account.base
  if (ahead < 0n || ahead > FURTHEST_NONCE) return 'replay'
  const slide = ahead < WINDOW_BITS ? 0n : ahead - (WINDOW_BITS - 1n)
  const window = account.used >> slide
  const bit = 1n << (ahead - slide)
  if ((window & bit) !== 0n) return 'replay'
  if (account.balance < amount) return 'funds'
  accounts.set(payer, {
    ...account,
    base: account.base + slide,
    used: window | bit,
    balance: account.balance - amount,
  })
  return undefined
}
