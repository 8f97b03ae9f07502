import { inspect } from 'node:util'
import { expect, it } from 'vitest'
import { reveal, secret } from '../../src/kernel/secret.ts'
import { type Log, openLog } from '../../src/platform/log/log.ts'

const CANARY = 'canary-7f3a9c'

function capture(level: 'debug' | 'info' = 'debug') {
  const lines: string[] = []
  const log = openLog({ level, name: 'test', destination: { write: (line) => lines.push(line) } })
  return { log, lines, text: () => lines.join('') }
}

function one(write: (log: Log) => void): Record<string, unknown> {
  const { log, lines } = capture()
  write(log)
  expect(lines).toHaveLength(1)
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1)
  return JSON.parse(lines[0] ?? '')
}

it('writes one JSON line with level, ISO time, name and message', () => {
  const line = one((log) => log.info('payment settled', { amountWon: 4500n, at: new Date(0) }))
  expect(line).toMatchObject({ level: 'info', name: 'test', msg: 'payment settled' })
  expect(line).toMatchObject({
    amountWon: '4500',
    at: '1970-01-01T00:00:00.000Z',
    pid: process.pid,
  })
  expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

it('keeps quiet below its level and carries the fields of a child', () => {
  const { log, lines } = capture('info')
  log.debug('unseen')
  log.child({ request: 'r1' }).child({ lane: 2 }).warn('seen')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ request: 'r1', lane: 2, msg: 'seen' })
})

const databaseUrl = `postgres://baro:${CANARY}@db.example:5432/baro`
const hiding: Record<string, (log: Log) => void> = {
  'a secret': (log) => log.info('x', { key: secret(CANARY) }),
  'a secret object': (log) => log.info('x', { key: secret({ inner: CANARY }) }),
  'a secret deep inside': (log) => log.info('x', { a: [{ b: new Map([['c', secret(CANARY)]]) }] }),
  'a secret in a set': (log) => log.info('x', { a: new Set([secret(CANARY)]) }),
  'a secret in a template string': (log) => log.info(`opened with ${secret(CANARY)}`),
  'a secret in a child': (log) => log.child({ key: secret(CANARY) }).info('x'),
  'a secret nobody unwrapped, spread': (log) => log.info('x', { ...secret(CANARY) }),
  'a URL in the message': (log) => log.info(`connecting to ${databaseUrl}`),
  'a URL in a field': (log) => log.info('x', { url: databaseUrl, list: [databaseUrl] }),
  'a URL as a key': (log) => log.info('x', { [databaseUrl]: 1 }),
  'a URL object': (log) => log.info('x', { url: new URL(databaseUrl) }),
  'a password with characters of its own': (log) =>
    log.info(`postgres://baro:p@ss/w?rd#${CANARY}@db/baro and redis://:${CANARY}@r:6379`),
  'a user alone': (log) => log.info('x', { url: `https://${CANARY}@rpc.example/` }),
  'a URL where a long text is cut': (log) =>
    log.info(`${'x'.repeat(8_192 - 60)} postgres://baro:${CANARY}${'y'.repeat(200)}@db/baro`),
  'an error message': (log) => log.error('x', { err: new Error(`no ${databaseUrl}`) }),
  'a stack': (log) =>
    log.error('x', { err: Object.assign(new Error('x'), { stack: databaseUrl }) }),
  'a cause of a cause': (log) =>
    log.error('x', {
      err: new Error('a', { cause: new Error('b', { cause: new Error(databaseUrl) }) }),
    }),
  'an aggregate': (log) => log.error('x', { err: new AggregateError([new Error(databaseUrl)]) }),
  'the request that a client hangs on an error': (log) =>
    log.error('x', {
      err: Object.assign(new Error('failed'), {
        config: { headers: { authorization: CANARY } },
        request: { body: CANARY },
        response: CANARY,
      }),
    }),
  'an error in a field of another name': (log) =>
    log.error('x', { cause: { deep: Object.assign(new Error('failed'), { config: CANARY }) } }),
  'an authorisation header': (log) => log.info(`sent Authorization: Bearer ${CANARY}-0123456789`),
  headers: (log) => log.info('x', { headers: { Authorization: CANARY, 'set-cookie': [CANARY] } }),
  'a webhook secret': (log) => log.info(`whsec_${CANARY}AAAAAAA=`),
  bytes: (log) =>
    log.info('x', { key: Buffer.from(CANARY), raw: new TextEncoder().encode(CANARY) }),
  'settings of a client': (log) => log.info('x', { redis: { options: { password: CANARY } } }),
  'a function': (log) => log.info('x', { get: () => CANARY }),
}

