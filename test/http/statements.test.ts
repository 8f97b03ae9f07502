import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/domains/ledger/store.ts'
import { seoulDay } from '../../src/kernel/time.ts'
import { addShop, send } from '../support/http.ts'
import { openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

/** Order numbers that a spreadsheet would run, and some that look odd and are not. */
const ORDERS = [
  '=1+1',
  '+82-2',
  '-3',
  '@SUM(A1)',
  '＝1＋1',
  '"quoted", and more',
  "'tick",
  '주문 7',
  'plain',
]
const AMOUNTS = [4_500, 777, 1, 99, 12_345, 100, 70_000, 124, 125]

/** Reads RFC 4180 text: quoted cells, doubled quotes, CRLF between lines. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  const cells = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y
  let row: string[] = []
  for (let match = cells.exec(text); match !== null; match = cells.exec(text)) {
    const [, cell = '', end] = match
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell)
    if (end === '\r\n') {
      rows.push(row)
      row = []
    }
  }
  if (rows.length !== text.split('\r\n').length - 1) throw new Error(`not RFC 4180: ${text}`)
  return rows
}

describe('the statement of a day', () => {
  let world: World
  let day: string
  let path: string
  beforeAll(async () => {
    world = await openWorld()
    await world.startWorker()
    const invoices = []
    for (const [index, order_id] of ORDERS.entries()) {
      const invoice = await openInvoice(world, {
        amount: AMOUNTS[index],
        order_id,
        tax_free_amount: 1,
      })
      await pay(world, invoice.code, world.shopper)
      invoices.push(invoice)
    }
    for (const invoice of invoices) await waitForEnd(world, invoice)
    const { body } = await send(world, { path: '/v1/invoices', key: world.merchantKey })
    day = seoulDay(new Date(body.data[0].paid_at))
    path = `/v1/statements/${day}`
  })
  afterAll(() => world.close())

  const statement = async () => (await send(world, { path, key: world.merchantKey })).body
  const csv = () => send(world, { path: `${path}?format=csv`, key: world.merchantKey })
  const sum = (rows: readonly Record<string, unknown>[], field: string) =>
    rows.reduce((total, row) => total + Number(row[field]), 0)

  it('has one row for each sale, and its totals are those of its rows, the ledger and the chain', async () => {
    const { rows, totals, ledger, chain, matches, status } = await statement()
    expect(rows).toHaveLength(ORDERS.length)
    expect(totals).toEqual({
      count: ORDERS.length,
      gross: sum(rows, 'gross'),
      fee: sum(rows, 'fee'),
      net: sum(rows, 'net'),
    })
    expect(ledger).toEqual(totals)
    expect(chain).toEqual({ count: totals.count, gross: totals.gross })
    expect({ matches, status }).toEqual({ matches: true, status: 'open' })
    expect(totals.gross).toBe(AMOUNTS.reduce((total, one) => total + one, 0))
  })

  it('agrees with what the accounts on chain hold', async () => {
    const { totals } = await statement()
    const { merchant } = world.shop
    const settled = await world.deps.chain.account(merchant.settlementAddress)
    const fees = await world.deps.chain.account(world.chain.owner.address)
    expect(settled.balance).toBe(BigInt(totals.net))
    expect(fees.balance).toBe(BigInt(totals.fee))
    expect(await balanceOf(world.deps.db, `merchant:${merchant.id}`)).toBe(BigInt(totals.net))
    expect(await balanceOf(world.deps.db, 'operator:fees')).toBe(BigInt(totals.fee))
    expect(await balanceOf(world.deps.db, `payer:${world.shopper.address}`)).toBe(
      BigInt(-totals.gross),
    )
  })

  it('names the transaction of every row, in the order of the chain', async () => {
    const { rows, up_to_block } = await statement()
    for (const row of rows) {
      const receipt = await world.deps.chain.receipt(row.tx_hash)
      expect(receipt).toEqual({ succeeded: true, blockNumber: BigInt(row.block_number) })
      expect(row.block_number).toBeLessThanOrEqual(up_to_block)
      expect(row.settled_at).toMatch(new RegExp(`^${day}T\\d\\d:\\d\\d:\\d\\d\\+09:00$`))
      expect(row.net).toBe(row.gross - row.fee)
      expect(row.fee).toBe(Math.floor((row.gross * 80) / 10_000))
      expect(row.vat).toBe(Math.floor((row.gross - 1) / 11))
    }
    const places = rows.map((row: { block_number: number; log_index: number }) => [
      row.block_number,
      row.log_index,
    ])
    expect(places).toEqual(
      places.toSorted(
        ([a, b]: number[], [c, d]: number[]) => (a ?? 0) - (c ?? 0) || (b ?? 0) - (d ?? 0),
      ),
    )
  })

  it('is CSV in UTF-8 with a byte order mark and CRLF, for spreadsheets of the country', async () => {
    const answer = await csv()
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="baro-statement-${day}.csv"`,
    )
    const raw = await fetch(`${world.url}${path}`, {
      headers: { authorization: `Bearer ${world.merchantKey}`, accept: 'text/csv' },
    })
    const bytes = Buffer.from(await raw.arrayBuffer())
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(bytes.toString('utf8').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    expect(bytes.toString('utf8').endsWith('\r\n')).toBe(true)
  })

  it('says the same in CSV as in JSON, row by row and in its last line', async () => {
    const { rows, totals } = await statement()
    const [heads = [], ...lines] = parseCsv((await csv()).text.replace(/^\ufeff/, ''))
    const records = lines.map((line) =>
      Object.fromEntries(heads.map((head, at) => [head, line[at]])),
    )
    const last = records.pop()
    expect(records).toHaveLength(rows.length)
    for (const [index, row] of rows.entries())
      for (const head of heads.filter((one) => one !== 'order_id'))
        expect(records[index]?.[head], head).toBe(String(row[head]))
    expect(last).toMatchObject({
      row_id: 'total',
      gross: String(totals.gross),
      fee: String(totals.fee),
      net: String(totals.net),
    })
  })

  it('has no cell in CSV that a spreadsheet would run', async () => {
    const [heads = [], ...lines] = parseCsv((await csv()).text.replace(/^\ufeff/, ''))
    const orders = lines.slice(0, -1).map((line) => line[heads.indexOf('order_id')] ?? '')
    expect(lines.flat().filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell))).toEqual([])
    expect(orders.map((one) => one.replace(/^'(?=[=+\-@＝])/, '')).sort()).toEqual(
      [...ORDERS].sort(),
    )
  })

  it('is empty for a day without sales and for another merchant', async () => {
    const other = await addShop(world)
    const nothing = { count: 0, gross: 0, fee: 0, net: 0 }
    const before = await send(world, { path: '/v1/statements/2026-01-01', key: world.merchantKey })
    const theirs = await send(world, { path, key: other.keyText })
    for (const { body } of [before, theirs])
      expect(body).toMatchObject({ rows: [], totals: nothing, ledger: nothing, matches: true })
    expect(before.body.status).toBe('closed')
  })

  it('says so when rows and chain differ', async () => {
    const [row] = (await statement()).rows
    await world.deps.db.many({
      text: 'update chain_events set amount = amount + 1 where tx_hash = $1 and log_index = $2',
      values: [row.tx_hash, row.log_index],
    })
    const { matches, totals, chain } = await statement()
    expect(matches).toBe(false)
    expect(chain.gross).toBe(totals.gross + 1)
    await world.deps.db.many({
      text: 'update chain_events set amount = amount - 1 where tx_hash = $1 and log_index = $2',
      values: [row.tx_hash, row.log_index],
    })
  })

  it('has every event of the day for whoever missed the webhooks, in order and in pages', async () => {
    const seen: { id: string; type: string }[] = []
    for (let cursor = ''; ; cursor = `&starting_after=${seen.at(-1)?.id}`) {
      const { body } = await send(world, {
        path: `/v1/events?limit=3${cursor}`,
        key: world.merchantKey,
      })
      seen.push(...body.data)
      if (!body.has_more) break
    }
    expect(seen).toHaveLength(ORDERS.length)
    expect(new Set(seen.map((one) => one.id)).size).toBe(ORDERS.length)
    for (const event of seen)
      expect(event).toMatchObject({
        type: 'payment.settled',
        data: { object: { object: 'payment', status: 'settled' } },
      })
  })
})
