import {
  createPublicClient,
  decodeErrorResult,
  decodeFunctionResult,
  encodeFunctionData,
  fallback,
  http,
  numberToHex,
} from 'viem'
import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import type { Block, BroadcastAnswer, Chain, ChainAccount } from './chain.ts'
import { krwTokenAbi } from './contracts/krw-token.ts'
import { meansBehind, meansBrokenConnection, meansLook } from './errors.ts'
import { gather } from './gather.ts'
import {
  decodeSettlementLogs,
  PAID_TOPIC,
  type SettlementEvent,
  SKIPPED_TOPIC,
  TRANSFER_TOPIC,
} from './logs.ts'
import { paymentDomain } from './typed-data.ts'

const GATHER_MS = 20
const MAX_ACCOUNTS_A_CALL = 500
const TIMEOUT_MS = 5_000
const RULES_MS = 5_000
const READ_ATTEMPTS = 3
const READ_PAUSE_MS = 20
const SEND = 'eth_sendRawTransaction'

type EvmOptions = {
  /** Nodes in order of preference: the next one is asked when one does not answer. */
  readonly rpcUrls: readonly string[]
  readonly chainId: number
  readonly token: Hex
}

type RpcBlock = { number: Hex; timestamp: Hex; baseFeePerGas?: Hex }
type RpcLog = {
  address: Hex
  topics: Hex[]
  data: Hex
  blockNumber: Hex
  transactionHash: Hex
  logIndex: Hex
}
type Ask = <Answer>(method: string, params: readonly unknown[]) => Promise<Answer>

/** A chain behind JSON-RPC. No call asks for `pending` state. */
export function openEvmChain(options: EvmOptions): Chain {
  const ask = openRpc(options.rpcUrls)
  const blockAt = async (tag: Hex | 'latest') =>
    toBlock(await ask<RpcBlock | null>('eth_getBlockByNumber', [tag, false]))
  return {
    chainId: options.chainId,
    token: options.token,
    domain: paymentDomain(options.chainId, options.token),
    birth: () => readBirth(ask, options.token),
    head: () => blockAt('latest'),
    block: (number) => blockAt(numberToHex(number)),
    settlements: async (from, to) => ({
      logs: await readSettlements(ask, options.token, from, to),
      node: 0,
    }),
    balance: async (address) => BigInt(await ask<Hex>('eth_getBalance', [address, 'latest'])),
    transactionsOf: async (number) =>
      (
        await ask<{ transactions: { hash: Hex; from: Hex; nonce: Hex }[] }>(
          'eth_getBlockByNumber',
          [numberToHex(number), true],
        )
      ).transactions.map((one) => ({ txHash: one.hash, from: one.from, nonce: BigInt(one.nonce) })),
    onHead: () => () => {},
    nodes: () => [],
    close: () => {},
    account: gather(GATHER_MS, MAX_ACCOUNTS_A_CALL, (addresses) =>
      readAccounts(ask, options.token, addresses),
    ),
    rules: keptFor(RULES_MS, () => readRules(ask, options.token)),
    rehearse: (from, data) => rehearse(ask, options.token, from, data),
    nonce: async (address) =>
      BigInt(await ask<Hex>('eth_getTransactionCount', [address, 'latest'])),
    broadcast: (raw) => broadcast(ask, raw),
    receipt: async (txHash) => {
      const receipt = await ask<{ status: Hex; blockNumber: Hex } | null>(
        'eth_getTransactionReceipt',
        [txHash],
      )
      if (receipt === null) return undefined
      return { succeeded: receipt.status === '0x1', blockNumber: BigInt(receipt.blockNumber) }
    },
  }
}

/** The chain id that the nodes report, for a check against the configured one. */
export async function readChainId(rpcUrls: readonly string[]): Promise<number> {
  return Number(await openRpc(rpcUrls)<Hex>('eth_chainId', []))
}

function openRpc(rpcUrls: readonly string[]): Ask {
  const transports = rpcUrls.map((url) => http(url, { timeout: TIMEOUT_MS, retryCount: 0 }))
  const client = createPublicClient({ transport: fallback(transports, { retryCount: 0 }) })
  return async (method, params) => {
    for (let attempt = 1; ; attempt++)
      try {
        // viem types each method; this room decodes the answers itself, so that no formatter hides a Kaia field.
        return (await client.request({ method, params } as never)) as never
      } catch (error) {
        const text = textOf(error)
        // A block that lands between two halves of a read confuses a node for a moment. Reads alone are asked again.
        const isPassing = meansBehind(text) || meansBrokenConnection(text)
        const isWorthAnother = method !== SEND && attempt < READ_ATTEMPTS && isPassing
        if (!isWorthAnother)
          throw new Fault('chain_unavailable', `${method}: ${text}`, { cause: error })
        await new Promise((resolve) => setTimeout(resolve, READ_PAUSE_MS))
      }
  }
}

