import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFunctionData, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { krwTokenAbi } from '../../../src/platform/chain/contracts/krw-token.ts'
import { FUNDED_KEYS } from '../../support/anvil.ts'
import { sendAtOnce } from './people.ts'
import type { Fault } from './plan.ts'
import type { Stack } from './stack.ts'
import { OWNER_KEY } from './token.ts'

/** A contract of the development chain that burns whatever gas it is called with. */
const BURNER: Hex = '0x0000000000000000000000000000000000fe00fe'
/** What Kaia counts of a block's gas at most: its base fee rises by five per cent. */
const BURNT_GAS = 60_000_000n
const HIGHEST_FEE = 750_000_000_000n
const TRACE_MS = 15
/** No longer: everything that the product sends meanwhile is turned away. */
const LONGEST_RISE_MS = 4_000
const LOOK_MS = 300

/** The faults of a plan, one after the other, each at its second, none waiting for another. */
export type Attack = {
  /** Whether all of them have been started. */
  isOver(): boolean
  /** Starts no more, waits for those under way and lets everything run again. */
  end(): Promise<void>
}

export function attack(stack: Stack, say: (line: string) => void): Attack {
  const begun = performance.now()
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()
  let left = stack.plan.faults.length

  const strike = (fault: Fault) => {
    say(`${fault.at} s: ${wordsOf(fault)}`)
    const one: Promise<void> = carryOut(stack, fault)
      .catch((error: Error) => say(`${wordsOf(fault)} failed: ${error.message}`))
      .finally(() => underWay.delete(one))
    underWay.add(one)
  }
  const run = async () => {
    for (const fault of stack.plan.faults) {
      const wait = fault.at * 1_000 - (performance.now() - begun)
      await sleep(Math.max(0, wait), undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      strike(fault)
      left -= 1
    }
  }
  const running = run()
  return {
    isOver: () => left === 0,
    end: async () => {
      stopping.abort()
      await running
      await Promise.all(underWay)
      stack.sky.closeToSends(false)
      await stack.node.result('evm_setIntervalMining', [1])
      for (const { receiver } of stack.listeners) receiver.heal()
      stack.sky.clear()
      await stack.product.wake()
    },
  }
}

function wordsOf(fault: Fault): string {
  const { at: _, kind, ...rest } = fault
  return [kind, ...Object.values(rest)].join(' ')
}

async function carryOut(stack: Stack, fault: Fault): Promise<void> {
  const { counts, node, product } = stack
  switch (fault.kind) {
    case 'kill':
      return product.kill(fault.process)
    case 'pause':
      return product.pause(fault.process, fault.seconds)
    case 'restart_database':
      await stack.database.restart()
      return counts.add('database_restarts')
    case 'restart_redis':
      await stack.redis?.restart()
      return counts.add('redis_restarts')
    case 'flush_redis':
      await stack.redis?.flush()
      return counts.add('redis_flushes')
    case 'wipe_pool':
      await node.result('anvil_dropAllTransactions')
      return counts.add('pool_wipes')
    case 'halt_chain':
      await node.result('evm_setIntervalMining', [0])
      counts.add('chain_halts')
      await sleep(fault.seconds * 1_000)
      return node.result('evm_setIntervalMining', [1])
    case 'pause_token':
      return pauseToken(stack, fault.seconds)
    case 'raise_base_fee':
      return raiseBaseFee(stack, fault.blocks)
    case 'close_endpoint':
      return stack.listeners[fault.endpoint]?.receiver.shut(fault.seconds)
  }
}

/** Stops every movement of money: batches before the next block fail whole. */
async function pauseToken(stack: Stack, seconds: number): Promise<void> {
  await setPaused(stack, true)
  stack.counts.add('token_pauses')
  await sleep(seconds * 1_000)
  await setPaused(stack, false)
}

/** Says so until the token does: other faults wipe the pool and halt the chain meanwhile. */
async function setPaused({ client, node, token }: Stack, wanted: boolean): Promise<void> {
  const owner = privateKeyToAccount(OWNER_KEY)
  const [abi, address] = [krwTokenAbi, token.address]
  const data = encodeFunctionData({ abi, functionName: wanted ? 'pause' : 'unpause' })
  const isDone = async () =>
    (await client.readContract({ abi, address, functionName: 'config' })).paused === wanted
  while (!(await isDone())) {
    await sendAtOnce(client, node.url, owner, address, data).catch(() => {})
    await sleep(LOOK_MS)
  }
}

/**
 * Fills so many blocks while no raw transaction of the product gets through: what it signed before is below the base
 * fee afterwards, and waits until its fee is raised or the base fee has fallen again.
 */
async function raiseBaseFee(stack: Stack, blocks: number): Promise<void> {
  const { node, client } = stack
  const burner = privateKeyToAccount(FUNDED_KEYS[0])
  const first = await client.getTransactionCount({ address: burner.address, blockTag: 'latest' })
  const chainId = await client.getChainId()
  stack.sky.closeToSends(true)
  try {
    const end = performance.now() + LONGEST_RISE_MS
    for (let block = 0; block < blocks && performance.now() < end; block++) {
      const raw = await burner.signTransaction({
        ...{ type: 'eip1559', chainId, nonce: first + block, to: BURNER, gas: BURNT_GAS },
        ...{ maxFeePerGas: HIGHEST_FEE, maxPriorityFeePerGas: 0n },
      })
      await node.result('eth_sendRawTransaction', [raw])
      await sleep(TRACE_MS)
      await node.result('evm_mine')
    }
    stack.counts.add('base_fee_rises')
  } finally {
    stack.sky.closeToSends(false)
  }
}
