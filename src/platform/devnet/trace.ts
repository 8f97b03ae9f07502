import type { Hex } from '../../kernel/hex.ts'
import { COMPUTATION_COST_LIMIT, opcodeCost, precompileCost } from './computation-cost.ts'
import { amountOf, quantity } from './hex.ts'
import { HIGHEST_GAS_LIMIT } from './rules.ts'
import type { Upstream } from './upstream.ts'

/** A call as `eth_call` takes it. */
export type Call = Readonly<Record<string, unknown>>

type Frame = {
  readonly to?: Hex
  readonly gasUsed: Hex
  readonly input: Hex
  readonly error?: string
  readonly calls?: readonly Frame[]
}

const STEPS_ONLY = { disableStack: true, disableStorage: true, disableMemory: true }
const CALLS_ONLY = { tracer: 'callTracer' }
const OPCODE = /"op":"([A-Z0-9]+)/g

// Counts opcodes inside the node, which lists no steps of what it has mined.
const COUNTING = {
  tracer: `{
    counts: {},
    step: function (log) {
      var op = log.op.toString()
      this.counts[op] = (this.counts[op] || 0) + 1
    },
    fault: function () {},
    result: function () { return this.counts },
  }`,
}

/** A node keeps every step in memory until it answers: a long run is looked at in longer and longer parts. */
const FIRST_GAS = 4_000_000n
const ENOUGH = 2 * COMPUTATION_COST_LIMIT

/** Kaia's computation cost of a call on the state of the head; of one that is far too dear, that of its beginning. */
export async function costOfCall(upstream: Upstream, call: Call): Promise<number> {
  const most = call.gas === undefined ? HIGHEST_GAS_LIMIT : amountOf(call.gas)
  for (let gas = FIRST_GAS; ; gas *= 2n) {
    const isLast = gas >= most
    const question = [{ ...call, gas: quantity(isLast ? most : gas) }, 'latest']
    // Two plain traces take a sixth of the time of one that runs a script at every step.
    const frame = await upstream.ask<Frame>('debug_traceCall', [...question, CALLS_ONLY])
    const steps = await upstream.askText('debug_traceCall', [...question, STEPS_ONLY])
    const cost = costOfSteps(countSteps(steps)) + costOfFrames(frame.calls ?? [])
    if (isLast || cost > ENOUGH || !ranOut(frame)) return cost
  }
}

function ranOut({ error, calls = [] }: Frame): boolean {
  return /gas/i.test(error ?? '') || calls.some(ranOut)
}

/** Kaia's computation cost of a mined transaction; the node must still have the state before it. */
export async function costOfTransaction(upstream: Upstream, hash: Hex): Promise<number> {
  const counts = await upstream.ask<Record<string, number>>('debug_traceTransaction', [
    ...[hash, COUNTING],
  ])
  const frame = await upstream.ask<Frame>('debug_traceTransaction', [hash, CALLS_ONLY])
  return costOfSteps(new Map(Object.entries(counts))) + costOfFrames(frame.calls ?? [])
}

function countSteps(text: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const [, opcode = ''] of text.matchAll(OPCODE))
    counts.set(opcode, (counts.get(opcode) ?? 0) + 1)
  if (counts.size === 0 && !text.includes('"structLogs":[]'))
    throw new Error(`no trace: ${text.slice(0, 200)}`)
  return counts
}

function costOfSteps(counts: ReadonlyMap<string, number>): number {
  return [...counts].reduce((sum, [opcode, count]) => sum + count * opcodeCost(opcode), 0)
}

function costOfFrames(frames: readonly Frame[]): number {
  return frames.reduce((sum, { to, input, gasUsed, calls }) => {
    const own = precompileCost(to ?? '', (input.length - 2) / 2, Number(gasUsed))
    return sum + own + costOfFrames(calls ?? [])
  }, 0)
}
