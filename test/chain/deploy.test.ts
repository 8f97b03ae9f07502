import { createPublicClient, http, keccak256 } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KRW_TOKEN_CODE_HASH, krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { checkToken, deployToken, tokenAddress } from '../../src/platform/chain/deploy.ts'
import { type Anvil, startAnvil } from '../support/anvil.ts'
import { DEPLOYER_KEY, FEE_RECIPIENT, SET_UP } from '../support/token.ts'

let anvil: Anvil
let other: Anvil
let third: Anvil
const request = { deployerKey: DEPLOYER_KEY, setUp: SET_UP }

beforeAll(async () => {
  anvil = await startAnvil({ blockTimeSeconds: 1 })
  other = await startAnvil({ chainId: 1001 })
  third = await startAnvil({ chainId: 1001 })
})
afterAll(async () => {
  await anvil.stop()
  await other.stop()
  await third.stop()
})

test('deploys within three blocks, hands every role over, and a second run changes nothing', async () => {
  const client = createPublicClient({ transport: http(anvil.url) })
  const before = await client.getBlockNumber()
  const first = await deployToken({ ...request, rpc: anvil.url })
  expect((await client.getBlockNumber()) - before).toBeLessThanOrEqual(3n)
  expect(first).toMatchObject({ codeHash: KRW_TOKEN_CODE_HASH, chainId: 31_337, created: true })
  const token = { address: first.token, abi: krwTokenAbi } as const
  expect(await client.readContract({ ...token, functionName: 'owner' })).toBe(SET_UP.owner)
  expect(await client.readContract({ ...token, functionName: 'pauser' })).toBe(SET_UP.pauser)
  expect(await client.readContract({ ...token, functionName: 'freezer' })).toBe(SET_UP.freezer)
  expect(await client.readContract({ ...token, functionName: 'config' })).toMatchObject({
    feeCapBasisPoints: 300,
    paused: false,
  })
  const nonce = { address: tokenDeployer(), blockTag: 'latest' } as const
  const sent = await client.getTransactionCount(nonce)
  const second = await deployToken({ ...request, rpc: anvil.url })
  expect(second).toEqual({ ...first, created: false })
  expect(await client.getTransactionCount(nonce)).toBe(sent)
  expect(await client.getCode({ address: first.token })).toSatisfy(
    (code: `0x${string}`) => keccak256(code) === KRW_TOKEN_CODE_HASH,
  )
})

test('gives the token the same address on another chain and with other roles', async () => {
  const moved = { ...SET_UP, settlers: [], feeRecipient: SET_UP.owner }
  const { token } = await deployToken({ ...request, setUp: moved, rpc: other.url, pollMs: 10 })
  expect(token).toBe(tokenAddress(tokenDeployer()))
  const second = await deployToken({
    ...request,
    rpc: other.url,
    pollMs: 10,
    salt: keccak256('0x01'),
  })
  expect(second.created).toBe(true)
  expect(second.token).not.toBe(token)
})

test('says what is wrong with an address, a chain or a used deployer', async () => {
  const { token } = await deployToken({ ...request, rpc: third.url, pollMs: 10 })
  await checkToken(third.url, { token, chainId: 1001 })
  await expect(checkToken(third.url, { token, chainId: 8217 })).rejects.toThrow(
    'the node is on chain 1001, expected 8217',
  )
  await expect(checkToken(third.url, { token: FEE_RECIPIENT, chainId: 1001 })).rejects.toThrow(
    'there is no token at',
  )
  const client = createPublicClient({ transport: http(third.url) })
  const [factory] = await client
    .getTransaction({ blockNumber: 1n, index: 0 })
    .then(({ hash }) => client.getTransactionReceipt({ hash }))
    .then(({ contractAddress }) => [contractAddress ?? FEE_RECIPIENT])
  await expect(
    checkToken(third.url, { token: factory ?? FEE_RECIPIENT, chainId: 1001 }),
  ).rejects.toThrow('is not the expected token')
})

function tokenDeployer() {
  return '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266' as const
}
