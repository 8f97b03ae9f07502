import { createPublicClient, type Hex, http, webSocket } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { until } from '../support/until.ts'
import { type ChainWorld, freshSigner, openChainWorld } from '../support/world.ts'
import { type ChainMemory, openChainMemory } from './faults/chain-memory.ts'
import { type Counts, openCounts } from './faults/counts.ts'
import { type FaultyNode, openFaultyNode } from './faults/faulty-node.ts'
import { seeded } from './faults/random.ts'
import { type Node, openNode } from './faults/rpc.ts'
import type { Weather } from './faults/weather.ts'

describe('a node with weather', () => {
  const payer = freshSigner()
  let world: ChainWorld
  let node: Node
  let memory: ChainMemory
  let counts: Counts
  let faulty: FaultyNode
  let weather: Weather = { name: 'fair' }
  let since = 0
  const turn = (next: Omit<Weather, 'name'>) => {
    weather = { name: 'test', ...next }
    since += 1
  }
  const ask = async (method: string, params: readonly unknown[] = []) => {
    const answer = await fetch(faulty.url, {
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }),
    })
    return answer.json()
  }

  beforeAll(async () => {
    world = await openChainWorld()
    node = openNode(world.rpcUrl)
    const lanes = [world.minter.address]
    const token = { address: world.token, lanes, feeRecipient: world.owner.address }
    memory = await openChainMemory(node, token, [payer.address])
    const { rpcUrl, chainId } = world
    const chain = openEvmChain({ rpcUrls: [rpcUrl], chainId, token: world.token })
    await callAndWait(chain, world.minter, [mintCall(world.token, payer.address, 500n)])
    await until('the memory knows the block', async () => memory.head() > memory.back(1_000))
  })
  beforeEach(async () => {
    counts = openCounts()
    const random = seeded('a node with weather')
    faulty = await openFaultyNode({
      ...{ node, memory, counts, random, phase: () => ({ from: since, weather }) },
      isClosedToSends: () => false,
    })
    return () => faulty.close()
  })
  afterAll(async () => {
    await memory.close()
    node.close()
  })

  it('answers as the node itself while it is fair', async () => {
    turn({})
    expect(await ask('eth_chainId')).toEqual({ jsonrpc: '2.0', id: 7, result: '0x7a69' })
    expect(counts.of('rpc_faults')).toBe(0)
  })

  it('answers a batch of calls one by one', async () => {
    turn({})
    const body = JSON.stringify([1, 2].map((id) => ({ id, method: 'eth_chainId' })))
    const answers = await (await fetch(faulty.url, { method: 'POST', body })).json()
    expect(answers).toMatchObject([
      { id: 1, result: '0x7a69' },
      { id: 2, result: '0x7a69' },
    ])
  })

  it('shows one older chain when it is behind: head, nonce, accounts and logs, and refuses what is beyond', async () => {
    turn({ behind: 1_000 })
    const client = createPublicClient({ transport: http(faulty.url, { retryCount: 0 }) })
    const view = memory.back(1_000)
    const { minter, token } = world
    const balance = () =>
      client.readContract({
        ...{ address: token, abi: krwTokenAbi, functionName: 'accounts', args: [[payer.address]] },
      })
    expect(Number(await client.getBlockNumber({ cacheTime: 0 }))).toBe(view)
    expect(Number((await client.getBlock()).number)).toBe(view)
    expect(await client.getTransactionCount({ address: minter.address })).toBe(0)
    expect(await balance()).toMatchObject([{ balance: 0n }])
    expect(await client.getLogs({ address: token, fromBlock: BigInt(view) + 1n })).toEqual([])
    const beyond = { address: token, fromBlock: 1n, toBlock: BigInt(view) + 1n }
    await expect(client.getLogs(beyond)).rejects.toThrow('header does not exist')
    turn({})
    expect(await client.getTransactionCount({ address: minter.address })).toBe(1)
    expect(await balance()).toMatchObject([{ balance: 500n }])
  })

  it('hides receipts, forges them, hides logs and invents nonces', async () => {
    turn({})
    const filter = { address: world.token, fromBlock: '0x0', toBlock: 'latest' }
    const logs: { transactionHash: Hex }[] = (await ask('eth_getLogs', [filter])).result
    const hash = logs.at(-1)?.transactionHash
    const receipt = (await ask('eth_getTransactionReceipt', [hash])).result
    expect(receipt).toMatchObject({ status: '0x1' })
    turn({ missingReceipts: 1, emptyLogs: 1, wrongNonces: 1 })
    expect((await ask('eth_getTransactionReceipt', [hash])).result).toBeNull()
    expect((await ask('eth_getLogs', [filter])).result).toEqual([])
    const count = await ask('eth_getTransactionCount', [world.minter.address, 'latest'])
    expect(count.result).not.toBe('0x1')
    turn({ forgedReceipts: 1 })
    const forged = (await ask('eth_getTransactionReceipt', [hash])).result
    expect(forged).toMatchObject({ ...receipt, status: '0x0', logs: [], logsBloom: /^0x0+$/ })
  })

  it('refuses, limits and cuts connections', async () => {
    turn({ refused: 1 })
    await expect(ask('eth_chainId')).rejects.toThrow('fetch failed')
    turn({ cut: 1 })
    await expect(ask('eth_chainId')).rejects.toThrow('fetch failed')
    turn({ limited: 1 })
    expect((await fetch(faulty.url, { method: 'POST', body: '{}' })).status).toBe(429)
    expect(counts.all()).toMatchObject({
      rpc_refused: 1,
      rpc_cut: 1,
      rpc_limited: 1,
      rpc_faults: 3,
    })
  })

  it('hands a transaction over twice, or not, with one of Kaia’s error texts', async () => {
    const raw = '0x02'
    turn({ doubled: 1 })
    expect((await ask('eth_sendRawTransaction', [raw])).error).toBeDefined()
    turn({ refusedSends: 1 })
    expect((await ask('eth_sendRawTransaction', [raw])).error.message).toMatch(
      /nonce|txpool|insufficient|fee cap|deadline/,
    )
    expect(counts.all()).toMatchObject({ rpc_doubled: 1, rpc_refused_sends: 1 })
  })

  it('tells new heads over WebSocket, and none while it is stuck', async () => {
    turn({})
    const client = createPublicClient({ transport: webSocket(faulty.wsUrl, { reconnect: false }) })
    const heads: bigint[] = []
    const stop = client.watchBlockNumber({ onBlockNumber: (number) => heads.push(number) })
    await until('a head', async () => heads.length > 0)
    turn({ behind: 'stuck' })
    const stuckAt = await client.getBlockNumber({ cacheTime: 0 })
    const told = heads.length
    await until('two more blocks', async () => memory.head() > Number(stuckAt) + 1)
    expect(await client.getBlockNumber({ cacheTime: 0 })).toBe(stuckAt)
    expect(heads.length).toBe(told)
    turn({})
    await until('the next head', async () => heads.length > told)
    stop()
  })
})
