import { type Hex, keccak256, parseTransaction, serializeTransaction } from 'viem'
import type { Signer } from '../../kernel/signer.ts'

export type Transaction = {
  readonly chainId: number
  readonly nonce: bigint
  readonly to: Hex
  readonly data: Hex
  readonly gas: bigint
  /** Wei (kei on Kaia) that go along; nothing when absent. */
  readonly value?: bigint
  /** Wei (kei on Kaia) per gas. */
  readonly maxFeePerGas: bigint
}

/** A signed type-2 transaction (EIP-1559) without tip, as it would travel, and its hash. */
export async function signTransaction(
  signer: Signer,
  transaction: Transaction,
): Promise<{ readonly raw: Hex; readonly txHash: Hex }> {
  const unsigned = {
    type: 'eip1559',
    chainId: transaction.chainId,
    nonce: Number(transaction.nonce),
    to: transaction.to,
    data: transaction.data,
    value: transaction.value ?? 0n,
    gas: transaction.gas,
    maxFeePerGas: transaction.maxFeePerGas,
    maxPriorityFeePerGas: 0n,
  } as const
  const signature = await signer.sign(keccak256(serializeTransaction(unsigned)))
  const raw = serializeTransaction(unsigned, signature)
  return { raw, txHash: keccak256(raw) }
}

/** The same type-2 transaction, under the same nonce and with the same calldata, at another fee. Throws for other types. */
export async function withHigherFee(
  signer: Signer,
  raw: Hex,
  maxFeePerGas: bigint,
): Promise<{ readonly raw: Hex; readonly txHash: Hex }> {
  const { type, chainId, nonce, to, data, gas, value } = parseTransaction(raw)
  if (type !== 'eip1559' || chainId === undefined || gas === undefined || !to)
    throw new Error('Only a signed type-2 call can be sent again at another fee')
  return signTransaction(signer, {
    ...{ chainId, gas, to, maxFeePerGas, value: value ?? 0n },
    nonce: BigInt(nonce ?? 0),
    data: data ?? '0x',
  })
}
