import { describe, expect, it } from 'vitest'
import { isAlive } from '../../src/platform/embedded/process.ts'
import { superviseProcess } from '../../src/platform/embedded/supervisor.ts'
import { BUILT, eventually, useBench } from './support.ts'

const bench = useBench()
const PARENT = JSON.stringify(`${BUILT}/parent.js`)
const SERVE = `
  import { exitWithParent, reportReady } from ${PARENT}
  exitWithParent()
  reportReady({ round: process.env.ROUND })
  setInterval(() => {}, 1000)
`

function options(source: string) {
  const lines: string[] = []
  return {
    name: 'the child',
    command: process.execPath,
    args: ['--input-type=module', '-e', source],
    env: {},
    log: (line: string) => void lines.push(line),
    restartDelayMs: 10,
    lines,
  }
}

describe('the supervisor', () => {
  it('brings a killed child back, with an environment of that moment', async () => {
    let round = 0
    const heard: unknown[] = []
    const supervised = await superviseProcess({
      ...options(SERVE),
      env: () => ({ ROUND: String(++round) }),
      onReady: (message) => void heard.push(message.round),
    })
    bench.onEnd(() => supervised.stop())
    expect(supervised.first).toEqual({ ready: true, round: '1' })
    for (const next of ['2', '3']) {
      process.kill(supervised.pid() ?? 0, 'SIGKILL')
      await eventually('the child to be back', () => heard.includes(next))
    }
    expect(supervised.restarts()).toBe(2)
    const pid = supervised.pid() ?? 0
    await supervised.stop()
    expect(isAlive(pid)).toBe(false)
    expect(supervised.pid()).toBeUndefined()
  })

  it('fails where the child ends before it is ready', async () => {
    await expect(superviseProcess(options('process.exit(3)'))).rejects.toThrow(
      'the child ended before it was ready: code 3',
    )
    await expect(superviseProcess({ ...options(''), command: '/nowhere/at-all' })).rejects.toThrow(
      /ended before it was ready: .*ENOENT/,
    )
  })

  it('lets a child end in its own time when it is stopped', async () => {
    const supervised = await superviseProcess(
      options(`
        process.once('SIGTERM', () => setTimeout(() => process.exit(0), 300))
        setInterval(() => {}, 1000)
        process.send({ ready: true })
      `),
    )
    const begin = performance.now()
    await supervised.stop()
    expect(performance.now() - begin).toBeGreaterThan(290)
    expect(supervised.restarts()).toBe(0)
  })

  it('stops while it waits to start the child again', async () => {
    const child = options(SERVE)
    const supervised = await superviseProcess({ ...child, restartDelayMs: 60_000 })
    process.kill(supervised.pid() ?? 0, 'SIGKILL')
    await eventually('the end to be noticed', () => child.lines.length > 0)
    await supervised.stop()
    expect(supervised.pid()).toBeUndefined()
  })

  it('takes its children along when it is killed', async () => {
    const run = bench.script(`
      import { superviseProcess } from '@/supervisor.js'
      const args = ['--input-type=module', '-e', ${JSON.stringify(SERVE)}]
      const child = await superviseProcess({ name: 'child', command: process.execPath, args, env: {}, log: console.error })
      console.log(child.pid())
    `)
    const pid = Number(await run.line())
    expect(isAlive(pid)).toBe(true)
    run.child.kill('SIGKILL')
    await eventually('the end of the child', () => !isAlive(pid))
  })
})
