import { setTimeout as delay } from 'node:timers/promises'
import type { ChainState } from './chain-state.ts'
import type { Log } from './process.ts'
import { askNode } from './rpc.ts'

/** Kaia's lower bound: 25 gkei. */
export const BASE_FEE_KEI = 25_000_000_000n

const TICK_MS = 250
const DUMP_LIMIT_MS = 60_000
/** Blocks without transactions are worth a dump only now and then; their number is kept apart. */
const EMPTY_BLOCKS_A_DUMP = 30
/** Dumping takes at most about a tenth of the time, however large the chain has grown. */
const REST_PER_DUMP = 9

type Block = {
  readonly height: number
  readonly nextBaseFee: bigint
  readonly hasTransactions: boolean
}

/** Ends the watch; `save` keeps the state once more first. */
export type ChainKeeper = { stop(last: { readonly save: boolean }): Promise<void> }

/** The head, with the base fee that EIP-1559 gives its successor. */
async function readHead(url: string): Promise<Block> {
  const block = (await askNode(url, 'eth_getBlockByNumber', ['latest', false])) as {
    number: string
    baseFeePerGas: string
    gasUsed: string
    gasLimit: string
    transactions: string[]
  }
  const baseFee = BigInt(block.baseFeePerGas)
  const target = BigInt(block.gasLimit) / 2n
  return {
    height: Number(block.number),
    nextBaseFee: baseFee + (baseFee * (BigInt(block.gasUsed) - target)) / target / 8n,
    hasTransactions: block.transactions.length > 0,
  }
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`
}

/** Asks the node for its whole state and keeps it. */
export async function saveState(url: string, state: ChainState): Promise<void> {
  state.save((await askNode(url, 'anvil_dumpState', [], DUMP_LIMIT_MS)) as string)
}

/** Lifts a restored chain above every block that was ever seen, so that no number is given to two blocks. */
export async function liftHead(url: string, state: ChainState | undefined): Promise<void> {
  await askNode(url, 'anvil_setNextBlockBaseFeePerGas', [hex(BASE_FEE_KEI)])
  const seen = state?.height() ?? -1
  const { height } = await readHead(url)
  // One more than seen: the last block may have been mined after the last look.
  if (seen >= 0 && height < seen + 2) await askNode(url, 'anvil_mine', [hex(seen + 2 - height)])
  await askNode(url, 'anvil_setNextBlockBaseFeePerGas', [hex(BASE_FEE_KEI)])
}

/** Watches the node block by block: holds the base fee at Kaia's lower bound, and keeps the state when it has changed. */
export function keepChain(url: string, state: ChainState | undefined, log: Log): ChainKeeper {
  const stopping = new AbortController()
  let seen = -1
  let unsaved = 0
  let isDue = false
  let nextDumpAt = 0

  async function look(): Promise<void> {
    const head = await readHead(url)
    if (head.height === seen) return
    if (head.nextBaseFee < BASE_FEE_KEI) {
      await askNode(url, 'anvil_setNextBlockBaseFeePerGas', [hex(BASE_FEE_KEI)])
    }
    isDue ||= head.hasTransactions || head.height !== seen + 1
    unsaved += 1
    seen = head.height
    state?.saveHeight(Math.max(seen, state.height()))
  }

  async function save(): Promise<void> {
    if (state === undefined || unsaved === 0) return
    const begin = performance.now()
    await saveState(url, state)
    isDue = false
    unsaved = 0
    const end = performance.now()
    nextDumpAt = end + (end - begin) * REST_PER_DUMP
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      try {
        await look()
        const isTime = isDue || unsaved >= EMPTY_BLOCKS_A_DUMP
        if (isTime && performance.now() >= nextDumpAt) await save()
        failures = 0
      } catch (error) {
        failures += 1
        // One failure is how a look meets the node's end; what goes on is worth a line.
        const text = error instanceof Error ? error.message : String(error)
        if (failures === 3) log(`anvil does not answer: ${text}`)
      }
      await delay(TICK_MS, undefined, { ref: false, signal: stopping.signal }).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop(last) {
      stopping.abort()
      await running
      if (!last.save) return
      await look()
        .then(save)
        .catch(() => {})
    },
  }
}
