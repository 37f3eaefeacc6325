// One journal of a store's folder, as it stands: its file and its log, read in one go, also while a server writes them.
//
// A server may carry the log over into the file meanwhile. That needs no lock, only an order: the log's head, the file, the log. While the head is the
// same, every page that was carried over in between still stands in the log, in the version that counts; so the log over the file is right.
// A reader's opening and closing of a file drops the locks that SQLite holds on it in the same process: a program reads what others write.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { codeOf, notOpened, unopened } from './failures.js'
import { journalName } from './contents.js'
import { readLog, type Log } from './log.js'
import { journalOf, type Journal } from './pages.js'
import type { Unopened } from './store.js'

const nothing = Buffer.alloc(0)

const absent = (error: unknown): Buffer => {
  if (codeOf(error) === 'ENOENT') return nothing
  throw error
}

const content = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    return absent(error)
  }
}

/** The first bytes of a log, which its next round changes. */
const headOf = (path: string): Buffer => {
  try {
    const file = openSync(path, 'r')
    try {
      const head = Buffer.alloc(32)
      return head.subarray(0, readSync(file, head, 0, head.length, 0))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return absent(error)
  }
}

interface Bytes {
  readonly file: Buffer
  readonly log: Buffer
}

const read = (path: string): Bytes | undefined => {
  for (let look = 0; look < limits.journalLooks; look += 1) {
    const head = headOf(`${path}-wal`)
    const file = readFileSync(path)
    const log = content(`${path}-wal`)
    if (head.equals(log.subarray(0, head.length)) && (head.length > 0 || log.length === 0)) return { file, log }
  }
  return undefined
}

/** A journal, and what its log had to say. */
export interface Found extends Journal {
  readonly log: Log
}

/** The journal that begins at `position`. */
export const readJournal = (folder: string, position: number): Either<Unopened, Found> => {
  const path = join(folder, journalName(position))
  const bytes = tryCatch(() => read(path), (error) => notOpened(path, error))
  if (isLeft(bytes)) return bytes
  if (bytes.right === undefined) return left(unopened('InUse', `${path} is being written too fast to be read`))
  const { file, log: logged } = bytes.right
  const log = readLog(logged)
  if (log.isDamaged) return left(unopened('Damaged', `${path}-wal is damaged: batches stand behind the damage`))
  const journal = tryCatch(() => journalOf(file, log), toError)
  return isLeft(journal) ? left(unopened('Damaged', `${path} is damaged: ${journal.left.message}`)) : right({ ...journal.right, log })
}
