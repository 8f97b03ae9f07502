import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { openPostgresQueue } from '../../src/platform/queue/postgres.ts'
import type { Queue, QueueJob, RunningJob } from '../../src/platform/queue/queue.ts'
import { openRedisQueue } from '../../src/platform/queue/redis.ts'
import { REDIS_HERE, type Server, signal, startDatabase, startRedis } from './servers.ts'
import { spawnWorker } from './spawn-worker.ts'

const quiet = { warn: () => {} }

const backends = [
  {
    name: 'redis' as const,
    start: () => startRedis(),
    open: (url: string, name: string) => openRedisQueue({ url, name, log: quiet }),
    here: REDIS_HERE,
  },
  {
    name: 'postgres' as const,
    start: () => startDatabase(inject('postgresUrl')),
    open: (url: string, name: string) =>
      openPostgresQueue({ url, name, log: quiet, maxConnections: 6 }),
    here: true,
  },
]

describe.each(backends.filter((backend) => backend.here))('queue on $name', (backend) => {
  let server: Server
  let names = 0
  const opened: Queue[] = []
  const freshName = () => `test-${++names}`

  const openQueue = async (name = freshName()) => {
    const queue = await backend.open(server.url, name)
    opened.push(queue)
    return queue
  }
  const job = (id: string, more: Partial<QueueJob> = {}): QueueJob => ({
    id,
    name: 'touch',
    payload: { id },
    attempts: 3,
    backoffMs: 20,
    ...more,
  })
  /** A worker that notes what it ran. */
  const note = async (queue: Queue, run: (job: RunningJob) => Promise<void> = async () => {}) => {
    const seen: RunningJob[] = []
    const worker = await queue.work(
      async (job) => {
        seen.push(job)
        await run(job)
      },
      { concurrency: 4 },
    )
    return { seen, ids: () => seen.map((job) => job.id), worker }
  }
  const idle = { waiting: 0, active: 0, delayed: 0 }
  const settles = (queue: Queue) =>
    vi.waitFor(async () => expect(await queue.counts()).toEqual(idle), { timeout: 10_000 })
  const within = { timeout: 25_000, interval: 50 }

  beforeAll(async () => {
    server = await backend.start()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()))
  })
  afterAll(async () => {
    await server.stop()
  })

  it('runs what was added, with its name and payload', async () => {
    const queue = await openQueue()
    await queue.add([job('a', { payload: { deep: [1, { won: '4500' }] } }), job('b')])
    const { seen } = await note(queue)
    await vi.waitFor(() => expect(seen).toHaveLength(2), within)
    expect(seen[0]).toEqual({
      id: 'a',
      name: 'touch',
      payload: { deep: [1, { won: '4500' }] },
      attempt: 1,
    })
    await settles(queue)
  })

  it('wakes an idle worker for a job that comes later', async () => {
    const queue = await openQueue()
    const { ids } = await note(queue)
    await settles(queue)
    const before = performance.now()
    await queue.add([job('late')])
    await vi.waitFor(() => expect(ids()).toEqual(['late']), { timeout: 2_000, interval: 5 })
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('drops a second job of the same id while the first waits, in one call or in two', async () => {
    const queue = await openQueue()
    await queue.add([job('once'), job('once'), job('other')])
    await queue.add([job('once')])
    expect(await queue.counts()).toEqual({ ...idle, waiting: 2 })
    const { ids } = await note(queue)
    await settles(queue)
    expect(ids().sort()).toEqual(['once', 'other'])
  })

  it('refuses ids that a server could not keep', async () => {
    const queue = await openQueue()
    await expect(queue.add([job('17')])).rejects.toThrow(/job id/)
    await expect(queue.add([job('a:b')])).rejects.toThrow(/job id/)
    await expect(queue.add([job('')])).rejects.toThrow(/job id/)
    await queue.add([])
  })

  it('runs a job again after a throw, later each time', async () => {
    const queue = await openQueue()
    const at: number[] = []
    const { seen } = await note(queue, async ({ attempt }) => {
      at.push(performance.now())
      if (attempt < 3) throw new Error('not yet')
    })
    await queue.add([job('again', { backoffMs: 200 })])
    await vi.waitFor(() => expect(seen.map((job) => job.attempt)).toEqual([1, 2, 3]), within)
    const [first = 0, second = 0, third = 0] = at
    expect(second - first).toBeGreaterThan(190)
    expect(third - second).toBeGreaterThan(390)
    await settles(queue)
  })

  it('gives a job up after its last attempt, and takes its id again', async () => {
    const queue = await openQueue()
    let broken = true
    const { seen } = await note(queue, async () => {
      if (broken) throw new Error('broken')
    })
    await queue.add([job('hopeless', { attempts: 2 })])
    await vi.waitFor(() => expect(seen).toHaveLength(2), within)
    await settles(queue)
    broken = false
    await queue.add([job('hopeless', { attempts: 2 })])
    await vi.waitFor(() => expect(seen).toHaveLength(3), within)
    await settles(queue)
  })

  it('runs a job again when the process that ran it was killed', async () => {
    const name = freshName()
    const queue = await openQueue(name)
    const { child, lines } = spawnWorker(backend.name, server.url, name)
    expect(await lines.next()).toMatchObject({ value: 'ready' })
    await queue.add([job('orphan', { attempts: 1 })])
    expect(await lines.next()).toMatchObject({ value: 'orphan' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { seen } = await note(queue)
    await vi.waitFor(() => expect(seen.map((job) => job.id)).toEqual(['orphan']), within)
    await settles(queue)
  })

  it('works on after the server was restarted, losing nothing', async () => {
    const queue = await openQueue()
    const { ids } = await note(queue)
    await queue.add([job('before')])
    await vi.waitFor(() => expect(ids()).toContain('before'), within)
    await server.restart()
    await vi.waitFor(() => queue.add([job('after')]), within)
    await vi.waitFor(() => expect(ids()).toContain('after'), within)
    await vi.waitFor(() => queue.ping(), within)
  })

  it('ends a job once when its end is lost on the way to the server', async () => {
    const queue = await openQueue()
    const hung = signal()
    const { ids } = await note(queue, () => hung.sent)
    await queue.add([job('long')])
    await vi.waitFor(() => expect(ids()).toEqual(['long']), within)
    server.gate.freeze()
    hung.send()
    await vi.waitFor(() => expect(server.gate.swallowed()).toBeGreaterThan(0), within)
    await server.gate.shut()
    await server.gate.open()
    await settles(queue)
    expect(ids()).toEqual(['long'])
  })

  it('keeps what waits over a restart', async () => {
    const queue = await openQueue()
    await queue.add([job('kept')])
    await server.restart()
    await vi.waitFor(async () => expect((await queue.counts()).waiting).toBe(1), within)
    const { ids } = await note(queue)
    await vi.waitFor(() => expect(ids()).toEqual(['kept']), within)
  })

  it('throws from add and ping while the server is away, and takes jobs when it is back', async () => {
    const queue = await openQueue()
    await server.gate.shut()
    const before = performance.now()
    await expect(queue.add([job('a')])).rejects.toThrow()
    await expect(queue.ping()).rejects.toThrow()
    await expect(queue.work(async () => {}, { concurrency: 1 })).rejects.toThrow()
    expect(performance.now() - before).toBeLessThan(15_000)
    await server.gate.open()
    await vi.waitFor(() => queue.add([job('b')]), within)
    const { ids } = await note(queue)
    await vi.waitFor(() => expect(ids()).toContain('b'), within)
  })

  it('throws from add when the server is there and silent', async () => {
    const queue = await openQueue()
    await queue.ping()
    server.gate.freeze()
    const before = performance.now()
    await expect(queue.add([job('unheard')])).rejects.toThrow()
    expect(performance.now() - before).toBeLessThan(8_000)
    await server.gate.shut()
    await server.gate.open()
    await vi.waitFor(() => queue.add([job('heard')]), within)
  })

  it('waits for the running job when it closes, and takes no other', async () => {
    const queue = await openQueue()
    const release = signal()
    const ended: string[] = []
    const worker = await queue.work(
      async ({ id }) => {
        await release.sent
        ended.push(id)
      },
      { concurrency: 1 },
    )
    await queue.add([job('running'), job('next')])
    await vi.waitFor(async () => expect((await queue.counts()).active).toBe(1), within)
    const closing = worker.close().then(() => ended.push('worker'))
    setTimeout(release.send, 200)
    await closing
    expect(ended).toEqual(['running', 'worker'])
    expect(await queue.counts()).toEqual({ ...idle, waiting: 1 })
  })

  it('closes in seconds while the server is away', async () => {
    const queue = await openQueue()
    await note(queue)
    await server.gate.shut()
    const before = performance.now()
    await queue.close()
    expect(performance.now() - before).toBeLessThan(12_000)
    await server.gate.open()
  })

  it('lets a process end although the server is gone for good', async () => {
    const { child, lines } = spawnWorker(backend.name, server.url, freshName())
    expect(await lines.next()).toMatchObject({ value: 'ready' })
    await server.gate.shut()
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    await server.gate.open()
    expect(code).toBe(0)
  })

  it('opens many times at once on a server that never had a queue', async () => {
    const fresh = await backend.start()
    const queues = await Promise.all([1, 2, 3, 4].map(() => backend.open(fresh.url, 'first')))
    const [first, second] = queues
    await first?.add([job('shared')])
    expect((await second?.counts())?.waiting).toBe(1)
    await Promise.all(queues.map((queue) => queue.close()))
    await fresh.stop()
  })

  it('says so when there is no server to open', async () => {
    await server.gate.shut()
    await expect(backend.open(server.url, freshName())).rejects.toThrow()
    await server.gate.open()
  })
})
