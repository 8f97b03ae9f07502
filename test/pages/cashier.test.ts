import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sql } from '../../src/platform/db/sql.ts'
import {
  atStage,
  billAt,
  findBarriers,
  hasChromium,
  keepPicture,
  noteStages,
  PHONE,
  readQr,
  rowOf,
} from './browser.ts'
import { type Counter, openCounter } from './counter.ts'

const TICK_LIMIT_MS = 1_000

describe.runIf(hasChromium('the cashier page'))('the cashier page', () => {
  let counter: Counter

  beforeAll(async () => {
    counter = await openCounter()
  })
  afterEach(() => counter.closeTabs())
  afterAll(() => counter.close())

  it('sells by keyboard alone: amount, QR, a phone that pays, the tick within a second, the sale in the list', async () => {
    const till = await counter.openTill()
    const { page } = till
    expect(page.url()).toBe(`${counter.world.url}/pos`)
    const payUrl = await counter.charge(till, '4500', 'K-1')
    await page.locator('#qr').evaluate((image: HTMLImageElement) => image.decode())
    expect(await readQr(await keepPicture(page, 'cashier-qr-ko-tablet'))).toBe(payUrl)
    const stageTime = await noteStages(page)

    const phone = await counter.openPhone(payUrl)
    await phone.page.locator('#demo-pay').tap()
    const settled = await counter.settledAt('K-1')
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
    const till = await counter.openTill({ viewport: PHONE, hasTouch: true, isMobile: true })
    const { page } = till
    for (const key of ['1', '2', '00', '0', 'back']) await page.locator(`[data-key="${key}"]`).tap()
    expect(await page.locator('#amount').textContent()).toBe('1,200원')
    await page.locator('#order').fill('T-1')
    await page.locator('#charge').tap()
    await atStage(page, 'open')
    const [invoice] = await counter.invoicesOf('T-1')
    await page.locator('#qr').evaluate((image: HTMLImageElement) => image.decode())
    expect(await readQr(await keepPicture(page, 'cashier-qr-ko-phone'))).toBe(
      `${counter.world.url}/p/${invoice?.code}`,
    )
    const phone = await counter.openPhone(`${counter.world.url}/p/${invoice?.code.toLowerCase()}`)
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
    const { page } = await counter.openTill()
    await page.locator('#order').fill('D-1')
    await page.locator('[data-key="7"]').click()
    await page.locator('#charge').evaluate((button: HTMLButtonElement) => {
      button.click()
      button.click()
    })
    await atStage(page, 'open')
    expect(await counter.invoicesOf('D-1')).toHaveLength(1)
  })

  it('cancels', async () => {
    const till = await counter.openTill()
    const payUrl = await counter.charge(till, '900', 'C-1')
    const phone = await counter.openPhone(payUrl)
    await billAt(phone.page, 'open')
    await till.page.locator('#cancel').click()
    await atStage(till.page, 'cancelled')
    await billAt(phone.page, 'cancelled')
    await till.page.keyboard.press('Enter')
    expect(await rowOf(till.page, 'C-1').textContent()).toContain('취소')
  })

  it('offers a new code when the time is up, under an order number of its own', async () => {
    const till = await counter.openTill()
    const { page } = till
    const payUrl = await counter.charge(till, '2000', 'E-1')
    const phone = await counter.openPhone(payUrl)
    await billAt(phone.page, 'open')
    await counter.world.deps.db.one(
      sql`update invoices set expires_at = now() - interval '1 second' where order_id = 'E-1'`,
    )
    await atStage(page, 'expired')
    await billAt(phone.page, 'expired')
    await keepPicture(page, 'cashier-expired-ko-tablet')
    await keepPicture(phone.page, 'checkout-expired-ko-phone')
    await page.keyboard.press('Enter')
    await atStage(page, 'open')
    expect(await page.locator('#sale-order').textContent()).toBe('주문번호 E-1#2')
    expect((await counter.invoicesOf('E-1'))[0]?.status).toBe('expired')
  })

  it('speaks English to an English browser and Korean after a press, and remembers it', async () => {
    const till = await counter.openTill({ locale: 'en-US' })
    const { page } = till
    await page.locator('#amount').focus()
    await page.keyboard.type('4500')
    expect(await page.locator('#charge').textContent()).toBe('Charge ₩\u200a4,500')
    await page.locator('#language').click()
    expect(await page.locator('#charge').textContent()).toBe('4,500원 결제 요청')
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ko')
    await page.reload()
    await page.getByText('오늘 판매', { exact: true }).waitFor()
    expect(till.complaints).toEqual([])
  })
})
