import { type ChainEvidence, onChain, type PaidLog } from './chain-evidence.ts'
import type { Heard } from './receivers.ts'
import type { PaymentRow, RowEvidence } from './row-evidence.ts'
import type { Sale } from './sales.ts'
import type { StatementAnswer } from './statements.ts'

export type Wrong = {
  readonly kind:
    | 'double'
    | 'lost'
    | 'stuck'
    | 'undelivered'
    | 'ledger'
    | 'statement'
    | 'journal'
    | 'append_only'
    | 'invoice'
  readonly words: string
  readonly paymentId?: string
}

/** All that a verdict rests on. */
export type Evidence = {
  readonly rows: RowEvidence
  readonly chain: ChainEvidence
  readonly sales: readonly Sale[]
  readonly heard: readonly { readonly merchantId: string; readonly heard: readonly Heard[] }[]
  readonly statements: ReadonlyMap<string, readonly StatementAnswer[]>
  readonly changedRows: readonly string[]
  readonly shops: readonly { readonly id: string; readonly settlementAddress: string }[]
  readonly feeRecipient: string
}

/** Everything that is not as promised. Nothing here asks the product what it thinks of itself. */
export function judgeRun(evidence: Evidence): Wrong[] {
  return [
    ...accepted(evidence),
    ...evidence.rows.payments.flatMap((payment) => ended(evidence, payment)),
    ...settledTwice(evidence),
    ...told(evidence),
    ...ledger(evidence),
    ...statements(evidence),
    ...journal(evidence),
    ...evidence.changedRows.map((row) => ({
      kind: 'append_only' as const,
      words: `changed: ${row}`,
    })),
  ]
}

/** Every 202 has its payment. */
function accepted({ rows, sales }: Evidence): Wrong[] {
  const known = new Set(rows.payments.map((one) => `${one.invoice_id} ${one.payer}`))
  return sales
    .filter((sale) => sale.isAccepted && !known.has(`${sale.invoiceId} ${sale.payer}`))
    .map((sale) => ({
      kind: 'lost' as const,
      words: `${sale.invoiceId} of ${sale.payer} was answered 202 and has no payment: ${JSON.stringify(sale.said)}`,
    }))
}

/** Every payment ended, and for the reason that the chain gives. */
function ended({ rows, chain }: Evidence, payment: PaymentRow): Wrong[] {
  const { id: paymentId, status } = payment
  const invoice = onChain(payment.invoice_id)
  const paid = chain.paid.filter((log) => log.invoice === invoice && log.payer === payment.payer)
  const rides = rows.rides.filter((ride) => ride.payment_id === paymentId)
  const skipped = chain.skipped.some(
    (log) => log.invoice === invoice && rides.some((ride) => ride.tx_hash === log.txHash),
  )
  const invoiceRow = rows.invoices.find((one) => one.id === payment.invoice_id)
  const wrong = (kind: Wrong['kind'], words: string): Wrong[] => [{ kind, words, paymentId }]
  if (status === 'settled') {
    const [log] = paid
    if (log === undefined) return wrong('lost', 'settled, and the chain has no Paid log')
    if (invoiceRow?.status !== 'paid')
      return wrong('invoice', `settled, invoice ${invoiceRow?.status}`)
    return agrees(payment, log) ? [] : wrong('lost', 'settled by a log that says something else')
  }
  if (status === 'refused') {
    if (paid.length > 0) return wrong('lost', 'refused, and the chain has paid it')
    if (rides.length > 0 && !skipped)
      return wrong('lost', 'refused after a batch, without a Skipped log')
    return invoiceRow?.status === 'paying' ? wrong('invoice', 'refused, invoice still paying') : []
  }
  return wrong('stuck', `${status}${paid.length > 0 ? ', and the chain has paid it' : ''}`)
}

function agrees(payment: PaymentRow, log: PaidLog): boolean {
  return (
    log.merchant === payment.merchant_address &&
    log.amount === payment.amount &&
    log.txHash === payment.tx_hash &&
    log.logIndex === payment.log_index &&
    log.blockNumber === Number(payment.block_number)
  )
}

function settledTwice({ rows, chain }: Evidence): Wrong[] {
  const counts = new Map<string, PaidLog[]>()
  for (const log of chain.paid) counts.set(log.invoice, [...(counts.get(log.invoice) ?? []), log])
  const byInvoice = new Map(rows.payments.map((one) => [onChain(one.invoice_id), one.id]))
  return [...counts].flatMap(([invoice, logs]): Wrong[] => {
    const paymentId = byInvoice.get(invoice as PaidLog['invoice'])
    if (paymentId === undefined)
      return [{ kind: 'lost', words: `the chain paid ${invoice}, which no payment is about` }]
    return logs.length > 1
      ? [{ kind: 'double', paymentId, words: `paid ${logs.length} times on chain` }]
      : []
  })
}

/** Every end of a payment is an event, and every event reached every server of its merchant, the same each time. */
function told({ rows, heard }: Evidence): Wrong[] {
  const wrongs: Wrong[] = []
  for (const { id: paymentId, status } of rows.payments) {
    if (status !== 'settled' && status !== 'refused') continue
    const own = rows.events.filter((event) => event.aggregate_id === paymentId)
    if (own.length !== 1 || own[0]?.type !== `payment.${status}`)
      wrongs.push({
        kind: 'undelivered',
        paymentId,
        words: `${own.length} events, ${own[0]?.type}`,
      })
  }
  for (const [at, server] of heard.entries()) {
    const known = new Map<string, Heard[]>()
    for (const one of server.heard) known.set(one.id, [...(known.get(one.id) ?? []), one])
    for (const event of rows.events.filter((one) => one.merchant_id === server.merchantId)) {
      const got = known.get(event.id) ?? []
      const fault = faultOf(got, event.body)
      if (fault !== undefined)
        wrongs.push({
          kind: 'undelivered',
          paymentId: event.aggregate_id,
          words: `${event.id} at server ${at}: ${fault}`,
        })
    }
  }
  return wrongs
}

