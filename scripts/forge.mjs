// Runs forge with the solc of npm, offline: `node scripts/forge.mjs test …`.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeBytecode } from './compile-contracts.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Path of a program that speaks solc's command line and compiles with the pinned npm package. */
function solcProgram() {
  const folder = join(ROOT, 'artifacts/forge')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'solc')
  const script = join(ROOT, 'scripts/solc-standard-json.cjs')
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`)
  chmodSync(path, 0o755)
  return path
}

function forgeProgram() {
  const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const require = createRequire(import.meta.url)
  const home = dirname(require.resolve(`@foundry-rs/forge-${system}/package.json`))
  return join(home, 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge')
}

/** Writes the product's bytecode for the tests, unless it is that of these sources already. */
function writeBytecodeOnce() {
  const folder = join(ROOT, 'artifacts/forge')
  const mark = join(folder, 'sources.sha256')
  const hash = createHash('sha256')
  const files = readdirSync(join(ROOT, 'contracts/src'), { recursive: true }).filter((file) =>
    file.endsWith('.sol'),
  )
  for (const file of files.sort()) hash.update(readFileSync(join(ROOT, 'contracts/src', file)))
  const found = hash.update(readFileSync(join(ROOT, 'scripts/compile-contracts.mjs'))).digest('hex')
  if (existsSync(mark) && readFileSync(mark, 'utf8') === found) return
  writeBytecode(folder)
  writeFileSync(mark, found)
}

// A mutation run names another folder.
if (process.env.BARO_BYTECODE === undefined) writeBytecodeOnce()
const [command, ...rest] = process.argv.slice(2)
const { status, error } = spawnSync(
  forgeProgram(),
  [command ?? 'test', '--root', ROOT, '--use', solcProgram(), '--offline', ...rest],
  { cwd: ROOT, stdio: 'inherit' },
)
if (error) throw error
process.exitCode = status ?? 1
