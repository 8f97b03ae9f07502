/** The element of this id. Throws when the page has none of that kind: page and script do not belong together. */
export function element<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}`)
  return found
}

/** Writes a text only when it differs, so that a screen reader is not told the same thing again. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** A new element with its class and its words. */
export function made<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...inside: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const fresh = document.createElement(name)
  fresh.className = className
  fresh.append(...inside)
  return fresh
}

/** Fills a list with the names that have a value. */
export function writeRows(
  list: HTMLElement,
  rows: readonly (readonly [name: string, value: string | undefined])[],
): void {
  list.replaceChildren(
    ...rows.flatMap(([name, value]) =>
      value === undefined ? [] : [made('dt', '', name), made('dd', '', value)],
    ),
  )
}
