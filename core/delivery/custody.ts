// Passing on: whoever has taken a ring copy sends it to the next member until somebody acks it (R12 to R15). The initiator does the same with its own.
//
//   aim ──> send, send ... ──ack──> no custody                             a member that is silent, closed or will not: noted, and the next one
//            │ no member is left: home to the initiator ──silent──> with every receipt, to the server; else it stops
//
// Nothing of it is durable: where a holder dies the initiator's direct copies do what it would have done.
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import type { ImId, PublicKey } from '../keys.js'
import type { Ack } from '../wire/sealed/frame.js'
import type { Why } from '../wire/sealed/envelope.js'
import type { Grant } from '../wire/sealed/grant.js'
import { attempt, avoided, counted, isSilent, postponed, progressed, refused, restarted, sampled, send, sendMore, timeWanted, type Load } from './attempt.js'
import { ownWith, withNotes } from './own.js'
import { remembered } from './seeking.js'
import { keyAt, placeOf } from './seats.js'
import { isDoubtful, isLive, neighbourOf, ringOf, withCustody, withOwn, withoutCustody, type Custody, type State } from './state.js'
import { step, then, type Step } from './transitions.js'
import type { Config } from './config.js'

const nothing = new Uint8Array(0)

/** The next member of the path behind that place. */
const behind = ({ path }: Grant, place: number): number | undefined => path.find((one) => one > place)

const isOwn = ({ own }: State, { im }: Grant): boolean => roll.has(own, im)

/** No copy of it goes round from here any more. */
const over = (state: State, { grant }: Custody): Step => {
  const own = roll.get(state.own, grant.im)
  const rest = withoutCustody(state, grant.im)
  return step(own?.phase === 'ring' ? withOwn(rest, ownWith(own, { phase: 'over' })) : rest)
}

const loadOf = (to: PublicKey, { grant, kind, trail, body }: Custody): Load => ({ to, grant, kind, trail, body: kind === 'home' ? nothing : body })

/** Field by field, as the state is changed. */
const heldWith = ({ grant, kind, body, trail, attempt: last, sentTo }: Custody, change: Partial<Custody>): Custody => ({ grant, kind, body, trail, attempt: last, sentTo, ...change })

/** Sends while the grant holds; where it is over, custody is. */
const sendOn = (config: Config, state: State, custody: Custody, as = send): Step => {
  const to = keyAt(ringOf(state, custody.grant), custody.attempt.member)
  if (to === undefined) return over(state, custody)
  if (!isLive(state, custody.grant)) {
    return isDoubtful(state, custody.grant) ? timeWanted(config, withCustody(state, heldWith(custody, { attempt: postponed(config, state, custody.attempt) }))) : over(state, custody)
  }
  const sent = as(config, state, loadOf(to, custody), custody.attempt)
  return then(sent.step, (now) => step(withCustody(now, heldWith(custody, { attempt: sent.attempt }))))
}

const noted = (config: Config, state: State, custody: Custody, member: number, why: Why): Custody => {
  const ring = ringOf(state, custody.grant)
  const by = ring === undefined ? member : placeOf(ring, config.own.seals)
  const { visited, tagI, tagS, notes } = custody.trail
  return heldWith(custody, { trail: { visited, tagI, tagS, notes: [...notes, { member, why, by }].slice(0, limits.notesInTrail) } })
}

const homeward = (config: Config, state: State, custody: Custody): Step => {
  const { initiator } = custody.grant
  if (isOwn(state, custody.grant)) {
    const own = roll.get(state.own, custody.grant.im)
    return over(own === undefined ? state : withOwn(state, withNotes(own, custody.trail.notes)), custody)
  }
  return sendOn(config, state, heldWith(custody, { kind: 'home', attempt: attempt(initiator, state.at), sentTo: [...custody.sentTo, initiator] }))
}

