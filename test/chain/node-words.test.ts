import { generatePrivateKey } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import type { BroadcastAnswer, Chain } from '../../src/platform/chain/chain.ts'
import { readMeaningOf } from '../../src/platform/chain/errors.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { openRpc } from '../../src/platform/chain/rpc.ts'
import { signTransaction, type Transaction } from '../../src/platform/chain/transaction.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { until } from '../support/until.ts'
import { type ChainWorld, openChainWorld } from '../support/world.ts'

const FEE = 100_000_000_000n

/** What our development chain, which speaks as a real Kaia node did, says to transactions of every fault. */
describe('the words of a node over the wire', () => {
  let world: ChainWorld
  let chain: Chain
  beforeAll(async () => {
    world = await openChainWorld()
    chain = openEvmChain({ ...world, rpcUrls: [world.rpcUrl] })
  })
  afterAll(() => chain.close())

  const sign = async (change: Partial<Transaction> = {}, signer = world.owner): Promise<Hex> => {
    const transaction: Transaction = {
      chainId: world.chainId,
      nonce: await chain.nonce(signer.address),
      to: world.token,
      data: '0x',
      gas: 100_000n,
      maxFeePerGas: FEE,
      ...change,
    }
    return (await signTransaction(signer, transaction)).raw
  }
  const bytes = (count: number): Hex => `0x${'11'.repeat(count)}`
  const poor = localSigner(secret(generatePrivateKey()))

  const CASES: readonly (readonly [string, () => Promise<Hex>, BroadcastAnswer, RegExp])[] = [
    [
      'a fee cap below the base fee',
      () => sign({ maxFeePerGas: 1n }),
      'fee_too_low',
      /gas fee cap/,
    ],
    ['an empty account', () => sign({}, poor), 'no_gas_money', /insufficient funds of the sender/],
    ['gas below intrinsic', () => sign({ gas: 20_000n }), 'refused', /intrinsic gas too low/],
    [
      'gas below the data floor',
      () => sign({ gas: 23_000n, data: bytes(100) }),
      'refused',
      /floor data gas cost/,
    ],
    [
      'a gas limit above the upper one',
      () => sign({ gas: 600_000_000n }),
      'refused',
      /upper limit/,
    ],
    [
      'more than 128 KiB',
      () => sign({ gas: 20_000_000n, data: bytes(131_100) }),
      'refused',
      /oversized data/,
    ],
    ['another chain', () => sign({ chainId: 8_217 }), 'refused', /invalid chain id/],
    [
      'a kind of transaction that it does not know',
      async () => '0x31c0',
      'refused',
      /undefined tx type/,
    ],
    ['garbage', async () => '0x02dead', 'refused', /.+/],
  ]
  it.each(CASES)('%s', async (_words, raw, answer, text) => {
    expect(await chain.broadcast(await raw())).toEqual({
      answer,
      text: expect.stringMatching(text),
    })
  })

  it('a transaction sent, sent again, sent beside another one, and sent again when it is mined', async () => {
    const signer = world.freezer
    const nonce = await chain.nonce(signer.address)
    // It waits for the one before it, so that the pool holds it for as long as this takes.
    const waiting = await sign({ nonce: nonce + 1n, gas: 30_000n, to: signer.address }, signer)
    const other = await sign({ nonce: nonce + 1n, gas: 40_000n, to: signer.address }, signer)
    const before = await sign({ nonce, to: signer.address }, signer)
    expect(await chain.broadcast(waiting)).toEqual({ answer: 'accepted', text: '' })
    expect(await chain.broadcast(waiting)).toMatchObject({
      answer: 'look',
      text: expect.stringContaining('known transaction: '),
    })
    expect(await chain.broadcast(other)).toMatchObject({
      answer: 'look',
      text: expect.stringContaining('same nonce in the tx pool'),
    })
    expect(await chain.broadcast(before)).toMatchObject({ answer: 'accepted' })
    await until('both mined', async () => (await chain.nonce(signer.address)) === nonce + 2n)
    expect(await chain.broadcast(waiting)).toMatchObject({ answer: 'look', text: 'nonce too low' })
  })

  const wordsTo = async (method: string, params: readonly unknown[]): Promise<string> => {
    const rpc = openRpc(inject('chainUrl'))
    const [reply] = await rpc.send([{ method, params }], 5_000)
    rpc.close()
    return reply !== undefined && 'error' in reply ? reply.error.message : 'no error'
  }
  it.each([
    ['logs beyond the head', 'eth_getLogs', [{ fromBlock: '0x1', toBlock: '0xfffffff' }], 'behind'],
    [
      'a balance beyond the head',
      'eth_getBalance',
      [`0x${'00'.repeat(20)}`, '0xfffffff'],
      'behind',
    ],
    ['a method that is missing', 'eth_sendRawTransactionSync', ['0x'], 'no_method'],
  ] as const)('a question about %s', async (_words, method, params, meaning) => {
    expect(readMeaningOf(await wordsTo(method, params))).toBe(meaning)
  })
})
