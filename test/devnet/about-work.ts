import { toHex } from 'viem'
import { type Node, outcome, probeCall } from './node.ts'

/** Work below and above the limit of computation cost, which an estimate of gas does not see. */
export async function askAboutWork(node: Node): Promise<Record<string, unknown>> {
  return {
    '1000 signature checks': await work(node, 1_000n),
    '1250 signature checks': await work(node, 1_250n),
  }
}

async function work(node: Node, times: bigint) {
  const data = probeCall('recover', [times])
  const call = { from: node.rich.address, to: node.probe, data }
  const estimate = await node.rpc('eth_estimateGas', [call])
  const priced = { ...call, gas: toHex(20_000_000) }
  const cost = await node.rpc('kaia_estimateComputationCost', [priced, 'latest'])
  const receipt = await node.spend({ to: node.probe, data, gas: 12_000_000n })
  const inKaia = await node.rpc('kaia_getTransactionReceipt', [receipt.transactionHash])
  return {
    estimate: outcome(estimate, Number),
    computationCost: outcome(cost, Number),
    status: receipt.status,
    gasUsed: Number(receipt.gasUsed),
    txError: outcome<{ txError?: string }>(inKaia, ({ txError }) => txError ?? 'none'),
  }
}
