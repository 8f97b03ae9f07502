import { createPublicClient, getContractAddress, type Hex, http, keccak256 } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeAll, expect, inject, test } from 'vitest'
import { secret } from '../../src/kernel/secret.ts'
import { checkToken } from '../../src/platform/chain/check-token.ts'
import { fillUp } from '../../src/platform/chain/coins.ts'
import { KRW_TOKEN_CODE_HASH, krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { deployToken, type TokenDeployment, tokenAddress } from '../../src/platform/chain/deploy.ts'
import { localSigner } from '../../src/platform/keys/local.ts'
import { giveCoins } from '../support/coins.ts'
import { FEE_RECIPIENT, freshRoles, setUpOf } from '../support/token.ts'

const deployerKey = generatePrivateKey()
const { address: deployer } = privateKeyToAccount(deployerKey)
const setUp = setUpOf(freshRoles())
const rpc = inject('chainUrl')
const request = { deployerKey, setUp, rpc, pollMs: 50 }
const client = createPublicClient({ transport: http(rpc) })

let before: bigint
let first: TokenDeployment
beforeAll(async () => {
  await giveCoins([deployer])
  before = await client.getBlockNumber({ cacheTime: 0 })
  first = await deployToken(request)
})

test('deploys within three blocks, hands every role over, and a second run changes nothing', async () => {
  expect(first.blockNumber - before).toBeLessThanOrEqual(3n)
  expect(first).toMatchObject({
    token: tokenAddress(deployer),
    codeHash: KRW_TOKEN_CODE_HASH,
    chainId: await client.getChainId(),
    created: true,
  })
  const token = { address: first.token, abi: krwTokenAbi } as const
  expect(await client.readContract({ ...token, functionName: 'owner' })).toBe(setUp.owner)
  expect(await client.readContract({ ...token, functionName: 'pauser' })).toBe(setUp.pauser)
  expect(await client.readContract({ ...token, functionName: 'freezer' })).toBe(setUp.freezer)
  expect(await client.readContract({ ...token, functionName: 'config' })).toMatchObject({
    feeCapBasisPoints: 300,
    paused: false,
  })
  const nonce = { address: deployer, blockTag: 'latest' } as const
  const sent = await client.getTransactionCount(nonce)
  expect(await deployToken(request)).toEqual({ ...first, created: false })
  expect(await client.getTransactionCount(nonce)).toBe(sent)
  expect(await client.getCode({ address: first.token })).toSatisfy(
    (code: Hex) => keccak256(code) === KRW_TOKEN_CODE_HASH,
  )
})

test('gives a second token of one deployer another address', async () => {
  const second = await deployToken({ ...request, salt: keccak256('0x01') })
  expect(second.created).toBe(true)
  expect(second.token).toBe(tokenAddress(deployer, keccak256('0x01')))
  expect(second.token).not.toBe(first.token)
})

test('says what is wrong with an address, a chain or a used deployer', async () => {
  const { token, chainId } = first
  await checkToken(rpc, { token, chainId })
  await expect(checkToken(rpc, { token, chainId: chainId + 1 })).rejects.toThrow(
    `the node is on chain ${chainId}, expected ${chainId + 1}`,
  )
  await expect(checkToken(rpc, { token: FEE_RECIPIENT, chainId })).rejects.toThrow(
    'there is no token at',
  )
  const factory = getContractAddress({ from: deployer, nonce: 0n })
  await expect(checkToken(rpc, { token: factory, chainId })).rejects.toThrow(
    'is not the expected token',
  )
  const used = generatePrivateKey()
  const { address } = privateKeyToAccount(used)
  await giveCoins([address])
  await fillUp(rpc, localSigner(secret(used)), [freshRoles().owner.address], 2n)
  await expect(deployToken({ ...request, deployerKey: used })).rejects.toThrow('must be fresh')
})
