import { encodeFunctionData } from 'viem'
import type { Hex } from '../../src/kernel/hex.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import type { World } from './world.ts'

const CASE: Hex = `0x${'11'.repeat(32)}`
const GAS = 150_000n
const GAS_MONEY = 10n ** 16n

type Chained = Pick<World, 'chain' | 'deps'>

/** Freezes an account on the token, or lets it go. */
export async function setFrozen(world: Chained, account: Hex, isFrozen: boolean): Promise<void> {
  const data = encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'setFrozen',
    args: [account, isFrozen, CASE],
  })
  await send(world, world.chain.freezer, data)
}

/** Stops the token: every batch is mined as failed until `unpause`. */
export function pause(world: Chained): Promise<void> {
  const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'pause' })
  return send(world, world.chain.owner, data)
}

export function unpause(world: Chained): Promise<void> {
  const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'unpause' })
  return send(world, world.chain.owner, data)
}

/** Sends away all that a shopper has, past Baro, with coins for gas that it is given first. */
export async function goBroke(world: Chained, shopper: Signer): Promise<void> {
  const { balance } = await world.deps.chain.account(shopper.address)
  await callAndWait(world.deps.chain, world.chain.owner, [
    { to: shopper.address, data: '0x', gas: 21_000n, value: GAS_MONEY },
  ])
  const data = encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'transfer',
    args: [world.chain.owner.address, balance],
  })
  await send(world, shopper, data)
}

function send(world: Chained, from: Signer, data: Hex): Promise<void> {
  return callAndWait(world.deps.chain, from, [{ to: world.chain.token, data, gas: GAS }])
}
