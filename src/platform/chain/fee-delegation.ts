import { concat, hexToBytes, keccak256, numberToHex, size, toRlp } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import type { RecoverableSignature } from '../../kernel/signer.ts'
import { DelegationRefused } from './delegation-refusals.ts'
import { decodeRlp, type RlpItem } from './rlp.ts'
import { recoverPayer } from './typed-data.ts'

/** Kaia's fee-delegated contract call: its sender signs what is called, and another account pays the fee. */
const TYPE = '0x31'
const MAX_BYTES = 128 * 1024
/** The fields, the list of signatures, a signature in it. */
const DEPTH = 3
const UINT64 = 8
const UINT256 = 32

/** What both parties sign. Addresses in lower case; `value` and `gasPrice` in kei. */
export type DelegatedCall = {
  readonly nonce: bigint
  readonly gasPrice: bigint
  readonly gas: bigint
  readonly to: Hex
  readonly value: bigint
  readonly from: Hex
  readonly data: Hex
}

/** A signature as it travels: v is the parity + twice the chain id + 35. */
export type KaiaSignature = { readonly v: bigint; readonly r: bigint; readonly s: bigint }

/** A call as its sender hands it over. Whoever pays is not in it: any account may. */
export type SentCall = { readonly call: DelegatedCall; readonly bySender: KaiaSignature }

/** A call with both signatures, ready for a node. */
export type PaidCall = SentCall & { readonly payer: Hex; readonly byPayer: KaiaSignature }

/** What the sender signs. */
export function senderDigest(call: DelegatedCall, chainId: number): Hex {
  return keccak256(toRlp([toRlp([TYPE, ...bodyOf(call)]), numberToHex(chainId), '0x', '0x']))
}

/** What the one who pays the fee signs. */
export function payerDigest(call: DelegatedCall, payer: Hex, chainId: number): Hex {
  return keccak256(toRlp([toRlp([TYPE, ...bodyOf(call)]), payer, numberToHex(chainId), '0x', '0x']))
}

/** A signature of either party for a chain. */
export function kaiaSignature(signature: RecoverableSignature, chainId: number): KaiaSignature {
  return {
    v: BigInt(signature.yParity) + firstV(chainId),
    r: BigInt(signature.r),
    s: BigInt(signature.s),
  }
}

/** Lower-case address that signed a digest for a chain; undefined for a high s and for numbers that are no signature. */
export function signerOf(
  digest: Hex,
  { v, r, s }: KaiaSignature,
  chainId: number,
): Hex | undefined {
  if (!isForChain({ v }, chainId)) return undefined
  const parity = v === firstV(chainId) ? '00' : '01'
  return recoverPayer(digest, `0x${word(r)}${word(s)}${parity}`)
}

export function isForChain({ v }: Pick<KaiaSignature, 'v'>, chainId: number): boolean {
  const first = firstV(chainId)
  return v === first || v === first + 1n
}

/** The bytes that the sender hands over; their Keccak hash is the SenderTxHash, by which a wallet finds its call again. */
export function encodeSentCall({ call, bySender }: SentCall): Hex {
  return concat([TYPE, toRlp([...bodyOf(call), [fieldsOf(bySender)]])])
}

/** The bytes for `kaia_sendRawTransaction`; their Keccak hash is the transaction's. */
export function encodePaidCall({ call, bySender, payer, byPayer }: PaidCall): Hex {
  const fields = [...bodyOf(call), [fieldsOf(bySender)], payer, [fieldsOf(byPayer)]]
  return concat([TYPE, toRlp(fields)])
}

/**
 * Takes apart what a wallet gives its application. Two forms are in use: without the payer's two fields, and with the
 * placeholders that caver-js writes there. Throws DelegationRefused for everything else.
 */
export function decodeSentCall(raw: Hex): SentCall {
  const fields = fieldsFrom(raw)
  if (fields.length === 10) requireNoPayer(fields[8], fields[9])
  else if (fields.length !== 8) throw new DelegationRefused('wrong_fields')
  return { call: callFrom(fields), bySender: signatureFrom(fields[7]) }
}

