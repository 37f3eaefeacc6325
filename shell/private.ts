// Files that are nobody else's business: in a folder that only its owner may enter (0700), readable by the owner only (0600), JSON with a
// version, bounded. What is not so is refused with the cure and left as it is: it may hold the only copy of a key.
import { constants, type Stats } from 'node:fs'
import { lstat, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { create, replace } from './files.js'
import { limits } from './limits.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** Why a private file or socket cannot be had. */
export interface Trouble {
  /** `Damaged`: or of a newer version of this program. `Exposed`: others could read or change it. `InUse`: by another process.
   *  `Unreachable`: nobody answers at the socket. */
  readonly _tag: 'Damaged' | 'Exposed' | 'InUse' | 'Unreadable' | 'Unreachable'
  readonly sentence: string
}

export const trouble = (_tag: Trouble['_tag'], sentence: string): Trouble => ({ _tag, sentence })

const ownerOnly = 0o600

const unreadable = (path: string, error: unknown): Trouble => trouble('Unreadable', `${path}: ${toError(error).message}`)
const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

/** Why what is there is not for its owner alone; `undefined`: it is. `cure`: the mode that it should have; `still`: what was not done. */
export const exposed = (path: string, { uid, mode }: Stats, cure: string, still: string): string | undefined => {
  if (uid !== process.getuid?.()) return `${path} belongs to another user; ${still}`
  return (mode & 0o077) === 0 ? undefined : `${path} can be read by others; chmod ${cure} ${path}`
}

const exposure = (path: string, stats: Stats, cure: string): Trouble | undefined => {
  const why = exposed(path, stats, cure, 'nothing was read')
  return why === undefined ? undefined : trouble('Exposed', why)
}

/** Each folder on the way that is missing. Node's `recursive` tries for ever where one is there and the system says of what is made in it that it is not,
 *  as below /proc. */
const madeFolder = async (path: string): Promise<void> => {
  const made = (): Promise<void> => mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!isCode(error, 'EEXIST')) throw error
  })
  try {
    await made()
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error
    await madeFolder(dirname(path))
    await made()
  }
}

/** Makes the folder where it is missing. Fails where it is no folder of this user's own. */
export const privateFolder = (path: string): TaskEither<Trouble, string> => async () => {
  try {
    await madeFolder(path)
    const stats = await lstat(path)
    if (!stats.isDirectory()) return left(trouble('Exposed', `${path} is no folder`))
    const wrong = exposure(path, stats, '700')
    return wrong === undefined ? right(path) : left(wrong)
  } catch (error) {
    return left(unreadable(path, error))
  }
}

const content = async (path: string): Promise<Either<Trouble, string>> => {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) return left(trouble('Exposed', `${path} is no file`))
    const wrong = exposure(path, stats, '600')
    if (wrong !== undefined) return left(wrong)
    if (stats.size > limits.privateFileBytes) return left(trouble('Damaged', `${path} is longer than ${limits.privateFileBytes} bytes; nothing was changed`))
    return right(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

const Version = t.type({ v: t.number })

/** A kind of private file: what it is called in a sentence, the version of its format, and the codec of what stands beside `v`. */
export interface Kind<A> {
  readonly what: string
  readonly version: number
  readonly codec: t.Type<A, object>
}

const decoded = <A>(path: string, { what, version, codec }: Kind<A>, text: string): Either<Trouble, A> => {
  const damaged = left(trouble('Damaged', `${path} is damaged: it does not hold ${what}; nothing was changed. Put back a copy, or move it away`))
  const json = tryCatch((): unknown => JSON.parse(text), toError)
  if (isLeft(json) || !Version.is(json.right)) return damaged
  const { v } = json.right
  if (v > version)
    return left(trouble('Damaged', `${path} was written by a newer version of this program (format ${v}, this one reads ${version}); nothing was changed`))
  const value = codec.decode(json.right)
  return v !== version || isLeft(value) ? damaged : right(value.right)
}

/** What the file holds; `undefined` where there is none. */
export const readPrivate = <A>(folder: string, name: string, kind: Kind<A>): TaskEither<Trouble, A | undefined> => async () => {
  const path = join(folder, name)
  try {
    const text = await content(path)
    return isLeft(text) ? text : decoded(path, kind, text.right)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return right(undefined)
    return left(isCode(error, 'ELOOP') ? trouble('Exposed', `${path} is a symbolic link; nothing was read`) : unreadable(path, error))
  }
}

const encoded = <A>({ version, codec }: Kind<A>, value: A): string => `${JSON.stringify({ v: version, ...codec.encode(value) })}\n`

/** Writes a file that must not be there yet; false, changing nothing, where it is. */
export const createPrivate = <A>(folder: string, name: string, kind: Kind<A>, value: A): TaskEither<Trouble, boolean> => async () => {
  try {
    await create(folder, name, encoded(kind, value), ownerOnly)
    return right(true)
  } catch (error) {
    return isCode(error, 'EEXIST') ? right(false) : left(unreadable(join(folder, name), error))
  }
}

/** Replaces the file, whole or not at all. */
export const replacePrivate = <A>(folder: string, name: string, kind: Kind<A>, value: A): TaskEither<Trouble, void> => async () => {
  try {
    await replace(folder, name, encoded(kind, value), ownerOnly)
    return right(undefined)
  } catch (error) {
    return left(unreadable(join(folder, name), error))
  }
}
