// Runs the simulation without a build: `npm run -s simulate -- --seeds 2000 [--seed S] [--json]`.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { runnerImport } from 'vite'

/** A process of its own is worth it from so many seeds on. */
const LEAST_SHARE = 200
const words = process.argv.slice(2)

/** One share of the seeds, or all of them, in this process: virtual time is a process's own. */
async function runHere() {
  const { module } = await runnerImport(join(import.meta.dirname, 'main.ts'), {
    configFile: false,
    logLevel: 'error',
  })
  return module.main(words)
}

/** The seeds in as many processes as the machine has cores. */
async function runShared(seeds, first, shares) {
  const begun = performance.now()
  const size = Math.ceil(seeds / shares)
  const results = await Promise.all(
    Array.from({ length: shares }, (_, index) => {
      const from = first + index * size
      return runShare(Math.min(size, first + seeds - from), from)
    }),
  )
  const sum = (of) => results.reduce((total, one) => total + of(one), 0)
  const violations = sum((one) => one.violations)
  const found = results.find((one) => one.first_violation !== undefined)
  const result = {
    ...{ seeds, violations },
    events_per_seed: Math.round(sum((one) => one.events_per_seed * one.seeds) / seeds),
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    ...(found && { first_violation: found.first_violation }),
  }
  process.stdout.write(`${JSON.stringify(result, null, words.includes('--json') ? 0 : 2)}\n`)
  return violations === 0 ? 0 : 1
}

function runShare(seeds, from) {
  return new Promise((resolve, reject) => {
    const child = fork(
      import.meta.filename,
      ['--share', '--json', `--seeds=${seeds}`, `--seed=${from}`].flatMap((word) =>
        word.split('='),
      ),
      {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      },
    )
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => {
      try {
        resolve(JSON.parse(output))
      } catch {
        reject(new Error(`a share of the seeds ended with ${code}: ${output}`))
      }
    })
  })
}

const numberAfter = (name) => Number(words[words.indexOf(name) + 1])
const seeds = words.includes('--seeds') ? numberAfter('--seeds') : 0
const first = words.includes('--seed') ? numberAfter('--seed') : 1
const shares = Math.min(availableParallelism(), Math.floor(seeds / LEAST_SHARE))
const isShare = words.includes('--share') || !(shares > 1) || !Number.isSafeInteger(first)
process.exitCode = isShare ? await runHere() : await runShared(seeds, first, shares)
