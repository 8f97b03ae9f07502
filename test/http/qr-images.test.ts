import { crc32 } from 'node:zlib'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPayCode } from '../../src/kernel/ids.ts'
import { expectProblem, expectRefused, send } from '../support/http.ts'
import { type Modules, pngPixels, readQr, svgModules, textModules } from '../support/qr-reader.ts'
import { openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

/** ISO/IEC 18004: four light modules on every side. */
const QUIET = 4

function expectQuietZone(modules: Modules): void {
  const side = modules.length
  const inside = (at: number) => at >= QUIET && at < side - QUIET
  for (const [y, row] of modules.entries()) {
    expect(row).toHaveLength(side)
    for (const [x, isDark] of row.entries())
      if (!inside(x) || !inside(y)) expect(isDark).toBe(false)
  }
  const corners = [modules[QUIET]?.[QUIET], modules[QUIET]?.[side - QUIET - 1]]
  expect(corners, 'the finder patterns begin right behind it').toEqual([true, true])
}

describe('the QR images of an invoice', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const fetchBytes = async (path: string) =>
    supertest(world.app.server).get(path).buffer(true).responseType('blob')
  const opened = async () => {
    const invoice = await openInvoice(world)
    return { payUrl: String(invoice.pay_url), path: `/p/${invoice.code}` }
  }

  it.each(Array.from({ length: 32 }, (_, index) => index + 1))(
    'says the pay URL as a PNG of %i pixels a module',
    async (scale) => {
      const { payUrl, path } = await opened()
      const answer = await fetchBytes(`${path}/qr.png?scale=${scale}`)
      expect(answer.headers['content-type']).toBe('image/png')
      const png: Buffer = answer.body
      const pixels = pngPixels(png)
      expect(pixels.length % scale).toBe(0)
      const modules = pixels
        .filter((_row, y) => y % scale === 0)
        .map((row) => row.filter((_pixel, x) => x % scale === 0))
      expectQuietZone(modules)
      const found = await readQr(scale === 1 ? modules : png)
      expect(found.text).toBe(payUrl)
      expect(found.ecLevel).toBe('M')
    },
  )

  it('is a PNG whose chunks have the right checksums', async () => {
    const { path } = await opened()
    const { body: png } = await fetchBytes(`${path}/qr.png`)
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    const names: string[] = []
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
      const end = at + 8 + png.readUInt32BE(at)
      names.push(png.toString('latin1', at + 4, at + 8))
      expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)))
    }
    expect(names).toEqual(['IHDR', 'IDAT', 'IEND'])
    expect(png.length).toBeLessThan(4_096)
  })

  it('says the pay URL as an SVG', async () => {
    const { payUrl, path } = await opened()
    const answer = await fetchBytes(`${path}/qr.svg`)
    expect(answer.headers['content-type']).toMatch(/^image\/svg\+xml\b/)
    const modules = svgModules(answer.body.toString('utf8'))
    expectQuietZone(modules)
    const found = await readQr(modules)
    expect([found.text, found.ecLevel]).toEqual([payUrl, 'M'])
  })

  it('says the pay URL as text', async () => {
    const { payUrl, path } = await opened()
    const answer = await send(world, { path: `${path}/qr.txt` })
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
    const modules = textModules(answer.text)
    expectQuietZone(modules)
    const found = await readQr(modules)
    expect([found.text, found.ecLevel]).toEqual([payUrl, 'M'])
  })

  it('carries a URL on our own origin that says nothing but the code', async () => {
    const { payUrl } = await opened()
    expect(new URL(payUrl).origin).toBe(world.url)
    expect(new URL(payUrl).pathname).toMatch(/^\/p\/[0-9A-HJKMNP-TV-Z]{26}$/)
    expect(new URL(payUrl).search).toBe('')
  })

  it('is where the invoice says it is', async () => {
    const invoice = await openInvoice(world)
    for (const url of Object.values(invoice.qr as Record<string, string>)) {
      const answer = await fetch(url)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it.each(['0', '33', '-1', '1.5', 'big', '', '8&scale=9'])(
    'refuses a scale of "%s"',
    async (scale) => {
      const { path } = await opened()
      await expectRefused(
        world,
        { path: `${path}/qr.png?scale=${scale}` },
        { status: 400, code: 'invalid_request', field: 'scale' },
      )
    },
  )

  it('draws nothing for a code that nobody has', async () => {
    for (const image of ['qr.svg', 'qr.png', 'qr.txt'])
      expectProblem(await send(world, { path: `/p/${newPayCode()}/${image}` }), {
        status: 404,
        code: 'not_found',
      })
  })
})
