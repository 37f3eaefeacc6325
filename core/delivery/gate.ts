// Acceptance: the only way into a history, and every check of it is the receiver's (R6 to R11). It believes what is signed, and nothing that is said.
//
//   envelope ──ring known?──> sender, signatures, commitment ──root settled?──> time, epoch ──room?──> one durable write ──> ack, shown, passed on
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as diary from '../diary.js'
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { announce } from '../effect.js'
import { utf8Length } from '../wire/utf8.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import { decodeTrail, xor, type Envelope, type Trail } from '../wire/sealed/envelope.js'
import { commitBytes, grantBytes, messageBytes, processOf, receiptBytes, type Grant, type Settling } from '../wire/sealed/grant.js'
import type { Digest, PublicKey } from '../keys.js'
import type { Ack, Receipts, Status } from '../wire/sealed/frame.js'
import type { KeyedSeat, Ring } from '../wire/sealed/ring.js'
import { timeWanted } from './attempt.js'
import { hold } from './custody.js'
import { filled, skipped } from './gaps.js'
import { newestWith } from './numbers.js'
import { keyAt, placeOf } from './seats.js'
import { membersWanted } from './seeking.js'
import type { Whole } from './arrival.js'
import { changed, hiOf, isChanged, isDoubtful, isLive, knownOf, ringOf, withKnown, type Accepted, type State } from './state.js'
import { persist, seal, step, then, type Effect, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Notice } from './notice.js'

/** An envelope that is what it says, and who I am in it. */
interface Verified {
  readonly envelope: Envelope
  readonly ring: Ring
  readonly g: Digest
  readonly me: number
  readonly trail: Trail
}

/** R6: from whom it may come. */
const isSender = (ring: Ring, { initiator }: Grant, from: PublicKey, kind: Whole['kind'], me: number): boolean => {
  const place = placeOf(ring, from)
  if (place < 0 || kind === 'home') return false
  return kind === 'direct' || place === initiator || place < me
}

/** R7, and that it was for this ring, this member and this text. `bytes`: the grant's. */
export const isSigned = (config: Config, state: State, server: PublicKey, ring: Ring, envelope: Envelope, bytes: Uint8Array, g: Digest): boolean => {
  const { grant, granted, signed, salt, text } = envelope
  const seat = ring.members[grant.initiator]
  const { hash, verify } = config.ciphers
  return (
    seat?._tag === 'Keyed' &&
    !isChanged(config, state, seat) &&
    utf8Length(text) === grant.size &&
    hash(commitBytes(salt, text)) === grant.commit &&
    verify(server, bytes, bytesOf(granted)) &&
    verify(seat.signs, messageBytes(g), bytesOf(signed))
  )
}

/** Left: it is refused. */
const verified = (config: Config, state: State, whole: Whole, envelope: Envelope, ring: Ring): Either<Status, Verified> => {
  const { grant } = envelope
  const me = placeOf(ring, config.own.seals)
  const trail = decodeTrail(whole.head)
  if (state.server === undefined || isLeft(trail)) return left('refused')
  if (grant.im !== whole.im || grant.list !== ring.list || grant.epoch !== ring.epoch) return left('refused')
  if (!grant.path.includes(me) || grant.path.includes(grant.initiator) || !isSender(ring, grant, whole.from, whole.kind, me)) return left('refused')
  const bytes = grantBytes(grant)
  const g = config.ciphers.hash(bytes)
  if (!isSigned(config, state, state.server.signs, ring, envelope, bytes, g)) return left('refused')
  // along an envelope's way places rise: whoever sets my bit, or one behind me, has not sent it round
  const isRising = trail.right.visited.every((place) => place < me && grant.path.includes(place))
  return whole.kind === 'ring' && !isRising ? left('refused') : right({ envelope, ring, g, me, trail: trail.right })
}

/** This member's word for the initiator, and for the server. */
const receiptsFor = (config: Config, state: State, ring: Ring | undefined, { grant, g }: Pick<Accepted, 'grant' | 'g'>, status: Settling): Receipts | undefined => {
  const initiator = keyAt(ring, grant.initiator)
  if (initiator === undefined || state.server === undefined) return undefined
  const bytes = receiptBytes(g, status)
  return { initiator: config.ciphers.share(initiator, bytes), server: config.ciphers.share(state.server.seals, bytes) }
}

const allParts = (parts: number): bigint => (1n << BigInt(parts)) - 1n

export const ackOf = (state: State, { from, im, kind, parts }: Pick<Whole, 'from' | 'im' | 'kind' | 'parts'>, status: Status, receipts?: Receipts): Effect => {
  const ack: Ack = { _tag: 'Ack', im, kind, status, have: allParts(parts), receipts }
  return seal(state, from, ack)
}

const settledAck = (config: Config, state: State, whole: Pick<Whole, 'from' | 'im' | 'kind' | 'parts'>, accepted: Accepted, status: 'stored' | 'have' | 'closed'): Effect =>
  ackOf(state, whole, status, whole.kind === 'direct' ? receiptsFor(config, state, ringOf(state, accepted.grant), accepted, accepted.status) : undefined)

