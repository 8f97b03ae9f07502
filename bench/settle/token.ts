import { encodeFunctionData, type Hex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { secret } from '../../src/kernel/secret.ts'
import type { Signer } from '../../src/kernel/signer.ts'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import type { Chain } from '../../src/platform/chain/chain.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { deployToken } from '../../src/platform/chain/deploy.ts'
import { openEvmChain } from '../../src/platform/chain/evm.ts'
import { localSigner } from '../../src/platform/keys/local.ts'

// Keys of anvil's public mnemonic: worth nothing anywhere.
const DEPLOYER: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
export const RELAYER: Hex = '0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d'
const ISSUER: Hex = '0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a'
export const PEER_RELAYER: Hex =
  '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6'

const CAP_WON = 10n ** 13n
const MINTS_AT_ONCE = 250

export type Token = { readonly chain: Chain; readonly issuer: Signer }

/** Deploys the token on a chain that has none, with one settler and limits that no run reaches. */
export async function deploy(rpcUrl: string): Promise<Token> {
  const issuer = localSigner(secret(ISSUER))
  const { token, chainId } = await deployToken({
    rpc: rpcUrl,
    deployerKey: DEPLOYER,
    pollMs: 50,
    setUp: {
      owner: issuer.address,
      pauser: issuer.address,
      freezer: issuer.address,
      feeRecipient: issuer.address,
      feeCapBasisPoints: 300,
      supplyCap: CAP_WON,
      settlers: [{ account: privateKeyToAddress(RELAYER), dailyLimit: CAP_WON }],
      minters: [{ account: issuer.address, allowance: CAP_WON, dailyLimit: CAP_WON }],
    },
  })
  const lower = token.toLowerCase() as Hex
  return { chain: openEvmChain({ rpcUrls: [rpcUrl], chainId, token: lower }), issuer }
}

/** Gives each account so many won. */
export async function fund({ chain, issuer }: Token, accounts: readonly Hex[], won: bigint) {
  for (let at = 0; at < accounts.length; at += MINTS_AT_ONCE)
    await callAndWait(
      chain,
      issuer,
      accounts.slice(at, at + MINTS_AT_ONCE).map((account) => mintCall(chain.token, account, won)),
    )
}

/** Calldata that freezes an account; only the freezer may send it. */
export function freezeData(account: Hex): Hex {
  const caseId: Hex = `0x${'01'.repeat(32)}`
  return encodeFunctionData({
    abi: krwTokenAbi,
    functionName: 'setFrozen',
    args: [account, true, caseId],
  })
}

/** Calldata that sends won away. */
export function transferData(to: Hex, won: bigint): Hex {
  return encodeFunctionData({ abi: krwTokenAbi, functionName: 'transfer', args: [to, won] })
}
