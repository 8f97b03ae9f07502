import type { Hex } from 'viem'
import { secret } from '../../../src/kernel/secret.ts'
import { callAndWait, mintCall } from '../../../src/platform/chain/call.ts'
import { deployToken } from '../../../src/platform/chain/deploy.ts'
import { openEvmChain } from '../../../src/platform/chain/evm.ts'
import { localSigner } from '../../../src/platform/keys/local.ts'
import { FUNDED_KEYS } from '../../support/anvil.ts'
import { accountOf, type Payer } from './people.ts'
import type { Plan } from './plan.ts'

export const CHAIN_ID = 31_337
const [DEPLOYER_KEY, LANE_1_KEY, LANE_2_KEY, MINTER_KEY] = FUNDED_KEYS
/** Who mints may also pause. */
export const OWNER_KEY = MINTER_KEY
export const LANE_KEYS = [LANE_1_KEY, LANE_2_KEY] as const
const PAYER_WON = 1_000_000n
const GAS_MONEY = 10n ** 18n
const MOST_WON = 10n ** 13n

export type Token = {
  readonly address: Hex
  readonly lanes: readonly Hex[]
  readonly feeRecipient: Hex
}

/** Deploys the token, gives the payers their won, and gas money to those who will send something themselves. */
export async function deploy(plan: Plan, rpc: string, payers: readonly Payer[]): Promise<Token> {
  const freezer = accountOf(plan, 'freezer').address
  const feeRecipient = lower(accountOf(plan, 'fees').address)
  const lanes = LANE_KEYS.map((key) => localSigner(secret(key)).address)
  const minter = localSigner(secret(MINTER_KEY))
  const { token } = await deployToken({
    ...{ rpc, deployerKey: DEPLOYER_KEY, pollMs: 50 },
    setUp: {
      ...{ owner: minter.address, pauser: minter.address, freezer, feeRecipient },
      ...{ feeCapBasisPoints: 300, supplyCap: MOST_WON },
      settlers: lanes.map((account) => ({ account, dailyLimit: MOST_WON })),
      minters: [{ account: minter.address, allowance: MOST_WON, dailyLimit: MOST_WON }],
    },
  })
  const chain = openEvmChain({ rpcUrls: [rpc], chainId: CHAIN_ID, token })
  const mints = payers.map(({ account }) => mintCall(token, lower(account.address), PAYER_WON))
  await callAndWait(chain, minter, mints)
  const senders = payers.filter(({ whim }) => whim === 'moves_its_won')
  const needy = [freezer, ...senders.map(({ account }) => account.address)]
  await callAndWait(
    chain,
    localSigner(secret(DEPLOYER_KEY)),
    needy.map((to) => ({ to, data: '0x', gas: 21_000n, value: GAS_MONEY })),
  )
  return { address: lower(token), lanes, feeRecipient }
}

export function lower(address: string): Hex {
  return address.toLowerCase() as Hex
}