/** What is settled here is said so, whatever copy of it comes, but a ring copy that is still to be passed on. `undefined`: it has to be looked at. */
export const repeated = (config: Config, state: State, whole: Pick<Whole, 'from' | 'im' | 'kind' | 'parts'>): Step | undefined => {
  const accepted = roll.get(state.accepted, whole.im)
  const ring = accepted === undefined ? undefined : ringOf(state, accepted.grant)
  if (accepted === undefined || ring === undefined || placeOf(ring, whole.from) < 0) return undefined
  if (whole.kind === 'ring' && accepted.status === 'stored' && !accepted.passed) return undefined
  return step(state, settledAck(config, state, whole, accepted, accepted.status === 'stored' ? 'have' : 'closed'))
}

/** Grants whose time is over are forgotten before others; as many as may be remembered are. `undefined`: all of them are live. */
const remembered = (state: State, accepted: Accepted): State | undefined => {
  const known = roll.set(state.accepted, accepted.grant.im, accepted)
  if (roll.size(known) <= limits.grantsRemembered || roll.has(state.accepted, accepted.grant.im)) return changed(state, { accepted: known })
  const over = roll.names(state.accepted).filter((im) => {
    const one = roll.get(state.accepted, im)
    return one !== undefined && !isLive(state, one.grant)
  })
  return over.length === 0 ? undefined : changed(state, { accepted: over.reduce((rest, im) => roll.remove(rest, im), known) })
}

/** Passed on once in this process, with this member's receipts added, which are made here and nowhere else (R12). */
const passedOn = (config: Config, state: State, whole: Whole, { ring, me, trail }: Verified, accepted: Accepted): Step => {
  if (whole.kind !== 'ring' || accepted.passed || accepted.status !== 'stored') return step(state)
  const receipts = receiptsFor(config, state, ring, accepted, 'stored')
  const marked = remembered(state, { grant: accepted.grant, g: accepted.g, status: accepted.status, passed: true })
  if (receipts === undefined || marked === undefined) return step(state)
  const visited = [...trail.visited, me]
  const next: Trail = { visited, tagI: xor(trail.tagI, receipts.initiator), tagS: xor(trail.tagS, receipts.server), notes: trail.notes }
  return hold(config, marked, { grant: accepted.grant, body: whole.body, trail: next }, me)
}

const untilOf = (grant: Grant): { readonly process: ReturnType<typeof processOf>; readonly at: Grant['until'] } => ({ process: processOf(grant), at: grant.until })

/** R11: never shown, and said so once it is durable. */
const close = (config: Config, state: State, whole: Whole, { envelope: { grant }, g, ring }: Verified, why: 'muted' | 'full' | 'tooLarge'): Step => {
  const mark: diary.Mark = { _tag: 'Closed', root: grant.root, until: untilOf(grant) }
  const next = diary.marked(state.diary, mark)
  const accepted: Accepted = { grant, g, status: 'closed', passed: false }
  const known = isLeft(next) ? undefined : remembered(filled(changed(state, { diary: next.right }), grant.list, grant.no), accepted)
  if (known === undefined) return step(state, ackOf(state, whole, 'busy'))
  const from = ring.members[grant.initiator]?.name ?? ''
  return step(known, persist(mark), settledAck(config, known, whole, accepted, 'closed'), announce({ _tag: 'Closed', im: grant.im, list: grant.list, from, why }))
}

/** What is written of a message that is taken, with all that it takes to give it to others. */
export const storing = (state: State, ring: Ring, { text, ...seals }: Envelope, how: { readonly caughtUp?: true } = {}): Extract<diary.Mark, { readonly _tag: 'Stored' }> => {
  const { grant } = seals
  const from = (ring.members[grant.initiator] as KeyedSeat).name
  const ofRing = roll.has(state.diary.kept.rings, grant.ring) ? {} : { ring }
  return { _tag: 'Stored', root: grant.root, until: untilOf(grant), line: { at: state.at, list: grant.list, no: grant.no, from, text, ...how, ...(grant.im === grant.root ? {} : { again: true as const }) }, seals: { ...seals, ...ofRing } }
}

/** R10: one durable write, then the ack, then it is passed on, and shown, once. */
const store = (config: Config, state: State, whole: Whole, verdict: Verified): Step => {
  const { envelope, ring, g } = verdict
  const { grant, text } = envelope
  const mark = storing(state, ring, envelope)
  const next = diary.marked(state.diary, mark)
  if (isLeft(next)) return close(config, state, whole, verdict, 'full')
  const accepted: Accepted = { grant, g, status: 'stored', passed: false }
  const { no } = knownOf(state, grant.list)
  const here = filled(skipped(config, changed(state, { diary: next.right }), grant.list, no, grant.no, whole.from), grant.list, grant.no)
  const noted = remembered(withKnown(here, grant.list, { no: newestWith(no, grant) }), accepted)
  if (noted === undefined) return step(state, ackOf(state, whole, 'busy'))
  const shown: diary.Mark = { _tag: 'Shown', root: grant.root }
  const after = diary.marked(noted.diary, shown)
  const told = announce<Notice>({
    _tag: 'Taken', im: grant.im, root: grant.root, list: grant.list, no: grant.no, from: mark.line.from, text,
    ...(no > 0 && grant.no > no + 1 ? { missed: grant.no - no - 1 } : {}), ...(grant.no < no ? { late: true } : {}),
  })
  const done = changed(noted, { diary: isRight(after) ? after.right : noted.diary })
  const on = then(step(done, persist(mark), settledAck(config, done, whole, accepted, 'stored')), (now) => passedOn(config, now, whole, verdict, accepted))
  // all behind this member wait for it, and its screen does not
  return then(on, (now) => step(now, told, { _tag: 'Jot', record: shown }))
}

