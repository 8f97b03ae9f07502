import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import supertest, { type Response } from 'supertest'
import { expect } from 'vitest'
import { httpContext } from '../../src/apps/compose.ts'
import {
  hashApiKey,
  newApiKey,
  type Scope,
  TERMINAL_SCOPES,
} from '../../src/domains/merchants/api-key.ts'
import { insertApiKey } from '../../src/domains/merchants/store.ts'
import { insertTerminal } from '../../src/domains/terminals/store.ts'
import { buildHttp } from '../../src/entry/http/index.ts'
import type { Deps } from '../../src/flows/deps.ts'
import { type Shop, seedShop } from '../../src/flows/seed-shop.ts'
import {
  type ApiKeyId,
  type MerchantId,
  newId,
  newPayCode,
  type TerminalId,
} from '../../src/kernel/ids.ts'
import { reveal } from '../../src/kernel/secret.ts'
import type { Db } from '../../src/platform/db/db.ts'
import { bearer } from './sale.ts'
import { testShop, type World } from './world.ts'

const OPENAPI = join(import.meta.dirname, '../../openapi/openapi.json')

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** One request as a test describes it. `text` is a body that is sent as it is, under JSON's content type. */
export type Call = {
  readonly method?: Method
  readonly path: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly text?: string
}

export async function send(world: Pick<World, 'app'>, call: Call): Promise<Response> {
  const request = supertest(world.app.server)[call.method ?? 'get'](call.path)
  if (call.key !== undefined) request.set(bearer(call.key))
  if (call.text !== undefined) request.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(call.headers ?? {})) request.set(name, value)
  if (call.text !== undefined) return request.send(call.text)
  return call.body === undefined ? request : request.send(call.body as object)
}

/** What a refusal must say. `field` is one of the fields that it names, `fieldCode` why. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly field?: string
  readonly fieldCode?: string
}

/** Asserts an RFC 9457 problem of this status and code, whole. */
export function expectProblem(answer: Response, refusal: Refusal): void {
  expect({ status: answer.status, code: answer.body.code }, answer.text).toEqual({
    status: refusal.status,
    code: refusal.code,
  })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/)
  expect(answer.body).toMatchObject({
    type: `urn:baro:problem:${refusal.code}`,
    status: refusal.status,
    title: expect.stringMatching(/./),
    detail: expect.stringMatching(/./),
    instance: `urn:baro:request:${answer.body.request_id}`,
    request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
  })
  expect(answer.headers['x-request-id']).toBe(answer.body.request_id)
  expect(answer.text).not.toMatch(/\bat .*\.(ts|js):\d+|node_modules|select |insert into/)
  if (refusal.field === undefined) return
  expect(answer.body.errors, 'the named fields').toContainEqual({
    field: refusal.field,
    code: refusal.fieldCode ?? expect.stringMatching(/./),
  })
}

/** A fingerprint of every row of every table: equal before and after means that nothing was written or changed. */
export async function tableStates(db: Db): Promise<Readonly<Record<string, string>>> {
  const tables = await db.many<{ name: string }>({
    text: `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
    values: [],
  })
  const parts = tables.map(
    ({ name }) => `select '${name}' as name, count(*) || ' rows, ' ||
      md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as state from "${name}" t`,
  )
  const rows = await db.many<{ name: string; state: string }>({
    text: parts.join(' union all '),
    values: [],
  })
  return Object.fromEntries(rows.map((row) => [row.name, row.state]))
}

/** Sends a request that must be refused and must leave no trace in any table. */
export async function expectRefused(
  world: Pick<World, 'app' | 'deps'>,
  call: Call,
  refusal: Refusal,
): Promise<Response> {
  const before = await tableStates(world.deps.db)
  const answer = await send(world, call)
  expectProblem(answer, refusal)
  expect(await tableStates(world.deps.db), 'a refusal writes nothing').toEqual(before)
  return answer
}

export type OtherShop = Shop & { readonly keyText: string; readonly terminalKeyText: string }

/** Another merchant on the same Baro. */
export async function addShop(world: Pick<World, 'deps'>): Promise<OtherShop> {
  const shop = testShop(80)
  await seedShop(world.deps, shop)
  return {
    ...shop,
    keyText: reveal(shop.merchantKey),
    terminalKeyText: reveal(shop.terminalKey),
  }
}

/** A key of this merchant with these scopes; without a terminal it acts for the whole merchant. */
export async function addKey(
  world: Pick<World, 'deps'>,
  merchantId: MerchantId,
  rights: { readonly scopes: readonly Scope[]; readonly terminalId?: TerminalId },
): Promise<{ readonly id: ApiKeyId; readonly key: string }> {
  const key = newApiKey()
  const id = newId('key', new Date())
  await insertApiKey(
    world.deps.db,
    {
      id,
      merchantId,
      label: 'test',
      scopes: rights.scopes,
      terminalId: rights.terminalId,
      sha256: hashApiKey(key) ?? Buffer.alloc(0),
    },
    new Date(),
  )
  return { id, key }
}

/** A second till of a shop, with its key. */
export async function addTill(
  world: Pick<World, 'deps'>,
  { merchant, store }: Pick<Shop, 'merchant' | 'store'>,
): Promise<{ readonly id: TerminalId; readonly key: string }> {
  const terminal = {
    id: newId('ter', new Date()),
    merchantId: merchant.id,
    storeId: store.id,
    label: '2번 계산대',
  }
  await insertTerminal(world.deps.db, terminal, new Date())
  const { key } = await addKey(world, merchant.id, {
    scopes: TERMINAL_SCOPES,
    terminalId: terminal.id,
  })
  return { id: terminal.id, key }
}

/** The same routes over other parts than the world's, such as a database that fails. */
export async function serverOver(
  world: World,
  deps: Deps,
): Promise<Pick<World, 'app'> & { close(): Promise<void> }> {
  const app = await buildHttp(httpContext(world.config, deps, world.url), {
    log: deps.log,
    trustedProxies: [],
  })
  return { app, close: () => app.close() }
}

/** Every operation of the document, with a path that has example ids in it. */
export function operations(): readonly {
  readonly id: string
  readonly method: Method
  readonly path: string
  readonly needsKey: boolean
}[] {
  const { paths } = JSON.parse(readFileSync(OPENAPI, 'utf8')) as {
    paths: Record<string, Record<Method, { operationId: string; security?: unknown[] }>>
  }
  return Object.entries(paths).flatMap(([template, item]) =>
    (Object.keys(item) as Method[]).map((method) => ({
      id: item[method].operationId,
      method,
      path: template
        .replace('{id}', newId('inv', new Date()))
        .replace('{code}', newPayCode())
        .replace('{day}', '2026-11-21'),
      needsKey: item[method].security !== undefined,
    })),
  )
}
