import { Fault } from '../../../src/kernel/errors.ts'
import type { Chain } from '../../../src/platform/chain/chain.ts'
import type { Lie } from './script.ts'

/** A chain behind a node that can be told what to do wrong. The chain itself stays what it is. */
export function lyingChain(
  chain: Chain,
  /** The nonce of an account as it was after a block. */
  nonceAt: (address: string, block: bigint) => bigint | undefined,
): { readonly chain: Chain; lie(lie: Lie | undefined): void } {
  let told: Lie | undefined
  const lag = () => (told?.kind === 'lags' ? BigInt(told.blocks) : 0n)
  const shown = async () => (await chain.head()).number - lag()
  const refuse = () => {
    if (told?.kind === 'refuses') throw new Fault('chain_unavailable', 'connection refused')
  }
  const behind = async (number: bigint) => {
    refuse()
    if (number > (await shown())) throw new Fault('chain_unavailable', 'The node is behind')
  }
  const lying: Chain = {
    ...chain,
    head: async () => {
      refuse()
      return lag() === 0n ? chain.head() : chain.block(await shown())
    },
    block: async (number) => {
      await behind(number)
      return chain.block(number)
    },
    transactionsOf: async (number) => {
      await behind(number)
      return chain.transactionsOf(number)
    },
    settlements: async (from, to, otherThan) => {
      await behind(to)
      const answer = await chain.settlements(from, to, otherThan)
      return told?.kind === 'hides_logs' ? { ...answer, logs: [] } : answer
    },
    nonce: async (address) => {
      refuse()
      const old = lag() === 0n ? undefined : nonceAt(address, await shown())
      const nonce = old ?? (await chain.nonce(address))
      return told?.kind === 'wrong_nonce' ? nonce + BigInt(told.by) : nonce
    },
    balance: async (address) => {
      refuse()
      return chain.balance(address)
    },
    broadcast: async (raw) => {
      refuse()
      const answer = await chain.broadcast(raw)
      if (told?.kind === 'cuts') throw new Fault('chain_unavailable', 'socket hang up')
      return answer
    },
    receipt: async (hash) => {
      refuse()
      if (told?.kind === 'null_receipts') return undefined
      const receipt = await chain.receipt(hash)
      const newest = await shown()
      if (told?.kind === 'failed_receipts') return { succeeded: false, blockNumber: newest }
      return receipt !== undefined && receipt.blockNumber <= newest ? receipt : undefined
    },
  }
  return {
    chain: lying,
    lie: (lie) => {
      told = lie
    },
  }
}
