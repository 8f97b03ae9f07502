import { decodeFunctionData, encodeFunctionData, toFunctionSelector } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import { krwTokenAbi } from './contracts/krw-token.ts'
import type { DelegationRefusal } from './delegation-refusals.ts'
import { isForChain, type SentCall, senderDigest, signerOf } from './fee-delegation.ts'

/**
 * The one function that a shopper needs: won to a shop. A shopper who pays by signature needs no transaction at all,
 * `settleBatch` is the settlers', and an approval would let a third account take the money.
 */
const TRANSFER = toFunctionSelector('transfer(address,uint256)')

export type SponsorPolicy = {
  readonly chainId: number
  readonly token: Hex
  /** Settlement addresses, in lower case, to which won may go. */
  readonly receivers: ReadonlySet<Hex>
  readonly maxGas: bigint
  /** Kei. The payer pays the price in full, not the base fee alone. */
  readonly maxGasPrice: bigint
}

/** What only a node and the journal know of a call. */
export type SponsorFacts = {
  /** How many transactions of the sender are in blocks. */
  readonly senderNonce: bigint
  /** Whether the key of the sender's address signs for it. */
  readonly hasOwnKey: boolean
  /** Kei per gas. */
  readonly baseFeePerGas: bigint
  /** A call of this SenderTxHash has been paid for. */
  readonly isSponsored: boolean
}

/** Why the fee of a call is not paid, by the call alone; undefined when nothing speaks against it. Asks nobody. */
export function refusalOfCall(
  sent: SentCall,
  policy: SponsorPolicy,
): DelegationRefusal | undefined {
  const { call, bySender } = sent
  if (!isForChain(bySender, policy.chainId)) return 'wrong_chain'
  if (call.to !== policy.token.toLowerCase()) return 'wrong_contract'
  if (call.value !== 0n) return 'value_not_zero'
  if (call.gas > policy.maxGas) return 'gas_too_high'
  if (call.gasPrice > policy.maxGasPrice) return 'gas_price_too_high'
  const refusal = refusalOfData(call.data, policy.receivers)
  if (refusal !== undefined) return refusal
  const signer = signerOf(senderDigest(call, policy.chainId), bySender, policy.chainId)
  return signer === call.from ? undefined : 'wrong_signer'
}

/** Why the fee of a call is not paid now. */
export function refusalOfFacts(
  { call }: SentCall,
  facts: SponsorFacts,
): DelegationRefusal | undefined {
  if (facts.isSponsored) return 'already_sponsored'
  if (!facts.hasOwnKey) return 'key_changed'
  if (call.nonce !== facts.senderNonce) return 'wrong_nonce'
  if (call.gasPrice < facts.baseFeePerGas) return 'gas_price_too_low'
  return undefined
}

function refusalOfData(data: Hex, receivers: ReadonlySet<Hex>): DelegationRefusal | undefined {
  if (data.slice(0, 10) !== TRANSFER) return 'wrong_function'
  const args = transferArgs(data)
  if (args === undefined || args[1] === 0n) return 'wrong_arguments'
  return receivers.has(args[0].toLowerCase() as Hex) ? undefined : 'wrong_receiver'
}

/** Receiver and amount, or undefined when the bytes are not exactly those that the two make. */
function transferArgs(data: Hex): readonly [Hex, bigint] | undefined {
  try {
    const call = decodeFunctionData({ abi: krwTokenAbi, data })
    if (call.functionName !== 'transfer') return undefined
    return encodeFunctionData({ abi: krwTokenAbi, ...call }) === data ? call.args : undefined
  } catch {
    return undefined
  }
}
