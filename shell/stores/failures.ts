// Why a store was not opened or something not written, from what the system or SQLite said.
import { toError } from 'fp-ts/lib/Either.js'
import type { Unopened, Unwritten } from './store.js'

export const unopened = (_tag: Unopened['_tag'], sentence: string): Unopened => ({ _tag, sentence })

export const unwritten = (_tag: Unwritten['_tag'], sentence: string): Unwritten => ({ _tag, sentence })

/** `ENOSPC`, `SQLITE_FULL`, ...; empty where it has none. */
export const codeOf = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** There is no room, on the disk or in what the user may have of it; the last is said where there is none for the index of a log that has grown, which
 *  SQLite makes larger when the batch stands in the log already, and takes back with it. */
export const isNoRoom = (error: unknown): boolean => ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE'].includes(codeOf(error))

const sentenceOf = (what: string, error: unknown): string => {
  const code = codeOf(error)
  const { message } = toError(error)
  return `${what}: ${code === '' || message.includes(code) ? message : `${message} (${code})`}`
}

export const notOpened = (what: string, error: unknown): Unopened => unopened(isNoRoom(error) ? 'Full' : 'Unreadable', sentenceOf(what, error))

/** What failed has left nothing behind where there was no room; otherwise nobody knows. */
export const notWritten = (what: string, error: unknown): Unwritten => unwritten(isNoRoom(error) ? 'Full' : 'Broken', sentenceOf(what, error))
