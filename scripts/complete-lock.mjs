// Makes package-lock.json installable everywhere by a plain `npm ci`; run by `npm run lock` after every change of it.
// Some registries lack other platforms' optional packages; npm then drops them from the lock and refuses its own lock.
// They are put back by exact version with os and cpu read from the name; npm never downloads them on another platform.
// Download addresses are left out, so that a lock written behind a mirror names no mirror.
import { readFileSync, writeFileSync } from 'node:fs'

const FILE = 'package-lock.json'
const SYSTEMS = {
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  windows: 'win32',
  android: 'android',
  freebsd: 'freebsd',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  openharmony: 'openharmony',
  sunos: 'sunos',
  aix: 'aix',
}
const PROCESSORS = {
  arm64: 'arm64',
  x64: 'x64',
  amd64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  'arm-eabi': 'arm',
  'arm-gnueabihf': 'arm',
  'arm-musleabihf': 'arm',
  loong64: 'loong64',
  mips64el: 'mips64el',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
}

const lock = JSON.parse(readFileSync(FILE, 'utf8'))
const packages = lock.packages

/** Whether `name` resolves from the package at `path`, walking up the node_modules folders as Node does. */
function isLocked(path, name) {
  for (let at = path; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true
    if (at === '') return false
  }
}

function platformOf(name) {
  const system = Object.keys(SYSTEMS).find((word) => new RegExp(`[-/]${word}([-_]|$)`).test(name))
  if (system === undefined) return undefined
  const rest = name.slice(name.indexOf(system) + system.length + 1)
  const processor = Object.keys(PROCESSORS)
    .sort((a, b) => b.length - a.length)
    .find((word) => rest === word || rest.startsWith(`${word}-`))
  return processor === undefined
    ? undefined
    : { os: [SYSTEMS[system]], cpu: [PROCESSORS[processor]] }
}

let added = 0
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue
    const platform = /^\d+\.\d+\.\d+/.test(version) ? platformOf(name) : undefined
    if (platform === undefined) {
      console.error(`cannot place ${name}@${version}, an optional dependency of ${path}`)
      continue
    }
    packages[`node_modules/${name}`] = {
      version,
      cpu: platform.cpu,
      ...(entry.dev ? { dev: true } : {}),
      ...(entry.license ? { license: entry.license } : {}),
      optional: true,
      os: platform.os,
    }
    added++
  }
}
for (const entry of Object.values(packages)) delete entry.resolved
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${FILE}: ${added} entries added`)
