import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Abi, encodeFunctionData, type Hex, parseEther } from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { FUNDED_KEYS } from '../support/anvil.ts'

export type Answer = {
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string }
}
export type Receipt = Readonly<Record<string, Hex>>
export type Wish = {
  readonly nonce: number
  readonly to?: Hex
  readonly value?: bigint
  readonly data?: Hex
  readonly gas?: bigint
  readonly maxFeePerGas?: bigint
  readonly maxPriorityFeePerGas?: bigint
}
type Signing = Pick<PrivateKeyAccount, 'signTransaction'>
export type Keyed = PrivateKeyAccount & { readonly key: Hex }

/** Kaia's lower bound of the base fee. */
export const FEE = 25_000_000_000n

const PROBE = JSON.parse(readFileSync(join(import.meta.dirname, 'probe.json'), 'utf8')) as {
  abi: Abi
  bytecode: Hex
}
const POLL_MS = 20
const POLLS = 1_500

/** Calldata of a function of the probe. */
export function probeCall(functionName: string, args: readonly unknown[] = []): Hex {
  return encodeFunctionData({ abi: PROBE.abi, functionName, args })
}

/** The node under question, a rich account on it, and the probe. */
export class Node {
  readonly url: string
  readonly chainId: number
  readonly rich: PrivateKeyAccount
  probe: Hex = '0x'
  #richNonce = 0

  private constructor(url: string, chainId: number, richKey: Hex) {
    this.url = url
    this.chainId = chainId
    this.rich = privateKeyToAccount(richKey)
  }

  /** Puts the probe on the chain, with the coins of a rich account: a development chain's first one unless told. */
  static async open(url: string, richKey: Hex = FUNDED_KEYS[0]): Promise<Node> {
    const node = new Node(url, 0, richKey)
    const opened = new Node(url, Number(await node.ask('eth_chainId')), richKey)
    const { address } = opened.rich
    opened.#richNonce = Number(await opened.ask('eth_getTransactionCount', [address, 'latest']))
    const { contractAddress } = await opened.spend({ data: PROBE.bytecode, gas: 3_000_000n })
    opened.probe = contractAddress ?? '0x'
    return opened
  }

  /** One question, answered or refused. */
  async rpc(method: string, params: readonly unknown[] = []): Promise<Answer> {
    const response = await this.post({ jsonrpc: '2.0', id: 1, method, params })
    return (await response.json()) as Answer
  }

  post(body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    return fetch(this.url, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  /** One question that must be answered. */
  async ask<Result = Hex>(method: string, params: readonly unknown[] = []): Promise<Result> {
    const { result, error } = await this.rpc(method, params)
    if (error !== undefined) throw new Error(`${method}: ${error.message}`)
    return result as Result
  }

  async head(): Promise<number> {
    return Number(await this.ask('eth_blockNumber'))
  }

  sign(account: Signing, wish: Wish, chainId = this.chainId): Promise<Hex> {
    const fees = { maxFeePerGas: FEE * 4n, maxPriorityFeePerGas: 0n, gas: 21_000n }
    return account.signTransaction({ type: 'eip1559', chainId, ...fees, ...wish })
  }

  async send(account: Signing, wish: Wish): Promise<Answer> {
    return this.rpc('eth_sendRawTransaction', [await this.sign(account, wish)])
  }

  async mined(hash: unknown): Promise<Receipt> {
    for (let poll = 0; poll < POLLS; poll++) {
      const receipt = await this.ask<Receipt | null>('eth_getTransactionReceipt', [hash])
      if (receipt !== null) return receipt
      await delay(POLL_MS)
    }
    throw new Error(`not mined: ${hash}`)
  }

  /** Sends from the rich account and waits for the block. */
  async spend(wish: Omit<Wish, 'nonce'>): Promise<Receipt> {
    const { result, error } = await this.send(this.rich, { ...wish, nonce: this.#richNonce })
    if (error !== undefined) throw new Error(error.message)
    this.#richNonce += 1
    return this.mined(result)
  }

  /** A new account, with so many KAIA. */
  async fresh(kaia = 0): Promise<Keyed> {
    const key = generatePrivateKey()
    const account = privateKeyToAccount(key)
    if (kaia > 0) await this.spend({ to: account.address, value: parseEther(String(kaia)) })
    return { ...account, key }
  }
}

/** An answer to compare: errors whole, results as `view` makes them, without what differs from run to run. */
export function outcome<Result = unknown>(
  { result, error }: Answer,
  view: (result: Result) => unknown = () => 'accepted',
): unknown {
  if (error === undefined) return result === null ? null : view(result as Result)
  const message = error.message
    .replace(/\b(0x)?[0-9a-f]{64}\b/g, 'HASH')
    .replace(/block number: \d+/, 'block number: N')
  const { code, data } = error
  return { code, message, ...(data === undefined ? {} : { data }) }
}
