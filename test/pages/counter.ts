import type { Browser, BrowserContextOptions } from 'playwright-core'
import { sql } from '../../src/platform/db/sql.ts'
import { openWorld, type World, type WorldOptions } from '../support/world.ts'
import { atStage, launchBrowser, openTab, PHONE, type Tab } from './browser.ts'

const LOOK_MS = 10

/** A shop with a gateway and a worker, tills in a real browser, and phones. */
export type Counter = {
  readonly world: World
  readonly browser: Browser
  /** A tab in a browser of its own; closed with the others. */
  openTab(options?: BrowserContextOptions): Promise<Tab>
  /** A till that was paired by its address. */
  openTill(options?: BrowserContextOptions): Promise<Tab>
  openPhone(url: string): Promise<Tab>
  /** Types a charge by keyboard and gives the pay URL of its QR code. */
  charge(till: Tab, amount: string, orderId: string): Promise<string>
  invoicesOf(orderId: string): Promise<{ id: string; status: string; code: string }[]>
  /** When the database first said that the order is settled. */
  settledAt(orderId: string): Promise<number>
  closeTabs(): Promise<void>
  close(): Promise<void>
}

export async function openCounter(options: WorldOptions = {}): Promise<Counter> {
  const world = await openWorld({ ...options, withDemoShopper: true })
  await world.startWorker()
  const browser = await launchBrowser()
  const tabs: Tab[] = []
  const open = async (options: BrowserContextOptions = {}) => {
    const tab = await openTab(browser, options)
    tabs.push(tab)
    return tab
  }
  const invoicesOf = (orderId: string) =>
    world.deps.db.many<{ id: string; status: string; code: string }>(
      sql`select id, status, code from invoices where order_id = ${orderId}`,
    )
  const closeTabs = async () => {
    for (const tab of tabs.splice(0)) await tab.close()
  }
  return {
    world,
    browser,
    openTab: open,
    openTill: async (options) => {
      const tab = await open(options)
      await tab.page.goto(`${world.url}/pos#key=${world.terminalKey}`)
      await tab.page.locator('#till').waitFor()
      return tab
    },
    openPhone: async (url) => {
      const tab = await open({ viewport: PHONE, hasTouch: true, isMobile: true })
      await tab.page.goto(url)
      return tab
    },
    charge: async ({ page }, amount, orderId) => {
      await page.locator('#order').fill(orderId)
      await page.locator('#amount').focus()
      await page.keyboard.type(amount)
      await page.keyboard.press('Enter')
      await atStage(page, 'open')
      const [invoice] = await invoicesOf(orderId)
      return `${world.url}/p/${invoice?.code}`
    },
    invoicesOf,
    settledAt: async (orderId) => {
      for (;;) {
        const row = await world.deps.db.one(
          sql`select 1 from payments p join invoices i on i.id = p.invoice_id
              where i.order_id = ${orderId} and p.status = 'settled'`,
        )
        if (row !== undefined) return Date.now()
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      }
    },
    closeTabs,
    close: async () => {
      await closeTabs()
      await browser.close()
      await world.close()
    },
  }
}
