// Writes a folder's journal, one batch at a time. What failed is judged by evidence and not by what it is called:
//
//   append ──INSERT, which commits and syncs──> witness ──> acknowledged
//             └─ failed: is the batch there? ── no, and there was no room ──> Full: nothing of it is there, and the next may go in
//                                            └─ anything else ──────────────> Broken: nobody knows, and nothing is written any more
//
// A failed sync is never tried again: the system may have dropped what it could not write, and say that all is well the next time.
// Carrying the log over into the file is done here and not by SQLite on its own, which keeps its failures to itself.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { sumOf, type Sum } from './chain.js'
import { codeOf, isNoRoom, notWritten, unwritten } from './failures.js'
import { beginVolume, carryOver, newestIn, sumIn, unmake, type Volume } from './volume.js'
import { openWitness, type Testimony, type Witness } from './witness.js'
import type { Disk } from './disk.js'
import type { Unwritten } from './store.js'

/** What a journal goes on from, and what its batches are marked with. */
export interface Begin extends Testimony {
  readonly folder: string
  /** of what is written */
  readonly form: number
  readonly rules: number
}

export interface Scribe {
  /** Makes a batch durable. */
  readonly append: (position: number, text: string) => Either<Unwritten, void>
  /** The journal's sum at a position that this process has reached. */
  readonly sumAt: (position: number) => Either<Unwritten, Sum>
  /** Does what is due between two batches; what fails is said to the next. */
  readonly tend: () => void
  /** Goes on in another file; in the same where there is no room for one. */
  readonly turn: () => Either<Unwritten, void>
  readonly close: () => Either<Unwritten, void>
}

/** bytes that the log grows by with a batch, beside its text: the pages in which its row begins and ends, and those above */
const batchBytes = 4 * 4120

/** How it stands with a journal. */
interface State {
  readonly disk: Disk
  readonly begin: Begin
  readonly witness: Witness
  volume: Volume
  reached: Testimony
  /** where the batch before began */
  before: Testimony
  broken: Unwritten | undefined
  /** bytes in the log */
  logged: number
  /** bytes in the log at which it is carried over */
  due: number
  /** bytes of the batches in the file and its log */
  total: number
  /** where a journal was begun and could not be finished: while it is there, nothing may be written to the one before */
  stray: number | undefined
}

const broke = (state: State, error: unknown): Unwritten => (state.broken ??= unwritten('Broken', notWritten(state.begin.folder, error).sentence))

/** That nothing is broken. */
const word = ({ broken }: State): Either<Unwritten, void> => (broken === undefined ? right(undefined) : left(broken))

/** Does what may find no room, which changes nothing that matters; false where it failed. */
const tried = (state: State, act: () => void): boolean => {
  try {
    act()
    return true
  } catch (error) {
    if (!isNoRoom(error)) broke(state, error)
    return false
  }
}

const isSame = (a: Testimony, b: Testimony): boolean => a.position === b.position && a.sum === b.sum

const hasRoom = (disk: Disk, folder: string, bytes: number): boolean => {
  const { bavail, bsize } = disk.statfsSync(folder)
  return bavail * bsize >= bytes
}

/** There was no room: SQLite says so, or says nothing of the disk while there is none. */
const isFull = ({ disk, begin }: State, bytes: number, error: unknown): boolean =>
  isNoRoom(error) || (['SQLITE_ERROR', ''].includes(codeOf(error)) && !hasRoom(disk, begin.folder, 2 * bytes + batchBytes))

/** What a failed INSERT has come to; `undefined`: the batch is there. */
const judged = (state: State, error: unknown, batch: Testimony, bytes: number): Unwritten | undefined => {
  try {
    const { connection } = state.volume
    if (!isFull(state, bytes, error)) return broke(state, error)
    if (connection.isInTransaction()) connection.run('rollback')
    if (connection.isInTransaction()) return broke(state, error)
    const found = newestIn(state.volume)
    if (isSame(found, batch)) return undefined
    return isSame(found, state.reached) ? unwritten('Full', notWritten(state.begin.folder, error).sentence) : broke(state, error)
  } catch (second) {
    return broke(state, second)
  }
}

const carried = (state: State): void => {
  state.due = state.logged + limits.journalTendBytes / 4
  tried(state, () => state.witness.swear(state.reached))
  tried(state, () => {
    if (!carryOver(state.volume)) return
    state.logged = 0
    state.due = limits.journalTendBytes
  })
}

