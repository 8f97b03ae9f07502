import type { Hex } from '../../../src/kernel/hex.ts'
import type { AttemptRow, BatchRow, LeaseRow, Rows } from './rows.ts'
import { type Statement, statement, unnest } from './statement.ts'

const REMINDERS = 32

const attemptsOf = (rows: Rows, batchId: string) =>
  rows.attempts.filter((one) => one.batch_id === batchId)
const byNonce = (a: BatchRow, b: BatchRow) => Number(a.nonce - b.nonce)
const close = (rows: Rows, batch: BatchRow, status: 'mined' | 'failed', block: bigint) =>
  rows.batches.set(batch.id, { ...batch, status, block_number: block })

const isHeld = ({ leases, switches, now }: Rows, name: string, holder: string, epoch: bigint) => {
  if (!switches.leaseEpoch) return true
  const lease = leases.get(name)
  return lease?.holder === holder && lease.epoch === epoch && lease.expires_at > now()
}

const LEASES: readonly Statement[] = [
  statement<[string, string, number]>('insert into leases', (rows, [name, holder, seconds]) => {
    const held = rows.leases.get(name)
    if (held !== undefined && held.holder !== holder && held.expires_at >= rows.now()) return []
    const epoch = held === undefined ? 1n : held.epoch + (held.holder === holder ? 0n : 1n)
    const lease: LeaseRow = { name, holder, epoch, expires_at: rows.now() + seconds * 1_000 }
    return [rows.leases.set(name, lease)]
  }),
  statement<[string, string, bigint]>('select 1 from leases', (rows, [name, holder, epoch]) =>
    isHeld(rows, name, holder, epoch) ? [{ '?column?': 1 }] : [],
  ),
  statement<[string, string, bigint]>('update leases set expires_at', (rows, values) => {
    const [name, holder, epoch] = values
    const lease = rows.leases.get(name)
    if (lease?.holder === holder && lease.epoch === epoch)
      rows.leases.set(name, { ...lease, expires_at: rows.now() })
    return []
  }),
]

const LANES: readonly Statement[] = [
  statement<[number, Hex, bigint]>('insert into lanes', ({ lanes }, [, address, next_nonce]) => {
    if (!lanes.has(address)) lanes.set(address, { address, next_nonce, is_dry: false })
    return []
  }),
  statement<[bigint, number, Hex, bigint]>('update lanes set next_nonce', ({ lanes }, values) => {
    const [to, , address, from] = values
    const lane = lanes.get(address)
    return lane?.next_nonce === from ? [lanes.set(address, { ...lane, next_nonce: to })] : undefined
  }),
  statement<[boolean, number, Hex]>('update lanes set is_dry', ({ lanes }, [is_dry, , address]) => {
    const lane = lanes.get(address)
    if (lane !== undefined && lane.is_dry !== is_dry) lanes.set(address, { ...lane, is_dry })
    return []
  }),
  statement<[number, Hex, string]>('select l.address from lanes l', (rows, values) => {
    const [chainId, address, prefix] = values
    const isLed = (lane: Hex) =>
      (rows.leases.get(`${prefix}${chainId}:${lane}`)?.expires_at ?? 0) > rows.now()
    return rows.lanes
      .filter((one) => one.address === address || (!one.is_dry && isLed(one.address)))
      .toSorted((a, b) => (a.address < b.address ? -1 : 1))
  }),
  statement<[number, Hex]>('select next_nonce from lanes', ({ lanes }, [, address]) => {
    const lane = lanes.get(address)
    return lane && [lane]
  }),
]

const WRITING: readonly Statement[] = [
  statement<[string, number, Hex, bigint, bigint, Date]>(
    'insert into settlement_batches',
    (rows, [id, , lane, nonce, journaled_at_block]) => {
      const isTaken = rows.batches.find((one) => one.lane === lane && one.nonce === nonce)
      if (isTaken !== undefined) return undefined
      // A new batch counts its lane on in the same transaction; one that fills a gap does not.
      const isGap = !rows.pending().some((one) => one.table === 'lanes')
      if (isGap && !rows.switches.gapFill) return undefined
      const batch: BatchRow = {
        ...{ id, lane, nonce, journaled_at_block },
        ...{ status: 'journaled', block_number: null },
      }
      return [rows.batches.set(id, batch)]
    },
  ),
  statement<[string, string[]]>('insert into batch_payments', ({ batchPayments }, values) => {
    const [batch_id, ids] = values
    for (const payment_id of ids)
      batchPayments.set(`${batch_id} ${payment_id}`, { batch_id, payment_id })
    return []
  }),
  statement<[Hex, string, number, Hex, bigint, bigint, Date]>(
    'insert into batch_attempts',
    (rows, [tx_hash, batch_id, attempt, raw, gas, max_fee_per_gas]) => {
      const isThere = attemptsOf(rows, batch_id).some((one) => one.attempt === attempt)
      if (isThere || rows.attempts.has(tx_hash)) return undefined
      if (attempt > 1 && !rows.switches.feeBump) return undefined
      const row: AttemptRow = { tx_hash, batch_id, attempt, raw, gas, max_fee_per_gas }
      return [rows.attempts.set(tx_hash, row)]
    },
  ),
  statement<[Hex[], bigint[]]>(
    "update settlement_batches b set status = 'mined'",
    (rows, [hashes, blocks]) =>
      unnest<[Hex, bigint]>(hashes, blocks).flatMap(([hash, block]) => {
        const batch = rows.batches.get(rows.attempts.get(hash)?.batch_id ?? '')
        return batch?.status === 'journaled' ? [close(rows, batch, 'mined', block)] : []
      }),
  ),
  statement<[bigint, string]>("update settlement_batches set status = 'failed'", (rows, values) => {
    const [block, id] = values
    const batch = rows.batches.get(id)
    return batch?.status === 'journaled' ? [close(rows, batch, 'failed', block)] : undefined
  }),
  statement<[bigint, string]>("update settlement_batches set status = 'mined'", (rows, values) => {
    const [block, id] = values
    const batch = rows.batches.get(id)
    if (batch?.status === 'journaled') close(rows, batch, 'mined', block)
    return []
  }),
]

