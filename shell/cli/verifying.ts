// Whether what a data folder keeps is whole: from each kept snapshot the records are folded to the next one, and the two states compared. Reading
// checks the checksums of every batch on the way.
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import { latest, type Instant, type server } from '../../core/index.js'
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

/** Checks all that is kept, and says so leg by leg. Stops at the first damage. */
export function* verified(past: Past, { json, columns }: Manner): Lines {
  const [broken] = past.damaged
  if (broken !== undefined) return left(storeFailure(broken))
  const first = begun(past, undefined)
  if (isLeft(first)) return first
  let directory = first.right
  let total = 0
  for (const [i] of past.snapshots.entries()) {
    const next = past.snapshots[i + 1]
    const leg = folded(past, directory, next?.position ?? Infinity)
    if (isLeft(leg)) return leg
    const hash = next === undefined ? right(digestOf(ledger, leg.right.directory)) : compared(past, leg.right, next)
    if (isLeft(hash)) return hash
    const { records, batches } = leg.right
    const line: VerifyLine = { v: 1, from: directory.state.position, to: leg.right.directory.state.position, records, batches, hash: hash.right, snapshot: next !== undefined }
    total += records
    yield json ? visibleJson(line) : flow(sentence(line), '  ', columns)
    directory = leg.right.directory
  }
  if (!json && isRight(past.witness) && past.witness.right === undefined) yield 'nobody says how far the journal went: had its end been lost, it would not show'
  if (!json) yield `whole: ${plural(past.snapshots.length, 'snapshot')}, ${plural(total, 'record')}`
  return right(undefined)
}
