import { decodeEventLog, type Hex, keccak256, parseAbi, slice, toBytes } from 'viem'
import type { Stack } from './stack.ts'

const TOKEN_ABI = parseAbi([
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event Paid(bytes16 indexed invoice)',
  'event Skipped(bytes16 indexed invoice, address payer, uint256 reason)',
  'function balanceOf(address account) view returns (uint256)',
])

type Place = {
  readonly invoice: Hex
  readonly txHash: Hex
  readonly blockNumber: number
  readonly logIndex: number
}
export type PaidLog = Place & {
  readonly payer: string
  readonly merchant: string
  readonly amount: bigint
}
export type SkippedLog = Place & { readonly payer: string; readonly reason: number }

/** One transaction of a lane, as a block has it. */
export type LaneTransaction = {
  readonly hash: string
  readonly lane: string
  readonly nonce: number
  readonly blockNumber: number
  readonly succeeded: boolean
}

/** What the chain itself says, read by nobody's code but viem's. */
export type ChainEvidence = {
  readonly head: number
  readonly paid: readonly PaidLog[]
  readonly skipped: readonly SkippedLog[]
  readonly laneTransactions: readonly LaneTransaction[]
  readonly laneNonces: ReadonlyMap<string, number>
  readonly balances: ReadonlyMap<string, bigint>
}

/** What an invoice is on chain, by the design's own words: the first 16 bytes of keccak256(id). */
export function onChain(invoiceId: string): Hex {
  return slice(keccak256(toBytes(invoiceId)), 0, 16)
}

export async function readChain(stack: Stack): Promise<ChainEvidence> {
  const { client, token, shops } = stack
  const head = Number(await client.getBlockNumber({ cacheTime: 0 }))
  const logs = await client.getLogs({
    address: token.address,
    fromBlock: 0n,
    toBlock: BigInt(head),
  })
  const paid: PaidLog[] = []
  const skipped: SkippedLog[] = []
  let before: { readonly from: string; readonly to: string; readonly value: bigint } | undefined
  for (const log of logs) {
    const event = decode(log)
    if (event === undefined) continue
    if (event.eventName === 'Transfer') before = event.args
    const place = {
      txHash: log.transactionHash,
      blockNumber: Number(log.blockNumber),
      logIndex: log.logIndex,
    }
    if (event.eventName === 'Paid')
      paid.push({
        ...{ ...place, invoice: event.args.invoice },
        payer: before?.from.toLowerCase() ?? '',
        merchant: before?.to.toLowerCase() ?? '',
        amount: before?.value ?? 0n,
      })
    if (event.eventName === 'Skipped')
      skipped.push({
        ...{ ...place, invoice: event.args.invoice },
        payer: event.args.payer.toLowerCase(),
        reason: Number(event.args.reason),
      })
  }
  const owners = [...shops.map(({ merchant }) => merchant.settlementAddress), token.feeRecipient]
  const balances = await Promise.all(
    owners.map(async (owner) => [owner, await balanceOf(stack, owner)] as const),
  )
  const nonces = await Promise.all(
    token.lanes.map(async (lane) => {
      const nonce = await client.getTransactionCount({ address: lane, blockTag: 'latest' })
      return [lane, nonce] as const
    }),
  )
  return {
    ...{ head, paid, skipped },
    laneTransactions: await readLaneTransactions(stack, head),
    laneNonces: new Map(nonces),
    balances: new Map(balances),
  }
}

type Log = Awaited<ReturnType<Stack['client']['getLogs']>>[number]

function decode(log: Log) {
  try {
    return decodeEventLog({ abi: TOKEN_ABI, topics: log.topics, data: log.data })
  } catch {
    // A log of the token that is about something else, such as a role.
    return undefined
  }
}

function balanceOf({ client, token }: Stack, account: Hex): Promise<bigint> {
  return client.readContract({
    ...{ address: token.address, abi: TOKEN_ABI, functionName: 'balanceOf', args: [account] },
  })
}

/** Every transaction that a lane has in any block, whatever it was. */
async function readLaneTransactions(stack: Stack, head: number): Promise<LaneTransaction[]> {
  const found: LaneTransaction[] = []
  for (let number = 0; number <= head; number++) {
    const block = await stack.client.getBlock({
      ...{ blockNumber: BigInt(number), includeTransactions: true },
    })
    for (const { hash, from, nonce } of block.transactions) {
      const lane = from.toLowerCase()
      if (!stack.token.lanes.some((one) => one === lane)) continue
      const { status } = await stack.client.getTransactionReceipt({ hash })
      found.push({ hash, lane, nonce, blockNumber: number, succeeded: status === 'success' })
    }
  }
  return found
}
