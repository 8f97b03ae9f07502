import { type Address, type Hex, toFunctionSelector } from 'viem'

/** One payer-signed payment of a batch. `signature` is r and vs (EIP-2098), amount in won. */
export interface SettlementItem {
  readonly signature: Hex
  readonly amount: bigint
  readonly nonce: number
  readonly validBefore: number
  readonly invoice: Hex
}

/** The payments of one merchant and the fee that the contract splits off them. */
export interface SettlementGroup {
  readonly merchant: Address
  readonly feeBasisPoints: number
  readonly items: readonly SettlementItem[]
}

/** The contract's own ceiling of the fee cap: 10 %. */
export const HIGHEST_FEE_BASIS_POINTS = 1_000
const SETTLE_BATCH_SELECTOR = toFunctionSelector('settleBatch(bytes)')

/** Calldata of `settleBatch`. Throws RangeError with the name of a field that does not fit. */
export function encodeSettleBatch(groups: readonly SettlementGroup[]): Hex {
  return bytesCall(SETTLE_BATCH_SELECTOR, groups.map(packGroup).join(''))
}

/** ABI encoding of a call with one `bytes` argument, whose hex digits are given without prefix. */
export function bytesCall(selector: Hex, packed: string): Hex {
  const length = packed.length / 2
  const padded = packed.padEnd(Math.ceil(length / 32) * 64, '0')
  return `${selector}${unsigned('offset', 32n, 32)}${unsigned('length', BigInt(length), 32)}${padded}`
}

/** A payment as 98 packed bytes: r vs amount nonce validBefore invoice. */
export function packItem(item: SettlementItem): string {
  if (item.amount === 0n) throw new RangeError('amount must be positive')
  return [
    fixed('signature', item.signature, 64),
    unsigned('amount', item.amount, 8),
    whole('nonce', item.nonce, 6),
    whole('validBefore', item.validBefore, 4),
    fixed('invoice', item.invoice, 16),
  ].join('')
}

/** Hex digits of exactly `bytes` bytes; RangeError otherwise. */
export function fixed(field: string, value: string, bytes: number): string {
  if (value.length !== 2 + 2 * bytes || !/^0x[0-9a-fA-F]*$/.test(value)) {
    throw new RangeError(`${field} must be ${bytes} bytes of hex`)
  }
  return value.slice(2).toLowerCase()
}

/** Big-endian hex digits of an unsigned number; RangeError when it does not fit. */
export function unsigned(field: string, value: bigint, bytes: number): string {
  if (value < 0n || value >= 1n << BigInt(8 * bytes)) {
    throw new RangeError(`${field} does not fit ${bytes} bytes`)
  }
  return value.toString(16).padStart(2 * bytes, '0')
}

/** As `unsigned`, for a safe integer. */
export function whole(field: string, value: number, bytes: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${field} must be a whole number`)
  return unsigned(field, BigInt(value), bytes)
}

function packGroup(group: SettlementGroup): string {
  if (group.feeBasisPoints > HIGHEST_FEE_BASIS_POINTS) {
    throw new RangeError(`feeBasisPoints is above ${HIGHEST_FEE_BASIS_POINTS}`)
  }
  if (group.items.length === 0) throw new RangeError('items must not be empty')
  return [
    fixed('merchant', group.merchant, 20),
    whole('feeBasisPoints', group.feeBasisPoints, 2),
    whole('items', group.items.length, 2),
    ...group.items.map(packItem),
  ].join('')
}
