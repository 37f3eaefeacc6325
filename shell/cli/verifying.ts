// Whether what a data folder keeps is whole: from each kept snapshot the records are folded to the next one, and the two states compared. Reading
// checks the checksums of every batch on the way.
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import { latest, type Instant, type server } from '../../core/index.js'
import { limits } from '../limits.js'
import { storeFailure, type Failure } from './failure.js'
import { batchesFrom, begun, damaged, followed, ledger, loaded, type Past } from './past.js'
import { flow, type Columns } from './layout.js'
import { plural } from './sentences.js'
import { visibleJson } from './visible.js'
import { digestOf, type Described } from '../stores/snapshot.js'
import type { VerifyLine } from './pastline.js'
import type { Lines } from './output.js'

/** The directory at a later instant: a server that is only asked takes time along, which no record tells. */
const seenAt = ({ state, settings }: server.Directory, at: Instant): server.Directory => ({ state: { ...state, at: latest(state.at, at) }, settings })

/** From one snapshot on, to the next or to the end. */
interface Leg {
  readonly directory: server.Directory
  readonly records: number
  readonly batches: number
}

/** Folds whole batches, until one reaches the position. */
const folded = (past: Past, from: server.Directory, to: number): Either<Failure, Leg> => {
  let leg: Leg = { directory: from, records: 0, batches: 0 }
  if (from.state.position >= to) return right(leg)
  for (const batch of batchesFrom(past, from)) {
    if (isLeft(batch)) return batch
    for (const entry of batch.right.records) {
      const directory = followed(past, leg.directory, entry)
      if (isLeft(directory)) return directory
      leg = { ...leg, directory: directory.right, records: leg.records + 1 }
    }
    leg = { ...leg, batches: leg.batches + 1 }
    if (leg.directory.state.position >= to) break
  }
  return right(leg)
}

/** Fails where what the records lead to is not what the snapshot says; otherwise the hash of both. */
const compared = (past: Past, { directory }: Leg, { position: to, digest }: Described): Either<Failure, string> => {
  const { position } = directory.state
  if (position < to) return damaged(past, `the records end at position ${position}, before the snapshot at ${to}`)
  if (position > to) return damaged(past, `no batch of records ends at position ${to}, where a snapshot is`)
  const snapshot = loaded(past, to)
  if (isLeft(snapshot)) return snapshot
  const hash = digestOf(ledger, seenAt(directory, snapshot.right.state.at))
  return hash === digest ? right(hash) : damaged(past, `the records do not lead to the snapshot at position ${to}: their directory has the hash ${hash}, its own ${digest}`)
}

const sentence = ({ from, to, records, batches, hash, snapshot }: VerifyLine): string => {
  const way = `${plural(records, 'record')} in ${batches === 1 ? '1 batch' : `${batches} batches`}`
  return `${from} to ${to}  ${way}, ${snapshot ? 'and the snapshot there agrees' : 'to the end of the journal'} (SHA-256 ${hash})`
}

interface Manner {
  readonly json: boolean
  readonly columns: Columns
}

/** How far it has got. */
interface Progress {
  directory: server.Directory | undefined
  records: number
}

/** Where to go on: there, if a snapshot is still kept there, and otherwise with the one before it; with the oldest where there is none. */
const goingOn = (past: Past, { directory }: Progress): Either<Failure, server.Directory> => {
  const reached = directory?.state.position ?? -1
  const before = past.snapshots.findLast(({ position }) => position <= reached)
  if (before === undefined) return begun(past, undefined)
  return directory !== undefined && before.position === reached ? right(directory) : loaded(past, before.position)
}

/** Checks leg by leg what is kept behind where it has got to, and says so. Stops at the first that is wrong. */
function* legs(past: Past, progress: Progress, { json, columns }: Manner): Lines {
  const [broken] = past.damaged
  if (broken !== undefined) return left(storeFailure(broken))
  const first = goingOn(past, progress)
  if (isLeft(first)) return first
  let directory = first.right
  for (const next of [...past.snapshots.filter(({ position }) => position > first.right.state.position), undefined]) {
    const leg = folded(past, directory, next?.position ?? Infinity)
    if (isLeft(leg)) return leg
    const hash = next === undefined ? right(digestOf(ledger, leg.right.directory)) : compared(past, leg.right, next)
    if (isLeft(hash)) return hash
    const { records, batches } = leg.right
    const [from, to] = [directory.state.position, leg.right.directory.state.position]
    const line: VerifyLine = { v: 1, from, to, records, batches, hash: hash.right, snapshot: next !== undefined }
    progress.records += to - Math.max(from, progress.directory?.state.position ?? from)
    progress.directory = directory = leg.right.directory
    yield json ? visibleJson(line) : flow(sentence(line), '  ', columns)
  }
  return right(undefined)
}

/** The folder as it is now, where a snapshot has gone since: its server trims it, and what is missing is missed by nobody. */
const trimmed = (past: Past): Past | undefined => {
  const now = past.again()
  if (isLeft(now)) return undefined
  const kept = new Set(now.right.snapshots.map(({ position }) => position))
  return past.snapshots.every(({ position }) => kept.has(position)) ? undefined : now.right
}

/** Checks all that is kept, and says so leg by leg. Stops at the first damage; goes on with what there is where the server trims it meanwhile. */
export function* verified(past: Past, manner: Manner): Lines {
  const progress: Progress = { directory: undefined, records: 0 }
  let now = past
  for (let look = 1; ; look += 1) {
    const ended = yield* legs(now, progress, manner)
    if (isRight(ended)) break
    const next = look < limits.folderLooks ? trimmed(now) : undefined
    if (next === undefined) return ended
    now = next
  }
  if (manner.json) return right(undefined)
  if (isRight(now.witness) && now.witness.right === undefined) yield 'nobody says how far the journal went: had its end been lost, it would not show'
  yield `whole: ${plural(now.snapshots.length, 'snapshot')}, ${plural(progress.records, 'record')}`
  return right(undefined)
}
