import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

/** The floor: a Fastify route with a schema that does one insert by a prepared statement, and nothing else. */
export async function main(): Promise<number> {
  const pool = new pg.Pool({ connectionString: process.env.BARE_DATABASE_URL, max: 10 })
  await pool.query(`create table if not exists bare_invoices (
    id text primary key, order_id text not null unique, terminal_id text not null, amount bigint not null,
    created_at timestamptz not null)`)
  const app = Fastify({ logger: false })
  const body = {
    type: 'object',
    required: ['amount', 'terminal_id', 'order_id'],
    additionalProperties: false,
    properties: {
      amount: { type: 'integer', minimum: 1 },
      terminal_id: { type: 'string' },
      order_id: { type: 'string' },
    },
  }
  type Body = { readonly amount: number; readonly terminal_id: string; readonly order_id: string }
  app.post<{ Body: Body }>('/v1/invoices', { schema: { body } }, async (request, reply) => {
    const id = randomUUID()
    const { order_id, terminal_id, amount } = request.body
    await pool.query({
      name: 'insert',
      text: 'insert into bare_invoices (id, order_id, terminal_id, amount, created_at) values ($1, $2, $3, $4, $5)',
      values: [id, order_id, terminal_id, amount, new Date()],
    })
    return reply.code(201).send({ id, order_id, terminal_id, amount, status: 'open' })
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  process.send?.({ url })
  await new Promise<void>((resolve) => process.once('disconnect', resolve))
  await app.close()
  await pool.end()
  return 0
}
