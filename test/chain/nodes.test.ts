import { afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { openEvmChain, readChainId } from '../../src/platform/chain/evm.ts'
import { signTransaction } from '../../src/platform/chain/transaction.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { type NodeProxy, openNodeProxy, type Rule } from '../support/node-proxy.ts'
import { until } from '../support/until.ts'

const NOWHERE: Hex = `0x${'00'.repeat(20)}`
const OTHER_BLOCK: Hex = `0x${'ab'.repeat(32)}`
const unavailable = { code: 'chain_unavailable' }
const methodsOf = (node: NodeProxy) => node.asked.map((one) => one.method)

describe('several nodes', () => {
  const funder = localSigner(secret(inject('funderKey')))
  let chainId: number
  let first: NodeProxy
  let second: NodeProxy
  let opened: Chain[] = []
  beforeAll(async () => {
    chainId = await readChainId([inject('chainUrl')])
  })
  beforeEach(async () => {
    first = await openNodeProxy(inject('chainUrl'))
    second = await openNodeProxy(inject('chainUrl'))
  })
  afterEach(async () => {
    for (const chain of opened) chain.close()
    opened = []
    await Promise.all([first.close(), second.close()])
  })

  const open = (nodes = [first, second], id = chainId): Chain => {
    const rpcUrls = nodes.map((node) => node.url)
    const chain = openEvmChain({ rpcUrls, chainId: id, token: NOWHERE })
    opened.push(chain)
    return chain
  }
  /** Waits until every node has been looked at, and forgets what was asked until then. */
  const settle = async (chain: Chain) => {
    await chain.head()
    await until('both heads', async () => chain.nodes().every(({ head }) => head !== undefined))
    for (const node of [first, second]) node.asked.length = 0
  }
  const isHealthy = (chain: Chain, place: number) => chain.nodes()[place]?.isHealthy

  it('are asked in order: the first one alone, while it is well', async () => {
    const chain = open()
    await settle(chain)
    for (let time = 0; time < 5; time++) await chain.nonce(funder.address)
    expect(methodsOf(first).filter((one) => one === 'eth_getTransactionCount')).toHaveLength(5)
    expect(methodsOf(second)).not.toContain('eth_getTransactionCount')
  })

  const FAULTS: Readonly<Record<string, Rule>> = {
    'cuts the connection': () => 'cut',
    'answers 503': () => ({ status: 503, body: 'upstream connect error' }),
    'answers with a page': () => ({ status: 200, body: '<html>hello</html>' }),
    'has an internal error': () => ({ error: { code: -32_603, message: 'internal error' } }),
    'does not answer': () => 'hang',
    'is not ready': () => ({ error: { code: -32_000, message: 'node is not ready' } }),
    'errs where another one answers': () => ({ error: { code: -32_000, message: 'disk full' } }),
  }
  it.each(Object.entries(FAULTS))('do not stop when the first one %s', async (_words, rule) => {
    const chain = open()
    await settle(chain)
    first.behave(rule)
    const start = performance.now()
    expect(await chain.balance(funder.address)).toBeGreaterThan(0n)
    // Two seconds of silence at most, not the five that a lone node is given.
    expect(performance.now() - start).toBeLessThan(4_000)
    expect(isHealthy(chain, 0)).toBe(false)
    first.asked.length = 0
    await chain.balance(funder.address)
    expect(methodsOf(first)).not.toContain('eth_getBalance')
    first.behave()
    await until('the first one back', async () => isHealthy(chain, 0))
    await chain.balance(funder.address)
    expect(methodsOf(first)).toContain('eth_chainId')
    expect(methodsOf(first)).toContain('eth_getBalance')
  })

  it('do not stop when the first one is gone', async () => {
    const chain = open()
    await settle(chain)
    await first.close()
    expect(await chain.balance(funder.address)).toBeGreaterThan(0n)
    expect(chain.nodes()[0]).toMatchObject({ isHealthy: false, head: undefined })
    expect(chain.nodes()[0]?.lastError).toMatch(/ECONN|closed/)
  })

  it('stop when all are gone, and go on by themselves as soon as one is back', async () => {
    const chain = open()
    await settle(chain)
    for (const node of [first, second]) node.behave(() => ({ status: 502 }))
    await expect(chain.head()).rejects.toMatchObject(unavailable)
    second.behave()
    expect((await chain.head()).number).toBeGreaterThan(0n)
  })

  it('pass a node over that limits its callers, for as long as it says', async () => {
    const chain = open()
    await settle(chain)
    const start = performance.now()
    first.behave(() => ({ status: 429, headers: { 'retry-after': '2' } }))
    await chain.nonce(funder.address)
    first.behave()
    first.asked.length = 0
    expect(isHealthy(chain, 0)).toBe(false)
    await until('the first one asked again', async () => {
      await chain.nonce(funder.address)
      return methodsOf(first).includes('eth_getTransactionCount')
    })
    expect(performance.now() - start).toBeGreaterThan(1_950)
    expect(methodsOf(first)).not.toContain('eth_chainId')
  })

  it('pass a node over that says in words that it limits its callers', async () => {
    const chain = open()
    await settle(chain)
    first.behave(() => ({ error: { code: -32_005, message: 'daily request limit exceeded' } }))
    await chain.nonce(funder.address)
    expect(isHealthy(chain, 0)).toBe(false)
  })

  it('leave a lone node alone while it limits its callers', async () => {
    const chain = open([first])
    await chain.head()
    first.behave(() => ({ status: 429, headers: { 'retry-after': '1' } }))
    await expect(chain.head()).rejects.toMatchObject(unavailable)
    const before = first.requests()
    await expect(chain.head()).rejects.toMatchObject(unavailable)
    expect(await chain.broadcast('0x02')).toMatchObject({ answer: 'busy' })
    expect(first.requests()).toBe(before)
  })

  it('pass a node over that is more than two blocks behind', async () => {
    const chain = open()
    await settle(chain)
    const lag = 20
    first.behave(async ({ method, params }, ask) => {
      const behind = Number(await ask('eth_blockNumber', [])) - lag
      if (method === 'eth_blockNumber') return { result: `0x${behind.toString(16)}` }
      if (method !== 'eth_getBlockByNumber' || params[0] !== 'latest') return undefined
      return { result: await ask(method, [`0x${behind.toString(16)}`, false]) }
    })
    await until('a look at the heads', async () => {
      await chain.head()
      return isHealthy(chain, 0) === false
    })
    const { number } = await chain.head()
    const real = (await open([second]).head()).number
    expect(Number(real - number)).toBeLessThan(3)
    first.behave()
    await until('the first one back', async () => isHealthy(chain, 0))
  })

  it('never ask one that is on another chain, found at once and found later', async () => {
    first.behave(({ method }) => (method === 'eth_chainId' ? { result: '0x2019' } : undefined))
    const chain = open()
    await chain.nonce(funder.address)
    expect(methodsOf(first)).not.toContain('eth_getTransactionCount')
    expect(chain.nodes()[0]).toMatchObject({
      isHealthy: false,
      lastError: `it is on chain 8217, expected ${chainId}`,
    })
    first.behave()
    const later = open([second, first])
    await later.nonce(funder.address)
    // It fails, and another chain answers behind its URL when it is back.
    second.behave(() => ({ status: 503 }))
    await later.nonce(funder.address)
    expect(isHealthy(later, 0)).toBe(false)
    second.behave(({ method }) => (method === 'eth_chainId' ? { result: '0x2019' } : undefined))
    await until('the stranger', async () => /chain 8217/.test(later.nodes()[0]?.lastError ?? ''))
    expect(isHealthy(later, 0)).toBe(false)
    second.asked.length = 0
    await expect(open([second]).nonce(funder.address)).rejects.toMatchObject(unavailable)
    expect(methodsOf(second)).not.toContain('eth_getTransactionCount')
  })

  it('never ask one with another first block than the first of them', async () => {
    const id = 4_242
    const as =
      (hash?: Hex): Rule =>
      ({ method, params }) => {
        if (method === 'eth_chainId') return { result: `0x${id.toString(16)}` }
        const isFirst = method === 'eth_getBlockByNumber' && params[0] === '0x0'
        return isFirst && hash !== undefined ? { result: { hash } } : undefined
      }
    first.behave(as())
    second.behave(as(OTHER_BLOCK))
    const chain = open([first, second], id)
    await chain.nonce(funder.address)
    await until('a look', async () => /first block/.test(chain.nodes()[1]?.lastError ?? ''))
    first.behave(() => ({ status: 503 }))
    second.asked.length = 0
    await expect(chain.nonce(funder.address)).rejects.toMatchObject(unavailable)
    expect(methodsOf(second)).not.toContain('eth_getTransactionCount')
  })

  it('never ask one that claims to be the public Kaia and has another first block', async () => {
    first.behave(({ method }) => (method === 'eth_chainId' ? { result: '0x2019' } : undefined))
    await expect(open([first], 8_217).nonce(funder.address)).rejects.toMatchObject(unavailable)
  })

  describe('given a raw transaction', () => {
    let raw: Hex
    beforeAll(async () => {
      const chain = openEvmChain({ rpcUrls: [inject('chainUrl')], chainId, token: NOWHERE })
      // Of an account that owns nothing: a node that is asked says so.
      const stranger = localSigner(secret(`0x${'7e'.repeat(32)}`))
      const signed = await signTransaction(stranger, {
        chainId,
        nonce: await chain.nonce(stranger.address),
        to: stranger.address,
        data: '0x',
        gas: 21_000n,
        maxFeePerGas: 100_000_000_000n,
      })
      raw = signed.raw
      chain.close()
    })
    const says = (message: string): Rule => {
      return ({ method }) =>
        method === 'eth_sendRawTransaction' ? { error: { code: -32_000, message } } : undefined
    }
    const wasSentTo = (node: NodeProxy) => methodsOf(node).includes('eth_sendRawTransaction')

    it('hand it to the first one alone, when that has an answer', async () => {
      const chain = open()
      expect(await chain.broadcast(raw)).toEqual({
        answer: 'no_gas_money',
        text: 'insufficient funds of the sender for value ',
      })
      first.behave(says('known transaction: 12'))
      expect(await chain.broadcast(raw)).toMatchObject({ answer: 'look' })
      expect(wasSentTo(second)).toBe(false)
      expect(isHealthy(chain, 0)).toBe(true)
    })

    it.each([
      ['is full', says('txpool is full: 4096')],
      ['limits its callers', () => ({ status: 429 })],
      ['breaks', () => ({ status: 500 })],
      ['ends the connection', () => 'cut'],
      ['is silent', () => 'hang'],
      ['is on another chain', says('invalid chain id')],
    ] satisfies [string, Rule][])('hand it on when the first one %s', async (_words, rule) => {
      const chain = open()
      await settle(chain)
      first.behave(rule)
      second.behave(says('nonce too low'))
      expect(await chain.broadcast(raw)).toEqual({ answer: 'look', text: 'nonce too low' })
    })

    it('hand it to all of them when told to, and say the best that was said', async () => {
      const chain = open()
      first.behave(says('known transaction: 12'))
      second.behave(({ method }) =>
        method === 'eth_sendRawTransaction' ? { result: `0x${'12'.repeat(32)}` } : undefined,
      )
      expect(await chain.broadcast(raw, 'all')).toEqual({ answer: 'accepted', text: '' })
      expect([first, second].map(wasSentTo)).toEqual([true, true])
    })

    it('say "busy" when one of them said so and no other has an answer', async () => {
      const chain = open()
      await settle(chain)
      first.behave(says('txpool is full'))
      second.behave(() => ({ status: 502 }))
      expect(await chain.broadcast(raw)).toEqual({ answer: 'busy', text: 'txpool is full' })
    })

    it('throw when none of them answers', async () => {
      const chain = open()
      for (const node of [first, second]) node.behave(() => ({ status: 502 }))
      await expect(chain.broadcast(raw)).rejects.toMatchObject(unavailable)
    })
  })

  it('are asked again when a kept connection ends under a question, without losing health', async () => {
    const chain = open()
    await settle(chain)
    let cuts = 0
    first.behave(({ method }) => (method === 'eth_getBalance' && cuts++ === 0 ? 'cut' : undefined))
    await chain.balance(funder.address)
    expect(cuts).toBe(2)
    expect(isHealthy(chain, 0)).toBe(true)
  })

  it('do not stop at an answer that nobody can read', async () => {
    const chain = open()
    await settle(chain)
    first.behave(({ method }) =>
      method === 'eth_getTransactionCount' ? { result: null } : undefined,
    )
    expect(await chain.nonce(funder.address)).toBeTypeOf('bigint')
    expect(methodsOf(second)).toContain('eth_getTransactionCount')
  })

  it('do not lose health by a question that is at fault itself', async () => {
    const chain = open()
    await settle(chain)
    await expect(chain.nonce('0x12')).rejects.toMatchObject(unavailable)
    expect(chain.nodes().map((node) => node.isHealthy)).toEqual([true, true])
  })

  it('end the calls in flight when they are closed, and answer no more', async () => {
    const chain = open([first])
    await chain.head()
    first.behave(() => 'hang')
    const waiting = expect(chain.head()).rejects.toMatchObject(unavailable)
    await until('the call', async () => first.requests() > 1)
    const start = performance.now()
    chain.close()
    await waiting
    expect(performance.now() - start).toBeLessThan(500)
    await expect(chain.head()).rejects.toMatchObject(unavailable)
  })

  it('tell once when one loses its health, and once when it is well again', async () => {
    const told: unknown[] = []
    const chain = openEvmChain({
      rpcUrls: [first.url, second.url],
      chainId,
      token: NOWHERE,
      onHealth: ({ place, isHealthy: isWell, lastError }) => told.push([place, isWell, lastError]),
    })
    opened.push(chain)
    await settle(chain)
    first.behave(() => ({ status: 503, body: 'no backend' }))
    for (let time = 0; time < 3; time++) await chain.nonce(funder.address)
    expect(told).toEqual([[0, false, 'HTTP 503 no backend']])
    first.behave()
    await until('the first one back', async () => told.length > 1)
    expect(told[1]).toEqual([0, true, 'HTTP 503 no backend'])
  })

  it('keep the keys in their URLs to themselves, and hand on a user and a password', async () => {
    const key = 'k3y-of-the-service'
    const own = `${first.url.replace('http://', 'http://baro:pass-word-1@')}/v2/${key}?token=${key}2`
    const chain = openEvmChain({ rpcUrls: [own], chainId, token: NOWHERE })
    opened.push(chain)
    await chain.head()
    expect(first.authorization()).toBe(`Basic ${btoa('baro:pass-word-1')}`)
    for (const rule of [
      () => ({ status: 503, body: `no such project: ${key}` }),
      () => ({ error: { code: -32_000, message: `${key}2 has no access` } }),
    ] satisfies Rule[]) {
      first.behave(rule)
      const error = await chain.head().catch((found: Error) => found)
      expect(String(error)).toContain('[secret]')
      expect(JSON.stringify([String(error), chain.nodes()])).not.toContain(key)
    }
  })

  it('tell of every call, by method and outcome', async () => {
    const told: [string, string][] = []
    const chain = openEvmChain({
      rpcUrls: [first.url],
      chainId,
      token: NOWHERE,
      onCall: (method, outcome, milliseconds) => {
        expect(milliseconds).toBeGreaterThan(0)
        // A node of any other chain than anvil's is asked for its first block too.
        if (method !== 'eth_getBlockByNumber') told.push([method, outcome])
      },
    })
    opened.push(chain)
    await chain.nonce(funder.address)
    await expect(chain.nonce('0x12')).rejects.toMatchObject(unavailable)
    expect(told).toEqual([
      ['eth_chainId', 'ok'],
      ['eth_getTransactionCount', 'ok'],
      ['eth_getTransactionCount', 'error'],
    ])
  })
})
