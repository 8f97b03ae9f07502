const END_LIMIT_MS = 8_000

/** Ends this process through `end` (by default at once) when the supervisor that started it is gone. */
export function exitWithParent(end: () => void = () => process.exit(1)): void {
  if (process.channel === undefined) return
  const leave = () => {
    // Whatever hangs, nobody is left to send the second signal.
    setTimeout(() => process.exit(1), END_LIMIT_MS).unref()
    end()
  }
  process.once('disconnect', leave)
  // Listening must not keep a process alive that has nothing else to do.
  process.channel.unref()
}

/** Tells the supervisor that this process serves, with what others need to know of it. */
export function reportReady(about: Readonly<Record<string, unknown>> = {}): void {
  if (process.connected) process.send?.({ ready: true, ...about })
}