/** R9: a newer epoch than any before; what waits of an older one is dropped. */
const inEpoch = (state: State, { list, epoch }: Grant): State =>
  epoch <= knownOf(state, list).epoch
    ? state
    : changed(withKnown(state, list, { epoch, poisoned: 0 }), { parked: state.parked.filter(({ grant }) => grant.list !== list || grant.epoch >= epoch) })

const parked = (state: State, whole: Whole, grant: Grant): State => changed(state, {
  parked: [...state.parked.filter(({ whole: other }) => other.im !== whole.im || other.kind !== whole.kind || other.from !== whole.from), { whole, grant }].slice(-limits.envelopesParked),
})

/** Nobody knows the server's time: it is asked, and the copy waits. */
const untimely = (config: Config, state: State, whole: Whole, grant: Grant): Step => then(step(parked(state, whole, grant), ackOf(state, whole, 'busy')), (now) => timeWanted(config, now))

/** Whether it is of a ring that is newer than this member's leave, which has raised the epoch of the newest ring that it knew by one, and has it again: it
 *  joined, or somebody made it join, and it has not been told. */
export const isUntold = (state: State, { list, epoch }: Grant): boolean => {
  const known = knownOf(state, list)
  return known.left && epoch >= known.epoch
}

/** Nobody may ever tell it unless it asks. Whatever it was told before says nothing of a message that comes for the first time. */
export const placeWanted = (config: Config, state: State, grant: Grant, isFirst = false): Step =>
  isUntold(state, grant) ? membersWanted(config, state, grant.list, isFirst) : step(state)

/** A whole copy of which it is not known yet which ring it is of, or whether I am on the list: it waits; the time is asked meanwhile, if that is not known
 *  either. */
export const park = (config: Config, state: State, whole: Whole, grant: Grant): Step => {
  const waits = hiOf(state, grant) === undefined ? untimely(config, state, whole, grant) : step(parked(state, whole, grant), ackOf(state, whole, 'busy'))
  return then(waits, (now) => placeWanted(config, now, grant, state.parked.every((one) => one.grant.im !== grant.im)))
}

const settledBefore = (config: Config, state: State, whole: Whole, verdict: Verified, status: Settling): Step => {
  const { envelope: { grant }, g } = verdict
  const before = roll.get(state.accepted, grant.im)
  const accepted: Accepted = before ?? { grant, g, status, passed: false }
  const known = remembered(filled(state, grant.list, grant.no), accepted)
  if (known === undefined) return step(state, ackOf(state, whole, 'busy'))
  // it will be passed on as long as it is timely, which nobody knows yet: whoever sends it keeps it
  if (whole.kind === 'ring' && status === 'stored' && !accepted.passed && hiOf(state, grant) === undefined) return untimely(config, state, whole, grant)
  const said = step(known, settledAck(config, known, whole, accepted, status === 'stored' ? 'have' : 'closed'))
  return isLive(known, grant) ? then(said, (now) => passedOn(config, now, whole, verdict, accepted)) : said
}

/** A whole copy of a message whose ring is known. */
export const consider = (config: Config, before: State, whole: Whole, envelope: Envelope, ring: Ring): Step => {
  const verdict = verified(config, before, whole, envelope, ring)
  if (isLeft(verdict)) return step(before, ackOf(before, whole, verdict.left))
  const { grant } = envelope
  const state = inEpoch(before, grant)
  const known = roll.get(state.diary.inbox.roots, grant.root)
  if (known !== undefined) return settledBefore(config, state, whole, verdict.right, known.status === 'closed' ? 'closed' : 'stored')
  if (grant.epoch < knownOf(state, grant.list).epoch) return step(state, ackOf(state, whole, 'late'))
  if (isUntold(state, grant)) return park(config, state, whole, grant)
  const hi = hiOf(state, grant)
  if (hi === undefined) return untimely(config, state, whole, grant)
  // a bound that is too high refuses what is not late, and nothing but another answer brings it down
  if (hi >= grant.until) return isDoubtful(state, grant) ? untimely(config, state, whole, grant) : step(state, ackOf(state, whole, 'late'))
  if (roll.has(state.diary.muted, grant.list)) return close(config, state, whole, verdict.right, 'muted')
  return grant.size > config.maxTextBytes ? close(config, state, whole, verdict.right, 'tooLarge') : store(config, state, whole, verdict.right)
}
