const PREFIX = 'baro.pay.'

/** Keeps a word for this tab. A browser that forbids it only loses comfort, so that is no error. */
export function remember(name: string, value: string): void {
  try {
    window.sessionStorage.setItem(PREFIX + name, value)
  } catch {
    // Storage is blocked or full.
  }
}

export function recall(name: string): string | undefined {
  try {
    return window.sessionStorage.getItem(PREFIX + name) ?? undefined
  } catch {
    // Storage is blocked.
    return undefined
  }
}
