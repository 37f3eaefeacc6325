// The port of every store: where records and snapshots of one ledger are kept. Adapters: `sqlite` (a folder on this machine) and `memory`.
//
//   append ──> durable        one batch at a time, in order, all of it or nothing
//   snapshot ──> durable      beside the appends, which go on meanwhile
//   close                     whatever was begun is finished
//
// Opening one restores: the newest snapshot and the records since are read, verified and folded before anything can be appended.
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** Records that are durable together. */
export interface Batch<D> {
  /** oldest first; one at least */
  readonly records: ReadonlyArray<D>
  /** the ledger's position behind the last of them */
  readonly position: number
}

/** Why something could not be written. `Full`: there is no room; nothing of it is there, and the store works on. `Broken`: nobody knows what is there
 *  (a sync that failed, a worker that died): the program ends, and a restart finds out. */
export interface Unwritten {
  readonly _tag: 'Full' | 'Broken'
  readonly sentence: string
}

/** What opening a store brought back. */
export interface Restored<S> {
  readonly state: S
  /** the position of the snapshot that it began with */
  readonly snapshot: number
  /** records folded since */
  readonly folded: number
  /** frames of a batch that was being written when the program or the machine stopped, never acknowledged, and cut off */
  readonly torn: number
  /** there was nothing: `state` is the one that was given */
  readonly isNew: boolean
  /** sentences for whoever operates it: what is not as it should be, though the state is right */
  readonly notes: ReadonlyArray<string>
  /** ms that it took */
  readonly ms: number
}

export interface Store<D, S> {
  /** Makes the batch durable. One at a time: the next when this one is answered. */
  readonly append: (batch: Batch<D>) => TaskEither<Unwritten, void>
  /** Makes the state, at a position between two batches that are durable, the one that the next restart begins with, and trims what no kept snapshot
   *  needs. One at a time. A failure of either kind leaves what there was, and the store works on. */
  readonly snapshot: (state: S) => TaskEither<Unwritten, void>
  readonly close: () => Promise<void>
}

/** Why a store could not be opened; nothing in it was changed. `Damaged`: bits that are not what was written, or a gap; `Newer`,
 *  `Older`: written in another form, or by other rules, than this program's: the sentence says which program to take; `InUse`: another process has it; `Unreadable`: the system says no. */
export interface Unopened {
  readonly _tag: 'Damaged' | 'Newer' | 'Older' | 'InUse' | 'Exposed' | 'Unreadable' | 'Full'
  readonly sentence: string
}

export interface Opened<D, S> {
  readonly restored: Restored<S>
  readonly store: Store<D, S>
}

/** Opens a store, which begins with `first` where there is nothing. */
export type Open<D, S> = (first: S) => TaskEither<Unopened, Opened<D, S>>