const READING: readonly Statement[] = [
  statement<[number, Hex]>('select distinct on (b.nonce) b.id as "batchId"', (rows, [, lane]) =>
    rows.batches
      .filter((one) => one.lane === lane && one.status === 'journaled')
      .toSorted(byNonce)
      .flatMap((batch) => {
        const newest = attemptsOf(rows, batch.id).at(-1)
        return newest === undefined ? [] : [inFlightOf(batch, newest)]
      }),
  ),
  statement<[Hex[], string, string, bigint]>(
    'select tx_hash as hash, raw from batch_attempts',
    (rows, [hashes, name, holder, epoch]) => {
      if (!isHeld(rows, name, holder, epoch)) return []
      return hashes.flatMap((hash) => {
        const row = rows.attempts.get(hash)
        return row === undefined ? [] : [{ hash, raw: row.raw }]
      })
    },
  ),
  statement<[number, Hex, bigint]>('select 1 from settlement_batches', (rows, [, lane, nonce]) =>
    minedFrom(rows, lane, nonce).filter((one) => one.nonce === nonce),
  ),
  statement<[number, Hex, bigint]>(
    'select b.nonce, a.tx_hash as "txHash" from settlement_batches b',
    (rows, [, lane, nonce]) =>
      minedFrom(rows, lane, nonce)
        .toSorted(byNonce)
        .flatMap((batch) =>
          mostLikelyFirst(rows, attemptsOf(rows, batch.id)).map((one) => ({
            nonce: batch.nonce,
            txHash: one.tx_hash,
          })),
        )
        .slice(0, REMINDERS),
  ),
  statement<[string]>('select tx_hash from batch_attempts', (rows, [batchId]) =>
    attemptsOf(rows, batchId),
  ),
  statement<[string[]]>('select payment_id as id, count(*)', ({ batchPayments }, [ids]) =>
    ids.flatMap((id) => {
      const rides = batchPayments.filter((one) => one.payment_id === id).length
      return rides === 0 ? [] : [{ id, rides }]
    }),
  ),
  statement<[Hex[]]>('select a.tx_hash as "txHash", p.chain_invoice', (rows, [hashes]) =>
    hashes.flatMap((txHash) => {
      const batchId = rows.attempts.get(txHash)?.batch_id
      return rows.batchPayments
        .filter((one) => one.batch_id === batchId)
        .flatMap(({ payment_id: paymentId }) => {
          const chainInvoice = rows.payments.get(paymentId)?.chain_invoice
          return [{ txHash, chainInvoice, paymentId }]
        })
    }),
  ),
  statement<[number, Hex, boolean]>('select min(least(b.block_number', (rows, values) => {
    const [, lane, withHeld] = values
    const places = rows.payments.all().flatMap(({ status, batch_id }) => {
      const batch = rows.batches.get(batch_id ?? '')
      if (batch?.lane !== lane) return []
      const isUnread = status === 'settling' && batch.status === 'mined'
      const isHeld = withHeld && status === 'review' && batch.status === 'failed'
      return isUnread || isHeld ? [batch.block_number ?? 0n, batch.journaled_at_block] : []
    })
    return [{ block: places.reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null) }]
  }),
]

function minedFrom(rows: Rows, lane: Hex, nonce: bigint): BatchRow[] {
  return rows.batches.filter(
    (one) => one.lane === lane && one.nonce >= nonce && one.status !== 'journaled',
  )
}

/** The attempt whose log was read, then the newest. */
function mostLikelyFirst(rows: Rows, attempts: readonly AttemptRow[]): AttemptRow[] {
  const read = (one: AttemptRow) =>
    rows.chainEvents.find((event) => event.tx_hash === one.tx_hash) === undefined ? 0 : 1
  return attempts.toSorted((a, b) => read(b) - read(a) || b.attempt - a.attempt)
}

function inFlightOf(batch: BatchRow, attempt: AttemptRow) {
  return {
    batchId: batch.id,
    nonce: batch.nonce,
    journaledAtBlock: batch.journaled_at_block,
    txHash: attempt.tx_hash,
    attempt: attempt.attempt,
    gas: attempt.gas,
    maxFeePerGas: String(attempt.max_fee_per_gas),
  }
}

/** Statements about leases, lanes, batches and the journal. */
export const SETTLEMENT_STATEMENTS: readonly Statement[] = [
  ...LEASES,
  ...LANES,
  ...WRITING,
  ...READING,
]
