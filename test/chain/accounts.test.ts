import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { openKept } from '../../src/platform/chain/kept.ts'
import { type NodeProxy, openNodeProxy, type Rule } from '../support/node-proxy.ts'
import { type ChainWorld, freshSigner, openChainWorld } from '../support/world.ts'

const KEY = 'kaia_getAccountKey'
const WON = 4_500n
const unavailable = { code: 'chain_unavailable' }

/** A node that gives this for the key of every account. */
const withKey =
  (result: unknown): Rule =>
  ({ method }) =>
    method === KEY ? { result } : undefined

describe('an account', () => {
  let world: ChainWorld
  let node: NodeProxy
  let told: string[]
  let chain: Chain
  const payer = freshSigner().address
  beforeAll(async () => {
    world = await openChainWorld()
    const direct = openEvmChain({ ...world, rpcUrls: [world.rpcUrl] })
    await callAndWait(direct, world.minter, [mintCall(world.token, payer, WON)])
    direct.close()
  })
  beforeEach(async () => {
    node = await openNodeProxy(world.rpcUrl)
    told = []
    const onCall = (method: string, outcome: string) => told.push(`${method} ${outcome}`)
    chain = openEvmChain({ ...world, rpcUrls: [node.url], onCall })
  })
  afterEach(async () => {
    chain.close()
    await node.close()
  })
  const keysAsked = () => node.asked.filter((one) => one.method === KEY).length

  it('is read with the kind of its key, in one request with others of the same moment', async () => {
    await chain.head()
    const before = node.requests()
    const others: Hex[] = Array.from({ length: 5 }, () => freshSigner().address)
    const accounts = await Promise.all([payer, ...others].map((one) => chain.account(one)))
    expect(node.requests()).toBe(before + 1)
    expect(accounts[0]).toEqual({
      balance: WON,
      window: { base: 0n, used: 0n },
      isFrozen: false,
      hasOwnKey: true,
    })
    expect(told.filter((one) => one === `${KEY} ok`)).toHaveLength(6)
    expect(told.filter((one) => one === 'eth_call ok')).toHaveLength(1)
  })

  it.each([
    ['was never updated', null, true],
    ['has its own key (legacy)', { keyType: 1, key: {} }, true],
    ['has another public key', { keyType: 2, key: { x: '0x1', y: '0x2' } }, false],
    ['has a key that signs nothing', { keyType: 3, key: {} }, false],
    ['has several weighted keys', { keyType: 4, key: { threshold: 1, keys: [] } }, false],
    ['has a key for each role', { keyType: 5, key: [] }, false],
    ['has no key', { keyType: 0, key: {} }, false],
  ])('that %s: whether its own key signs for it', async (_words, key, hasOwnKey) => {
    node.behave(withKey(key))
    expect(await chain.account(payer)).toMatchObject({ balance: WON, hasOwnKey })
  })

  it('is not asked for its key again within ten minutes, though for its balance', async () => {
    await chain.account(payer)
    await chain.account(payer)
    expect(keysAsked()).toBe(1)
    expect(told.filter((one) => one === 'eth_call ok')).toHaveLength(2)
  })

  it('has its own key where the node knows no other kind, and is not asked there again', async () => {
    const message = `the method ${KEY} does not exist/is not available`
    node.behave(({ method }) =>
      method === KEY ? { error: { code: -32_601, message } } : undefined,
    )
    expect(await chain.account(payer)).toMatchObject({ balance: WON, hasOwnKey: true })
    await chain.account(freshSigner().address)
    expect(keysAsked()).toBe(1)
    expect(chain.nodes()[0]?.isHealthy).toBe(true)
  })

  const FAILURES: Readonly<Record<string, Rule>> = {
    'is refused': ({ method }) =>
      method === KEY ? { error: { code: -32_000, message: 'something else' } } : undefined,
    'is nonsense': withKey('0x'),
    'has no kind': withKey({}),
    'does not come': ({ method }) => (method === KEY ? 'cut' : undefined),
  }
  it.each(Object.entries(FAILURES))(
    'is not known when the answer about its key %s',
    async (_, rule) => {
      await chain.head()
      node.behave(rule)
      await expect(chain.account(payer)).rejects.toMatchObject(unavailable)
      node.behave()
      expect(await chain.account(payer)).toMatchObject({ hasOwnKey: true })
    },
  )

  it('is read where a node takes no batches', async () => {
    let isFirst = true
    node.behave(() => {
      if (!isFirst) return undefined
      isFirst = false
      return { status: 200, body: '{"error":{"code":-32600,"message":"no batches here"}}' }
    })
    const lone = openEvmChain({ ...world, rpcUrls: [node.url] })
    isFirst = false
    await lone.head()
    isFirst = true
    expect(await lone.account(payer)).toMatchObject({ balance: WON, hasOwnKey: true })
    lone.close()
  })

  it('that the node cannot have read is not taken for an empty one', async () => {
    await chain.head()
    // A node that has not come as far as the deployment calls an empty address.
    node.behave(({ method }) => (method === 'eth_call' ? { result: '0x' } : undefined))
    await expect(chain.account(payer)).rejects.toMatchObject(unavailable)
  })
})

describe('kept answers', () => {
  it('leave when their time is over, and the least recently asked for first when there are too many', () => {
    let now = 0
    const kept = openKept<string, number>(2, 1_000, () => now)
    kept.set('a', 1)
    kept.set('b', 2)
    expect(kept.get('a')).toBe(1)
    kept.set('c', 3)
    expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([1, undefined, 3])
    now = 1_000
    expect([kept.get('a'), kept.get('c')]).toEqual([undefined, undefined])
  })
})
