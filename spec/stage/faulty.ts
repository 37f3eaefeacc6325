// A disk of which some calls fail: the nth and those behind it, for a while, before they do anything or when all is done.
import { systemDisk, type Connection, type Disk } from '../../shell/stores/disk.js'

/** What the calls say that fail. */
export interface Fault {
  /** the first that fails; calls are counted from 1 */
  readonly first: number
  readonly last: number
  /** what they throw: of the system, and of SQLite */
  readonly system: string
  readonly sqlite: string
  /** they do what they should, and then fail */
  readonly isDone: boolean
  /** bytes that are free, if not those that there are */
  readonly free?: number
}

export interface FaultyDisk {
  readonly disk: Disk
  /** how many calls there have been */
  readonly calls: () => number
}

export const faulty = (fault: Fault): FaultyDisk => {
  let calls = 0
  const perhaps = <A extends readonly unknown[], B>(code: string, act: (...all: A) => B) => (...all: A): B => {
    calls += 1
    const isFailing = calls >= fault.first && calls <= fault.last
    const result = isFailing && !fault.isDone ? undefined : act(...all)
    if (isFailing) throw Object.assign(new Error(`call ${calls} failed`), { code })
    return result as B
  }
  const connect = (path: string): Connection => {
    const { run, rows, prepare, isInTransaction, close } = systemDisk.connect(path)
    const failing = perhaps(fault.sqlite, rows)
    return {
      run: perhaps(fault.sqlite, run),
      // a full disk can still be read
      rows: (sql, ...parameters) => (['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(fault.sqlite) && sql.startsWith('select') ? rows(sql, ...parameters) : failing(sql, ...parameters)),
      prepare: (sql) => perhaps(fault.sqlite, prepare(sql)),
      isInTransaction,
      close,
    }
  }
  const { openSync, readSync, writeSync, fsyncSync, closeSync, renameSync, rmSync, statfsSync } = systemDisk
  const free = fault.free
  const disk = {
    connect: perhaps(fault.sqlite, connect),
    openSync: perhaps(fault.system, openSync),
    readSync,
    writeSync: perhaps(fault.system, writeSync as (...all: readonly unknown[]) => number),
    fsyncSync: perhaps(fault.system, fsyncSync),
    renameSync: perhaps(fault.system, renameSync),
    rmSync: perhaps(fault.system, rmSync),
    closeSync,
    statfsSync: free === undefined ? statfsSync : () => ({ bavail: free, bsize: 1 }),
  }
  return { disk: disk as Disk, calls: () => calls }
}
