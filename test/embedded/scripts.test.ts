import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { eventually, ROOT, useBench } from './support.ts'

const bench = useBench()
const SCRIPTS = ['start.mjs', 'commands.mjs', 'support.mjs', 'install.mjs', 'build.mjs']

/** Stands for npm: notes that it ran, then does what the test says. */
const NPM = (then: string) => `
  const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
  appendFileSync('npm-runs', process.argv.slice(2).join(' ') + '\\n')
  ${then}
`
const INSTALLS = NPM(`setTimeout(() => {
  mkdirSync('node_modules', { recursive: true })
}, 500)`)
const HAS_NO_NETWORK = NPM(`
  console.error('npm http fetch GET https://registry.example/pg attempt 1 failed with EAI_AGAIN')
  console.error('npm error code EAI_AGAIN')
  process.exit(1)
`)

const FAILS = NPM('process.exit(1)')
const LOCK = JSON.stringify({ packages: { '': {}, 'node_modules/pg': { version: '1.0.0' } } })

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** A small checkout with our scripts, a page and one program that says how it was called. */
function checkout(npm = FAILS): string {
  const root = bench.folder()
  mkdirSync(join(root, 'scripts'))
  for (const name of SCRIPTS) cpSync(join(ROOT, 'scripts', name), join(root, 'scripts', name))
  for (const name of ['tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(ROOT, name), join(root, name))
  mkdirSync(join(root, 'src/apps/page'), { recursive: true })
  writeFileSync(join(root, 'src/apps/page/index.html'), '<h1>Baro</h1>')
  writeFileSync(
    join(root, 'src/apps/hello.ts'),
    `console.log(JSON.stringify(process.argv.slice(2)))\nprocess.exitCode = 7\n`,
  )
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(root, 'package-lock.json'), LOCK)
  writeFileSync(join(root, 'npm.cjs'), npm)
  return root
}

/** What a build needs of the real packages, by links: no installer may ever come near those. */
function linkCompiler(root: string): void {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  for (const name of ['typescript', '@typescript', '@types', 'undici-types']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(root, 'node_modules', name))
  }
}

/** A checkout whose packages are those of its lock. */
function installedCheckout(): string {
  const root = checkout()
  linkCompiler(root)
  const hash = createHash('sha256').update(LOCK).digest('hex')
  writeFileSync(join(root, 'node_modules/.baro-lock-sha256'), hash)
  return root
}

function node(root: string, args: string[], cwd = '/'): Promise<Ended> {
  const env = { ...process.env, npm_execpath: join(root, 'npm.cjs'), NODE_ENV: 'production' }
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  bench.onEnd(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

function build(root: string, ...args: string[]): Promise<Ended> {
  return node(root, [join(root, 'scripts/build.mjs'), ...args])
}

describe('the build', () => {
  it('makes dist of the sources and the pages, once for the same sources', async () => {
    const root = installedCheckout()
    expect(await build(root)).toMatchObject({ code: 0, stdout: '' })
    expect(readdirSync(join(root, 'dist/apps')).sort()).toEqual([
      'hello.js',
      'hello.js.map',
      'page',
    ])
    expect(readFileSync(join(root, 'dist/apps/page/index.html'), 'utf8')).toBe('<h1>Baro</h1>')
    expect((await build(root)).stderr).toMatch(/up to date/)
    appendFileSync(join(root, 'src/apps/page/index.html'), '<p>')
    expect((await build(root)).stderr).toMatch(/built/)
    expect((await build(root, '--force')).stderr).toMatch(/built/)
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })

  it('leaves dist as it was where the sources do not compile', async () => {
    const root = installedCheckout()
    await build(root)
    appendFileSync(join(root, 'src/apps/hello.ts'), 'const won: number = "one"\nconsole.log(won)\n')
    const broken = await build(root)
    expect(broken.code).not.toBe(0)
    expect(broken.stderr).toMatch(/hello\.ts.*TS2322.*dist\/ is as it was/s)
    expect(existsSync(join(root, 'dist/apps/hello.js'))).toBe(true)
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })

  it('may run several times at once', async () => {
    const root = installedCheckout()
    const ended = await Promise.all([1, 2, 3].map(() => build(root, '--force')))
    expect(ended.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(existsSync(join(root, 'dist/apps/hello.js'))).toBe(true)
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })
})

describe('the first step', () => {
  it('installs, builds and runs, and keeps its own words off stdout', async () => {
    const root = checkout(INSTALLS)
    // The stand-in installs nothing: the compiler comes from here.
    const start = node(root, [join(root, 'scripts/start.mjs'), 'hello', '--json', 'a b'])
    await eventually('the install', () => existsSync(join(root, 'npm-runs')))
    linkCompiler(root)
    const first = await start
    expect(first).toMatchObject({ code: 7, stdout: '["--json","a b"]\n' })
    expect(first.stderr).toMatch(/installing the locked packages/)
    expect(readFileSync(join(root, 'npm-runs'), 'utf8')).toMatch(/^ci --include=dev .*\n$/)
    const second = await node(root, [join(root, 'scripts/start.mjs'), 'hello'])
    expect(second).toMatchObject({ code: 7, stdout: '[]\n', stderr: '' })
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {} } }))
    await node(root, [join(root, 'scripts/start.mjs'), 'hello'])
    expect(readFileSync(join(root, 'npm-runs'), 'utf8').split('\n')).toHaveLength(3)
  })

  it('never installs twice at once', async () => {
    const root = checkout(INSTALLS)
    const both = await Promise.all(
      [1, 2].map(() => node(root, [join(root, 'scripts/start.mjs'), 'check'])),
    )
    expect(readFileSync(join(root, 'npm-runs'), 'utf8').split('\n')).toHaveLength(2)
    expect(both.map(({ stderr }) => stderr).join()).toMatch(/another install in this folder/)
  })

  it('never empties the packages of another checkout through a link', async () => {
    const root = checkout(INSTALLS)
    const other = bench.folder()
    symlinkSync(other, join(root, 'node_modules'))
    const ended = await node(root, [join(root, 'scripts/start.mjs'), 'hello'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/node_modules is a link to/)
    expect(existsSync(join(root, 'npm-runs'))).toBe(false)
  })

  it('says that there is no network', async () => {
    const root = checkout(HAS_NO_NETWORK)
    const ended = await node(root, [join(root, 'scripts/start.mjs'), 'hello'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      /no network\? https:\/\/registry\.example could not be reached \(EAI_AGAIN\)/,
    )
    expect(existsSync(join(root, 'node_modules'))).toBe(false)
  })

  it('refuses an old Node and an unknown command in one sentence', async () => {
    const root = installedCheckout()
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.18.3'}})`
    const ended = await node(root, ['--import', old, join(root, 'scripts/start.mjs'), 'hello'])
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toBe(
      'Baro needs Node 20.19 or newer; this is 20.18.3. See https://nodejs.org\n',
    )
    for (const name of ['nothing', '../x']) {
      const unknown = await node(root, [join(root, 'scripts/start.mjs'), name])
      expect(unknown.code).toBe(1)
      expect(unknown.stderr).toMatch(/there is no command nothing|usage/)
    }
  })
})
