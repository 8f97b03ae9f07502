/** `degraded` is worth a look and keeps no sale away; `failed` does. */
export type CheckState = 'ok' | 'degraded' | 'failed'

/** What one check found. `detail` says what holds, or what to do next. Strangers may read it. */
export type Check = { readonly state: CheckState; readonly detail: string }

/** Whether a process can do its work now, and what was asked to know it. */
export type Readiness = {
  readonly status: 'ready' | 'degraded' | 'not_ready'
  readonly checks: Readonly<Record<string, Check>>
}

export const ok = (detail: string): Check => ({ state: 'ok', detail })
export const degraded = (detail: string): Check => ({ state: 'degraded', detail })
export const failed = (detail: string): Check => ({ state: 'failed', detail })

/** A process is as well as the worst of its checks. */
export function readinessOf(checks: Readonly<Record<string, Check>>): Readiness {
  const states = Object.values(checks).map((check) => check.state)
  if (states.includes('failed')) return { status: 'not_ready', checks }
  return { status: states.includes('degraded') ? 'degraded' : 'ready', checks }
}
