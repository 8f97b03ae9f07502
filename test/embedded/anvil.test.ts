import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { startAnvil } from '../../src/platform/embedded/anvil.ts'
import { keepAnvil } from '../../src/platform/embedded/keep.ts'
import { isAlive } from '../../src/platform/embedded/process.ts'
import { askNode } from '../../src/platform/embedded/rpc.ts'
import { eventually, useBench } from './support.ts'

const bench = useBench()
const MIN_BASE_FEE = 25_000_000_000

function quietly(dataDir: string) {
  const lines: string[] = []
  return { dataDir, lines, log: (line: string) => void lines.push(line) }
}

type Head = { number: string; baseFeePerGas: string }

async function head(url: string): Promise<{ height: number; baseFee: number }> {
  const block = (await askNode(url, 'eth_getBlockByNumber', ['latest', false])) as Head
  return { height: Number(block.number), baseFee: Number(block.baseFeePerGas) }
}

async function receipt(url: string, txHash: string): Promise<{ blockNumber: string } | undefined> {
  const found = await askNode(url, 'eth_getTransactionReceipt', [txHash])
  return (found as { blockNumber: string } | null) ?? undefined
}

/** Sends one kei and waits for its block. */
async function transfer(url: string): Promise<string> {
  const [from, to] = (await askNode(url, 'eth_accounts')) as string[]
  const txHash = (await askNode(url, 'eth_sendTransaction', [{ from, to, value: '0x1' }])) as string
  await eventually('the block of the transfer', () => receipt(url, txHash))
  return txHash
}

function isKept(file: string, txHash: string): boolean {
  return existsSync(file) && gunzipSync(readFileSync(file)).includes(txHash)
}

/** What the node answers to the first step of a WebSocket. */
function upgradeStatus(url: string): Promise<number | undefined> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }).once('error', reject)
    asked.once('response', (answer) => resolve(answer.statusCode))
    asked.once('upgrade', (answer, socket) => {
      socket.destroy()
      resolve(answer.statusCode)
    })
    asked.end()
  })
}

describe('the embedded chain', () => {
  it('makes a block a second at the base fee of Kaia, over HTTP and WebSocket', async () => {
    const node = await startAnvil(quietly(bench.folder()))
    expect(node.restored).toBe('none')
    expect(Number(await askNode(node.url, 'eth_chainId'))).toBe(31_337)
    const fees = new Map<number, number>()
    await eventually('four blocks', async () => {
      const { height, baseFee } = await head(node.url)
      fees.set(height, baseFee)
      return fees.size >= 4
    })
    expect([...fees.values()].every((fee) => fee >= MIN_BASE_FEE)).toBe(true)
    expect(await upgradeStatus(node.url)).toBe(101)
    await node.stop()
    await node.exited
    expect(isAlive(node.pid)).toBe(false)
  })

  it('comes back on its port with what it had mined after a SIGKILL', async () => {
    const dataDir = bench.folder()
    const kept = await keepAnvil(quietly(dataDir))
    bench.onEnd(() => kept.stop())
    const txHash = await transfer(kept.url)
    const before = await head(kept.url)
    const file = join(dataDir, 'chain/state.json.gz')
    await eventually('the state on disk', () => isKept(file, txHash))
    process.kill(kept.pid(), 'SIGKILL')
    await eventually('the chain to be back', () => kept.restarts() === 1)
    expect(await receipt(kept.url, txHash)).toBeDefined()
    expect((await head(kept.url)).height).toBeGreaterThan(before.height)
  })

  it('goes on after a stop, above every block that was seen', async () => {
    const dataDir = bench.folder()
    const first = await startAnvil(quietly(dataDir))
    const txHash = await transfer(first.url)
    const before = await head(first.url)
    await first.stop()
    const second = await startAnvil(quietly(dataDir))
    expect(second.restored).toBe('current')
    expect(await receipt(second.url, txHash)).toBeDefined()
    expect((await head(second.url)).height).toBeGreaterThan(before.height)
  })

  it('falls back to the copy before a torn one', async () => {
    const dataDir = bench.folder()
    const first = await startAnvil(quietly(dataDir))
    const txHash = await transfer(first.url)
    await first.stop()
    const second = await startAnvil(quietly(dataDir))
    await transfer(second.url)
    await second.stop()
    const seen = Number(readFileSync(join(dataDir, 'chain/height'), 'utf8'))
    const file = join(dataDir, 'chain/state.json.gz')
    truncateSync(file, statSync(file).size - 100)
    const options = quietly(dataDir)
    const third = await startAnvil(options)
    expect(third.restored).toBe('previous')
    expect(options.lines.join()).toMatch(/torn/)
    expect(await receipt(third.url, txHash)).toBeDefined()
    expect((await head(third.url)).height).toBeGreaterThan(seen)
  })

  it('begins a new chain, and says so, where no copy can be read', async () => {
    const dataDir = bench.folder()
    const first = await startAnvil(quietly(dataDir))
    await transfer(first.url)
    await first.stop()
    for (const name of ['state.json.gz', 'state.previous.json.gz']) {
      writeFileSync(join(dataDir, 'chain', name), 'torn')
    }
    const options = quietly(dataDir)
    const second = await startAnvil(options)
    expect(second.restored).toBe('none')
    expect(options.lines.join()).toMatch(/no copy of the chain can be read/)
  })

  it('stops the node of a killed run after taking over its state', async () => {
    const dataDir = bench.folder()
    const run = bench.script(`
      import { startAnvil } from '@/anvil.js'
      const node = await startAnvil({ dataDir: ${JSON.stringify(dataDir)}, log: console.error })
      console.log(JSON.stringify({ pid: node.pid, url: node.url }))
    `)
    const { pid, url } = JSON.parse(await run.line())
    run.child.kill('SIGKILL')
    await run.ended()
    // Nobody watches the orphan: this transfer is in its memory alone.
    const txHash = await transfer(url)
    const node = await startAnvil(quietly(dataDir))
    expect(isAlive(pid)).toBe(false)
    expect(await receipt(node.url, txHash)).toBeDefined()
  })

  it('leaves nothing behind where it shall not outlive its run', async () => {
    const dataDir = bench.folder()
    const first = await startAnvil({ ...quietly(dataDir), persist: false })
    await transfer(first.url)
    await first.stop()
    const second = await startAnvil({ ...quietly(dataDir), persist: false })
    expect(second.restored).toBe('none')
    expect((await head(second.url)).height).toBeLessThan(2)
  })
})
