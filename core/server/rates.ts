// What sources may ask for. They are not registered, so their buckets are a fixed number of slots, by hash: `limits.sourceBuckets` says what sharing
// one means.
import { hash } from '../table.js'
import { isLoopback, sourceOf } from '../address.js'
import { limits } from '../limits.js'
import { pourInto, type Buckets, type Rate } from '../rate.js'
import type { Instant } from '../time.js'

/** The buckets after one request more of this source, or `undefined` when that is too fast. Loopback has no bound. */
export const pourFrom = (rate: Rate, buckets: Buckets, ip: string, at: Instant): Buckets | undefined =>
  rate.perSecond === 0 || isLoopback(ip) ? buckets : pourInto(rate, buckets, hash(sourceOf(ip)) % limits.sourceBuckets, at)
