import type { Browser } from 'playwright-core'
import { encodeFunctionData, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hex } from '../../src/kernel/hex.ts'
import { callAndWait } from '../../src/platform/chain/call.ts'
import { krwTokenAbi } from '../../src/platform/chain/contracts/krw-token.ts'
import { openWorld, type World } from '../support/world.ts'
import {
  atStage,
  billAt,
  hasChromium,
  keepPicture,
  launchBrowser,
  openTab,
  PHONE,
} from './browser.ts'

describe.runIf(hasChromium('the pages when a payment is refused'))(
  'a payment that the chain refuses',
  () => {
    let world: World
    let browser: Browser

    beforeAll(async () => {
      world = await openWorld({ withDemoShopper: true })
      browser = await launchBrowser()
    })
    afterAll(async () => {
      await browser.close()
      await world.close()
    })

    const freeze = (account: Hex, isFrozen: boolean) =>
      callAndWait(world.deps.chain, world.chain.freezer, [
        {
          to: world.chain.token,
          gas: 200_000n,
          data: encodeFunctionData({
            abi: krwTokenAbi,
            functionName: 'setFrozen',
            args: [account, isFrozen, keccak256(toHex('case 1'))],
          }),
        },
      ])

    it('is said in plain words on both sides, and the same code can be paid again', async () => {
      const till = await openTab(browser, { locale: 'en-GB' })
      const phone = await openTab(browser, { locale: 'en-GB', viewport: PHONE })
      const other = await openTab(browser, { locale: 'en-GB', viewport: PHONE })
      await till.page.goto(`${world.url}/pos#key=${world.terminalKey}`)
      await till.page.locator('#amount').focus()
      await till.page.keyboard.type('4500')
      await till.page.keyboard.press('Enter')
      await atStage(till.page, 'open')
      const payUrl = (await till.page.locator('#local-link').getAttribute('href')) ?? ''
      await phone.page.goto(payUrl)
      await other.page.goto(payUrl)

      await phone.page.locator('#demo-pay').click()
      await atStage(till.page, 'paying')
      await billAt(phone.page, 'mine')
      await billAt(other.page, 'other')
      expect(await till.page.locator('#cancel').isVisible()).toBe(false)
      await keepPicture(till.page, 'cashier-paying-en-tablet')
      await keepPicture(phone.page, 'checkout-mine-en-phone')
      await keepPicture(other.page, 'checkout-other-en-phone')

      // Nothing settles until there is a worker, so the account can be frozen between the signature and the chain.
      await freeze(world.shopper.address, true)
      await world.startWorker()
      await till.page.locator('#sale-detail', { hasText: 'may not pay' }).waitFor()
      await atStage(till.page, 'open')
      await phone.page.locator('#problem', { hasText: 'did not go through' }).waitFor()
      await billAt(other.page, 'open')
      expect(await other.page.locator('#problem').textContent()).toBe('')
      await keepPicture(till.page, 'cashier-refused-en-tablet')
      await keepPicture(phone.page, 'checkout-refused-en-phone')

      await freeze(world.shopper.address, false)
      await phone.page.locator('#demo-pay').click()
      await atStage(till.page, 'paid')
      await billAt(phone.page, 'paid')
      expect([...till.complaints, ...phone.complaints, ...other.complaints]).toEqual([])
    })
  },
)
