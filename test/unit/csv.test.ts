import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { statementCsv } from '../../src/domains/reports/csv.ts'
import { type Statement, type StatementRow, totalsOf } from '../../src/domains/reports/statement.ts'

/** What makes a spreadsheet take a cell for a formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/
const texts = fc.string({ unit: 'binary', maxLength: 20 })
const starts = fc.constantFrom(...'=+-@\t\r\n＝＋－＠"\',', '\r\n')
const orders = fc.option(
  fc.oneof(
    texts,
    fc.tuple(starts, texts).map((parts) => parts.join('')),
  ),
  { nil: undefined },
)
const rows = fc.array(
  fc.record({ gross: fc.bigInt({ min: 1n, max: 10n ** 12n }), orderId: orders }),
  { maxLength: 10 },
)

function rowOf({ gross, orderId }: { gross: bigint; orderId: string | undefined }): StatementRow {
  return {
    rowId: 'sale:pay_1',
    type: 'sale',
    storeId: 'sto_1',
    terminalId: 'ter_1',
    invoiceId: 'inv_1',
    orderId,
    paymentId: 'pay_1',
    settledAt: new Date('2026-11-21T05:03:07Z'),
    gross,
    taxFree: 0n,
    vat: gross / 11n,
    fee: gross / 125n,
    net: gross - gross / 125n,
    chainId: 31_337,
    txHash: `0x${'01'.repeat(32)}`,
    blockNumber: 7n,
    logIndex: 2,
    payer: `0x${'ab'.repeat(20)}`,
  }
}

function statementOf(of: readonly StatementRow[]): Statement {
  const totals = totalsOf(of)
  return {
    merchantId: 'mer_1',
    day: '2026-11-21',
    status: 'open',
    upToBlock: 9n,
    rows: of,
    totals,
    ledger: totals,
    chain: totals,
    matches: true,
  }
}

/** Reads RFC 4180 text one character at a time. */
function parse(text: string): string[][] {
  const lines: string[][] = [[]]
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (isQuoted && char === '"' && text[at + 1] === '"') {
      cell += '"'
      at++
    } else if (char === '"') isQuoted = !isQuoted
    else if (!isQuoted && (char === ',' || text.startsWith('\r\n', at))) {
      lines.at(-1)?.push(cell)
      cell = ''
      if (char === '\r') {
        lines.push([])
        at++
      }
    } else cell += char
  }
  return lines.slice(0, -1)
}

describe('a statement as CSV', () => {
  it('gives back every order as it was, behind an apostrophe where a spreadsheet would run it', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const text = statementCsv(statementOf(given.map(rowOf)))
        const [heads = [], ...lines] = parse(text.slice(1))
        const at = heads.indexOf('order_id')
        expect(lines).toHaveLength(given.length + 1)
        for (const [index, { orderId = '' }] of given.entries()) {
          const cell = lines[index]?.[at] ?? ''
          expect(cell).toBe(FORMULA.test(orderId) ? `'${orderId}` : orderId)
          expect(cell).not.toMatch(FORMULA)
          expect(lines[index]).toHaveLength(heads.length)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('ends with the sums of its columns', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const text = statementCsv(statementOf(given.map((one) => rowOf({ ...one, orderId: 'x' }))))
        const [heads = [], ...lines] = parse(text.slice(1))
        const total = lines.pop() ?? []
        for (const head of ['gross', 'fee', 'net']) {
          const column = heads.indexOf(head)
          const sum = lines.reduce((before, line) => before + BigInt(line[column] ?? '0'), 0n)
          expect(BigInt(total[column] ?? '-1')).toBe(sum)
        }
      }),
    )
  })

  it('begins with a byte order mark and has the time of Seoul', () => {
    const text = statementCsv(statementOf([rowOf({ gross: 4_500n, orderId: 'A-1' })]))
    expect(text.startsWith('\ufeffrow_id,type,')).toBe(true)
    expect(text).toContain('2026-11-21T14:03:07+09:00')
  })
})
