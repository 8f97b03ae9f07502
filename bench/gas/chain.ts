import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi, toHex } from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { costOfTransaction } from '../../src/platform/devnet/trace.ts'
import { openUpstream } from '../../src/platform/devnet/upstream.ts'
import { sendCall } from '../../test/support/token.ts'
import { type GasWorld, receiptOf, startGasWorld } from './world.ts'

/** What one transaction cost, the whole of it. */
export interface Cost {
  readonly gas: number
  readonly hash: Hex
  readonly calldata: Hex
}

/** The chain under measure: warmed accounts, made from fixed keys so that two runs cost the same. */
export interface GasChain {
  readonly world: GasWorld
  readonly payers: readonly PrivateKeyAccount[]
  readonly merchants: readonly PrivateKeyAccount[]
  /** Next nonce of each payer. */
  readonly nonces: Map<Address, number>
}

const PAYERS = 500
const BATCH_GAS = 30_000_000n
const FUNDS = 10_000_000n
const MINT = parseAbi(['function mint(address to, uint256 value)'])

/** Starts a chain where every payer holds won, and merchants and the fee recipient have settled before. */
export async function startGasChain(payers = PAYERS): Promise<GasChain> {
  const world = await startGasWorld()
  const chain: GasChain = {
    world,
    payers: accounts('payer', payers),
    merchants: accounts('merchant', 200),
    nonces: new Map(),
  }
  const to = [...chain.payers, ...chain.merchants, world.owner].map(({ address }) => address)
  const calls = to.map((address) =>
    encodeFunctionData({ abi: krwTokenAbi, functionName: 'mint', args: [address, FUNDS] }),
  )
  await sendAll(world, world.minter, world.token, calls)
  return chain
}

/** Deploys a peer's code and gives `holders` a balance. */
export async function deployPeer(
  world: GasWorld,
  bytecode: Hex,
  holders: readonly Address[],
): Promise<Address> {
  const nonce = await nonceOf(world, world.minter)
  const hash = await send(world, world.minter, undefined, bytecode, nonce)
  const { contractAddress } = await minedOf(world, hash)
  if (!contractAddress) throw new Error('peer was not deployed')
  const calls = holders.map((holder) =>
    encodeFunctionData({ abi: MINT, functionName: 'mint', args: [holder, FUNDS] }),
  )
  await sendAll(world, world.minter, contractAddress, calls)
  return contractAddress
}

/** Sends one call to the token and says what it cost. */
export async function costOf(
  world: GasWorld,
  from: PrivateKeyAccount,
  calldata: Hex,
): Promise<Cost> {
  const hash = await sendCall(world, from, calldata, BATCH_GAS)
  const receipt = await receiptOf(world, hash)
  if (receipt.status !== 'success') throw new Error(`measured transaction failed`)
  return { gas: Number(receipt.gasUsed), hash, calldata }
}

/** Sends calls of one account one after another; the gas of each. */
export async function sendAll(
  world: GasWorld,
  from: PrivateKeyAccount,
  to: Address,
  calls: readonly Hex[],
): Promise<readonly Cost[]> {
  const sent: Hex[] = []
  const first = await nonceOf(world, from)
  for (const [at, calldata] of calls.entries()) {
    sent.push(await send(world, from, to, calldata, first + at))
  }
  const costs: Cost[] = []
  for (const [at, hash] of sent.entries()) {
    const { gasUsed } = await minedOf(world, hash)
    costs.push({ gas: Number(gasUsed), hash, calldata: calls[at] ?? '0x' })
  }
  return costs
}

/** Computation cost of a mined transaction on Kaia. */
export function computationCostOf(world: GasWorld, hash: Hex): Promise<number> {
  return costOfTransaction(openUpstream(world.anvil.url), hash)
}

function accounts(role: string, count: number): PrivateKeyAccount[] {
  return Array.from({ length: count }, (_, at) =>
    privateKeyToAccount(keccak256(toHex(`${role} ${at}`))),
  )
}

function nonceOf(world: GasWorld, { address }: PrivateKeyAccount): Promise<number> {
  return world.client.getTransactionCount({ address, blockTag: 'latest' })
}

async function send(
  world: GasWorld,
  from: PrivateKeyAccount,
  to: Address | undefined,
  data: Hex,
  nonce: number,
): Promise<Hex> {
  const serializedTransaction = await from.signTransaction({
    type: 'eip1559',
    chainId: world.domain.chainId,
    nonce,
    // Small, so that a block holds many: anvil mines a block when a transaction comes, not when some are left.
    gas: to === undefined ? 5_000_000n : 200_000n,
    ...(to === undefined ? {} : { to }),
    data,
    maxFeePerGas: 100_000_000_000n,
    maxPriorityFeePerGas: 0n,
  })
  return world.client.sendRawTransaction({ serializedTransaction })
}

async function minedOf(world: GasWorld, hash: Hex) {
  const receipt = await receiptOf(world, hash)
  if (receipt.status !== 'success') throw new Error(`transaction ${hash} failed`)
  return receipt
}
