import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds of processor time of a process, of its living descendants, and of the children that it has outlived. */
export function cpuOf(pid: number): number {
  const processes = readProcesses()
  const ticks = (root: number): number => {
    const own = processes.get(root)
    if (own === undefined) return 0
    const children = [...processes].filter(([, { parent }]) => parent === root)
    return own.ticks + children.reduce((sum, [child]) => sum + ticks(child), 0)
  }
  return (ticks(pid) * 1_000) / ticksPerSecond()
}

type Process = { readonly parent: number; readonly ticks: number }

/** Every process, from /proc; none where there is no /proc. */
function readProcesses(): ReadonlyMap<number, Process> {
  const found = new Map<number, Process>()
  for (const name of listProc()) {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      // utime, stime, and those of children that were waited for (proc(5), fields 14 to 17).
      const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
      found.set(Number(name), { parent: Number(fields[1]), ticks })
    } catch {
      // It ended between the listing and the look.
    }
  }
  return found
}

function listProc(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

let cached: number | undefined
function ticksPerSecond(): number {
  cached ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  return cached
}
