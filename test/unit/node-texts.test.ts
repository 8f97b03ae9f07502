import { describe, expect, it } from 'vitest'
import type { BroadcastAnswer } from '../../src/platform/chain/chain.ts'
import {
  broadcastAnswerOf,
  type ReadMeaning,
  readMeaningOf,
} from '../../src/platform/chain/errors.ts'

/** Words of the three families to a raw transaction, as they come, with their numbers and wrappings. */
const BROADCASTS: Readonly<Record<BroadcastAnswer, readonly string[]>> = {
  accepted: [],
  look: [
    'known transaction: 9f1e25de9a3a2ad0f8ab0c8da7b40b8d3a4e4ee0a3c3e6f5a8b5b2d2b5a4c9d1',
    'there is another tx which has the same nonce in the tx pool',
    'nonce too low',
    'nonce too low: next nonce 5, tx nonce 4',
    'already known',
    'transaction already imported',
  ],
  fee_too_low: [
    'invalid gas fee cap. It must be set to value greater than or equal to baseFee',
    'invalid gas price. It must be set to value greater than or equal to baseFee',
    'max fee per gas less than block base fee: address 0x7b65, maxFeePerGas: 1, baseFee: 25000000000',
    'transaction underpriced',
    'transaction underpriced: gas tip cap 0, minimum needed 1',
    'replacement transaction underpriced',
  ],
  no_gas_money: [
    'insufficient funds of the sender for value ',
    'insufficient funds for gas * price + value',
    'insufficient funds for gas * price + value: balance 0, tx cost 21000, overshot 21000',
    'insufficient funds of the fee payer for gas * price',
    'insufficient balance of the sender to pay for gas',
    'insufficient balance of the fee payer to pay for gas',
  ],
  busy: [
    'txpool is full',
    'txpool is full: 4096',
    'txpool is full and the new tx does not have missing nonce: 7',
    'nonce too high',
    'in-flight transaction limit reached for delegated accounts',
    'gapped-nonce tx from delegated accounts',
    'authority already reserved',
    'gas limit reached',
    'transaction pool is not ready',
    'rate limit exceeded',
    'words that no node has said before',
  ],
  refused: [
    'nonce has max value',
    'max fee per gas higher than max priority fee per gas',
    'max fee per gas higher than 2^256-1',
    'max priority fee per gas higher than 2^256-1',
    'max priority fee per gas higher than max fee per gas',
    'intrinsic gas too low',
    'intrinsic gas too high -- tx.gas_limit > env.cfg.tx_gas_limit_cap',
    'insufficient gas for floor data gas cost: gas 22000, minimum needed 25000',
    'tx gas limit exceeds the upper limit: gas 600000000, limit 500000000',
    'exceeds block gas limit',
    'tx fee (2.00 ether) exceeds the configured cap (1.00 ether)',
    'oversized data',
    'max initcode size exceeded: code size 60000, limit 49152',
    'set code tx must have at least one authorization tuple',
    'invalid sender',
    'invalid sender: a legacy transaction must be with a legacy account key',
    'invalid sender: invalid transaction v, r, s values of the sender',
    'invalid fee payer',
    'invalid fee payer: invalid transaction v, r, s values of the fee payer',
    'fee ratio is out of range [1, 99]',
    'invalid chain id',
    'invalid chain id for signer: have 1 want 1001',
    'transaction type not supported',
    'undefined tx type',
    'recipient must be an EOA with code or an SCA',
  ],
}

/** Words to a question. */
const READS: Readonly<Record<ReadMeaning, readonly string[]>> = {
  behind: [
    'the header does not exist (block number: 9999999)',
    'header not found',
    'unknown block',
    'block not found: 0x5f5e0ff',
    'block range extends beyond current head block',
    'BlockOutOfRangeError: block height is 4 but requested was 9',
    'pending block is not prepared yet',
  ],
  broken: ['fetch failed', 'read ECONNRESET', 'other side closed', 'terminated', 'socket hang up'],
  limited: [
    'rate limit exceeded',
    'Too Many Requests',
    'request rate exceeded',
    'daily request count exceeded, request rate limited',
    'Your app has exceeded its compute units per second capacity.',
    'limit exceeded',
  ],
  too_much: [
    'query returned more than 10000 results',
    'query returned more than 20000 results. Try with this block range [0x1, 0x2].',
    'query timeout exceeded',
    'exceed maximum block range: 5000',
    'block range is too wide',
    'eth_getLogs is limited to a 5 range',
    'Log response size exceeded.',
    'query exceeds max results 20000',
  ],
  no_method: [
    'the method kaia_getAccountKey does not exist/is not available',
    'Method not found',
    'Unsupported method: kaia_getAccountKey',
  ],
  pruned: [
    'missing trie node 2f3a (path ) state 0x2f3a is not available',
    'missing trie node of block 7',
    'historical state 0x1234 is not available',
    'required historical state unavailable (reexec=128)',
  ],
  not_ready: [
    'node is not ready',
    'the node is syncing',
    'Service Unavailable',
    'the server is too busy',
  ],
}

const rowsOf = <Meaning extends string>(table: Readonly<Record<Meaning, readonly string[]>>) =>
  Object.entries<readonly string[]>(table).flatMap(([meaning, texts]) =>
    texts.map((text): [string, string] => [text, meaning]),
  )

describe('the words of a node', () => {
  it.each(rowsOf(BROADCASTS))('"%s" to a raw transaction: %s', (text, answer) => {
    expect(broadcastAnswerOf(text)).toBe(answer)
    expect(broadcastAnswerOf(`err: ${text.toUpperCase()}`)).toBe(answer)
  })

  it.each(rowsOf(READS))('"%s" to a question: %s', (text, meaning) => {
    expect(readMeaningOf(text)).toBe(meaning)
  })

  it.each([
    'execution reverted',
    'pending logs are not supported',
    'invalid argument 0: hex string has length 38',
    'err: insufficient balance for transfer (supplied gas 500000000)',
  ])('"%s" is about the question itself', (text) => {
    expect(readMeaningOf(text)).toBeUndefined()
  })
})
