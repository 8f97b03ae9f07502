import { type Hex, keccak256, slice, toBytes } from 'viem'

/** What an invoice is on chain: the first 16 bytes of keccak256(id), as hex. */
export function chainInvoiceOf(id: string): Hex {
  return slice(keccak256(toBytes(id)), 0, 16)
}
