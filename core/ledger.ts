// What a store must know of a state to bring it back: how its records and its snapshots are written, and what a record makes of it. The server's
// directory and a peer's inbox each have one; the stores are written once, against `Ledger`.
//
//   snapshot (parts) ──whole──> state ──fold──> state ──fold──> state         restart = the newest snapshot and the records since
import type * as t from 'io-ts'
import type { Either } from 'fp-ts/lib/Either.js'

/** `D`: a record, which is JSON as it stands (no `undefined` that matters, no bigint). `S`: the state that records make. */
export interface Ledger<D, S> {
  /** what it is, for sentences: `directory`, `inbox` */
  readonly what: string
  /** of the written form of records and parts; a higher one is a newer program's */
  readonly version: number
  /** of what records mean: folded by other rules they could come to another state */
  readonly rules: number
  readonly record: t.Type<D, unknown>
  /** how many records there have been, counted from wherever the first state stood */
  readonly position: (state: S) => number
  /** the state behind that record, one position on; or why there is none */
  readonly fold: (state: S, record: D) => Either<string, S>
  /** JSON values that together are the state, the same for the same state; each is made when it is called for, and takes less than a millisecond or two */
  readonly parts: (state: S) => ReadonlyArray<() => unknown>
  /** the state that has these parts; or what is wrong with them */
  readonly whole: (parts: ReadonlyArray<unknown>) => Either<string, S>
}
