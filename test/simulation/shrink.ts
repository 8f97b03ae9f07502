import type { Plan, PlannedEvent } from './plan.ts'
import { type Outcome, runPlan } from './run.ts'
import type { Switches } from './switches.ts'

/** Runs that may be spent on making a trace shorter. */
const MOST_RUNS = 400

/** What kind of breach it is: the same sentence with other numbers is the same. */
const kindOf = (outcome: Outcome) => outcome.breach?.replace(/\d+/g, 'n')

/** The smallest plan that was found to break the same rule, and its run. */
export async function shrink(
  plan: Plan,
  switches: Switches,
): Promise<{ readonly plan: Plan; readonly outcome: Outcome }> {
  let best = { plan, outcome: await runPlan(plan, switches) }
  const kind = kindOf(best.outcome)
  let runs = 0
  const tryPlan = async (candidate: Plan): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false
    runs++
    const outcome = await runPlan(candidate, switches)
    if (kindOf(outcome) !== kind) return false
    best = { plan: candidate, outcome }
    return true
  }
  for (let isSmaller = true; isSmaller && runs < MOST_RUNS; ) {
    isSmaller = await dropEvents(() => best.plan, tryPlan)
    for (const simplify of SIMPLER)
      for (let next = simplify(best.plan); next !== undefined; next = simplify(best.plan)) {
        if (!(await tryPlan(next))) break
        isSmaller = true
      }
    for (let index = 0; index < best.plan.events.length; index++)
      if (await simplifyEvent(best.plan, index, tryPlan)) isSmaller = true
  }
  return best
}

/** Leaves out halves, quarters and so on of the events, as long as the rule is still broken. */
async function dropEvents(
  current: () => Plan,
  tryPlan: (plan: Plan) => Promise<boolean>,
): Promise<boolean> {
  let isSmaller = false
  for (let size = Math.ceil(current().events.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < current().events.length; ) {
      const { events } = current()
      const rest = [...events.slice(0, at), ...events.slice(at + size)]
      if (await tryPlan({ ...current(), events: rest })) isSmaller = true
      else at += size
    }
  return isSmaller
}

/** A node that makes up payments is believed where no other must agree: that would be another story. */
function isForged({ events }: Plan): boolean {
  return events.some((one) => one.kind === 'node' && one.fault.kind === 'forges_paid')
}

/** Whole plans that are simpler than one; undefined when one is as simple as that. */
const SIMPLER: readonly ((plan: Plan) => Plan | undefined)[] = [
  (plan) => (plan.workers.length > 1 ? { ...plan, workers: plan.workers.slice(0, -1) } : undefined),
  (plan) => (plan.lanes > 1 ? { ...plan, lanes: plan.lanes - 1 } : undefined),
  (plan) =>
    plan.nodes > (isForged(plan) ? 2 : 1) ? { ...plan, nodes: plan.nodes - 1 } : undefined,
  (plan) => (plan.latencyMs > 1 ? { ...plan, latencyMs: 1 } : undefined),
  (plan) =>
    plan.agreeAbove === undefined || isForged(plan)
      ? undefined
      : { ...plan, agreeAbove: undefined },
  (plan) =>
    plan.workers.some((one) => one.aheadMs !== 0)
      ? { ...plan, workers: plan.workers.map((one) => ({ ...one, aheadMs: 0, steadyMs: 0 })) }
      : undefined,
]

async function simplifyEvent(
  plan: Plan,
  index: number,
  tryPlan: (plan: Plan) => Promise<boolean>,
): Promise<boolean> {
  const event = plan.events[index]
  const simpler = event === undefined ? undefined : simplerEvent(event)
  if (simpler === undefined) return false
  return tryPlan({ ...plan, events: plan.events.with(index, simpler) })
}

function simplerEvent(event: PlannedEvent): PlannedEvent | undefined {
  if (event.kind === 'sale') {
    if (event.presses > 1) return { ...event, presses: 1 }
    if (event.shoppers.length > 1) return { ...event, shoppers: event.shoppers.slice(0, 1) }
    return undefined
  }
  return 'forMs' in event && event.forMs > 2_000
    ? { ...event, forMs: Math.ceil(event.forMs / 2_000) * 1_000 }
    : undefined
}
