import { Pool } from 'undici'
import { answerParent } from '../stack/child.ts'

export type BareTask = {
  readonly url: string
  readonly bodies: readonly string[]
  readonly count: number
  readonly atOnce: number
}

/** The floor: the same bodies to the same receiver, by undici on kept connections, with no signature and no rows. */
async function postAll({ url, bodies, count, atOnce }: BareTask): Promise<{ seconds: number }> {
  const { origin, pathname: path } = new URL(url)
  const pool = new Pool(origin, { connections: atOnce })
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  const begin = performance.now()
  let sent = 0
  const sender = async () => {
    while (sent < count) {
      const body = bodies[sent++ % bodies.length] ?? ''
      const answer = await pool.request({ path, method: 'POST', headers, body })
      await answer.body.dump()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sender))
  const seconds = (performance.now() - begin) / 1_000
  await pool.close()
  return { seconds }
}

export function main(): Promise<number> {
  return answerParent(postAll)
}
