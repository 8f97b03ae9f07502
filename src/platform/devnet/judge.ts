import type { Hex } from '../../kernel/hex.ts'
import { COMPUTATION_COST_LIMIT, canExceedLimit } from './computation-cost.ts'
import { quantity } from './hex.ts'
import type { Verdict } from './pool.ts'
import { DELEGATION_GAS } from './rules.ts'
import { costOfCall } from './trace.ts'
import type { Transaction } from './transaction.ts'
import type { Upstream } from './upstream.ts'

/** A bound that someone has proven for one function of one contract: from the calldata, the cost at most. */
export type CostBound = {
  readonly selector: Hex
  atMost(data: Hex): number
}

/** Says how a transaction will end under the limit of computation cost. */
export type Judge = {
  /** At once, where no trace is needed. */
  atOnce(transaction: Transaction): Verdict | undefined
  /** After a trace. */
  traced(transaction: Transaction): Promise<Verdict>
}

type Options = {
  readonly upstream: Upstream
  readonly bounds: readonly CostBound[]
  readonly log: (line: string) => void
}

/**
 * Traces what could exceed the limit and nothing else. A bound counts at an address where a first trace has kept to
 * it: the same selector in another contract is another function.
 */
export function openJudge({ upstream, bounds, log }: Options): Judge {
  const kept = new Set<string>()
  let last: Promise<unknown> = Promise.resolve()

  const boundOf = ({ to, data }: Transaction) =>
    to === null ? undefined : bounds.find(({ selector }) => data.startsWith(selector))

  async function trace(transaction: Transaction): Promise<Verdict> {
    try {
      const cost = await costOfCall(upstream, callOf(transaction))
      const bound = boundOf(transaction)
      if (bound !== undefined && cost <= bound.atMost(transaction.data))
        kept.add(`${transaction.to} ${bound.selector}`)
      return cost > COMPUTATION_COST_LIMIT ? 'burn' : 'run'
    } catch (error) {
      log(`${transaction.hash} has no trace and runs unchecked: ${textOf(error)}`)
      return 'run'
    }
  }

  return {
    atOnce(transaction) {
      if (!canExceedLimit(transaction.gas)) return 'run'
      const bound = boundOf(transaction)
      if (bound === undefined || !kept.has(`${transaction.to} ${bound.selector}`)) return undefined
      return bound.atMost(transaction.data) <= COMPUTATION_COST_LIMIT ? 'run' : undefined
    },
    traced(transaction) {
      // One at a time: a trace is the dearest thing that the node does.
      const verdict = last.then(() => trace(transaction))
      last = verdict
      return verdict
    },
  }
}

function callOf({ from, to, data, value, gas, accessList, feePayer }: Transaction) {
  return {
    ...(to === null ? { from } : { from, to }),
    ...{ data, value: quantity(value), accessList },
    gas: quantity(feePayer === undefined ? gas : gas - DELEGATION_GAS),
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
