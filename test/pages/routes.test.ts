import { request as rawRequest } from 'node:http'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openInvoice } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

describe('the page routes', () => {
  let world: World

  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const get = (path: string) => supertest(world.app.server).get(path)

  it('serve the pages with a policy that allows nothing foreign and nothing inline', async () => {
    const { code } = await openInvoice(world)
    for (const path of ['/pos', `/p/${code}`, `/p/${code.toLowerCase()}`]) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
      const policy = String(answer.headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(answer.text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
    }
  })

  it('serve what the pages are made of, each with its type', async () => {
    const types = {
      '/assets/apps/cashier/main.js': 'text/javascript; charset=utf-8',
      '/assets/apps/checkout/main.js': 'text/javascript; charset=utf-8',
      '/assets/apps/browser/elements.js': 'text/javascript; charset=utf-8',
      '/assets/kernel/money.js': 'text/javascript; charset=utf-8',
      '/assets/apps/browser/base.css': 'text/css; charset=utf-8',
      '/assets/apps/cashier/style.css': 'text/css; charset=utf-8',
      '/assets/apps/checkout/icon.svg': 'image/svg+xml',
      '/assets/apps/cashier/icon-192.png': 'image/png',
      '/assets/apps/cashier/app.webmanifest': 'application/manifest+json; charset=utf-8',
    }
    for (const [path, type] of Object.entries(types)) {
      const answer = await get(path)
      expect([path, answer.status, answer.headers['content-type']]).toEqual([path, 200, type])
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('answer 304 to a browser that has the same bytes', async () => {
    const first = await get('/assets/apps/cashier/style.css')
    expect(first.headers['cache-control']).toBe('no-cache')
    const etag = String(first.headers.etag)
    const again = await get('/assets/apps/cashier/style.css').set('if-none-match', etag)
    expect([again.status, again.text]).toEqual([304, ''])
    const other = await get('/assets/apps/checkout/style.css').set('if-none-match', etag)
    expect(other.status).toBe(200)
  })

  it('give nothing else, however the path is written', async () => {
    const paths = [
      '/assets/apps/cashier/main.js.map',
      '/assets/apps/cashier/index.html',
      '/assets/apps/browser/elements.js.map',
      '/assets/apps/browser/../gateway.js',
      '/assets/apps/gateway.js',
      '/assets/apps/config.js',
      '/assets/apps/cashier/../gateway.js',
      '/assets/apps/cashier/..%2fgateway.js',
      '/assets/apps/cashier/%2e%2e/gateway.js',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%2fetc%2fpasswd',
      '/assets/',
      '/assets/kernel',
    ]
    for (const path of paths) expect([path, await statusOf(world, path)]).toEqual([path, 404])
  })

  it('say with the same page that a code is unknown', async () => {
    for (const code of ['0'.repeat(26), 'short', '%3Cscript%3E']) {
      const answer = await get(`/p/${code}`)
      expect([answer.status, answer.headers['content-type']]).toEqual([
        404,
        'text/html; charset=utf-8',
      ])
      expect(answer.text).not.toContain('<script>')
    }
  })
})

/** The status of a path as it is written: other clients tidy it up first. */
function statusOf(world: World, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(world.url)
  return new Promise((resolve, reject) => {
    rawRequest({ hostname, port, path }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
