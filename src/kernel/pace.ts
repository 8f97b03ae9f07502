/** What `work` gives, or an error that says what gave no answer in time. The work itself goes on. */
export async function within<Answer>(
  milliseconds: number,
  what: string,
  work: Promise<Answer>,
): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${milliseconds} ms: ${what}`)),
      milliseconds,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Asks at most one question at a time, and again only when the last answer, good or bad, is older than `milliseconds`:
 * however many want to know, whoever is asked hears little of it.
 */
export function atMostEvery<Answer>(
  milliseconds: number,
  ask: () => Promise<Answer>,
): () => Promise<Answer> {
  let kept: { readonly answer: Promise<Answer>; until: number } | undefined
  return () => {
    if (kept === undefined || performance.now() >= kept.until) {
      const next = { answer: ask(), until: Number.POSITIVE_INFINITY }
      const answered = () => {
        next.until = performance.now() + milliseconds
      }
      next.answer.then(answered, answered)
      kept = next
    }
    return kept.answer
  }
}
