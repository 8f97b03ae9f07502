// Takes each safety of the contracts and of the engine away in turn, and runs the tests on what is left.
// `npm run -s mutate [-- --json] [--only TEXT]`; 0 only when a test noticed every one of them.
import { checkContracts } from './mutate/contracts.mjs'
import { checkEngine } from './mutate/engine.mjs'

const at = process.argv.indexOf('--only')
const only = at < 0 ? '' : process.argv[at + 1]
const say = (line) => process.stderr.write(`${line}\n`)

const verdicts = [...(await checkEngine(only, say)), ...(await checkContracts(only, say))]
const survived = verdicts.filter(({ caughtBy }) => caughtBy === undefined).map(({ name }) => name)
const result = { mutants: verdicts.length, caught: verdicts.length - survived.length, survived }
process.stdout.write(`${JSON.stringify(result, null, process.argv.includes('--json') ? 0 : 2)}\n`)
process.exitCode = survived.length === 0 && verdicts.length > 0 ? 0 : 1
