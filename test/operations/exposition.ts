/** One family of an exposition: what `# HELP` and `# TYPE` said, and its samples. */
export type Family = {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}
export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const HELP = new RegExp(`^# HELP (${NAME}) (.+)$`)
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?[0-9.e+-]+|\\+Inf|-Inf|[Nn]a[Nn])$`)
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/** Reads the text format 0.0.4 of Prometheus, strictly. Throws with the line that breaks a rule. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line must end')
  const families = new Map<string, Family & { samples: Sample[] }>()
  const seen = new Set<string>()
  let help: RegExpExecArray | undefined
  let current: (Family & { samples: Sample[] }) | undefined
  const broken = (line: string, rule: string): never => {
    throw new Error(`${rule}: ${line}`)
  }
  for (const line of text.split('\n').slice(0, -1)) {
    if (line === '') continue
    const isHelp = HELP.exec(line)
    const isType = TYPE.exec(line)
    if (isHelp !== null) help = isHelp
    else if (isType !== null) {
      const [, name = '', type = ''] = isType
      if (help?.[1] !== name) broken(line, 'TYPE comes after the HELP of its family')
      if (families.has(name)) broken(line, 'a family stands in one place')
      current = { name, type, help: help?.[2] ?? '', samples: [] }
      families.set(name, current)
    } else {
      const sample = sampleOf(line) ?? broken(line, 'a line is HELP, TYPE or a sample')
      if (current === undefined || !belongs(current, sample.name))
        return broken(line, 'a sample follows the TYPE of its family')
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`
      if (seen.has(key)) broken(line, 'no sample comes twice')
      seen.add(key)
      current.samples.push(sample)
    }
  }
  for (const family of families.values()) checkFamily(family)
  return families
}

function sampleOf(line: string): Sample | undefined {
  const match = SAMPLE.exec(line)
  if (match === null) return undefined
  const [, name = '', inside = '', text = ''] = match
  const labels: Record<string, string> = {}
  for (LABEL.lastIndex = 0; LABEL.lastIndex < inside.length; ) {
    const label = LABEL.exec(inside)
    if (label?.[1] === undefined || label[1] in labels) return undefined
    labels[label[1]] = label[2] ?? ''
  }
  const value =
    text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text.replace('-Inf', '-Infinity'))
  return Number.isNaN(value) && !/^nan$/i.test(text) ? undefined : { name, labels, value }
}

function belongs({ name, type }: Family, sample: string): boolean {
  return (ENDINGS[type] ?? ['']).some((ending) => sample === name + ending)
}

/** What `promtool check metrics` asks of our own names besides the grammar, and that histograms add up. */
function checkFamily({ name, type, help, samples }: Family): void {
  const wrong = (rule: string): never => {
    throw new Error(`${name}: ${rule}`)
  }
  if (help.trim() === '') wrong('has no help')
  const isOurs = name.startsWith('baro_')
  if (isOurs && (type === 'counter') !== name.endsWith('_total'))
    wrong('only counters end in _total')
  if (isOurs && /(_milliseconds|_ms|_minutes|_kilobytes)(_|$)/.test(name))
    wrong('units are base units')
  if (type === 'counter')
    for (const { value } of samples) if (!(value >= 0)) wrong('a counter is never below zero')
  if (type !== 'histogram') return
  const buckets = samples.filter((one) => one.name.endsWith('_bucket'))
  for (const count of samples.filter((one) => one.name.endsWith('_count'))) {
    const mine = buckets.filter((one) => isSame(withoutBound(one.labels), count.labels))
    const bounds = mine.map(({ labels: { le = '' } }) => (le === '+Inf' ? Infinity : Number(le)))
    const values = mine.map((one) => one.value)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) wrong('the last bucket is +Inf')
    if (!isRising(bounds) || !isRising(values)) wrong('buckets rise')
    if (values.at(-1) !== count.value) wrong('the last bucket holds all')
  }
}

function withoutBound({ le: _, ...rest }: Readonly<Record<string, string>>) {
  return rest
}

function isSame(a: object, b: object): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort())
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value >= (values[index - 1] ?? value))
}

/** The value of one sample; undefined when there is none with these labels. */
export function sampleValue(
  families: ReadonlyMap<string, Family>,
  sample: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(sample) ?? families.get(sample.replace(/_(sum|count|bucket)$/, ''))
  const wanted = Object.entries(labels)
  return family?.samples.find(
    (one) => one.name === sample && wanted.every(([name, value]) => one.labels[name] === value),
  )?.value
}
