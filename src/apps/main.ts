/** Runs a process's start and ends it with one plain line when that fails: an operator reads it, not a stack. */
export async function runMain(name: string, start: () => Promise<void>): Promise<void> {
  try {
    await start()
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}
