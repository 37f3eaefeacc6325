// The server's time, from above. A server says in every reply which instant its clock shows; whatever the answer's way took, the clock has
// moved on by no more than has passed here since the request first left. So the lowest of these bounds holds, and it moves with our clock.
//
//   hi(now) = min over exchanges of  at + (now - first send) x drift        drift: how much faster the server's clock may run than ours
//
// Instants are of one process of the server: the next may have another clock. The two newest are kept, for what began before its restart.
import { limits } from './limits.js'
import type { ProcessId } from './keys.js'
import { epoch, latest, type Instant } from './time.js'

/** The best exchange with one process of the server: what its clock showed, and when, here, the request first left. */
interface Bound {
  readonly process: ProcessId
  readonly at: Instant
  readonly since: Instant
  /** when its answer was here */
  readonly heard: Instant
  /** when the first answer of this process was here, and when the latest request that it has answered first left */
  readonly met: Instant
  readonly asked: Instant
}

/** Whichever has answered the latest request comes first. At most `limits.serverClocks`. */
export type Clock = ReadonlyArray<Bound>

/** Nothing is known: at first, and after a sleep, in which our clock may have stood still while the server's did not. */
export const nothing: Clock = []

const bound = ({ at, since }: Bound, now: Instant): number => Math.ceil(at + (now - since + limits.clockGrainMs) * limits.clockDrift)

/** An instant that the server's clock has not passed at `now`; `undefined` where nothing is known of that process. */
export const hi = (clock: Clock, process: ProcessId, now: Instant): Instant | undefined => {
  const known = clock.find((one) => one.process === process)
  return known === undefined ? undefined : (bound(known, now) as Instant)
}

/** An instant that the server's clock has come to at `now`, by the same exchange: between the two it is not known. Zero where nothing is. */
export const lo = (clock: Clock, process: ProcessId, now: Instant): Instant => {
  const known = clock.find((one) => one.process === process)
  return (known === undefined ? 0 : Math.max(0, Math.floor(known.at + (now - known.heard - limits.clockGrainMs) / limits.clockDrift))) as Instant
}

/** Whether another answer can tell more of that process's clock: no other has answered what was asked when this one had been heard. Which answer came
 *  last says nothing of that: one of an earlier process may have been on its way for a minute. */
export const isAsked = (clock: Clock, process: ProcessId): boolean => {
  const known = clock.find((one) => one.process === process)
  return known === undefined ? clock.length === 0 : clock.every(({ asked }, i) => clock[i] === known || asked <= known.met)
}

/** `clock` with an exchange: the request first left at `since`, and the answer that is here at `now` was sent when that process showed `at`. */
export const learn = (clock: Clock, exchange: Pick<Bound, 'process' | 'at' | 'since'>, now: Instant): Clock => {
  const known = clock.find((one) => one.process === exchange.process)
  const { process, at, since } = exchange
  const heard: Bound = { process, at, since, heard: now, met: known?.met ?? now, asked: latest(known?.asked ?? epoch, since) }
  // two bounds rise alike, so that the lower one now is the lower one for ever
  const best = known !== undefined && bound(known, now) <= bound(heard, now) ? { process, at: known.at, since: known.since, heard: known.heard, met: known.met, asked: heard.asked } : heard
  const others = clock.filter((one) => one !== known)
  return [...others.filter(({ asked }) => asked > best.asked), best, ...others.filter(({ asked }) => asked <= best.asked)].slice(0, limits.serverClocks)
}

/** When our clock shows that `hi` has come to `instant`; `undefined` where nothing is known of that process. */
export const reaches = (clock: Clock, process: ProcessId, instant: Instant): Instant | undefined => {
  const known = clock.find((one) => one.process === process)
  if (known === undefined) return undefined
  return Math.max(0, Math.floor(known.since + (instant - known.at) / limits.clockDrift - limits.clockGrainMs)) as Instant
}
