import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const ARTIFACTS = join(import.meta.dirname, '../../artifacts')
const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const TABLET = { width: 1024, height: 768 }
export const PHONE = { width: 390, height: 844 }
export const KIOSK = { width: 1920, height: 1080 }

/** Whether the suites that need a browser can run. Without one they fail in CI and say so in one line elsewhere. */
export function hasChromium(suite: string): boolean {
  if (existsSync(CHROMIUM)) return true
  const missing = `NOT RUN: ${suite} needs Chromium at ${CHROMIUM} (apt-get install chromium fonts-noto-cjk)`
  if (process.env.BARO_REQUIRE_ALL === '1') throw new Error(missing)
  console.warn(missing)
  return false
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: SWITCHES })
}

export type Tab = {
  readonly page: Page
  /** Whatever the browser complained about: errors on the console, exceptions, refused content. */
  readonly complaints: string[]
  close(): Promise<void>
}

/** A fresh browser profile with one tab. */
export async function openTab(browser: Browser, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: TABLET, locale: 'ko-KR', ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`)
  })
  return { page, complaints, close: () => context.close() }
}

/** Keeps a picture for people to look at; CI collects the folder. */
export async function keepPicture(page: Page, name: string): Promise<Buffer> {
  mkdirSync(ARTIFACTS, { recursive: true })
  return page.screenshot({ path: join(ARTIFACTS, `${name}.png`), animations: 'disabled' })
}

/** What a camera reads from a picture with one QR code. */
export async function readQr(picture: Buffer): Promise<string | undefined> {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  const bytes = readFileSync(wasm)
  const wasmBinary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true })
  const [found] = await readBarcodes(new Uint8Array(picture), { formats: ['QRCode'] })
  return found?.text
}

/** Waits until the sale screen is at a stage. */
export function atStage(page: Page, stage: string): Promise<void> {
  return page.locator(`#sale[data-stage="${stage}"]`).waitFor()
}

/** Waits until the shopper's page is at a stage. */
export function billAt(page: Page, stage: string): Promise<void> {
  return page.locator(`#bill[data-stage="${stage}"]`).waitFor()
}

/** The row of a sale in the list of today. */
export function rowOf(page: Page, words: string): Locator {
  return page.locator('.sale-row', { hasText: words })
}

/** Has the page write down when it reaches a stage, by the clock that the test reads too. */
export async function noteStages(page: Page): Promise<(stage: string) => Promise<number>> {
  await page.evaluate(() => {
    const seen: Record<string, number> = {}
    Reflect.set(window, 'stagesSeen', seen)
    const sale = document.getElementById('sale')
    if (sale === null) throw new Error('no sale screen')
    new MutationObserver(() => {
      seen[sale.dataset.stage ?? ''] ??= Date.now()
    }).observe(sale, { attributes: true, attributeFilter: ['data-stage'] })
  })
  return (stage) =>
    page.evaluate((name) => {
      const seen: unknown = Reflect.get(window, 'stagesSeen')
      return (seen as Record<string, number>)[name] ?? Number.NaN
    }, stage)
}

/** What a screen reader would stumble over: controls without a name, pictures without words, ids used twice. */
export function findBarriers(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const barriers: string[] = []
    const nameOf = (one: Element) =>
      one.getAttribute('aria-label') ??
      (one.getAttribute('aria-labelledby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join('')
    for (const one of document.querySelectorAll('button, a[href], input')) {
      const labels = one instanceof HTMLInputElement ? [...(one.labels ?? [])] : []
      const name = nameOf(one) + (one.textContent ?? '') + labels.map((l) => l.textContent).join('')
      const isShown = one.checkVisibility()
      if (isShown && name.trim() === '') barriers.push(`no name: ${one.outerHTML.slice(0, 90)}`)
    }
    for (const image of document.querySelectorAll('img'))
      if (!image.hasAttribute('alt')) barriers.push(`no alt: ${image.outerHTML.slice(0, 90)}`)
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id)
    for (const id of ids)
      if (ids.indexOf(id) !== ids.lastIndexOf(id)) barriers.push(`twice: #${id}`)
    if (document.documentElement.lang === '') barriers.push('no language')
    const width = document.documentElement.scrollWidth
    if (width > window.innerWidth) barriers.push(`scrolls sideways: ${width}`)
    return barriers
  })
}
