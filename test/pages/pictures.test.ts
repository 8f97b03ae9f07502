import type { Browser } from 'playwright-core'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'
import {
  atStage,
  billAt,
  findBarriers,
  hasChromium,
  KIOSK,
  keepPicture,
  launchBrowser,
  openTab,
  PHONE,
  TABLET,
} from './browser.ts'

const SIZES = { phone: PHONE, tablet: TABLET, kiosk: KIOSK }
const LOOKS = [
  { locale: 'ko-KR', colorScheme: 'light', size: 'kiosk' },
  { locale: 'ko-KR', colorScheme: 'dark', size: 'tablet' },
  { locale: 'ko-KR', colorScheme: 'light', size: 'tablet' },
  { locale: 'en-US', colorScheme: 'light', size: 'phone' },
  { locale: 'en-US', colorScheme: 'dark', size: 'phone' },
  { locale: 'en-US', colorScheme: 'dark', size: 'kiosk' },
] as const

describe.runIf(hasChromium('the pictures of the pages'))('the pages in every look', () => {
  let world: World
  let browser: Browser

  beforeAll(async () => {
    world = await openWorld({ withDemoShopper: true })
    await world.startWorker()
    browser = await launchBrowser()
    await fillTheDay(world)
  })
  afterAll(async () => {
    await browser.close()
    await world.close()
  })

  it.each(LOOKS)('fits $size, $colorScheme, $locale', async ({ locale, colorScheme, size }) => {
    const name = `${locale.slice(0, 2)}-${size}-${colorScheme}`
    const till = await openTab(browser, { locale, colorScheme, viewport: SIZES[size] })
    const phone = await openTab(browser, {
      locale,
      colorScheme,
      viewport: size === 'phone' ? PHONE : SIZES[size],
    })
    const { page } = till
    await page.goto(`${world.url}/pos`)
    await page.locator('#pairing-key').fill(world.terminalKey)
    await page.keyboard.press('Enter')
    await page.locator('.sale-row').first().waitFor({ state: 'attached' })
    await page.locator('#memo').fill(locale === 'ko-KR' ? '라떼 두 잔' : 'Two lattes')
    await page.locator('#amount').focus()
    await page.keyboard.type('12500')
    await keepPicture(page, `till-${name}`)
    expect(await findBarriers(page)).toEqual([])
    await page.keyboard.press('Enter')
    await atStage(page, 'open')
    await page.locator('#qr').evaluate((image: HTMLImageElement) => image.decode())
    await keepPicture(page, `sale-open-${name}`)
    expect(await findBarriers(page)).toEqual([])
    const href = await page.locator('#local-link').getAttribute('href')
    await phone.page.goto(href ?? '')
    await billAt(phone.page, 'open')
    await phone.page.locator('#demo-pay').waitFor()
    await keepPicture(phone.page, `bill-open-${name}`)
    expect(await findBarriers(phone.page)).toEqual([])
    await phone.page.locator('#demo-pay').click()
    await atStage(page, 'paid')
    await billAt(phone.page, 'paid')
    await keepPicture(page, `sale-paid-${name}`)
    await keepPicture(phone.page, `bill-paid-${name}`)
    expect(await findBarriers(page)).toEqual([])
    expect([...till.complaints, ...phone.complaints]).toEqual([])
    await till.close()
    await phone.close()
  })
})

/** A morning at the counter, so that the list has something to show. */
async function fillTheDay(world: World): Promise<void> {
  const drinks = ['아메리카노', '카페라떼', '콜드브루', '유자차', '말차라떼', '에스프레소']
  for (const [at, description] of drinks.entries()) {
    const { code, id } = await openInvoice(world, {
      amount: 4_000 + 500 * at,
      description,
      order_id: `A-${101 + at}`,
    })
    if (at === 2) {
      await supertest(world.app.server)
        .post(`/v1/invoices/${id}/cancel`)
        .set(bearer(world.terminalKey))
    } else {
      await supertest(world.app.server).post(`/v1/checkout/${code}/demo-payments`)
      await paid(world, id)
    }
  }
}

async function paid(world: World, id: string): Promise<void> {
  for (let version = 1; ; ) {
    const answer = await supertest(world.app.server)
      .get(`/v1/invoices/${id}?after_version=${version}`)
      .set(bearer(world.terminalKey))
    if (answer.body.status === 'paid') return
    version = answer.body.version
  }
}
