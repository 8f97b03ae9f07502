import { createPublicClient, formatEther, type Hex, http } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { type OwnNode, readOwnNode } from '../../src/apps/config.ts'
import { keepDevelopmentChain } from '../../src/apps/development-chain.ts'
import { reveal } from '../../src/kernel/secret.ts'
import { FUNDED_KEYS } from './anvil.ts'
import { openKaiaDoor } from './kaia-door.ts'

const MAINNET = 8_217

/** The chain that the suites share, and an account there with coins for gas. */
export type TestChain = {
  readonly url: string
  /** Its WebSocket; empty for a node that KAIA_WS_URL says nothing about. */
  readonly wsUrl: string
  readonly funderKey: string
  stop(): Promise<void>
}

/** The node that the environment names, or else a new development chain behind a door that only Kaia's methods pass. */
export async function openTestChain(dataDir: string): Promise<TestChain> {
  const node = readOwnNode(process.env)
  if (node !== undefined) return openNode(node)
  const chain = await keepDevelopmentChain({ dataDir, log: () => {}, persist: false })
  const door = await openKaiaDoor(chain.url)
  return {
    url: door.url,
    wsUrl: chain.wsUrl,
    funderKey: FUNDED_KEYS[0],
    stop: async () => {
      await door.stop()
      await chain.stop()
    },
  }
}

/** Says which node the suites run on, and at the end what they cost. Throws when the node or the key is not fit for it. */
async function openNode({ rpcUrl: url, wsUrl = '', fundedKey }: OwnNode): Promise<TestChain> {
  const key = reveal(fundedKey)
  const client = createPublicClient({ transport: http(url) })
  const { address } = privateKeyToAccount(key as Hex)
  const look = async () => ({
    block: await client.getBlockNumber({ cacheTime: 0 }),
    coins: await client.getBalance({ address, blockTag: 'latest' }),
  })
  const chainId = await client.getChainId()
  if (chainId === MAINNET)
    throw new Error('KAIA_RPC_URL names the mainnet of Kaia, where these suites would spend money')
  const version = await client.request({ method: 'web3_clientVersion' })
  const before = await look()
  if (before.coins === 0n) throw new Error(`${address} has no coins on ${url}`)
  say(`${version} at ${url}, chain ${chainId}, block ${before.block}`)
  return {
    url,
    wsUrl,
    funderKey: key,
    stop: async () => {
      const after = await look()
      const spent = formatEther(before.coins - after.coins)
      say(`${after.block - before.block} blocks and ${spent} KAIA later`)
    },
  }
}

function say(line: string): void {
  process.stderr.write(`kaia: ${line}\n`)
}
