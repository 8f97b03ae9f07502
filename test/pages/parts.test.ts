import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Key, keyOf, LIMIT_WON, press } from '../../src/apps/cashier/amount.ts'
import { newAttempt, nextOrderId, storedAttempt } from '../../src/apps/cashier/attempt.ts'
import { keyIn } from '../../src/apps/cashier/pairing.ts'
import { DICTIONARIES as CASHIER } from '../../src/apps/cashier/text.ts'
import { DICTIONARIES as CHECKOUT } from '../../src/apps/checkout/text.ts'
import { won } from '../../src/kernel/money.ts'

const typed = (keys: readonly Key[]) =>
  keys.reduce((amount, key) => press(amount, key).amount, won(0n))

describe('the amount pad', () => {
  it('counts digits in and out', () => {
    expect(typed(['4', '5', '00'])).toBe(4_500n)
    expect(typed(['00', '0', '7'])).toBe(7n)
    expect(typed(['4', '5', 'back'])).toBe(4n)
    expect(typed(['4', 'back', 'back'])).toBe(0n)
    expect(typed(['9', '9', 'clear', '1'])).toBe(1n)
  })

  it('keeps the amount when a key would pass the limit', () => {
    expect(press(won(LIMIT_WON), '0')).toEqual({ amount: LIMIT_WON, isOver: true })
    expect(press(won(LIMIT_WON / 10n), '0')).toEqual({ amount: LIMIT_WON, isOver: false })
    expect(press(won(LIMIT_WON / 10n), '1').isOver).toBe(true)
  })

  it('knows which keys of a keyboard it has', () => {
    expect(['7', 'Backspace', 'Escape', 'a', '７', 'F1'].map(keyOf)).toEqual([
      '7',
      'back',
      'clear',
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a charge', () => {
  const at = new Date('2026-11-21T05:00:00Z')

  it('has a key of its own and a body without what was left empty', () => {
    const one = newAttempt({ amount: won(4_500n), orderId: ' 12 ', memo: '\u202eabc\n' }, at)
    const other = newAttempt({ amount: won(4_500n), orderId: '', memo: '' }, at)
    expect(one.key).not.toBe(other.key)
    expect(JSON.parse(one.body)).toEqual({ amount: 4_500, order_id: '12', description: 'abc' })
    expect(JSON.parse(other.body)).toEqual({ amount: 4_500 })
    expect(storedAttempt(JSON.stringify(one))).toEqual(one)
  })

  it('is forgotten when what was stored is not one', () => {
    for (const stored of [undefined, '', '{', 'null', '{"key":1}'])
      expect(storedAttempt(stored)).toBeUndefined()
  })

  it('numbers the new codes of one order', () => {
    expect(nextOrderId('A-12')).toBe('A-12#2')
    expect(nextOrderId('A-12#2')).toBe('A-12#3')
    expect(nextOrderId('A-12#9')).toBe('A-12#10')
    expect(nextOrderId('x'.repeat(64))).toBe(`${'x'.repeat(62)}#2`)
  })
})

describe('a till key', () => {
  const key = `baro_${'0123456789ABCDEFGHJKMNPQRSTVWXYZ012345'}`

  it('is found in what people paste', () => {
    for (const text of [key, `  ${key}\n`, key.toLowerCase(), `http://till.test/pos#key=${key}`])
      expect(keyIn(text)).toBe(key)
  })

  it('is not found where there is none', () => {
    for (const text of ['', 'baro_', key.slice(0, -1), `${key}0`, key.replace('A', 'U')])
      expect(keyIn(text)).toBeUndefined()
  })
})

describe('the words of the pages', () => {
  it.each(Object.entries({ CASHIER, CHECKOUT }))('%s say the same in both languages', (_, both) => {
    const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort()
    const { en, ko }: Record<'en' | 'ko', Readonly<Record<string, string>>> = both
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort())
    for (const [key, text] of Object.entries(en)) {
      expect([key, holes(ko[key] ?? '')]).toEqual([key, holes(text)])
      expect([key, (ko[key] ?? '').trim() === '']).toEqual([key, false])
    }
  })
})

describe('the colours of the pages', () => {
  const pairs = ['ink', 'soft', 'accent', 'good', 'bad', 'warn'].flatMap((text) =>
    ['paper', 'surface'].map((ground) => [text, ground] as const),
  )
  pairs.push(['on-accent', 'accent'], ['on-accent', 'accent-deep'])
  pairs.push(['calm', 'paper'], ['calm', 'surface'], ['calm', 'calm-paper'])
  pairs.push(['ink', 'calm-paper'], ['warn', 'warn-paper'])
  pairs.push(['good', 'good-paper'], ['ink', 'good-paper'], ['bad', 'bad-paper'], ['soft', 'line'])

  const apps = join(import.meta.dirname, '../../src/apps')

  it('can be read by light and in the dark (WCAG AA)', () => {
    const css = readFileSync(join(apps, 'browser/base.css'), 'utf8')
    const [light = '', dark = ''] = [...css.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) => body)
    for (const colours of [coloursIn(light), { ...coloursIn(light), ...coloursIn(dark) }]) {
      const faint = pairs.filter(([text, ground]) => contrast(colours, text, ground) < 4.5)
      expect(faint.map(String)).toEqual([])
      // The edge of a field and the disc of the tick are not text: three to one.
      expect(contrast(colours, 'edge', 'surface')).toBeGreaterThan(3)
      for (const disc of ['good-disc', 'calm-disc'])
        expect(contrast({ ...colours, white: '#ffffff' }, 'white', disc)).toBeGreaterThan(3)
    }
  })

  it.each(['cashier', 'checkout'])('are those of the shared sheet on the page %s', (page) => {
    const linked = [
      ...readFileSync(join(apps, page, 'index.html'), 'utf8').matchAll(
        /stylesheet" href="([^"]+)"/g,
      ),
    ].map(([, path]) => path)
    expect(linked[0]).toBe('/assets/apps/browser/base.css')
    const sheets = readdirSync(join(apps, page)).filter((name) => name.endsWith('.css'))
    expect(linked.slice(1).sort()).toEqual(
      sheets.map((name) => `/assets/apps/${page}/${name}`).sort(),
    )
    for (const sheet of sheets)
      expect(coloursIn(readFileSync(join(apps, page, sheet), 'utf8'))).toEqual({})
  })
})

function coloursIn(css: string): Record<string, string> {
  return Object.fromEntries(
    [...css.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

/** Contrast ratio of two named colours, WCAG 2.2. */
function contrast(colours: Readonly<Record<string, string>>, one: string, other: string): number {
  const light = [one, other].map((name) => luminance(colours[name] ?? '')).sort((a, b) => b - a)
  return ((light[0] ?? 0) + 0.05) / ((light[1] ?? 0) + 0.05)
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
