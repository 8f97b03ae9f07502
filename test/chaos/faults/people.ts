import { createWalletClient, type Hex, http, keccak256, type PublicClient, toBytes } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { newApiKey } from '../../../src/domains/merchants/api-key.ts'
import type { Shop } from '../../../src/flows/seed-shop.ts'
import { newId } from '../../../src/kernel/ids.ts'
import { basisPoints } from '../../../src/kernel/money.ts'
import { secret } from '../../../src/kernel/secret.ts'
import type { Plan, Whim } from './plan.ts'

export type Payer = { readonly account: PrivateKeyAccount; readonly whim: Whim }

/** Merchants with a different fee each; the first one has two endpoints. */
const FEES = [80, 0, 250] as const
export const ENDPOINTS_OF = [2, 1, 1] as const

/** A key that the seed alone decides. */
export function accountOf(plan: Plan, name: string): PrivateKeyAccount {
  return privateKeyToAccount(keyOf(plan, name))
}

export function keyOf(plan: Plan, name: string): Hex {
  return keccak256(toBytes(`baro chaos ${plan.seed} ${name}`))
}

export function makePayers(plan: Plan): Payer[] {
  return plan.payers.map((whim, at) => ({ whim, account: accountOf(plan, `payer ${at}`) }))
}

/** Shops whose settlement accounts only ever receive. */
export function makeShops(plan: Plan): Shop[] {
  return FEES.map((fee, at) => {
    const now = new Date()
    const merchantId = newId('mer', now)
    const storeId = newId('sto', now)
    return {
      merchant: {
        id: merchantId,
        name: `바로 커피 ${at + 1}`,
        settlementAddress: accountOf(plan, `shop ${at}`).address.toLowerCase() as Hex,
        feeBasisPoints: basisPoints(fee),
        createdAt: now,
      },
      store: { id: storeId, merchantId, name: `${at + 1}호점`, riskLimit: undefined },
      terminal: { id: newId('ter', now), merchantId, storeId, label: '1번 계산대' },
      merchantKey: secret(newApiKey()),
      terminalKey: secret(newApiKey()),
    }
  })
}

const GAS = 200_000n
/** A tip, so that it comes before whatever waits in the same pool. */
const TIP = 5_000_000_000n

/** Sends one transaction straight to the node, as a wallet of somebody else's would, and does not wait for its block. */
export async function sendAtOnce(
  client: PublicClient,
  url: string,
  from: PrivateKeyAccount,
  to: Hex,
  data: Hex,
): Promise<void> {
  const [block, nonce, chainId] = await Promise.all([
    client.getBlock({ blockTag: 'latest' }),
    client.getTransactionCount({ address: from.address, blockTag: 'latest' }),
    client.getChainId(),
  ])
  const serializedTransaction = await from.signTransaction({
    ...{ type: 'eip1559', chainId, nonce, to, data, gas: GAS },
    maxFeePerGas: 3n * (block.baseFeePerGas ?? 0n) + TIP,
    maxPriorityFeePerGas: TIP,
  })
  const wallet = createWalletClient({ transport: http(url) })
  await wallet.sendRawTransaction({ serializedTransaction })
}
