// A store under test, with what it has acknowledged: batches of counts go in, and a folder may be taken as a killed process leaves it.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { openSqlite, type SqliteOptions } from '../../shell/stores/sqlite.js'
import { inline } from './inline.js'
import { noTally, tally, type Count, type Tally } from '../model/tally.js'
import type { Open, Opened, Store, Unopened, Unwritten } from '../../shell/stores/store.js'

/** What an Either holds; throws what it holds instead. */
export const held = <A>(found: Either<{ readonly _tag?: string; readonly sentence: string } | string, A>): A => {
  if (isLeft(found)) throw new Error(typeof found.left === 'string' ? found.left : `${found.left._tag ?? ''}: ${found.left.sentence}`)
  return found.right
}

/** Why it was not opened; throws where it was. */
export const refusal = <A>(found: Either<Unopened, A>): Unopened => {
  if (isLeft(found)) return found.left
  throw new Error('it was opened')
}

/** The state behind these records. */
export const tallied = (counts: ReadonlyArray<Count>, from: Tally = noTally): Tally =>
  counts.reduce((state, count) => {
    const next = tally.fold(state, count)
    if (isLeft(next)) throw new Error(next.left)
    return next.right
  }, from)

/** `size` records, the `index`th of their kind. */
export const counts = (index: number, size: number): ReadonlyArray<Count> =>
  Array.from({ length: size }, (_, place) => ({ name: `n${(index * 7 + place) % 120} é`, add: 1 + ((index + place) % 9) }))

/** Memory, where the system has it as a file system: what no test can see is whether a sync took a disk's time. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Runs `act` with a folder that is gone afterwards. */
export const inFolder = async <A>(act: (folder: string) => Promise<A>): Promise<A> => {
  const folder = await mkdtemp(join(place, 'peal-'))
  try {
    return await act(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const options: SqliteOptions = { history: 0, now: () => 0, writer: inline() }

export const opening = (folder: string, other: Partial<SqliteOptions> = {}): Open<Count, Tally> => openSqlite(tally, folder, { ...options, ...other })

/** An open store and the state that it should have. */
export interface Cabinet {
  readonly opened: Opened<Count, Tally>
  readonly store: Store<Count, Tally>
  readonly state: () => Tally
  /** Appends; the state goes on when it is acknowledged. */
  readonly put: (records: ReadonlyArray<Count>) => Promise<Either<Unwritten, void>>
}

export const cabinet = async (open: Open<Count, Tally>): Promise<Cabinet> => {
  const opened = held(await open(noTally)())
  let { state } = opened.restored
  const put = async (records: ReadonlyArray<Count>): Promise<Either<Unwritten, void>> => {
    const next = tallied(records, state)
    const written = await opened.store.append({ records, position: next.position })()
    if (isLeft(written)) return written
    state = next
    return right(undefined)
  }
  return { opened, store: opened.store, state: () => state, put }
}

/** Copies a folder as it is found when its process is killed now. The lock's file stays: to read it would be to drop the lock. The log of a journal
 *  that is finished may go meanwhile, as it may before. */
export const copied = async (folder: string, to: string): Promise<string> => {
  await mkdir(to, { mode: 0o700 })
  const names = (await readdir(folder)).filter((name) => !/lock\.db|-shm$/.test(name))
  const gone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'ENOENT') throw error
  }
  for (const name of names) await copyFile(join(folder, name), join(to, name)).catch(gone)
  return to
}
