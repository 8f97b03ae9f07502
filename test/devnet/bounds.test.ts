import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Devnet, startDevnet } from '../../src/platform/devnet/devnet.ts'
import { type EmbeddedAnvil, startAnvil } from '../../src/platform/embedded/anvil.ts'
import { temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { Node, probeCall } from './node.ts'

const GAS = 12_000_000n
/** Not true of 1,250 signature checks, so that a skipped trace shows. */
const CLAIMED_COST = 10_000_000

describe('a bound of computation cost', () => {
  const folder = temporaryFolder()
  let anvil: EmbeddedAnvil
  let devnet: Devnet
  let node: Node
  beforeAll(async () => {
    anvil = await startAnvil({ dataDir: folder.path, log: () => {}, persist: false })
    const selector = probeCall('recover', [0n]).slice(0, 10) as `0x${string}`
    const bounds = [{ selector, atMost: () => CLAIMED_COST }]
    devnet = await startDevnet({ upstreamUrl: anvil.url, log: () => {}, bounds })
    node = await Node.open(devnet.url)
  })
  afterAll(async () => {
    await devnet.stop()
    await anvil.stop()
    folder.remove()
  })

  const statusOf = async (times: bigint) =>
    (await node.spend({ to: node.probe, data: probeCall('recover', [times]), gas: GAS })).status

  it('is not believed before a trace has kept to it, and saves the trace afterwards', async () => {
    expect(await statusOf(1_250n)).toBe('0x0')
    expect(await statusOf(10n)).toBe('0x1')
    expect(await statusOf(1_250n)).toBe('0x1')
  })

  it('counts for one contract only', async () => {
    const other = await Node.open(devnet.url)
    const data = probeCall('recover', [1_250n])
    const { status } = await other.spend({ to: other.probe, data, gas: GAS })
    expect(status).toBe('0x0')
  })
})
