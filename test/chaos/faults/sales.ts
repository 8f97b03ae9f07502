import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFunctionData, type Hex, parseAbi } from 'viem'
import type { Shop } from '../../../src/flows/seed-shop.ts'
import { reveal } from '../../../src/kernel/secret.ts'
import { accountOf, type Payer, sendAtOnce } from './people.ts'
import { type Random, seeded } from './random.ts'
import type { Stack } from './stack.ts'

/** One answer to a confirmation, or what the network did to it. */
export type Said = { readonly at: Date; readonly gateway: number; readonly answer: string }

/** A sale as the shop and the phone saw it. */
export type Sale = {
  readonly number: number
  readonly amount: number
  readonly merchantId: string
  readonly invoiceId: string
  readonly payer: string
  readonly said: readonly Said[]
  /** Whether one of the copies of the confirmation was answered 202. */
  readonly isAccepted: boolean
}

export type Sales = {
  /** Everything that was tried; a rival who pays the same invoice has a line of its own. */
  readonly all: readonly Sale[]
  accepted(): number
  /** Ends when so many confirmations were answered 202. */
  readonly done: Promise<void>
}

const TOKEN_ABI = parseAbi([
  'function transfer(address to, uint256 value) returns (bool)',
  'function setFrozen(address account, bool frozen, bytes32 caseId)',
  'function balanceOf(address account) view returns (uint256)',
])
const CASE: Hex = `0x${'ca5e'.repeat(16)}`
const ANSWER_LIMIT_MS = 4_000
const PAUSE_MS = 150
const MOST_TRIES = 400
/** Sales under way at once. */
const CROWD = 40
const SHORT_LIFETIME_SECONDS = 10

type Draw = {
  readonly at: number
  readonly shop: Shop
  readonly payer: Payer
  readonly rival: Payer | undefined
  readonly amount: number
  readonly copies: number
  readonly gateway: number
  readonly isShort: boolean
}

/** Opens sales, spread over the time of the plan and as many more as it takes. */
export function startSales(stack: Stack): Sales {
  const { plan } = stack
  const random = seeded(`baro chaos ${plan.seed}`).branch('sales')
  const begun = performance.now()
  const all: Sale[] = []
  const whimsical = new Set<Payer>()
  let accepted = 0
  let underWay = 0
  let number = 0

  const sell = async (draw: Draw, own: number) => {
    const till = await openTill(stack, draw, own)
    if (till === undefined) return
    const pay = async (payer: Payer, copies: number) => {
      const sale = await confirm(stack, till, draw, payer, copies)
      all.push({ ...sale, number: own })
      if (!sale.isAccepted) return
      accepted += 1
      if (whimsical.has(payer)) return
      whimsical.add(payer)
      await actOn(stack, payer).catch(() => whimsical.delete(payer))
    }
    const rivals = draw.rival === undefined ? [] : [pay(draw.rival, 1)]
    await Promise.all([pay(draw.payer, draw.copies), ...rivals])
  }
  const run = async () => {
    const open = new Set<Promise<void>>()
    while (accepted < plan.payments) {
      // Whoever is under way may still be accepted: none is opened that could be one too many.
      const room = plan.payments - accepted - underWay
      if (room <= 0 || open.size >= CROWD) {
        await Promise.race([...open, sleep(PAUSE_MS)])
        continue
      }
      number += 1
      const draw = drawSale(stack, random.branch(String(number)), number, room > 1)
      await sleep(Math.max(0, draw.at * 1_000 - (performance.now() - begun)))
      const own = number
      const most = draw.rival === undefined ? 1 : 2
      underWay += most
      const one: Promise<void> = sell(draw, own).finally(() => {
        underWay -= most
        open.delete(one)
      })
      open.add(one)
    }
    await Promise.all(open)
  }
  return { all, accepted: () => accepted, done: run() }
}

const DOUBLED_SHARE = 0.12
const TRIPLED_SHARE = 0.04
const RIVAL_SHARE = 0.03
const SHORT_SHARE = 0.04
const LEAST_WON = 500
const MOST_WON = 40_000

