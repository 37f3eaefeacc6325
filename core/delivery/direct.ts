// The direct phase: whoever is open when the ring is over, or half of the lease is, gets a copy of its own, which goes no further (R17, R18).
import { limits } from '../limits.js'
import * as roll from '../roll.js'
import { after, type Instant } from '../time.js'
import { departure, type Why } from '../wire/sealed/envelope.js'
import { receiptBytes } from '../wire/sealed/grant.js'
import type { ImId, PublicKey } from '../keys.js'
import type { Ack } from '../wire/sealed/frame.js'
import { attempt, avoided, counted, isSilent, postponed, progressed, refused, restarted, sampled, send, sendMore, timeWanted } from './attempt.js'
import { given } from './leaf.js'
import { credited, open, ownWith, receiptOf, withNotes } from './own.js'
import { keyAt, placeOf } from './seats.js'
import { isDoubtful, isLive, ownUnderWay, ringOf, withOwn, withoutCustody, type Attempt, type Own, type State } from './state.js'
import { isSettled, report } from './telling.js'
import { each, step, then, type Step } from './transitions.js'
import { factorOf } from './loss.js'
import type { Config, Pace } from './config.js'

const without = (copies: Own['copies'], member: number): Own['copies'] => copies.filter((one) => one.member !== member)

const put = (own: Own, copy: Attempt): Own => ownWith(own, { copies: [...without(own.copies, copy.member), copy] })

/** Given up: there is evidence, and no receipt. */
const givenUp = (own: Own, member: number, why: Why): Own => 
  own.given.includes(member) ? own : ownWith(withNotes(own, [{ member, why, by: own.grant.initiator }]), { given: [...own.given, member] })

/** The grant ends in a moment: what is known is told. */
export const latest = (config: Config, state: State, im: ImId): Step => {
  const own = roll.get(state.own, im)
  if (own === undefined || own.phase === 'told') return step(state)
  const { grant } = own
  const end = { im: grant.im, until: Math.max(0, grant.until - config.pace.reportBeforeMs) as Instant }
  // it may be a bound that is too high which says so
  if (!isDoubtful(state, end) || state.at >= after(own.began, limits.longestLeaseMs)) return report(state, ownWith(own, { leaves: given(own.leaves) }), own.disputed)
  return timeWanted(config, withOwn(state, ownWith(own, { latest: after(state.at, config.pace.hopHighestMs) })))
}

/** One copy more to one member, while the grant holds; where it is over, what is known is told. */
const sendCopy = (config: Config, state: State, im: ImId, copy: Attempt, as = send): Step => {
  const own = roll.get(state.own, im)
  const to = own === undefined ? undefined : keyAt(ringOf(state, own.grant), copy.member)
  if (own?.phase !== 'direct' || to === undefined) return step(state)
  if (!isLive(state, own.grant)) {
    return isDoubtful(state, own.grant) ? timeWanted(config, withOwn(state, put(own, postponed(config, state, copy)))) : report(state, own, own.disputed)
  }
  const sent = as(config, state, { to, grant: own.grant, kind: 'direct', trail: departure, body: own.body }, copy)
  return then(sent.step, (now) => step(withOwn(now, put(own, sent.attempt))))
}

/** As many copies as may be under way at once; the report, where none is and none is to come. */
const refill = (config: Config, state: State, im: ImId): Step => {
  const own = roll.get(state.own, im)
  if (own?.phase !== 'direct') return step(state)
  if (isSettled(own)) return report(state, own, own.disputed)
  const busy = own.copies.filter(({ member }) => !own.given.includes(member))
  const waiting = open(own).filter((member) => !own.given.includes(member) && !busy.some((copy) => copy.member === member))
  if (busy.length === 0 && waiting.length === 0) return report(state, own, own.disputed)
  return each(state, waiting.slice(0, limits.copiesAtOnce - busy.length), (now, member) => sendCopy(config, now, im, attempt(member, now.at)))
}

/** The ring is over for it: whoever is open is sent a copy. */
export const begin = (config: Config, state: State, im: ImId): Step => {
  const own = roll.get(state.own, im)
  if (own === undefined || own.phase === 'direct') return step(state)
  return refill(config, withOwn(withoutCustody(state, im), ownWith(own, { phase: 'direct' })), im)
}

const stop = (config: Config, state: State, own: Own, member: number, why: Why): Step => refill(config, withOwn(state, givenUp(own, member, why)), own.grant.im)

