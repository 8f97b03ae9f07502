import { keccak256, numberToHex } from 'viem'
import type { Hex } from '../../kernel/hex.ts'
import type { Signer } from '../../kernel/signer.ts'
import { type DelegationRefusal, DelegationRefused } from './delegation-refusals.ts'
import { broadcastAnswerOf } from './errors.ts'
import {
  type DelegatedCall,
  decodeSentCall,
  encodePaidCall,
  encodeSentCall,
  kaiaSignature,
  payerDigest,
  type SentCall,
} from './fee-delegation.ts'
import {
  refusalOfCall,
  refusalOfFacts,
  type SponsorFacts,
  type SponsorPolicy,
} from './sponsorship.ts'

const SEND = 'kaia_sendRawTransaction'
/** Kaia takes this much more for a delegated fee; what the call itself has is the rest. */
const DELEGATION_GAS = 10_000n
/** The key type of an account whose key belongs to its address. */
const OWN_KEY = 1

type Ask = <Answer>(method: string, params: readonly unknown[]) => Promise<Answer>

/** A call whose fee is promised: the bytes for the node, and both hashes. */
export type Sponsorship = {
  readonly senderTxHash: Hex
  readonly txHash: Hex
  readonly raw: Hex
  readonly call: DelegatedCall
  readonly payer: Hex
}

/** Where sponsorships are kept before they travel. It must outlive the process: a table with a unique SenderTxHash. */
export type SponsorJournal = {
  has(senderTxHash: Hex): Promise<boolean>
  /** Keeps a sponsorship unless there is one of this SenderTxHash. Answers whether it was kept. */
  keep(sponsorship: Sponsorship): Promise<boolean>
}

export type Sponsor = {
  /** One question to a node of Kaia's. Throws when there is no answer, and with the node's words when it refuses. */
  readonly ask: Ask
  /** Whose KAIA pays. */
  readonly payer: Signer
  readonly policy: SponsorPolicy
  readonly journal: SponsorJournal
}

export type SponsorAnswer =
  | { readonly outcome: 'sent'; readonly txHash: Hex; readonly senderTxHash: Hex }
  | { readonly outcome: 'refused'; readonly reason: DelegationRefusal }

/**
 * Pays the fee of a call that a shopper has signed, and hands it to a node. Nothing is signed that a check refuses, and
 * nothing is sent that is not in the journal. Throws when the node does not answer or does not take the bytes: they stand
 * in the journal then, and `sendPaidCall` may send them again. Whether it succeeded, its receipt or the token's log says.
 */
export async function sponsorAndSend(sponsor: Sponsor, senderRaw: Hex): Promise<SponsorAnswer> {
  const { ask, journal } = sponsor
  try {
    const sponsorship = await promise(sponsor, decodeSentCall(senderRaw))
    if (!(await journal.keep(sponsorship))) throw new DelegationRefused('already_sponsored')
    await sendPaidCall(ask, sponsorship.raw)
    const { txHash, senderTxHash } = sponsorship
    return { outcome: 'sent', txHash, senderTxHash }
  } catch (error) {
    if (error instanceof DelegationRefused) return { outcome: 'refused', reason: error.reason }
    throw error
  }
}

/** Hands the bytes of a sponsorship to a node, any number of times: a node that has them is content. */
export async function sendPaidCall(ask: Ask, raw: Hex): Promise<void> {
  try {
    await ask<Hex>(SEND, [raw])
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    if (broadcastAnswerOf(words) !== 'look') throw error
  }
}

async function promise({ ask, payer, policy, journal }: Sponsor, sent: SentCall) {
  refuse(refusalOfCall(sent, policy))
  const senderTxHash = keccak256(encodeSentCall(sent))
  refuse(refusalOfFacts(sent, await factsOf(ask, journal, sent.call, senderTxHash)))
  await rehearse(ask, sent.call)
  const { call, bySender } = sent
  const digest = payerDigest(call, payer.address, policy.chainId)
  const byPayer = kaiaSignature(await payer.sign(digest), policy.chainId)
  const raw = encodePaidCall({ call, bySender, payer: payer.address, byPayer })
  return { senderTxHash, txHash: keccak256(raw), raw, call, payer: payer.address }
}

function refuse(reason: DelegationRefusal | undefined): void {
  if (reason !== undefined) throw new DelegationRefused(reason)
}

async function factsOf(
  ask: Ask,
  journal: SponsorJournal,
  { from }: DelegatedCall,
  senderTxHash: Hex,
): Promise<SponsorFacts> {
  const [nonce, key, block, isSponsored] = await Promise.all([
    ask<Hex>('eth_getTransactionCount', [from, 'latest']),
    ask<{ readonly keyType: number } | null>('kaia_getAccountKey', [from, 'latest']),
    ask<{ readonly baseFeePerGas?: Hex }>('eth_getBlockByNumber', ['latest', false]),
    journal.has(senderTxHash),
  ])
  return {
    senderNonce: BigInt(nonce),
    // An account that no block knows yet has no other key.
    hasOwnKey: key === null || key.keyType === OWN_KEY,
    baseFeePerGas: BigInt(block.baseFeePerGas ?? '0x0'),
    isSponsored,
  }
}

/** A call that reverts costs its payer all the same. */
async function rehearse(ask: Ask, { from, to, data, gas }: DelegatedCall): Promise<void> {
  if (gas <= DELEGATION_GAS) throw new DelegationRefused('would_fail')
  try {
    await ask<Hex>('eth_call', [
      { from, to, data, gas: numberToHex(gas - DELEGATION_GAS) },
      'latest',
    ])
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    if (/revert|out ?of ?gas|intrinsic gas/i.test(words)) throw new DelegationRefused('would_fail')
    throw error
  }
}
