// Writes a folder's journal, one batch at a time. What failed is judged by evidence and not by what SQLite calls it:
//
//   append ──INSERT, which commits and syncs──> witness ──> acknowledged
//             └─ failed: is the batch there? ── no, and there was no room ──> Full: nothing of it is there, and the next may go in
//                                            └─ anything else ──────────────> Broken: nobody knows, and nothing is written any more
//
// A failed sync is never tried again: the system may have dropped what it could not write, and say that all is well the next time.
// Carrying the log over into the file is done here and not by SQLite on its own, which keeps its failures to itself.
import { join } from 'node:path'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { isSum, sumOf, type Sum } from './chain.js'
import { companions, journalName, newJournalName } from './contents.js'
import { codeOf, isNoRoom, notWritten, unwritten } from './failures.js'
import { table } from './pages.js'
import { openWitness, type Testimony, type Witness } from './witness.js'
import type { Connection, Disk } from './disk.js'
import type { Unwritten } from './store.js'

/** What a journal goes on from, and what its batches are marked with. */
export interface Begin extends Testimony {
  readonly folder: string
  /** of the written form */
  readonly form: number
  readonly rules: number
}

export interface Scribe {
  /** Makes a batch durable. */
  readonly append: (position: number, text: string) => Either<Unwritten, void>
  /** The journal's sum at a position of this process. */
  readonly sumAt: (position: number) => Either<Unwritten, Sum>
  /** Does what is due between two batches; what fails is said to the next. */
  readonly tend: () => void
  /** Begins another journal file here; leaves things as they are where there is no room for one. */
  readonly turn: () => Either<Unwritten, void>
  readonly close: () => Either<Unwritten, void>
}

/** bytes that the log grows by with a batch, beside its text: the pages that its row begins and ends in and those above */
const batchBytes = 4 * 4120

const syncFolder = (disk: Disk, folder: string): void => {
  const handle = disk.openSync(folder, 'r')
  try {
    disk.fsyncSync(handle)
  } finally {
    disk.closeSync(handle)
  }
}

/** An empty journal that begins at `position`, made beside its place; it takes that of one from which nothing was ever read. */
const make = (disk: Disk, { folder, form }: Begin, position: number): string => {
  const [beside, place] = [join(folder, newJournalName), join(folder, journalName(position))]
  for (const path of [beside, ...companions.map((ending) => beside + ending)]) disk.rmSync(path, { force: true })
  disk.closeSync(disk.openSync(beside, 'wx', 0o600))
  const connection = disk.connect(beside)
  try {
    connection.run(`pragma synchronous = off; pragma page_size = 4096; pragma auto_vacuum = none; pragma journal_mode = wal; ${table}; pragma user_version = ${form}; pragma wal_checkpoint(truncate)`)
  } finally {
    connection.close()
  }
  const file = disk.openSync(beside, 'r+')
  try {
    disk.fsyncSync(file)
  } finally {
    disk.closeSync(file)
  }
  for (const ending of companions) disk.rmSync(place + ending, { force: true })
  syncFolder(disk, folder)
  disk.renameSync(beside, place)
  return place
}

const is = (connection: Connection, pragma: string, value: unknown): void => {
  const [row] = connection.rows(`pragma ${pragma}`)
  if (row?.[pragma] !== value) throw new Error(`SQLite keeps ${pragma} at ${String(row?.[pragma])}`)
}

/** Opens a journal that was just made. Its log's name is durable with the folder, which SQLite syncs too, but without a look at how that went. */
const opened = (disk: Disk, folder: string, path: string): Connection => {
  const connection = disk.connect(path)
  connection.run('pragma synchronous = full; pragma wal_autocheckpoint = 0')
  is(connection, 'journal_mode', 'wal')
  is(connection, 'synchronous', 2)
  connection.rows('select position from batches limit 1')
  syncFolder(disk, folder)
  return connection
}

interface Open {
  readonly connection: Connection
  readonly insert: ReturnType<Connection['prepare']>
  readonly began: Testimony
}

const open = (disk: Disk, begin: Begin, { position, sum }: Testimony): Open => {
  const connection = opened(disk, begin.folder, make(disk, begin, position))
  return { connection, insert: connection.prepare('insert into batches values (?, ?, ?, ?)'), began: { position, sum } }
}

/** Takes a journal away from which nothing was ever acknowledged, so that the one before can go on. */
const unmake = (disk: Disk, folder: string, position: number): void => {
  for (const path of [journalName(position), newJournalName]) for (const ending of [...companions, '']) disk.rmSync(join(folder, path + ending), { force: true })
  syncFolder(disk, folder)
}

/** There was no room: SQLite says so, or says nothing of the disk while there is none. */
const isFull = ({ statfsSync }: Disk, folder: string, bytes: number, error: unknown): boolean => {
  if (isNoRoom(error)) return true
  if (!['SQLITE_ERROR', ''].includes(codeOf(error))) return false
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize < 2 * bytes + batchBytes
}

