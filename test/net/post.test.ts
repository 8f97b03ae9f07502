import type http from 'node:http'
import net from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { body, localServers } from './local-servers.ts'

const { poster, listen, serve, serveRaw, close } = localServers()
afterEach(close)

async function readAll(request: http.IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

describe('a request that is answered', () => {
  it('carries body and headers and gives status and the start of the answer', async () => {
    let got: unknown
    const port = await serve(async (request, response) => {
      const { host } = request.headers
      got = { body: await readAll(request), headers: request.headers, method: request.method, host }
      response.writeHead(202).end('thanks\0')
    })
    const url = `http://127.0.0.1:${port}/hook?a=1`
    const result = await poster().post(url, { 'webhook-id': 'evt_1' }, body)
    expect(result).toMatchObject({ outcome: 'answered', status: 202, snippet: 'thanks\uFFFD' })
    expect(result.milliseconds).toBeGreaterThanOrEqual(0)
    expect(got).toMatchObject({
      body: '{"type":"ping"}',
      method: 'POST',
      host: `127.0.0.1:${port}`,
      headers: { 'webhook-id': 'evt_1', 'accept-encoding': 'identity', 'content-length': '15' },
    })
  })

  it.each([301, 302, 303, 307, 308])('is not sent on after a %i', async (status) => {
    const paths: unknown[] = []
    const port = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(status, { location: '/secret' }).end()
    })
    const result = await poster().post(`http://127.0.0.1:${port}/hook`, {}, body)
    expect(result).toMatchObject({ outcome: 'answered', status })
    expect(paths).toEqual(['/hook'])
  })

  it('keeps a KiB of a huge body and hangs up on the rest', async () => {
    let sent = 0
    let cut = false
    const port = await serve((_request, response) => {
      response.on('close', () => {
        cut = true
      })
      const more = () => {
        while (!response.destroyed) {
          sent += 16_384
          if (!response.write('a'.repeat(16_384))) break
        }
      }
      response.on('drain', more)
      more()
    })
    const result = await poster().post(`http://127.0.0.1:${port}/`, {}, body)
    expect(result).toMatchObject({ outcome: 'answered', status: 200, snippet: 'a'.repeat(1_024) })
    await vi.waitFor(() => expect(cut).toBe(true))
    expect(sent).toBeLessThan(50_000_000)
  })

  it.each([
    [{ 'retry-after': '120' }, 120],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '99999999999999999999' }, undefined],
    [{ 'retry-after': 'Fri, 20 Nov 2026 06:01:30 GMT', date: 'Fri, 20 Nov 2026 06:00:00 GMT' }, 90],
    [
      { 'retry-after': 'Fri, 20 Nov 2026 05:00:00 GMT', date: 'Fri, 20 Nov 2026 06:00:00 GMT' },
      undefined,
    ],
    [{}, undefined],
  ])('reads Retry-After from %j as %s', async (headers, seconds) => {
    const port = await serve((_request, response) => response.writeHead(503, headers).end())
    const result = await poster().post(`http://127.0.0.1:${port}/`, {}, body)
    expect(result).toMatchObject({ outcome: 'answered', status: 503 })
    expect('retryAfterSeconds' in result ? result.retryAfterSeconds : undefined).toBe(seconds)
  })

  it('goes straight there whatever the proxy variables say', async () => {
    let proxied = 0
    const proxy = await serveRaw((socket) => {
      proxied += 1
      socket.destroy()
    })
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy}`)
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    const port = await serve((_request, response) => response.end())
    const result = await poster().post(`http://127.0.0.1:${port}/`, {}, body)
    vi.unstubAllEnvs()
    expect(result).toMatchObject({ outcome: 'answered', status: 200 })
    expect(proxied).toBe(0)
  })
})

describe('a request that fails', () => {
  const failure = async (port: number, more: Parameters<typeof poster>[0] = {}) => {
    const before = performance.now()
    const result = await poster(more).post(`http://127.0.0.1:${port}/`, {}, body)
    return { result, tookMs: performance.now() - before }
  }

  it('is cut at the total time while the answer drips', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    const { result, tookMs } = await failure(port, { totalTimeoutMs: 400 })
    expect(result).toMatchObject({ outcome: 'failed', reason: 'timeout' })
    expect(tookMs).toBeLessThan(2_000)
  })

  it('is cut when nothing comes back', async () => {
    const port = await serve(() => {})
    const { result, tookMs } = await failure(port, { totalTimeoutMs: 300 })
    expect(result).toMatchObject({ outcome: 'failed', reason: 'timeout' })
    expect(tookMs).toBeLessThan(2_000)
  })

  it('is cut when the headers are late', async () => {
    const port = await serve(() => {})
    const { result, tookMs } = await failure(port, { headersTimeoutMs: 500 })
    expect(result).toMatchObject({ outcome: 'failed', reason: 'timeout' })
    expect(tookMs).toBeLessThan(4_000)
  })

  it('tells a reset before, within and after the head', async () => {
    const before = await serveRaw((socket) => socket.once('data', () => socket.destroy()))
    const within = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 O')),
    )
    const after = await serveRaw((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf')),
    )
    for (const port of [before, within, after]) {
      expect((await failure(port)).result).toMatchObject({ outcome: 'failed', reason: 'reset' })
    }
  })

  it('takes an answer that is no HTTP, or has endless headers, for a reset', async () => {
    const noise = await serveRaw((socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')))
    const flood = await serveRaw((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(`x-a: ${'a'.repeat(1_000)}\r\n`)) {}
      }
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n')
        socket.on('drain', more)
        more()
      })
    })
    for (const port of [noise, flood]) {
      expect((await failure(port)).result).toMatchObject({ outcome: 'failed', reason: 'reset' })
    }
  })

  it('tells a closed port', async () => {
    const server = net.createServer()
    const port = await listen(server)
    server.close()
    expect((await failure(port)).result).toMatchObject({ outcome: 'failed', reason: 'connect' })
  })

  it('tells a name that does not resolve or takes too long to', async () => {
    const none = { resolve: () => Promise.reject(new Error('ENOTFOUND')) }
    expect(await poster(none).post('http://gone.example/', {}, body)).toMatchObject({
      reason: 'dns',
    })
    const empty = { resolve: async () => [] }
    expect(await poster(empty).post('http://gone.example/', {}, body)).toMatchObject({
      reason: 'dns',
    })
    const stuck = { resolve: () => new Promise<never>(() => {}), totalTimeoutMs: 300 }
    const result = await poster(stuck).post('http://slow.example/', {}, body)
    expect(result).toMatchObject({ outcome: 'failed', reason: 'timeout' })
  })

  it('throws for a header that cannot be sent, because that is our fault', async () => {
    const port = await serve((_request, response) => response.end())
    const url = `http://127.0.0.1:${port}/`
    await expect(poster().post(url, { 'x-a': 'a\r\nb: c' }, body)).rejects.toThrow()
  })
})

it('keeps memory flat over many endless answers', async () => {
  const port = await serve((_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write('a'.repeat(65_536))) {}
    }
    response.on('drain', more)
    more()
  })
  const made = poster()
  const before = process.memoryUsage().rss
  for (let round = 0; round < 100; round++) {
    const result = await made.post(`http://127.0.0.1:${port}/`, {}, body)
    expect(result).toMatchObject({ outcome: 'answered' })
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
})
