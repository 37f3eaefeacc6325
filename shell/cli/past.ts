// What a data folder knows of a server's past: from a kept snapshot on, record by record, each with the directory before and behind it. Nothing in the
// folder is changed, and a server may be running on it. Only the directory and one batch of records are in memory.
import { statSync } from 'node:fs'
import { isLeft, left, map, right, type Either } from 'fp-ts/lib/Either.js'
import { server } from '../../core/index.js'
import { code } from '../code.js'
import { exitCodes } from './exitcodes.js'
import { failure, storeFailure, type Failure } from './failure.js'
import { placed, type Moment } from './moments.js'
import { print, type Lines } from './output.js'
import { witnessed } from '../stores/look.js'
import { read, type Reader } from '../stores/reader.js'
import type { Kept } from '../stores/batches.js'
import type { Described } from '../stores/snapshot.js'
import type { Testimony } from '../stores/witness.js'
import type { Unopened } from '../stores/store.js'
import type { Happened } from './record.js'

export interface Past extends Reader<server.Entry, server.Directory> {
  readonly folder: string
  /** how far the journal went at least, before anything of it was read; `undefined` where nobody says so */
  readonly witness: Either<Unopened, Testimony | undefined>
  /** the same folder as it is now: its server may have trimmed it meanwhile */
  readonly again: () => Either<Failure, Past>
}

export const ledger = server.ledger(code)

/** The directory is one of later than the moment. */
export const isBeyond = (moment: Moment, { state }: server.Directory): boolean =>
  moment._tag === 'Position' ? state.position > moment.position : state.at > moment.at

/** The directory of a kept snapshot. */
export const loaded = (past: Past, position: number): Either<Failure, server.Directory> => {
  const directory = past.load(position)
  return isLeft(directory) ? left(storeFailure(directory.left)) : directory
}

/** Of its snapshots those that may be of no later than the moment, newest first; the oldest may always be, since its server was perhaps idle. */
const candidates = ({ snapshots }: Past, moment: Moment): ReadonlyArray<Described> =>
  snapshots.filter(({ position, at }, i) => (moment._tag === 'Position' ? position <= moment.position : at <= moment.at || i === 0)).toReversed()

/** The directory of the newest kept snapshot that is not later than the moment; of the oldest where none is named. */
export const begun = (past: Past, moment: Moment | undefined): Either<Failure, server.Directory> => {
  const [oldest] = past.snapshots
  const [unread] = past.damaged
  if (oldest === undefined) return unread === undefined ? damaged(past, 'there is no snapshot that a directory could begin with') : left(storeFailure(unread))
  if (moment === undefined) return loaded(past, oldest.position)
  for (const { position } of candidates(past, moment)) {
    const directory = loaded(past, position)
    if (isLeft(directory) || !isBeyond(moment, directory.right)) return directory
  }
  const first = loaded(past, oldest.position)
  return isLeft(first) ? first : left(failure(exitCodes.usage, `nothing is kept of before ${placed(first.right.state)}: choose that, or later`))
}

/** What is in the folder is not what a server wrote. */
export const damaged = ({ folder }: Past, what: string): Either<Failure, never> =>
  left(failure(exitCodes.damaged, `${folder}: ${what}; nothing was changed. Keep the folder as it is, and go on from a copy of before`))

/** The directory behind the record. */
export const followed = (past: Past, before: server.Directory, entry: server.Entry): Either<Failure, server.Directory> => {
  const after = ledger.fold(before, entry)
  return isLeft(after) ? damaged(past, `the record at position ${before.state.position + 1} does not follow from those before it: ${after.left}`) : after
}

/** The same with the step that it was. */
const taken = (past: Past, before: server.Directory, entry: server.Entry): Either<Failure, Happened> =>
  map((after: server.Directory): Happened => ({ entry, before, after, step: () => server.reduce({ ...before.settings, ...code })(before.state, server.inputOf(entry)) }))(followed(past, before, entry))

/** The batch, if it is one that this program folds. */
const understood = (past: Past, batch: Either<Unopened, Kept<server.Entry>>, reached: number): Either<Failure, Kept<server.Entry>> => {
  if (isLeft(batch)) return left(storeFailure(batch.left))
  if (batch.right.rules === ledger.rules) return batch
  const next = past.snapshots.find(({ position }) => position > reached)
  const cure = next === undefined ? '' : `, or choose position ${next.position + 1} or later`
  return left(failure(exitCodes.damaged, `${past.folder}: what follows position ${reached} was written by another version of this program, which understands it: use that${cure}`))
}

/** Fails where the journal had gone further, or to something else, than it does now. */
const attested = (past: Past, position: number, sum: string | undefined): Either<Failure, void> => {
  const { witness } = past
  if (isLeft(witness)) return left(storeFailure(witness.left))
  const said = witness.right
  if (said === undefined || said.position < position) return right(undefined)
  if (said.position > position) return damaged(past, `the journal ends at position ${position}, and it had reached ${said.position}: what stood behind is lost`)
  return sum === undefined || sum === said.sum ? right(undefined) : damaged(past, `the journal is not the one that reached position ${position}`)
}

/** The batches behind the directory of a kept snapshot, oldest first; at the end why there is no more, if it is not the end of the journal. */
export function* batchesFrom(past: Past, from: server.Directory): Generator<Either<Failure, Kept<server.Entry>>, void> {
  let [reached, sum]: [number, string | undefined] = [from.state.position, undefined]
  for (const batch of past.batches(reached)) {
    const next = understood(past, batch, reached)
    yield next
    if (isLeft(next)) return
    ;({ position: reached, sum } = next.right)
  }
  const end = attested(past, reached, sum)
  if (isLeft(end)) yield end
}

/** Their records, each with what it made of the directory. */
export function* happenings(past: Past, from: server.Directory): Generator<Either<Failure, Happened>, void> {
  let before = from
  for (const batch of batchesFrom(past, from)) {
    if (isLeft(batch)) {
      yield batch
      return
    }
    for (const entry of batch.right.records) {
      const happened = taken(past, before, entry)
      yield happened
      if (isLeft(happened)) return
      before = happened.right.after
    }
  }
}

/** Fails where a position was named that is behind the end. */
export const reached = (named: ReadonlyArray<Moment | undefined>, end: server.State): Either<Failure, void> =>
  named.some((moment) => moment?._tag === 'Position' && moment.position > end.position)
    ? left(failure(exitCodes.usage, `the journal ends at ${placed(end)}`))
    : right(undefined)

/** False also where the system does not say. */
const isNoFolder = (path: string): boolean => {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true
  } catch {
    return false
  }
}

/** The past that the folder keeps. */
export const pastIn = (folder: string): Either<Failure, Past> => {
  if (isNoFolder(folder)) return left(failure(exitCodes.noInput, `${folder} is no folder`))
  const witness = witnessed(folder)
  const reader = read(ledger, folder)
  return isLeft(reader) ? left(storeFailure(reader.left)) : right({ ...reader.right, folder, witness, again: () => pastIn(folder) })
}

/** Prints what `lines` makes of the folder's past; the exit code, or why there is none. */
export const recounted = async (folder: string, lines: (past: Past) => Lines): Promise<Either<Failure, number>> => {
  const past = pastIn(folder)
  return isLeft(past) ? past : print(lines(past.right), process.stdout)
}