function faultOf(got: readonly Heard[], body: string): string | undefined {
  if (!got.some((one) => one.isTaken)) return `never taken, heard ${got.length} times`
  if (got.some((one) => one.body !== body)) return 'another body'
  return got.every((one) => one.isVerified) ? undefined : 'a signature that does not hold'
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n)

/** The ledger sums to zero, and says of every merchant, payer and of the operator what the chain says, won by won. */
function ledger({ rows, chain, shops, feeRecipient }: Evidence): Wrong[] {
  const wrongs: Wrong[] = []
  const compare = (what: string, ledgerWon: bigint, chainWon: bigint) => {
    if (ledgerWon !== chainWon)
      wrongs.push({ kind: 'ledger', words: `${what}: ledger ${ledgerWon}, chain ${chainWon}` })
  }
  const on = (account: string) => rows.postings.filter((one) => one.account === account)
  compare('sum of all postings', sum(rows.postings.map((one) => one.amount)), 0n)
  for (const { id, settlementAddress } of shops) {
    const own = on(`merchant:${id}`).map((one) => one.amount)
    const paid = chain.paid.filter((log) => log.merchant === settlementAddress)
    compare(
      `settled of ${id}`,
      sum(own.filter((won) => won > 0n)),
      sum(paid.map((log) => log.amount)),
    )
    compare(`net of ${id}`, sum(own), chain.balances.get(settlementAddress) ?? 0n)
  }
  const fees = sum(on('operator:fees').map((one) => one.amount))
  compare('fees', fees, chain.balances.get(feeRecipient) ?? 0n)
  for (const payer of new Set(rows.payments.map((one) => one.payer))) {
    const given = chain.paid.filter((log) => log.payer === payer)
    compare(
      payer,
      -sum(on(`payer:${payer}`).map((one) => one.amount)),
      sum(given.map((log) => log.amount)),
    )
  }
  const byPayment = new Map<string, Set<string>>()
  for (const { payment_id, transaction_id } of rows.postings)
    byPayment.set(payment_id, (byPayment.get(payment_id) ?? new Set()).add(transaction_id))
  for (const [paymentId, transactions] of byPayment)
    if (transactions.size > 1)
      wrongs.push({ kind: 'double', paymentId, words: `booked ${transactions.size} times` })
  return wrongs
}

/** The statements that a merchant sees hold every settled payment once, with the fee that the chain took. */
function statements({ rows, chain, shops, statements: found }: Evidence): Wrong[] {
  return shops.flatMap(({ id, settlementAddress }): Wrong[] => {
    const days = found.get(id) ?? []
    const listed = days.flatMap((day) => day.rows)
    const own = rows.payments.filter((one) => one.merchant_id === id && one.status === 'settled')
    const net = BigInt(listed.reduce((total, row) => total + row.net, 0))
    const wrong = (words: string): Wrong => ({ kind: 'statement', words: `${id}: ${words}` })
    const missing = own.filter((payment) => !listed.some((row) => isLine(row, payment)))
    return [
      ...days.filter((day) => !day.matches).map((day) => wrong(`${day.day} does not match itself`)),
      ...(listed.length === own.length
        ? []
        : [wrong(`${listed.length} rows, ${own.length} settled`)]),
      ...missing.map((payment) => wrong(`no such row: ${payment.id}`)),
      ...(net === (chain.balances.get(settlementAddress) ?? 0n)
        ? []
        : [wrong(`net ${net}, chain ${chain.balances.get(settlementAddress)}`)]),
    ]
  })
}

function isLine(row: StatementAnswer['rows'][number], payment: PaymentRow): boolean {
  return (
    row.payment_id === payment.id &&
    BigInt(row.gross) === payment.amount &&
    BigInt(row.fee) === payment.fee &&
    row.tx_hash === payment.tx_hash &&
    row.log_index === payment.log_index
  )
}

/** No gap in the nonces of a lane, nothing of a lane on chain that is not in the journal, nothing left in flight. */
function journal({ rows, chain }: Evidence): Wrong[] {
  const wrong = (words: string): Wrong => ({ kind: 'journal', words })
  const known = new Set(rows.attempts.map((one) => `${one.tx_hash} ${one.lane} ${one.nonce}`))
  const strangers = chain.laneTransactions.filter(
    (one) => !known.has(`${one.hash} ${one.lane} ${one.nonce}`),
  )
  const gaps = [...chain.laneNonces].flatMap(([lane, onChainNonce]) => {
    const nonces = rows.batches.filter((one) => one.lane === lane).map((one) => Number(one.nonce))
    // The account of a lane has never sent anything else.
    const isGapless = nonces.every((nonce, at) => nonce === at)
    const last = nonces.at(-1) ?? -1
    return [
      ...(isGapless ? [] : [wrong(`${lane} has a gap: ${nonces.join(' ')}`)]),
      ...(last + 1 === onChainNonce
        ? []
        : [wrong(`${lane}: last nonce of the journal ${last}, next on chain ${onChainNonce}`)]),
    ]
  })
  const open = rows.batches.filter((one) => one.status === 'journaled')
  return [
    ...strangers.map((one) => wrong(`on chain and not in the journal: ${JSON.stringify(one)}`)),
    ...gaps,
    ...open.map((one) =>
      wrong(`batch ${one.id} of ${one.lane}, nonce ${one.nonce}, still in flight`),
    ),
  ]
}
