// Catching up: a member that was away asks those who were there for what it has missed, one of them after the other, and takes of it what a grant left it
// out of, and nothing else. So it is stored under no grant: what was reported of one stays true.
//
//   gap ──where are they?──> ask the nearest ──its lowest number──> gate ──> one durable write ──> screen, marked ──> the next number
//                               │ silent, or wrong                                                                    │ all there, or nobody left
//                               or it has nothing                                                                     no gap, or one that is told
//                               the next co-member
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import * as clock from '../clock.js'
import * as diary from '../diary.js'
import { announce } from '../effect.js'
import { limits } from '../limits.js'
import { after } from '../time.js'
import { decodeEnvelope, type Envelope } from '../wire/sealed/envelope.js'
import { grantBytes, type Grant } from '../wire/sealed/grant.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import { gather, nothing } from '../wire/sealed/parts.js'
import type { PublicKey } from '../keys.js'
import type { ListName } from '../names.js'
import type { Answer } from '../wire/sealed/answer.js'
import type { MissedNone, Relay } from '../wire/sealed/frame.js'
import type { Ring } from '../wire/sealed/ring.js'
import { arriving } from './arriving.js'
import { isSigned, storing } from './gate.js'
import { behind, filled, firstMissing, isApart, lastOf, missing, withGap, withoutGap } from './gaps.js'
import { newestWith } from './numbers.js'
import { fetch } from './rings.js'
import { keyAt, placeOf } from './seats.js'
import type { Arrival } from './arrival.js'
import type { Gap } from './gap.js'
import { changed, knownOf, neighbourOf, newestRing, ringOf, withKnown, type State } from './state.js'
import { persist, seal, step, tell, then, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Notice } from './notice.js'

/** How far away: those of whom it is not known come last. */
const distance = (state: State, key: PublicKey): number => {
  const { address, estimate } = neighbourOf(state, key)
  return (estimate?.srtt ?? limits.silentMs) + (address === undefined ? limits.silentMs : 0)
}

/** The next co-member to ask; whoever has shown the gap is the first. */
const nextOf = (config: Config, state: State, { list, done, found }: Gap): PublicKey | undefined => {
  const ring = newestRing(state, list)
  const members = ring?.members.flatMap((_, place) => keyAt(ring, place) ?? []) ?? []
  const isAsked = (key: PublicKey): boolean => key !== config.own.seals && !done.includes(key) && neighbourOf(state, key).avoided <= state.at
  const near = [...new Set([...(found ?? []), ...members])].filter(isAsked)
  const [first] = found ?? []
  if (found?.length === 1 && first !== undefined && near.includes(first)) return first
  return near.toSorted((a, b) => distance(state, a) - distance(state, b))[0]
}

const withoutArrivals = (state: State): State =>
  state.arrivals.some(({ kind }) => kind === 'missed') ? changed(state, { arrivals: state.arrivals.filter(({ kind }) => kind !== 'missed') }) : state

/** Nobody is left to ask: what is missing is told. Where that was found soon, what was on its way to others may be there a little later (K9); meanwhile other
 *  lists are asked for. */
const given = (state: State, gap: Gap): Step => {
  const rest = withoutGap(withoutArrivals(state), gap.list)
  const floor = behind(gap)
  if (gap.again !== undefined && gap.again > state.at && floor <= gap.to) {
    return step(changed(rest, { gaps: [...rest.gaps, { ...gap, floor, at: floor, done: [], sends: 0, due: gap.again }] }))
  }
  const count = missing(gap)
  return count <= 0 ? step(rest) : tell(rest, { _tag: 'Gap', list: gap.list, from: gap.fresh, to: lastOf(gap), missing: count })
}

const partlyOf = ({ arrivals }: State, key: PublicKey): Arrival | undefined => arrivals.find(({ from, kind }) => kind === 'missed' && from === key)