const cleared = (state: State): boolean => {
  const { disk, begin, stray } = state
  if (stray !== undefined && tried(state, () => unmake(disk, begin.folder, stray))) state.stray = undefined
  return state.stray === undefined
}

/** There is room in the log, and nothing in the way. */
const ready = (state: State): Either<Unwritten, void> => {
  if (state.logged >= limits.journalLogBytes) carried(state)
  const isReady = cleared(state) && state.logged < limits.journalLogBytes
  if (isReady || state.broken !== undefined) return word(state)
  return left(unwritten('Full', `${state.begin.folder}: there is no room to go on with the journal`))
}

const append = (state: State, position: number, text: string): Either<Unwritten, void> => {
  const isReady = ready(state)
  if (isReady._tag === 'Left') return isReady
  const { rules } = state.begin
  const batch = { position, sum: sumOf(state.reached.sum, position, rules, text) }
  try {
    state.volume.insert(position, rules, batch.sum, text)
  } catch (error) {
    const failure = judged(state, error, batch, text.length)
    if (failure !== undefined) return left(failure)
  }
  state.before = state.reached
  state.reached = batch
  state.logged += text.length + batchBytes
  state.total += text.length
  tried(state, () => state.witness.note(batch))
  return word(state)
}

const turn = (state: State): Either<Unwritten, void> => {
  const { disk, begin, volume, reached } = state
  if (state.broken !== undefined || isSame(reached, volume.began) || !cleared(state)) return word(state)
  try {
    state.volume = beginVolume(disk, begin.folder, begin.form, reached)
  } catch (error) {
    if (!isNoRoom(error)) return left(broke(state, error))
    state.stray = reached.position
    // not again behind the very next batch
    state.total = Math.min(state.total, (limits.journalFileBytes / 4) * 3)
    cleared(state)
    return word(state)
  }
  state.logged = 0
  state.due = limits.journalTendBytes
  state.total = 0
  tried(state, () => void carryOver(volume))
  volume.connection.close()
  return word(state)
}

const sumAt = (state: State, position: number): Either<Unwritten, Sum> => {
  if (state.broken !== undefined) return left(state.broken)
  try {
    const known = [state.reached, state.before, state.volume.began].find((one) => one.position === position)
    const sum = known?.sum ?? sumIn(state.volume, position)
    return sum === undefined ? left(unwritten('Broken', `${state.begin.folder}: no batch ends at ${position}`)) : right(sum)
  } catch (error) {
    return left(broke(state, error))
  }
}

const tend = (state: State): void => {
  if (state.broken !== undefined) return
  if (state.logged >= state.due) carried(state)
  if (state.total >= limits.journalFileBytes) turn(state)
}

const close = (state: State): Either<Unwritten, void> => {
  const { volume, witness } = state
  if (state.broken === undefined) {
    tried(state, () => witness.swear(state.reached))
    tried(state, () => void carryOver(volume))
  }
  tried(state, () => witness.close())
  volume.connection.close()
  return word(state)
}

/** A journal, beside a witness that is closed where none can be begun. */
const besides = (disk: Disk, begin: Begin, witness: Witness): Volume => {
  try {
    return beginVolume(disk, begin.folder, begin.form, begin)
  } catch (error) {
    witness.close()
    throw error
  }
}

/** Begins a journal behind what is there. Fails, with nothing of it there that means anything, with the reason. */
export const openScribe = (disk: Disk, begin: Begin): Either<Unwritten, Scribe> => {
  try {
    const witness = openWitness(disk, begin.folder, begin)
    const volume = besides(disk, begin, witness)
    const { began } = volume
    const state: State = { disk, begin, witness, volume, reached: began, before: began, broken: undefined, logged: 0, due: limits.journalTendBytes, total: 0, stray: undefined }
    return right({
      append: (position, text) => append(state, position, text),
      sumAt: (position) => sumAt(state, position),
      tend: () => tend(state),
      turn: () => turn(state),
      close: () => close(state),
    })
  } catch (error) {
    const { _tag, sentence } = notWritten(begin.folder, error)
    return left(unwritten(hasRoom(disk, begin.folder, batchBytes) ? _tag : 'Full', sentence))
  }
}
