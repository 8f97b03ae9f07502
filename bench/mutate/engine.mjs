// Takes each safety of the engine away in a copy of the project and runs the test of that safety's own promise there.
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENGINE_MUTANTS } from './engine-safeties.mjs'
import { runScript } from './run.mjs'
import { isChosen, ROOT, textWithout } from './source.mjs'

/** What the tests of the engine need of the project. */
const PARTS = ['src', 'test', 'migrations', 'openapi', 'scripts', 'contracts', 'bench', 'docs']
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
const CONFIG = ['vitest.config.ts', 'README.md']

/** Each engine mutant with the test that failed on it, or undefined. */
export async function checkEngine(only, say) {
  const chosen = ENGINE_MUTANTS.filter((mutant) => isChosen(mutant, only))
  if (chosen.length === 0) return []
  const copy = mkdtempSync(join(tmpdir(), 'baro-mutants-'))
  try {
    for (const part of [...PARTS, ...FILES, ...CONFIG])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    const red = await failingTests(copy, [...new Set(chosen.map(({ test }) => test.file))])
    if (red !== undefined) throw new Error(`${red} fails before anything is taken away`)
    const verdicts = []
    for (const mutant of chosen) {
      const caughtBy = await checkOne(copy, mutant)
      verdicts.push({ name: mutant.name, caughtBy })
      const verdict = caughtBy === undefined ? 'SURVIVED' : `caught by "${caughtBy}"`
      say(`engine ${verdicts.length}/${chosen.length} ${mutant.name}: ${verdict}`)
    }
    return verdicts
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function checkOne(copy, mutant) {
  const { path, test } = mutant
  writeFileSync(join(copy, path), textWithout(mutant))
  try {
    return await failingTests(copy, [test.file], test.name)
  } finally {
    cpSync(join(ROOT, path), join(copy, path))
  }
}

/** The name of a test that fails in the copy, or undefined when all pass. Throws when the tests do not run. */
async function failingTests(copy, files, name = '') {
  const words = name === '' ? files : [...files, '-t', name]
  // The whole is built once, for the pages that it serves; a mutant need not compile.
  const { code, output } = await vitest(copy, words, name === '' ? 'yes' : 'no')
  if (code === 0) return undefined
  const report = /\{"numTotalTestSuites".*\}/.exec(output)?.[0]
  const tests = JSON.parse(report ?? '{"testResults":[]}').testResults.flatMap(
    ({ assertionResults }) => assertionResults,
  )
  const failed = tests.find(({ status }) => status === 'failed')
  if (failed === undefined) throw new Error(`the tests did not run: ${output.slice(-3_000)}`)
  return failed.fullName
}

function vitest(copy, words, build) {
  const tool = join(copy, 'node_modules/vitest/vitest.mjs')
  return runScript(tool, ['run', '--reporter=json', ...words], {
    cwd: copy,
    env: { BARO_TESTS_BUILD: build },
  })
}
