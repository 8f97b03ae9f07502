import { concat, fromRlp, keccak256, numberToHex, toRlp } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import { refusal } from './errors.ts'
import { decodeEthereum, type Signature, signerOf, type Transaction } from './transaction.ts'

/** Kaia's fee-delegated contract call. */
const DELEGATED_CALL = '0x31'
const ETHEREUM_ENVELOPE = '0x78'
const MALFORMED = 'rlp: value size exceeds available input length'

type Field = Hex | readonly Field[]

/** Takes apart what comes through `kaia_sendRawTransaction`: Ethereum's kinds, and 0x31 with both signatures. */
export function decodeKaia(raw: Hex, chainId: number): Transaction {
  if (raw.startsWith(DELEGATED_CALL)) return decodeDelegated(raw, chainId)
  if (raw.startsWith(ETHEREUM_ENVELOPE)) return decodeEthereum(`0x${raw.slice(4)}`)
  return decodeEthereum(raw)
}

function decodeDelegated(raw: Hex, chainId: number): Transaction {
  const fields = listOf(raw)
  const body = fields.slice(0, 7).map(hexOf)
  const [nonce, gasPrice, gas, to, value, from, data] = body
  const sender = signatureOf(fields[7])
  const payer = hexOf(fields[8])
  const payerSignature = signatureOf(fields[9])
  if (fields.length !== 10 || from?.length !== 42 || to?.length !== 42 || payer.length !== 42)
    throw refusal(MALFORMED)
  if (chainOf(sender) !== chainId || chainOf(payerSignature) !== chainId)
    throw refusal('invalid chain id')
  const inner = toRlp([DELEGATED_CALL, ...body])
  const id = numberToHex(chainId)
  if (signerOfList([inner, id, '0x', '0x'], sender) !== from)
    throw refusal('invalid sender: invalid account key')
  if (signerOfList([inner, payer, id, '0x', '0x'], payerSignature) !== payer)
    throw refusal('invalid fee payer: invalid account key')
  const price = numberOf(gasPrice)
  return {
    kind: 'delegated',
    raw,
    hash: keccak256(raw),
    senderTxHash: keccak256(
      concat([DELEGATED_CALL, toRlp([...body, fields[7] as readonly Hex[]] as never)]),
    ),
    chainId,
    from,
    to,
    nonce: Number(numberOf(nonce)),
    value: numberOf(value),
    data: data ?? '0x',
    gas: numberOf(gas),
    feeCap: price,
    tip: price,
    accessList: [],
    authorisations: 0,
    signature: sender,
    feePayer: { address: payer, signature: payerSignature },
  }
}

function listOf(raw: Hex): readonly Field[] {
  try {
    const list = fromRlp(`0x${raw.slice(4)}`) as Field
    if (Array.isArray(list)) return list
  } catch {
    // Told below, in Kaia's words.
  }
  throw refusal(MALFORMED)
}

function hexOf(field: Field | undefined): Hex {
  if (typeof field !== 'string') throw refusal(MALFORMED)
  return field
}

/** The one signature of a plain key; accounts with several keys are not imitated. */
function signatureOf(field: Field | undefined): Signature {
  const first = Array.isArray(field) ? (field[0] as Field | undefined) : undefined
  if (!Array.isArray(first) || first.length !== 3) throw refusal(MALFORMED)
  const [v, r, s] = first.map(hexOf)
  return { v: v ?? '0x', r: r ?? '0x', s: s ?? '0x' }
}

function chainOf({ v }: Signature): number {
  return Math.floor((Number(numberOf(v)) - 35) / 2)
}

function signerOfList(list: readonly Hex[], { v, r, s }: Signature): Hex | undefined {
  return signerOf(keccak256(toRlp([...list])), r, s, Number((numberOf(v) - 35n) % 2n))
}

function numberOf(field: Hex | undefined): bigint {
  return field === undefined || field === '0x' ? 0n : BigInt(field)
}
