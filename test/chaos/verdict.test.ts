import { describe, expect, it } from 'vitest'
import { onChain, type PaidLog } from './faults/chain-evidence.ts'
import type { Heard } from './faults/receivers.ts'
import type { PaymentRow } from './faults/row-evidence.ts'
import { type Evidence, judgeRun } from './faults/verdict.ts'

const TX = `0x${'aa'.repeat(32)}` as const
const [LANE, SHOP, FEES] = ['0xlane', '0xshop', '0xfees']
const EVENT = { id: 'evt_1', merchant_id: 'mer_1', type: 'payment.settled', body: '{}' }

const payment: PaymentRow = {
  ...{ id: 'pay_1', invoice_id: 'inv_1', merchant_id: 'mer_1', payer: '0xpayer' },
  ...{ merchant_address: SHOP, amount: 1_000n, fee: 8n, status: 'settled', reason: null },
  ...{ tx_hash: TX, block_number: 5n, log_index: 1 },
}
const place = { invoice: onChain('inv_1'), txHash: TX, blockNumber: 5, logIndex: 1 }
const paid: PaidLog = { ...place, payer: '0xpayer', merchant: SHOP, amount: 1_000n }
const skipped = { ...place, payer: '0xpayer', reason: 4 }
const heard: Heard = {
  ...{ id: 'evt_1', attempt: 1, body: '{}', isVerified: true, isTaken: true },
  at: new Date(),
}
const booking = { transaction_id: 'settle:pay_1', payment_id: 'pay_1', merchant_id: 'mer_1' }
const row = { payment_id: 'pay_1', gross: 1_000, fee: 8, net: 992, tx_hash: TX, log_index: 1 }
const sums = { count: 1, gross: 1_000, fee: 8, net: 992 }
const day = { day: '2026-11-21', matches: true, rows: [row], totals: sums, ledger: sums }

/** One payment that was sold as it should be. */
const sold: Evidence = {
  rows: {
    payments: [payment],
    invoices: [{ id: 'inv_1', status: 'paid' }],
    rides: [{ payment_id: 'pay_1', batch_id: 'bat_1', lane: LANE, nonce: 0n, tx_hash: TX }],
    attempts: [{ tx_hash: TX, lane: LANE, nonce: 0n }],
    batches: [{ id: 'bat_1', lane: LANE, nonce: 0n, status: 'mined' }],
    postings: [
      { ...booking, account: 'payer:0xpayer', amount: -1_000n },
      { ...booking, account: 'merchant:mer_1', amount: 1_000n },
      { ...booking, account: 'merchant:mer_1', amount: -8n },
      { ...booking, account: 'operator:fees', amount: 8n },
    ],
    events: [{ ...EVENT, aggregate_id: 'pay_1' }],
  },
  chain: {
    ...{ head: 9, paid: [paid], skipped: [] },
    laneTransactions: [{ hash: TX, lane: LANE, nonce: 0, blockNumber: 5, succeeded: true }],
    laneNonces: new Map([[LANE, 1]]),
    balances: new Map([
      [SHOP, 992n],
      [FEES, 8n],
    ]),
  },
  sales: [
    {
      ...{ number: 1, amount: 1_000, merchantId: 'mer_1', invoiceId: 'inv_1', payer: '0xpayer' },
      ...{ said: [], isAccepted: true },
    },
  ],
  heard: [{ merchantId: 'mer_1', heard: [heard] }],
  statements: new Map([['mer_1', [day]]]),
  changedRows: [],
  shops: [{ id: 'mer_1', settlementAddress: SHOP }],
  feeRecipient: FEES,
}

const withRows = (rows: Partial<Evidence['rows']>): Evidence => ({
  ...sold,
  rows: { ...sold.rows, ...rows },
})
const withChain = (chain: Partial<Evidence['chain']>): Evidence => ({
  ...sold,
  chain: { ...sold.chain, ...chain },
})
const kindsOf = (evidence: Evidence) => new Set(judgeRun(evidence).map((wrong) => wrong.kind))

