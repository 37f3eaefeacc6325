// One relay to one member: sent until it is answered, refused or given up (R13, R14). The holder of a ring copy has one attempt at a time, an initiator in
// its direct phase one for each member that is open.
import * as entropy from '../entropy.js'
import * as timer from '../timer.js'
import { limits } from '../limits.js'
import { memo } from '../memo.js'
import { after, epoch, type Instant } from '../time.js'
import { encodeTrail, type Trail } from '../wire/sealed/envelope.js'
import { partsOf, type Part } from '../wire/sealed/parts.js'
import { answered, factorOf, type Loss } from './loss.js'
import type { PublicKey } from '../keys.js'
import type { Ack, Relay } from '../wire/sealed/frame.js'
import type { Grant } from '../wire/sealed/grant.js'
import { idOf } from './seats.js'
import { whereabouts } from './seeking.js'
import { changed, neighbourOf, ringOf, withNeighbour, type Attempt, type State } from './state.js'
import { seal, step, type Effect, type Step } from './transitions.js'
import type { Config, Pace } from './config.js'

/** Before its first send. */
export const attempt = (member: number, at: Instant): Attempt => ({ member, since: at, sends: 0, heard: 0, next: at, have: 0n, sent: 0, busy: 0, refused: undefined })

/** Field by field, as the state is changed. */
const tryingWith = ({ member, since, sends, heard, next, have, sent, busy, refused: closed }: Attempt, change: Partial<Attempt>): Attempt => ({
  member, since, sends, heard, next, have, sent, busy, refused: closed, ...change,
})

/** What is sent, and to whom. */
export interface Load {
  readonly to: PublicKey
  readonly grant: Grant
  readonly kind: Relay['kind']
  readonly trail: Trail
  readonly body: Uint8Array
}

/** Whole ms to wait after send number `sends` >= 1. Kept short until the member is passed over: what is lost must not look like silence (F7), so that
 *  where much is lost it is shorter still, and never shorter than an answer takes. */
const waitMs = ({ hopFirstMs, hopLowestMs, hopHighestMs }: Pace, loss: Loss, estimate: timer.Estimate | undefined, sends: number, chance: number): number => {
  const first = estimate === undefined ? hopFirstMs : Math.max(hopLowestMs, estimate.srtt + 4 * estimate.rttvar)
  const highest = Math.min(hopHighestMs, Math.max(first, hopHighestMs / factorOf(loss)))
  return Math.ceil(Math.min(highest, first * 2 ** (sends - 1)) * (1 + limits.rtoJitter * chance))
}

/** The parts that are missing there, a few at a time; where all have arrived, and no word about them, the last one again. */
const missingOf = ({ body }: Load, { have }: Attempt): ReadonlyArray<Part> => {
  const missing = partsOf(body, have) ?? []
  return missing.length > 0 ? missing.slice(0, limits.partsAtOnce) : (partsOf(body, 0n) ?? []).slice(-1)
}

/** The parts that have not left yet, as many as there is room for beside those that are on their way. */
const unsentOf = ({ body }: Load, { have, sent }: Attempt): ReadonlyArray<Part> => {
  const missing = partsOf(body, have) ?? []
  const unsent = missing.filter(({ index }) => index >= sent)
  return unsent.slice(0, Math.max(0, limits.partsAtOnce - (missing.length - unsent.length)))
}

/** It is the same for all parts, and for all sends. */
const headOf = memo(encodeTrail)

const relaysOf = ({ grant: { im }, kind, trail }: Load, parts: ReadonlyArray<Part>): ReadonlyArray<Relay> => {
  return parts.map((part) => ({ _tag: 'Relay', im, kind, head: headOf(trail), part }))
}

const sentWith = ({ sent }: Attempt, parts: ReadonlyArray<Part>): number => Math.max(sent, (parts.at(-1)?.index ?? -1) + 1)

interface Sent {
  readonly step: Step
  readonly attempt: Attempt
}

/** One send more. */
export const send = (config: Config, before: State, load: Load, tried: Attempt): Sent => {
  const { value, seed } = entropy.next(before.seed)
  const { member, heard, have, busy, refused: closed } = tried
  const sends = tried.sends + 1
  const next = after(before.at, waitMs(config.pace, before.loss, neighbourOf(before, load.to).estimate, sends, value))
  const { state, effects } = whereabouts(config, changed(before, { seed }), load, tried)
  const parts = missingOf(load, tried)
  const relays = relaysOf(load, parts).map((relay): Effect => seal(state, load.to, relay, sends >= 4))
  return {
    step: step(state, ...effects, ...relays),
    attempt: { member, since: sends === 1 ? state.at : tried.since, sends, heard, next, have, sent: sentWith(tried, parts), busy, refused: closed },
  }
}

