import type { Hex } from '../../kernel/hex.ts'
import { opcodeCost, precompileCost } from './computation-cost.ts'
import type { Upstream } from './upstream.ts'

/** A call as `eth_call` takes it. */
export type Call = Readonly<Record<string, unknown>>

type Frame = {
  readonly to?: Hex
  readonly gasUsed: Hex
  readonly input: Hex
  readonly calls?: readonly Frame[]
}

const STEPS_ONLY = { disableStack: true, disableStorage: true, disableMemory: true }
const CALLS_ONLY = { tracer: 'callTracer' }
const OPCODE = /"op":"([A-Z0-9]+)/g

/** Kaia's computation cost of a call on the state of the head. */
export async function costOfCall(upstream: Upstream, call: Call): Promise<number> {
  return costOf(upstream, 'debug_traceCall', [call, 'latest'])
}

/** Kaia's computation cost of a mined transaction; the node must still have the state before it. */
export async function costOfTransaction(upstream: Upstream, hash: Hex): Promise<number> {
  return costOf(upstream, 'debug_traceTransaction', [hash])
}

async function costOf(
  upstream: Upstream,
  method: string,
  params: readonly unknown[],
): Promise<number> {
  // Two plain traces take a sixth of the time of one that runs a script at every step.
  const steps = await upstream.askText(method, [...params, STEPS_ONLY])
  const frames = await upstream.ask<Frame>(method, [...params, CALLS_ONLY])
  return costOfSteps(steps) + costOfFrames(frames.calls ?? [])
}

function costOfSteps(text: string): number {
  const counts = new Map<string, number>()
  for (const [, opcode = ''] of text.matchAll(OPCODE))
    counts.set(opcode, (counts.get(opcode) ?? 0) + 1)
  if (counts.size === 0 && !text.includes('"structLogs":[]'))
    throw new Error(`no trace: ${text.slice(0, 200)}`)
  return [...counts].reduce((sum, [opcode, count]) => sum + count * opcodeCost(opcode), 0)
}

function costOfFrames(frames: readonly Frame[]): number {
  return frames.reduce((sum, { to, input, gasUsed, calls }) => {
    const own = precompileCost(to ?? '', (input.length - 2) / 2, Number(gasUsed))
    return sum + own + costOfFrames(calls ?? [])
  }, 0)
}
