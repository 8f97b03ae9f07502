import { Counter, collectDefaultMetrics, Histogram, type Metric, Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string>>

/** One value of a gauge at the moment of a scrape. */
export type Sample = { readonly value: number; readonly labels?: Labels }

type About<Label extends string> = {
  /** With the prefix `baro_`, the unit last, `_total` for a counter. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly Label[]
}
type HistogramAbout<Label extends string> = About<Label> & {
  /** Upper bounds, rising, in the unit of the name. */
  readonly buckets: readonly number[]
}

/** The measurements of one process. Nothing of it is global, so that two may live side by side. */
export type Metrics = {
  counter<Label extends string = never>(
    about: About<Label>,
  ): (labels: Readonly<Record<Label, string>>, by?: number) => void
  histogram<Label extends string = never>(
    about: HistogramAbout<Label>,
  ): (labels: Readonly<Record<Label, string>>, value: number) => void
  /** Is read at every scrape. What cannot be read gives no samples: a missing value is true, an old one is not. */
  gauge(about: About<string>, read: () => Promise<readonly Sample[]> | readonly Sample[]): void
  /** Process, event loop and garbage collector under the names that every dashboard of Node knows. */
  addProcess(): void
  /** The text exposition format 0.0.4 of Prometheus. */
  text(): Promise<string>
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

export function openMetrics(): Metrics {
  const registry = new Registry()
  return {
    counter: ({ name, help, labels = [] }) => {
      const counter = new Counter({ name, help, labelNames: [...labels], registers: [registry] })
      return (values, by = 1) => counter.inc(values, by)
    },
    histogram: ({ name, help, labels = [], buckets }) => {
      const histogram = new Histogram({
        ...{ name, help, labelNames: [...labels], registers: [registry] },
        buckets: [...buckets],
      })
      return (values, value) => histogram.observe(values, value)
    },
    gauge: ({ name, help }, read) => {
      const get = async () => {
        const samples = await read()
        const values = samples.map(({ value, labels = {} }) => ({ value, labels }))
        return { name, help, type: 'gauge', values, aggregator: 'sum' }
      }
      // A gauge of prom-client without labels is never without a value; the registry asks for no more than this.
      registry.registerMetric({ name, get } as unknown as Metric)
    },
    addProcess: () => collectDefaultMetrics({ register: registry }),
    text: () => registry.metrics(),
  }
}