/** Parts have arrived: others take their place on the way. What is on its way already is not sent again before its time. */
export const sendMore = (config: Config, before: State, load: Load, tried: Attempt): Sent => {
  const { value, seed } = entropy.next(before.seed)
  const state = changed(before, { seed })
  const parts = unsentOf(load, tried)
  const next = after(state.at, waitMs(config.pace, state.loss, neighbourOf(state, load.to).estimate, tried.sends, value))
  const relays = relaysOf(load, parts).map((relay): Effect => seal(state, load.to, relay))
  return { step: step(state, ...relays), attempt: tryingWith(tried, { next, sent: sentWith(tried, parts) }) }
}

/** The server's time is wanted: it is asked, unless it was a moment ago. */
export const timeWanted = ({ pace }: Config, state: State): Step =>
  state.pinged > epoch && state.at < after(state.pinged, pace.hopHighestMs) ? step(state) : step(changed(state, { pinged: state.at }), { _tag: 'Ping' })

/** Not sent now, since nobody knows the server's time; looked at again soon. */
export const postponed = ({ pace }: Config, { at }: State, tried: Attempt): Attempt => tryingWith(tried, { next: after(at, pace.hopHighestMs) })

/** Whether it has been silent for long enough, and asked often enough (R14). */
export const isSilent = ({ silentMs, silentSends }: Pace, { since, sends }: Attempt, at: Instant): boolean => sends >= silentSends && at - since >= silentMs

/** More parts have arrived there: it is not silent. Whoever has all of them says so with another word; where that was lost, it has put the parts away with
 *  it, and what it has now is what it says: believed as often as it may be busy, lest one that goes on forgetting hold up all behind it.
 *  `undefined`: nothing new. */
export const progressed = ({ busyRestarts }: Pace, body: Uint8Array, tried: Attempt, { have }: Ack, at: Instant): Attempt | undefined => {
  const all = have | tried.have
  if (all === tried.have) return undefined
  const more = tryingWith(tried, { have: all, since: at, sends: 1, heard: 0 })
  if (partsOf(body, all)?.length !== 0) return more
  return tried.busy >= busyRestarts ? undefined : tryingWith(more, { have, sent: 0, busy: tried.busy + 1 })
}

/** It is there, and not ready: it has the whole span again, as often as may be. */
export const restarted = ({ busyRestarts }: Pace, tried: Attempt, { have }: Ack, at: Instant): Attempt =>
  tried.busy >= busyRestarts
    ? tryingWith(tried, { have: tried.have | have, heard: tried.sends })
    : tryingWith(tried, { have: tried.have | have, since: at, sends: 1, heard: 1, busy: tried.busy + 1 })

/** It has given an answer: what of its sends was none before was lost, but for the last. */
export const counted = (state: State, { sends, heard }: Attempt): State => changed(state, { loss: answered(state.loss, sends - heard) })

/** The second report of a closed port, far enough from the first, is believed. */
export const refused = ({ refusalsApartMs }: Pace, tried: Attempt, at: Instant): Attempt | 'closed' => {
  if (tried.refused === undefined) return tryingWith(tried, { refused: at })
  return at - tried.refused >= refusalsApartMs ? 'closed' : tried
}

/** How long the answer took, if it can be told which send it answers (Karn & Partridge, SIGCOMM 1987): after a word about parts, or that it is busy, it
 *  cannot. */
export const sampled = (before: State, key: PublicKey, tried: Attempt): State => {
  const { sends, heard, since, have } = tried
  const state = counted(before, tried)
  return sends === 1 && heard === 0 && have === 0n ? withNeighbour(state, key, { estimate: timer.sampled(neighbourOf(state, key).estimate, state.at - since) }) : state
}

/** It gave no answer: for a while nobody waits for it again (F29), and the server is told, once in a while (R26). */
export const avoided = (config: Config, state: State, grant: Grant, member: number): Step => {
  const seat = ringOf(state, grant)?.members[member]
  if (seat?._tag !== 'Keyed') return step(state)
  const known = neighbourOf(state, seat.seals)
  const span = Math.min(limits.unreachableMostMs, Math.max(config.pace.unreachableMs, known.span * 2))
  const isTold = known.missed !== undefined && state.at < after(known.missed, limits.suspectMs)
  const now = withNeighbour(state, seat.seals, { avoided: after(state.at, span), span, missed: isTold ? known.missed : state.at })
  return isTold ? step(now) : step(now, { _tag: 'Request', ticket: `missed ${seat.name}`, order: { _tag: 'Suspect', id: idOf(config, seat) } })
}