/** The newest batch of a journal, or where it began. */
const newest = ({ connection, began }: Open): Testimony => {
  const [row] = connection.rows('select position, sum from batches order by position desc limit 1')
  if (row === undefined) return began
  const { position, sum } = row
  if (typeof position !== 'number' || !isSum(sum)) throw new Error('the newest batch is none')
  return { position, sum }
}

const isSame = (a: Testimony, b: Testimony): boolean => a.position === b.position && a.sum === b.sum

/** Begins a journal file behind what is there. Fails, with nothing of it there that means anything, with the reason. */
export const openScribe = (disk: Disk, begin: Begin): Either<Unwritten, Scribe> => {
  try {
    const witness = openWitness(disk, begin.folder, begin)
    return right(scribe(disk, begin, witness, open(disk, begin, begin)))
  } catch (error) {
    return left(notWritten(begin.folder, error))
  }
}

const scribe = (disk: Disk, begin: Begin, witness: Witness, first: Open): Scribe => {
  const { folder, rules } = begin
  let current = first
  let reached: Testimony = current.began
  let before = reached
  let broken: Unwritten | undefined
  /** bytes in the log; bytes of it at which it is carried over; bytes of all batches */
  let pending = 0
  let due: number = limits.journalTendBytes
  let total = 0

  const broke = (error: unknown): Unwritten => (broken ??= unwritten('Broken', notWritten(folder, error).sentence))

  /** Does what may find no room, which changes nothing that matters then; false where it found none. */
  const tried = (act: () => void): boolean => {
    try {
      act()
      return true
    } catch (error) {
      if (!isNoRoom(error)) broke(error)
      return false
    }
  }

  const carryOver = (): void => {
    due = pending + limits.journalTendBytes / 4
    tried(() => witness.swear(reached))
    tried(() => {
      const [row] = current.connection.rows('pragma wal_checkpoint(passive)')
      if (row?.['busy'] !== 0 || row['log'] !== row['checkpointed']) return
      pending = 0
      due = limits.journalTendBytes
    })
  }

  /** What a failed INSERT has come to; `undefined`: the batch is there. */
  const judged = (error: unknown, batch: Testimony, bytes: number): Unwritten | undefined => {
    try {
      const { connection } = current
      if (!isFull(disk, folder, bytes, error)) return broke(error)
      if (connection.isInTransaction()) connection.run('rollback')
      if (connection.isInTransaction()) return broke(error)
      const found = newest(current)
      if (isSame(found, batch)) return undefined
      return isSame(found, reached) ? unwritten('Full', notWritten(folder, error).sentence) : broke(error)
    } catch (second) {
      return broke(second)
    }
  }

  const append = (position: number, text: string): Either<Unwritten, void> => {
    if (pending >= limits.journalLogBytes) carryOver()
    if (broken !== undefined) return left(broken)
    if (pending >= limits.journalLogBytes) return left(unwritten('Full', `${folder}: there is no room to carry the journal's log over`))
    const batch = { position, sum: sumOf(reached.sum, position, rules, text) }
    try {
      current.insert(position, rules, batch.sum, text)
    } catch (error) {
      const failure = judged(error, batch, text.length)
      if (failure !== undefined) return left(failure)
    }
    before = reached
    reached = batch
    pending += text.length + batchBytes
    total += text.length
    tried(() => witness.note(reached))
    return broken === undefined ? right(undefined) : left(broken)
  }

  const turn = (): Either<Unwritten, void> => {
    if (broken !== undefined) return left(broken)
    if (isSame(reached, current.began)) return right(undefined)
    const last = current
    try {
      current = open(disk, begin, reached)
    } catch {
      tried(() => unmake(disk, folder, reached.position))
      return broken === undefined ? right(undefined) : left(broken)
    }
    pending = 0
    due = limits.journalTendBytes
    total = 0
    tried(() => void last.connection.rows('pragma wal_checkpoint(truncate)'))
    last.connection.close()
    return broken === undefined ? right(undefined) : left(broken)
  }

  const sumAt = (position: number): Either<Unwritten, Sum> => {
    const known = [reached, before, current.began].find((one) => one.position === position)
    if (known !== undefined) return right(known.sum)
    try {
      const [row] = current.connection.rows('select sum from batches where position = ?', position)
      return isSum(row?.['sum']) ? right(row['sum']) : left(unwritten('Broken', `${folder}: no batch ends at ${position}`))
    } catch (error) {
      return left(broke(error))
    }
  }

  return {
    append,
    sumAt,
    turn,
    tend: () => {
      if (broken === undefined && pending >= due) carryOver()
      if (broken === undefined && total >= limits.journalFileBytes) turn()
    },
    close: () => {
      if (broken === undefined) carryOver()
      if (broken === undefined) tried(() => void current.connection.rows('pragma wal_checkpoint(truncate)'))
      tried(() => witness.close())
      current.connection.close()
      return broken === undefined ? right(undefined) : left(broken)
    },
  }
}
