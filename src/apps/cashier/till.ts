import { systemClock } from '../../kernel/time.ts'
import { type ChainNotice, openChainNotice } from '../browser/chain.ts'
import { element, setText } from '../browser/elements.ts'
import { fieldsOf, textOf } from '../browser/json.ts'
import { type Api, openApi } from './api.ts'
import { type Connection, openConnection } from './connection.ts'
import type { Words } from './language.ts'
import type { Memory } from './memory.ts'
import type { Invoice, Place } from './model.ts'
import { openPad, type Pad } from './pad.ts'
import { openPairing, type Pairing } from './pairing.ts'
import { openSale, type Sale, type SaleContext } from './sale.ts'
import { openSalesBook, type SalesBook } from './sales.ts'
import { openSalesView, type SalesView } from './sales-view.ts'
import type { TextKey } from './text.ts'

/** The checksum at the end of a key tells two keys apart and opens nothing. */
const MARK_LENGTH = 6

export type Screen = 'pairing' | 'till' | 'sale'

/** The page's parts and what they share. */
export type Till = {
  readonly memory: Memory
  readonly words: Words
  readonly book: SalesBook
  readonly connection: Connection
  readonly chainNotice: ChainNotice
  readonly salesView: SalesView
  readonly pad: Pad
  readonly sale: Sale
  readonly pairing: Pairing
  api: Api
  place: Place | undefined
  /** When the list was last known to be true, and whether that is the last time we asked. */
  listedAt: Date | undefined
  isStale: boolean
}

export function openTill(memory: Memory, words: Words): Till {
  const till: Till = {
    memory,
    words,
    book: openSalesBook(),
    connection: openConnection(words, () => void refresh(till)),
    chainNotice: openChainNotice(words),
    salesView: openSalesView(words, (invoice) => till.sale.look(invoice)),
    pad: openPad(words, (charge) => {
      if (!till.sale.isShown()) till.sale.begin(charge)
    }),
    sale: openSale(saleContext(memory, words, () => till)),
    pairing: openPairing(words, (key) => enter(till, key)),
    api: openApi(memory.get('key') ?? '', systemClock),
    place: placeIn(memory.get('place')),
    listedAt: undefined,
    isStale: false,
  }
  return till
}

function saleContext(memory: Memory, words: Words, till: () => Till): SaleContext {
  return {
    api: () => till().api,
    memory,
    words,
    place: () => till().place,
    onReach: (isReached) => till().connection.reached(isReached),
    onInvoice: (invoice) => {
      till().book.take(invoice)
      till().chainNotice.show(invoice.chainState)
      renderSales(till())
      if (till().place === undefined) void learnPlace(till(), invoice)
    },
    onOpened: () => till().pad.clear(),
    onChargeRefused: (refusal) => till().pad.refuse(refusal),
    onKeyRefused: () => leave(till(), 'pair_revoked'),
    onShow: () => showScreen('sale'),
    onClose: () => {
      showScreen('till')
      till().pad.focus()
      void refresh(till())
    },
  }
}

/** Begins to work with a key, and goes on with the sale that a reload interrupted. */
export function enter(till: Till, key: string): void {
  const { memory } = till
  const mark = key.slice(-MARK_LENGTH)
  if (memory.get('mark') !== mark) memory.forget('place', 'attempt', 'sale')
  memory.set('key', key)
  memory.set('mark', mark)
  till.api = openApi(key, systemClock)
  till.place = placeIn(memory.get('place'))
  till.listedAt = undefined
  till.book.clear()
  renderAll(till)
  showScreen('till')
  till.pad.focus()
  till.sale.resume()
  void refresh(till)
}

/** Lets go of the key. A sale at hand stays remembered: the same key goes on with it. */
export function leave(till: Till, reason?: TextKey): void {
  till.sale.pause()
  till.memory.forget('key')
  showScreen('pairing')
  till.pairing.show(reason)
}

/** Brings the list up to date. */
export async function refresh(till: Till): Promise<void> {
  if (till.memory.get('key') === undefined) return
  const { api } = till
  const answer = await till.book.refresh(api)
  // Another key came meanwhile, with another list.
  if (api !== till.api) return
  if (answer === 'refused') {
    leave(till, 'pair_revoked')
    return
  }
  till.isStale = answer === 'unreachable'
  till.connection.reached(!till.isStale)
  if (!till.isStale) {
    till.listedAt = api.now()
    till.chainNotice.show(till.book.chainState())
  }
  renderSales(till)
  if (till.place === undefined) await learnPlace(till, till.book.current().invoices[0])
}

async function learnPlace(till: Till, invoice: Invoice | undefined): Promise<void> {
  if (invoice === undefined) return
  const answer = await till.api.getPlace(invoice.code)
  if (answer.outcome !== 'ok') return
  till.place = answer.value
  till.memory.set('place', JSON.stringify(answer.value))
  renderPlace(till)
  till.sale.render()
}

export function renderAll(till: Till): void {
  for (const part of [till.pad, till.pairing, till.sale, till.connection, till.chainNotice])
    part.render()
  renderPlace(till)
  renderSales(till)
}

function renderPlace({ place }: Till): void {
  const text = place === undefined ? '' : `${place.shop} ${place.store} · ${place.terminal}`
  setText(element('place', HTMLElement), text)
}

function renderSales({ book, listedAt, isStale, salesView }: Till): void {
  salesView.render(
    listedAt === undefined ? undefined : book.current(),
    isStale ? listedAt : undefined,
  )
}

export function currentScreen(): Screen {
  return document.body.dataset.screen as Screen
}

export function showScreen(name: Screen): void {
  document.body.dataset.screen = name
  for (const id of ['pairing', 'till', 'sale'] as const)
    element(id, HTMLElement).hidden = id !== name
  element('leave', HTMLButtonElement).hidden = name !== 'till'
}

function placeIn(stored: string | undefined): Place | undefined {
  if (stored === undefined) return undefined
  try {
    const { shop, store, terminal } = fieldsOf(JSON.parse(stored))
    return { shop: textOf(shop), store: textOf(store), terminal: textOf(terminal) }
  } catch {
    // Of an older page: it is learnt again with the next invoice.
    return undefined
  }
}