/** Where much is lost silence says less: whoever is given up here is asked by nobody any more. */
const patient = (pace: Pace, factor: number): Pace => ({ ...pace, silentMs: factor * pace.silentMs, silentSends: factor * pace.silentSends })

/** Its time has come: once more, or it is given up. */
export const copyAgain = (config: Config, state: State, im: ImId, member: number): Step => {
  const own = roll.get(state.own, im)
  const copy = own?.copies.find((one) => one.member === member)
  if (own?.phase !== 'direct' || copy === undefined || own.given.includes(member)) return step(state)
  if (!isSilent(patient(config.pace, factorOf(state.loss)), copy, state.at)) return sendCopy(config, state, im, copy)
  return then(avoided(config, state, own.grant, member), (now) => stop(config, now, own, member, 'silent'))
}

/** A receipt that is none says only that somebody there is wrong. */
const isReceipt = (config: Config, own: Own, from: PublicKey, { status, receipts }: Ack): boolean =>
  receipts !== undefined && config.ciphers.share(from, receiptBytes(own.g, status === 'closed' ? 'closed' : 'stored')) === receipts.initiator

/** Better known than when it was told: told again, and what it proves goes to the server. */
const bettered = (state: State, before: Own, own: Own): Step =>
  receiptOf(before, own.receipts.at(-1)?.member ?? -1) === undefined || isSettled(own) !== isSettled(before) ? report(state, own, true) : step(withOwn(state, own))

const settled = (config: Config, state: State, own: Own, from: PublicKey, member: number, ack: Ack): Step => {
  const isKnown = receiptOf(own, member)?.tagS !== undefined
  if (isKnown) return step(state)
  if (!isReceipt(config, own, from, ack)) return own.phase === 'direct' ? stop(config, state, own, member, 'refused') : step(state)
  const copy = own.copies.find((one) => one.member === member)
  const timed = copy === undefined ? state : sampled(state, from, copy)
  const receipt = { member, status: ack.status === 'closed' ? 'closed' : 'stored', tagS: ack.receipts?.server, ms: state.at - own.began } as const
  const next = ownWith(credited(own, receipt), { copies: without(own.copies, member), given: own.given.filter((one) => one !== member) })
  return own.phase === 'told' ? bettered(timed, own, next) : refill(config, withOwn(timed, next), own.grant.im)
}

/** What a member says of its direct copy. */
export const heardCopy = (config: Config, state: State, from: PublicKey, ack: Ack): Step => {
  const own = roll.get(state.own, ack.im)
  const ring = own === undefined ? undefined : ringOf(state, own.grant)
  if (own === undefined || ring === undefined) return step(state)
  const member = placeOf(ring, from)
  if (!own.grant.path.includes(member)) return step(state)
  const copy = own.given.includes(member) ? undefined : own.copies.find((one) => one.member === member)
  switch (ack.status) {
    case 'stored':
    case 'have':
    case 'closed': return settled(config, state, own, from, member, ack)
    case 'late':
    case 'refused': return own.phase === 'direct' && copy !== undefined ? stop(config, state, own, member, ack.status) : step(state)
    case 'busy': return step(copy === undefined ? state : withOwn(counted(state, copy), put(own, restarted(config.pace, copy, ack, state.at))))
    case 'part': {
      const more = copy === undefined ? undefined : progressed(config.pace, own.body, copy, ack, state.at)
      return more === undefined ? step(state) : sendCopy(config, state, ack.im, more, sendMore)
    }
  }
}

/** What the world says of a neighbour. */
export const copiesUnreachable = (config: Config, state: State, key: PublicKey, why: 'portClosed' | 'noSession'): Step =>
  each(state, ownUnderWay(state), (now, { grant: { im } }) => {
    const own = roll.get(now.own, im)
    const copy = own?.copies.find((one) => keyAt(ringOf(now, own.grant), one.member) === key)
    if (own?.phase !== 'direct' || copy === undefined || own.given.includes(copy.member)) return step(now)
    const tried = why === 'noSession' ? 'closed' : refused(config.pace, copy, now.at)
    if (tried === 'closed') return then(avoided(config, now, own.grant, copy.member), (next) => stop(config, next, own, copy.member, why))
    return step(withOwn(now, put(own, tried)))
  })

/** Messages whose ring has come to its end meanwhile. */
export const afterRing = (config: Config, state: State): Step => {
  const all = ownUnderWay(state).filter(({ phase }) => phase === 'over')
  return all.length === 0 ? step(state) : all.reduce<Step>((so, own) => then(so, (now) => begin(config, now, own.grant.im)), step(state))
}

