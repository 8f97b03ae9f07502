// Compiles the contracts without one guard after the other and runs forge on each.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeBytecode } from '../../scripts/compile-contracts.mjs'
import { CONTRACT_MUTANTS } from './contract-guards.mjs'
import { runScript } from './run.mjs'
import { isChosen, ROOT, textWithout } from './source.mjs'

const FOLDER = `artifacts/forge/mutants/${process.pid}`
/** Which test noticed each mutant the last time: it is asked first. Written again by a run of all. */
const CAUGHT_BY = join(import.meta.dirname, 'caught-by.json')
/** The same meaning from a quicker compiler; `npm run forge` runs what is deployed. */
const QUICK = { viaIR: false, optimizer: { enabled: true, runs: 200 } }
/** One compiles while the other runs. */
const AT_ONCE = 2
// The unit suites first: they are quick and catch nearly all.
const ROUNDS = [
  ['--no-match-contract', 'Invariant|Differential'],
  ['--match-contract', 'Invariant|Differential'],
]

/** Each contract mutant with the test that failed on it, or undefined. */
export async function checkContracts(only, say) {
  const chosen = CONTRACT_MUTANTS.filter((mutant) => isChosen(mutant, only))
  if (chosen.length === 0) return []
  const known = existsSync(CAUGHT_BY) ? JSON.parse(readFileSync(CAUGHT_BY, 'utf8')) : {}
  const verdicts = []
  let started = 0
  try {
    const red = await failingTest(folderOf('whole', {}))
    if (red !== undefined) throw new Error(`${red} fails before anything is taken away`)
    const work = async () => {
      for (let mutant = chosen[started++]; mutant !== undefined; mutant = chosen[started++]) {
        const folder = folderOf(mutant.name, { [mutant.path]: textWithout(mutant) })
        const caughtBy = await failingTest(folder, known[mutant.name])
        verdicts.push({ name: mutant.name, caughtBy })
        const verdict = caughtBy === undefined ? 'SURVIVED' : `caught by ${caughtBy}`
        say(`contracts ${verdicts.length}/${chosen.length} ${mutant.name}: ${verdict}`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  } finally {
    rmSync(join(ROOT, FOLDER), { recursive: true, force: true })
  }
  if (only === '') remember(verdicts)
  return verdicts
}

function folderOf(name, replaced) {
  const folder = `${FOLDER}/${name.replace(/\W+/g, '-')}`
  mkdirSync(join(ROOT, folder), { recursive: true })
  writeBytecode(join(ROOT, folder), replaced, QUICK)
  return folder
}

/** The name of a test that fails on this bytecode, the likely one first, or undefined when all pass. */
async function failingTest(folder, likely) {
  const rounds = likely === undefined ? ROUNDS : [['--match-test', `^${likely}$`], ...ROUNDS]
  for (const words of rounds) {
    const { code, output } = await forge(folder, words)
    if (code === 0) continue
    const failed =
      /\[FAIL.*\] (\w+)\(/.exec(output)?.[1] ?? /(setUp|invariant_\w+)\(/.exec(output)?.[1]
    if (failed === undefined) throw new Error(`forge did not run: ${output.slice(-2_000)}`)
    return failed
  }
  return undefined
}

function forge(folder, words) {
  const always = ['test', '--fail-fast', '--color', 'never', '--threads', '1']
  return runScript(join(ROOT, 'scripts/forge.mjs'), [...always, ...words], {
    env: { BARO_BYTECODE: folder, FOUNDRY_FUZZ_RUNS: '256' },
  })
}

function remember(verdicts) {
  const caught = verdicts
    .filter(({ caughtBy }) => caughtBy !== undefined)
    .map(({ name, caughtBy }) => [name, caughtBy])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const text = `${JSON.stringify(Object.fromEntries(caught), null, 2)}\n`
  if (!existsSync(CAUGHT_BY) || readFileSync(CAUGHT_BY, 'utf8') !== text)
    writeFileSync(CAUGHT_BY, text)
}
