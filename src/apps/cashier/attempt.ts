import { newId } from '../../kernel/ids.ts'
import { type Won, wonToJson } from '../../kernel/money.ts'
import { fieldsOf, textOf } from '../browser/json.ts'
import type { Attempt } from './api.ts'

const MAX_ORDER_LENGTH = 64
/** Control and direction characters, which the gateway refuses. A paste may carry them. */
const UNPRINTABLE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

export type Charge = { readonly amount: Won; readonly orderId: string; readonly memo: string }

/** A charge with the key that makes sending it twice safe. The body is kept as sent: the same key needs the same body. */
export function newAttempt(charge: Charge, at: Date): Attempt {
  const orderId = clean(charge.orderId)
  const description = clean(charge.memo)
  const body = {
    amount: wonToJson(charge.amount),
    ...(orderId === '' ? {} : { order_id: orderId }),
    ...(description === '' ? {} : { description }),
  }
  return { key: newId('pos', at), body: JSON.stringify(body) }
}

/** The attempt that a reload interrupted, if there was one. */
export function storedAttempt(stored: string | undefined): Attempt | undefined {
  if (stored === undefined) return undefined
  try {
    const { key, body } = fieldsOf(JSON.parse(stored))
    return { key: textOf(key), body: textOf(body) }
  } catch {
    // Not ours, or of an older page: there is nothing to send again.
    return undefined
  }
}

/** The order number of a new QR code for the same order: a number opens one invoice, so `12` becomes `12#2`, then `12#3`. */
export function nextOrderId(orderId: string): string {
  const [, stem = orderId, count = '1'] = /^(.+)#(\d{1,3})$/.exec(orderId) ?? []
  const suffix = `#${Number(count) + 1}`
  return `${stem.slice(0, MAX_ORDER_LENGTH - suffix.length)}${suffix}`
}

function clean(text: string): string {
  return text.replace(UNPRINTABLE, ' ').trim()
}
