// A program of the demonstration: a process of its own, lines typed at its standard input, lines heard from its standard output, each
// decoded. Nothing is slept for: whoever needs a line waits for it, and a wait ends with the line, or fails, at the latest after twenty
// seconds, saying what was awaited. The program's end fails every wait for what it can no longer say.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { Difference } from './difference.js'

const deadlineMs = 20_000
/** characters of standard error that are kept to say why a program ended */
const complaintKept = 2000

const main = fileURLToPath(new URL('../main.js', import.meta.url))

/** An exit code, or the signal that ended it, or that it could not even start. */
export type Ending = number | NodeJS.Signals | 'no start'

export interface Orders<A> {
  /** as it is called in what is told */
  readonly name: string
  readonly args: ReadonlyArray<string>
  /** a folder for what it keeps for its user */
  readonly home: string
  /** a line of its standard output; what was expected instead of one that means nothing */
  readonly read: (line: string) => Either<string, A>
  /** fails every wait, with its reason */
  readonly interrupted: AbortSignal
}

export interface Child<A> {
  readonly said: ReadonlyArray<A>
  readonly type: (line: string) => void
  /** waits for the first of what it says, from the `from`th on, in which `find` finds something */
  readonly hear: <B>(what: string, find: (event: A, index: number) => B | undefined, from?: number) => Promise<B>
  /** waits for its end; everything it said has been heard then */
  readonly end: (what: string) => Promise<Ending>
  readonly signal: (signal: NodeJS.Signals) => void
  /** kills it, unless it has ended, and waits until it is gone */
  readonly kill: () => Promise<void>
}

/** Something that can be waited for: `look` is tried at once and after each `news`. */
interface Watch {
  readonly wait: <B>(what: string, look: () => B | undefined) => Promise<B>
  readonly news: () => void
}

const watch = (lost: () => string | undefined, last: () => string, interrupted: AbortSignal): Watch => {
  const waiting = new Set<() => void>()
  const wait = <B>(what: string, look: () => B | undefined): Promise<B> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        interrupted.removeEventListener('abort', interrupt)
        waiting.delete(check)
        act()
      }
      const fail = (got: string): void => settle(() => reject(new Difference(what, `it, within ${deadlineMs / 1000} s`, got)))
      const interrupt = (): void => settle(() => reject(interrupted.reason as Error))
      const check = (): void => {
        const found = look()
        const why = found === undefined ? lost() : undefined
        if (found !== undefined) settle(() => resolve(found))
        else if (why !== undefined) fail(why)
      }
      const timer = setTimeout(() => fail(`nothing; the last line was ${last()}`), deadlineMs)
      interrupted.addEventListener('abort', interrupt)
      waiting.add(check)
      if (interrupted.aborted) interrupt()
      else check()
    })
  return { wait, news: () => [...waiting].forEach((check) => check()) }
}

/** Starts the program. */
export const start = <A>({ name, args, home, read, interrupted }: Orders<A>): Child<A> => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, XDG_STATE_HOME: home, XDG_DATA_HOME: home, XDG_RUNTIME_DIR: home } })
  const said: A[] = []
  let lastLine = 'none'
  let complaint = ''
  let nonsense: string | undefined
  let ending: Ending | undefined
  const lost = (): string | undefined => nonsense ?? (ending === undefined ? undefined : `${name} ended with ${ending}\n${complaint}`.trimEnd())
  const { wait, news } = watch(lost, () => lastLine, interrupted)
  const gone = new Promise<void>((resolve) => {
    const close = (how: Ending): void => {
      ending ??= how
      news()
      resolve()
    }
    child.once('error', (error) => {
      complaint += error.message
      close('no start')
    })
    child.once('close', (code, signal) => close(code ?? signal ?? 'no start'))
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lastLine = line
    const event = read(line)
    if (isLeft(event)) nonsense ??= `${line}, which is not ${event.left}`
    else said.push(event.right)
    news()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-complaintKept)))
  // What is typed at a program that has ended is lost; the wait for its answer tells why.
  child.stdin.on('error', () => undefined)
  return {
    said,
    type: (line) => child.stdin.write(`${line}\n`),
    hear: (what, find, from = 0) => {
      let next = from
      return wait(what, () => {
        for (; next < said.length; next++) {
          const found = find(said[next] as A, next)
          if (found !== undefined) return found
        }
        return undefined
      })
    },
    end: (what) => wait(what, () => (nonsense === undefined ? ending : undefined)),
    signal: (signal) => child.kill(signal),
    kill: () => {
      if (ending === undefined) child.kill('SIGKILL')
      return gone
    },
  }
}
