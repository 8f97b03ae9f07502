/** A state machine is a table: for each state, the states it may move to. */
export type Moves<State extends string> = { readonly [From in State]: readonly State[] }

/** The states from which `to` can be reached in one move: the `where` clause of a compare-and-set. */
export function sourcesOf<State extends string>(moves: Moves<State>, to: State): State[] {
  return (Object.keys(moves) as State[]).filter((from) => moves[from].includes(to))
}
