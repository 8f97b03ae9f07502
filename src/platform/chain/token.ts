import { decodeErrorResult, decodeFunctionResult, encodeFunctionData } from 'viem'
import { Fault } from '../../kernel/errors.ts'
import type { Hex } from '../../kernel/hex.ts'
import { krwTokenAbi } from './contracts/krw-token.ts'
import type { Nodes } from './nodes.ts'
import { type Call, NodeError, type Reply, resultOf } from './rpc.ts'

/** A question to the token at the newest block. */
export function callOf(token: Hex, data: Hex): Call {
  return { method: 'eth_call', params: [{ to: token, data }, 'latest'] }
}

/** What the token answered. Bytes that mean nothing are a fault of the node: it may not have the token yet. */
export function decoded<Answer>(reply: Reply | undefined, decode: (data: Hex) => Answer): Answer {
  const data = resultOf<Hex>(reply)
  try {
    return decode(data)
  } catch {
    throw new NodeError('down', `an answer that is none of the token: ${data}`)
  }
}

/** The block of the token's deployment. */
export function readBirth(nodes: Nodes, token: Hex): Promise<bigint> {
  const call = { abi: krwTokenAbi, functionName: 'deploymentBlock' } as const
  return read(nodes, token, encodeFunctionData(call), (data) =>
    decodeFunctionResult({ ...call, data }),
  )
}

/** What holds for every batch now. */
export function readRules(
  nodes: Nodes,
  token: Hex,
): Promise<{ readonly feeCapBasisPoints: number; readonly isPaused: boolean }> {
  const call = { abi: krwTokenAbi, functionName: 'config' } as const
  return read(nodes, token, encodeFunctionData(call), (data) => {
    const { feeCapBasisPoints, paused: isPaused } = decodeFunctionResult({ ...call, data })
    return { feeCapBasisPoints, isPaused }
  })
}

/** The error that a call of this sender would meet now, or undefined when it would go through. */
export async function rehearse(
  nodes: Nodes,
  to: Hex,
  from: Hex,
  data: Hex,
): Promise<string | undefined> {
  try {
    await nodes.ask<Hex>('eth_call', [{ from, to, data }, 'latest'])
    return undefined
  } catch (error) {
    // What a contract reverted with is an answer.
    const revert =
      error instanceof Fault && error.cause instanceof NodeError ? error.cause.data : undefined
    if (revert === undefined) throw error
    return decodeErrorResult({ abi: krwTokenAbi, data: revert }).errorName
  }
}

function read<Answer>(
  nodes: Nodes,
  token: Hex,
  data: Hex,
  decode: (data: Hex) => Answer,
): Promise<Answer> {
  return nodes.work('eth_call', async (here) => {
    const [reply] = await here([callOf(token, data)])
    return decoded(reply, decode)
  })
}
