import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeSettleBatch } from '../../src/platform/chain/batch.ts'
import { settleBatchGasLimit } from '../../src/platform/chain/batch-limits.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { type NodeProxy, openNodeProxy, type Rule } from '../support/node-proxy.ts'
import { type ChainWorld, openChainWorld } from '../support/world.ts'

const unavailable = { code: 'chain_unavailable' }
const BATCHES = 4

type Range = { readonly fromBlock: string; readonly toBlock: string }
const rangesOf = (node: NodeProxy) =>
  node.asked
    .filter((one) => one.method === 'eth_getLogs')
    .map(({ params }) => params[0] as Range)
    .map(({ fromBlock, toBlock }) => [Number(fromBlock), Number(toBlock)] as const)

const relayerOf = ({ relayerKeys: [key] }: ChainWorld) => {
  if (key === undefined) throw new Error('no lane')
  return localSigner(key)
}

describe('settlement logs', () => {
  let world: ChainWorld
  let direct: Chain
  let first: NodeProxy
  let second: NodeProxy
  let opened: Chain[] = []
  let [from, to] = [0n, 0n]
  beforeAll(async () => {
    world = await openChainWorld()
    direct = openEvmChain({ rpcUrls: [world.rpcUrl], chainId: world.chainId, token: world.token })
    const relayer = relayerOf(world)
    from = await direct.birth()
    // Nobody signed these, so each leaves one log that says so; the first bytes of the invoice count them.
    for (let index = 1; index <= BATCHES; index++) {
      const item = {
        signature: `0x${'11'.repeat(64)}` as const,
        amount: 1n,
        nonce: 0,
        validBefore: 4_000_000_000,
        invoice: `0x${String(index).padStart(32, '0')}` as const,
      }
      const group = { merchant: relayer.address, feeBasisPoints: 0, items: [item] }
      const data = encodeSettleBatch([group])
      await callAndWait(direct, relayer, [
        { to: world.token, data, gas: settleBatchGasLimit(1, 1) },
      ])
    }
    to = (await direct.head()).number
  })
  afterAll(() => direct.close())
  beforeEach(async () => {
    first = await openNodeProxy(world.rpcUrl)
    second = await openNodeProxy(world.rpcUrl)
  })
  afterEach(async () => {
    for (const chain of opened) chain.close()
    opened = []
    await Promise.all([first.close(), second.close()])
  })
  const open = (nodes: readonly NodeProxy[] = [first, second]): Chain => {
    const rpcUrls = nodes.map((node) => node.url)
    const chain = openEvmChain({ rpcUrls, chainId: world.chainId, token: world.token })
    opened.push(chain)
    return chain
  }

  it('come with the place of the node that gave them', async () => {
    const chain = open()
    const { logs, node } = await chain.settlements(from, to)
    expect(logs).toHaveLength(BATCHES)
    expect(new Set(logs.map((log) => log.kind))).toEqual(new Set(['skipped']))
    expect(node).toBe(0)
    first.behave(() => ({ status: 503 }))
    expect(await chain.settlements(from, to)).toEqual({ logs, node: 1 })
  })

  it('come from another node when a second opinion is asked for', async () => {
    const chain = open()
    expect((await chain.settlements(from, to, 0)).node).toBe(1)
    expect((await chain.settlements(from, to, 1)).node).toBe(0)
    expect(rangesOf(second)).toHaveLength(1)
  })

  it('come from nobody when a second opinion is asked for and nobody else is there', async () => {
    await expect(open([first]).settlements(from, to, 0)).rejects.toMatchObject(unavailable)
    expect(rangesOf(first)).toEqual([])
    const chain = open()
    second.behave(() => ({ status: 503 }))
    await expect(chain.settlements(from, to, 0)).rejects.toMatchObject(unavailable)
    expect(rangesOf(first)).toEqual([])
  })

  it('do not come from a node that is behind the range, whatever it answers', async () => {
    const behind: Rule = ({ method }) => {
      if (method === 'eth_blockNumber') return { result: `0x${(to - 1n).toString(16)}` }
      // As geth and anvil do: what is beyond the head is nothing.
      return method === 'eth_getLogs' ? { result: [] } : undefined
    }
    first.behave(behind)
    await expect(open([first]).settlements(from, to)).rejects.toMatchObject(unavailable)
    expect((await open().settlements(from, to)).node).toBe(1)
  })

  it('do not come from a real node that is behind the range', async () => {
    await expect(open([first]).settlements(from, to + 1_000n)).rejects.toMatchObject(unavailable)
  })

  const LIMITS = [
    ['query returned more than 10000 results', -32_005],
    ['query timeout exceeded', -32_000],
    ['block range is too large', -32_602],
  ] as const
  it.each(LIMITS)('are asked for in halves where a node says "%s"', async (message, code) => {
    const whole = await direct.settlements(from, to)
    first.behave(({ method, params }) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as Range
      if (method !== 'eth_getLogs' || Number(toBlock) - Number(fromBlock) < 2) return undefined
      return { error: { code, message } }
    })
    const chain = open([first])
    expect((await chain.settlements(from, to)).logs).toEqual(whole.logs)
    const answered = rangesOf(first).filter(([start, end]) => end - start < 2)
    const blocks = answered.flatMap(([start, end]) => (start === end ? [start] : [start, end]))
    const all = Array.from({ length: Number(to - from) + 1 }, (_, at) => Number(from) + at)
    expect(blocks).toEqual(all)
    expect(chain.nodes()[0]?.isHealthy).toBe(true)
  })

  it('are asked for in halves where a node takes too long over them', {
    timeout: 60_000,
  }, async () => {
    const whole = await direct.settlements(from, to)
    const length = Number(to - from)
    first.behave(({ method, params }) => {
      const { fromBlock, toBlock } = (params[0] ?? {}) as Range
      const isLong = Number(toBlock) - Number(fromBlock) === length
      return method === 'eth_getLogs' && isLong ? 'hang' : undefined
    })
    expect((await open([first]).settlements(from, to)).logs).toEqual(whole.logs)
  })

  it('are not asked for in halves of a node that is silent altogether', {
    timeout: 60_000,
  }, async () => {
    const chain = open([first])
    await chain.head()
    first.behave(() => 'hang')
    await expect(chain.settlements(from, to)).rejects.toMatchObject(unavailable)
    expect(rangesOf(first)).toHaveLength(1)
  })

  it('stand in blocks whose transactions say who sent them and under which nonce', async () => {
    const { logs } = await direct.settlements(from, to)
    const sender = relayerOf(world).address
    for (const [nonce, log] of logs.entries())
      expect(await direct.transactionsOf(log.blockNumber)).toContainEqual({
        txHash: log.txHash,
        from: sender,
        nonce: BigInt(nonce),
      })
    await expect(direct.transactionsOf(to + 1_000n)).rejects.toMatchObject(unavailable)
  })
})
