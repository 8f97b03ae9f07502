import type { Hex } from '../kernel/hex.ts'
import { secret } from '../kernel/secret.ts'
import type { Signer } from '../kernel/signer.ts'
import type { Chain } from '../platform/chain/chain.ts'
import { checkToken } from '../platform/chain/check-token.ts'
import { fillUp } from '../platform/chain/coins.ts'
import { deployToken } from '../platform/chain/deploy.ts'
import { openEvmChain, readChainId } from '../platform/chain/evm.ts'
import { DEVELOPMENT_CHAIN_ID } from '../platform/embedded/anvil.ts'
import { localSigner, newPrivateKey } from '../platform/keys/local.ts'
import type { OwnNode } from './config.ts'
import { keepDevelopmentChain } from './development-chain.ts'
import { type DevelopmentKeys, type DevelopmentState, saveState } from './development-state.ts'

// Keys of anvil's public mnemonic: test keys, on a chain of one machine, worth nothing.
const ANVIL_KEYS: DevelopmentKeys = {
  deployer: '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
  relayer: '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d',
  issuer: '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a',
}
const MAINNET = 8_217
const GAS_MONEY = 10n ** 18n
const OTHER_FOLDER = 'Choose another with --data-dir.'
const FEE_CAP_BASIS_POINTS = 300
const SUPPLY_CAP_WON = 10n ** 13n
const DAILY_LIMIT_WON = 10n ** 12n

type Options = {
  readonly dataDir: string
  readonly state: DevelopmentState
  /** Plays on this node; a development chain of one's own when absent. */
  readonly node: OwnNode | undefined
  readonly log: (line: string) => void
}

/** A chain with the demo's token on it, and who may do what there. */
export type DevelopmentToken = {
  readonly rpcUrl: string
  /** Where new blocks are announced; undefined on a node that nobody has said it of. */
  readonly wsUrl: string | undefined
  readonly chain: Chain
  readonly relayerKey: Hex
  /** May mint. */
  readonly issuer: Signer
  /** The process of the development chain; undefined on somebody's node. */
  pid(): number | undefined
  stop(): Promise<void>
}

/** Brings up the chain, or goes to the node, and deploys the token unless it is there. */
export async function openDevelopmentToken(options: Options): Promise<DevelopmentToken> {
  const { dataDir, log, node } = options
  if (node !== undefined) {
    const keys = await keysOnNode(options, node)
    log(`your node, ${node.rpcUrl}`)
    const token = await deploy(options, node.rpcUrl, keys)
    const stop = async () => token.chain.close()
    return { ...token, wsUrl: node.wsUrl, pid: () => undefined, stop }
  }
  requireSameChain(options.state, DEVELOPMENT_CHAIN_ID)
  const anvil = await keepDevelopmentChain({ dataDir, log })
  try {
    log(`development chain, ${anvil.url}`)
    const token = await deploy(options, anvil.url, ANVIL_KEYS)
    const stop = () => {
      token.chain.close()
      return anvil.stop()
    }
    return { ...token, wsUrl: anvil.wsUrl, pid: () => anvil.pid(), stop }
  } catch (error) {
    await anvil.stop()
    throw error
  }
}

/** The keys of this data folder on a node, each with a coin for gas. They are kept, so that a restart finds its token. */
async function keysOnNode(
  { dataDir, state }: Options,
  { rpcUrl, fundedKey }: OwnNode,
): Promise<DevelopmentKeys> {
  const chainId = await readChainId([rpcUrl])
  if (chainId === MAINNET)
    throw new Error('KAIA_RPC_URL names the mainnet of Kaia: the demo plays on test networks only')
  requireSameChain(state, chainId)
  const keys = state.keys ?? {
    deployer: newPrivateKey(),
    relayer: newPrivateKey(),
    issuer: newPrivateKey(),
  }
  saveState(dataDir, { ...state, keys })
  const accounts = Object.values(keys).map((key) => localSigner(secret(key)).address)
  await fillUp(rpcUrl, localSigner(fundedKey), accounts, GAS_MONEY)
  return keys
}

async function deploy(
  { dataDir, state }: Options,
  rpcUrl: string,
  keys: DevelopmentKeys,
): Promise<Pick<DevelopmentToken, 'rpcUrl' | 'chain' | 'relayerKey' | 'issuer'>> {
  if (state.chain !== undefined)
    await checkToken(rpcUrl, { token: state.chain.token, chainId: state.chain.id }).catch(
      (error) => {
        throw new Error(`This folder belongs to another chain: ${error.message}. ${OTHER_FOLDER}`)
      },
    )
  const issuer = localSigner(secret(keys.issuer))
  const relayer = localSigner(secret(keys.relayer)).address
  const { token, chainId } = await deployToken({
    rpc: rpcUrl,
    deployerKey: keys.deployer,
    pollMs: 50,
    setUp: {
      owner: issuer.address,
      pauser: issuer.address,
      freezer: issuer.address,
      feeRecipient: issuer.address,
      feeCapBasisPoints: FEE_CAP_BASIS_POINTS,
      supplyCap: SUPPLY_CAP_WON,
      settlers: [{ account: relayer, dailyLimit: DAILY_LIMIT_WON }],
      minters: [
        { account: issuer.address, allowance: DAILY_LIMIT_WON, dailyLimit: DAILY_LIMIT_WON },
      ],
    },
  })
  const address = token.toLowerCase() as Hex
  saveState(dataDir, { ...state, keys, chain: { id: chainId, token: address } })
  const chain = openEvmChain({ rpcUrls: [rpcUrl], chainId, token: address })
  return { rpcUrl, chain, relayerKey: keys.relayer, issuer }
}

/** Sales of one chain make no sense on another. */
function requireSameChain({ chain }: DevelopmentState, chainId: number): void {
  if (chain !== undefined && chain.id !== chainId)
    throw new Error(
      `This folder holds the sales of chain ${chain.id}, and the node is on chain ${chainId}. ${OTHER_FOLDER}`,
    )
}