/** The node's own words, which viem keeps in `details`. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'details' in error && typeof error.details === 'string' ? error.details : error.message
}

function toBlock(block: RpcBlock | null): Block {
  if (block === null) throw new Fault('chain_unavailable', 'The node does not have this block yet')
  return {
    number: BigInt(block.number),
    time: new Date(Number(block.timestamp) * 1_000),
    baseFeePerGas: BigInt(block.baseFeePerGas ?? '0x0'),
  }
}

async function readSettlements(
  ask: Ask,
  token: Hex,
  from: bigint,
  to: bigint,
): Promise<readonly SettlementEvent[]> {
  const logs = await ask<RpcLog[]>('eth_getLogs', [
    {
      address: token,
      fromBlock: numberToHex(from),
      toBlock: numberToHex(to),
      topics: [[TRANSFER_TOPIC, PAID_TOPIC, SKIPPED_TOPIC]],
    },
  ]).catch((error: Fault) => {
    throw meansBehind(error.message) ? new Fault('chain_unavailable', 'The node is behind') : error
  })
  return decodeSettlementLogs(
    token,
    logs.map((log) => ({
      ...log,
      blockNumber: BigInt(log.blockNumber),
      logIndex: Number(log.logIndex),
    })),
  )
}

async function readBirth(ask: Ask, token: Hex): Promise<bigint> {
  const call = { abi: krwTokenAbi, functionName: 'deploymentBlock' } as const
  const data = await ask<Hex>('eth_call', [{ to: token, data: encodeFunctionData(call) }, 'latest'])
  return decodeFunctionResult({ ...call, data })
}

async function readRules(
  ask: Ask,
  token: Hex,
): Promise<{ feeCapBasisPoints: number; isPaused: boolean }> {
  const call = { abi: krwTokenAbi, functionName: 'config' } as const
  const data = await ask<Hex>('eth_call', [{ to: token, data: encodeFunctionData(call) }, 'latest'])
  const { feeCapBasisPoints, paused } = decodeFunctionResult({ ...call, data })
  return { feeCapBasisPoints, isPaused: paused }
}

async function rehearse(ask: Ask, to: Hex, from: Hex, data: Hex): Promise<string | undefined> {
  try {
    await ask<Hex>('eth_call', [{ from, to, data }, 'latest'])
    return undefined
  } catch (error) {
    const revert = revertDataOf(error)
    if (revert === undefined) throw error
    return decodeErrorResult({ abi: krwTokenAbi, data: revert }).errorName
  }
}

/** What a contract reverted with (error code 3 of a node), somewhere down the causes. */
function revertDataOf(error: unknown): Hex | undefined {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('data' in at && typeof at.data === 'string' && /^0x[0-9a-f]{8,}$/i.test(at.data))
      return at.data as Hex
  return undefined
}

/** Asks again only when the last answer is older than `milliseconds`. A failure is not kept. */
function keptFor<Answer>(milliseconds: number, ask: () => Promise<Answer>): () => Promise<Answer> {
  let kept: { readonly answer: Promise<Answer>; readonly until: number } | undefined
  return () => {
    const now = performance.now()
    if (kept === undefined || now >= kept.until) {
      const answer = ask()
      kept = { answer, until: now + milliseconds }
      answer.catch(() => {
        kept = undefined
      })
    }
    return kept.answer
  }
}

async function readAccounts(
  ask: Ask,
  token: Hex,
  addresses: readonly Hex[],
): Promise<ReadonlyMap<Hex, ChainAccount>> {
  const call = { abi: krwTokenAbi, functionName: 'accounts' } as const
  const data = await ask<Hex>('eth_call', [
    { to: token, data: encodeFunctionData({ ...call, args: [addresses] }) },
    'latest',
  ])
  const states = decodeFunctionResult({ ...call, data })
  return new Map(
    states.map((state, index) => [
      addresses[index] ?? '0x',
      {
        balance: state.balance,
        window: { base: BigInt(state.base), used: state.window },
        isFrozen: state.frozen,
        hasOwnKey: true,
      },
    ]),
  )
}

async function broadcast(ask: Ask, raw: Hex): Promise<{ answer: BroadcastAnswer; text: string }> {
  try {
    await ask<Hex>(SEND, [raw])
    return { answer: 'accepted', text: '' }
  } catch (error) {
    if (error instanceof Fault && meansLook(error.message))
      return { answer: 'look', text: error.message }
    if (error instanceof Fault && /invalid gas fee cap|underpriced/.test(error.message))
      return { answer: 'fee_too_low', text: error.message }
    if (error instanceof Fault && /insufficient funds/.test(error.message))
      return { answer: 'no_gas_money', text: error.message }
    throw error
  }
}
