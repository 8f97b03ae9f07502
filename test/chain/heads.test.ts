import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { openEvmChain, readChainId } from '../../src/platform/chain/evm.ts'
import { pauseAfter } from '../../src/platform/chain/heads.ts'
import { until } from '../support/until.ts'

const NOWHERE: Hex = `0x${'00'.repeat(20)}`

/** A wire before the node's WebSocket that a test may cut, and stop without a word. */
type Wire = {
  readonly url: string
  readonly connections: () => number
  /** Ends what is open and takes nothing new until `mend`. */
  cut(): void
  /** From now on nothing passes, and nobody is told. */
  freeze(): void
  mend(): Promise<void>
  close(): void
}

async function openWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let connections = 0
  let isFrozen = false
  const server: Server = createServer((near) => {
    connections++
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => isFrozen || to.write(chunk))
      from.on('error', () => {})
      from.on('close', () => to.destroy())
    }
  })
  const listen = (at: number) =>
    new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const { port: own } = server.address() as { port: number }
  const cut = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: `ws://127.0.0.1:${own}`,
    connections: () => connections,
    cut,
    freeze: () => {
      isFrozen = true
    },
    mend: async () => {
      isFrozen = false
      if (!server.listening) await listen(own)
    },
    close: cut,
  }
}

describe.skipIf(!inject('chainWsUrl'))('new blocks', () => {
  let chainId: number
  let wire: Wire
  let chain: Chain
  beforeAll(async () => {
    chainId = await readChainId([inject('chainUrl')])
  })
  const open = async (id = chainId) => {
    wire = await openWire(inject('chainWsUrl'))
    chain = openEvmChain({
      rpcUrls: [inject('chainUrl')],
      wsUrl: wire.url,
      chainId: id,
      token: NOWHERE,
    })
  }
  afterEach(() => {
    chain.close()
    wire.close()
  })
  const atLeast = (counted: () => number, count: number) =>
    until(`${count} blocks`, async () => counted() >= count)

  it('are announced one by one, to everybody who listens, until they have heard enough', async () => {
    await open()
    expect(wire.connections()).toBe(0)
    let [one, other] = [0, 0]
    const endOne = chain.onHead(() => one++)
    const endOther = chain.onHead(() => other++)
    await atLeast(() => one, 2)
    expect(other).toBe(one)
    expect(wire.connections()).toBe(1)
    endOne()
    const heard = one
    await atLeast(() => other, heard + 1)
    expect(one).toBe(heard)
    endOther()
    const last = other
    await chain.head()
    await until('a block', async () => (await chain.head()).number > 0n)
    expect(other).toBe(last)
  })

  it('are announced again after the connection was cut, and the other side was gone for a while', async () => {
    await open()
    let heard = 0
    chain.onHead(() => heard++)
    await atLeast(() => heard, 1)
    wire.cut()
    const before = heard
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(heard).toBe(before)
    await wire.mend()
    await atLeast(() => heard, before + 2)
  })

  it('are announced again after a connection died without a word', async () => {
    await open()
    let heard = 0
    chain.onHead(() => heard++)
    await atLeast(() => heard, 1)
    wire.freeze()
    const [before, connections] = [heard, wire.connections()]
    // Five seconds without a block, two without an answer to a ping.
    await until('a new connection', async () => wire.connections() > connections)
    expect(heard).toBe(before)
    await wire.mend()
    await atLeast(() => heard, before + 1)
  })

  it('of another chain are not told', async () => {
    await open(chainId + 1)
    let heard = 0
    chain.onHead(() => heard++)
    await until('a second try', async () => wire.connections() > 2)
    expect(heard).toBe(0)
  })

  it('are not told any more once the chain is closed', async () => {
    await open()
    let heard = 0
    chain.onHead(() => heard++)
    await atLeast(() => heard, 1)
    chain.close()
    const [before, connections] = [heard, wire.connections()]
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect([heard, wire.connections()]).toEqual([before, connections])
  })
})

describe('the pause before a new connection', () => {
  it('doubles from a fifth of a second to ten', () => {
    const pauses = Array.from({ length: 8 }, (_, failures) => pauseAfter(failures))
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
  })
})
