import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keepPostgres } from '../../src/platform/embedded/keep.ts'
import { startPostgres } from '../../src/platform/embedded/postgres.ts'
import { isAlive } from '../../src/platform/embedded/process.ts'
import { eventually, query, useBench } from './support.ts'

const bench = useBench()

const START_AND_WRITE = (dataDir: string) => `
  import { startPostgres } from '@/postgres.js'
  import pg from ${JSON.stringify(import.meta.resolve('pg'))}
  const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: console.error })
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query('create table sales as select 4500 as won')
  console.log(server.pid)
  setInterval(() => {}, 1000)
`

function quietly(dataDir: string) {
  const lines: string[] = []
  return { dataDir, lines, log: (line: string) => void lines.push(line) }
}

describe('the embedded PostgreSQL', () => {
  it('starts on an empty folder with the settings that payments need', async () => {
    const dataDir = bench.folder()
    const server = await startPostgres(quietly(dataDir))
    expect(server.adopted).toBe(false)
    const [row] = await query(
      server.url,
      `select current_database() as name, pg_encoding_to_char(encoding) as encoding, datlocale as locale,
        current_setting('max_connections') as connections, current_setting('fsync') as fsync,
        current_setting('listen_addresses') as addresses, current_setting('server_version_num')::int / 10000 as major
      from pg_database where datname = current_database()`,
    )
    expect(row).toEqual({
      ...{ name: 'baro', encoding: 'UTF8', locale: 'C.UTF-8', connections: '200', fsync: 'on' },
      ...{ addresses: '127.0.0.1', major: 18 },
    })
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600)
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      /password authentication failed/,
    )
    await server.stop()
    await server.exited
    expect(isAlive(server.pid)).toBe(false)
  })

  it('keeps its data over a restart', async () => {
    const dataDir = bench.folder()
    const first = await startPostgres(quietly(dataDir))
    await query(first.url, 'create table sales as select 4500 as won')
    await first.stop()
    const second = await startPostgres(quietly(dataDir))
    expect(second.adopted).toBe(false)
    expect(await query(second.url, 'select won from sales')).toEqual([{ won: 4500 }])
  })

  it('comes back on its port with its data after a SIGKILL', async () => {
    const kept = await keepPostgres(quietly(bench.folder()))
    bench.onEnd(() => kept.stop())
    await query(kept.url, 'create table sales as select 4500 as won')
    for (const round of [1, 2]) {
      process.kill(kept.pid(), 'SIGKILL')
      await eventually('the server to be back', () => kept.restarts() === round)
      expect(await query(kept.url, 'select won from sales')).toEqual([{ won: 4500 }])
    }
    await kept.stop()
    expect(isAlive(kept.pid())).toBe(false)
  })

  it('adopts the server that a killed run left', async () => {
    const dataDir = bench.folder()
    const run = bench.script(START_AND_WRITE(dataDir))
    const pid = Number(await run.line())
    run.child.kill('SIGKILL')
    await run.ended()
    const server = await startPostgres(quietly(dataDir))
    expect(server).toMatchObject({ adopted: true, pid })
    expect(await query(server.url, 'select won from sales')).toEqual([{ won: 4500 }])
    process.kill(pid, 'SIGKILL')
    await server.exited
  })

  it('stops a left server that does not answer, and starts anew', async () => {
    const dataDir = bench.folder()
    const run = bench.script(START_AND_WRITE(dataDir))
    const pid = Number(await run.line())
    run.child.kill('SIGKILL')
    await run.ended()
    process.kill(pid, 'SIGSTOP')
    const server = await startPostgres(quietly(dataDir))
    expect(server.adopted).toBe(false)
    expect(isAlive(pid)).toBe(false)
    expect(await query(server.url, 'select won from sales')).toEqual([{ won: 4500 }])
  })

  it('starts although an old pid file names a program that lives', async () => {
    const dataDir = bench.folder()
    await (await startPostgres(quietly(dataDir))).stop()
    const other = bench.script('setInterval(() => {}, 1000)')
    const stale = [
      other.child.pid,
      join(dataDir, 'postgres'),
      1,
      5432,
      '',
      '127.0.0.1',
      '',
      'ready',
    ]
    writeFileSync(join(dataDir, 'postgres/postmaster.pid'), `${stale.join('\n')}\n`)
    const server = await startPostgres(quietly(dataDir))
    expect(server.adopted).toBe(false)
    expect(other.child.exitCode).toBeNull()
  })

  it('begins again where a first start was killed', async () => {
    const dataDir = bench.folder()
    mkdirSync(join(dataDir, 'postgres.new-1/data'), { recursive: true })
    mkdirSync(join(dataDir, 'postgres/base'), { recursive: true })
    writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '18\n')
    const options = quietly(dataDir)
    const server = await startPostgres(options)
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
    expect(options.lines.join()).toMatch(/not a whole database: it was set aside/)
    expect(readdirSync(dataDir).sort()).toEqual(
      ['postgres', 'postgres-password', 'postgres.incomplete', 'postgres.log'].sort(),
    )
  })

  it('makes the database `baro` where a first start was killed before that', async () => {
    const dataDir = bench.folder()
    const first = await startPostgres(quietly(dataDir))
    await query(first.url.replace(/baro$/, 'postgres'), 'drop database baro')
    const second = await startPostgres(quietly(dataDir))
    expect(second.adopted).toBe(true)
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('refuses the files of another major version', async () => {
    const dataDir = bench.folder()
    await (await startPostgres(quietly(dataDir))).stop()
    writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '17\n')
    await expect(startPostgres(quietly(dataDir))).rejects.toThrow(
      /of PostgreSQL 17; this Baro runs 18/,
    )
  })

  it('says at once why it does not start', async () => {
    const dataDir = bench.folder()
    await (await startPostgres(quietly(dataDir))).stop()
    writeFileSync(join(dataDir, 'postgres-password'), 'another')
    await expect(startPostgres(quietly(dataDir))).rejects.toThrow(
      /refuses us: password authentication failed/,
    )
    rmSync(join(dataDir, 'postgres/postgresql.conf'))
    await expect(startPostgres(quietly(dataDir))).rejects.toThrow(
      /did not start.*postgresql\.conf/s,
    )
  })
})
