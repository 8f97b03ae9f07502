import { createPublicClient, formatTransactionReceipt, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { deployToken } from '../../src/platform/chain/deploy.ts'
import { paymentDomain } from '../../src/platform/chain/typed-data.ts'
import { type Anvil, FUNDED_KEYS, startAnvil } from '../../test/support/anvil.ts'
import { setUpOf, type TokenWorld } from '../../test/support/token.ts'

const [DEPLOYER_KEY, OWNER_KEY, SETTLER_KEY, MINTER_KEY] = FUNDED_KEYS

/** A token on an anvil of one block a transaction, with fixed keys, so that two runs cost the same. */
export interface GasWorld extends TokenWorld {
  readonly anvil: Anvil
}

export async function startGasWorld(): Promise<GasWorld> {
  const anvil = await startAnvil()
  const [owner, settler, minter] = [OWNER_KEY, SETTLER_KEY, MINTER_KEY].map((key) =>
    privateKeyToAccount(key),
  ) as [TokenWorld['owner'], TokenWorld['settler'], TokenWorld['minter']]
  const { token, chainId } = await deployToken({
    rpc: anvil.url,
    deployerKey: DEPLOYER_KEY,
    setUp: setUpOf({ owner, settler, minter }),
    pollMs: 10,
  })
  const client = createPublicClient({ transport: http(anvil.url), pollingInterval: 10 })
  return { anvil, client, token, domain: paymentDomain(chainId, token), owner, settler, minter }
}

/** The receipt of a sent transaction, once it is in a block. */
export async function receiptOf({ anvil, client }: GasWorld, hash: Hex) {
  for (let polls = 0; polls < 1_000; polls += 1) {
    const mined = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    if (mined !== null) return formatTransactionReceipt(mined)
    // On a busy machine anvil may leave a transaction in its pool until it is told to go on.
    if (polls > 5) await askAnvil(anvil, 'evm_mine', [])
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`transaction ${hash} is in no block`)
}

/** A call of anvil that viem does not know. */
export async function askAnvil(
  { url }: Anvil,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const { result, error } = (await response.json()) as {
    readonly result?: unknown
    readonly error?: unknown
  }
  if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`)
  return result
}