it.each(Object.entries(hiding))('does not tell %s', (_name, write) => {
  const { log, text, lines } = capture()
  write(log)
  expect(lines).toHaveLength(1)
  expect(text()).not.toContain(CANARY)
  // Nor byte by byte, as a Buffer shows itself.
  expect(text().replace(/"\d+":/g, '')).not.toContain([...Buffer.from(CANARY)].slice(0, 6).join())
})

it('says that a secret was there', () => {
  const line = one((log) => log.info('x', { key: secret(CANARY), bytes: new Uint8Array(32) }))
  expect(line).toMatchObject({ key: '[secret]', bytes: '[32 bytes]' })
})

it('hides a secret from everything that prints, and reveals it on demand', () => {
  const hidden = secret(CANARY)
  const shown = [
    `${hidden}`,
    JSON.stringify({ hidden }),
    inspect(hidden, { showHidden: true, depth: 9 }),
    inspect({ deep: [hidden] }),
    Object.entries(hidden).join(),
    Object.getOwnPropertyNames(hidden).join(),
  ]
  expect(shown.join()).not.toContain(CANARY)
  expect(shown[0]).toBe('[secret]')
  expect(reveal(hidden)).toBe(CANARY)
})

it('keeps what finds a fault: class, message, code, stack and causes of an error', () => {
  const cause = Object.assign(new TypeError('inner'), { code: 'ECONNREFUSED' })
  const line = one((log) => log.error('failed', { err: new Error('outer', { cause }) }))
  expect(line.err).toMatchObject({
    type: 'Error',
    message: 'outer',
    stack: expect.stringContaining('log.test.ts'),
    cause: { type: 'TypeError', message: 'inner', code: 'ECONNREFUSED' },
  })
})

it('leaves a URL without credentials alone', () => {
  const line = one((log) => log.info('x', { url: 'https://shop.example/hook?a=1' }))
  expect(line.url).toBe('https://shop.example/hook?a=1')
})

it('makes one harmless line of newlines, escapes and separators', () => {
  const evil = 'a\r\n{"level":"error","msg":"forged"}\u001b[2J\u009b31m\u2028\0'
  const { log, lines } = capture()
  log.info(evil, { evil, [evil]: evil })
  expect(lines).toHaveLength(1)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(lines[0]?.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  expect(JSON.parse(lines[0] ?? '').level).toBe('info')
})

it('does not let a field speak for the log', () => {
  const line = one((log) => log.info('true', { level: 'error', msg: 'forged', time: 0, name: 'x' }))
  expect(line).toMatchObject({ level: 'info', msg: 'true', name: 'test', level_: 'error' })
})

it('survives circles, depth, width, length and getters that throw', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  let deep: unknown = 'end'
  for (let level = 0; level < 1_000; level++) deep = { deep }
  const error = new Error('own cause')
  error.cause = error
  const line = one((log) => {
    log.info('x', { circle, deep, wide: Array(10_000).fill(1), long: 'x'.repeat(1e6), err: error })
  })
  expect(JSON.stringify(line).length).toBeLessThan(20_000)
  const trap = {
    get field(): string {
      throw new Error('trap')
    },
  }
  expect(one((log) => log.info('x', { trap }))).toMatchObject({ unloggable: true })
})
