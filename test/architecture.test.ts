import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

/** Top floor first. A file may import from floors below it, or from its own room. */
const FLOORS = ['apps', 'entry', 'flows', 'domains', 'platform', 'kernel']

/** Which rooms may open which package. A package that is not listed here cannot be imported. */
const PACKAGES: Record<string, RegExp> = {
  '@fastify/helmet': /^platform\/http$/,
  '@fastify/rate-limit': /^platform\/http$/,
  '@fastify/swagger': /^platform\/http$/,
  '@fastify/swagger-ui': /^platform\/http$/,
  '@fastify/type-provider-typebox': /^(platform|entry)\/http$/,
  bullmq: /^platform\/queue$/,
  'csv-stringify/sync': /^domains\/reports$/,
  fastify: /^(platform|entry)\/http$/,
  ioredis: /^platform\/queue$/,
  'ipaddr.js': /^platform\/net$/,
  pg: /^platform\/(db|queue|embedded)$/,
  pino: /^platform\/log$/,
  'prom-client': /^platform\/metrics$/,
  qrcode: /^domains\/invoices$/,
  standardwebhooks: /^apps$/,
  'tiny-secp256k1': /^platform\/(chain|devnet)$/,
  typebox: /^entry\/http$/,
  undici: /^platform\/net$/,
  viem: /^platform\/(chain|keys|devnet)$/,
  ws: /^platform\/(chain|devnet)$/,
  'viem/accounts': /^platform\/(chain|keys)$/,
  'node:async_hooks': /^platform\/trace$/,
  'node:child_process': /^platform\/embedded$/,
  'node:crypto': /^(platform|domains)\/|^entry\/http$/,
  'node:dns/promises': /^platform\/net$/,
  'node:events': /^platform\//,
  'node:fs': /^(platform\/embedded|entry\/http|apps)$/,
  'node:fs/promises': /^(platform\/(db|embedded)|entry\/http|apps)$/,
  'node:http': /^(platform\/(http|devnet)|apps)$/,
  'node:module': /^platform\/embedded$/,
  'node:net': /^(platform\/(http|net|embedded)|apps)$/,
  'node:os': /^(platform\/embedded|apps)$/,
  'node:path': /^(platform\/(db|embedded)|entry\/http|apps)$/,
  'node:timers/promises': /^(platform\/(embedded|queue)|apps)$/,
  'node:url': /^apps$/,
  'node:util': /^(platform|apps)(\/|$)/,
  'node:zlib': /^(domains\/invoices|platform\/embedded)$/,
}

/** The pages run in a browser: they know the kernel, the room that they share, and nothing else. */
const PAGES = /^apps\/(cashier|checkout)$/
const PAGES_ROOM = 'apps/browser'

type Edge = { readonly file: string; readonly to: string; readonly line: string }

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8')
const edges: Edge[] = files.flatMap((file) =>
  [
    ...textOf(file).matchAll(
      /^(?:import|export)\b[^'"]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? ''
    const to = specifier.startsWith('.')
      ? relative(SRC, join(SRC, dirname(file), specifier))
      : specifier
    return { file, to, line: `${file} -> ${specifier}` }
  }),
)
const inner = edges.filter((edge) => files.includes(edge.to))
const outer = edges.filter((edge) => !files.includes(edge.to))

const floorOf = (file: string) => FLOORS.indexOf(file.split('/')[0] ?? '')
/** A room is a folder of a floor: `domains/invoices`; a floor without folders is one room. */
const roomOf = (file: string) => dirname(file).split('/').slice(0, 2).join('/')
/** The one door between rooms of a floor: what both pages need has a document, so the kernel cannot hold it (docs/decisions/0006). */
const isPagesDoor = (edge: Edge) => PAGES.test(roomOf(edge.file)) && roomOf(edge.to) === PAGES_ROOM
const linesOf = (found: readonly Edge[]) => found.map((edge) => edge.line)

describe('the building', () => {
  it('has every file on a known floor', () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual([])
  })

  it('only has stairs that go down', () => {
    expect(linesOf(inner.filter((e) => floorOf(e.file) > floorOf(e.to)))).toEqual([])
  })

  it('has no doors between rooms of one floor', () => {
    const sideways = inner.filter(
      (e) =>
        floorOf(e.file) === floorOf(e.to) && roomOf(e.file) !== roomOf(e.to) && !isPagesDoor(e),
    )
    expect(linesOf(sideways)).toEqual([])
  })

  it('has no circles', () => {
    const next = new Map(
      files.map((file) => [file, inner.filter((e) => e.file === file).map((e) => e.to)]),
    )
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) {
        circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
        return
      }
      if (done.has(file)) return
      for (const to of next.get(file) ?? []) walk(to, [...path, file])
      done.add(file)
    }
    for (const file of files) walk(file, [])
    expect(circles).toEqual([])
  })

  it('opens each package only in the rooms that own it', () => {
    expect(linesOf(outer.filter((e) => !PACKAGES[e.to]?.test(roomOf(e.file))))).toEqual([])
  })

  it('lets the pages import the kernel, the room that they share, and nothing else', () => {
    const strays = edges.filter(
      (e) =>
        PAGES.test(roomOf(e.file)) &&
        roomOf(e.file) !== roomOf(e.to) &&
        roomOf(e.to) !== PAGES_ROOM &&
        !e.to.startsWith('kernel/'),
    )
    expect(linesOf(strays)).toEqual([])
  })

  it('lets the room that the pages share import the kernel and nothing else', () => {
    const strays = edges.filter(
      (e) =>
        roomOf(e.file) === PAGES_ROOM && roomOf(e.to) !== PAGES_ROOM && !e.to.startsWith('kernel/'),
    )
    expect(linesOf(strays)).toEqual([])
  })

  it('keeps the kernel free of packages', () => {
    expect(linesOf(outer.filter((e) => e.file.startsWith('kernel/')))).toEqual([])
  })

  it('lets no flow call another flow', () => {
    const calls = inner.filter(
      (e) =>
        e.file.startsWith('flows/') &&
        e.to.startsWith('flows/') &&
        !/^flows\/(jobs|deps|meter)\.ts$/.test(e.to),
    )
    expect(linesOf(calls)).toEqual([])
  })

  it('reads the environment on the top floor only', () => {
    const readers = files.filter((file) => /process\.env/.test(textOf(file)))
    expect(readers.filter((file) => !file.startsWith('apps/'))).toEqual([])
  })

  it('keeps every file under 300 lines', () => {
    const written = files.filter((file) => !file.startsWith('platform/chain/contracts/'))
    expect(written.filter((file) => textOf(file).split('\n').length > 300)).toEqual([])
  })

  it('leaves no note to do something later', () => {
    expect(files.filter((file) => /\b(TODO|FIXME|XXX)\b/.test(textOf(file)))).toEqual([])
  })
})
