import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { openApiText } from '../../src/apps/openapi-document.ts'

const FILE = join(import.meta.dirname, '../../openapi/openapi.json')
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
/** What a phone without a key may ask. Everything else under /v1 needs one. */
const PUBLIC = ['getCheckout', 'offerTerms', 'confirmPayment']

type Schema = { readonly [key: string]: unknown }
type Media = Readonly<Record<string, { readonly schema: Schema }>>
type Operation = {
  readonly operationId?: string
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Schema[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Media }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Media }>
  >
}
type Document = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string; readonly license: Schema }
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly securitySchemes: Readonly<Record<string, Schema>>
  }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

describe('the OpenAPI document', () => {
  let text: string
  let document: Document
  let operations: {
    readonly path: string
    readonly method: string
    readonly operation: Operation
  }[]
  beforeAll(async () => {
    text = await openApiText()
    document = JSON.parse(text)
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    )
  })

  it('is the one in the repository; npm run openapi writes it', () => {
    expect(readFileSync(FILE, 'utf8')).toBe(text)
  })

  it('is the same however often it is made', async () => {
    expect(await openApiText()).toBe(text)
  })

  it('is OpenAPI 3.1 with a title, a version, a licence and a key scheme', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Baro', version: expect.stringMatching(/^\d+\.\d+\.\d+$/), license: {} },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    })
  })

  it('gives every operation a unique id, a summary, a tag and a known method', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(operations.length)
    for (const { path, method, operation } of operations) {
      expect(METHODS, path).toContain(method)
      expect(operation.operationId, path).toMatch(/^[a-z][A-Za-z]+$/)
      expect(operation.summary, path).toMatch(/^[A-Z]/)
      expect(operation.tags, path).toHaveLength(1)
    }
  })

  it('asks for a key on every route under /v1 that is not public by name', () => {
    const open = operations
      .filter(({ path, operation }) => path.startsWith('/v1') && operation.security === undefined)
      .map(({ operation }) => operation.operationId)
    expect(open.sort()).toEqual([...PUBLIC].sort())
    for (const { operation } of operations)
      for (const scheme of operation.security ?? [])
        expect(Object.keys(document.components.securitySchemes)).toEqual(
          expect.arrayContaining(Object.keys(scheme)),
        )
  })

  it('declares every refusal under /v1 as a problem document', () => {
    for (const { path, operation } of operations.filter((one) => !one.path.startsWith('/health')))
      for (const status of ['4XX', '5XX'])
        expect(operation.responses[status]?.content, `${path} ${status}`).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        })
  })

  it('refuses unknown fields in every body', () => {
    const bodies = operations.flatMap(({ operation }) =>
      Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => resolve(schema)),
    )
    expect(bodies.length).toBeGreaterThanOrEqual(4)
    for (const schema of bodies) expect(schema).toMatchObject({ additionalProperties: false })
  })

  it('has no default in a body: generated clients would ask for the field', () => {
    expect(text).not.toContain('"default":')
  })

  it('describes every response and every parameter of a path', () => {
    for (const { path, operation } of operations) {
      for (const { description } of Object.values(operation.responses))
        expect(description, path).not.toBe('Default Response')
      const named = (operation.parameters ?? []).filter((one) => one.in === 'path')
      expect(named.map((one) => `{${one.name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
      for (const parameter of operation.parameters ?? [])
        expect(parameter.schema).toBeTypeOf('object')
    }
  })

  it('names what a generated client needs a type for, each once', () => {
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Invoice', 'Payment', 'Checkout', 'Problem', 'Statement', 'Terms']),
    )
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(schema.title).toBe(name)
      expect(schema.required, `${name} says what is always there`).not.toEqual([])
    }
  })

  it('has no reference that leads nowhere and no schema that nobody uses', () => {
    const used = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(
      (one) => one[1],
    )
    expect([...new Set(used)].sort()).toEqual(Object.keys(document.components.schemas).sort())
    expect(text.match(/"\$ref"/g)?.length).toBe(used.length)
  })

  it('says what type of image each QR route answers, and both types of a statement', () => {
    const types = (id: string) =>
      Object.keys(
        operations.find(({ operation }) => operation.operationId === id)?.operation.responses['200']
          ?.content ?? {},
      )
    expect(types('getQrSvg')).toEqual(['image/svg+xml'])
    expect(types('getQrPng')).toEqual(['image/png'])
    expect(types('getQrText')).toEqual(['text/plain'])
    expect(types('getStatement')).toEqual(['application/json', 'text/csv'])
  })

  it('has patterns that every language of regular expressions without lookaround can read', () => {
    const patterns = [...text.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map((one) =>
      JSON.parse(one[1] ?? '""'),
    )
    expect(patterns.length).toBeGreaterThan(10)
    for (const pattern of patterns) {
      expect(() => new RegExp(pattern, 'u')).not.toThrow()
      expect(pattern).toMatch(/^\^.*\$$/)
      expect(pattern).not.toMatch(/\(\?/)
    }
  })

  function resolve(schema: Schema): Schema | undefined {
    const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(String(schema.$ref)) ?? []
    return name === undefined ? schema : document.components.schemas[name]
  }
})
