type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

/**
 * Moves every schema that has a title to `components.schemas` under that title and leaves a `$ref`, so that a client
 * generated from the document has one type for each. Throws when two schemas have one title.
 */
export function nameSchemas(document: object): object {
  const named = new Map<string, string>()
  const schemas: Record<string, Json> = {}

  const visit = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(visit)
    if (!isObject(node)) return node
    const inner: JsonObject = Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, visit(value)]),
    )
    const { title } = inner
    // A field that is called `title` has a schema there and no text.
    if (typeof title !== 'string' || inner.type === undefined) return inner
    const text = JSON.stringify(inner)
    if ((named.get(title) ?? text) !== text) throw new Error(`Two schemas are called ${title}`)
    named.set(title, text)
    schemas[title] = inner
    return { $ref: `#/components/schemas/${title}` }
  }

  const whole = document as { readonly paths?: JsonObject; readonly components?: JsonObject }
  const paths = visit(whole.paths ?? {})
  return { ...whole, components: { ...whole.components, schemas }, paths }
}

function isObject(node: Json): node is JsonObject {
  return typeof node === 'object' && node !== null
}
