// Takes each guard of the contracts away in turn and runs the forge suites on what is left.
// `npm run -s mutate [-- --json] [--only TEXT]`; 0 only when a test noticed every one of them.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeBytecode } from '../scripts/compile-contracts.mjs'
import { CONTRACT_MUTANTS, mutantSource } from './mutate/contract-guards.mjs'

const ROOT = join(import.meta.dirname, '..')
const FOLDER = `artifacts/forge/mutants/${process.pid}`
// The unit suites first: they are quick and catch nearly all.
const ROUNDS = [
  { words: ['--no-match-contract', 'Invariant|Differential'], fuzzRuns: '256' },
  { words: ['--match-contract', 'Invariant|Differential'], fuzzRuns: '256' },
]

/** The name of a test that failed, or undefined when all passed. */
async function failingTest() {
  for (const { words, fuzzRuns } of ROUNDS) {
    const { code, output } = await forge(words, fuzzRuns)
    if (code === 0) continue
    const failed =
      /\[FAIL.*\] (\w+)\(/.exec(output)?.[1] ?? /(setUp|invariant_\w+)\(/.exec(output)?.[1]
    if (failed === undefined) throw new Error(`forge did not run: ${output.slice(-2_000)}`)
    return failed
  }
  return undefined
}

function forge(words, fuzzRuns) {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'scripts/forge.mjs'), 'test', '--fail-fast', '--color', 'never', ...words],
      {
        env: { ...process.env, BARO_BYTECODE: FOLDER, FOUNDRY_FUZZ_RUNS: fuzzRuns },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

async function requireGreen() {
  writeBytecode(join(ROOT, FOLDER))
  const failed = await failingTest()
  if (failed !== undefined) throw new Error(`${failed} fails before anything is taken away`)
}

async function main() {
  const only = process.argv[process.argv.indexOf('--only') + 1]
  const chosen = process.argv.includes('--only')
    ? CONTRACT_MUTANTS.filter(({ name }) => name.includes(only))
    : CONTRACT_MUTANTS
  const mutants = chosen.map((mutant) => ({ name: mutant.name, replaced: mutantSource(mutant) }))
  mkdirSync(join(ROOT, FOLDER), { recursive: true })
  const survived = []
  try {
    await requireGreen()
    for (const [at, { name, replaced }] of mutants.entries()) {
      writeBytecode(join(ROOT, FOLDER), replaced)
      const failed = await failingTest()
      if (failed === undefined) survived.push(name)
      const verdict = failed === undefined ? 'SURVIVED' : `caught by ${failed}`
      process.stderr.write(`${at + 1}/${mutants.length} ${name}: ${verdict}\n`)
    }
  } finally {
    rmSync(join(ROOT, FOLDER), { recursive: true })
  }
  const result = { mutants: mutants.length, caught: mutants.length - survived.length, survived }
  process.stdout.write(`${JSON.stringify(result, null, process.argv.includes('--json') ? 0 : 2)}\n`)
  process.exitCode = survived.length === 0 ? 0 : 1
}

await main()
