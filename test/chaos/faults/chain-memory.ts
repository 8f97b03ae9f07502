import { setTimeout as sleep } from 'node:timers/promises'
import {
  decodeFunctionData,
  decodeFunctionResult,
  encodeFunctionData,
  encodeFunctionResult,
  type Hex,
  toFunctionSelector,
} from 'viem'
import { krwTokenAbi } from '../../../src/platform/chain/contracts/krw-token.ts'
import type { Node } from './rpc.ts'
import type { Token } from './token.ts'

const LOOK_MS = 50
const KEPT_BLOCKS = 400
const ACCOUNTS = toFunctionSelector('accounts(address[])')

type Account = {
  readonly balance: bigint
  readonly window: bigint
  readonly base: number
  readonly frozen: boolean
}
type Snapshot = {
  readonly number: number
  readonly nonces: ReadonlyMap<string, Hex>
  readonly accounts: ReadonlyMap<string, Account>
}

/** What the state was at each block of this run: the node itself forgets it, and one that is behind must tell it. */
export type ChainMemory = {
  head(): number
  /** A block so far back, but none from before the set-up was done: a node without the token would be another chain. */
  back(blocks: number): number
  nonceAt(block: number, address: string): Hex | undefined
  /** The answer of the token's `accounts` at a block, when this call is one and all who are asked for are known. */
  accountsAt(block: number, data: string): Hex | undefined
  onHead(listen: (number: number) => void): () => void
  close(): Promise<void>
}

export async function openChainMemory(
  node: Node,
  token: Token,
  payers: readonly Hex[],
): Promise<ChainMemory> {
  const snapshots: Snapshot[] = []
  const listeners = new Set<(number: number) => void>()
  let isClosed = false
  const first = await look(node, token, payers)
  snapshots.push(first)
  let head = first.number

  const run = async () => {
    while (!isClosed) {
      await sleep(LOOK_MS)
      try {
        const number = await headOf(node)
        if (number === head) continue
        const snapshot = await look(node, token, payers)
        head = snapshot.number
        snapshots.push(snapshot)
        if (snapshots.length > KEPT_BLOCKS) snapshots.shift()
        for (const listen of listeners) listen(head)
      } catch {
        // The node has stumbled over its own new block: it is asked again in a moment.
      }
    }
  }
  const running = run()
  const at = (block: number) => snapshots.findLast((one) => one.number <= block) ?? first

  return {
    head: () => head,
    back: (blocks) => Math.max(first.number, head - blocks),
    nonceAt: (block, address) => at(block).nonces.get(address.toLowerCase()),
    accountsAt: (block, data) => {
      if (!data.startsWith(ACCOUNTS)) return undefined
      const { args } = decodeFunctionData({ abi: krwTokenAbi, data: data as Hex })
      const known = at(block).accounts
      const asked = (args?.[0] ?? []) as readonly string[]
      const found = asked.flatMap((address) => known.get(address.toLowerCase()) ?? [])
      if (found.length < asked.length) return undefined
      return encodeFunctionResult({ abi: krwTokenAbi, functionName: 'accounts', result: found })
    },
    onHead: (listen) => {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    close: async () => {
      isClosed = true
      await running
    },
  }
}

async function headOf(node: Node): Promise<number> {
  return Number(await node.result<Hex>('eth_blockNumber'))
}

/** Reads everything at one head; begins again when a block came in between. */
async function look(
  node: Node,
  { address, lanes }: Token,
  payers: readonly Hex[],
): Promise<Snapshot> {
  const call = { abi: krwTokenAbi, functionName: 'accounts' } as const
  const data = encodeFunctionData({ ...call, args: [payers] })
  for (;;) {
    const number = await headOf(node)
    const nonces = await Promise.all(
      lanes.map((lane) => node.result<Hex>('eth_getTransactionCount', [lane, 'latest'])),
    )
    const raw = await node.result<Hex>('eth_call', [{ to: address, data }, 'latest'])
    if ((await headOf(node)) !== number) continue
    const states = decodeFunctionResult({ ...call, data: raw })
    return {
      number,
      nonces: new Map(lanes.map((lane, at) => [lane.toLowerCase(), nonces[at] ?? '0x0'])),
      accounts: new Map(states.map((state, at) => [(payers[at] ?? '').toLowerCase(), state])),
    }
  }
}
