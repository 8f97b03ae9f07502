import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/platform/db/db.ts'
import { sql } from '../../src/platform/db/sql.ts'

/** A message of PostgreSQL's protocol: its letter, its length, its body. */
const message = (letter: string, body: Buffer) => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(letter), length, body])
}
const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))])
const FAREWELL = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
)

describe('a connection', () => {
  let server: Server
  afterEach(() => void server.close())

  it('that is welcomed and dismissed in one breath fails its query and nothing else', async () => {
    server = createServer((socket) => {
      socket.once('data', () => socket.end(Buffer.concat([WELCOME, FAREWELL])))
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const db = openDatabase({
      url: `postgres://someone:secret@127.0.0.1:${port}/baro`,
      maxConnections: 1,
      applicationName: 'lost connection test',
      onIdleError: () => {},
    })
    await expect(db.many(sql`select 1`)).rejects.toMatchObject({ code: 'database_unavailable' })
    await db.close()
  })
})
