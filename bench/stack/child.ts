import { fork } from 'node:child_process'
import { join } from 'node:path'

/** Runs a file of `bench` as a process of its own: one task goes over IPC, one result comes back. */
export function runChild<Task extends object, Result>(name: string, task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, '../run.mjs'), [name], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    let result: { readonly value: Result } | undefined
    child.once('message', (message) => {
      result = { value: message as Result }
    })
    child.once('error', reject)
    child.once('exit', (code) =>
      result === undefined
        ? reject(new Error(`${name} ended with ${code}`))
        : resolve(result.value),
    )
    child.send(task)
  })
}

/** The other side of `runChild`. */
export async function answerParent<Task, Result>(
  work: (task: Task) => Promise<Result>,
): Promise<number> {
  const task = await new Promise<Task>((resolve) => process.once('message', resolve as never))
  const result = await work(task)
  await new Promise<void>((resolve) => process.send?.(result, () => resolve()))
  process.disconnect()
  return 0
}
