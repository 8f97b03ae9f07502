import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import pg from 'pg'

/** A real server for one test file, reached through a gate that the test can shut. */
export type Server = {
  /** Through the gate. */
  readonly url: string
  readonly gate: Gate
  /** Ends every connection as a restart of the server does; on Redis it is one. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export type Gate = {
  readonly port: number
  /** Cuts every connection and refuses new ones. */
  shut(): Promise<void>
  open(): Promise<void>
  /** Swallows what is sent from now on, as a server that hangs. Ends with `shut`. */
  freeze(): void
  /** Bytes swallowed. */
  swallowed(): number
  close(): Promise<void>
}

/** Something to wait for that the test sends. */
export function signal(): { readonly sent: Promise<void>; send(): void } {
  let send = () => {}
  const sent = new Promise<void>((resolve) => {
    send = resolve
  })
  return { sent, send: () => send() }
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function openGate(target: () => net.NetConnectOpts): Promise<Gate> {
  const port = await freePort()
  const pairs = new Set<readonly [net.Socket, net.Socket]>()
  let server: net.Server | undefined
  let frozen = false
  let swallowed = 0
  const swallow = (near: net.Socket, far: net.Socket) => {
    near.unpipe(far)
    near.on('data', (bytes) => {
      swallowed += bytes.length
    })
    near.resume()
  }
  const accept = (near: net.Socket) => {
    const far = net.connect(target())
    const pair = [near, far] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      near.destroy()
      far.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    near.pipe(far).pipe(near)
    if (frozen) swallow(near, far)
  }
  const gate: Gate = {
    port,
    open: async () => {
      server = net.createServer(accept).listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    shut: async () => {
      frozen = false
      if (server === undefined) return
      const closed = once(server, 'close')
      server.close()
      server = undefined
      for (const [near, far] of pairs) {
        near.destroy()
        far.destroy()
      }
      await closed
    },
    freeze: () => {
      frozen = true
      swallowed = 0
      for (const pair of pairs) swallow(...pair)
    },
    swallowed: () => swallowed,
    close: () => gate.shut(),
  }
  await gate.open()
  return gate
}

/** Whether the tests may use a Redis server; said once when not. Missing under BARO_REQUIRE_ALL=1 it is a failure. */
export const REDIS_HERE = findRedis()

function findRedis(): boolean {
  if (spawnSync('redis-server', ['--version']).status === 0) return true
  if (process.env.BARO_REQUIRE_ALL === '1') throw new Error('redis-server is not on PATH')
  console.warn('!!! NOT RUN: the Redis half of the queue suite, no redis-server on PATH !!!')
  return false
}

/** A redis-server of our own, with an append-only file so that a restart keeps what was queued. */
export async function startRedis(settings: readonly string[] = []): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'baro-redis-'))
  const port = await freePort()
  let child: ChildProcess
  const launch = async () => {
    const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
    const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
    child = spawn('redis-server', [...where, ...durable, ...settings], { stdio: 'ignore' })
    const probe = new Redis(port, '127.0.0.1', {
      maxRetriesPerRequest: null,
      retryStrategy: () => 50,
    })
    probe.on('error', () => {})
    await probe.ping()
    probe.disconnect()
  }
  const kill = async () => {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await launch()
  const gate = await openGate(() => ({ port, host: '127.0.0.1' }))
  return {
    url: `redis://127.0.0.1:${gate.port}`,
    gate,
    restart: async () => {
      await kill()
      await launch()
    },
    stop: async () => {
      await gate.close()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A database of our own on the shared PostgreSQL server. */
export async function startDatabase(adminUrl: string): Promise<Server> {
  const name = `queue_${randomBytes(6).toString('hex')}`
  const admin = async (text: string) => {
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    await client.query(text).finally(() => client.end())
  }
  await admin(`create database ${name}`)
  const { hostname, port } = new URL(adminUrl)
  const gate = await openGate(() => ({ host: hostname, port: Number(port) }))
  const url = new URL(adminUrl)
  url.hostname = '127.0.0.1'
  url.port = `${gate.port}`
  url.pathname = `/${name}`
  const terminate = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`
  return {
    url: url.href,
    gate,
    // The server is shared with other test files: ending all sessions and refusing new ones looks the same from here.
    restart: async () => {
      await admin(terminate)
      await gate.shut()
      await gate.open()
    },
    stop: async () => {
      await gate.close()
      await admin(`drop database ${name} with (force)`)
    },
  }
}