/** To that member, or home where there is none. Whoever was passed over a short while ago is passed over at once. */
const aim = (config: Config, state: State, custody: Custody, target: number | undefined): Step => {
  if (target === undefined) return homeward(config, state, custody)
  const key = keyAt(ringOf(state, custody.grant), target)
  if (key === undefined || neighbourOf(state, key).avoided > state.at) {
    const rest = (now: State): Step => aim(config, now, noted(config, now, custody, target, 'remembered'), behind(custody.grant, target))
    return then(remembered(config, state, custody.grant, target), rest)
  }
  return sendOn(config, state, heldWith(custody, { kind: 'ring', attempt: attempt(target, state.at), sentTo: [...custody.sentTo, target] }))
}

/** Takes it on: to the first member behind `place`; the initiator, who is before all of them, begins with -1. */
export const hold = (config: Config, state: State, { grant, body, trail }: Pick<Custody, 'grant' | 'body' | 'trail'>, place: number): Step =>
  aim(config, state, { grant, kind: 'ring', body, trail, attempt: attempt(place, state.at), sentTo: [] }, behind(grant, place))

/** Whoever holds every receipt, and cannot reach the initiator, hands them to the server (R15). */
const found = (state: State, custody: Custody): Step => {
  const { grant: { im, path }, trail: { visited, tagS } } = custody
  const rest = withoutCustody(state, im)
  if (visited.length < path.length) return step(rest)
  return step(rest, { _tag: 'Request', ticket: `found ${im}`, order: { _tag: 'ImComplete', im, stored: visited, closed: [], tag: tagS } })
}

const passOver = (config: Config, state: State, custody: Custody, why: Why): Step => {
  const { kind, attempt: { member }, grant } = custody
  const isGone = why === 'silent' || why === 'portClosed' || why === 'noSession'
  return then(isGone ? avoided(config, state, grant, member) : step(state), (now) =>
    kind === 'home' ? found(now, custody) : aim(config, now, noted(config, now, custody, member, why), behind(grant, member)),
  )
}

/** Its time has come: once more, or the next member. */
export const hop = (config: Config, state: State, im: ImId): Step => {
  const custody = roll.get(state.custody, im)
  if (custody === undefined) return step(state)
  return isSilent(config.pace, custody.attempt, state.at) ? passOver(config, state, custody, 'silent') : sendOn(config, state, custody)
}

/** What a member that it was sent to says of it. */
export const heardHop = (config: Config, state: State, from: PublicKey, ack: Ack): Step => {
  const custody = roll.get(state.custody, ack.im)
  const ring = custody === undefined ? undefined : ringOf(state, custody.grant)
  if (custody === undefined || ring === undefined) return step(state)
  const member = placeOf(ring, from)
  const isTarget = member === custody.attempt.member
  if (!custody.sentTo.includes(member)) return step(state)
  const timed = isTarget ? sampled(state, from, custody.attempt) : state
  switch (ack.status) {
    case 'stored':
    case 'have': return step(withoutCustody(timed, ack.im))
    case 'late':
    case 'closed':
    case 'refused': return isTarget ? passOver(config, timed, custody, ack.status) : step(state)
    case 'busy': return step(isTarget ? withCustody(counted(state, custody.attempt), heldWith(custody, { attempt: restarted(config.pace, custody.attempt, ack, state.at) })) : state)
    case 'part': {
      const more = isTarget ? progressed(config.pace, custody.body, custody.attempt, ack, state.at) : undefined
      return more === undefined ? step(state) : sendOn(config, timed, heldWith(custody, { attempt: more }), sendMore)
    }
  }
}

/** What the world says of a neighbour: nobody listens there, or no hello is answered. */
export const unreachable = (config: Config, state: State, key: PublicKey, why: 'portClosed' | 'noSession'): Step =>
  roll.values(state.custody).reduce<Step>((so, custody) => {
    if (keyAt(ringOf(so.state, custody.grant), custody.attempt.member) !== key) return so
    if (why === 'noSession') return then(so, (now) => passOver(config, now, custody, why))
    const tried = refused(config.pace, custody.attempt, so.state.at)
    return then(so, (now) => (tried === 'closed' ? passOver(config, now, custody, why) : step(withCustody(now, heldWith(custody, { attempt: tried })))))
  }, step(state))
