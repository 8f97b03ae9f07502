import { fieldsOf } from '../browser/json.ts'

/** The one method of an EIP-1193 provider that this page uses. */
type Provider = { request(ask: { method: string; params?: readonly unknown[] }): Promise<unknown> }

/** A wallet in this browser. Without EIP-6963 it has no name. */
export type Wallet = {
  readonly id: string
  readonly name: string | undefined
  /** A data: URI; anything else would be fetched from a stranger. */
  readonly icon: string | undefined
  readonly provider: Provider
}

/** Why a wallet did not do what it was asked. */
export type WalletTrouble =
  | 'rejected'
  | 'pending'
  | 'no_account'
  | 'unknown_chain'
  | 'wrong_chain'
  | 'wallet'

export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly trouble: WalletTrouble
  constructor(trouble: WalletTrouble, options?: ErrorOptions) {
    super(trouble, options)
    this.trouble = trouble
  }
}

const LATE_INJECTION_MS = [300, 1_500]
const USER_REJECTED = 4001
const ASKED_ALREADY = -32002
const UNKNOWN_CHAIN = 4902

/** Finds the wallets of this browser (EIP-6963, else window.ethereum) and tells whenever there is another one. */
export function findWallets(onChange: (wallets: readonly Wallet[]) => void): void {
  const announced = new Map<string, Wallet>()
  const tell = () => {
    const injected = injectedWallet()
    onChange(announced.size > 0 || injected === undefined ? [...announced.values()] : [injected])
  }
  window.addEventListener('eip6963:announceProvider', (event) => {
    const wallet = announcedWallet(event)
    if (wallet === undefined) return
    announced.set(wallet.id, wallet)
    tell()
  })
  window.dispatchEvent(new Event('eip6963:requestProvider'))
  tell()
  // Some wallet apps inject their provider after the page has started.
  for (const delay of LATE_INJECTION_MS) setTimeout(tell, delay)
}

function injectedWallet(): Wallet | undefined {
  const provider = Reflect.get(window, 'ethereum')
  if (!isProvider(provider)) return undefined
  return { id: 'injected', name: undefined, icon: undefined, provider }
}

function announcedWallet(event: Event): Wallet | undefined {
  if (!(event instanceof CustomEvent)) return undefined
  try {
    const { info, provider } = fieldsOf(event.detail)
    const { uuid, name, icon } = fieldsOf(info)
    if (!isProvider(provider) || typeof uuid !== 'string') return undefined
    return {
      id: uuid,
      name: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 40) : undefined,
      icon: typeof icon === 'string' && icon.startsWith('data:image/') ? icon : undefined,
      provider,
    }
  } catch {
    // An announcement in another form is not a wallet that we can use.
    return undefined
  }
}

function isProvider(value: unknown): value is Provider {
  return (
    typeof value === 'object' &&
    value !== null &&
    'request' in value &&
    typeof value.request === 'function'
  )
}

/** Asks for an account: lower-case address. Throws WalletError. */
export async function connect({ provider }: Wallet): Promise<string> {
  const accounts = await ask(provider, 'eth_requestAccounts', [])
  const [first] = Array.isArray(accounts) ? accounts : []
  if (typeof first !== 'string' || !/^0x[0-9a-f]{40}$/i.test(first))
    throw new WalletError('no_account')
  return first.toLowerCase()
}

export async function isOnChain({ provider }: Wallet, chainId: number): Promise<boolean> {
  return Number(await ask(provider, 'eth_chainId', [])) === chainId
}

/** Asks the wallet to change its network. Throws WalletError when it is elsewhere afterwards. */
export async function switchChain(wallet: Wallet, chainId: number): Promise<void> {
  const chain = { chainId: `0x${chainId.toString(16)}` }
  try {
    await ask(wallet.provider, 'wallet_switchEthereumChain', [chain])
  } catch (error) {
    if (error instanceof WalletError && error.trouble !== 'wallet') throw error
    throw new WalletError('wrong_chain', { cause: error })
  }
  if (!(await isOnChain(wallet, chainId))) throw new WalletError('wrong_chain')
}

/** Asks for the signature over typed data. Throws WalletError. */
export async function signTypedData(
  { provider }: Wallet,
  account: string,
  typedData: unknown,
): Promise<string> {
  const signature = await ask(provider, 'eth_signTypedData_v4', [
    account,
    JSON.stringify(typedData),
  ])
  if (typeof signature !== 'string') throw new WalletError('wallet')
  return signature
}

async function ask(
  provider: Provider,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  try {
    return await provider.request({ method, params })
  } catch (error) {
    throw new WalletError(troubleOf(error), { cause: error })
  }
}

function troubleOf(error: unknown): WalletTrouble {
  const codes = codesOf(error)
  if (codes.includes(USER_REJECTED) || codes.includes('ACTION_REJECTED')) return 'rejected'
  if (codes.includes(ASKED_ALREADY)) return 'pending'
  if (codes.includes(UNKNOWN_CHAIN)) return 'unknown_chain'
  return 'wallet'
}

/** Mobile wallets wrap the code that counts in `data.originalError`. */
function codesOf(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null) return []
  const { code, data } = error as Readonly<Record<string, unknown>>
  const inner =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'originalError') : undefined
  return [code, ...codesOf(inner)]
}
