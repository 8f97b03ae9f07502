import { seoulDay } from '../../kernel/time.ts'
import type { ChainState } from '../browser/chain.ts'
import { isFinal } from '../browser/invoice.ts'
import type { Api } from './api.ts'
import type { Invoice } from './model.ts'

/** What the till knows of the day. */
export type DaySales = {
  readonly day: string
  /** Newest first: ids sort by time. */
  readonly invoices: readonly Invoice[]
  readonly paidCount: number
  readonly paidTotal: bigint
}

export type SalesBook = {
  /** Brings the day up to date from the gateway. */
  refresh(api: Api): Promise<'ok' | 'refused' | 'unreachable'>
  /** Takes in what another part of the page has heard. */
  take(invoice: Invoice): void
  clear(): void
  current(): DaySales
  /** As the newest page of the list had it. */
  chainState(): ChainState
}

/** Today's invoices of this till. What is final is not asked for again. */
export function openSalesBook(): SalesBook {
  let day = ''
  // Until the day was read to its end once, meeting a known invoice does not mean that the rest is known.
  let isComplete = false
  const known = new Map<string, Invoice>()
  let chainState: ChainState = 'live'
  const take = (invoice: Invoice) => {
    const before = known.get(invoice.id)
    if (before === undefined || invoice.version >= before.version) known.set(invoice.id, invoice)
  }
  const beginDay = (today: string) => {
    if (day === today) return
    known.clear()
    isComplete = false
    day = today
  }
  return {
    refresh: async (api) => {
      beginDay(seoulDay(api.now()))
      const unsure = new Set(
        [...known.values()].filter((one) => !isFinal(one)).map((one) => one.id),
      )
      const settledBefore = new Set([...known.keys()].filter((id) => !unsure.has(id)))
      for (let after: string | undefined; ; ) {
        const answer = await api.listInvoices(day, after)
        if (answer.outcome === 'refused')
          return answer.status === 401 || answer.status === 403 ? 'refused' : 'unreachable'
        if (answer.outcome === 'unreachable') return 'unreachable'
        const { invoices, hasMore } = answer.value
        chainState = answer.value.chainState
        for (const invoice of invoices) {
          take(invoice)
          unsure.delete(invoice.id)
        }
        const meetsKnown = isComplete && invoices.some((one) => settledBefore.has(one.id))
        after = invoices.at(-1)?.id
        if (!hasMore || after === undefined || (meetsKnown && unsure.size === 0)) break
      }
      isComplete = true
      return 'ok'
    },
    take: (invoice) => {
      if (seoulDay(invoice.createdAt) === day) take(invoice)
    },
    clear: () => {
      known.clear()
      isComplete = false
      day = ''
    },
    current: () => sumOf(day, [...known.values()]),
    chainState: () => chainState,
  }
}

function sumOf(day: string, invoices: readonly Invoice[]): DaySales {
  const paid = invoices.filter((one) => one.status === 'paid')
  return {
    day,
    invoices: [...invoices].sort((a, b) => (a.id < b.id ? 1 : -1)),
    paidCount: paid.length,
    paidTotal: paid.reduce((sum, one) => sum + one.amount, 0n),
  }
}
