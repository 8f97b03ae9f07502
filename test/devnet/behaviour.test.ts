import { setTimeout as delay } from 'node:timers/promises'
import { createPublicClient, type Hex, parseEther, toHex, webSocket } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DevelopmentChain, keepDevelopmentChain } from '../../src/apps/development-chain.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { delegate } from './delegation.ts'
import { FEE, Node, probeCall, type Receipt } from './node.ts'

const PRICE = 27_500_000_000n
const LIMIT_MS = 60_000

describe('the development chain', () => {
  const folder = temporaryFolder()
  let chain: DevelopmentChain
  let node: Node
  beforeAll(async () => {
    chain = await keepDevelopmentChain({ dataDir: folder.path, log: () => {}, persist: false })
    node = await Node.open(chain.url)
  })
  afterAll(async () => {
    await chain.stop()
    folder.remove()
  })

  // The chain is one for all: whatever a test did to it, the next one finds it mining, at its lowest fee.
  beforeEach(async () => {
    await node.ask('evm_setIntervalMining', [1])
    const lowest = (FEE * 110n) / 100n
    await expect
      .poll(async () => BigInt(await node.ask('eth_gasPrice')), { timeout: 20_000 })
      .toBeLessThanOrEqual(lowest)
  })

  const balance = async (address: Hex) =>
    BigInt(await node.ask('eth_getBalance', [address, 'latest']))

  it('takes the fee of a delegated call from its payer and nothing from its sender', async () => {
    const sender = await node.fresh()
    const payer = await node.fresh(10)
    const from = sender.address.toLowerCase() as Hex
    const call = { nonce: 0n, gasPrice: PRICE, gas: 100_000n, to: node.probe, value: 0n, from }
    const data = probeCall('note', [7n])
    const { raw } = await delegate({ ...call, data }, sender, payer, node.chainId)
    const hash = await node.ask('kaia_sendRawTransaction', [raw])
    const { gasUsed } = await node.mined(hash)
    expect(await balance(sender.address)).toBe(0n)
    expect(await balance(payer.address)).toBe(parseEther('10') - BigInt(gasUsed ?? 0) * PRICE)
    expect(await node.ask('kaia_getTransactionReceipt', [hash])).toMatchObject({
      ...{ typeInt: 49, feePayer: payer.address.toLowerCase(), transactionHash: hash },
      logs: [{ transactionHash: hash }],
    })
  })

  it('finds the log of a delegated call under the hash that was sent', async () => {
    const sender = await node.fresh()
    const payer = await node.fresh(10)
    const from = sender.address.toLowerCase() as Hex
    const call = { nonce: 0n, gasPrice: PRICE, gas: 100_000n, to: node.probe, value: 0n, from }
    const data = probeCall('note', [8n])
    const { raw } = await delegate({ ...call, data }, sender, payer, node.chainId)
    const hash = await node.ask('kaia_sendRawTransaction', [raw])
    const { blockNumber } = await node.mined(hash)
    const range = { address: node.probe, fromBlock: blockNumber, toBlock: blockNumber }
    const logs = await node.ask<Receipt[]>('eth_getLogs', [range])
    expect(logs.map((log) => log.transactionHash)).toContain(hash)
    const block = await node.ask<{ transactions: Hex[] }>('eth_getBlockByNumber', [
      ...[blockNumber, false],
    ])
    expect(block.transactions).toContain(hash)
  })

  it('keeps a transaction of too much work under its own hash, with all its gas burnt', async () => {
    const account = await node.fresh(10)
    const data = probeCall('recover', [1_250n])
    const wish = { nonce: 0, to: node.probe, data, gas: 12_000_000n }
    const { result } = await node.send(account, wish)
    const receipt = await node.mined(result)
    expect(receipt).toMatchObject({ transactionHash: result, status: '0x0', logs: [] })
    expect(receipt.to).toBe(node.probe)
    const spent = parseEther('10') - (await balance(account.address))
    expect(spent).toBe(12_000_000n * FEE)
    const found = await node.ask('eth_getTransactionByHash', [result])
    expect(found).toMatchObject({ hash: result, to: node.probe, input: data, nonce: '0x0' })
  })

  it('says of work without end that it costs too much, and still makes blocks', async () => {
    const account = await node.fresh(100)
    const data = probeCall('recover', [1_000_000n])
    const wish = { nonce: 0, to: node.probe, data, gas: 100_000_000n }
    const { result } = await node.send(account, wish)
    expect((await node.mined(result)).gasUsed).toBe(toHex(wish.gas))
  })

  it('raises the base fee after a full block, and asks it of the next transactions', async () => {
    const account = await node.fresh(100)
    const data = probeCall('recover', [1_250n])
    const full = { to: node.probe, data, gas: 60_000_000n, maxFeePerGas: FEE * 20n }
    await node.ask('evm_setIntervalMining', [0])
    const { result } = await node.send(account, { ...full, nonce: 0 })
    // It waits for its block until its cost is known.
    while ((await node.ask<Receipt | null>('eth_getTransactionReceipt', [result])) === null)
      await node.ask('evm_mine')
    const fee = BigInt(await node.ask('eth_gasPrice'))
    expect(fee).toBeGreaterThan((FEE * 110n) / 100n)
    const late = { nonce: 1, to: account.address, maxFeePerGas: FEE }
    const { error } = await node.send(account, late)
    await node.ask('evm_setIntervalMining', [1])
    expect(error?.message).toMatch(/^invalid gas fee cap/)
  })

  it('tells of blocks and logs over WebSocket, on the port of HTTP', async () => {
    const client = createPublicClient({ transport: webSocket(chain.wsUrl, { reconnect: false }) })
    const heads: { number: bigint; at: number }[] = []
    const logs: unknown[] = []
    const stops = [
      client.watchBlocks({
        onBlock: ({ number, timestamp }) =>
          heads.push({ number, at: Date.now() - Number(timestamp) * 1_000 }),
      }),
      client.watchEvent({ address: node.probe, onLogs: (found) => logs.push(...found) }),
    ]
    await delay(200)
    const receipt = await node.spend({
      to: node.probe,
      data: probeCall('note', [9n]),
      gas: 100_000n,
    })
    await delay(1_300)
    for (const stop of stops) stop()
    expect(heads.map(({ number }) => toHex(number))).toContain(receipt.blockNumber)
    expect(logs).toMatchObject([{ transactionHash: receipt.transactionHash }])
    const socket = await client.transport.getRpcClient()
    socket.close()
  })

  it('fills in the nonce after those that wait, and the fees of Kaia', async () => {
    const account = await node.fresh(1)
    await node.ask('evm_setIntervalMining', [0])
    await node.send(account, { nonce: 0, to: account.address })
    const wish = { from: account.address, to: account.address, value: '0x1' }
    const filled = await node.ask<{ tx: unknown }>('eth_fillTransaction', [wish])
    const history = await node.ask<{ baseFeePerGas: Hex[] }>('eth_feeHistory', [
      '0x1',
      'latest',
      [],
    ])
    await node.ask('evm_setIntervalMining', [1])
    const fees = { maxFeePerGas: toHex(FEE * 2n), maxPriorityFeePerGas: '0x0' }
    expect(filled.tx).toMatchObject({ nonce: '0x1', ...fees })
    expect(history.baseFeePerGas.at(-1)).toBe(toHex(FEE))
  })

  it('halts and goes on, and drops what waits, when a test asks for it', async () => {
    const account = await node.fresh(1)
    await node.ask('evm_setIntervalMining', [0])
    const { result } = await node.send(account, { nonce: 0, to: account.address })
    const head = await node.head()
    await delay(1_500)
    expect(await node.head()).toBe(head)
    await node.ask('anvil_dropAllTransactions')
    await node.ask('evm_setIntervalMining', [1])
    await delay(2_500)
    expect(await node.head()).toBeGreaterThan(head)
    expect(await node.ask('eth_getTransactionByHash', [result])).toBeNull()
  })

  it(
    'takes over again when the node behind was killed and brought back',
    async () => {
      process.kill(chain.pid(), 'SIGKILL')
      await delay(500)
      const end = Date.now() + 20_000
      let head: number | undefined
      while (head === undefined && Date.now() < end) {
        await delay(500)
        const opened = await Node.open(chain.url).catch(() => undefined)
        head = await opened?.head()
        // A chain that shall not outlive its run begins anew, so whoever comes next asks the new one.
        if (opened !== undefined) node = opened
      }
      expect(head).toBeGreaterThan(0)
    },
    LIMIT_MS,
  )

  it('takes requests over HTTP as strictly as Kaia does', async () => {
    const ask = async (body: string, type = 'application/json') => {
      const response = await fetch(chain.url, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      })
      return [response.status, await response.text()]
    }
    const question = '"jsonrpc":"2.0","method":"net_networkID"'
    const answer = '{"jsonrpc":"2.0","id":1,"result":31337}'
    expect(await ask(`{${question},"id":1}`)).toEqual([200, answer])
    expect(await ask(`{${question},"id":1}`, 'application/json; charset=utf-8')).toEqual([
      200,
      answer,
    ])
    const words = 'invalid content type, only application/json is supported'
    expect(await ask(`{${question},"id":1}`, 'text/plain')).toEqual([415, words])
    expect(await ask(`{${question}}`), 'a notification').toEqual([200, ''])
    expect(await ask(`[{${question}},{${question},"id":1}]`)).toEqual([200, `[${answer}]`])
    const empty = { jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'empty batch' } }
    expect(await ask('[]')).toEqual([200, JSON.stringify(empty)])
  })

  it('shows transactions and blocks without what only Ethereum has', async () => {
    const { transactionHash, blockNumber, transactionIndex } = await node.spend({
      to: node.rich.address,
    })
    const found = await node.ask<object>('eth_getTransactionByHash', [transactionHash])
    const place = [blockNumber, transactionIndex]
    expect(await node.ask('eth_getTransactionByBlockNumberAndIndex', place)).toEqual(found)
    expect(found).toMatchObject({ blockNumber, type: '0x2', v: expect.stringMatching(/^0x[01]$/) })
    expect(Object.keys(found).filter((key) => /yParity|blockTimestamp/.test(key))).toEqual([])
    const block = await node.ask<object>('eth_getBlockByNumber', [blockNumber, true])
    expect(block).toMatchObject({ transactions: [found] })
    expect(Object.keys(block).filter((key) => /withdrawal|request|beacon/i.test(key))).toEqual([])
  })
})
