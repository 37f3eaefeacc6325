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

/** Appends that are tried until there is room. */
interface Patient {
  /** false: it cannot be written */
  readonly append: (records: ReadonlyArray<diary.Mark>, position: number) => Promise<boolean>
  readonly trouble: () => Unwritten | undefined
  /** tries once more, at once, and then no more */
  readonly giveUp: () => void
}

const patient = ({ opened: { store }, full, broken }: DiaristOptions): Patient => {
  let trouble: Unwritten | undefined
  let isOver = false
  let again = (): void => undefined
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, protocol.storeRetryMs)
      again = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  return {
    append: async (records, position) => {
      for (;;) {
        const appended = await store.append({ records, position })()
        const before = trouble
        trouble = isLeft(appended) ? appended.left : undefined
        if (trouble === undefined) return true
        if (trouble._tag === 'Broken') broken(trouble)
        else if (before === undefined) full(trouble)
        if (trouble._tag === 'Broken' || isOver) return false
        await pause()
      }
    },
    trouble: () => trouble,
    giveUp: () => {
      isOver = true
      again()
    },
  }
}

/** The queue behind each Persist, held until that is durable. */
interface Gate {
  readonly due: (position: number) => void
  /** the first that is due and was not asked for */
  readonly next: (durable: number) => Promise<void> | undefined
  readonly open: (durable: number) => void
}

const gate = (): Gate => {
  const due: number[] = []
  let waiting: ReadonlyArray<{ readonly position: number; readonly go: () => void }> = []
  return {
    due: (position) => void due.push(position),
    next: (durable) => {
      const position = due.shift() ?? 0
      return position <= durable ? undefined : new Promise((go) => (waiting = [...waiting, { position, go }]))
    },
    open: (durable) => {
      const gone = waiting.filter(({ position }) => position <= durable)
      waiting = waiting.filter(({ position }) => position > durable)
      for (const { go } of gone) go()
    },
  }
}

export const openDiarist = (options: DiaristOptions): Diarist => {
  const { opened: { store, restored }, newest } = options
  const { append, trouble, giveUp } = patient(options)
  const held = gate()
  /** positions: of the newest mark that was taken, of the newest durable one, of the newest snapshot */
  let taken = restored.snapshot + restored.folded
  let durable = taken
  let snapshot = restored.snapshot
  let pending: diary.Mark[] = []
  let writing: Promise<void> | undefined
  let jots: NodeJS.Timeout | undefined

  const snap = async (): Promise<void> => {
    const state = newest()
    if (state.position === durable && !isLeft(await store.snapshot(state)())) snapshot = state.position
  }

  const write = async (): Promise<void> => {
    clearTimeout(jots)
    jots = undefined
    while (pending.length > 0) {
      const records = pending
      pending = []
      if (!(await append(records, durable + records.length))) return
      durable += records.length
      held.open(durable)
    }
    if (durable - snapshot >= limits.marksPerSnapshot) await snap()
  }

  const flush = (): void => {
    writing ??= write().then(() => {
      writing = undefined
      // what came while a snapshot was taken
      if (pending.length > 0 && trouble() === undefined) flush()
    })
  }

  return {
    take: (effects) => {
      const marks = effects.filter(isMark)
      for (const { _tag, record } of marks) {
        taken += 1
        pending.push(record)
        if (_tag === 'Persist') held.due(taken)
      }
      if (marks.some(({ _tag }) => _tag === 'Persist')) flush()
      else if (marks.length > 0) jots ??= setTimeout(flush, limits.jotMs)
    },
    kept: () => held.next(durable),
    stuck: trouble,
    close: async () => {
      giveUp()
      while (writing !== undefined) await writing
      if (trouble() === undefined) await write()
      await store.close()
    },
  }
}