describe('the verdict over a fault run', () => {
  it('finds nothing wrong with a sale as it should be', () => {
    expect(judgeRun(sold)).toEqual([])
  })

  it('finds nothing wrong with a refusal that the chain gave', () => {
    const refused = { ...payment, status: 'refused', reason: 'funds' }
    const evidence: Evidence = {
      ...withChain({ paid: [], skipped: [skipped], balances: new Map() }),
      rows: {
        ...sold.rows,
        ...{ payments: [refused], postings: [], invoices: [{ id: 'inv_1', status: 'open' }] },
        events: [{ ...EVENT, type: 'payment.refused', aggregate_id: 'pay_1' }],
      },
      statements: new Map([['mer_1', [{ ...day, rows: [] }]]]),
    }
    expect(judgeRun(evidence)).toEqual([])
  })

  it.each<readonly [string, string, Evidence]>([
    ['a 202 without a payment', 'lost', withRows({ payments: [], events: [] })],
    ['a settled payment that the chain never paid', 'lost', withChain({ paid: [] })],
    ['a payment to another merchant', 'lost', withChain({ paid: [{ ...paid, merchant: '0xx' }] })],
    ['another amount', 'lost', withChain({ paid: [{ ...paid, amount: 999n }] })],
    ['another transaction', 'lost', withChain({ paid: [{ ...paid, txHash: '0xbb' }] })],
    [
      'a refusal of what the chain has paid',
      'lost',
      withRows({ payments: [{ ...payment, status: 'refused', reason: 'funds' }] }),
    ],
    [
      'a refusal after a batch that the chain did not give',
      'lost',
      {
        ...withRows({ payments: [{ ...payment, status: 'refused', reason: 'funds' }] }),
        chain: { ...sold.chain, paid: [] },
      },
    ],
    ['money for no payment', 'lost', withRows({ payments: [] })],
    ['an invoice paid twice', 'double', withChain({ paid: [paid, { ...paid, logIndex: 3 }] })],
    [
      'a payment booked twice',
      'double',
      withRows({
        postings: [
          ...sold.rows.postings,
          ...sold.rows.postings.map((one) => ({ ...one, transaction_id: 'settle:again' })),
        ],
      }),
    ],
    ...['authorised', 'settling', 'review'].map(
      (status) =>
        [
          `a payment that ends as ${status}`,
          'stuck',
          withRows({ payments: [{ ...payment, status }] }),
        ] as const,
    ),
    [
      'an invoice that stays open',
      'invoice',
      withRows({ invoices: [{ id: 'inv_1', status: 'open' }] }),
    ],
    ['a payment without an event', 'undelivered', withRows({ events: [] })],
    [
      'an event that nobody heard',
      'undelivered',
      { ...sold, heard: [{ merchantId: 'mer_1', heard: [] }] },
    ],
    ...[{ isTaken: false }, { body: '{ }' }, { isVerified: false }].map(
      (but) =>
        [
          `a webhook with ${JSON.stringify(but)}`,
          'undelivered',
          { ...sold, heard: [{ merchantId: 'mer_1', heard: [{ ...heard, ...but }] }] },
        ] as const,
    ),
    ['a ledger that is short', 'ledger', withRows({ postings: sold.rows.postings.slice(1) })],
    [
      'a merchant with more on chain',
      'ledger',
      withChain({
        balances: new Map([
          [SHOP, 993n],
          [FEES, 8n],
        ]),
      }),
    ],
    ['a fee that went elsewhere', 'ledger', withChain({ balances: new Map([[SHOP, 992n]]) })],
    ['a statement without the sale', 'statement', { ...sold, statements: new Map() }],
    [
      'a statement with another fee',
      'statement',
      { ...sold, statements: new Map([['mer_1', [{ ...day, rows: [{ ...row, fee: 7 }] }]]]) },
    ],
    [
      'a statement that contradicts itself',
      'statement',
      { ...sold, statements: new Map([['mer_1', [{ ...day, matches: false }]]]) },
    ],
    ['a transaction that is not in the journal', 'journal', withRows({ attempts: [] })],
    [
      'a nonce on chain that no batch has',
      'journal',
      withChain({ laneNonces: new Map([[LANE, 2]]) }),
    ],
    [
      'a journal with a gap',
      'journal',
      withRows({ batches: [{ id: 'bat_1', lane: LANE, nonce: 1n, status: 'mined' }] }),
    ],
    [
      'a batch that is still in flight',
      'journal',
      withRows({ batches: [{ id: 'bat_1', lane: LANE, nonce: 0n, status: 'journaled' }] }),
    ],
    ['a changed row', 'append_only', { ...sold, changedRows: ['ledger_postings (0,1) 700'] }],
  ])('sees %s', (_words, kind, evidence) => {
    expect(kindsOf(evidence)).toContain(kind)
  })
})
