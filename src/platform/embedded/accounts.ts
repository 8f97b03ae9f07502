import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The account that a program runs as. */
export type Account = { readonly uid: number; readonly gid: number; readonly name: string }

function accounts(): Account[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The account of `uid`, whether the system has a name for it or not. */
export function accountOf(uid: number, gid: number): Account {
  return accounts().find((account) => account.uid === uid) ?? { uid, gid, name: `uid ${uid}` }
}

/** An existing account without rights, for programs that refuse to run as root; none is created. */
export function unprivilegedAccount(): Account {
  const all = accounts()
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const account = all.find((entry) => entry.name === name)
    // macOS writes nobody as -2, which spawn would refuse.
    if (account !== undefined && account.uid > 0) return account
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither an account `postgres` nor `nobody`: start Baro as an ordinary user',
  )
}

/** The first folder on the way to `path` (itself included) that `account` may not enter; undefined when it may enter all. */
export function closedFolder(path: string, account: Account): string | undefined {
  const way: string[] = []
  for (let at = realpathSync(path); ; at = dirname(at)) {
    way.unshift(at)
    if (at === dirname(at)) break
  }
  return way.find((folder) => {
    const { uid, gid, mode } = statSync(folder)
    if (uid === account.uid) return (mode & 0o100) === 0
    if (gid === account.gid) return (mode & 0o010) === 0
    return (mode & 0o001) === 0
  })
}