const askFor = (state: State, gap: Gap, asked: PublicKey): Step => {
  const partly = partlyOf(state, asked)
  const wanted = seal(state, asked, {
    _tag: 'MissedWanted', list: gap.list, from: gap.at, to: gap.to, partly: partly === undefined ? undefined : { im: partly.im, have: partly.assembly.have },
  }, gap.sends > 0)
  return step(withGap(state, { ...gap, asked, until: gap.to, sends: gap.sends + 1, due: after(state.at, limits.missedWantedMs) }), wanted)
}

/** The co-member that is asked has no more of it, or is silent. */
const askNext = (config: Config, before: State, gap: Gap): Step => {
  const state = withoutArrivals(before)
  const next: Gap = gap.asked === undefined ? gap : { ...gap, done: [...gap.done, gap.asked], asked: undefined, at: firstMissing(gap), sends: 0 }
  const asked = next.done.length < config.pace.askedForMissed ? nextOf(config, state, next) : undefined
  return asked === undefined ? given(withGap(state, next), next) : askFor(withGap(state, next), next, asked)
}

/** The server does not say who is on the list: those are asked who were on the newest ring that is known. */
const unfound = (state: State, gap: Gap): State => withGap(state, { ...gap, found: [], sends: 0, due: state.at })

/** Its time has come: whoever is first is asked. */
export const askMissed = (config: Config, state: State): Step => {
  const [gap] = state.gaps
  if (gap === undefined) return step(state)
  if (isApart(state, gap.list)) return step(withoutGap(withoutArrivals(state), gap.list))
  if (gap.found === undefined) {
    // who is on the list, and where, may have changed meanwhile; the answer, or that none came, is heard of before long
    if (gap.sends > 0) return step(unfound(state, gap))
    return step(withGap(state, { ...gap, sends: 1, due: after(state.at, limits.longestLeaseMs) }), { _tag: 'Request', ticket: `where ${gap.list}`, order: { _tag: 'Members', list: gap.list } })
  }
  return gap.asked === undefined || gap.sends >= limits.missedWantedSends || gap.at > gap.to ? askNext(config, state, gap) : askFor(state, gap, gap.asked)
}

/** Who is on that list has been told. */
export const missedFrom = (state: State, list: ListName, keys: ReadonlyArray<PublicKey>): State => {
  const gap = state.gaps.find((one) => one.list === list)
  return gap?.found !== undefined || gap === undefined ? state : withGap(state, { ...gap, found: keys, sends: 0, due: state.at })
}

/** It has not: this member is not on it any more, or the server gives no answer. */
export const missedNowhere = (state: State, list: string, answer: Answer | undefined): State => {
  const gap = state.gaps.find((one) => one.list === list)
  if (gap === undefined || gap.found !== undefined || answer?.body._tag === 'Members') return state
  return answer === undefined ? unfound(state, gap) : withoutGap(state, gap.list)
}

/** Nothing of what is asked is there: whoever is next is asked as soon as questions may follow each other, and nothing that this one says puts that off. It
 *  speaks for itself only, and what it gives all the same is taken until then. */
export const heardNone = (config: Config, state: State, from: PublicKey, none: MissedNone): Step => {
  const [gap] = state.gaps
  if (gap?.asked !== from || gap.list !== none.list || none.from > gap.at || none.to < gap.to) return step(state)
  const due = after(state.at, limits.missedApartMs)
  const again = gap.again ?? after(state.at, config.pace.missedPatienceMs)
  return step(withGap(state, { ...gap, again, sends: limits.missedWantedSends, due: gap.due < due ? gap.due : due }))
}

/** Whether a message can have been taken here and forgotten since: nothing is known then of its root, and it might be shown twice. The clock that serves
 *  now is behind none that served before it. */
const isRemembered = ({ clock: known, at }: State, { until }: Grant): boolean => {
  const [newest] = known
  const hi = newest === undefined ? undefined : clock.hi(known, newest.process, at)
  return hi !== undefined && hi < until + limits.inboxMarginMs
}

/** K1, K2: what the server has granted to others of a ring that I am in, and sealed by its initiator. In whose path I am I take a message by its grant, or
 *  not at all. */
