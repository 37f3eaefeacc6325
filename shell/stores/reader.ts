// A store's folder for those who only want to read it, also while a server writes it: its snapshots and its batches.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { separate } from 'fp-ts/lib/Array.js'
import { isLeft, left, map, right, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { batches, type Kept } from './batches.js'
import { contents, snapshotName } from './contents.js'
import { notOpened, unopened } from './failures.js'
import { describeSnapshot, loadSnapshot, type Described } from './snapshot.js'
import type { Ledger } from '../../core/ledger.js'
import type { Unopened } from './store.js'

export interface Reader<D, S> {
  /** oldest first; what is between their ends may be damaged */
  readonly snapshots: ReadonlyArray<Described>
  /** why the others are none */
  readonly damaged: ReadonlyArray<Unopened>
  /** The state of one of them. */
  readonly load: (position: number) => Either<Unopened, S>
  /** The batches behind the snapshot at `after`, oldest first, verified; ends behind the first thing that is wrong. Of other rules they may be shown,
   *  and not folded. */
  readonly batches: (after: number) => IterableIterator<Either<Unopened, Kept<D>>>
}

interface Listing {
  readonly journals: ReadonlyArray<number>
  readonly snapshots: ReadonlyArray<Described>
  readonly damaged: ReadonlyArray<Unopened>
}

/** What the folder holds, of one moment: where a snapshot has gone that was listed, since a server trims it, it is listed again. */
const listed = <D, S>(ledger: Ledger<D, S>, folder: string): Listing => {
  for (let look = 1; ; look += 1) {
    const { snapshots: positions, journals } = contents(folder)
    const { left: damaged, right: snapshots } = separate(positions.map((position) => describeSnapshot(ledger, folder, position)))
    const isWhole = positions.every((position) => existsSync(join(folder, snapshotName(position))))
    if (isWhole || look >= limits.folderLooks) return { journals, snapshots, damaged }
  }
}

/** Reads a folder as it is now. Not for the process that has it open: closing a file would drop the writer's locks. */
export const read = <D, S>(ledger: Ledger<D, S>, folder: string): Either<Unopened, Reader<D, S>> => {
  const found = tryCatch(() => listed(ledger, folder), (error) => notOpened(folder, error))
  if (isLeft(found)) return found
  const { journals, snapshots, damaged } = found.right
  if (snapshots.length + damaged.length + journals.length === 0) return left(unopened('Unreadable', `${folder} holds nothing that could be read`))
  function* behind(after: number): Generator<Either<Unopened, Kept<D>>, undefined> {
    const snapshot = snapshots.find(({ position }) => position === after)
    if (snapshot === undefined) yield left(unopened('Unreadable', `${folder} has no snapshot at ${after}`))
    else yield* batches(ledger, folder, journals, snapshot)
  }
  return right({
    snapshots,
    damaged,
    load: (position) => map(({ state }: { readonly state: S }) => state)(loadSnapshot(ledger, folder, position)),
    batches: behind,
  })
}
