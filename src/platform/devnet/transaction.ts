import { recover } from 'tiny-secp256k1'
import { bytesToHex, hexToBytes, keccak256, parseTransaction, serializeTransaction } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import { refusal } from './errors.ts'

export type Signature = { readonly v: Hex; readonly r: Hex; readonly s: Hex }
export type AccessList = readonly { readonly address: Hex; readonly storageKeys: readonly Hex[] }[]
export type Kind = 'legacy' | 'eip2930' | 'eip1559' | 'eip7702' | 'delegated'

/** A signed transaction as it travels, taken apart. */
export type Transaction = {
  readonly kind: Kind
  readonly raw: Hex
  readonly hash: Hex
  /** Hash of what the sender signed and sent off; the transaction's own unless another pays the fee. */
  readonly senderTxHash: Hex
  /** Undefined: not bound to a chain. */
  readonly chainId: number | undefined
  readonly from: Hex
  readonly to: Hex | null
  readonly nonce: number
  readonly value: bigint
  readonly data: Hex
  readonly gas: bigint
  /** `maxFeePerGas`, or the gas price of kinds that have only that. */
  readonly feeCap: bigint
  readonly tip: bigint
  readonly accessList: AccessList
  readonly authorisations: number
  readonly signature: Signature
  readonly feePayer?: { readonly address: Hex; readonly signature: Signature }
}

const MALFORMED = 'rlp: value size exceeds available input length'
const HIGHEST_ETHEREUM_TYPE = 4
const FIRST_LIST_BYTE = 0xc0

/** Takes apart what comes through `eth_sendRawTransaction`; throws what Kaia answers to anything else. */
export function decodeEthereum(raw: Hex): Transaction {
  if (raw === '0x') throw refusal('Empty input')
  const type = Number.parseInt(raw.slice(2, 4), 16)
  if (type < FIRST_LIST_BYTE && (type === 0 || type > HIGHEST_ETHEREUM_TYPE))
    throw refusal('undefined tx type')
  const parsed = parse(raw)
  if (parsed.type === 'eip4844') throw refusal('transaction type not supported')
  const { r, s, v, yParity, ...unsigned } = parsed
  const parity = yParity ?? (v === undefined ? 0 : Number(v >= 35n ? (v - 35n) % 2n : v - 27n))
  if (r === undefined || s === undefined) throw refusal(MALFORMED)
  const from = signerOf(keccak256(serializeTransaction(unsigned as never)), r, s, parity)
  if (from === undefined) throw refusal('invalid sender')
  const price = parsed.type === 'legacy' || parsed.type === 'eip2930' ? parsed.gasPrice : undefined
  const hash = keccak256(raw)
  return {
    kind: parsed.type ?? 'legacy',
    raw,
    hash,
    senderTxHash: hash,
    chainId: parsed.chainId,
    from,
    to: (parsed.to?.toLowerCase() as Hex | undefined) ?? null,
    nonce: parsed.nonce ?? 0,
    value: parsed.value ?? 0n,
    data: parsed.data ?? '0x',
    gas: parsed.gas ?? 0n,
    feeCap: price ?? ('maxFeePerGas' in parsed ? parsed.maxFeePerGas : undefined) ?? 0n,
    tip:
      price ?? ('maxPriorityFeePerGas' in parsed ? parsed.maxPriorityFeePerGas : undefined) ?? 0n,
    accessList: (parsed.accessList as AccessList | undefined) ?? [],
    authorisations: parsed.type === 'eip7702' ? (parsed.authorizationList?.length ?? 0) : 0,
    signature: {
      v: `0x${(parsed.type === 'legacy' ? (v ?? 0n) : BigInt(parity)).toString(16)}`,
      r,
      s,
    },
  }
}

function parse(raw: Hex) {
  try {
    return parseTransaction(raw)
  } catch {
    throw refusal(MALFORMED)
  }
}

/** Lower-case address whose key signed `digest`; undefined for numbers that are no signature. */
export function signerOf(digest: Hex, r: Hex, s: Hex, parity: number): Hex | undefined {
  const rs = hexToBytes(`0x${r.slice(2).padStart(64, '0')}${s.slice(2).padStart(64, '0')}`)
  try {
    const point = recover(hexToBytes(digest), rs, parity === 1 ? 1 : 0, false)
    if (point === null) return undefined
    return `0x${keccak256(bytesToHex(point.subarray(1))).slice(26)}`
  } catch {
    return undefined
  }
}
