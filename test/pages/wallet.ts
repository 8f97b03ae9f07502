import type { Page } from 'playwright-core'
import type { TypedDataDefinition } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

export const OTHER_CHAIN = 8_217

export type WalletOptions = {
  readonly chainId: number
  /** What the wallet is asked for and refuses, as a person does. */
  readonly rejects?: string
  readonly hasOurChain?: boolean
  /** Announces itself by EIP-6963 under these names instead of as window.ethereum. */
  readonly names?: readonly string[]
}

/** Puts an EIP-1193 wallet into a page; its key stays in the test. Gives the methods that it is asked. */
export async function installWallet(
  page: Page,
  account: PrivateKeyAccount,
  options: WalletOptions,
): Promise<string[]> {
  const asked: string[] = []
  await page.exposeFunction('walletSign', (json: string) =>
    account.signTypedData(JSON.parse(json) as TypedDataDefinition),
  )
  await page.exposeFunction('walletAsked', (method: string) => {
    asked.push(method)
  })
  await page.addInitScript(walletInPage, {
    address: account.address,
    chainId: options.chainId,
    rejects: options.rejects ?? '',
    hasOurChain: options.hasOurChain ?? true,
    names: [...(options.names ?? [])],
  })
  return asked
}

/** Runs in the page. A wallet as wallets are: EIP-1193, numbered refusals, by EIP-6963 when it has a name. */
function walletInPage(options: {
  address: string
  chainId: number
  rejects: string
  hasOurChain: boolean
  names: string[]
}): void {
  const outside = (name: string, value: string): Promise<unknown> =>
    (Reflect.get(window, name) as (value: string) => Promise<unknown>)(value)
  let chainId = options.chainId
  Reflect.set(window, 'walletRejects', options.rejects)
  const provider = {
    request: async ({ method, params = [] }: { method: string; params?: unknown[] }) => {
      await outside('walletAsked', method)
      if (Reflect.get(window, 'walletRejects') === method)
        throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
      if (method === 'eth_requestAccounts') return [options.address]
      if (method === 'eth_chainId') return `0x${chainId.toString(16)}`
      if (method === 'wallet_switchEthereumChain') {
        if (!options.hasOurChain)
          throw Object.assign(new Error('Unrecognized chain ID'), { code: 4902 })
        chainId = Number((params[0] as { chainId: string }).chainId)
        return null
      }
      if (method === 'eth_signTypedData_v4') return outside('walletSign', String(params[1]))
      throw Object.assign(new Error('Unsupported method'), { code: 4200 })
    },
  }
  if (options.names.length === 0) {
    Reflect.set(window, 'ethereum', provider)
    return
  }
  const icon =
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='teal'/></svg>"
  const announce = () => {
    for (const name of options.names) {
      const info = { uuid: name, name, icon, rdns: `test.${name}` }
      window.dispatchEvent(
        new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }),
      )
    }
  }
  window.addEventListener('eip6963:requestProvider', announce)
}
