import { x402Facilitator } from '@x402/core/facilitator'
import { toFacilitatorEvmSigner } from '@x402/evm'
import { registerExactEvmScheme } from '@x402/evm/exact/facilitator'
import { createWalletClient, defineChain, type Hex, http, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createNonceManager, jsonRpc } from 'viem/nonce'

import { answerParent } from '../stack/child.ts'

/** What the peer's process is told to do. */
export type PeerTask = {
  readonly rpcUrl: string
  readonly chainId: number
  readonly relayerKey: Hex
  readonly token: Hex
  readonly tokenName: string
  readonly payTo: Hex
  readonly payments: readonly {
    readonly signature: Hex
    readonly authorization: {
      readonly from: Hex
      readonly to: Hex
      readonly value: string
      readonly validAfter: string
      readonly validBefore: string
      readonly nonce: Hex
    }
  }[]
  readonly atOnce: number
  readonly milliseconds: number
}

/** What it answers. Times are milliseconds since the first payment was handed in. */
export type PeerResult = {
  readonly settled: readonly { readonly begin: number; readonly end: number }[]
  readonly failures: readonly string[]
  readonly rpcCalls: number
}

const POLL_MS = 50

/**
 * The x402 facilitator as its documentation builds it, a viem client as signer, with viem's nonce manager and a short
 * polling interval. Called in its own process without HTTP before it, and without the separate verification that
 * servers do first: settling verifies by itself.
 */
export async function settleAll(task: PeerTask): Promise<PeerResult> {
  let rpcCalls = 0
  const network = `eip155:${task.chainId}` as const
  const chain = defineChain({
    id: task.chainId,
    name: 'development',
    nativeCurrency: { name: 'KAIA', symbol: 'KAIA', decimals: 18 },
    rpcUrls: { default: { http: [task.rpcUrl] } },
  })
  const account = privateKeyToAccount(task.relayerKey, {
    nonceManager: createNonceManager({ source: jsonRpc() }),
  })
  const transport = http(task.rpcUrl, {
    onFetchRequest: () => {
      rpcCalls += 1
    },
  })
  const client = createWalletClient({ account, chain, transport, pollingInterval: POLL_MS }).extend(
    publicActions,
  )
  const signer = toFacilitatorEvmSigner({ ...client, address: account.address } as never)
  const facilitator = new x402Facilitator()
  registerExactEvmScheme(facilitator, { signer, networks: network })

  const settled: { begin: number; end: number }[] = []
  const failures: string[] = []
  const start = performance.now()
  let next = 0
  const worker = async () => {
    for (;;) {
      const payload = task.payments[next]
      if (payload === undefined || performance.now() - start > task.milliseconds) return
      next += 1
      const begin = performance.now() - start
      const requirements = {
        scheme: 'exact',
        network,
        asset: task.token,
        amount: payload.authorization.value,
        payTo: task.payTo,
        maxTimeoutSeconds: 300,
        extra: { name: task.tokenName, version: '1' },
      }
      const answer = await facilitator.settle(
        { x402Version: 2, accepted: requirements, payload },
        requirements,
      )
      if (answer.success) settled.push({ begin, end: performance.now() - start })
      else failures.push(`${answer.errorReason} ${answer.errorMessage ?? ''}`)
    }
  }
  await Promise.all(Array.from({ length: task.atOnce }, worker))
  return { settled, failures, rpcCalls }
}

/** Runs as a process of its own, so that it has a core to itself. */
export function main(): Promise<number> {
  return answerParent(settleAll)
}
