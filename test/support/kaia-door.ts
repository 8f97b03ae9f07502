import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a Kaia node that serves others lets in. */
const OPEN = /^(eth|kaia|klay|net|web3)_[A-Za-z0-9]+$/
const KEPT_MS = 120_000

type Question = { readonly id?: unknown; readonly method?: unknown }

/** A door before a node: what only a development chain has does not exist behind it. */
export type KaiaDoor = {
  readonly url: string
  stop(): Promise<void>
}

/**
 * Opens the door on a free loopback port. The suites that must hold on a real node see the development chain through
 * it, so that none of them can come to need `evm_*`, `anvil_*`, `hardhat_*` or `debug_*`.
 */
export async function openKaiaDoor(target: string): Promise<KaiaDoor> {
  const server = createServer((request, response) => {
    const pass = async () => {
      const body = await bodyOf(request)
      const refused = refusalOf(JSON.parse(body.toString()))
      if (refused !== undefined) return { status: 200, text: JSON.stringify(refused) }
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(target, { method: 'POST', headers, body: new Uint8Array(body) })
      return { status: answer.status, text: await answer.text() }
    }
    pass()
      .then(({ status, text }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(text),
      )
      .catch(() => response.destroy())
  })
  // A kept connection that closes between two questions would cost a question now and then.
  server.keepAliveTimeout = KEPT_MS
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** What a node without such a method says; a batch of questions is refused as a whole. */
function refusalOf(asked: Question | readonly Question[]) {
  const isBatch = Array.isArray(asked)
  const questions: readonly Question[] = isBatch ? asked : [asked as Question]
  const closed = questions.find(({ method }) => !OPEN.test(String(method)))
  if (closed === undefined) return undefined
  const message = `the method ${closed.method} does not exist/is not available`
  const answers = questions.map(({ id }) => ({
    ...{ jsonrpc: '2.0', id, error: { code: -32_601, message } },
  }))
  return isBatch ? answers : answers[0]
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
