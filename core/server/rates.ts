// How fast somebody may ask. A bucket is one number, the instant until which what it let through is spoken for: GCRA (ITU-T I.371, annex A), the
// leaky bucket kept as a deadline. Nothing has to be filled up while time passes.
//
//   |<--- burst / perSecond --->|
//   now . . . . . . . . until . .          each request moves `until` on by 1 / perSecond; one that would move it out of the window is too fast
//
// Sources are not registered, so their buckets are a fixed number of slots, by hash: `limits.sourceBuckets` says what sharing one means.
import { hash } from '../table.js'
import { isLoopback, sourceOf } from '../address.js'
import { limits } from '../limits.js'
import * as trie from '../trie.js'
import type { Instant } from '../time.js'
import type { Rate } from './config.js'

/** A slot in use, by its number. `until` in ms since the epoch, not whole. */
interface Bucket extends trie.Leaf {
  readonly until: number
}

export type Buckets = trie.Trie<Bucket>

/** The bucket after one request more, or `undefined` when that is too fast. */
export const pour = ({ perSecond, burst }: Rate, until: number, at: Instant): number | undefined => {
  if (perSecond === 0) return until
  const interval = 1000 / perSecond
  const next = Math.max(until, at) + interval
  return next - at <= burst * interval ? next : undefined
}

const slotOf = (ip: string): number => hash(sourceOf(ip)) % limits.sourceBuckets

/** The buckets after one request more of this source, or `undefined` when that is too fast. Loopback has no bound. */
export const pourFrom = (rate: Rate, buckets: Buckets, ip: string, at: Instant): Buckets | undefined => {
  if (rate.perSecond === 0 || isLoopback(ip)) return buckets
  const key = slotOf(ip)
  const until = pour(rate, trie.get(buckets, key)?.until ?? 0, at)
  return until === undefined ? undefined : trie.set(buckets, { key, until })
}
