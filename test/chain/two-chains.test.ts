import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deployToken, tokenAddress } from '../../src/platform/chain/deploy.ts'
import { type Anvil, FUNDED_KEYS, startAnvil } from '../support/anvil.ts'
import { freshRoles, setUpOf } from '../support/token.ts'

const [deployerKey] = FUNDED_KEYS

let chains: readonly Anvil[]
beforeAll(async () => {
  chains = await Promise.all([1_001, 31_337].map((chainId) => startAnvil({ chainId })))
})
afterAll(() => Promise.all(chains.map((chain) => chain.stop())))

test('gives the token the same address on another chain and with other roles', async () => {
  const tokens = []
  for (const { url } of chains) {
    const roles = setUpOf(freshRoles())
    const setUp = { ...roles, settlers: [], feeRecipient: roles.owner }
    const { token } = await deployToken({ deployerKey, setUp, rpc: url, pollMs: 10 })
    tokens.push(token)
  }
  const expected = tokenAddress(privateKeyToAccount(deployerKey).address)
  expect(tokens).toEqual([expected, expected])
})
