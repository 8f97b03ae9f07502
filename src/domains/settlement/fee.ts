/** Fourteen rises of Kaia's base fee, five per cent each, fit in. */
const MARGIN = 2n
/** Twice Kaia's lowest base fee. */
const LEAST = 50_000_000_000n

/**
 * The fee cap, in wei (kei on Kaia) per gas, of a transaction that is signed now; undefined when the chain asks more
 * than the operator allows.
 */
export function firstFee(baseFeePerGas: bigint, ceiling: bigint): bigint | undefined {
  if (baseFeePerGas > ceiling) return undefined
  const wished = baseFeePerGas * MARGIN > LEAST ? baseFeePerGas * MARGIN : LEAST
  return wished < ceiling ? wished : ceiling
}

/**
 * The fee cap of another attempt under the same nonce: a quarter more at least, as geth's pools ask a tenth and Kaia's
 * anything. Undefined when the ceiling leaves no room.
 */
export function higherFee(
  last: bigint,
  baseFeePerGas: bigint,
  ceiling: bigint,
): bigint | undefined {
  const fresh = firstFee(baseFeePerGas, ceiling)
  if (fresh === undefined) return undefined
  const raised = (last * 5n) / 4n + 1n
  const wished = raised > fresh ? raised : fresh
  const fee = wished < ceiling ? wished : ceiling
  return fee > last ? fee : undefined
}
