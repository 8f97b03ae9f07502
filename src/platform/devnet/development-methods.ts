import type { Hex } from '../../kernel/hex.ts'
import { forward } from './ethereum-methods.ts'
import type { Method, Params, Parts } from './parts.ts'

/** Methods of a development chain that the devnet must do itself, because it makes the blocks and holds the pool. */
export const DEVELOPMENT_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['evm_mine', mineOne],
  ['anvil_mine', mineMany],
  ['hardhat_mine', mineMany],
  ['evm_setIntervalMining', setPeriod],
  ['anvil_setIntervalMining', setPeriod],
  ['evm_increaseTime', increaseTime],
  ['evm_setNextBlockTimestamp', setTimestamp],
  ['anvil_setNextBlockTimestamp', setTimestamp],
  ['anvil_dropTransaction', drop],
  ['anvil_dropAllTransactions', dropAll],
  ...['evm_revert', 'anvil_reset', 'anvil_loadState', 'anvil_reorg', 'anvil_rollback'].map(
    (name): [string, Method] => [name, (parts, params) => changeChain(parts, name, params)],
  ),
])

async function mineOne({ producer }: Parts, [options]: Params): Promise<string> {
  const { timestamp } = (typeof options === 'object' && options !== null ? options : {}) as {
    timestamp?: number
  }
  const asked = timestamp ?? (typeof options === 'object' ? undefined : options)
  await producer.mine(asked === undefined ? undefined : Number(asked))
  return '0x0'
}

async function mineMany({ producer }: Parts, [count]: Params): Promise<null> {
  for (let made = 0; made < Number(count ?? 1); made++) await producer.mine()
  return null
}

function setPeriod({ producer }: Parts, [seconds]: Params): null {
  producer.setPeriod(Number(seconds))
  return null
}

function increaseTime({ producer }: Parts, [seconds]: Params): number {
  producer.setTimestamp(producer.head.timestamp + 1 + Number(seconds))
  return Number(seconds)
}

function setTimestamp({ producer }: Parts, [timestamp]: Params): null {
  producer.setTimestamp(Number(timestamp))
  return null
}

async function drop(parts: Parts, [hash]: Params): Promise<unknown> {
  const entry = parts.pool.find(hash as Hex)
  if (entry === undefined) return forward(parts, 'anvil_dropTransaction', [hash])
  parts.pool.remove(hash as Hex)
  await parts.builder.withdraw(entry)
  return hash
}

function dropAll(parts: Parts): Promise<unknown> {
  parts.pool.clear()
  return forward(parts, 'anvil_dropAllTransactions', [])
}

async function changeChain(parts: Parts, method: string, params: Params): Promise<unknown> {
  const answer = await forward(parts, method, params)
  await parts.producer.refresh()
  return answer
}
