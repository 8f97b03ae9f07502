import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi, toHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import { encodeSettleBatch, type SettlementGroup } from '../../src/platform/chain/batch.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import {
  encodeRefundBatch,
  paymentId,
  REGISTER_REFUND_KEY_TYPES,
  type RefundGroup,
  type RefundItem,
  refundDigest,
} from '../../src/platform/chain/refund.ts'
import { compactSignature, paymentStructHash } from '../../src/platform/chain/typed-data.ts'
import { LATER, signItem } from '../../test/support/token.ts'
import { AUTHORISATION_TYPES } from '../eip3009.ts'
import { type Cost, costOf, type GasChain, sendAll } from './chain.ts'

const FEE_BASIS_POINTS = 80
const TOKEN_ABI = parseAbi([
  'function transfer(address to, uint256 value) returns (bool)',
  'function transferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce,uint8 v,bytes32 r,bytes32 s)',
])

/** Signs one payment of each of the first `n` payers to `m` merchants in turn. */
export async function signGroups(
  chain: GasChain,
  n: number,
  m: number,
): Promise<readonly SettlementGroup[]> {
  const groups = chain.merchants.slice(0, m).map(async ({ address: merchant }, group) => {
    const payers = chain.payers.slice((group * n) / m, ((group + 1) * n) / m)
    const items = payers.map((payer, at) => {
      const nonce = chain.nonces.get(payer.address) ?? 0
      chain.nonces.set(payer.address, nonce + 1)
      const invoice: Hex = `0x${keccak256(toHex(`${payer.address} ${nonce}`)).slice(2, 34)}`
      const amount = BigInt(4_500 + 100 * ((group + at) % 97))
      return signItem(chain.world, payer, { merchant, amount, nonce, validBefore: LATER, invoice })
    })
    return { merchant, feeBasisPoints: FEE_BASIS_POINTS, items: await Promise.all(items) }
  })
  return Promise.all(groups)
}

/** Settles `n` payments to `m` merchants in one transaction. */
export async function settle(chain: GasChain, n: number, m: number): Promise<Cost> {
  const calldata = encodeSettleBatch(await signGroups(chain, n, m))
  return costOf(chain.world, chain.world.settler, calldata)
}

/** Settles `n` payments to `m` merchants, then sends half of each back in one transaction. */
export async function refund(chain: GasChain, n: number, m: number): Promise<Cost> {
  const { world } = chain
  for (const merchant of chain.merchants.slice(0, m)) await registerRefundKey(chain, merchant)
  const settled = await signGroups(chain, n, m)
  await costOf(world, world.settler, encodeSettleBatch(settled))
  const groups = settled.map(async ({ merchant, items }, group): Promise<RefundGroup> => {
    const refunds = items.map(async (payment, at): Promise<RefundItem> => {
      const payer = chain.payers[(group * n) / m + at]
      if (payer === undefined) throw new Error('no such payer')
      const terms = {
        payment: paymentId(paymentStructHash({ ...payment, merchant }), payer.address),
        amount: payment.amount / 2n,
        refundedBefore: 0n,
        validBefore: LATER,
      }
      const signature = await refundKey(chain).sign({ hash: refundDigest(world.domain, terms) })
      return { ...terms, payment, signature: compactSignature(signature) }
    })
    return { merchant, items: await Promise.all(refunds) }
  })
  return costOf(world, world.settler, encodeRefundBatch(await Promise.all(groups)))
}

/** Sends `n` plain transfers from one account to `m` accounts, one a transaction. */
export function transfers(chain: GasChain, token: Address, n: number, m: number) {
  const calls = Array.from({ length: n }, (_, at) => {
    const to = chain.merchants[at % m]?.address ?? token
    return encodeFunctionData({
      abi: TOKEN_ABI,
      functionName: 'transfer',
      args: [to, BigInt(4_500 + 100 * (at % 97))],
    })
  })
  return sendAll(chain.world, chain.world.owner, token, calls)
}

/** Sends `n` EIP-3009 transfers of `n` payers, one a transaction, with random or counted-up nonces. */
export async function authorisations(
  chain: GasChain,
  token: { readonly address: Address; readonly name: string },
  n: number,
  nonces: 'random' | 'dense',
) {
  const calls = Array.from({ length: n }, async (_, at) => {
    const payer = payerOf(chain, nonces === 'dense' ? 0 : at)
    const terms = {
      from: payer.address,
      to: chain.merchants[at % 20]?.address ?? token.address,
      value: BigInt(4_500 + 100 * (at % 97)),
      validAfter: 0n,
      validBefore: BigInt(LATER),
      nonce: nonces === 'dense' ? toHex(at, { size: 32 }) : keccak256(toHex(at)),
    }
    const signature = await payer.signTypedData({
      domain: {
        name: token.name,
        version: '1',
        chainId: chain.world.domain.chainId,
        verifyingContract: token.address,
      },
      types: AUTHORISATION_TYPES,
      primaryType: 'TransferWithAuthorization',
      message: terms,
    })
    return encodeFunctionData({
      abi: TOKEN_ABI,
      functionName: 'transferWithAuthorization',
      args: [...termsInOrder(terms), ...partsOf(signature)],
    })
  })
  return sendAll(chain.world, chain.world.settler, token.address, await Promise.all(calls))
}

function termsInOrder(terms: {
  readonly from: Address
  readonly to: Address
  readonly value: bigint
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly nonce: Hex
}) {
  const { from, to, value, validAfter, validBefore, nonce } = terms
  return [from, to, value, validAfter, validBefore, nonce] as const
}

function partsOf(signature: Hex): readonly [number, Hex, Hex] {
  const v = Number.parseInt(signature.slice(130), 16)
  return [v, `0x${signature.slice(2, 66)}`, `0x${signature.slice(66, 130)}`]
}

function payerOf(chain: GasChain, at: number): PrivateKeyAccount {
  const payer = chain.payers[at]
  if (payer === undefined) throw new Error(`there is no payer ${at}`)
  return payer
}

/** One key signs the refunds of every merchant here; it need not be a merchant's own account. */
function refundKey(chain: GasChain): PrivateKeyAccount {
  return chain.world.owner
}

async function registerRefundKey(chain: GasChain, merchant: PrivateKeyAccount): Promise<void> {
  const { world } = chain
  const [nonce, key] = await Promise.all([
    world.client.readContract({
      address: world.token,
      abi: krwTokenAbi,
      functionName: 'nonces',
      args: [merchant.address],
    }),
    world.client.readContract({
      address: world.token,
      abi: krwTokenAbi,
      functionName: 'refundKeyOf',
      args: [merchant.address],
    }),
  ])
  if (key.key === refundKey(chain).address) return
  const message = {
    merchant: merchant.address,
    key: refundKey(chain).address,
    dailyLimit: 1_000_000_000,
    nonce,
    deadline: BigInt(LATER),
  }
  const signature = await merchant.signTypedData({
    domain: {
      name: 'KRWToken',
      version: '1',
      chainId: world.domain.chainId,
      verifyingContract: world.token,
    },
    types: REGISTER_REFUND_KEY_TYPES,
    primaryType: 'RegisterRefundKey',
    message,
  })
  const calldata = encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'registerRefundKey',
    args: [
      message.merchant,
      message.key,
      message.dailyLimit,
      message.deadline,
      ...partsOf(signature),
    ],
  })
  await costOf(world, world.settler, calldata)
}
