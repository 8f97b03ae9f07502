// What `node scripts/start.mjs COMMAND` does once Node is new enough. Our own words go to stderr: stdout is the command's.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { installPackages } from './install.mjs'
import { ExpectedError, endWithNpm, ROOT, runNode, say } from './support.mjs'

const TSC = 'node_modules/typescript/bin/tsc'
const BIOME = 'node_modules/@biomejs/biome/bin/biome'
const VITEST = 'node_modules/vitest/vitest.mjs'
const CHECKS = [
  [TSC, '--noEmit'],
  [BIOME, 'check', '.'],
  [VITEST, 'run', 'test/architecture.test.ts', 'test/http/openapi.test.ts'],
]

/** Programs that look at the built product from outside, and so are no part of it. */
const OUTSIDE = { chaos: 'test/chaos/faults/main.ts' }

/** Runs one command of package.json to its end, or until it serves. */
export async function runCommand(name, args) {
  if (name === undefined || !/^[a-z][a-z-]*$/.test(name)) {
    throw new ExpectedError(
      'usage: node scripts/start.mjs start|demo|test|test-kaia|check|openapi|chaos [arguments]',
    )
  }
  if (name === 'test-kaia') requireNode()
  await installPackages()
  if (name === 'check') return await check()
  await build()
  if (name === 'test') return await test(args)
  if (name === 'test-kaia') return await test(['--config', 'vitest.kaia.config.ts', ...args])
  if (OUTSIDE[name] !== undefined) return await runOutside(OUTSIDE[name], args)
  if (name === 'bench') return await bench(args)
  return await runApp(name, args)
}

async function check() {
  for (const [tool, ...args] of CHECKS) {
    const code = await runNode([tool, ...args])
    if (code !== 0) {
      process.exitCode = code
      return
    }
  }
}

/** The suites for a real node are no use without one. */
function requireNode() {
  if (!process.env.KAIA_RPC_URL || !process.env.KAIA_FUNDED_KEY) {
    throw new ExpectedError(
      'set KAIA_RPC_URL to a Kaia node, and KAIA_FUNDED_KEY to the private key of an account with coins there',
    )
  }
}

async function test(args) {
  process.exitCode = await runNode([VITEST, 'run', ...args.flatMap(testArgument)])
}

async function bench(args) {
  process.exitCode = await runNode(['bench/run.mjs', ...args])
}

/** `--shuffle` and `--shuffle=SEED` are ours; the seed is printed, so that an order can be had again. */
function testArgument(argument) {
  if (argument !== '--shuffle' && !argument.startsWith('--shuffle=')) return [argument]
  const seed = argument.split('=')[1] ?? String(Math.floor(Math.random() * 2 ** 31))
  say(`shuffled; the same order again with --shuffle=${seed}`)
  // Not as an argument: vitest would then forget which suites go side by side.
  process.env.BARO_SHUFFLE_SEED = seed
  return []
}

/** Runs the program in this very process: one process to signal, one exit code, none left behind. */
async function runApp(name, args) {
  const file = join(ROOT, 'dist/apps', `${name}.js`)
  if (!existsSync(file)) throw new ExpectedError(`there is no command ${name}`)
  endWithNpm()
  process.argv = [process.argv[0], file, ...args]
  await import(pathToFileURL(file).href)
}

/** Runs a TypeScript program that is not built; it answers its exit code. */
async function runOutside(file, args) {
  endWithNpm()
  const { runnerImport } = await import('vite')
  const options = { configFile: false, logLevel: 'error' }
  const { module } = await runnerImport(join(ROOT, file), options)
  process.exitCode = await module.main(args)
}
