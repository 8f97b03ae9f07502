import {
  type Address,
  createPublicClient,
  encodeAbiParameters,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  http,
  keccak256,
  type PublicClient,
  parseGwei,
  type Transport,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { assertCode } from './check-token.ts'
import {
  BARO_FACTORY_CODE_HASH,
  baroFactoryAbi,
  baroFactoryBytecode,
} from './contracts/baro-factory.ts'
import { KRW_TOKEN_CODE_HASH, krwTokenAbi, krwTokenBytecode } from './contracts/krw-token.ts'

/** Who holds which role of a new token, and the limits of each in won. */
export interface TokenSetUp {
  readonly owner: Address
  readonly pauser: Address
  readonly freezer: Address
  readonly feeRecipient: Address
  readonly feeCapBasisPoints: number
  readonly supplyCap: bigint
  readonly settlers: readonly { readonly account: Address; readonly dailyLimit: bigint }[]
  readonly minters: readonly {
    readonly account: Address
    readonly allowance: bigint
    readonly dailyLimit: bigint
  }[]
}

export interface DeployRequest {
  /** URL of a node, or a viem transport. */
  readonly rpc: string | Transport
  /** Key of an account that has never sent a transaction on this chain. */
  readonly deployerKey: Hex
  readonly setUp: TokenSetUp
  /** Tells two tokens of one deployer apart. */
  readonly salt?: Hex
  readonly pollMs?: number
  readonly timeoutMs?: number
}

export interface TokenDeployment {
  readonly token: Address
  readonly codeHash: Hex
  /** Block of the deployment: no log of the token is older. */
  readonly blockNumber: bigint
  readonly chainId: number
  /** False when the token was there already and nothing was sent. */
  readonly created: boolean
}

const NO_SALT: Hex = `0x${'00'.repeat(32)}`
const FACTORY_GAS = 400_000n
const TOKEN_GAS = 6_000_000n
const ROLE_GAS = 80_000n
const LOWEST_FEE_CAP = parseGwei('1')

/** Address of the token that a deployer creates: the same on every chain. */
export function tokenAddress(deployer: Address, salt: Hex = NO_SALT): Address {
  const ownSalt = keccak256(
    encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [deployer, salt]),
  )
  return getContractAddress({
    opcode: 'CREATE2',
    from: factoryAddress(deployer),
    salt: ownSalt,
    bytecode: krwTokenBytecode,
  })
}

/** Deploys the token and hands its roles over in one transaction, after the factory; safe to run again. */
export async function deployToken(request: DeployRequest): Promise<TokenDeployment> {
  const client = clientOf(request.rpc)
  const deployer = privateKeyToAccount(request.deployerKey)
  const chainId = await client.getChainId()
  const token = tokenAddress(deployer.address, request.salt)
  const created = (await codeHashAt(client, token)) === undefined
  if (created) {
    const raw = await signDeployment(client, deployer, chainId, request)
    for (const transaction of raw) await send(client, transaction)
    for (const transaction of raw) await waitForSuccess(client, keccak256(transaction), request)
  }
  const codeHash = await requireCode(client, token, 'token', KRW_TOKEN_CODE_HASH)
  const blockNumber = await client.readContract({
    address: token,
    abi: krwTokenAbi,
    functionName: 'deploymentBlock',
  })
  return { token, codeHash, blockNumber, chainId, created }
}

function factoryAddress(deployer: Address): Address {
  return getContractAddress({ opcode: 'CREATE', from: deployer, nonce: 0n })
}

/** The raw transactions still to send: the factory unless it stands, then the token. */
async function signDeployment(
  client: PublicClient,
  deployer: PrivateKeyAccount,
  chainId: number,
  request: DeployRequest,
): Promise<readonly Hex[]> {
  const factory = factoryAddress(deployer.address)
  const factoryStands = (await codeHashAt(client, factory)) !== undefined
  const nonce = await client.getTransactionCount({
    address: deployer.address,
    blockTag: 'latest',
  })
  if (factoryStands) {
    await requireCode(client, factory, 'factory', BARO_FACTORY_CODE_HASH)
  } else if (nonce !== 0) {
    throw new Error(`deployer ${deployer.address} must be fresh; it has sent ${nonce} transactions`)
  }
  const { baseFeePerGas } = await client.getBlock({ blockTag: 'latest' })
  const fee = 2n * (baseFeePerGas ?? 0n)
  const common = {
    type: 'eip1559' as const,
    chainId,
    maxFeePerGas: fee > LOWEST_FEE_CAP ? fee : LOWEST_FEE_CAP,
    maxPriorityFeePerGas: 0n,
  }
  const roles = request.setUp.settlers.length + request.setUp.minters.length
  const token = {
    ...common,
    nonce: factoryStands ? nonce : 1,
    gas: TOKEN_GAS + ROLE_GAS * BigInt(roles),
    to: factory,
    data: createCall(request),
  }
  if (factoryStands) return [await deployer.signTransaction(token)]
  const first = { ...common, nonce: 0, gas: FACTORY_GAS, data: baroFactoryBytecode }
  return [await deployer.signTransaction(first), await deployer.signTransaction(token)]
}

function createCall({ setUp, salt }: DeployRequest): Hex {
  const setUpCall = encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'setUp',
    args: [{ ...setUp, settlers: [...setUp.settlers], minters: [...setUp.minters] }],
  })
  return encodeFunctionData({
    abi: baroFactoryAbi,
    functionName: 'create',
    args: [salt ?? NO_SALT, krwTokenBytecode, setUpCall],
  })
}

/** A node that knows the transaction already has done what we want. */
async function send(client: PublicClient, raw: Hex): Promise<void> {
  try {
    await client.request({ method: 'eth_sendRawTransaction', params: [raw] })
  } catch (error) {
    if (!/already known|known transaction|already imported/i.test(String(error))) throw error
  }
}

async function waitForSuccess(
  client: PublicClient,
  hash: Hex,
  { pollMs = 100, timeoutMs = 60_000 }: DeployRequest,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += pollMs) {
    const receipt = await client.request({ method: 'eth_getTransactionReceipt', params: [hash] })
    if (receipt?.status === '0x1') return
    if (receipt !== null) throw new Error(`deployment transaction ${hash} failed on chain`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  throw new Error(`deployment transaction ${hash} was not mined within ${timeoutMs} ms`)
}

async function codeHashAt(client: PublicClient, address: Address): Promise<Hex | undefined> {
  const code = await client.getCode({ address, blockTag: 'latest' })
  return code === undefined || code === '0x' ? undefined : keccak256(code)
}

async function requireCode(
  client: PublicClient,
  address: Address,
  what: string,
  hash: Hex,
): Promise<Hex> {
  const code = await client.getCode({ address, blockTag: 'latest' })
  return assertCode(code, { address, what, hash })
}

function clientOf(rpc: string | Transport): PublicClient {
  return createPublicClient({ transport: typeof rpc === 'string' ? http(rpc) : rpc })
}
