// Runs forge with the solc of npm, offline: `node scripts/forge.mjs test …`.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
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

// The tests run the product's bytecode; a mutation run names another folder.
if (process.env.BARO_BYTECODE === undefined) writeBytecode(join(ROOT, 'artifacts/forge'))
const [command, ...rest] = process.argv.slice(2)
const { status, error } = spawnSync(
  forgeProgram(),
  [command ?? 'test', '--root', ROOT, '--use', solcProgram(), '--offline', ...rest],
  { cwd: ROOT, stdio: 'inherit' },
)
if (error) throw error
process.exitCode = status ?? 1
