const LOOK_MS = 25

/** Looks again and again until `look` gives something, and gives that. Throws when it has not by then. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined | false>,
  limitMs = 20_000,
): Promise<Found> {
  const end = performance.now() + limitMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
