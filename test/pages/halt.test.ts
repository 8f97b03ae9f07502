import type { BrowserContextOptions } from 'playwright-core'
import { encodeFunctionData, keccak256, toHex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { sql } from '../../src/platform/db/sql.ts'
import { type OwnChain, openOwnChain } from '../support/own-chain.ts'
import {
  atStage,
  billAt,
  findBarriers,
  hasChromium,
  KIOSK,
  keepPicture,
  PHONE,
  rowOf,
  TABLET,
  type Tab,
} from './browser.ts'
import { type Counter, openCounter } from './counter.ts'

const SIZES = { phone: PHONE, tablet: TABLET, kiosk: KIOSK }
const LOOKS = [
  { locale: 'ko-KR', colorScheme: 'light', size: 'tablet' },
  { locale: 'en-US', colorScheme: 'light', size: 'phone' },
  { locale: 'ko-KR', colorScheme: 'dark', size: 'phone' },
  { locale: 'en-US', colorScheme: 'dark', size: 'kiosk' },
] as const
const POLL_MS = 15_000
const LIMIT_MS = 90_000

describe.runIf(hasChromium('the pages while the chain stands still'))(
  'the pages while the chain stands still',
  () => {
    let chain: OwnChain
    let counter: Counter

    // Of each test its own: a frozen shopper, a clock set forward or a halted chain cannot be taken back.
    beforeEach(async () => {
      chain = await openOwnChain()
      counter = await openCounter({ chainUrl: chain.url })
    })
    afterEach(async () => {
      await counter.close()
      await chain.stop()
    })

    const pass = (milliseconds: number) => counter.world.clock.advance(milliseconds)
    const resume = () => chain.resume(counter.world.clock.now())
    const setLimit = (won: bigint) =>
      counter.world.deps.db.many(
        sql`update stores set risk_limit_won = ${won} where id = ${counter.world.shop.store.id}`,
      )
    const noticeOf = ({ page }: Tab, state: string) =>
      page.locator(`#chain[data-state="${state}"]`).waitFor({ state: 'attached', timeout: POLL_MS })
    const openBill = async (url: string, options: BrowserContextOptions) => {
      const phone = await counter.openTab(options)
      await phone.page.goto(url)
      await phone.page.locator('#demo-pay').waitFor()
      return phone
    }

    it(
      'say that it is late, then that it stands still, at a till whose sale is being paid',
      async () => {
        const till = await counter.openTill()
        const phone = await openBill(await counter.charge(till, '4500', 'H-1'), { viewport: PHONE })
        await noticeOf(till, 'live')
        expect(await till.page.locator('#chain').innerText()).toBe('')
        await chain.halt()
        await phone.page.locator('#demo-pay').click()
        await atStage(till.page, 'paying')
        await billAt(phone.page, 'mine')
        pass(11_000)
        await noticeOf(till, 'slow')
        await atStage(till.page, 'paying')
        expect(await till.page.locator('#sale-detail').textContent()).toContain('평소보다 오래')
        await keepPicture(till.page, 'halt-slow-paying-ko-tablet')
        pass(50_000)
        await till.page.locator('#sale[data-stage="received"]').waitFor({ timeout: POLL_MS })
        await noticeOf(till, 'halted')
        const announced = await till.page.locator('#announcer').textContent()
        expect(announced).toMatch(/접수됨.*4,500원.*상품을 건네지 마세요/)
        expect(await till.page.locator('#next').isVisible(), 'the next customer waits').toBe(true)
        await phone.page.locator('#bill[data-stage="received"]').waitFor({ timeout: 25_000 })
        expect(await findBarriers(till.page)).toEqual([])

        await till.page.locator('#next').click()
        await rowOf(till.page, 'H-1').filter({ hasText: '접수됨' }).waitFor()
        await resume()
        await billAt(phone.page, 'paid')
        await rowOf(till.page, 'H-1').click()
        await atStage(till.page, 'paid')
        await noticeOf(till, 'live')
        await noticeOf(phone, 'live')
        expect([...till.complaints, ...phone.complaints]).toEqual([])
      },
      LIMIT_MS,
    )

    it.each(LOOKS)(
      'tell approved from received and from paid: $size, $colorScheme, $locale',
      async ({ locale, colorScheme, size }) => {
        const name = `${locale.slice(0, 2)}-${size}-${colorScheme}`
        const options = { locale, colorScheme, viewport: SIZES[size] }
        const onPhone = { ...options, viewport: PHONE }
        await chain.halt()
        pass(61_000)
        const till = await counter.openTill(options)
        await noticeOf(till, 'halted')
        await setLimit(0n)
        const first = await openBill(await counter.charge(till, '12500', `R-${name}`), onPhone)
        await noticeOf(first, 'halted')
        await keepPicture(first.page, `halt-bill-open-${name}`)
        expect(await findBarriers(first.page)).toEqual([])
        await first.page.locator('#demo-pay').click()
        await atStage(till.page, 'received')
        await billAt(first.page, 'received')
        expect(await till.page.locator('.art-approved').isVisible()).toBe(false)
        await keepPicture(till.page, `halt-received-${name}`)
        await keepPicture(first.page, `halt-bill-received-${name}`)
        expect(await findBarriers(till.page)).toEqual([])
        await till.page.locator('#next').click()
        await keepPicture(till.page, `halt-till-${name}`)

        await setLimit(50_000n)
        const second = await openBill(await counter.charge(till, '9800', `A-${name}`), onPhone)
        await second.page.locator('#demo-pay').click()
        await atStage(till.page, 'approved')
        await billAt(second.page, 'approved')
        expect(await till.page.locator('.art-paid').isVisible(), 'no green tick').toBe(false)
        expect(await till.page.locator('#sale-title').textContent()).toBe(
          locale === 'ko-KR' ? '승인됨 · 정산 대기' : 'Approved · settles later',
        )
        await keepPicture(till.page, `halt-approved-${name}`)
        await keepPicture(second.page, `halt-bill-approved-${name}`)
        expect(await findBarriers(till.page)).toEqual([])
        expect(await findBarriers(second.page)).toEqual([])
        await resume()
        await atStage(till.page, 'paid')
        await billAt(second.page, 'paid')
        await billAt(first.page, 'paid')
        await noticeOf(till, 'live')
        expect([...till.complaints, ...first.complaints, ...second.complaints]).toEqual([])
      },
      LIMIT_MS,
    )

    it('mark a sale that was approved and then refused', async () => {
      const { world } = counter
      await setLimit(50_000n)
      const till = await counter.openTill()
      const phone = await openBill(await counter.charge(till, '7000', 'X-1'), { viewport: PHONE })
      await chain.halt()
      pass(61_000)
      // Frozen in the very block that the payment would have settled in, and before it.
      const frozen = callAndWait(world.deps.chain, world.chain.freezer, [
        {
          to: world.chain.token,
          gas: 200_000n,
          data: encodeFunctionData({
            abi: krwTokenAbi,
            functionName: 'setFrozen',
            args: [world.shopper.address, true, keccak256(toHex('case 1'))],
          }),
        },
      ])
      await phone.page.locator('#demo-pay').click()
      await atStage(till.page, 'approved')
      await resume()
      await frozen
      await till.page.locator('#sale-detail', { hasText: '승인했던 결제가 거절' }).waitFor()
      expect(await till.page.locator('#sale-detail').getAttribute('class')).toContain('refusal')
      await keepPicture(till.page, 'halt-lost-ko-tablet')
      await till.page.locator('#cancel').click()
      await atStage(till.page, 'cancelled')
      await till.page.locator('#next').click()
      await rowOf(till.page, 'X-1').filter({ hasText: '승인 후 거절' }).waitFor()
      await keepPicture(till.page, 'halt-lost-list-ko-tablet')
    })
  },
)
