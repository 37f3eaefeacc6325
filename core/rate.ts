// How fast something may happen. A bucket is one number, the instant until which what it let through is spoken for: GCRA (ITU-T I.371, annex A),
// the leaky bucket kept as a deadline. Nothing has to be filled up while time passes.
//
//   |<--- burst / perSecond --->|
//   now . . . . . . . . until . .          each one moves `until` on by 1 / perSecond; one that would move it out of the window is too fast
import * as t from 'io-ts'
import * as trie from './trie.js'
import type { Instant } from './time.js'

/** How much, or how long: finite and >= 0. */
export const Amount = t.refinement(t.number, (n) => Number.isFinite(n) && n >= 0, 'Amount')

/** So many a second at length, and `burst` at once; `perSecond` 0: no bound. */
export const Rate = t.readonly(t.strict({ perSecond: Amount, burst: Amount }), 'Rate')
export type Rate = t.TypeOf<typeof Rate>

/** A slot in use, by its number. `until` in ms since the epoch, not whole. */
interface Bucket extends trie.Leaf {
  readonly until: number
}

/** Buckets of many, in a fixed number of slots that whoever uses them chooses. */
export type Buckets = trie.Trie<Bucket>

/** The bucket after one more, or `undefined` when that is too fast. */
export const pour = ({ perSecond, burst }: Rate, until: number, at: Instant): number | undefined => {
  if (perSecond === 0) return until
  const interval = 1000 / perSecond
  const next = Math.max(until, at) + interval
  return next - at <= burst * interval ? next : undefined
}

/** The buckets after one more in that slot, or `undefined` when that is too fast. */
export const pourInto = (rate: Rate, buckets: Buckets, key: number, at: Instant): Buckets | undefined => {
  const until = pour(rate, trie.get(buckets, key)?.until ?? 0, at)
  return until === undefined ? undefined : trie.set(buckets, { key, until })
}
