// Numbers of a list that are missing here, while somebody may still have what went round under them.
import type { PublicKey } from '../keys.js'
import type { ListName } from '../names.js'
import type { Instant } from '../time.js'

/** Messages of a list that this member may have missed, and whom it asks for them (`gaps`, `catching`). */
export interface Gap {
  readonly list: ListName
  /** the first and the last number; the last is 2^48 - 1 while nobody knows it */
  readonly from: number
  readonly to: number
  /** what is missing from that number on is told when nobody is left to ask; what is missing before it was told by a process before this one */
  readonly fresh: number
  /** numbers between, that are here */
  readonly filled: ReadonlyArray<number>
  /** what is asked for next, and the last number of the newest question, since when the gap may have grown; of whom, and how often it was */
  readonly at: number
  readonly until: number
  readonly asked: PublicKey | undefined
  readonly sends: number
  readonly due: Instant
  /** who was asked before, and who can be, as far as anybody has said; `undefined`: the server is asked that first */
  readonly done: ReadonlyArray<PublicKey>
  readonly found: ReadonlyArray<PublicKey> | undefined
  /** the first number that is asked for, if it is not here: all, and when all are asked once more those behind the newest that has come */
  readonly floor: number
  /** when all are asked once more, in case something was on its way to those who had nothing; `undefined`: nobody has said so */
  readonly again: Instant | undefined
}
