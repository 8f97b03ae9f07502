import { bytesToHex } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import { DelegationRefused } from './delegation-refusals.ts'

export type RlpItem = Hex | readonly RlpItem[]

const SHORT_BYTES = 0x80
const LONG_BYTES = 0xb8
const SHORT_LIST = 0xc0
const LONG_LIST = 0xf8
/** A list whose length takes more bytes than this fits in no transaction. */
const LENGTH_BYTES = 4

type Read = { readonly item: RlpItem; readonly end: number }

/**
 * Takes one RLP item apart. Strict, as Kaia's own decoder is: the only encoding of what it holds, and nothing after it.
 * Throws DelegationRefused. `depth` is how many lists may stand in one another.
 */
export function decodeRlp(bytes: Uint8Array, depth: number): RlpItem {
  const { item, end } = readItem(bytes, 0, bytes.length, depth)
  if (end !== bytes.length) throw new DelegationRefused('rlp_trailing_bytes')
  return item
}

/** The item that begins at `at` and must end at `limit` or before. */
function readItem(bytes: Uint8Array, at: number, limit: number, depth: number): Read {
  const first = bytes[at]
  if (first === undefined || at >= limit) throw new DelegationRefused('rlp_cut_off')
  if (first < SHORT_BYTES) return { item: bytesToHex(bytes.subarray(at, at + 1)), end: at + 1 }
  const isList = first >= SHORT_LIST
  const { start, end } = readSpan(bytes, at, limit, first, isList)
  if (isList) return { item: readList(bytes, start, end, depth), end }
  const isOneSmallByte = end === start + 1 && (bytes[start] ?? 0) < SHORT_BYTES
  if (isOneSmallByte) throw new DelegationRefused('rlp_not_canonical')
  return { item: bytesToHex(bytes.subarray(start, end)), end }
}

function readSpan(
  bytes: Uint8Array,
  at: number,
  limit: number,
  first: number,
  isList: boolean,
): { readonly start: number; readonly end: number } {
  const [short, long] = isList ? [SHORT_LIST, LONG_LIST] : [SHORT_BYTES, LONG_BYTES]
  const lengthBytes = first < long ? 0 : first - long + 1
  const start = at + 1 + lengthBytes
  if (lengthBytes > LENGTH_BYTES || start > limit) throw new DelegationRefused('rlp_cut_off')
  const written = bytes.subarray(at + 1, start)
  const length =
    lengthBytes === 0 ? first - short : written.reduce((sum, byte) => sum * 256 + byte, 0)
  if (lengthBytes > 0 && (written[0] === 0 || length < long - short))
    throw new DelegationRefused('rlp_not_canonical')
  if (start + length > limit) throw new DelegationRefused('rlp_cut_off')
  return { start, end: start + length }
}

function readList(
  bytes: Uint8Array,
  start: number,
  end: number,
  depth: number,
): readonly RlpItem[] {
  if (depth === 0) throw new DelegationRefused('rlp_too_deep')
  const items: RlpItem[] = []
  for (let at = start; at < end; ) {
    const read = readItem(bytes, at, end, depth - 1)
    items.push(read.item)
    at = read.end
  }
  return items
}
