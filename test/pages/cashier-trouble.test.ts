import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { httpContext } from '../../src/apps/compose.ts'
import { buildHttp } from '../../src/entry/http/index.ts'
import { openWorld } from '../support/world.ts'
import { atStage, findBarriers, hasChromium, keepPicture } from './browser.ts'
import { type Counter, openCounter } from './counter.ts'

describe.runIf(hasChromium('the cashier page in trouble'))('the cashier page in trouble', () => {
  let counter: Counter

  beforeAll(async () => {
    counter = await openCounter()
  })
  afterEach(() => counter.closeTabs())
  afterAll(() => counter.close())

  it('opens one invoice when the answer to the charge is lost', async () => {
    const { page } = await counter.openTill()
    let sent = 0
    await page.route('**/v1/invoices', async (route) => {
      sent++
      if (sent > 1) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await counter.charge({ page, complaints: [], close: async () => {} }, '5000', 'L-1')
    expect(sent).toBe(2)
    expect(await counter.invoicesOf('L-1')).toHaveLength(1)
  })

  it('goes on after a reload while the charge is being sent', async () => {
    const { page } = await counter.openTill()
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
    expect(await counter.invoicesOf('R-1')).toHaveLength(1)
  })

  it('shows the sale again after a reload, and its tick if it was paid meanwhile', async () => {
    const till = await counter.openTill()
    const payUrl = await counter.charge(till, '3300', 'R-2')
    await till.page.reload()
    await atStage(till.page, 'open')
    await till.page.goto('about:blank')
    const phone = await counter.openPhone(payUrl)
    await phone.page.locator('#demo-pay').tap()
    await counter.settledAt('R-2')
    await till.page.goto(`${counter.world.url}/pos`)
    await atStage(till.page, 'paid')
    expect(await till.page.locator('#receipt').textContent()).toContain('0x')
  })

  it('never shows a tick while the gateway is gone, and catches up when it is back', async () => {
    const till = await counter.openTill()
    const { page } = till
    const payUrl = await counter.charge(till, '6100', 'G-1')
    const phone = await counter.openPhone(payUrl)
    await phone.page.locator('#demo-pay').waitFor()
    let tries = 0
    await page.route('**/v1/**', (route) => {
      tries++
      return route.abort('connectionrefused')
    })
    // The long poll that is under way ends as in a lost network.
    await page.context().setOffline(true)
    await page.locator('#banner[data-state="lost"]').waitFor()
    await page.context().setOffline(false)
    await phone.page.locator('#demo-pay').tap()
    await counter.settledAt('G-1')
    const before = tries
    await expect.poll(() => tries, { timeout: 15_000 }).toBeGreaterThan(before + 1)
    expect(await page.locator('#sale').getAttribute('data-stage')).not.toBe('paid')
    await keepPicture(page, 'cashier-offline-ko-tablet')
    await page.unrouteAll()
    await atStage(page, 'paid')
    await page.locator('#banner').waitFor({ state: 'hidden' })
  })

  it('goes on when the gateway process is replaced', async () => {
    const own = await openWorld({ withDemoShopper: true })
    const tab = await counter.openTab()
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
    const tab = await counter.openTab()
    const { page } = tab
    await page.goto(`${counter.world.url}/pos`)
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
    await page.locator('#pairing-key').fill(`  ${counter.world.terminalKey.toLowerCase()} `)
    await page.keyboard.press('Enter')
    await page.locator('#till').waitFor()
    await page.reload()
    await page.locator('#till').waitFor()
  })

  it('asks for another key when its own was revoked', async () => {
    const { page } = await counter.openTill()
    await page.route('**/v1/invoices**', (route) =>
      route.fulfill({ status: 401, json: { code: 'unauthorised', errors: [] } }),
    )
    await page.locator('[data-key="1"]').click()
    await page.locator('#charge').click()
    await page.locator('#pairing').waitFor()
    expect(await page.locator('#pairing-problem').textContent()).toContain('유효하지')
  })

  it('refuses an empty amount, one over the limit and a used order number, each in words', async () => {
    const till = await counter.openTill()
    const { page } = till
    const problem = page.locator('#charge-problem')
    await page.locator('#amount').focus()
    await page.keyboard.press('Enter')
    expect(await problem.textContent()).toContain('금액을 먼저')
    await page.keyboard.type('1234567890')
    expect(await page.locator('#amount').textContent()).toBe('12,345,678원')
    expect(await problem.textContent()).toContain('100,000,000원')
    await page.keyboard.press('Escape')
    await counter.charge(till, '100', 'O-1')
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
})
