// The one clock of a program: Unix milliseconds at the start, then advanced by the monotonic clock, so that it never goes back.
import { latest, epoch, Instant } from '../core/index.js'

export type Clock = () => Instant

/** Reads the wall clock once, here; where it is behind `notBefore`, which a restored state has seen, the time goes on from there. */
export const systemClock = (notBefore: Instant = epoch): Clock => {
  const origin = Math.max(Date.now(), notBefore) - performance.now()
  let last: Instant = epoch
  return () => {
    const now = Math.floor(origin + performance.now())
    if (Instant.is(now)) last = latest(last, now)
    return last
  }
}
