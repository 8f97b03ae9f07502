import https from 'node:https'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Certificate, makeCertificate } from './certificate.ts'
import { body, localServers } from './local-servers.ts'

const { poster, listen, serve, serveRaw, close } = localServers()
afterEach(close)

describe('the guard', () => {
  const blocked = { outcome: 'failed', reason: 'blocked_address' }

  it('blocks every spelling of a loopback literal before a byte is sent', async () => {
    let reached = 0
    const port = await serveRaw((socket) => {
      reached += 1
      socket.destroy()
    })
    const hosts = ['127.0.0.1', '127.1', '0x7f.1', '2130706433', '017700000001', '0', '0.0.0.0']
    const sixes = ['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]']
    for (const host of [...hosts, ...sixes, 'localhost', '①②⑦.⓪.⓪.①']) {
      const strict = poster({ allowCidrs: [] })
      expect(await strict.post(`http://${host}:${port}/`, {}, body)).toMatchObject(blocked)
      expect(await strict.checkHost(`http://${host}:${port}/`)).toBe('blocked_address')
    }
    expect(reached).toBe(0)
  })

  it('blocks what is no http at all', async () => {
    expect(await poster().post('file:///etc/passwd', {}, body)).toMatchObject(blocked)
    expect(await poster().post('no url', {}, body)).toMatchObject(blocked)
  })

  it('blocks a name of which one address of several is private', async () => {
    const resolve = async () => ['93.184.215.14', '10.0.0.1']
    expect(await poster({ resolve }).post('http://mixed.example/', {}, body)).toMatchObject(blocked)
    expect(await poster({ resolve }).checkHost('http://mixed.example/')).toBe('blocked_address')
  })

  it('connects to what was checked when the resolver answers differently the second time', async () => {
    let reached = 0
    const port = await serve((_request, response) => {
      reached += 1
      response.end()
    })
    let asked = 0
    const resolve = async () => {
      asked += 1
      return asked === 1 ? ['127.0.0.2'] : ['127.0.0.1']
    }
    // Only 127.0.0.2 is let through; the server listens on 127.0.0.1, where a second look-up would lead.
    const rebound = poster({ resolve, allowCidrs: ['127.0.0.2/32'] })
    const url = `http://rebind.example:${port}/`
    expect(await rebound.post(url, {}, body)).toMatchObject({ reason: 'connect' })
    expect({ asked, reached }).toEqual({ asked: 1, reached: 0 })
    expect(await rebound.post(url, {}, body)).toMatchObject(blocked)
    expect({ asked, reached }).toEqual({ asked: 2, reached: 0 })
  })

  it('keeps the name in Host, and tries the next address when one does not answer', async () => {
    let host: unknown
    const port = await serve((request, response) => {
      host = request.headers.host
      response.end('ok')
    })
    const resolve = async () => ['127.0.0.2', '127.0.0.1']
    const result = await poster({ resolve }).post(`http://shop.example:${port}/`, {}, body)
    expect(result).toMatchObject({ outcome: 'answered', snippet: 'ok' })
    expect(host).toBe(`shop.example:${port}`)
  })

  it('answers for a host at registration', async () => {
    expect(await poster({ resolve: async () => ['8.8.8.8'] }).checkHost('https://a.example/')).toBe(
      undefined,
    )
    const none = { resolve: () => Promise.reject(new Error('no')) }
    expect(await poster(none).checkHost('https://a.example/')).toBe('dns')
  })
})

describe('TLS', () => {
  const authority = makeCertificate({ dnsName: 'authority.example' })
  const resolve = async () => ['127.0.0.1']

  const serveTls = async (certificate: Certificate, more: https.ServerOptions = {}) => {
    const names: unknown[] = []
    const { cert, key } = certificate
    const server = https.createServer({ cert, key, ...more }, (_request, response) =>
      response.end(),
    )
    server.on('secureConnection', (socket) =>
      names.push('servername' in socket && socket.servername),
    )
    server.on('tlsClientError', () => {})
    return { port: await listen(server), names }
  }
  const trusting = () => poster({ resolve, trustedCertificates: [authority.cert] })
  const url = (port: number) => `https://shop.example:${port}/`

  it('asks for the name and accepts a certificate of it', async () => {
    const { port, names } = await serveTls(
      makeCertificate({ dnsName: 'shop.example', issuer: authority }),
    )
    const result = await trusting().post(url(port), {}, body)
    expect(result).toMatchObject({ outcome: 'answered', status: 200 })
    expect(names).toEqual(['shop.example'])
  })

  it.each([
    ['another name', { dnsName: 'other.example', issuer: authority }],
    [
      'an expired one',
      { dnsName: 'shop.example', issuer: authority, to: new Date(Date.now() - 1) },
    ],
    ['one of nobody', { dnsName: 'shop.example' }],
  ])('refuses a certificate of %s, whatever the environment says', async (_name, wanted) => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const { port } = await serveTls(makeCertificate(wanted))
    const result = await trusting().post(url(port), {}, body)
    vi.unstubAllEnvs()
    expect(result).toMatchObject({ outcome: 'failed', reason: 'tls' })
  })

  it('refuses TLS 1.1 and a server without TLS', async () => {
    const old = makeCertificate({ dnsName: 'shop.example', issuer: authority })
    const versions = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
    } as const
    const { port } = await serveTls(old, versions)
    expect(await trusting().post(url(port), {}, body)).toMatchObject({ reason: 'tls' })
    const plain = await serve((_request, response) => response.end())
    expect(await trusting().post(url(plain), {}, body)).toMatchObject({ reason: 'tls' })
  })
})
