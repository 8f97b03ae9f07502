import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { readChainId } from '../../src/platform/chain/evm.ts'
import { DEVELOPMENT_CHAIN_ID } from '../../src/platform/embedded/anvil.ts'
import { runCommand, start } from './running.ts'

const LIMIT_MS = 240_000

describe('on a node that is there already', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baro-node-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const node = { KAIA_RPC_URL: inject('chainUrl'), KAIA_FUNDED_KEY: inject('funderKey') }

  it(
    'npm run demo plays one sale and finds it again after a restart',
    async () => {
      const { code, stdout, stderr } = await runCommand(['demo', '--json'], node)
      expect(stderr).toContain(`your node, ${node.KAIA_RPC_URL}`)
      expect(JSON.parse(stdout)).toMatchObject({
        tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        statement: { gross_won: 4500, net_won: 4464, matches: true },
        webhook: { signature_valid: true },
        ledger: { balanced: true },
      })
      expect(code).toBe(0)
    },
    LIMIT_MS,
  )

  it(
    'npm start remembers the chain of its folder, and refuses another one there',
    async () => {
      const one = await start(folder, ['--no-demo'], node)
      await one.stop()
      const { chain } = JSON.parse(readFileSync(join(folder, 'development.json'), 'utf8'))
      expect(chain.id).toBe(await readChainId([node.KAIA_RPC_URL]))
      await expect(start(folder, ['--no-demo'])).rejects.toThrow(
        chain.id === DEVELOPMENT_CHAIN_ID
          ? /belongs to another chain: there is no token .* --data-dir/
          : /holds the sales of chain .* --data-dir/,
      )
    },
    LIMIT_MS,
  )

  it('says that it needs a key', async () => {
    const { code, stderr } = await runCommand(['demo'], { ...node, KAIA_FUNDED_KEY: '' })
    expect(code).not.toBe(0)
    expect(stderr).toContain('set KAIA_FUNDED_KEY to the private key of an account with coins')
  })
})

describe('npm run test:kaia', () => {
  it('says in one line what to set when it is not told where', async () => {
    const { code, stderr } = await runCommand(['test-kaia'])
    expect(code).toBe(1)
    expect(stderr.trim()).toMatch(/^baro: set KAIA_RPC_URL to .*, and KAIA_FUNDED_KEY to [^\n]*$/)
  })
})
