import { element, made, setText } from '../browser/elements.ts'
import type { InvoiceStatus } from '../browser/invoice.ts'
import type { Words } from './language.ts'
import type { Invoice } from './model.ts'
import type { DaySales } from './sales.ts'
import { isLost, stageOf } from './stage.ts'

const HASH_LETTERS = 6

export type SalesView = {
  /** `asOf` is set when the list may be out of date; undefined sales are not there yet. */
  render(sales: DaySales | undefined, asOf: Date | undefined): void
}

/** The list of today's sales with its running total. */
export function openSalesView(words: Words, onLook: (invoice: Invoice) => void): SalesView {
  const list = element('sales-list', HTMLElement)
  const empty = element('sales-empty', HTMLElement)
  const count = element('sales-count', HTMLElement)
  const total = element('sales-total', HTMLElement)
  const stale = element('sales-stale', HTMLElement)
  const toggle = element('sales-toggle', HTMLButtonElement)
  const lastState = element('sales-last', HTMLElement)
  const till = element('till', HTMLElement)
  let isOpen = false
  const renderToggle = () => {
    till.dataset.sales = isOpen ? 'open' : 'closed'
    toggle.setAttribute('aria-expanded', String(isOpen))
    toggle.setAttribute('aria-label', words.say(isOpen ? 'sales_hide' : 'sales_show'))
  }
  toggle.addEventListener('click', () => {
    isOpen = !isOpen
    renderToggle()
  })
  return {
    render: (sales, asOf) => {
      renderToggle()
      const invoices = sales?.invoices ?? []
      empty.hidden = invoices.length > 0
      setText(empty, words.say(sales === undefined ? 'sales_loading' : 'sales_none'))
      setText(
        count,
        sales === undefined ? '' : words.say('sales_total', { count: `${sales.paidCount}` }),
      )
      setText(total, sales === undefined ? '' : words.won(sales.paidTotal))
      stale.hidden = asOf === undefined
      if (asOf !== undefined) setText(stale, words.say('sales_as_of', { time: words.time(asOf) }))
      const [newest] = invoices
      lastState.replaceChildren(...(newest === undefined ? [] : lastSale(words, newest)))
      drawRows(list, words, invoices, onLook)
    },
  }
}

/** Draws the rows anew and keeps the focus on the row that had it. */
function drawRows(
  list: HTMLElement,
  words: Words,
  invoices: readonly Invoice[],
  onLook: (invoice: Invoice) => void,
): void {
  const focused = document.activeElement?.closest<HTMLElement>('[data-invoice]')?.dataset.invoice
  list.replaceChildren(
    ...invoices.map((invoice) => {
      const button = made('button', 'sale-row', ...rowOf(words, invoice))
      button.type = 'button'
      button.dataset.invoice = invoice.id
      button.dataset.state = stateOf(invoice)
      button.addEventListener('click', () => onLook(invoice))
      return made('li', '', button)
    }),
  )
  if (focused === undefined) return
  list.querySelector<HTMLElement>(`[data-invoice="${focused}"]`)?.focus()
}

function rowOf(words: Words, invoice: Invoice): Node[] {
  const hash = invoice.payment?.txHash
  const notes = [
    invoice.orderId,
    invoice.description,
    invoice.status === 'paid' && hash !== undefined ? shortHash(hash) : undefined,
  ].filter((one) => one !== undefined)
  return [
    made('span', 'row-state', stateText(words, invoice)),
    made('span', 'row-amount', words.won(invoice.amount)),
    made('span', 'row-notes', notes.join(' · ')),
    made('span', 'row-time', words.time(invoice.paidAt ?? invoice.createdAt)),
  ]
}

function lastSale(words: Words, invoice: Invoice): Node[] {
  const state = made('span', 'row-state', stateText(words, invoice))
  state.dataset.state = stateOf(invoice)
  return [state, made('span', 'row-amount', words.won(invoice.amount))]
}

type RowState = InvoiceStatus | 'received' | 'approved' | 'review' | 'lost'

function stateOf(invoice: Invoice): RowState {
  if (isLost(invoice)) return 'lost'
  if (invoice.status !== 'paying') return invoice.status
  const stage = stageOf({ kind: 'invoice', invoice, isPast: true, isOver: false })
  return stage === 'received' || stage === 'approved' || stage === 'review' ? stage : 'paying'
}

function stateText(words: Words, invoice: Invoice): string {
  return words.say(`state_${stateOf(invoice)}`)
}

/** `0x1234…abcd`: enough to find it again. */
function shortHash(hash: string): string {
  return `${hash.slice(0, HASH_LETTERS)}…${hash.slice(-4)}`
}
