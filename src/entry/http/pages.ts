import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { getInvoiceByCode } from '../../domains/invoices/store.ts'
import { Fault } from '../../kernel/errors.ts'
import { normalPayCode, PAY_CODE_PATTERN } from '../../kernel/ids.ts'
import type { HttpContext } from './context.ts'

const FOLDERS = ['apps/browser', 'apps/cashier', 'apps/checkout', 'kernel'] as const
const PAGE_TYPE = 'text/html; charset=utf-8'
/** What a browser may have. Source maps, say, are not here. */
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.html': PAGE_TYPE,
}
const WHOLE_PAY_CODE = new RegExp(`^${PAY_CODE_PATTERN}$`)
/** Kept by browsers, but never shown without asking whether it is still the same. */
const ASK_FIRST = 'no-cache'

type Asset = { readonly body: Buffer; readonly type: string; readonly etag: string }

/** The cashier's page, the shopper's page, and the files that they are made of. */
export function pageRoutes(context: HttpContext): FastifyPluginAsyncTypebox {
  return async (app) => {
    const assets = await readAssets(context.pagesFolder)
    const cashier = pageIn(assets, 'apps/cashier/index.html')
    const checkout = pageIn(assets, 'apps/checkout/index.html')
    const schema = { hide: true }

    app.get('/pos', { schema }, (request, reply) => sendAsset(request, reply, cashier))

    app.get<{ Params: { code: string } }>('/p/:code', { schema }, async (request, reply) => {
      // The same page says that there is nothing to pay: a shopper has no use for a problem document.
      if (!(await isKnown(context, request.params.code))) reply.code(404)
      return sendAsset(request, reply, checkout)
    })

    app.get<{ Params: { '*': string } }>('/assets/*', { schema }, async (request, reply) => {
      const path = request.params['*']
      // Only names that were read at the start are there, so no path can lead out of the folder.
      const asset = path.endsWith('.html') ? undefined : assets.get(path)
      if (asset === undefined) throw new Fault('not_found', 'There is no such file')
      return sendAsset(request, reply, asset)
    })
  }
}

async function isKnown({ deps }: Pick<HttpContext, 'deps'>, code: string): Promise<boolean> {
  const normal = normalPayCode(code)
  if (!WHOLE_PAY_CODE.test(normal)) return false
  return getInvoiceByCode(deps.db, normal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Fault && error.code === 'not_found') return false
      throw error
    },
  )
}

/** Reads every file that may be served, once. */
async function readAssets(root: string): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>()
  for (const folder of FOLDERS) {
    for (const name of await readdir(join(root, folder))) {
      const type = TYPES[extname(name)]
      if (type === undefined) continue
      const body = await readFile(join(root, folder, name))
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
      assets.set(`${folder}/${name}`, { body, type, etag })
    }
  }
  return assets
}

function pageIn(assets: ReadonlyMap<string, Asset>, path: string): Asset {
  const page = assets.get(path)
  if (page === undefined) throw new Error(`The build has no ${path}: run npm run build`)
  return page
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  reply.header('cache-control', ASK_FIRST).header('etag', asset.etag)
  const isSame = request.headers['if-none-match'] === asset.etag
  if (isSame && reply.statusCode === 200) return reply.code(304).send()
  return reply.type(asset.type).send(asset.body)
}
