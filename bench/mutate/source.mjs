import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** The text of a mutant's file without the guard. Throws unless the guard stands there once. */
export function textWithout({ name, path, find, replace }) {
  // Line breaks are the formatter's business.
  const pattern = find.trim().split(/\s+/).map(escaped).join('\\s+')
  const parts = readFileSync(join(ROOT, path), 'utf8').split(new RegExp(pattern))
  if (parts.length !== 2) throw new Error(`${name}: found ${parts.length - 1} times, must be once`)
  return parts.join(replace)
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Whether a line of `--only` means this mutant. */
export function isChosen({ name }, only) {
  return name.includes(only)
}
