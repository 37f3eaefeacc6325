// What keeps a peer's diary: marks go to its store in the order in which they were made, those of a moment in one batch.
//
//   take ──> pending ──a batch at a time──> store ──> durable ──> `kept` lets the queue behind a Persist go on
//
// A mark is handed over as soon as it is made, and not when the queue comes to it: that it is durable early harms nobody, and what waits behind the
// one before is written with it. Where there is no room the same batch is tried again until there is, and nothing is lost.
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits as protocol, type diary } from '../core/index.js'
import { limits } from './limits.js'
import type { Opened, Unwritten } from './stores/store.js'

export interface DiaristOptions {
  readonly opened: Opened<diary.Mark, diary.Diary>
  /** behind the newest mark that was taken */
  readonly newest: () => diary.Diary
  /** there is no room: nothing of what waits is shown or acknowledged until there is. Said once for each time */
  readonly full: (why: Unwritten) => void
  /** nothing more can be written; nobody knows whether the last batch was */
  readonly broken: (why: Unwritten) => void
}

/** What a step wants written. */
type Wanted = { readonly _tag: string } | { readonly _tag: 'Persist' | 'Jot'; readonly record: diary.Mark }

export interface Diarist {
  /** all effects of a step, in their order; those that are no marks are let be */
  readonly take: (effects: ReadonlyArray<Wanted>) => void
  /** kept when the first of those Persists that nobody has asked for yet is durable; `undefined`: it is */
  readonly kept: () => Promise<void> | undefined
  /** why nothing can be written at the moment */
  readonly stuck: () => Unwritten | undefined
  /** writes what is left, if it can be, and lets go of the store */
  readonly close: () => Promise<void>
}

const isMark = (effect: Wanted): effect is Extract<Wanted, { readonly record: diary.Mark }> => effect._tag === 'Persist' || effect._tag === 'Jot'

export const openDiarist = ({ opened: { store, restored }, newest, full, broken }: DiaristOptions): Diarist => {
  /** positions: of the newest mark that was taken, of the newest durable one, of the newest snapshot */
  let taken = restored.snapshot + restored.folded
  let durable = taken
  let snapshot = restored.snapshot
  let pending: diary.Mark[] = []
  /** positions of the Persists that `kept` was not asked for yet */
  const due: number[] = []
  let waiting: Array<{ readonly position: number; readonly go: () => void }> = []
  let writing: Promise<void> | undefined
  let jots: NodeJS.Timeout | undefined
  let trouble: Unwritten | undefined
  let again: (() => void) | undefined
  let isClosed = false

  const released = (): void => {
    const gone = waiting.filter(({ position }) => position <= durable)
    waiting = waiting.filter(({ position }) => position > durable)
    for (const { go } of gone) go()
  }

  /** False: it cannot be. */
  const written = async (records: ReadonlyArray<diary.Mark>): Promise<boolean> => {
    for (;;) {
      const appended = await store.append({ records, position: durable + records.length })()
      if (!isLeft(appended)) return true
      const isNews = trouble === undefined
      trouble = appended.left
      if (trouble._tag === 'Broken') {
        broken(trouble)
        return false
      }
      if (isNews) full(trouble)
      if (isClosed) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, protocol.storeRetryMs)
        again = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  const snap = async (): Promise<void> => {
    const state = newest()
    if (state.position !== durable || durable === snapshot) return
    const done = await store.snapshot(state)()
    if (!isLeft(done)) snapshot = state.position
  }

  const write = async (): Promise<void> => {
    while (pending.length > 0 && trouble?._tag !== 'Broken') {
      clearTimeout(jots)
      jots = undefined
      const records = pending
      pending = []
      if (!(await written(records))) return
      trouble = undefined
      durable += records.length
      released()
    }
    if (durable - snapshot >= limits.marksPerSnapshot) await snap()
  }

  const flush = (): void => {
    writing ??= write().then(() => {
      writing = undefined
      // what came while a snapshot was taken
      if (pending.length > 0 && !isClosed && trouble === undefined) flush()
    })
  }

  return {
    take: (effects) => {
      const marks = effects.filter(isMark)
      if (marks.length === 0) return
      for (const { _tag, record } of marks) {
        taken += 1
        pending.push(record)
        if (_tag === 'Persist') due.push(taken)
      }
      if (marks.some(({ _tag }) => _tag === 'Persist')) flush()
      else jots ??= setTimeout(flush, limits.jotMs)
    },
    kept: () => {
      const position = due.shift() ?? 0
      return position <= durable ? undefined : new Promise((go) => waiting.push({ position, go }))
    },
    stuck: () => trouble,
    close: async () => {
      isClosed = true
      clearTimeout(jots)
      again?.()
      await writing
      if (trouble === undefined) await write()
      await store.close()
    },
  }
}
