// Work that several processes share: each is the same program again, takes one task after another, and says what came of it.
import { fork } from 'node:child_process'

/** Of a process that was started for it: does what it is given. */
export const work = (does: (task: never) => unknown): void => {
  process.on('message', (task) => process.send?.(does(task as never)))
  process.send?.('ready')
}

/** Each task to whoever is free, the last first; `done` is told what came of each. */
export const crew = async <T>(program: string, jobs: number, tasks: ReadonlyArray<T>, done: (task: T, result: unknown) => void): Promise<void> => {
  const left = [...tasks]
  await Promise.all(Array.from({ length: jobs }, () => new Promise<void>((resolve, reject) => {
    const child = fork(program, [...process.argv.slice(2), '--share'])
    let doing: T | undefined
    child.on('message', (result) => {
      if (doing !== undefined) done(doing, result)
      doing = left.pop()
      if (doing !== undefined) child.send(doing as object)
      else {
        child.disconnect()
        resolve()
      }
    })
    child.once('exit', (code) => code === 0 || code === null ? undefined : reject(new Error(`a process ended with ${code}`)))
  })))
}
