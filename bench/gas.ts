import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeSettleBatch } from '../src/platform/chain/batch.ts'
import { measureAdditions } from './gas/additions.ts'
import { type GasChain, startGasChain } from './gas/chain.ts'
import { signGroups } from './gas/paths.ts'
import { batchRows, floorOf, type Row, SIZES, singleRows } from './gas/rows.ts'
import { measureSnapshot } from './gas/snapshot.ts'

const SETTLE_LIMIT = 15_000
const SETTLE_COMPUTATION_COST_LIMIT = 200_000
const SINGLE_LIMIT = 57_000
const REFUND_LIMIT = 43_000
const TIMES_CHEAPER = 4

/** `npm run -s gas [-- --json | --write-snapshot | --additions]`; 0 only when every promise about gas holds. */
export async function main(flags: readonly string[]): Promise<number> {
  const progress = (line: string) => void process.stderr.write(`${line}\n`)
  if (flags.includes('--write-snapshot')) {
    const text = JSON.stringify(await measureSnapshot(), null, 2)
    writeFileSync(join(import.meta.dirname, 'gas/snapshot.json'), `${text}\n`)
    return 0
  }
  const chain = await startGasChain()
  try {
    if (flags.includes('--additions')) {
      process.stdout.write(`${JSON.stringify(await measureAdditions(chain), null, 2)}\n`)
      return 0
    }
    const rows = [
      ...(await batchRows(chain, SIZES, progress)),
      ...(await singleRows(chain, SIZES, progress)),
    ]
    const summary = await summarise(chain, rows)
    if (flags.includes('--json')) process.stdout.write(`${JSON.stringify({ rows, ...summary })}\n`)
    else process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
    return holds(summary) ? 0 : 1
  } finally {
    await chain.world.anvil.stop()
  }
}

type Summary = Awaited<ReturnType<typeof summarise>>

async function summarise(chain: GasChain, rows: readonly Row[]) {
  const calldata = encodeSettleBatch(await signGroups(chain, 200, 20))
  const settled = figuresOf(rows, 'settle_batch', 200)
  const peer = figuresOf(rows, 'openzeppelin_3009_random_nonce', 200)
  return {
    settle_batch_200x20: settled.gas_per_payment,
    settle_batch_200x20_computation_cost: settled.computation_cost_per_payment,
    single_payment: figuresOf(rows, 'settle_batch', 1).gas_per_payment,
    refund_batch_100x10: figuresOf(rows, 'refund_batch', 100).gas_per_payment,
    floor_200x20: Math.round(floorOf(calldata, 200, 20)),
    times_cheaper_than_3009:
      Math.round((100 * peer.gas_per_payment) / settled.gas_per_payment) / 100,
  }
}

function holds(summary: Summary): boolean {
  return (
    summary.settle_batch_200x20 <= SETTLE_LIMIT &&
    summary.settle_batch_200x20_computation_cost <= SETTLE_COMPUTATION_COST_LIMIT &&
    summary.single_payment <= SINGLE_LIMIT &&
    summary.refund_batch_100x10 <= REFUND_LIMIT &&
    summary.times_cheaper_than_3009 >= TIMES_CHEAPER
  )
}

function figuresOf(rows: readonly Row[], path: string, n: number) {
  const row = rows.find((each) => each.path === path && each.n === n)
  if (row === undefined || 'limit' in row) throw new Error(`no figures for ${path} at ${n}`)
  return row
}
