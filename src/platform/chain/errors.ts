import type { BroadcastAnswer } from './chain.ts'

/**
 * What an answer of a node to a question means: `behind` (it does not have that block yet), `broken` (the connection
 * went, nothing is known), `limited` (too many calls), `too_much` (ask for fewer blocks), `no_method`, `pruned` (it has
 * forgotten that state), `not_ready` (it starts, or catches up).
 */
export type ReadMeaning =
  | 'behind'
  | 'broken'
  | 'limited'
  | 'too_much'
  | 'no_method'
  | 'pruned'
  | 'not_ready'

type Row<Meaning> = readonly [text: string, meaning: Meaning]

/**
 * What nodes of the families geth, anvil and Kaia say to a raw transaction, in lower case. The first text that is part
 * of theirs counts. All of them are said about signed bytes that stand in the journal, so none is evidence.
 */
const BROADCAST_TEXTS: readonly Row<BroadcastAnswer>[] = [
  // The node has it, or a block has taken its nonce: a rebroadcast of a mined transaction looks like a nonce error.
  ['known transaction', 'look'],
  ['already known', 'look'],
  ['already imported', 'look'],
  ['nonce too low', 'look'],
  ['same nonce in the tx pool', 'look'],
  // The fee is below the next base fee, or not enough above that of the same nonce in the pool.
  ['invalid gas fee cap', 'fee_too_low'],
  ['invalid gas price', 'fee_too_low'],
  ['less than block base fee', 'fee_too_low'],
  ['replacement transaction underpriced', 'fee_too_low'],
  ['transaction underpriced', 'fee_too_low'],
  ['gas price too low', 'fee_too_low'],
  ['insufficient funds', 'no_gas_money'],
  ['insufficient balance', 'no_gas_money'],
  // A pool that is full, an account whose turn has not come, a node that has lost the transactions before this one.
  ['pool is full', 'busy'],
  ['pool is not ready', 'busy'],
  ['txpool overflow', 'busy'],
  ['account limit exceeded', 'busy'],
  ['future transaction tries to replace', 'busy'],
  ['nonce too high', 'busy'],
  ['in-flight transaction limit', 'busy'],
  ['gapped-nonce', 'busy'],
  ['authority already reserved', 'busy'],
  ['address already reserved', 'busy'],
  ['gas limit reached', 'busy'],
  // What no waiting mends: a mistake of ours, of the configuration, or of the account's key.
  ['nonce has max value', 'refused'],
  ['max fee per gas higher', 'refused'],
  ['max priority fee per gas higher', 'refused'],
  ['intrinsic gas too', 'refused'],
  ['floor data gas', 'refused'],
  ['gas limit exceeds', 'refused'],
  ['exceeds block gas limit', 'refused'],
  ['exceeds the configured cap', 'refused'],
  ['oversized data', 'refused'],
  ['initcode size exceeded', 'refused'],
  ['authorization tuple', 'refused'],
  ['invalid sender', 'refused'],
  ['invalid fee payer', 'refused'],
  ['fee ratio', 'refused'],
  ['invalid chain id', 'refused'],
  ['only replay-protected', 'refused'],
  ['type not supported', 'refused'],
  ['undefined tx type', 'refused'],
  ['recipient must be an eoa with code', 'refused'],
  ['gas uint64 overflow', 'refused'],
  ['negative value', 'refused'],
  ['failed to decode signed transaction', 'refused'],
  ['rlp:', 'refused'],
]

/** What the same families, and the services in front of them, say to a question. The first text counts. */
const READ_TEXTS: readonly Row<ReadMeaning>[] = [
  ['header does not exist', 'behind'],
  ['header not found', 'behind'],
  ['block range extends beyond', 'behind'],
  ['unknown block', 'behind'],
  ['block not found', 'behind'],
  ['blockoutofrange', 'behind'],
  ['pending block is not prepared', 'behind'],
  ['query returned more than', 'too_much'],
  ['query timeout', 'too_much'],
  ['query exceeds', 'too_much'],
  ['response size', 'too_much'],
  ['block range', 'too_much'],
  ['range too large', 'too_much'],
  ['range is too', 'too_much'],
  ['eth_getlogs is limited', 'too_much'],
  ['too many results', 'too_much'],
  ['logs matched', 'too_much'],
  ['does not exist/is not available', 'no_method'],
  ['method not found', 'no_method'],
  ['method not supported', 'no_method'],
  ['unsupported method', 'no_method'],
  ['missing trie node', 'pruned'],
  ['historical state', 'pruned'],
  ['state is not available', 'pruned'],
  ['state not available', 'pruned'],
  ['state histories', 'pruned'],
  ['pruned', 'pruned'],
  ['rate limit', 'limited'],
  ['ratelimit', 'limited'],
  ['rate exceeded', 'limited'],
  ['too many requests', 'limited'],
  ['limit exceeded', 'limited'],
  ['request count exceeded', 'limited'],
  ['compute units', 'limited'],
  ['quota', 'limited'],
  ['not ready', 'not_ready'],
  ['syncing', 'not_ready'],
  ['initial sync', 'not_ready'],
  ['starting up', 'not_ready'],
  ['service unavailable', 'not_ready'],
  ['too busy', 'not_ready'],
  ['fetch failed', 'broken'],
  ['socket', 'broken'],
  ['terminated', 'broken'],
  ['econnreset', 'broken'],
  ['epipe', 'broken'],
  ['other side closed', 'broken'],
]

/**
 * What a node's words about a raw transaction ask for. Words that nobody has written down here yet are `busy`: the same
 * bytes again can do no harm, and every other answer would claim to know something.
 */
export function broadcastAnswerOf(text: string): BroadcastAnswer {
  return meaningOf(BROADCAST_TEXTS, text) ?? 'busy'
}

/** What a node's words to a question mean, or undefined for words about the question itself. */
export function readMeaningOf(text: string): ReadMeaning | undefined {
  return meaningOf(READ_TEXTS, text)
}

/** Whether a node says that the transaction is for another chain than its own. */
export function meansOtherChain(text: string): boolean {
  return /invalid chain id/i.test(text)
}

function meaningOf<Meaning>(rows: readonly Row<Meaning>[], text: string): Meaning | undefined {
  const lower = text.toLowerCase()
  return rows.find(([part]) => lower.includes(part))?.[1]
}
