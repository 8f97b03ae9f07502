import { parseArgs } from 'node:util'
import { newApiKey } from '../domains/merchants/api-key.ts'
import { countMerchants } from '../domains/merchants/store.ts'
import { seedShop } from '../flows/seed-shop.ts'
import type { Hex } from '../kernel/hex.ts'
import { newId } from '../kernel/ids.ts'
import { basisPoints, wonFromText } from '../kernel/money.ts'
import { reveal, secret } from '../kernel/secret.ts'
import { systemClock } from '../kernel/time.ts'
import { openDatabase } from '../platform/db/db.ts'
import { readConfig } from './config.ts'
import { runMain } from './main.ts'

const USAGE = `npm run create-shop -- --name NAME --store NAME --terminal LABEL --settlement-address 0x… [--fee-basis-points N]
  [--risk-limit WON] [--if-none]

Writes a merchant with one store, one terminal and two API keys into the database named by DATABASE_URL, and prints one
JSON object. The keys are shown this once: only their hashes are stored. With --if-none it does nothing where there is a merchant.
--risk-limit is what the store may hand over in an hour before a block has it, while the chain is late; without it, the
gateway's RISK_LIMIT_WON_PER_STORE_HOUR holds.
`

/** Takes a merchant on. */
await runMain('npm run create-shop', async () => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      name: text,
      store: text,
      terminal: text,
      'settlement-address': text,
      'fee-basis-points': { type: 'string', default: '0' },
      'risk-limit': text,
      'if-none': { type: 'boolean', default: false },
    },
  })
  const { name, store, terminal, 'settlement-address': address } = values
  if (!name || !store || !terminal || !address) throw new Error(`Something is missing.\n\n${USAGE}`)
  if (!/^0x[0-9a-fA-F]{40}$/.test(address))
    throw new Error('--settlement-address must be 0x and 40 hex digits')
  const limitText = values['risk-limit']
  const riskLimit = limitText === undefined ? undefined : wonFromText(limitText)
  if (limitText !== undefined && riskLimit === undefined)
    throw new Error('--risk-limit must be a whole number of won')
  const config = readConfig(process.env, 'migrate')
  const database = openDatabase({
    url: reveal(config.databaseUrl),
    maxConnections: 1,
    applicationName: 'baro create-shop',
    onIdleError: () => {},
  })
  if (values['if-none'] && (await countMerchants(database)) > 0) {
    await database.close()
    process.stdout.write('{"created":false}\n')
    return
  }
  const now = systemClock.now()
  const merchantId = newId('mer', now)
  const storeId = newId('sto', now)
  const terminalId = newId('ter', now)
  const [merchantKey, terminalKey] = [newApiKey(), newApiKey()]
  await seedShop(
    { db: database, clock: systemClock },
    {
      merchant: {
        id: merchantId,
        name,
        settlementAddress: address.toLowerCase() as Hex,
        feeBasisPoints: basisPoints(Number(values['fee-basis-points'])),
        createdAt: now,
      },
      store: { id: storeId, merchantId, name: store, riskLimit },
      terminal: { id: terminalId, merchantId, storeId, label: terminal },
      merchantKey: secret(merchantKey),
      terminalKey: secret(terminalKey),
    },
  )
  await database.close()
  process.stdout.write(
    `${JSON.stringify({
      merchant_id: merchantId,
      store_id: storeId,
      terminal_id: terminalId,
      merchant_key: merchantKey,
      terminal_key: terminalKey,
    })}\n`,
  )
})
