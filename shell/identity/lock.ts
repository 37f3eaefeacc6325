// One process a pair of keys. The lock is one that the kernel holds and drops with the process, however that ends: nothing is ever stale,
// so nothing has to be taken over, and of any number of processes that try at once exactly one gets it.
//
//   Linux   a listening socket in the abstract name space (unix(7)): bind(2) of a name in use fails, and no file stays behind. Its name is a
//           hash of the secrets: nobody else can guess it, and a copy of the file under another name is the same pair.
//   macOS   open(2) with O_EXLOCK of the lock file, which is flock(2) at the moment of opening. (Linux has no such flag, and Node no flock.)
//
// What lost: a file with a process id (two that find its process dead at once both take it over; ids come round again), and a socket file
// (the same, for whoever removes the dead one). The abstract name space is one network name space's: two containers with one folder and
// networks of their own do not exclude each other; the server still lets only the later of them be the contact.
//
// The lock file beside the pair says which process holds it, for the sentence only.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { left, right, toError, type Either } from 'fp-ts/lib/Either.js'
import { trouble, type Trouble } from '../private.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { IdentityName, Kept } from './secrets.js'

/** The pair is this process's, until its end or `release`. */
export interface Lock {
  readonly release: () => Promise<void>
}

/** `<sys/fcntl.h>` of macOS; node:fs does not name it */
const exclusiveLock = 0x20

const lockFile = async (path: string, flags: number): Promise<FileHandle> =>
  open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | flags, 0o600)

/** The abstract socket of these secrets. */
const socketName = ({ signing, sealing }: Kept['secrets']): string =>
  `\0peal-${createHash('sha256').update('peal lock').update(signing).update(sealing).digest('hex')}`

const bound = async (name: string): Promise<Lock> => {
  const server = createServer((socket) => socket.destroy())
  server.listen(name).unref()
  await once(server, 'listening')
  const release = async (): Promise<void> => {
    await once(server.close(), 'close')
  }
  return { release }
}

const opened = async (path: string): Promise<Lock> => {
  const file = await lockFile(path, exclusiveLock)
  return { release: () => file.close() }
}

const isTaken = (error: unknown): boolean => ['EADDRINUSE', 'EAGAIN', 'EWOULDBLOCK'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Says in the lock file that this process holds it. */
const sign = async (path: string): Promise<void> => {
  const file = await lockFile(path, 0)
  try {
    await file.truncate()
    await file.write(String(process.pid), 0)
  } finally {
    await file.close()
  }
}

const isAlive = (id: number): boolean => {
  try {
    return process.kill(id, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** `process 4711`; `another process` while it has not yet said which. */
const holder = async (path: string): Promise<string> => {
  const text = await readFile(path, 'utf8').catch(() => '')
  return /^[1-9]\d{0,9}$/.test(text) && isAlive(Number(text)) ? `process ${text}` : 'another process'
}

/** Locks a pair that was kept in `folder` under `name`. Fails where another process holds it. */
export const lock = (folder: string, name: IdentityName, { secrets }: Kept): TaskEither<Trouble, Lock> => async (): Promise<Either<Trouble, Lock>> => {
  const path = join(folder, `${name}.lock`)
  try {
    const held = await (process.platform === 'linux' ? bound(socketName(secrets)) : opened(path))
    await sign(path).catch(() => undefined)
    return right(held)
  } catch (error) {
    if (!isTaken(error)) return left(trouble('Unreadable', `${path}: ${toError(error).message}`))
    return left(trouble('InUse', `the keys of "${name}" are in use by ${await holder(path)}; --as NAME makes others`))
  }
}
