import type { Exchange } from './exchange.ts'
import { OPENING_STEPS, RELAY, SALE_STEPS, type Step, type Work } from './steps.ts'

/** What a worker says all day, sale or no sale. */
const ROUTINE: Readonly<Record<Exchange['wire'], RegExp>> = {
  database: new RegExp(
    [
      '(begin|discard plans)$',
      'insert into leases',
      'update outbox set lease_until = now\\(\\) \\+',
      'insert into chain_cursors',
      'update invoices set status = .expired.',
      'with first as \\( select event_id, lease_until',
      'select (next_nonce from lanes|l\\.address from lanes|min\\(least|1 from settlement_batches)',
      'update lanes set is_dry',
      // Once, as it starts; when the block of a batch is late; when a node is behind.
      'select (current_setting\\(|\\* from payments where batch_id|b\\.nonce, a\\.tx_hash)',
      'select (block_number|tx_hash|a\\.raw|event_id|endpoint_id as|count\\(\\*\\)::int as waiting|distinct on \\(b\\.nonce\\))',
    ]
      .map((text) => `^${text}`)
      .join('|'),
  ),
  queue:
    /^-- (Claim the next|The worker "no job" signal|The timestamp of the next|Whether the queue has|Two-phase stalled|Refresh multiple|Subscribe to)/,
  chain:
    /^eth_(chainId|blockNumber|getCode|getBlockByNumber|getLogs|getTransactionCount|getTransactionReceipt|getBalance|call)$/,
  merchant: /^$/,
}

/** What the first statement of a transaction says about the rest. */
const OPENERS: readonly (readonly [Work, RegExp])[] = [
  ['journal', /^select 1 from leases/],
  ['settlement', /^select distinct on \(chain_invoice\)/],
  ['expiry', /^update invoices set status = 'expired'/],
  ['cursor', /^insert into chain_cursors/],
]

/** Follows one worker and names what it does. */
export type Recogniser = {
  /** The step that an exchange is, as far as its question tells. */
  asked(exchange: Exchange): Step | undefined
  /** The step that it was, or routine; undefined when nobody has named such a thing. */
  answered(exchange: Exchange): Step | 'routine' | undefined
}

/** `chainInvoice` says which invoice the sale is about, once there is one. */
export function openRecogniser(chainInvoice: () => string | undefined): Recogniser {
  const transactions = new Map<symbol, Work | 'begun'>()
  const opened = new Set<Step>()
  let relayed: string | undefined

  const isMatch = (step: Step, exchange: Exchange): boolean =>
    step.wire === exchange.wire &&
    step.text.test(exchange.text) &&
    (step.says === undefined || exchange.parameters.some((one) => step.says?.test(one))) &&
    (step.within === undefined || step.within === transactions.get(exchange.connection)) &&
    (step.relays === undefined || step.relays === relayed) &&
    !opened.has(step)
  const isAnswer = ({ answers }: Step, { answer }: Exchange): boolean => {
    if (answers === undefined) return true
    const invoice = chainInvoice()
    return answers === 'invoice'
      ? invoice !== undefined && answer.includes(invoice)
      : answers.test(answer)
  }
  const follow = ({ connection, text }: Exchange) => {
    if (text === 'begin') transactions.set(connection, 'begun')
    else if (transactions.get(connection) === 'begun') {
      const work = OPENERS.find(([, opener]) => opener.test(text))?.[0]
      if (work !== undefined) transactions.set(connection, work)
    }
  }

  const steps = [...OPENING_STEPS, ...SALE_STEPS]
  return {
    asked: (exchange) => {
      if (exchange.wire === 'database') follow(exchange)
      return steps.find((step) => step.answers === undefined && isMatch(step, exchange))
    },
    answered: (exchange) => {
      const step = steps.find((one) => isMatch(one, exchange) && isAnswer(one, exchange))
      const work = transactions.get(exchange.connection)
      if (exchange.text === 'commit') transactions.delete(exchange.connection)
      if (step?.isOpening) opened.add(step)
      if (step?.text === RELAY.claim)
        relayed = /settle-payment|deliver-webhook/.exec(exchange.answer)?.[0]
      if (step !== undefined) return step
      if (exchange.text === 'commit' && (work === 'expiry' || work === 'cursor')) return 'routine'
      return ROUTINE[exchange.wire].test(exchange.text) ? 'routine' : undefined
    },
  }
}
