import { inject } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import { fillUp } from '../../src/platform/chain/coins.ts'
import { localSigner } from '../../src/platform/keys/local.ts'

const GAS_MONEY = 10n ** 18n

/** Gives each account a coin for gas, from the rich account of the test chain. */
export function giveCoins(accounts: readonly Hex[]): Promise<void> {
  const funder = localSigner(secret(inject('funderKey')))
  return fillUp(inject('chainUrl'), funder, accounts, GAS_MONEY)
}
