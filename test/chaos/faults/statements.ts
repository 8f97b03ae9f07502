import { reveal } from '../../../src/kernel/secret.ts'
import { DAY_MS, seoulDay } from '../../../src/kernel/time.ts'
import type { Stack } from './stack.ts'

export type StatementRow = {
  readonly payment_id: string
  readonly gross: number
  readonly fee: number
  readonly net: number
  readonly tx_hash: string
  readonly log_index: number
}
export type StatementAnswer = {
  readonly day: string
  readonly matches: boolean
  readonly rows: readonly StatementRow[]
  readonly totals: Sums
  readonly ledger: Sums
}
export type Sums = {
  readonly count: number
  readonly gross: number
  readonly fee: number
  readonly net: number
}

/** The statements of every merchant for the days that this run touched, asked as the merchant asks. */
export async function readStatements(
  stack: Stack,
  since: Date,
): Promise<ReadonlyMap<string, readonly StatementAnswer[]>> {
  // Chain time may run ahead of the clock.
  const last = new Date(Date.now() + 60_000)
  const days: string[] = []
  for (let at = since.getTime(); at < last.getTime() + DAY_MS; at += DAY_MS) {
    const day = seoulDay(new Date(Math.min(at, last.getTime())))
    if (!days.includes(day)) days.push(day)
  }
  const found = new Map<string, StatementAnswer[]>()
  for (const { merchant, merchantKey } of stack.shops)
    found.set(
      merchant.id,
      await Promise.all(days.map((day) => readStatement(stack, reveal(merchantKey), day))),
    )
  return found
}

async function readStatement(stack: Stack, key: string, day: string): Promise<StatementAnswer> {
  const answer = await fetch(`${stack.gateways[0]}/v1/statements/${day}`, {
    headers: { authorization: `Bearer ${key}` },
  })
  if (!answer.ok) throw new Error(`statement of ${day}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as StatementAnswer
}
