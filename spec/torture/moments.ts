// When a server is killed: under load, while it starts, while it writes a snapshot or a saved file; sometimes it is stopped for a while before, and
// sometimes it is told to end, and ends by itself or is killed while it does.
import { readdirSync, watch } from 'node:fs'
import type { Roll } from './deeds.js'

export interface Moment {
  /** `begun`: the process, `served`: so many answers, `snapshot` and `save`: a file that is not in its place yet */
  readonly after: 'begun' | 'served' | 'snapshot' | 'save'
  readonly answers: number
  /** then so many ms more */
  readonly ms: number
  /** ms for which it is stopped before; 0: it is not */
  readonly stopMs: number
  readonly signal: 'SIGKILL' | 'SIGTERM'
  /** one that was told to end is killed so many ms later, if it has not ended; undefined: never */
  readonly graceMs: number | undefined
}

/** The moment of kill number `n`, from 0; the first is under load, since there has to be a server first. */
export const drawMoment = (roll: Roll, n: number): Moment => {
  const kind = n === 0 ? 50 : roll(100)
  const signal = roll(15) === 0 ? 'SIGTERM' : 'SIGKILL'
  const graceMs = signal === 'SIGTERM' && roll(2) === 0 ? roll(300) : undefined
  const stopMs = roll(20) === 0 ? 20 + roll(100) : 0
  const answers = 10 + roll(200)
  if (kind < 10) return { after: 'begun', answers: 0, ms: roll(200), stopMs: 0, signal: 'SIGKILL', graceMs }
  if (kind < 25) return { after: 'snapshot', answers, ms: roll(3), stopMs, signal: 'SIGKILL', graceMs }
  if (kind < 40) return { after: 'save', answers, ms: roll(2), stopMs, signal: 'SIGKILL', graceMs }
  return { after: 'served', answers, ms: roll(300), stopMs, signal, graceMs }
}

/** How a file that is written beside its place is called. */
const begins = { snapshot: '.snapshot-', save: '.' } as const

/** The files in `folder` that were not in their place yet. */
export const temporaries = (folder: string, kind: 'snapshot' | 'save'): ReadonlyArray<string> =>
  readdirSync(folder).filter((name) => name.startsWith(begins[kind]))

/** The next time that such a file is begun in `folder`, at most `ms` from now. */
export const temporaryIn = (folder: string, kind: 'snapshot' | 'save', ms: number): Promise<void> =>
  new Promise((seen) => {
    const watcher = watch(folder, (_, name) => {
      if (name?.startsWith(begins[kind]) === true) finish()
    })
    const finish = (): void => {
      clearTimeout(timer)
      watcher.close()
      seen()
    }
    const timer = setTimeout(finish, ms)
  })
