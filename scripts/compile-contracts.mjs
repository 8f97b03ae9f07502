// Compiles contracts/src with the pinned solc and writes what the product needs of it as TypeScript.
// `--check` writes nothing and fails where the written files differ.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import solc from 'solc'
import { keccak256 } from 'viem'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const OUT = join(ROOT, 'src/platform/chain/contracts')
const PRODUCTS = [
  { source: 'KRWToken', file: 'krw-token.ts', value: 'krwToken', constant: 'KRW_TOKEN' },
  {
    source: 'BaroFactory',
    file: 'baro-factory.ts',
    value: 'baroFactory',
    constant: 'BARO_FACTORY',
  },
]

const ENTRIES = PRODUCTS.map(({ source }) => `contracts/src/${source}.sol`)

export const COMPILER_SETTINGS = {
  viaIR: true,
  evmVersion: 'prague',
  optimizer: { enabled: true, runs: 1_000_000 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
}

/**
 * Compiles entry files (paths from the repository's root) and returns solc's contracts.
 * `replaced` holds other texts for some files, by path.
 */
export function compile(entries, settings = {}, replaced = {}) {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      entries.map((path) => [path, { content: replaced[path] ?? textOf(path) }]),
    ),
    settings: {
      ...COMPILER_SETTINGS,
      ...settings,
      outputSelection: {
        '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] },
      },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), {
      import: (path) =>
        replaced[path] === undefined ? readImport(path) : { contents: replaced[path] },
    }),
  )
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'))
  for (const warning of output.errors ?? []) process.stderr.write(`${warning.formattedMessage}\n`)
  return output.contracts
}

/** What the product's generated files say now, by their path. */
export function generatedFiles() {
  const contracts = compile(ENTRIES)
  return PRODUCTS.map(({ source, file, value, constant }) => {
    const built = contracts[`contracts/src/${source}.sol`][source]
    const runtime = `0x${built.evm.deployedBytecode.object}`
    const text = [
      '// Written by scripts/compile-contracts.mjs; a test fails when it differs from the Solidity.',
      `export const ${value}Abi = ${JSON.stringify(built.abi, null, 1)} as const`,
      `export const ${value}Bytecode = '0x${built.evm.bytecode.object}' as const`,
      `export const ${constant}_CODE_HASH = '${keccak256(runtime)}' as const`,
    ].join('\n')
    return { path: join(OUT, file), text: `${text}\n`, bytes: (runtime.length - 2) / 2 }
  })
}

/** Compiles the product's contracts and writes their creation code as hex files for forge. */
export function writeBytecode(folder, replaced = {}, settings = {}) {
  const contracts = compile(ENTRIES, settings, replaced)
  mkdirSync(folder, { recursive: true })
  for (const { source } of PRODUCTS) {
    const { object } = contracts[`contracts/src/${source}.sol`][source].evm.bytecode
    writeFileSync(join(folder, `${source}.hex`), `0x${object}`)
  }
}

function textOf(path) {
  return readFileSync(join(ROOT, path), 'utf8')
}

function readImport(path) {
  for (const place of [join(ROOT, path), join(ROOT, 'node_modules', path)]) {
    if (existsSync(place)) return { contents: readFileSync(place, 'utf8') }
  }
  return { error: `${path} not found` }
}

function main() {
  const files = generatedFiles()
  if (process.argv.includes('--check')) {
    const stale = files.filter(
      ({ path, text }) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
    )
    for (const { path } of stale) process.stderr.write(`${path} differs from the Solidity\n`)
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  mkdirSync(OUT, { recursive: true })
  for (const { path, text, bytes } of files) {
    writeFileSync(path, text)
    process.stderr.write(`${path}: ${bytes} bytes of code\n`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
