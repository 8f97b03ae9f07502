/** A payer's replay window on chain: bit `i` of `used` is nonce `base + i`; every nonce below `base` is spent. */
export type ReplayWindow = { readonly base: bigint; readonly used: bigint }

const WINDOW_BITS = 64n

function isUsed({ base, used }: ReplayWindow, nonce: bigint): boolean {
  return nonce < base + WINDOW_BITS && (used & (1n << (nonce - base))) !== 0n
}

/** Whether the chain would still accept this nonce. */
export function isNonceFree(window: ReplayWindow, nonce: bigint): boolean {
  return nonce >= window.base && !isUsed(window, nonce)
}

/**
 * The lowest nonce that neither the chain nor an open offer has used. Undefined when 64 offers of one payer are
 * open: a nonce further on would slide the window on chain over one of them and cancel it.
 */
export function lowestFreeNonce(
  window: ReplayWindow,
  reserved: ReadonlySet<bigint>,
): bigint | undefined {
  let firstUnused = window.base
  while (isUsed(window, firstUnused)) firstUnused++
  for (let nonce = firstUnused; nonce < firstUnused + WINDOW_BITS; nonce++)
    if (isNonceFree(window, nonce) && !reserved.has(nonce)) return nonce
  return undefined
}
