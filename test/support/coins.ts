import { inject } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { secret } from '../../src/kernel/secret.ts'
import { fillUp } from '../../src/platform/chain/coins.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { FUNDED_KEYS } from './anvil.ts'

const GAS_MONEY = 10n ** 18n

/** Gives each account a coin for gas, from the rich account of the test chain, or of a development chain elsewhere. */
export function giveCoins(accounts: readonly Hex[], ownChain?: string): Promise<void> {
  const key = ownChain === undefined ? inject('funderKey') : FUNDED_KEYS[0]
  return fillUp(ownChain ?? inject('chainUrl'), localSigner(secret(key)), accounts, GAS_MONEY)
}
