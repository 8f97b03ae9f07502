import type { Hex } from '../../kernel/hex.ts'
import type { Builder } from './builder.ts'
import type { Disguises } from './disguises.ts'
import { UpstreamDown } from './errors.ts'
import { amountOf, quantity } from './hex.ts'
import type { Entry, Pool } from './pool.ts'
import { isLowestBaseFee, nextBaseFee } from './rules.ts'
import type { Upstream } from './upstream.ts'

export type Head = {
  readonly number: number
  readonly hash: Hex
  readonly timestamp: number
  readonly baseFee: bigint
  readonly gasUsed: bigint
  readonly transactions: readonly Hex[]
}

type Parts = {
  readonly upstream: Upstream
  readonly pool: Pool
  readonly disguises: Disguises
  readonly builder: Builder
  readonly log: (line: string) => void
}

const FASTEST_MS = 100
/** A chain that is later than this jumps to the clock; one that is less late catches up block by block. */
const LATEST_SECONDS = 3
const TIP_BLOCKS = 20
const TIP_PERCENTILE = 0.6

/** Makes Kaia's blocks: one a second, its time the parent's and one, its base fee by Kaia's rule. */
export class Producer {
  readonly #parts: Parts
  readonly #listeners = new Set<(head: Head) => void>()
  readonly #tips: bigint[][] = []
  #head: Head
  #periodSeconds = 1
  #forcedTimestamp: number | undefined
  #timer: NodeJS.Timeout | undefined
  #line: Promise<unknown> = Promise.resolve()
  #quiet: Promise<void> = Promise.resolve()
  #isLost = false
  #isClosed = false

  private constructor(parts: Parts, head: Head) {
    this.#parts = parts
    this.#head = head
  }

  static async open(parts: Parts): Promise<Producer> {
    await takeOver(parts)
    const producer = new Producer(parts, await readHead(parts))
    producer.#schedule()
    return producer
  }

  get head(): Head {
    return this.#head
  }

  /** The base fee of the next block, which Kaia's pool asks of every transaction. */
  get baseFee(): bigint {
    return nextBaseFee(this.#head.baseFee, this.#head.gasUsed)
  }

  /** The tip that Kaia suggests: none while the base fee lies on its lower bound. */
  get tip(): bigint {
    if (isLowestBaseFee(this.baseFee)) return 0n
    const tips = this.#tips.flat().sort((a, b) => (a < b ? -1 : 1))
    return tips[Math.floor(tips.length * TIP_PERCENTILE)] ?? 0n
  }

  /** Fulfils when no block is half made. */
  quiet(): Promise<void> {
    return this.#quiet
  }

  onHead(listen: (head: Head) => void): () => void {
    this.#listeners.add(listen)
    return () => this.#listeners.delete(listen)
  }

  /** Makes a block now. */
  mine(timestamp?: number): Promise<void> {
    const made = this.#line.then(() => this.#produce(timestamp))
    this.#line = made.catch(() => {})
    return made
  }

  /** Blocks come every so many seconds; 0 halts the chain. */
  setPeriod(seconds: number): void {
    this.#periodSeconds = seconds
    this.#schedule()
  }

  /** The time of the next block. */
  setTimestamp(timestamp: number): void {
    this.#forcedTimestamp = timestamp
  }

  /** Looks again at a chain that someone has changed from outside. */
  async refresh(): Promise<void> {
    await takeOver(this.#parts)
    this.#parts.pool.clear()
    this.#head = await readHead(this.#parts)
    this.#isLost = false
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#line
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#isClosed || this.#periodSeconds === 0) return
    const period = this.#periodSeconds * 1_000
    const wait = this.#head.timestamp * 1_000 + period - Date.now()
    this.#timer = setTimeout(() => this.#tick(), Math.min(Math.max(wait, FASTEST_MS), period))
    this.#timer.unref()
  }

  #tick(): void {
    void this.mine()
      .catch((error: unknown) => {
        if (!this.#isLost) this.#parts.log(`no block: ${textOf(error)}`)
        this.#isLost ||= error instanceof UpstreamDown
      })
      .finally(() => this.#schedule())
  }

  async #produce(timestamp = this.#nextTimestamp()): Promise<void> {
    const { upstream, pool, builder } = this.#parts
    const found = Number(await upstream.ask<Hex>('eth_blockNumber'))
    // A node that was brought back makes blocks by itself, and has forgotten what it was given.
    if (this.#isLost || found !== this.#head.number) await this.refresh()
    pool.expire(Date.now())
    const entries = pool.executable(this.baseFee)
    await builder.handOver(entries)
    const open = this.#shut()
    try {
      const funded = await builder.fund(entries)
      await upstream.ask('anvil_setNextBlockBaseFeePerGas', [quantity(this.baseFee)])
      await upstream.ask('evm_mine', [{ timestamp }])
      this.#forcedTimestamp = undefined
      const head = await readHead(this.#parts)
      await builder.refund(funded)
      await this.#settle(head, entries)
      this.#head = head
    } finally {
      open()
    }
    for (const listen of this.#listeners) listen(this.#head)
  }

  /** Makes readers wait until the block is whole. */
  #shut(): () => void {
    let open = () => {}
    this.#quiet = new Promise((resolve) => {
      open = resolve
    })
    return () => open()
  }

  #nextTimestamp(): number {
    if (this.#forcedTimestamp !== undefined) return this.#forcedTimestamp
    const next = this.#head.timestamp + 1
    const clock = Math.floor(Date.now() / 1_000)
    return clock - next > LATEST_SECONDS ? clock : next
  }

  /** Takes what was mined out of the pool, and asks for the nonces of those who still have something there. */
  async #settle(head: Head, entries: readonly Entry[]): Promise<void> {
    const { upstream, pool } = this.#parts
    for (const entry of entries) entry.handedAs = undefined
    const tips = head.transactions.flatMap((hash) => {
      const found = pool.find(hash)
      if (found === undefined) return []
      pool.remove(hash)
      const { feeCap, tip } = found.transaction
      return [tip < feeCap - head.baseFee ? tip : feeCap - head.baseFee]
    })
    this.#tips.push(tips)
    if (this.#tips.length > TIP_BLOCKS) this.#tips.shift()
    const senders = pool.senders()
    const nonces = await upstream.askAll(
      senders.map((sender) => ({ method: 'eth_getTransactionCount', params: [sender, 'latest'] })),
    )
    for (const [at, sender] of senders.entries())
      pool.settle(sender, Number(nonces[at]?.result ?? 0))
  }
}

/** Stops the node's own clock of blocks, which this room replaces. */
async function takeOver({ upstream, builder }: Parts): Promise<void> {
  await upstream.ask('evm_setIntervalMining', [0])
  await builder.prepare()
}

async function readHead({ upstream, disguises }: Parts): Promise<Head> {
  const block = await upstream.ask<Readonly<Record<string, Hex>> & { transactions: Hex[] }>(
    'eth_getBlockByNumber',
    ['latest', false],
  )
  const number = Number(block.number)
  disguises.noteBlock(number, block.transactions)
  return {
    number,
    hash: block.hash ?? '0x',
    timestamp: Number(block.timestamp),
    baseFee: amountOf(block.baseFeePerGas),
    gasUsed: amountOf(block.gasUsed) + disguises.gasAdded(number),
    transactions: block.transactions.map((hash) => disguises.byHidden(hash)?.shown.hash ?? hash),
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
