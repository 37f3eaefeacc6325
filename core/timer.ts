// How long an answer is awaited before its request is sent again: after RFC 6298, in milliseconds.
//
//   wait = min(highest, RTO x 2^(sends - 1)) x (1 .. 1.25)        RTO = clamp(SRTT + 4 RTTVAR), without a sample 1 s
//
// A sample is taken of requests that were sent once only: an answer does not say which send it answers (Karn & Partridge, SIGCOMM 1987).
// The first answer is none: its request waited for a session too, and a lost hello would make ten waits long.
import { limits } from './limits.js'

/** The smoothed round trip and its mean deviation, in ms. */
export interface Estimate {
  readonly srtt: number
  readonly rttvar: number
}

/** `estimate` with a round trip of `ms` >= 0 (RFC 6298, sections 2.2 and 2.3). */
export const sampled = (estimate: Estimate | undefined, ms: number): Estimate =>
  estimate === undefined
    ? { srtt: ms, rttvar: ms / 2 }
    : { rttvar: (3 * estimate.rttvar + Math.abs(estimate.srtt - ms)) / 4, srtt: (7 * estimate.srtt + ms) / 8 }

/** The first wait, without chance. */
export const rto = (estimate: Estimate | undefined): number =>
  estimate === undefined
    ? limits.rtoFirstMs
    : Math.min(limits.rtoHighestMs, Math.max(limits.rtoLowestMs, estimate.srtt + 4 * estimate.rttvar))

/** Whole ms to wait after send number `sends` >= 1, at most `highest` without chance; `chance` 0 .. 1 spreads the resends of many peers that lost their
 *  server at once. */
export const wait = (estimate: Estimate | undefined, sends: number, chance: number, highest: number = limits.rtoHighestMs): number =>
  Math.ceil(Math.min(highest, rto(estimate) * 2 ** (sends - 1)) * (1 + limits.rtoJitter * chance))
