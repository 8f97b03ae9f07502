import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { signTransaction } from '../../src/platform/chain/transaction.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { progress } from '../stack/figures.ts'
import type { Payer, SignedPayment } from './payments.ts'
import { freezeData, type Token, transferData } from './token.ts'

const GAS = 120_000n
/** Twice what the batches offer, so that the ruin of a payer stands before them in its block. */
const RUIN_MAX_FEE = 100_000_000_000n
const GAS_MONEY = 10n ** 17n
const NOBODY: Hex = '0x00000000000000000000000000000000000dead0'

/** Ruins payers as soon as all of their payments are accepted: every other is frozen, the rest move all their money away. */
export type Ruin = {
  /** To be told of every answer. */
  onAnswer(payment: SignedPayment): void
  /** How many were ruined: their transactions are in blocks and did not fail. */
  ruined(): Promise<number>
}

type Plan = {
  readonly rpcUrl: string
  readonly token: Token
  readonly payers: readonly Payer[]
  readonly paymentsEach: number
  readonly won: bigint
}

export async function prepareRuin({
  rpcUrl,
  token,
  payers,
  paymentsEach,
  won,
}: Plan): Promise<Ruin> {
  for (const { address } of payers)
    await ask(rpcUrl, 'anvil_setBalance', [address, `0x${GAS_MONEY.toString(16)}`])
  const { issuer, chain } = token
  const missing = new Map<Hex, number>(payers.map(({ address }) => [address, paymentsEach]))
  const isFrozenAt = new Map(payers.map(({ address }, at) => [address, at % 2 === 0]))
  let freezerNonce = await chain.nonce(issuer.address)
  const sent: Hex[] = []

  const send = async (signer: Signer, nonce: bigint, data: Hex) => {
    const { raw, txHash } = await signTransaction(signer, {
      ...{ chainId: chain.chainId, nonce, to: chain.token, data },
      ...{ gas: GAS, maxFeePerGas: RUIN_MAX_FEE },
    })
    await ask(rpcUrl, 'eth_sendRawTransaction', [raw])
    sent.push(txHash)
  }
  const ruin = async (payer: Payer) => {
    if (isFrozenAt.get(payer.address)) {
      const nonce = freezerNonce
      freezerNonce += 1n
      await send(issuer, nonce, freezeData(payer.address))
    } else {
      const { balance } = await chain.account(payer.address)
      const key = `0x${Buffer.from(payer.key).toString('hex')}`
      // What has settled meanwhile is gone already; most of the money is enough.
      await send(localSigner(secret(key)), 0n, transferData(NOBODY, balance - won / 10n))
    }
  }
  return {
    onAnswer: ({ payer }) => {
      const left = missing.get(payer.address)
      if (left === undefined) return
      missing.set(payer.address, left - 1)
      if (left === 1)
        ruin(payer).catch((error: Error) => progress(`a payer was not ruined: ${error.message}`))
    },
    ruined: async () => {
      const receipts = await Promise.all(sent.map((txHash) => chain.receipt(txHash)))
      return receipts.filter((receipt) => receipt?.succeeded).length
    },
  }
}

/** The payments of bad payers strewn among those of good ones: every `nth` is a bad one, a payer's together. */
export function strew(
  good: readonly SignedPayment[],
  bad: readonly SignedPayment[],
  nth: number,
): SignedPayment[] {
  const mixed: SignedPayment[] = []
  let atBad = 0
  for (const payment of good) {
    const one = bad[atBad]
    if (mixed.length % nth === nth - 1 && one !== undefined) {
      mixed.push(one)
      atBad += 1
    }
    mixed.push(payment)
  }
  return mixed
}

async function ask(url: string, method: string, params: readonly unknown[]): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { error } = (await answer.json()) as { error?: { message: string } }
  if (error !== undefined) throw new Error(`${method}: ${error.message}`)
}
