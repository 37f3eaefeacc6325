// One process a folder: an exclusive transaction on an empty SQLite file, never committed. The kernel drops it with the process, however that ends: nothing
// is ever stale, so nothing has to be taken over. The file `holder` says which process it is, for the sentence only.
//
// Closing any descriptor of a file drops what locks the process has on it (fcntl(2)): nothing but SQLite opens `lock.db`.
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { codeOf, notOpened, unopened } from './failures.js'
import { systemDisk } from './disk.js'
import type { Unopened } from './store.js'

/** The folder is this process's, until its end or `release`. */
export interface Lock {
  /** Says so in the folder. */
  readonly sign: () => void
  readonly release: () => void
}

const holder = (folder: string): string => {
  try {
    const text = readFileSync(join(folder, 'holder'), 'utf8')
    return /^[1-9]\d{0,9}$/.test(text) ? `process ${text}` : 'another process'
  } catch {
    return 'another process'
  }
}

const sign = (folder: string): void => {
  try {
    writeFileSync(join(folder, 'holder'), String(process.pid), { mode: 0o600 })
  } catch {
    // it is for a sentence only
  }
}

/** SQLite would make it readable by others. */
const made = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/** Locks an existing folder. Fails with `InUse` where this process or another one has it. */
export const lock = (folder: string): Either<Unopened, Lock> => {
  const path = join(folder, 'lock.db')
  try {
    made(path)
    const connection = systemDisk.connect(path)
    try {
      connection.run('pragma journal_mode = memory; begin exclusive')
    } catch (error) {
      connection.close()
      throw error
    }
    return right({ sign: () => sign(folder), release: connection.close })
  } catch (error) {
    if (codeOf(error) === 'SQLITE_BUSY') return left(unopened('InUse', `${folder} is in use by ${holder(folder)}`))
    return left(notOpened(path, error))
  }
}
