// A worker in a process of its own, so that a test can end it. Says each job's id when it starts and never ends it.
const [, , module, url, name] = process.argv
const { openRedisQueue, openPostgresQueue } = await import(module)
const log = { warn: (message, fields) => console.error(message, fields) }
const queue = await (openRedisQueue ?? openPostgresQueue)({ url, name, log, maxConnections: 4 })
await queue.work(
  async (job) => {
    console.log(job.id)
    await new Promise(() => {})
  },
  { concurrency: 1 },
)
process.on('SIGTERM', () => queue.close())
console.log('ready')
