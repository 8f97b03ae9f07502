import { Fault } from '../../../src/kernel/errors.ts'
import type { Hex } from '../../../src/kernel/hex.ts'
import type { SettlementEvent } from '../../../src/platform/chain/logs.ts'
import type { Random } from '../random.ts'
import type { ChainModel, ModelBlock, SendAnswer, Transaction } from './model.ts'

/** What may be wrong with a node, and until when. */
export type NodeFault =
  /** It shows a head so many blocks old, and catches up until the end. */
  | { readonly kind: 'lags'; readonly blocks: number }
  /** It knows the newest blocks, but not yet their logs. */
  | { readonly kind: 'late_logs'; readonly blocks: number }
  | { readonly kind: 'hides_logs' }
  /** It leaves out every other log. */
  | { readonly kind: 'hides_some_logs' }
  | { readonly kind: 'null_receipts' }
  | { readonly kind: 'failed_receipts' }
  | { readonly kind: 'wrong_nonce'; readonly by: number }
  /** It shows payments that no block has. */
  | { readonly kind: 'forges_paid' }
  | { readonly kind: 'refuses' }
  | { readonly kind: 'busy' }
  /** It passes a transaction on, and the answer is lost. */
  | { readonly kind: 'cuts' }
  /** What is sent to it arrives twice, and late. */
  | { readonly kind: 'sends_twice' }

type Lasting = { readonly fault: NodeFault; readonly from: number; readonly until: number }

/** One node, with what is wrong with it. */
export type ModelNode = {
  readonly place: number
  add(fault: NodeFault, from: number, until: number): void
  heal(): void
  isRefusing(): boolean
  head(): ModelBlock
  block(number: bigint): ModelBlock
  nonce(address: Hex): bigint
  logs(from: bigint, to: bigint): readonly SettlementEvent[]
  receipt(hash: Hex): { readonly succeeded: boolean; readonly blockNumber: bigint } | undefined
  send(transaction: Transaction): SendAnswer | 'busy'
}

type Surroundings = {
  readonly model: ChainModel
  readonly now: () => number
  readonly random: Random
  /** Logs that a liar makes up. */
  readonly forge: (head: ModelBlock) => readonly SettlementEvent[]
  /** Sends again in a while. */
  readonly later: (run: () => void) => void
}

export function openNode(place: number, surroundings: Surroundings): ModelNode {
  const { model, now, forge } = surroundings
  let lasting: Lasting[] = []
  const active = <Kind extends NodeFault['kind']>(kind: Kind) => {
    const found = lasting.find(
      (one) => one.fault.kind === kind && one.from <= now() && now() < one.until,
    )
    return found as (Lasting & { fault: Extract<NodeFault, { kind: Kind }> }) | undefined
  }
  const headNumber = () => {
    const newest = model.head().number
    const lag = active('lags')
    if (lag === undefined) return newest
    const left = (lag.until - now()) / (lag.until - lag.from)
    const shown = newest - BigInt(Math.ceil(lag.fault.blocks * left))
    return shown > 0n ? shown : 0n
  }
  const block = (number: bigint) => {
    const found = number <= headNumber() ? model.block(number) : undefined
    if (found === undefined) throw new Fault('chain_unavailable', 'The node does not have it yet')
    return found
  }
  const head = () => block(headNumber())

  return {
    place,
    add: (fault, from, until) => lasting.push({ fault, from, until }),
    heal: () => {
      lasting = []
    },
    isRefusing: () => active('refuses') !== undefined,
    head,
    block,
    nonce: (address) => {
      const shown =
        (head().after.nonces.get(address) ?? 0n) + BigInt(active('wrong_nonce')?.fault.by ?? 0)
      return shown > 0n ? shown : 0n
    },
    logs: (from, to) => {
      if (to > headNumber()) throw new Fault('chain_unavailable', 'The node is behind')
      if (active('hides_logs') !== undefined) return []
      const late = BigInt(active('late_logs')?.fault.blocks ?? 0)
      const end = headNumber() - late < to ? headNumber() - late : to
      const all: SettlementEvent[] = []
      for (let number = from; number <= end; number++)
        for (const one of model.block(number)?.transactions ?? []) all.push(...one.logs)
      const shown =
        active('hides_some_logs') === undefined ? all : all.filter((_, index) => index % 2 === 0)
      if (active('forges_paid') === undefined) return shown
      const forged = forge(head()).filter((log) => from <= log.blockNumber && log.blockNumber <= to)
      return [...shown, ...forged].toSorted((a, b) => Number(a.blockNumber - b.blockNumber))
    },
    receipt: (hash) => {
      if (active('null_receipts') !== undefined) return undefined
      const newest = headNumber()
      if (active('failed_receipts') !== undefined) return { succeeded: false, blockNumber: newest }
      const number = model.find(hash)
      if (number === undefined || number > newest) return undefined
      const found = model.block(number)?.transactions.find((one) => one.hash === hash)
      if (found !== undefined) return { succeeded: found.succeeded, blockNumber: number }
      return undefined
    },
    send: (transaction) => {
      if (active('busy') !== undefined) return 'busy'
      const answer = model.send(transaction)
      if (active('sends_twice') !== undefined) surroundings.later(() => model.send(transaction))
      if (active('cuts') !== undefined) throw new Fault('chain_unavailable', 'socket hang up')
      return answer
    },
  }
}
