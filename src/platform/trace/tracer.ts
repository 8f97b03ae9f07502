import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

/** A W3C `traceparent`: which trace, and which span of it. */
export type Traceparent = string

export type Attributes = Readonly<Record<string, string | number | boolean>>

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer'

export type SpanOptions = {
  readonly kind?: SpanKind
  /** The span that this one belongs under; the running one when absent. What is no traceparent counts as none. */
  readonly parent?: Traceparent | undefined
  readonly attributes?: Attributes
}

/** A piece of work that has begun. */
export type Span = {
  /** What to hand to whoever does the next part of the work; undefined while nothing is traced. */
  readonly traceparent: Traceparent | undefined
  note(attributes: Attributes): void
  /** Spans of other traces that this one has to do with, such as the payments of a batch. */
  link(traceparents: readonly (Traceparent | undefined)[]): void
  end(error?: unknown): void
}

/** What a span was, when it has ended. Times are Unix milliseconds. */
export type FinishedSpan = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly error: string | undefined
}

/** Follows work from one process to the next. */
export type Tracer = {
  /** Runs `work` as a span; spans begun within are its children. An error that it throws is noted and thrown on. */
  span<Result>(
    name: string,
    options: SpanOptions,
    work: (span: Span) => Promise<Result>,
  ): Promise<Result>
  /** Begins a span that nothing runs in. Whoever begins it ends it, or it never was. */
  begin(name: string, options?: SpanOptions): Span
  /** The span that runs now; one that forgets everything outside of all. */
  current(): Span
}

const NO_SPAN: Span = { traceparent: undefined, note: () => {}, link: () => {}, end: () => {} }

/** Traces nothing, and costs a call. */
export const NO_TRACER: Tracer = {
  span: (_name, _options, work) => work(NO_SPAN),
  begin: () => NO_SPAN,
  current: () => NO_SPAN,
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
const SAMPLED = 1
/** What one span keeps at most: a batch has two hundred payments. */
const MAX_LINKS = 256

type Context = { readonly traceId: string; readonly spanId: string; readonly isSampled: boolean }

/** The parts of a traceparent of version 00 (W3C Trace Context, section 3.2); undefined for anything else. */
export function readTraceparent(text: string | undefined): Context | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED }
}

/** Hands every span that ended to `finish`, unless whoever began its trace does not want it recorded. */
export function openTracer(finish: (span: FinishedSpan) => void): Tracer {
  const running = new AsyncLocalStorage<Span>()
  const current = () => running.getStore() ?? NO_SPAN
  const begin: Tracer['begin'] = (name, options = {}) => {
    const parent = readTraceparent(options.parent) ?? readTraceparent(current().traceparent)
    return beginSpan(name, options, parent, finish)
  }
  return {
    begin,
    current,
    span: async (name, options, work) => {
      const span = begin(name, options)
      try {
        const result = await running.run(span, () => work(span))
        span.end()
        return result
      } catch (error) {
        span.end(error)
        throw error
      }
    },
  }
}

function beginSpan(
  name: string,
  options: SpanOptions,
  parent: Context | undefined,
  finish: (span: FinishedSpan) => void,
): Span {
  const traceId = parent?.traceId ?? randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const isSampled = parent?.isSampled ?? true
  const startMs = Date.now()
  const startedAt = performance.now()
  let attributes = options.attributes ?? {}
  const links: Context[] = []
  let hasEnded = false
  return {
    traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`,
    note: (more) => {
      attributes = { ...attributes, ...more }
    },
    link: (traceparents) => {
      for (const one of traceparents) {
        const context = readTraceparent(one)
        if (context !== undefined && links.length < MAX_LINKS) links.push(context)
      }
    },
    end: (error) => {
      if (hasEnded || !isSampled) return
      hasEnded = true
      finish({
        ...{ traceId, spanId, parentSpanId: parent?.spanId, name, links, attributes },
        kind: options.kind ?? 'internal',
        startMs,
        endMs: startMs + (performance.now() - startedAt),
        error: error === undefined ? undefined : wordOf(error),
      })
    },
  }
}

/** Its code or its name: a message may hold what a collector should not see. */
function wordOf(error: unknown): string {
  if (!(error instanceof Error)) return 'error'
  return 'code' in error ? String(error.code) : error.name
}
