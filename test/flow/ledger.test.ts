import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settlementOf } from '../../src/domains/ledger/postings.ts'
import { balanceOf, post } from '../../src/domains/ledger/store.ts'
import { newId } from '../../src/kernel/ids.ts'
import { won } from '../../src/kernel/money.ts'
import { tableStates } from '../support/http.ts'
import { confirm, openInvoice, signTerms } from '../support/sale.ts'
import { openWorld, type World } from '../support/world.ts'

type Line = readonly [account: string, amount: bigint]

describe('the ledger', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  /** A payment that the ledger may speak of. */
  const newPayment = async () => {
    const [shopper] = await world.fundShoppers(1)
    if (shopper === undefined) throw new Error('no shopper')
    const { id, code } = await openInvoice(world)
    await confirm(world, code, shopper.address, await signTerms(world, code, shopper))
    const row = await world.deps.db.one<{ id: `pay_${string}` }>({
      text: 'select id from payments where invoice_id = $1',
      values: [id],
    })
    if (row === undefined) throw new Error('no payment')
    return row.id
  }
  const write = async (id: string, paymentId: string, lines: readonly Line[]) =>
    world.deps.db.transaction(async (tx) => {
      await tx.many({
        text: `insert into ledger_transactions (id, kind, merchant_id, payment_id, posted_at)
          values ($1, 'settlement', $2, $3, now())`,
        values: [id, world.shop.merchant.id, paymentId],
      })
      for (const [index, [account, amount]] of lines.entries())
        await tx.many({
          text: 'insert into ledger_postings (transaction_id, line, account, amount) values ($1, $2, $3, $4)',
          values: [id, index, account, amount],
        })
    })
  const expectNothingWritten = async (work: () => Promise<unknown>, why: RegExp) => {
    const before = await tableStates(world.deps.db)
    await expect(work()).rejects.toThrow(why)
    expect(await tableStates(world.deps.db)).toEqual(before)
  }

  it.each<[string, readonly Line[], RegExp]>([
    [
      'one won too many',
      [
        ['a', -4_500n],
        ['b', 4_501n],
      ],
      /sum to 1/,
    ],
    [
      'one won too few',
      [
        ['a', -4_500n],
        ['b', 4_499n],
      ],
      /sum to -1/,
    ],
    ['a single line', [['a', 1n]], /1 lines that sum to 1/],
    ['no line', [], /0 lines/],
    [
      'a line of nothing',
      [
        ['a', 0n],
        ['b', 0n],
      ],
      /check constraint/,
    ],
  ])('refuses a transaction with %s', async (_name, lines, why) => {
    const paymentId = await newPayment()
    await expectNothingWritten(() => write(`t:${paymentId}`, paymentId, lines), why)
  })

  it('refuses a line that comes after its transaction, even one that sums to zero', async () => {
    const paymentId = await newPayment()
    await write('late', paymentId, [
      ['a', -1n],
      ['b', 1n],
    ])
    const add = (line: number, amount: bigint) =>
      world.deps.db.many({
        text: `insert into ledger_postings (transaction_id, line, account, amount)
          values ('late', $1, 'c', $2)`,
        values: [line, amount],
      })
    await expectNothingWritten(() => add(2, 5n), /already committed/)
    await expectNothingWritten(
      () =>
        world.deps.db.many({
          text: `insert into ledger_postings (transaction_id, line, account, amount)
            values ('late', 2, 'c', -5), ('late', 3, 'd', 5)`,
          values: [],
        }),
      /already committed/,
    )
  })

  it.each([
    'update ledger_postings set amount = amount + 1',
    "update ledger_postings set account = 'mine'",
    'delete from ledger_postings',
    'truncate ledger_postings',
    "update ledger_transactions set posted_at = now() - interval '1 day'",
    'delete from ledger_transactions',
    'truncate ledger_transactions cascade',
    'update webhook_attempts set status = 200',
    'delete from webhook_attempts',
  ])('refuses: %s', async (text) => {
    await expectNothingWritten(() => world.deps.db.many({ text, values: [] }), /append-only/)
  })

  it('posts a settlement once, whoever posts it again', async () => {
    const paymentId = await newPayment()
    const transaction = settlementOf({
      paymentId,
      merchantId: newId('mer', new Date()),
      payer: `0x${paymentId.slice(-8)}`,
      amount: won(4_500n),
      fee: won(36n),
      at: new Date(),
    })
    const mine = { ...transaction, merchantId: world.shop.merchant.id }
    await world.deps.db.transaction((tx) => post(tx, [mine]))
    const balance = await balanceOf(world.deps.db, `payer:0x${paymentId.slice(-8)}`)
    expect(balance).toBe(-4_500n)
    await world.deps.db.transaction((tx) => post(tx, [mine])).catch(() => undefined)
    expect(await balanceOf(world.deps.db, `payer:0x${paymentId.slice(-8)}`)).toBe(balance)
  })

  it('sums to zero over everything that was ever posted', async () => {
    const row = await world.deps.db.one<{ sum: bigint }>({
      text: 'select coalesce(sum(amount), 0)::bigint as sum from ledger_postings',
      values: [],
    })
    expect(row?.sum).toBe(0n)
  })
})
