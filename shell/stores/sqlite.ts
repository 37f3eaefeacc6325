// The store in a folder of this machine: journals, which SQLite writes, snapshots and a witness beside them.
//
//   open      lock ──> look, which changes nothing ──> sync what was found ──> a journal of its own
//   append    ──> the writer's thread
//   snapshot  parts, a slice at a time ──> a file ──> a journal of its own ──> what nobody needs any more goes
//
// What was found is synced before anybody is told of it: a process that was killed can have left a batch that is in the system's memory alone.
import { existsSync, renameSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { privateFolder } from '../private.js'
import { companions, contents, journalName, snapshotName } from './contents.js'
import { sync, systemDisk } from './disk.js'
import { notOpened, notWritten, unopened, unwritten } from './failures.js'
import { formOf } from './form.js'
import { lock, type Lock } from './lock.js'
import { look, type Look } from './look.js'
import { retained } from './retention.js'
import { describeSnapshot, digestOf, writeSnapshot } from './snapshot.js'
import { threaded, type OpenWriter, type Writer } from './writer.js'
import type { Ledger } from '../../core/ledger.js'
import type { Open, Opened, Store, Unopened, Unwritten } from './store.js'

export interface SqliteOptions {
  /** ms that the journal reaches back: to any state of that time there is a snapshot with the batches behind it */
  readonly history: number
  /** Unix milliseconds */
  readonly now: () => number
  /** where the newest snapshot is damaged: begin with the one before it, if all since is whole */
  readonly from?: 'older'
  readonly writer?: OpenWriter
}

/** The store of one folder. `newest` is the position of its newest snapshot. */
const storeOf = <D, S>(ledger: Ledger<D, S>, folder: string, options: SqliteOptions, writer: Writer, newestSnapshot: number, release: () => void): Store<D, S> => {
  let newest = newestSnapshot
  let begun: Promise<unknown> = Promise.resolve()
  let isClosed = false

  const finished = <A>(act: () => Promise<Either<Unwritten, A>>): Promise<Either<Unwritten, A>> => {
    if (isClosed) return Promise.resolve(left(unwritten('Broken', `${folder} is closed`)))
    const done = act()
    // the answers are let go: a store lives long
    begun = Promise.all([begun, done]).then(() => undefined)
    return done
  }

  const taken = async (state: S): Promise<Either<Unwritten, void>> => {
    const position = ledger.position(state)
    if (position === newest) return right(undefined)
    const sum = await writer.sumAt(position)
    if (isLeft(sum)) return sum
    try {
      await writeSnapshot(ledger, folder, state, { position, sum: sum.right, at: options.now() })
    } catch (error) {
      return left(notWritten(join(folder, snapshotName(position)), error))
    }
    newest = position
    const turned = await writer.turn()
    if (isRight(turned)) await trim(ledger, folder, options, newest).catch(() => undefined)
    return right(undefined)
  }

  return {
    append: ({ records, position }) => () => finished(() => writer.append(position, JSON.stringify(records.map((record) => ledger.record.encode(record))))),
    snapshot: (state) => () => finished(() => taken(state)),
    close: async () => {
      if (isClosed) return
      isClosed = true
      await begun
      await writer.close()
      release()
    },
  }
}

/** Removes what no kept snapshot needs. What cannot be removed stays until the next time, and everything where a snapshot cannot be read now: it may
 *  be whole, and need what would be removed. */
const trim = async <D, S>(ledger: Ledger<D, S>, folder: string, { history, now }: SqliteOptions, newest: number): Promise<void> => {
  const { snapshots, journals } = contents(folder)
  const looked = snapshots.map((position) => describeSnapshot(ledger, folder, position))
  const described = looked.flatMap((found) => (isLeft(found) ? [] : [found.right]))
  const isUnsure = looked.some((found) => isLeft(found) && found.left._tag !== 'Damaged')
  if (isUnsure || !described.some(({ position }) => position === newest)) return
  const keep = retained(described, now(), history)
  for (const { position } of described) if (!keep.includes(position)) await rm(join(folder, snapshotName(position)), { force: true })
  const first = journals.findLastIndex((position) => position <= Math.min(...keep))
  for (const position of journals.slice(0, Math.max(first, 0)))
    for (const ending of [...companions, '']) await rm(join(folder, journalName(position) + ending), { force: true })
}

/** Makes durable what was found, and takes out of the way what nobody is to find again. */
const settle = <S>(folder: string, { snapshot, contents: { snapshots, journals, leftovers } }: Look<S>): Either<Unopened, void> => {
  try {
    for (const last of journals.slice(-1))
      for (const path of [journalName(last), `${journalName(last)}-wal`].map((name) => join(folder, name))) if (existsSync(path)) sync(systemDisk, path, 'r+')
    for (const name of leftovers) rmSync(join(folder, name), { force: true })
    for (const damaged of snapshots.filter((position) => position > snapshot)) renameSync(join(folder, snapshotName(damaged)), join(folder, `damaged-${snapshotName(damaged)}`))
    return right(undefined)
  } catch (error) {
    return left(notOpened(folder, error))
  }
}

/** The first state of a new folder, in a snapshot. */
const begin = async <D, S>(ledger: Ledger<D, S>, folder: string, now: () => number, state: S): Promise<Either<Unopened, Look<S>>> => {
  const taken = { position: ledger.position(state), sum: digestOf(ledger, state), at: now() }
  try {
    await writeSnapshot(ledger, folder, state, taken)
    return right({ ...taken, state, snapshot: taken.position, folded: 0, torn: 0, notes: [], contents: contents(folder) })
  } catch (error) {
    return left(notOpened(folder, error))
  }
}

/** Says so where an older snapshot was asked for and the newest is what it began with. */
const needless = <S>({ from }: SqliteOptions, { snapshot, contents: { snapshots } }: Look<S>): ReadonlyArray<string> =>
  from === 'older' && snapshots.every((position) => position <= snapshot) ? ['--older-snapshot was not needed: it began with the newest snapshot, which is whole'] : []

/** Restores what the folder holds and begins to write behind it. */
const restored = async <D, S>(ledger: Ledger<D, S>, folder: string, options: SqliteOptions, first: S, folderLock: Lock): Promise<Either<Unopened, Opened<D, S>>> => {
  const began = performance.now()
  const looked = look(ledger, folder, options.from === 'older')
  if (isLeft(looked)) return looked
  const isNew = looked.right === undefined
  const found = looked.right === undefined ? await begin(ledger, folder, options.now, first) : right(looked.right)
  if (isLeft(found)) return found
  const { state, position, sum, snapshot, folded, torn, notes } = found.right
  const settled = settle(folder, found.right)
  if (isLeft(settled)) return settled
  const writer = await (options.writer ?? threaded)({ folder, position, sum, form: formOf(ledger), rules: ledger.rules })
  if (isLeft(writer)) return left(unopened(writer.left._tag === 'Full' ? 'Full' : 'Unreadable', writer.left.sentence))
  folderLock.sign()
  const store = storeOf(ledger, folder, options, writer.right, snapshot, folderLock.release)
  const behind = found.right.contents.journals.filter((journal) => journal >= snapshot).length
  if (behind >= limits.journalFiles) await store.snapshot(state)()
  return right({ restored: { state, snapshot, folded, torn, isNew, notes: [...notes, ...needless(options, found.right)], ms: performance.now() - began }, store })
}

/** Opens the store in `folder`, which is made where it is missing. Fails with `Unopened`, and has changed nothing then but for an empty lock file. */
export const openSqlite = <D, S>(ledger: Ledger<D, S>, folder: string, options: SqliteOptions): Open<D, S> => (first) => async () => {
  const found = await privateFolder(folder)()
  if (isLeft(found)) return left(unopened(found.left._tag === 'Exposed' ? 'Exposed' : 'Unreadable', found.left.sentence))
  const folderLock = lock(folder)
  if (isLeft(folderLock)) return folderLock
  const opened = await restored(ledger, folder, options, first, folderLock.right)
  if (isLeft(opened)) folderLock.right.release()
  return opened
}
