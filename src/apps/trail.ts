import { groupDigits } from '../kernel/money.ts'
import type { Trail } from './play-sale.ts'

const seconds = (milliseconds: number) => `${(milliseconds / 1_000).toFixed(2)} s`
const won = (amount: number) => `${groupDigits(BigInt(amount))} won`
const row = (name: string, text: string, note = '') =>
  `  ${name.padEnd(10)}${text}${note === '' ? '' : `   ${note}`}`

/** The trail of one sale for people: what happened, where to find it, and how long each part took. */
export function trailText(trail: Trail): string {
  const { invoice, payment, statement } = trail
  return [
    row('invoice', invoice.id, `${won(invoice.amount)}, made in ${Math.round(trail.invoiceMs)} ms`),
    row('QR', invoice.pay_url),
    '',
    trail.qrText.replace(/^/gm, '  ').trimEnd(),
    '',
    row('payment', payment.id, `accepted in ${Math.round(trail.confirmMs)} ms`),
    row('settled', payment.tx_hash),
    row(
      '',
      `block ${payment.block_number}`,
      `${seconds(trail.confirmToSettledMs)} after the phone`,
    ),
    row(
      'webhook',
      trail.webhook.id,
      `${trail.webhook.signature_valid ? 'signature verified' : 'SIGNATURE WRONG'}, ${Math.round(trail.settledToWebhookMs)} ms later`,
    ),
    row(
      'report',
      `${statement.day}: gross ${won(statement.totals.gross)}, fee ${won(statement.totals.fee)}, net ${won(statement.totals.net)}`,
      statement.matches ? '= ledger = chain' : 'DOES NOT MATCH ledger and chain',
    ),
  ].join('\n')
}
