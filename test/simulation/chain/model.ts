import { keccak256, parseTransaction } from 'viem'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { SettlementEvent } from '../../../src/platform/chain/logs.ts'
import { type ChainState, type Item, type PayerOf, settleItems, unpackBatch } from './token.ts'

export const FIRST_BLOCK = 200n
const MS_A_BLOCK = 1_000
const TRANSFER_GAS = 21_000n

/** A signed transaction as a node reads it. */
export type Transaction = {
  readonly hash: Hex
  readonly from: Hex
  readonly nonce: bigint
  readonly maxFeePerGas: bigint
  readonly gas: bigint
  readonly items: readonly Item[]
}

export type Mined = Transaction & {
  readonly succeeded: boolean
  readonly logs: readonly SettlementEvent[]
}

export type ModelBlock = {
  readonly number: bigint
  readonly seconds: number
  readonly baseFeePerGas: bigint
  readonly transactions: readonly Mined[]
  readonly after: ChainState
  /** What others did in it. A block that is taken back gives it to the next. */
  readonly acts: readonly Act[]
}

type Act = (state: ChainState) => ChainState

export type SendAnswer = 'accepted' | 'look' | 'fee_too_low' | 'no_gas_money'

/** The chain as it is: blocks that were made, and the pool of those that make them. */
export type ChainModel = {
  head(): ModelBlock
  /** Undefined for one that is not made yet. */
  block(number: bigint): ModelBlock | undefined
  /** The block that has a transaction. */
  find(hash: Hex): bigint | undefined
  read(raw: Hex): Transaction
  send(transaction: Transaction): SendAnswer
  /** Makes a block of what the pool has, and of what others do in it. */
  mine(): ModelBlock
  /** Something that another account does in the next block. */
  act(change: Act): void
  wipePool(): void
  /** Takes the last blocks back, as a node does that was killed. What the pool had is gone. */
  rollBack(blocks: number): void
  setBaseFee(perGas: bigint): void
  poolSize(): number
}

/** The account that a model signature names: its address is the beginning of r. */
const senderOf = (r: Hex): Hex => `0x${r.slice(2, 42)}`

export function openChainModel(
  start: { readonly state: ChainState; readonly baseFeePerGas: bigint; readonly seconds: number },
  payerOf: PayerOf,
): ChainModel {
  let baseFeePerGas = start.baseFeePerGas
  const genesis: ModelBlock = {
    number: FIRST_BLOCK,
    seconds: start.seconds,
    baseFeePerGas,
    transactions: [],
    after: start.state,
    acts: [],
  }
  const blocks: ModelBlock[] = [genesis]
  const pool = new Map<string, Transaction>()
  let acts: Act[] = []
  const read = new Map<Hex, Transaction>()
  const places = new Map<Hex, bigint>()
  const head = () => blocks.at(-1) ?? genesis
  const nonceOf = (state: ChainState, address: Hex) => state.nonces.get(address) ?? 0n

  const executable = (state: ChainState): Transaction[] => {
    const found: Transaction[] = []
    for (const address of new Set([...pool.values()].map((one) => one.from))) {
      let money = state.gasMoney.get(address) ?? 0n
      for (let nonce = nonceOf(state, address); ; nonce++) {
        const next = pool.get(`${address} ${nonce}`)
        if (next === undefined || next.maxFeePerGas < baseFeePerGas) break
        money -= next.gas * baseFeePerGas
        if (money < 0n) break
        found.push(next)
      }
    }
    return found
  }

  return {
    head,
    block: (number) =>
      number < FIRST_BLOCK ? { ...genesis, number } : blocks[Number(number - FIRST_BLOCK)],
    find: (hash) => places.get(hash),
    read: (raw) => {
      const known = read.get(raw)
      if (known !== undefined) return known
      const { nonce, maxFeePerGas, gas, data, r } = parseTransaction(raw)
      const transaction: Transaction = {
        hash: keccak256(raw),
        from: senderOf(r ?? '0x'),
        nonce: BigInt(nonce ?? 0),
        maxFeePerGas: maxFeePerGas ?? 0n,
        gas: gas ?? 0n,
        items: unpackBatch(data ?? '0x'),
      }
      read.set(raw, transaction)
      return transaction
    },
    send: (transaction) => {
      const { from, nonce, maxFeePerGas, gas } = transaction
      const state = head().after
      const key = `${from} ${nonce}`
      const there = pool.get(key)
      if (nonce < nonceOf(state, from) || there?.hash === transaction.hash) return 'look'
      if (maxFeePerGas < baseFeePerGas) return 'fee_too_low'
      if ((state.gasMoney.get(from) ?? 0n) < gas * maxFeePerGas) return 'no_gas_money'
      if (there !== undefined && there.maxFeePerGas >= maxFeePerGas) return 'look'
      pool.set(key, transaction)
      return 'accepted'
    },
    mine: () => {
      const last = head()
      const done = acts.splice(0)
      const acted = done.reduce((state, act) => act(state), last.after)
      const taken = executable(acted)
      const place = { number: last.number + 1n, seconds: last.seconds + MS_A_BLOCK / 1_000 }
      const { transactions, after } = execute(acted, taken, { ...place, baseFeePerGas }, payerOf)
      for (const one of taken) pool.delete(`${one.from} ${one.nonce}`)
      for (const [key, one] of pool) if (one.nonce < nonceOf(after, one.from)) pool.delete(key)
      for (const one of transactions) places.set(one.hash, place.number)
      const block = { ...place, baseFeePerGas, transactions, after, acts: done }
      blocks.push(block)
      return block
    },
    act: (change) => acts.push(change),
    wipePool: () => pool.clear(),
    rollBack: (count) => {
      const undone = blocks.splice(Math.max(1, blocks.length - count))
      for (const one of undone.flatMap((block) => block.transactions)) places.delete(one.hash)
      acts = [...undone.flatMap((block) => block.acts), ...acts]
      pool.clear()
    },
    setBaseFee: (perGas) => {
      baseFeePerGas = perGas
    },
    poolSize: () => pool.size,
  }
}

function execute(
  before: ChainState,
  taken: readonly Transaction[],
  block: { readonly number: bigint; readonly seconds: number; readonly baseFeePerGas: bigint },
  payerOf: PayerOf,
): { readonly transactions: readonly Mined[]; readonly after: ChainState } {
  if (taken.length === 0) return { transactions: [], after: before }
  const accounts = new Map(before.accounts)
  const nonces = new Map(before.nonces)
  const gasMoney = new Map(before.gasMoney)
  let firstLog = 0
  const transactions = taken.map((one): Mined => {
    nonces.set(one.from, one.nonce + 1n)
    const used = one.items.length === 0 ? TRANSFER_GAS : one.gas
    gasMoney.set(one.from, (gasMoney.get(one.from) ?? 0n) - used * block.baseFeePerGas)
    if (before.isPaused && one.items.length > 0) return { ...one, succeeded: false, logs: [] }
    const at = { seconds: block.seconds, blockNumber: block.number, txHash: one.hash, firstLog }
    const logs = settleItems(accounts, one.items, payerOf, at)
    // The fee's own Transfer comes after the items.
    firstLog = (logs.at(-1)?.logIndex ?? firstLog) + 2
    return { ...one, succeeded: true, logs }
  })
  return { transactions, after: { ...before, accounts, nonces, gasMoney } }
}
