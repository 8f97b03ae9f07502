import { appendFileSync, writeFileSync } from 'node:fs'
import { it } from 'vitest'
import { bearer, openInvoice, pay, waitForEnd } from '../support/sale.ts'
import { openWorld } from '../support/world.ts'
import type { Exchange, Gate } from './exchange.ts'
import { openMerchant } from './merchant.ts'
import { startWorkerProcess } from './worker-process.ts'
import supertest from 'supertest'

it('traces', async () => {
  const world = await openWorld()
  writeFileSync('/tmp/trace.txt', '')
  const t0 = performance.now()
  const line = (x: string) => appendFileSync('/tmp/trace.txt', `${(performance.now()-t0).toFixed(0)} ${x}\n`)
  const gate: Gate = {
    before: async (x: Exchange) => { line(`> ${x.wire} ${x.connection} ${x.text.slice(0,220)} | ${x.parameters.map((p)=>p.slice(0,60)).join(' ; ')}`); return 'pass' },
    after: async (x: Exchange) => { line(`< ${x.wire} ${x.connection} ${x.text.slice(0, 60)} = ${x.answer.replace(/[^ -~]+/g, ' ').slice(0,160)}`); return 'pass' },
  }
  const merchant = await openMerchant(() => gate)
  const e = await supertest(world.app.server).post('/v1/webhook-endpoints').set(bearer(world.merchantKey)).send({ url: merchant.url })
  line(JSON.stringify(e.body))
  const worker = await startWorkerProcess(world.config, gate)
  await worker.ready
  line('READY')
  await new Promise((r) => setTimeout(r, 3000))
  line('SALE')
  const invoice = await openInvoice(world)
  await pay(world, invoice.code, world.shopper)
  line('ACCEPTED')
  const end = await waitForEnd(world, invoice)
  line(JSON.stringify(end))
  await new Promise((r) => setTimeout(r, 2000))
  line(worker.output())
  await worker.kill()
  merchant.close()
  await world.close()
}, 60000)
