import { randomBytes } from 'node:crypto'
import {
  createPublicClient,
  encodeFunctionData,
  type Hex,
  hashTypedData,
  http,
  keccak256,
  parseAbi,
  toHex,
} from 'viem'
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { compile } from '../../scripts/compile-contracts.mjs'
import { AUTHORISATION_TYPES } from '../eip3009.ts'
import { runChild } from '../stack/child.ts'
import { percentile, progress, round } from '../stack/figures.ts'
import { newPayers, type Payer, signDigest } from './payments.ts'
import { PEER_RELAYER } from './token.ts'
import type { PeerResult, PeerTask } from './x402.ts'

const CONTRACT = 'OpenZeppelin3009'
const SOURCE = 'contracts/bench/Peers.sol'
const PAYERS = 200
const WON = 100_000_000n
const AT_ONCE = 128
const PAY_TO: Hex = '0x5e771e0000000000000000000000000000000001'
const MAX_FEE = 100_000_000_000n
const MINT = parseAbi(['function mint(address to, uint256 value)'])

/** The x402 facilitator on a token of its own on the same chain: one EIP-3009 transfer a transaction, 128 at once. */
export async function measurePeer(rpcUrl: string, seconds: number, ratePerSecond: number) {
  const client = createPublicClient({ transport: http(rpcUrl), pollingInterval: 50 })
  const chainId = await client.getChainId()
  const relayer = privateKeyToAccount(PEER_RELAYER)
  const payers = newPayers(PAYERS)
  const token = await deployToken(client, chainId, relayer, payers)
  const count = seconds * ratePerSecond
  const payments = Array.from({ length: count }, (_, at) =>
    signTransfer(payers[at % PAYERS] as Payer, at, chainId, token),
  )
  progress(`the peer has ${count} signed payments`)
  const result = await runChild<PeerTask, PeerResult>('settle/x402', {
    ...{ rpcUrl, chainId, relayerKey: PEER_RELAYER, token, tokenName: CONTRACT, payTo: PAY_TO },
    ...{ payments, atOnce: AT_ONCE, milliseconds: seconds * 1_000 },
  })
  if (result.failures.length > 0)
    progress(`the peer failed ${result.failures.length} payments: ${result.failures[0]}`)
  const latencies = result.settled.map(({ begin, end }) => end - begin)
  const last = Math.max(...result.settled.map(({ end }) => end))
  return {
    name: '@x402/evm 2.27.0 facilitator, EIP-3009',
    settled_per_second: round((1_000 * result.settled.length) / last),
    p50_ms: Math.round(percentile(latencies, 0.5)),
    p99_ms: Math.round(percentile(latencies, 0.99)),
    rpc_calls_per_payment: round(result.rpcCalls / result.settled.length, 2),
    at_once: AT_ONCE,
    seconds: round(last / 1_000),
    settled: result.settled.length,
    failed: result.failures.length,
  }
}

type Client = ReturnType<typeof createPublicClient>

async function deployToken(
  client: Client,
  chainId: number,
  from: PrivateKeyAccount,
  holders: readonly Payer[],
): Promise<Hex> {
  const code = compile([SOURCE])[SOURCE]?.[CONTRACT]?.evm.bytecode.object
  if (code === undefined) throw new Error(`${SOURCE} has no ${CONTRACT}`)
  let nonce = await client.getTransactionCount({ address: from.address, blockTag: 'latest' })
  const send = async (data: Hex, to: Hex | undefined, gas: bigint) => {
    const serializedTransaction = await from.signTransaction({
      ...{ type: 'eip1559' as const, chainId, nonce, data, gas, maxFeePerGas: MAX_FEE },
      ...(to === undefined ? {} : { to }),
    })
    nonce += 1
    return client.sendRawTransaction({ serializedTransaction })
  }
  const { contractAddress } = await client.waitForTransactionReceipt({
    hash: await send(`0x${code}`, undefined, 3_000_000n),
  })
  if (!contractAddress) throw new Error(`${CONTRACT} was not deployed`)
  const hashes: Hex[] = []
  for (const { address } of holders) {
    const data = encodeFunctionData({ abi: MINT, functionName: 'mint', args: [address, WON] })
    hashes.push(await send(data, contractAddress, 100_000n))
  }
  for (const hash of hashes) {
    const { status } = await client.waitForTransactionReceipt({ hash })
    if (status !== 'success') throw new Error('a mint failed')
  }
  return contractAddress
}

function signTransfer(payer: Payer, at: number, chainId: number, token: Hex) {
  const now = Math.floor(Date.now() / 1_000)
  const message = {
    from: payer.address,
    to: PAY_TO,
    value: BigInt(1_000 + (at % 9_000)),
    validAfter: 0n,
    validBefore: BigInt(now + 24 * 3_600),
    nonce: keccak256(toHex(randomBytes(16))),
  }
  const digest = hashTypedData({
    domain: { name: CONTRACT, version: '1', chainId, verifyingContract: token },
    types: AUTHORISATION_TYPES,
    primaryType: 'TransferWithAuthorization',
    message,
  })
  return {
    signature: signDigest(payer.key, digest),
    authorization: {
      ...message,
      value: String(message.value),
      validAfter: String(message.validAfter),
      validBefore: String(message.validBefore),
    },
  }
}
