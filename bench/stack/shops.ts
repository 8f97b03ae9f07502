import { newApiKey } from '../../src/domains/merchants/api-key.ts'
import { newWebhookSecret } from '../../src/domains/webhooks/signature.ts'
import { insertEndpoint } from '../../src/domains/webhooks/store.ts'
import { type Shop, seedShop } from '../../src/flows/seed-shop.ts'
import type { Hex } from '../../src/kernel/hex.ts'
import { newId } from '../../src/kernel/ids.ts'
import { basisPoints } from '../../src/kernel/money.ts'
import { secret } from '../../src/kernel/secret.ts'
import { systemClock } from '../../src/kernel/time.ts'
import type { Db } from '../../src/platform/db/db.ts'

const FEE_BASIS_POINTS = 80

/** Takes merchants on, each with a store, a terminal, keys and, with a `webhookUrl`, an endpoint. */
export async function openShops(db: Db, count: number, webhookUrl?: string): Promise<Shop[]> {
  const now = systemClock.now()
  const shops: Shop[] = []
  for (let at = 0; at < count; at++) {
    const merchantId = newId('mer', now)
    const storeId = newId('sto', now)
    const shop: Shop = {
      merchant: {
        id: merchantId,
        name: `Shop ${at + 1}`,
        settlementAddress: addressOf(at),
        feeBasisPoints: basisPoints(FEE_BASIS_POINTS),
        createdAt: now,
      },
      store: { id: storeId, merchantId, name: 'First', riskLimit: undefined },
      terminal: { id: newId('ter', now), merchantId, storeId, label: '1' },
      merchantKey: secret(newApiKey()),
      terminalKey: secret(newApiKey()),
    }
    await seedShop({ db, clock: systemClock }, shop)
    if (webhookUrl !== undefined)
      await insertEndpoint(db, {
        id: newId('whe', now),
        merchantId,
        url: webhookUrl,
        secret: newWebhookSecret(),
        createdAt: now,
      })
    shops.push(shop)
  }
  return shops
}

/** An address that nobody has the key of. */
function addressOf(at: number): Hex {
  return `0x5e771e${(at + 1).toString(16).padStart(34, '0')}`
}
