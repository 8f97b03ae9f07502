import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type TemporaryFolder, temporaryFolder } from '../../src/platform/embedded/temporary.ts'
import { processesOf, type Running, runCommand, start } from './running.ts'

const LIMIT_MS = 150_000

describe('npm start', () => {
  const folders: TemporaryFolder[] = []
  const running: Running[] = []
  const folder = () => {
    const made = temporaryFolder()
    folders.push(made)
    return made.path
  }
  const begin = async (dataDir: string, ...args: string[]) => {
    const one = await start(dataDir, args)
    running.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of running.splice(0)) if (one.child.exitCode === null) await one.stop()
    for (const one of folders.splice(0)) one.remove()
  })

  it(
    'plays one sale, serves the pages, and leaves nothing running after Ctrl-C',
    async () => {
      const dataDir = folder()
      const one = await begin(dataDir)
      expect(one.output).toMatch(/settled {3}0x[0-9a-f]{64}/)
      expect(one.output).toContain('signature verified')
      expect(one.output).toContain('= ledger = chain')
      for (const path of ['/pos', `/p/${one.openCode}`, '/docs', '/health/ready'])
        expect([path, (await fetch(one.url + path)).status]).toEqual([path, 200])
      expect(firstInvoiceOfReadme(one.output)).toMatchObject({ status: 'open', amount: 4500 })
      expect(processesOf(dataDir)).not.toEqual([])
      expect(await one.stop()).toBe(0)
      expect(processesOf(dataDir)).toEqual([])
    },
    LIMIT_MS,
  )

  it(
    'runs beside a second copy, is refused in a folder that is in use, and names a taken port',
    async () => {
      const [mine, other] = [folder(), folder()]
      const [first, second] = await Promise.all([
        begin(mine, '--no-demo'),
        begin(other, '--no-demo'),
      ])
      expect(first.url).not.toBe(second.url)
      await expect(start(mine, ['--no-demo'])).rejects.toThrow(/in use by another Baro/)
      const blocker = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => blocker.once('listening', resolve))
      const { port } = blocker.address() as AddressInfo
      await expect(start(folder(), ['--port', String(port)])).rejects.toThrow(
        `Port ${port} is taken`,
      )
      await new Promise((resolve) => blocker.close(resolve))
    },
    LIMIT_MS,
  )

  it(
    'settles what it accepted when every process of it is killed at once and it is started again',
    async () => {
      const dataDir = folder()
      const before = await begin(dataDir, '--no-demo')
      const checkout = (url: string) => `${url}/v1/checkout/${before.openCode}`
      const accepted = await fetch(`${checkout(before.url)}/demo-payments`, { method: 'POST' })
      expect(accepted.status).toBe(202)
      killTree(before.child.pid, dataDir)
      const after = await begin(dataDir, '--no-demo')
      await expect
        .poll(async () => (await (await fetch(checkout(after.url))).json()).status, {
          timeout: 20_000,
          interval: 200,
        })
        .toBe('paid')
    },
    LIMIT_MS,
  )

  it(
    'brings back whichever part is killed while it runs',
    async () => {
      const dataDir = folder()
      const one = await begin(dataDir, '--no-demo')
      for (const pid of processesOf(dataDir)) if (pid !== one.child.pid) kill(pid)
      for (const pid of childrenOf(one.child.pid)) kill(pid)
      const pay = () =>
        fetch(`${one.url}/v1/checkout/${one.openCode}/demo-payments`, { method: 'POST' })
          .then((answer) => answer.status)
          .catch(() => 0)
      await expect.poll(pay, { timeout: 60_000, interval: 500 }).toBe(202)
      await expect
        .poll(
          () =>
            fetch(`${one.url}/v1/checkout/${one.openCode}`)
              .then((answer) => answer.json())
              .then((body) => body.status)
              .catch(() => 'unreachable'),
          { timeout: 30_000, interval: 200 },
        )
        .toBe('paid')
    },
    LIMIT_MS,
  )
})

describe('npm run demo', () => {
  it(
    'prints one JSON object with the whole trail, and exits 0 because all of it holds',
    async () => {
      const { code, stdout } = await runCommand(['demo', '--json'])
      expect(stdout.trim().split('\n')).toHaveLength(1)
      expect(JSON.parse(stdout)).toMatchObject({
        invoice_id: expect.stringMatching(/^inv_/),
        payment_id: expect.stringMatching(/^pay_/),
        tx_hash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
        block_number: expect.any(Number),
        amount_won: 4500,
        webhook: { id: expect.stringMatching(/^evt_/), signature_valid: true },
        statement: { gross_won: 4500, net_won: 4464 },
        ledger: { balanced: true },
        boot_ms: expect.any(Number),
        restart_ms: expect.any(Number),
        confirm_to_settled_ms: expect.any(Number),
        settled_to_webhook_ms: expect.any(Number),
      })
      expect(code).toBe(0)
    },
    LIMIT_MS,
  )
})

/** Runs the curl of the README in a shell, after the export lines that `npm start` prints. */
function firstInvoiceOfReadme(output: string): unknown {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const [curl] = /^curl -s[^`]*/m.exec(readme) ?? []
  const exports = output.match(/^ +export BARO_.*$/gm) ?? []
  return JSON.parse(execFileSync('sh', ['-c', [...exports, curl].join('\n')], { encoding: 'utf8' }))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went first.
  }
}

function childrenOf(pid: number | undefined): number[] {
  try {
    const text = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    return text.split('\n').map(Number).filter(Boolean)
  } catch {
    return []
  }
}

/** The supervisor first, so that it cannot bring anything back. */
function killTree(pid: number | undefined, dataDir: string): void {
  const all = [...childrenOf(pid), ...processesOf(dataDir)]
  if (pid !== undefined) kill(pid)
  for (const one of all) kill(one)
}
