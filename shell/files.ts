// Files that are there whole or not at all: written beside their place under a name of their own, synced, renamed, and the folder synced.
// Of these is the one folder of saved files, where writes follow each other in the order in which they were asked for; a crowd of them is refused.
import { constants } from 'node:fs'
import { link, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { tryCatch, type TaskEither } from 'fp-ts/lib/TaskEither.js'
import { limits } from './limits.js'
import type { FileName } from '../core/index.js'

export interface Folder {
  /** Replaces `name` by `content`. Fails, leaving the old file, with the reason. */
  readonly write: (name: FileName, content: string) => TaskEither<Error, void>
}

const synced = async (handle: FileHandle, act: (handle: FileHandle) => Promise<void>): Promise<void> => {
  try {
    await act(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes into an open file what shall stand in it. */
export type Fill = (file: FileHandle) => Promise<void>

/** Fills a file beside its place and syncs it, lets `put` bring it there, and syncs the folder: whenever the machine stops, there is
 *  either what was there before or all of the new. Rejects, leaving what was there, with the reason. */
const written = async (folder: string, name: string, fill: Fill, mode: number, put: (beside: string, place: string) => Promise<void>): Promise<void> => {
  const beside = join(folder, `.${name}.${randomBytes(6).toString('hex')}`)
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
  try {
    await synced(await open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode), fill)
    await put(beside, join(folder, name))
  } catch (error) {
    await unlink(beside).catch(() => undefined)
    throw error
  }
  await synced(await open(folder, constants.O_RDONLY), () => Promise.resolve())
}

const whole = (content: string): Fill => (file) => file.writeFile(content, 'utf8')

/** Puts a file that `fill` writes piece by piece into `folder`, in the place of one of that name. A symbolic link there is replaced and not followed. */
export const replaceFilled = (folder: string, name: string, fill: Fill, mode: number): Promise<void> => written(folder, name, fill, mode, rename)

/** Puts a file into `folder`, as `replaceFilled` does. */
export const replace = (folder: string, name: string, content: string, mode: number): Promise<void> => replaceFilled(folder, name, whole(content), mode)

/** Puts a file into `folder`; rejects with EEXIST, changing nothing, where there is one of that name. */
export const create = (folder: string, name: string, content: string, mode: number): Promise<void> =>
  written(folder, name, whole(content), mode, async (beside, place) => {
    await link(beside, place)
    await unlink(beside)
  })

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))

/** Saved files in `path`, an existing folder. */
export const folder = (path: string): Folder => {
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  const inTurn = async (name: FileName, content: string): Promise<void> => {
    if (waiting >= limits.writesWaiting) throw new Error(`${waiting} files are waiting to be written already`)
    waiting += 1
    const turn = last.then(() => replace(path, name, content, 0o644))
    last = turn.catch(() => undefined)
    await turn.finally(() => (waiting -= 1))
  }
  return {
    write: (name, content) => tryCatch(() => inTurn(name, content), asError),
  }
}

/** Removes what programs that were killed had begun to write into the folder. (What another one is writing there just now goes too, and is refused.) */
export const sweep = async (path: string): Promise<void> => {
  const begun = (await readdir(path)).filter((name) => /^\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.[0-9a-f]{12}$/.test(name))
  await Promise.all(begun.map((name) => unlink(join(path, name)).catch(() => undefined)))
}
