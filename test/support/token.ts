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
import { inject } from 'vitest'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { deployToken, type TokenSetUp } from '../../src/platform/chain/deploy.ts'
import {
  compactSignature,
  type PaymentDomain,
  type PaymentTerms,
  paymentDigest,
  paymentDomain,
} from '../../src/platform/chain/typed-data.ts'
import { giveCoins } from './coins.ts'
import { until } from './until.ts'

/** A token with every role in another hand. */
export interface TokenWorld {
  readonly client: PublicClient
  readonly token: Address
  readonly domain: PaymentDomain
  readonly owner: PrivateKeyAccount
  readonly settler: PrivateKeyAccount
  readonly minter: PrivateKeyAccount
}

export const LATER = 4_000_000_000
export const FEE_RECIPIENT: Address = '0x00000000000000000000000000000000000fee00'
const MINED_MS = 60_000
const CALL_GAS = 1_000_000n

/** A set-up with these accounts in its roles. */
export function setUpOf({
  owner,
  settler,
  minter,
}: Pick<TokenWorld, 'owner' | 'settler' | 'minter'>): TokenSetUp {
  return {
    owner: owner.address,
    pauser: owner.address,
    freezer: owner.address,
    feeRecipient: FEE_RECIPIENT,
    feeCapBasisPoints: 300,
    supplyCap: 1_000_000_000_000n,
    settlers: [{ account: settler.address, dailyLimit: 10_000_000_000n }],
    minters: [{ account: minter.address, allowance: 10_000_000_000n, dailyLimit: 10_000_000_000n }],
  }
}

/** Accounts that nobody else has. */
export function freshRoles() {
  const fresh = () => privateKeyToAccount(generatePrivateKey())
  return { owner: fresh(), settler: fresh(), minter: fresh() }
}

/** A token of its own on the chain of the tests; its settler and its minter have coins for gas. */
export async function openTokenWorld(): Promise<TokenWorld> {
  const rpc = inject('chainUrl')
  const deployerKey = generatePrivateKey()
  const roles = freshRoles()
  const payers = [privateKeyToAccount(deployerKey), roles.settler, roles.minter]
  await giveCoins(payers.map(({ address }) => address))
  const { token, chainId } = await deployToken({
    ...{ rpc, deployerKey, pollMs: 50, setUp: setUpOf(roles) },
  })
  const client = createPublicClient({ transport: http(rpc), pollingInterval: 50 })
  return { client, token, domain: paymentDomain(chainId, token), ...roles }
}

/** Signs and sends a call to the token; the receipt says whether it succeeded. */
export async function call(world: TokenWorld, from: PrivateKeyAccount, data: Hex) {
  const hash = await sendCall(world, from, data, CALL_GAS)
  return until(
    `transaction ${hash} in a block`,
    async () => {
      const mined = await world.client.request({
        method: 'eth_getTransactionReceipt',
        params: [hash],
      })
      return mined === null ? undefined : formatTransactionReceipt(mined)
    },
    MINED_MS,
  )
}

/** Signs and sends a call to the token, and does not wait. */
export async function sendCall(
  { client, domain, token }: TokenWorld,
  from: PrivateKeyAccount,
  data: Hex,
  gas: bigint,
): Promise<Hex> {
  const nonce = await client.getTransactionCount({ address: from.address, blockTag: 'latest' })
  const { baseFeePerGas } = await client.getBlock({ blockTag: 'latest' })
  const serializedTransaction = await from.signTransaction({
    type: 'eip1559',
    chainId: domain.chainId,
    nonce,
    gas,
    to: token,
    data,
    maxFeePerGas: 2n * (baseFeePerGas ?? 0n) + 1_000_000_000n,
    maxPriorityFeePerGas: 0n,
  })
  return client.sendRawTransaction({ serializedTransaction })
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
