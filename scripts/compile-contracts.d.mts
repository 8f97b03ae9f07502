export interface CompiledContract {
  readonly abi: readonly unknown[]
  readonly evm: {
    readonly bytecode: { readonly object: string }
    readonly deployedBytecode: { readonly object: string }
  }
}

/** Compiles entry files, given from the repository's root: contracts by path and name. */
export function compile(
  entries: readonly string[],
  settings?: object,
  replaced?: Readonly<Record<string, string>>,
): Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>

/** Writes the creation code of the product's contracts as hex files into a folder. */
export function writeBytecode(folder: string, replaced?: Readonly<Record<string, string>>): void
