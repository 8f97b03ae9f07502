import type { ChainMemory } from './chain-memory.ts'
import type { Counts } from './counts.ts'
import { type FaultyNode, openFaultyNode } from './faulty-node.ts'
import type { Plan } from './plan.ts'
import { seeded } from './random.ts'
import type { Node } from './rpc.ts'
import { phaseAt } from './weather.ts'

/** The two nodes that the product knows, and the weather over them. */
export type Sky = {
  readonly nodes: readonly FaultyNode[]
  /** The first second of the weather is now. */
  begin(): void
  /** While closed, no raw transaction gets through either node. */
  closeToSends(isClosed: boolean): void
  /** From now on both tell the truth. */
  clear(): void
  close(): void
}

export async function openSky(
  plan: Plan,
  about: { readonly node: Node; readonly memory: ChainMemory; readonly counts: Counts },
): Promise<Sky> {
  let begun: number | undefined
  let isClosed = false
  const second = () => (begun === undefined ? 0 : (performance.now() - begun) / 1_000)
  const nodes = await Promise.all(
    plan.weather.map((phases, at) =>
      openFaultyNode({
        ...about,
        random: seeded(`baro chaos ${plan.seed}/node ${at}`),
        phase: () => phaseAt(phases, second()),
        isClosedToSends: () => isClosed,
      }),
    ),
  )
  return {
    nodes,
    begin: () => {
      begun = performance.now()
    },
    closeToSends: (closed) => {
      isClosed = closed
    },
    clear: () => {
      begun = undefined
    },
    close: () => {
      for (const node of nodes) node.close()
    },
  }
}
