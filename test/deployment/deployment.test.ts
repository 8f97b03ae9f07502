import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { VARIABLES } from '../../src/apps/config.ts'
import { tokenAddress } from '../../src/platform/chain/deploy.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

type Service = {
  readonly image?: string
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, unknown>>
  readonly volumes?: readonly string[]
  readonly read_only?: boolean
  readonly user?: string
}
const compose: { services: Record<string, Service>; volumes: Record<string, unknown> } = parse(
  read('compose.yaml'),
  { merge: true },
)
const services = Object.entries(compose.services)
const ours = services.filter(([, service]) => service.image === 'baro')

describe('compose.yaml', () => {
  it('has the gateway, the worker, PostgreSQL, Redis and the development chain', () => {
    expect(services.map(([name]) => name).sort()).toEqual(
      ['devnet', 'gateway', 'postgres', 'redis', 'setup', 'worker'].sort(),
    )
  })

  it('sets no variable that the configuration does not know', () => {
    const known = new Set<string>([...VARIABLES, 'DEPLOYER_KEY'])
    const names = ours.flatMap(([, { environment = {} }]) => Object.keys(environment))
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  it('runs our image as an ordinary user on a read-only root file system', () => {
    for (const [name, service] of ours)
      expect({ name, user: service.user, readOnly: service.read_only }).toEqual({
        name,
        user: 'node',
        readOnly: true,
      })
  })

  it('names services, volumes and programs that exist', () => {
    for (const [, { depends_on: needs = {}, volumes = [], command = [] }] of services) {
      for (const need of Object.keys(needs)) expect(compose.services).toHaveProperty(need)
      for (const volume of volumes)
        expect(compose.volumes).toHaveProperty(volume.split(':')[0] ?? '')
      for (const [, app = ''] of command.join(' ').matchAll(/dist\/apps\/([a-z-]+)\.js/g))
        expect(() => read(`src/apps/${app}.ts`)).not.toThrow()
    }
  })

  it('names the token that its own setup deploys', () => {
    const deployer = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266'
    const named = compose.services.gateway?.environment?.TOKEN_ADDRESS
    expect(named).toBe(tokenAddress(deployer).toLowerCase())
  })
})

describe('the Dockerfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baro-image-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const lines = read('Dockerfile').split('\n')

  it('ends with an ordinary user and one of our programs', () => {
    expect(lines).toContain('USER node')
    expect(lines.at(-2)).toBe('CMD ["node", "dist/apps/gateway.js"]')
  })

  it('builds with its own commands, and the image starts with production packages alone', () => {
    const context = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    const [build, image] = [join(folder, 'build'), join(folder, 'image')]
    mkdirSync(build)
    for (const entry of context) cpSync(join(ROOT, entry), join(build, entry), { recursive: true })
    cpSync(build, image, { recursive: true })
    const commands = lines.flatMap((line) => /^RUN (npm .*)$/.exec(line)?.[1] ?? [])
    const [installAll, compile, installFew] = commands
    const run = (command: string | undefined, cwd: string) =>
      execFileSync('sh', ['-c', command ?? 'false'], { cwd, stdio: 'pipe' })
    run(installAll, build)
    run(compile, build)
    run(installFew, image)
    cpSync(join(build, 'dist'), join(image, 'dist'), { recursive: true })
    rmSync(join(image, 'src'), { recursive: true })
    const gateway = spawnSync(process.execPath, ['dist/apps/gateway.js'], {
      cwd: image,
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    })
    expect(gateway.stderr).toContain('DATABASE_URL is not set')
    expect(gateway.status).toBe(1)
  }, 240_000)
})
