import type { Hex } from 'viem'
import { compile } from '../../scripts/compile-contracts.mjs'
import { encodeSettleBatch } from '../../src/platform/chain/batch.ts'
import { CONTRACT_MUTANTS } from '../mutate/contract-guards.mjs'
import { textWithout } from '../mutate/source.mjs'
import { costOf, type GasChain } from './chain.ts'
import { settle, signGroups } from './paths.ts'
import { askAnvil } from './world.ts'

/** Guards of the batch that a bare settlement would not have. */
const ADDITIONS = [
  'Settlement: settlement counts against the limit',
  'Settlement: frozen merchant',
  'Settlement: frozen payer',
  'Settlement: zero amount',
  'Settlement: low s',
  'Settlement: fee cap',
  'Settlement: end of the batch',
  'Settlement: pause of settlement',
]

/** What each guard adds to a payment in a batch of 200 to 20 merchants: the same batch on the code without it. */
export async function measureAdditions(chain: GasChain): Promise<Readonly<Record<string, number>>> {
  const { world } = chain
  for (let round = 0; round < 2; round += 1) await settle(chain, 200, 20)
  const calldata = encodeSettleBatch(await signGroups(chain, 200, 20))
  const code = (await world.client.getCode({ address: world.token })) ?? '0x'
  const run = async (runtime: Hex) => {
    const point = await askAnvil(world.anvil, 'evm_snapshot', [])
    await askAnvil(world.anvil, 'anvil_setCode', [world.token, runtime])
    const { gas } = await costOf(world, world.settler, calldata)
    await askAnvil(world.anvil, 'evm_revert', [point])
    return gas / 200
  }
  const whole = await run(code)
  const costs: Record<string, number> = {}
  for (const name of ADDITIONS) {
    const without = await run(runtimeWithout(name))
    costs[name] = Math.round(10 * (whole - without)) / 10
    process.stderr.write(`${name}: ${costs[name]} gas a payment\n`)
  }
  return costs
}

function runtimeWithout(name: string): Hex {
  const mutant = CONTRACT_MUTANTS.find((each) => each.name === name)
  if (mutant === undefined) throw new Error(`there is no guard ${name}`)
  const path = 'contracts/src/KRWToken.sol'
  const built = compile([path], {}, { [mutant.path]: textWithout(mutant) })[path]?.KRWToken
  if (built === undefined) throw new Error(`${path} did not compile`)
  return `0x${built.evm.deployedBytecode.object}`
}
