import { concat, type Hex, hexToBigInt, keccak256, numberToHex, toRlp } from 'viem'
import { sign } from 'viem/accounts'

/** What the sender of a fee-delegated call (0x31) signs. */
export type DelegatedCall = {
  readonly nonce: bigint
  readonly gasPrice: bigint
  readonly gas: bigint
  readonly to: Hex
  readonly value: bigint
  readonly from: Hex
  readonly data: Hex
}
type Signer = { readonly address: Hex; readonly key: Hex }
type Signature = readonly [v: Hex, r: Hex, s: Hex]

/** Both signatures of a call, and the two forms in which it travels. */
export type Delegated = {
  readonly bySender: Signature
  readonly byPayer: Signature
  readonly senderRaw: Hex
  readonly raw: Hex
}

/** Signs a call by its sender and by the one who pays its fee, as Kaia's documents say. */
export async function delegate(
  call: DelegatedCall,
  sender: Signer,
  payer: Signer,
  chainId: number,
): Promise<Delegated> {
  const inner = toRlp(['0x31', ...bodyOf(call)])
  const id = numberToHex(chainId)
  const bySender = await signList([inner, id, '0x', '0x'], sender.key, chainId)
  const byPayer = await signList(
    [inner, payer.address.toLowerCase() as Hex, id, '0x', '0x'],
    payer.key,
    chainId,
  )
  const senderRaw = concat(['0x31', toRlp([...bodyOf(call), [[...bySender]]])])
  return { bySender, byPayer, senderRaw, raw: assemble(call, bySender, payer.address, byPayer) }
}

/** The wire form from any two signatures. */
export function assemble(
  call: DelegatedCall,
  bySender: Signature,
  payer: Hex,
  byPayer: Signature,
): Hex {
  const payerFields = [payer.toLowerCase() as Hex, [[...byPayer]]] as const
  return concat(['0x31', toRlp([...bodyOf(call), [[...bySender]], ...payerFields])])
}

function bodyOf({ nonce, gasPrice, gas, to, value, from, data }: DelegatedCall): Hex[] {
  return [minimal(nonce), minimal(gasPrice), minimal(gas), to, minimal(value), from, data]
}

async function signList(list: Hex[], privateKey: Hex, chainId: number): Promise<Signature> {
  const { r, s, yParity } = await sign({ hash: keccak256(toRlp(list)), privateKey })
  const v = BigInt((yParity ?? 0) + 2 * chainId + 35)
  return [minimal(v), minimal(hexToBigInt(r)), minimal(hexToBigInt(s))]
}

/** Big-endian bytes without leading zeros; zero is no byte. */
function minimal(value: bigint): Hex {
  return value === 0n ? '0x' : numberToHex(value)
}
