import {
  type Address,
  createPublicClient,
  encodeFunctionData,
  formatTransactionReceipt,
  type Hex,
  http,
  type PublicClient,
} from 'viem'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { deployToken, type TokenSetUp } from '../../src/platform/chain/deploy.ts'
import {
  compactSignature,
  type PaymentDomain,
  type PaymentTerms,
  paymentDigest,
  paymentDomain,
} from '../../src/platform/chain/typed-data.ts'
import { type Anvil, FUNDED_KEYS, startAnvil } from './anvil.ts'

/** A chain with the token on it; every role is another account, all with coins for gas. */
export interface TokenWorld {
  readonly anvil: Anvil
  readonly client: PublicClient
  readonly token: Address
  readonly domain: PaymentDomain
  readonly owner: PrivateKeyAccount
  readonly settler: PrivateKeyAccount
  readonly minter: PrivateKeyAccount
}

export const LATER = 4_000_000_000
export const DEPLOYER_KEY = FUNDED_KEYS[0]
const owner = privateKeyToAccount(FUNDED_KEYS[1])
const settler = privateKeyToAccount(FUNDED_KEYS[2])
const minter = privateKeyToAccount(FUNDED_KEYS[3])
export const FEE_RECIPIENT: Address = '0x00000000000000000000000000000000000fee00'

export const SET_UP: TokenSetUp = {
  owner: owner.address,
  pauser: owner.address,
  freezer: owner.address,
  feeRecipient: FEE_RECIPIENT,
  feeCapBasisPoints: 300,
  supplyCap: 1_000_000_000_000n,
  settlers: [{ account: settler.address, dailyLimit: 10_000_000_000n }],
  minters: [{ account: minter.address, allowance: 10_000_000_000n, dailyLimit: 10_000_000_000n }],
}

/** Starts an anvil of one block a transaction and deploys the token on it. */
export async function startTokenWorld(): Promise<TokenWorld> {
  const anvil = await startAnvil()
  const { token, chainId } = await deployToken({
    rpc: anvil.url,
    deployerKey: DEPLOYER_KEY,
    setUp: SET_UP,
    pollMs: 10,
  })
  const client = createPublicClient({ transport: http(anvil.url), pollingInterval: 10 })
  const domain = paymentDomain(chainId, token)
  return { anvil, client, token, domain, owner, settler, minter }
}

/** Signs and sends a call to the token; the receipt says whether it succeeded. */
export async function call(world: TokenWorld, from: PrivateKeyAccount, data: Hex) {
  const nonce = await world.client.getTransactionCount({
    address: from.address,
    blockTag: 'latest',
  })
  const serializedTransaction = await from.signTransaction({
    type: 'eip1559',
    chainId: world.domain.chainId,
    nonce,
    gas: 30_000_000n,
    to: world.token,
    data,
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 0n,
  })
  const hash = await world.client.sendRawTransaction({ serializedTransaction })
  return receiptOf(world, hash)
}

/** The receipt of a sent transaction, once it is in a block. */
export async function receiptOf(world: Pick<TokenWorld, 'anvil' | 'client'>, hash: Hex) {
  for (let polls = 0; polls < 1_000; polls += 1) {
    const mined = await world.client.request({
      method: 'eth_getTransactionReceipt',
      params: [hash],
    })
    if (mined !== null) return formatTransactionReceipt(mined)
    // On a busy machine anvil may leave a transaction in its pool until it is told to go on.
    if (polls > 5) await rpc(world.anvil.url, 'evm_mine', [])
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`transaction ${hash} is in no block`)
}

/** A call of anvil that viem does not know. */
export async function rpc(
  url: string,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = (await response.json()) as {
    readonly result?: unknown
    readonly error?: unknown
  }
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}

/** Creates won for an account. */
export async function mint(world: TokenWorld, to: Address, value: bigint): Promise<void> {
  const data = encodeFunctionData({ abi: krwTokenAbi, functionName: 'mint', args: [to, value] })
  const { status } = await call(world, world.minter, data)
  if (status !== 'success') throw new Error('mint failed')
}

/** A new payer with `won` on the token. */
export async function newPayer(world: TokenWorld, won: bigint): Promise<PrivateKeyAccount> {
  const payer = privateKeyToAccount(generatePrivateKey())
  await mint(world, payer.address, won)
  return payer
}

/** The signed item of a batch. */
export async function signItem(
  world: Pick<TokenWorld, 'domain'>,
  payer: PrivateKeyAccount,
  payment: PaymentTerms,
) {
  const signature = await payer.sign({ hash: paymentDigest(world.domain, payment) })
  const { amount, nonce, validBefore, invoice } = payment
  return { signature: compactSignature(signature), amount, nonce, validBefore, invoice }
}
