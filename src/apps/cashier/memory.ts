const NAMES = {
  key: 'baro.pos.key',
  language: 'baro.pos.language',
  attempt: 'baro.pos.attempt',
  sale: 'baro.pos.sale',
  place: 'baro.pos.place',
  mark: 'baro.pos.mark',
} as const

type Name = keyof typeof NAMES

/** What this till remembers over a reload. */
export type Memory = {
  get(name: Name): string | undefined
  set(name: Name, value: string): void
  forget(...names: readonly Name[]): void
}

/** The browser's own storage; where it is forbidden, memory that lasts as long as the page. */
export function openMemory(): Memory {
  const spare = new Map<Name, string>()
  const storage = usableStorage()
  return {
    get: (name) => storage?.getItem(NAMES[name]) ?? spare.get(name),
    set: (name, value) => {
      if (storage === undefined) spare.set(name, value)
      else storage.setItem(NAMES[name], value)
    },
    forget: (...names) => {
      for (const name of names) {
        spare.delete(name)
        storage?.removeItem(NAMES[name])
      }
    },
  }
}

function usableStorage(): Storage | undefined {
  try {
    window.localStorage.setItem('baro.pos.probe', '1')
    window.localStorage.removeItem('baro.pos.probe')
    return window.localStorage
  } catch {
    // A browser that blocks storage throws at its first use.
    return undefined
  }
}
