import type { Browser, Page } from 'playwright-core'
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { callAndWait, mintCall } from '../../src/platform/chain/call.ts'
import { openInvoice, pay } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'
import {
  billAt,
  findBarriers,
  hasChromium,
  keepPicture,
  launchBrowser,
  openTab,
  PHONE,
  type Tab,
} from './browser.ts'
import { installWallet, OTHER_CHAIN, type WalletOptions } from './wallet.ts'

describe.runIf(hasChromium('the checkout page'))('the checkout page', () => {
  let world: World
  let browser: Browser
  const tabs: Tab[] = []

  beforeAll(async () => {
    world = await openWorld({ withDemoShopper: true })
    await world.startWorker()
    browser = await launchBrowser()
  })
  afterEach(async () => {
    for (const tab of tabs.splice(0)) await tab.close()
  })
  afterAll(async () => {
    await browser.close()
    await world.close()
  })

  const openPhone = async (
    options: Parameters<typeof openTab>[1] = {},
    prepare: (page: Page) => Promise<void> = async () => {},
  ): Promise<Tab> => {
    const tab = await openTab(browser, {
      viewport: PHONE,
      hasTouch: true,
      isMobile: true,
      ...options,
    })
    tabs.push(tab)
    await prepare(tab.page)
    return tab
  }
  const urlOf = (code: string) => `${world.url}/p/${code}`
  const fundedAccount = async (won = 100_000n): Promise<PrivateKeyAccount> => {
    const account = privateKeyToAccount(generatePrivateKey())
    if (won > 0n)
      await callAndWait(world.deps.chain, world.chain.minter, [
        mintCall(world.chain.token, account.address.toLowerCase() as Hex, won),
      ])
    return account
  }

  const putWallet = (
    page: Page,
    account: PrivateKeyAccount,
    options: Partial<WalletOptions> = {},
  ) => installWallet(page, account, { chainId: world.chain.chainId, ...options })

  it('pays with an injected wallet, and says before what will be signed', async () => {
    const account = await fundedAccount()
    const invoice = await openInvoice(world, { amount: 4_500, description: '아메리카노' })
    let asked: string[] = []
    const phone = await openPhone({}, async (page) => {
      asked = await putWallet(page, account)
    })
    const { page } = phone
    await page.goto(urlOf(invoice.code))
    await billAt(page, 'open')
    expect(asked).toEqual([])
    await keepPicture(page, 'checkout-open-ko-phone')
    await page.locator('[data-wallet]').tap()
    await page.locator('#confirm').waitFor()
    expect(asked).not.toContain('eth_signTypedData_v4')
    const values = await page.locator('#confirm-values').textContent()
    expect(values).toContain('4,500원')
    expect(values).toContain(world.shop.merchant.settlementAddress)
    expect(values).toContain(account.address.toLowerCase())
    await keepPicture(page, 'checkout-confirm-ko-phone')
    expect(await findBarriers(page)).toEqual([])
    await page.locator('#sign').tap()
    await billAt(page, 'paid')
    expect(await page.locator('#receipt').textContent()).toMatch(/0x[0-9a-f]{64}/)
    await keepPicture(page, 'checkout-paid-ko-phone')
    expect(phone.complaints).toEqual([])
  })

  it('asks the wallet to change its network first', async () => {
    const account = await fundedAccount()
    const invoice = await openInvoice(world)
    let asked: string[] = []
    const { page } = await openPhone({}, async (fresh) => {
      asked = await putWallet(fresh, account, { chainId: OTHER_CHAIN })
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#sign').tap()
    await billAt(page, 'paid')
    expect(asked).toContain('wallet_switchEthereumChain')
  })

  it('says so when the wallet does not know the network', async () => {
    const invoice = await openInvoice(world)
    const account = privateKeyToAccount(generatePrivateKey())
    const { page } = await openPhone({}, async (fresh) => {
      await putWallet(fresh, account, { chainId: OTHER_CHAIN, hasOurChain: false })
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#problem', { hasText: String(world.chain.chainId) }).waitFor()
  })

  it('takes a refusal in the wallet calmly and lets the shopper try again', async () => {
    const account = await fundedAccount()
    const invoice = await openInvoice(world)
    const phone = await openPhone({}, async (page) => {
      await putWallet(page, account, { rejects: 'eth_signTypedData_v4' })
    })
    const { page } = phone
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#sign').tap()
    await page.locator('#problem', { hasText: '지갑에서 취소' }).waitFor()
    await keepPicture(page, 'checkout-rejected-ko-phone')
    await page.evaluate(() => Reflect.set(window, 'walletRejects', ''))
    await page.locator('[data-wallet]').tap()
    await page.locator('#sign').tap()
    await billAt(page, 'paid')
    expect(phone.complaints).toEqual([])
  })

  it('offers every announced wallet by its name', async () => {
    const account = await fundedAccount()
    const invoice = await openInvoice(world)
    const { page } = await openPhone({ locale: 'en-GB' }, async (fresh) => {
      await putWallet(fresh, account, { names: ['Acorn', 'Birch'] })
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').nth(1).waitFor()
    expect(await page.locator('[data-wallet]').allTextContents()).toEqual([
      'Pay with Acorn',
      'Pay with Birch',
    ])
    await keepPicture(page, 'checkout-wallets-en-phone')
    await page.getByText('Pay with Birch').tap()
    await page.locator('#sign').tap()
    await billAt(page, 'paid')
  })

  it('says which amount an account lacks', async () => {
    const account = await fundedAccount(0n)
    const invoice = await openInvoice(world, { amount: 7_000 })
    const { page } = await openPhone({}, async (fresh) => {
      await putWallet(fresh, account)
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#sign').tap()
    await page.locator('#problem', { hasText: '7,000원' }).waitFor()
    await billAt(page, 'open')
  })

  it('refuses terms that are not those of the bill, without asking the wallet', async () => {
    const invoice = await openInvoice(world)
    let asked: string[] = []
    const { page } = await openPhone({}, async (fresh) => {
      asked = await putWallet(fresh, privateKeyToAccount(generatePrivateKey()))
    })
    await page.route('**/terms', async (route) => {
      const response = await route.fetch()
      const body = await response.json()
      body.typed_data.message.amount = '450000'
      await route.fulfill({ response, json: body })
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#problem', { hasText: '달라' }).waitFor()
    expect(asked).not.toContain('eth_signTypedData_v4')
  })

  it('says plainly that there is no wallet, and pays as the demo shopper', async () => {
    const invoice = await openInvoice(world, { amount: 12_000 })
    const phone = await openPhone()
    const { page } = phone
    await page.goto(urlOf(invoice.code))
    await page.getByText('이 브라우저에는 지갑이 없습니다').waitFor()
    await keepPicture(page, 'checkout-no-wallet-ko-phone')
    expect(await findBarriers(page)).toEqual([])
    await page.locator('#demo-pay').tap()
    await billAt(page, 'paid')
    await page.reload()
    await page.locator('#detail', { hasText: '감사합니다' }).waitFor()
    expect(phone.complaints).toEqual([])
  })

  it('hands in a payment once more when the answer is lost, and pays once', async () => {
    const account = await fundedAccount()
    const invoice = await openInvoice(world)
    const { page } = await openPhone({}, async (fresh) => {
      await putWallet(fresh, account)
    })
    let sent = 0
    await page.route('**/payments', async (route) => {
      sent++
      if (sent > 1) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.goto(urlOf(invoice.code))
    await page.locator('[data-wallet]').tap()
    await page.locator('#sign').tap()
    await billAt(page, 'paid')
    expect(await page.locator('#detail').textContent()).toContain('감사합니다')
  })

  it('shows a phone that came second what the first one does', async () => {
    const [shopper] = await world.fundShoppers(1)
    if (shopper === undefined) throw new Error('no shopper')
    const invoice = await openInvoice(world)
    const { page } = await openPhone({ locale: 'en-GB' })
    await page.goto(urlOf(invoice.code))
    await billAt(page, 'open')
    await pay(world, invoice.code, shopper)
    await billAt(page, 'paid')
    expect(await page.locator('#detail').textContent()).toBe('This bill has been paid.')
  })

  it('has a page for a code that is none', async () => {
    for (const code of ['NOSUCHCODE', '0'.repeat(26)]) {
      const { page } = await openPhone()
      const response = await page.goto(urlOf(code))
      expect(response?.status()).toBe(404)
      await billAt(page, 'missing')
    }
  })
})
