// A worker in a process of its own, so that a test can kill it. Says each job's id when it starts and never ends it.
const [, , module, open, url, name] = process.argv
const { [open]: openQueue } = await import(module)
const log = { warn: (message, fields) => console.error(message, fields) }
const queue = await openQueue({ url, name, log, maxConnections: 4 })
await queue.work(
  async (job) => {
    console.log(job.id)
    await new Promise(() => {})
  },
  { concurrency: 1 },
)
