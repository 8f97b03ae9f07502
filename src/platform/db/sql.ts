/** A statement for node-postgres. Values never reach the text. */
export type Sql = { readonly text: string; readonly values: readonly unknown[] }

export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  return { text: strings.reduce((text, part, index) => `${text}$${index}${part}`), values }
}
