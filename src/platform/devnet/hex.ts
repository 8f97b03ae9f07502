import type { Hex } from '../../kernel/hex.ts'

/** A number as JSON-RPC writes it: hex digits without leading zeros. */
export function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`
}

/** A JSON-RPC number, which a node may leave out. */
export function amountOf(value: unknown): bigint {
  return typeof value === 'string' && value !== '0x' ? BigInt(value) : 0n
}
