import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { httpContext } from '../../src/apps/compose.ts'
import { buildHttp } from '../../src/entry/http/index.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { openWorld, type World } from '../support/world.ts'
import {
  atStage,
  billAt,
  findBarriers,
  hasChromium,
  keepPicture,
  launchBrowser,
  noteStages,
  openTab,
  PHONE,
  readQr,
  rowOf,
  type Tab,
} from './browser.ts'

const TICK_LIMIT_MS = 1_000

describe.runIf(hasChromium('the cashier page'))('the cashier page', () => {
  let world: World
  let browser: Browser
  const tabs: Tab[] = []

  beforeAll(async () => {
    world = await openWorld({ withDemoShopper: true })
    await world.startWorker()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    for (const tab of tabs) await tab.close()
    await browser.close()
    await world.close()
  })

  /** A till that was paired by its address. */
  const openTill = async (options: Parameters<typeof openTab>[1] = {}): Promise<Tab> => {
    const tab = await openTab(browser, options)
    tabs.push(tab)
    await tab.page.goto(`${world.url}/pos#key=${world.terminalKey}`)
    await tab.page.locator('#till').waitFor()
    return tab
  }
  const openPhone = async (url: string): Promise<Tab> => {
    const tab = await openTab(browser, { viewport: PHONE, hasTouch: true, isMobile: true })
    tabs.push(tab)
    await tab.page.goto(url)
    return tab
  }
  const invoicesOf = async (orderId: string) =>
    world.deps.db.many<{ id: string; status: string; code: string }>(
      sql`select id, status, code from invoices where order_id = ${orderId}`,
    )
  /** Types a charge by keyboard and gives the pay URL of its QR code. */
  const charge = async ({ page }: Tab, amount: string, order: string): Promise<string> => {
    await page.locator('#order').fill(order)
    await page.locator('#amount').focus()
    await page.keyboard.type(amount)
    await page.keyboard.press('Enter')
    await atStage(page, 'open')
    const [invoice] = await invoicesOf(order)
    return `${world.url}/p/${invoice?.code}`
  }
  /** When the database first said so. */
  const settledAt = async (orderId: string): Promise<number> => {
    for (;;) {
      const row = await world.deps.db.one(
        sql`select 1 from payments p join invoices i on i.id = p.invoice_id
            where i.order_id = ${orderId} and p.status = 'settled'`,
      )
      if (row !== undefined) return Date.now()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  it('sells by keyboard alone: amount, QR, a phone that pays, the tick within a second, the sale in the list', async () => {
    const till = await openTill()
    const { page } = till
    expect(page.url()).toBe(`${world.url}/pos`)
    const payUrl = await charge(till, '4500', 'K-1')
    await page.locator('#qr').evaluate((image: HTMLImageElement) => image.decode())
    expect(await readQr(await keepPicture(page, 'cashier-qr-ko-tablet'))).toBe(payUrl)
    const stageTime = await noteStages(page)

    const phone = await openPhone(payUrl)
    await phone.page.locator('#demo-pay').tap()
    const settled = await settledAt('K-1')
    await atStage(page, 'paid')
    expect((await stageTime('paid')) - settled).toBeLessThan(TICK_LIMIT_MS)
    expect(await page.locator('#sale-amount').textContent()).toBe('4,500원')
    await keepPicture(page, 'cashier-paid-ko-tablet')
    await billAt(phone.page, 'paid')

    await page.keyboard.press('Enter')
    const row = rowOf(page, 'K-1')
    await row.waitFor()
    expect(await row.textContent()).toMatch(/결제 완료.*4,500원.*K-1 · 0x[0-9a-f]{4}…[0-9a-f]{4}/)
    await keepPicture(page, 'cashier-till-ko-tablet')
    expect(await findBarriers(page)).toEqual([])
    expect([...till.complaints, ...phone.complaints]).toEqual([])
  })

  it('sells by touch on a phone', async () => {
    const till = await openTill({ viewport: PHONE, hasTouch: true, isMobile: true })
    const { page } = till
    for (const key of ['1', '2', '00', '0', 'back']) await page.locator(`[data-key="${key}"]`).tap()
    expect(await page.locator('#amount').textContent()).toBe('1,200원')
    await page.locator('#order').fill('T-1')
    await page.locator('#charge').tap()
    await atStage(page, 'open')
    await keepPicture(page, 'cashier-qr-ko-phone')
    const [invoice] = await invoicesOf('T-1')
    const phone = await openPhone(`${world.url}/p/${invoice?.code.toLowerCase()}`)
    await phone.page.locator('#demo-pay').tap()
    await atStage(page, 'paid')
    await keepPicture(page, 'cashier-paid-ko-phone')
    await page.locator('#next').tap()
    await page.locator('#sales-toggle').tap()
    await rowOf(page, 'T-1').waitFor()
    await keepPicture(page, 'cashier-sales-ko-phone')
    expect(await findBarriers(page)).toEqual([])
    expect(till.complaints).toEqual([])
  })

  it('opens one invoice for a double press', async () => {
    const { page } = await openTill()
    await page.locator('#order').fill('D-1')
    await page.locator('[data-key="7"]').click()
    await page.locator('#charge').evaluate((button: HTMLButtonElement) => {
      button.click()
      button.click()
    })
    await atStage(page, 'open')
    expect(await invoicesOf('D-1')).toHaveLength(1)
  })

  it('opens one invoice when the answer to the charge is lost', async () => {
    const { page } = await openTill()
    let sent = 0
    await page.route('**/v1/invoices', async (route) => {
      sent++
      if (sent > 1) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await charge({ page, complaints: [], close: async () => {} }, '5000', 'L-1')
    expect(sent).toBe(2)
    expect(await invoicesOf('L-1')).toHaveLength(1)
  })

  it('goes on after a reload while the charge is being sent', async () => {
    const { page } = await openTill()
    await page.route('**/v1/invoices', async (route) => {
      await route.fetch()
      await route.abort('connectionreset')
    })
    await page.locator('#order').fill('R-1')
    await page.locator('#amount').focus()
    await page.keyboard.type('800')
    await page.keyboard.press('Enter')
    await page.locator('#banner[data-state="lost"]').waitFor()
    await page.unrouteAll()
    await page.reload()
    await atStage(page, 'open')
    expect(await page.locator('#sale-amount').textContent()).toBe('800원')
    expect(await invoicesOf('R-1')).toHaveLength(1)
  })

  it('shows the sale again after a reload, and its tick if it was paid meanwhile', async () => {
    const till = await openTill()
    const payUrl = await charge(till, '3300', 'R-2')
    await till.page.reload()
    await atStage(till.page, 'open')
    await till.page.goto('about:blank')
    const phone = await openPhone(payUrl)
    await phone.page.locator('#demo-pay').tap()
    await settledAt('R-2')
    await till.page.goto(`${world.url}/pos`)
    await atStage(till.page, 'paid')
    expect(await till.page.locator('#receipt').textContent()).toContain('0x')
  })

  it('cancels', async () => {
    const till = await openTill()
    const payUrl = await charge(till, '900', 'C-1')
    const phone = await openPhone(payUrl)
    await billAt(phone.page, 'open')
    await till.page.locator('#cancel').click()
    await atStage(till.page, 'cancelled')
    await billAt(phone.page, 'cancelled')
    await till.page.keyboard.press('Enter')
    expect(await rowOf(till.page, 'C-1').textContent()).toContain('취소')
  })

  it('offers a new code when the time is up, under an order number of its own', async () => {
    const till = await openTill()
    const { page } = till
    const payUrl = await charge(till, '2000', 'E-1')
    const phone = await openPhone(payUrl)
    await billAt(phone.page, 'open')
    await world.deps.db.one(
      sql`update invoices set expires_at = now() - interval '1 second' where order_id = 'E-1'`,
    )
    await atStage(page, 'expired')
    await billAt(phone.page, 'expired')
    await keepPicture(page, 'cashier-expired-ko-tablet')
    await keepPicture(phone.page, 'checkout-expired-ko-phone')
    await page.keyboard.press('Enter')
    await atStage(page, 'open')
    expect(await page.locator('#sale-order').textContent()).toBe('E-1#2')
    expect((await invoicesOf('E-1'))[0]?.status).toBe('expired')
  })

  it('never shows a tick while the gateway is gone, and catches up when it is back', async () => {
    const till = await openTill()
    const { page } = till
    const payUrl = await charge(till, '6100', 'G-1')
    const phone = await openPhone(payUrl)
    await phone.page.locator('#demo-pay').waitFor()
    await page.route('**/v1/**', (route) => route.abort('connectionrefused'))
    // The long poll that is under way ends as in a lost network.
    await page.context().setOffline(true)
    await page.locator('#banner[data-state="lost"]').waitFor()
    await page.context().setOffline(false)
    await phone.page.locator('#demo-pay').tap()
    await settledAt('G-1')
    await page.waitForTimeout(1_500)
    expect(await page.locator('#sale').getAttribute('data-stage')).not.toBe('paid')
    await keepPicture(page, 'cashier-offline-ko-tablet')
    await page.unrouteAll()
    await atStage(page, 'paid')
    await page.locator('#banner').waitFor({ state: 'hidden' })
  })

  it('goes on when the gateway process is replaced', async () => {
    const own = await openWorld({ withDemoShopper: true })
    const tab = await openTab(browser)
    try {
      await own.startWorker()
      await tab.page.goto(`${own.url}/pos#key=${own.terminalKey}`)
      await tab.page.locator('#amount').focus()
      await tab.page.keyboard.type('1500')
      await tab.page.keyboard.press('Enter')
      await atStage(tab.page, 'open')
      own.app.server.closeAllConnections()
      await own.app.close()
      await tab.page.locator('#banner[data-state="lost"]').waitFor()
      const options = { log: own.deps.log, trustedProxies: [] }
      const again = await buildHttp(httpContext(own.config, own.deps, own.url), options)
      await again.listen({ host: '127.0.0.1', port: Number(new URL(own.url).port) })
      await tab.page.locator('#banner[data-state="back"]').waitFor()
      await tab.page.locator('#cancel').click()
      await atStage(tab.page, 'cancelled')
      again.server.closeAllConnections()
      await again.close()
    } finally {
      await tab.close()
      await own.close()
    }
  })

  it('says what is wrong with a key, and takes a good one', async () => {
    const tab = await openTab(browser)
    tabs.push(tab)
    const { page } = tab
    await page.goto(`${world.url}/pos`)
    const problem = page.locator('#pairing-problem')
    await page.locator('#pairing-go').click()
    expect(await problem.textContent()).toContain('먼저')
    await page.locator('#pairing-key').fill('baro_TOOSHORT')
    await page.keyboard.press('Enter')
    expect(await problem.textContent()).toContain('완전하지')
    await page.locator('#pairing-key').fill(`baro_${'0'.repeat(38)}`)
    await page.keyboard.press('Enter')
    await problem.filter({ hasText: '등록되지 않은' }).waitFor()
    await keepPicture(page, 'cashier-pairing-ko-tablet')
    expect(await findBarriers(page)).toEqual([])
    await page.locator('#pairing-key').fill(`  ${world.terminalKey.toLowerCase()} `)
    await page.keyboard.press('Enter')
    await page.locator('#till').waitFor()
    await page.reload()
    await page.locator('#till').waitFor()
  })

  it('asks for another key when its own was revoked', async () => {
    const { page } = await openTill()
    await page.route('**/v1/invoices**', (route) =>
      route.fulfill({ status: 401, json: { code: 'unauthorised', errors: [] } }),
    )
    await page.locator('[data-key="1"]').click()
    await page.locator('#charge').click()
    await page.locator('#pairing').waitFor()
    expect(await page.locator('#pairing-problem').textContent()).toContain('유효하지')
  })

  it('refuses an empty amount, one over the limit and a used order number, each in words', async () => {
    const till = await openTill()
    const { page } = till
    const problem = page.locator('#charge-problem')
    await page.locator('#charge').click()
    expect(await problem.textContent()).toContain('금액을 먼저')
    await page.locator('#amount').focus()
    await page.keyboard.type('1234567890')
    expect(await page.locator('#amount').textContent()).toBe('12,345,678원')
    expect(await problem.textContent()).toContain('100,000,000원')
    await page.keyboard.press('Escape')
    await charge(till, '100', 'O-1')
    await page.locator('#cancel').click()
    await atStage(page, 'cancelled')
    await page.locator('#next').click()
    await page.locator('#order').fill('O-1')
    await page.locator('#amount').focus()
    await page.keyboard.type('200')
    await page.keyboard.press('Enter')
    await problem.filter({ hasText: 'O-1' }).waitFor()
    expect(await page.locator('#amount').textContent()).toBe('200원')
  })

  it('speaks English to an English browser and Korean after a press, and remembers it', async () => {
    const till = await openTill({ locale: 'en-US' })
    const { page } = till
    await page.locator('#amount').focus()
    await page.keyboard.type('4500')
    expect(await page.locator('#charge').textContent()).toBe('Charge ₩4,500')
    await page.locator('#language').click()
    expect(await page.locator('#charge').textContent()).toBe('4,500원 결제 요청')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ko')
    await page.reload()
    await page.getByText('오늘 판매', { exact: true }).waitFor()
    expect(till.complaints).toEqual([])
  })
})
