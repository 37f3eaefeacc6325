// One journal file, from nothing to the last batch of the process that writes it. It is made whole beside its place and renamed into it: where there is one,
// SQLite finds its table.
import { join } from 'node:path'
import { isSum, type Sum } from './chain.js'
import { companions, journalName, newJournalName } from './contents.js'
import { sync, type Connection, type Disk } from './disk.js'
import { table } from './pages.js'
import type { Testimony } from './witness.js'

/** A journal that is being written. */
export interface Volume {
  readonly connection: Connection
  readonly insert: (position: number, rules: number, sum: Sum, text: string) => void
  readonly began: Testimony
}

const remove = (disk: Disk, path: string): void => {
  for (const ending of [...companions, '']) disk.rmSync(path + ending, { force: true })
}

/** Makes an empty journal that begins at `position`. It takes the place of one that has no batch: whoever read further would stand further. */
const make = (disk: Disk, folder: string, form: number, position: number): string => {
  const [beside, place] = [join(folder, newJournalName), join(folder, journalName(position))]
  remove(disk, beside)
  disk.closeSync(disk.openSync(beside, 'wx', 0o600))
  const connection = disk.connect(beside)
  try {
    connection.run('pragma synchronous = off; pragma page_size = 4096; pragma auto_vacuum = none; pragma journal_mode = wal')
    connection.run(`${table}; pragma user_version = ${form}; pragma wal_checkpoint(truncate)`)
  } finally {
    connection.close()
  }
  sync(disk, beside, 'r+')
  for (const ending of companions) disk.rmSync(place + ending, { force: true })
  sync(disk, folder, 'r')
  disk.renameSync(beside, place)
  return place
}

const verify = (connection: Connection, pragma: string, value: unknown): void => {
  const [row] = connection.rows(`pragma ${pragma}`)
  if (row?.[pragma] !== value) throw new Error(`SQLite keeps ${pragma} at ${String(row?.[pragma])}`)
}

/** Has `connection` sync every commit, and makes its log and the name of it durable. */
const readied = (disk: Disk, folder: string, form: number, connection: Connection): Volume['insert'] => {
  connection.run('pragma synchronous = full; pragma wal_autocheckpoint = 0')
  verify(connection, 'journal_mode', 'wal')
  verify(connection, 'synchronous', 2)
  // where SQLite may not write it opens a file for reading, and says so at the first write only: this one
  connection.run(`pragma user_version = ${form}`)
  // the log is there now; its name must be durable before anything in it counts. SQLite syncs the folder too, and does not say how that went
  sync(disk, folder, 'r')
  return connection.prepare('insert into batches values (?, ?, ?, ?)')
}

/** Begins a journal behind what was reached. Throws what the system or SQLite says, and keeps nothing open then. */
export const beginVolume = (disk: Disk, folder: string, form: number, { position, sum }: Testimony): Volume => {
  const connection = disk.connect(make(disk, folder, form, position))
  try {
    return { connection, insert: readied(disk, folder, form, connection), began: { position, sum } }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Removes one in which nothing stands, so that the one before can go on. */
export const unmake = (disk: Disk, folder: string, position: number): void => {
  for (const name of [journalName(position), newJournalName]) remove(disk, join(folder, name))
  sync(disk, folder, 'r')
}

/** The newest batch, or where it began. */
export const newestIn = ({ connection, began }: Volume): Testimony => {
  const [row] = connection.rows('select position, sum from batches order by position desc limit 1')
  if (row === undefined) return began
  const { position, sum } = row
  if (typeof position !== 'number' || !isSum(sum)) throw new Error('the newest batch is none')
  return { position, sum }
}

/** The sum of the batch that ends at `position`. */
export const sumIn = ({ connection }: Volume, position: number): Sum | undefined => {
  const [row] = connection.rows('select sum from batches where position = ?', position)
  return isSum(row?.['sum']) ? row['sum'] : undefined
}

/** Carries the log over into the file as far as nobody reads it; true where all of it stands there. */
export const carryOver = ({ connection }: Volume): boolean => {
  const [row] = connection.rows('pragma wal_checkpoint(passive)')
  return row?.['busy'] === 0 && row['log'] === row['checkpointed']
}
