import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startPostgres } from '../../src/platform/embedded/postgres.ts'
import { openPostgresQueue } from '../../src/platform/queue/postgres.ts'
import type { RunningJob } from '../../src/platform/queue/queue.ts'
import { openRedisQueue } from '../../src/platform/queue/redis.ts'
import { REDIS_HERE, signal, startRedis } from './servers.ts'

const quiet = { warn: () => {} }

describe.runIf(REDIS_HERE)('queue on redis alone', () => {
  it('works on after a flush of the whole server', async () => {
    const server = await startRedis()
    onTestFinished(server.stop)
    const queue = await openRedisQueue({ url: server.url, name: 'flushed', log: quiet })
    const ids: string[] = []
    const hold = signal()
    const run = async (job: RunningJob) => {
      ids.push(job.id)
      if (job.id === 'held') await hold.sent
    }
    await queue.work(run, { concurrency: 2 })
    const add = (id: string) =>
      queue.add([{ id, name: 'touch', payload: null, attempts: 1, backoffMs: 1 }])
    await add('held')
    await vi.waitFor(() => expect(ids).toEqual(['held']))
    const redis = new Redis(server.url)
    await redis.flushall()
    await redis.script('FLUSH')
    redis.disconnect()
    hold.send()
    await add('later')
    await add('held-2')
    await vi.waitFor(() => expect(ids).toEqual(['held', 'later', 'held-2']), { timeout: 10_000 })
    await queue.close()
  })

  it('refuses a server that evicts keys, and names the setting', async () => {
    const server = await startRedis(['--maxmemory-policy', 'allkeys-lru'])
    onTestFinished(server.stop)
    await expect(openRedisQueue({ url: server.url, name: 'evicted', log: quiet })).rejects.toThrow(
      /maxmemory-policy allkeys-lru/,
    )
  })
})

describe('queue on postgres alone', () => {
  it('works on after the server was killed and started again, and loses nothing', async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'baro-queue-'))
    const first = await startPostgres({ dataDir, log: () => {} })
    onTestFinished(async () => {
      await first.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    const queue = await openPostgresQueue({
      url: first.url,
      name: 'killed',
      log: quiet,
      maxConnections: 4,
    })
    const ids: string[] = []
    const killed = signal()
    const run = async (job: RunningJob) => {
      ids.push(job.id)
      if (job.id === 'held') await killed.sent
    }
    await queue.work(run, { concurrency: 1 })
    const add = (id: string) =>
      queue.add([{ id, name: 'touch', payload: null, attempts: 1, backoffMs: 1 }])
    await add('held')
    await add('waits')
    await vi.waitFor(() => expect(ids).toEqual(['held']))
    process.kill(first.pid, 'SIGKILL')
    await first.exited
    await expect(add('lost')).rejects.toThrow()
    killed.send()
    const second = await startPostgres({ dataDir, port: first.port, log: () => {} })
    onTestFinished(second.stop)
    await vi.waitFor(() => add('later'), { timeout: 20_000 })
    await vi.waitFor(() => expect(ids).toEqual(['held', 'waits', 'later']), { timeout: 20_000 })
    await queue.close()
  }, 60_000)
})
