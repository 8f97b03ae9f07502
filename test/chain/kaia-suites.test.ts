import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, inject, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs')
/** A call that starts a chain of one's own, which a real node cannot be. */
const STARTS = /(?<!function )\b(startAnvil|keepAnvil|keepDevelopmentChain|startDevnet)\(/

/** A test file and all that it imports of the tests. */
function readWhole(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  const imports = [...text.matchAll(/from '(\.[^']+\.ts)'/g)].map(([, path = '']) =>
    join(dirname(file), path),
  )
  const own = imports.filter((path) => path.startsWith(join(ROOT, 'test')))
  return [file, ...own.flatMap((path) => readWhole(path, seen))]
}

async function ask(question: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(question)
  return (await fetch(inject('chainUrl'), { method: 'POST', headers, body })).json()
}

describe('the suites for a real node', () => {
  it('start no chain of their own', () => {
    const listed = ['list', '--filesOnly', '--json', '--config', 'vitest.kaia.config.ts']
    const suites: readonly { file: string }[] = JSON.parse(
      execFileSync(process.execPath, [VITEST, ...listed], { cwd: ROOT, encoding: 'utf8' }),
    )
    expect(suites.length).toBeGreaterThan(10)
    const starters = suites.filter(({ file }) =>
      readWhole(file).some((path) => STARTS.test(readFileSync(path, 'utf8'))),
    )
    expect(starters.map(({ file }) => relative(ROOT, file))).toEqual([])
  })

  // All suites see the chain through this door, so what they do without here they do without on a real node.
  it.each(['evm_mine', 'anvil_setBalance', 'hardhat_mine', 'debug_traceTransaction', 'foo_bar'])(
    'see a chain without %s',
    async (method) => {
      const question = (id: number, name: string) => ({ jsonrpc: '2.0', id, method: name })
      expect(await ask(question(7, method))).toMatchObject({ id: 7, error: { code: -32_601 } })
      const both = [question(1, 'eth_chainId'), question(2, method)]
      expect(await ask(both)).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32_601 } }])
    },
  )

  it('see a chain with all that Kaia has', async () => {
    expect(await ask({ jsonrpc: '2.0', id: 1, method: 'kaia_blockNumber', params: [] })).toEqual({
      ...{ jsonrpc: '2.0', id: 1, result: expect.stringMatching(/^0x[0-9a-f]+$/) },
    })
  })
})