function drawSale(
  { plan, shops, payers }: Stack,
  random: Random,
  number: number,
  mayHaveRival: boolean,
): Draw {
  const shop = pickOf(random, shops)
  const [payer, rival] = [pickOf(random, payers), pickOf(random, payers)]
  const hasRival = random.chance(RIVAL_SHARE) && mayHaveRival
  const manner = random.next()
  return {
    at: ((number + random.next()) / plan.payments) * plan.seconds,
    ...{ shop, payer, amount: random.whole(LEAST_WON, MOST_WON) },
    rival: hasRival && rival !== payer ? rival : undefined,
    copies: manner < TRIPLED_SHARE ? 3 : manner < TRIPLED_SHARE + DOUBLED_SHARE ? 2 : 1,
    gateway: random.whole(0, 1),
    isShort: random.chance(SHORT_SHARE),
  }
}

function pickOf<One>(random: Random, list: readonly One[]): One {
  const one = list[random.whole(0, list.length - 1)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

type Answer = { readonly status: number; readonly text: string }

/** Asks one gateway; undefined when no answer came in time. */
async function ask(
  stack: Stack,
  gateway: number,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${stack.gateways[gateway % stack.gateways.length]}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    return { status: response.status, text: await response.text() }
  } catch {
    return undefined
  }
}

/** Asks one gateway after the other until one gives an answer that is not a failure of its own. */
async function insist(
  stack: Stack,
  first: number,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>> = {},
  hear: (said: Said) => void = () => {},
): Promise<Answer | undefined> {
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const gateway = first + attempt
    const answer = await ask(stack, gateway, path, body, headers)
    const words = answer === undefined ? 'no answer' : `${answer.status} ${codeOf(answer)}`
    hear({ at: new Date(), gateway: gateway % stack.gateways.length, answer: words })
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer
    await sleep(PAUSE_MS)
  }
  return undefined
}

function codeOf({ status, text }: Answer): string {
  if (status < 400) return ''
  return /"code":"([a-z_]+)"/.exec(text)?.[1] ?? text.slice(0, 80)
}

type Till = { readonly id: string; readonly code: string }

async function openTill(stack: Stack, draw: Draw, number: number): Promise<Till | undefined> {
  const { shop, amount, gateway, isShort } = draw
  const order = `order-${number}`
  const answer = await insist(
    ...[stack, gateway, '/v1/invoices'],
    {
      ...{ amount, order_id: order },
      ...(isShort ? { lifetime_seconds: SHORT_LIFETIME_SECONDS } : {}),
    },
    { authorization: `Bearer ${reveal(shop.terminalKey)}`, 'idempotency-key': order },
  )
  return answer?.status === 201 ? JSON.parse(answer.text) : undefined
}

async function confirm(
  stack: Stack,
  till: Till,
  draw: Draw,
  payer: Payer,
  copies: number,
): Promise<Omit<Sale, 'number'>> {
  const said: Said[] = []
  const address = payer.account.address.toLowerCase()
  const sale = {
    ...{ amount: draw.amount, merchantId: draw.shop.merchant.id, invoiceId: till.id },
    ...{ payer: address, said },
  }
  const path = `/v1/checkout/${till.code}`
  const terms = await insist(stack, draw.gateway, `${path}/terms`, { payer: address })
  if (terms?.status !== 200) {
    if (terms !== undefined) said.push({ at: new Date(), gateway: -1, answer: codeOf(terms) })
    return { ...sale, isAccepted: false }
  }
  const signature = await payer.account.signTypedData(JSON.parse(terms.text).typed_data)
  const body = { payer: address, signature }
  const copy = (at: number) =>
    insist(stack, draw.gateway + at, `${path}/payments`, body, {}, (one) => said.push(one))
  const answers = await Promise.all(Array.from({ length: copies }, (_, at) => copy(at)))
  if (copies > 1) stack.counts.add('doubled_confirmations')
  return { ...sale, isAccepted: answers.some((answer) => answer?.status === 202) }
}

/** What this payer does, or is done to it, right after its first 202. */
async function actOn(stack: Stack, { account, whim }: Payer): Promise<void> {
  const { client, node, token, plan } = stack
  if (whim === 'honest') return
  if (whim === 'is_frozen') {
    const args = [account.address, true, CASE] as const
    const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'setFrozen', args })
    await sendAtOnce(client, node.url, accountOf(plan, 'freezer'), token.address, data)
    return stack.counts.add('payers_frozen')
  }
  const balance = await client.readContract({
    ...{
      address: token.address,
      abi: TOKEN_ABI,
      functionName: 'balanceOf',
      args: [account.address],
    },
  })
  const args = [accountOf(plan, 'elsewhere').address, balance] as const
  const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transfer', args })
  await sendAtOnce(client, node.url, account, token.address, data)
  stack.counts.add('payers_broke')
}
