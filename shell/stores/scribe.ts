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
interface Desk {
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

const broke = (desk: Desk, error: unknown): Unwritten => (desk.broken ??= unwritten('Broken', notWritten(desk.begin.folder, error).sentence))

/** That nothing is broken. */
const word = ({ broken }: Desk): Either<Unwritten, void> => (broken === undefined ? right(undefined) : left(broken))

/** Does what may find no room, which changes nothing that matters; false where it failed. */
const tried = (desk: Desk, act: () => void): boolean => {
  try {
    act()
    return true
  } catch (error) {
    if (!isNoRoom(error)) broke(desk, error)
    return false
  }
}

const isSame = (a: Testimony, b: Testimony): boolean => a.position === b.position && a.sum === b.sum

const hasRoom = (disk: Disk, folder: string, bytes: number): boolean => {
  const { bavail, bsize } = disk.statfsSync(folder)
  return bavail * bsize >= bytes
}

/** There was no room: SQLite says so, or says nothing of the disk while there is none. */
const isFull = ({ disk, begin }: Desk, bytes: number, error: unknown): boolean =>
  isNoRoom(error) || (['SQLITE_ERROR', ''].includes(codeOf(error)) && !hasRoom(disk, begin.folder, 2 * bytes + batchBytes))

/** What a failed INSERT has come to; `undefined`: the batch is there. */
const judged = (desk: Desk, error: unknown, batch: Testimony, bytes: number): Unwritten | undefined => {
  try {
    const { connection } = desk.volume
    if (!isFull(desk, bytes, error)) return broke(desk, error)
    if (connection.isInTransaction()) connection.run('rollback')
    if (connection.isInTransaction()) return broke(desk, error)
    const found = newestIn(desk.volume)
    if (isSame(found, batch)) return undefined
    return isSame(found, desk.reached) ? unwritten('Full', notWritten(desk.begin.folder, error).sentence) : broke(desk, error)
  } catch (second) {
    return broke(desk, second)
  }
}

const carried = (desk: Desk): void => {
  desk.due = desk.logged + limits.journalTendBytes / 4
  tried(desk, () => desk.witness.swear(desk.reached))
  tried(desk, () => {
    if (!carryOver(desk.volume)) return
    desk.logged = 0
    desk.due = limits.journalTendBytes
  })
}

const cleared = (desk: Desk): boolean => {
  const { disk, begin, stray } = desk
  if (stray !== undefined && tried(desk, () => unmake(disk, begin.folder, stray))) desk.stray = undefined
  return desk.stray === undefined
}

/** There is room in the log, and nothing in the way. */
const ready = (desk: Desk): Either<Unwritten, void> => {
  if (desk.logged >= limits.journalLogBytes) carried(desk)
  const isReady = cleared(desk) && desk.logged < limits.journalLogBytes
  if (isReady || desk.broken !== undefined) return word(desk)
  return left(unwritten('Full', `${desk.begin.folder}: there is no room to go on with the journal`))
}

const append = (desk: Desk, position: number, text: string): Either<Unwritten, void> => {
  const isReady = ready(desk)
  if (isReady._tag === 'Left') return isReady
  const { rules } = desk.begin
  const batch = { position, sum: sumOf(desk.reached.sum, position, rules, text) }
  try {
    desk.volume.insert(position, rules, batch.sum, text)
  } catch (error) {
    const failure = judged(desk, error, batch, text.length)
    if (failure !== undefined) return left(failure)
  }
  desk.before = desk.reached
  desk.reached = batch
  desk.logged += text.length + batchBytes
  desk.total += text.length
  tried(desk, () => desk.witness.note(batch))
  return word(desk)
}

const turn = (desk: Desk): Either<Unwritten, void> => {
  const { disk, begin, volume, reached } = desk
  if (desk.broken !== undefined || isSame(reached, volume.began) || !cleared(desk)) return word(desk)
  try {
    desk.volume = beginVolume(disk, begin.folder, begin.form, reached)
  } catch (error) {
    if (!isNoRoom(error)) return left(broke(desk, error))
    desk.stray = reached.position
    // not again behind the very next batch
    desk.total = Math.min(desk.total, (limits.journalFileBytes / 4) * 3)
    cleared(desk)
    return word(desk)
  }
  desk.logged = 0
  desk.due = limits.journalTendBytes
  desk.total = 0
  tried(desk, () => void carryOver(volume))
  volume.connection.close()
  return word(desk)
}

const sumAt = (desk: Desk, position: number): Either<Unwritten, Sum> => {
  if (desk.broken !== undefined) return left(desk.broken)
  try {
    const known = [desk.reached, desk.before, desk.volume.began].find((one) => one.position === position)
    const sum = known?.sum ?? sumIn(desk.volume, position)
    return sum === undefined ? left(unwritten('Broken', `${desk.begin.folder}: no batch ends at ${position}`)) : right(sum)
  } catch (error) {
    return left(broke(desk, error))
  }
}

const tend = (desk: Desk): void => {
  if (desk.broken !== undefined) return
  if (desk.logged >= desk.due) carried(desk)
  if (desk.total >= limits.journalFileBytes) turn(desk)
}

const close = (desk: Desk): Either<Unwritten, void> => {
  const { volume, witness } = desk
  if (desk.broken === undefined) {
    tried(desk, () => witness.swear(desk.reached))
    tried(desk, () => void carryOver(volume))
  }
  tried(desk, () => witness.close())
  volume.connection.close()
  return word(desk)
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
    const desk: Desk = { disk, begin, witness, volume, reached: began, before: began, broken: undefined, logged: 0, due: limits.journalTendBytes, total: 0, stray: undefined }
    return right({
      append: (position, text) => append(desk, position, text),
      sumAt: (position) => sumAt(desk, position),
      tend: () => tend(desk),
      turn: () => turn(desk),
      close: () => close(desk),
    })
  } catch (error) {
    const { _tag, sentence } = notWritten(begin.folder, error)
    return left(unwritten(hasRoom(disk, begin.folder, batchBytes) ? _tag : 'Full', sentence))
  }
}