const isMissed = (config: Config, state: State, from: PublicKey, ring: Ring, envelope: Envelope): boolean => {
  const { grant } = envelope
  const me = placeOf(ring, config.own.seals)
  const bytes = grantBytes(grant)
  return (
    state.server !== undefined && me >= 0 && placeOf(ring, from) >= 0 && me !== grant.initiator && !grant.path.includes(me) &&
    grant.list === ring.list && grant.epoch === ring.epoch && isSigned(config, state, state.server.signs, ring, envelope, bytes, config.ciphers.hash(bytes))
  )
}

/** One durable write, and then a line on the screen, once, that says what it is (K3). */
const takeMissed = (config: Config, state: State, ring: Ring, envelope: Envelope): Step => {
  const { grant, text } = envelope
  const mark = storing(state, ring, envelope, { caughtUp: true })
  // of a root that is settled the diary takes no other mark
  const next = grant.size <= config.maxTextBytes && isRemembered(state, grant) ? diary.marked(state.diary, mark) : undefined
  if (next === undefined || isLeft(next)) return step(state)
  const shown: diary.Mark = { _tag: 'Shown', root: grant.root }
  const seen = diary.marked(next.right, shown)
  const known = knownOf(state, grant.list)
  const told = announce<Notice>({ _tag: 'Taken', im: grant.im, root: grant.root, list: grant.list, no: grant.no, from: mark.line.from, text, caughtUp: true })
  const taken = withKnown(changed(state, { diary: isRight(seen) ? seen.right : next.right }), grant.list, { no: newestWith(known.no, grant) })
  return step(taken, persist(mark), told, { _tag: 'Jot', record: shown })
}

/** A whole one. What is wrong comes of whoever has sent it: another is asked. */
const considerMissed = (config: Config, state: State, gap: Gap, relay: Pick<Relay, 'im'>, from: PublicKey, body: Uint8Array): Step => {
  const envelope = decodeEnvelope(body)
  if (isLeft(envelope) || envelope.right.grant.im !== relay.im || envelope.right.grant.list !== gap.list) return askNext(config, state, gap)
  const { grant, granted } = envelope.right
  // a second copy of one that came before
  if (grant.no < gap.at) return step(state)
  const ring = ringOf(state, grant)
  if (ring === undefined) {
    // nobody but the server makes this peer ask for a ring; the message is asked for again, and its ring known by then
    const isGranted = state.server !== undefined && config.ciphers.verify(state.server.signs, grantBytes(grant), bytesOf(granted))
    if (!isGranted) return askNext(config, state, gap)
    return state.fetches.length >= limits.envelopesParked ? step(state) : fetch(state, grant.ring, from)
  }
  if (grant.no > Math.min(gap.to, gap.until) || !isMissed(config, state, from, ring, envelope.right)) return askNext(config, state, gap)
  const next: Gap = { ...gap, at: grant.no + 1, sends: 0, due: after(state.at, limits.missedApartMs) }
  return then(takeMissed(config, withGap(state, next), ring, envelope.right), (now) => step(filled(now, gap.list, grant.no)))
}

/** A message that was missed, or a part of it: of whoever is asked for it, and of nobody else. One at a time is put together. */
export const heardMissed = (config: Config, state: State, from: PublicKey, relay: Relay): Step => {
  const [gap] = state.gaps
  if (gap?.asked !== from || isApart(state, gap.list)) return step(state)
  const before = partlyOf(state, from)
  if (before !== undefined && before.im !== relay.im) return step(state)
  const { assembly, whole } = gather(before?.assembly ?? nothing, relay.part)
  if (whole !== undefined) return considerMissed(config, withoutArrivals(state), gap, relay, from, whole)
  if (assembly.have === (before?.assembly.have ?? 0n)) return step(state)
  const next = arriving(state, { from, im: relay.im, kind: 'missed', assembly, at: state.at })
  return step(withGap(next, { ...gap, sends: 1, due: after(state.at, limits.missedWantedMs) }))
}
