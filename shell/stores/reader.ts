// A store's folder for those who only want to read it, also while a server writes it: its snapshots and its batches.
import { separate } from 'fp-ts/lib/Array.js'
import { isLeft, left, map, right, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { batches, type Kept } from './batches.js'
import { contents } from './contents.js'
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
  /** Nothing is held open between two calls, and nothing has to be closed today. */
  readonly close: () => void
}

/** Reads a folder as it is now. Not for the process that has it open: closing a file would drop the writer's locks. */
export const read = <D, S>(ledger: Ledger<D, S>, folder: string): Either<Unopened, Reader<D, S>> => {
  const found = tryCatch(() => contents(folder), (error) => notOpened(folder, error))
  if (isLeft(found)) return found
  if (found.right.snapshots.length + found.right.journals.length === 0) return left(unopened('Unreadable', `${folder} holds nothing that could be read`))
  const { left: damaged, right: snapshots } = separate(found.right.snapshots.map((position) => describeSnapshot(ledger, folder, position)))
  const { journals } = found.right
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
    close: () => undefined,
  })
}
