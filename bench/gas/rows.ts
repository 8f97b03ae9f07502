import { type Address, type Hex, hexToBytes } from 'viem'
import { compile } from '../../scripts/compile-contracts.mjs'
import { COMPUTATION_COST_LIMIT } from '../../src/platform/devnet/computation-cost.ts'
import { type Cost, computationCostOf, deployPeer, type GasChain } from './chain.ts'
import { authorisations, refund, settle, transfers } from './paths.ts'

/** One line of the gas table. A row that Kaia would refuse says which limit instead of figures. */
export type Row = { readonly path: string; readonly n: number; readonly merchants: number } & (
  | { readonly gas_per_payment: number; readonly computation_cost_per_payment: number }
  | { readonly limit: string }
)

export const SIZES = [1, 10, 50, 100, 200, 500] as const
const TRANSACTION_BYTES_LIMIT = 128 * 1024
const ENVELOPE_BYTES = 150

type Progress = (line: string) => void

/** `settleBatch` and `refundBatch` at every size, ten payments a merchant, after one round that warms every slot. */
export async function batchRows(
  chain: GasChain,
  sizes: readonly number[],
  progress: Progress,
): Promise<readonly Row[]> {
  const largest = Math.max(...sizes)
  await settle(chain, largest, merchantsOf(largest))
  await settle(chain, largest, merchantsOf(largest))
  const rows: Row[] = []
  for (const [path, run] of [
    ['settle_batch', settle],
    ['refund_batch', refund],
  ] as const) {
    for (const n of sizes) {
      const m = merchantsOf(n)
      if (path === 'refund_batch' && n === sizes[0]) await refund(chain, n, m)
      rows.push(await batchRow(chain, path, n, m, await run(chain, n, m)))
      progress(lineOf(rows.at(-1)))
    }
  }
  return rows
}

/** One transaction a payment: plain ERC-20 transfers and EIP-3009 with one signature each. */
export async function singleRows(
  chain: GasChain,
  sizes: readonly number[],
  progress: Progress,
): Promise<readonly Row[]> {
  const { world, payers, merchants } = chain
  const largest = Math.max(...sizes)
  const holders = [...payers, ...merchants.slice(0, 20), world.owner].map(({ address }) => address)
  const code = peerBytecode()
  const solady = await deployPeer(world, code('SoladyToken'), holders)
  const openZeppelin = await deployPeer(world, code('OpenZeppelinToken'), holders)
  const random = await deployPeer(world, code('OpenZeppelin3009'), holders)
  const own = { address: world.token, name: 'KRWToken' }
  const peer = { address: random, name: 'OpenZeppelin3009' }
  const transfer = (token: Address) => () => transfers(chain, token, largest, 20)
  const signed = (token: typeof own, nonces: 'random' | 'dense') => () =>
    authorisations(chain, token, largest, nonces)
  const runs = {
    solady_erc20_transfer: transfer(solady),
    openzeppelin_erc20_transfer: transfer(openZeppelin),
    krw_token_transfer: transfer(world.token),
    openzeppelin_3009_random_nonce: signed(peer, 'random'),
    krw_token_3009_random_nonce: signed(own, 'random'),
    krw_token_3009_dense_nonce: signed(own, 'dense'),
  }
  const rows: Row[] = []
  for (const [path, run] of Object.entries(runs)) {
    const costs = await run()
    for (const n of sizes) {
      rows.push(await singleRow(chain, path, n, costs.slice(0, n)))
      progress(lineOf(rows.at(-1)))
    }
  }
  return rows
}

/** What 200 payments to 20 merchants cost at least with this design, a payment; see docs/contracts/gas.md. */
export function floorOf(calldata: Hex, n: number, m: number): number {
  const bytes = hexToBytes(calldata)
  const data = bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0)
  const reusedWord = 5_000 + 42
  const transfer = 375 * 4 + 8 * 32
  const payment = 3_100 + 66 + 48 + reusedWord + transfer + 375 * 3
  const merchant = reusedWord + transfer
  // The fee recipient, the settler's limit, and the settings, which are only read.
  const batch = 21_000 + data + 2 * reusedWord + 2_100
  return (batch + n * payment + m * merchant) / n
}

export function merchantsOf(n: number): number {
  return Math.max(1, n / 10)
}

async function batchRow(
  chain: GasChain,
  path: string,
  n: number,
  merchants: number,
  cost: Cost,
): Promise<Row> {
  const total = await computationCostOf(chain.world, cost.hash)
  if (total > COMPUTATION_COST_LIMIT) return { path, n, merchants, limit: 'computation_cost' }
  if (cost.calldata.length / 2 + ENVELOPE_BYTES > TRANSACTION_BYTES_LIMIT) {
    return { path, n, merchants, limit: 'transaction_bytes' }
  }
  return {
    path,
    n,
    merchants,
    gas_per_payment: round(cost.gas / n),
    computation_cost_per_payment: round(total / n),
  }
}

/** The mean of the first `n` transactions; the computation cost is that of the last of them. */
async function singleRow(
  chain: GasChain,
  path: string,
  n: number,
  costs: readonly Cost[],
): Promise<Row> {
  const last = costs.at(-1)
  if (last === undefined) throw new Error('nothing was measured')
  return {
    path,
    n,
    merchants: Math.min(n, 20),
    gas_per_payment: round(costs.reduce((sum, { gas }) => sum + gas, 0) / n),
    computation_cost_per_payment: await computationCostOf(chain.world, last.hash),
  }
}

function peerBytecode(): (contract: string) => Hex {
  const path = 'contracts/bench/Peers.sol'
  const built = compile([path])[path]
  return (contract) => {
    const code = built?.[contract]?.evm.bytecode.object
    if (code === undefined) throw new Error(`${path} has no ${contract}`)
    return `0x${code}`
  }
}

function lineOf(row: Row | undefined): string {
  if (row === undefined) return ''
  const place = `${row.path.padEnd(32)} ${String(row.n).padStart(4)} x ${String(row.merchants).padEnd(4)}`
  if ('limit' in row) return `${place} over Kaia's limit: ${row.limit}`
  return `${place} ${row.gas_per_payment} gas, ${row.computation_cost_per_payment} computation cost`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
