import pg from 'pg'
import { inject } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import { fillUp } from '../../src/platform/chain/coins.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { FUNDED_KEYS } from './anvil.ts'

const GAS_MONEY = 10n ** 18n

/** Gives each account a coin for gas, from the rich account of the test chain, or of a development chain elsewhere. */
export async function giveCoins(accounts: readonly Hex[], ownChain?: string): Promise<void> {
  if (ownChain !== undefined) return give(ownChain, FUNDED_KEYS[0], accounts)
  // Suites that run side by side send from one account: its nonces are taken one after the other.
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  try {
    await client.query(`select pg_advisory_lock(hashtext('coins'))`)
    await give(inject('chainUrl'), inject('funderKey'), accounts)
  } finally {
    await client.end()
  }
}

function give(chainUrl: string, key: string, accounts: readonly Hex[]): Promise<void> {
  return fillUp(chainUrl, localSigner(secret(key)), accounts, GAS_MONEY)
}