/** Takes apart what travels to a node. Throws DelegationRefused for everything but the one form of it. */
export function decodePaidCall(raw: Hex): PaidCall {
  const fields = fieldsFrom(raw)
  if (fields.length !== 10) throw new DelegationRefused('wrong_fields')
  return {
    call: callFrom(fields),
    bySender: signatureFrom(fields[7]),
    payer: addressFrom(fields[8]),
    byPayer: signatureFrom(fields[9]),
  }
}

function bodyOf({ nonce, gasPrice, gas, to, value, from, data }: DelegatedCall): Hex[] {
  return [minimal(nonce), minimal(gasPrice), minimal(gas), to, minimal(value), from, data]
}

function fieldsOf({ v, r, s }: KaiaSignature): Hex[] {
  return [minimal(v), minimal(r), minimal(s)]
}

function fieldsFrom(raw: Hex): readonly RlpItem[] {
  if (!/^0x([0-9a-fA-F]{2})+$/.test(raw)) throw new DelegationRefused('not_hex')
  if (size(raw) > MAX_BYTES) throw new DelegationRefused('too_long')
  if (!raw.startsWith(TYPE)) throw new DelegationRefused('wrong_type')
  const item = decodeRlp(hexToBytes(raw).subarray(1), DEPTH)
  if (typeof item === 'string') throw new DelegationRefused('wrong_fields')
  return item
}

function callFrom(fields: readonly RlpItem[]): DelegatedCall {
  return {
    nonce: integerFrom(fields[0], UINT64),
    gasPrice: integerFrom(fields[1], UINT256),
    gas: integerFrom(fields[2], UINT64),
    to: addressFrom(fields[3]),
    value: integerFrom(fields[4], UINT256),
    from: addressFrom(fields[5]),
    data: bytesFrom(fields[6]),
  }
}

function bytesFrom(field: RlpItem | undefined): Hex {
  if (typeof field !== 'string') throw new DelegationRefused('wrong_fields')
  return field
}

function addressFrom(field: RlpItem | undefined): Hex {
  const bytes = bytesFrom(field)
  if (size(bytes) !== 20) throw new DelegationRefused('wrong_fields')
  return bytes
}

function integerFrom(field: RlpItem | undefined, maxBytes: number): bigint {
  const bytes = bytesFrom(field)
  if (bytes.startsWith('0x00')) throw new DelegationRefused('integer_not_minimal')
  if (size(bytes) > maxBytes) throw new DelegationRefused('integer_too_large')
  return bytes === '0x' ? 0n : BigInt(bytes)
}

/** Accounts with several keys put several signatures there. */
function signatureFrom(field: RlpItem | undefined): KaiaSignature {
  if (typeof field !== 'object') throw new DelegationRefused('wrong_fields')
  const [one] = field
  if (field.length !== 1) throw new DelegationRefused('not_one_signature')
  if (typeof one !== 'object' || one.length !== 3) throw new DelegationRefused('wrong_fields')
  const [v, r, s] = one
  return { v: integerFrom(v, UINT256), r: integerFrom(r, UINT256), s: integerFrom(s, UINT256) }
}

/** caver-js names nobody, or the zero address, and gives the signature (1, 0, 0). */
function requireNoPayer(payer: RlpItem | undefined, signatures: RlpItem | undefined): void {
  const isNobody = payer === '0x' || payer === `0x${'00'.repeat(20)}`
  const { v, r, s } = signatureFrom(signatures)
  if (!isNobody || v !== 1n || r !== 0n || s !== 0n) throw new DelegationRefused('payer_named')
}

function firstV(chainId: number): bigint {
  return 2n * BigInt(chainId) + 35n
}

function word(value: bigint): string {
  return value.toString(16).padStart(64, '0')
}

/** Big-endian bytes without leading zeros; zero is no byte. */
function minimal(value: bigint): Hex {
  return value === 0n ? '0x' : numberToHex(value)
}
