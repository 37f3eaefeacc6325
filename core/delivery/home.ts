// An envelope that has been round is home. Each is verified alone: its sum is that of all whom it says it visited, or it says nothing (R16; F7, F21).
import { isLeft } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import { announce } from '../effect.js'
import { decodeTrail, sum, type Trail } from '../wire/sealed/envelope.js'
import { receiptBytes } from '../wire/sealed/grant.js'
import type { PublicKey } from '../keys.js'
import type { Relay } from '../wire/sealed/frame.js'
import type { Ring } from '../wire/sealed/ring.js'
import { begin } from './direct.js'
import { credited, ownWith, receiptOf, withNotes } from './own.js'
import { ackOf } from './gate.js'
import { keyAt, placeOf } from './seats.js'
import { knownOf, ringOf, withKnown, withOwn, type Own, type State } from './state.js'
import { isSettled, report } from './telling.js'
import { step, then, type Step } from './transitions.js'
import type { Config } from './config.js'

const isSum = (config: Config, ring: Ring, { grant, g }: Own, { visited, tagI }: Trail): boolean => {
  const bytes = receiptBytes(g, 'stored')
  const keys = visited.flatMap((member) => (grant.path.includes(member) ? (keyAt(ring, member) ?? []) : []))
  return keys.length === visited.length && sum(keys.map((key) => config.ciphers.share(key, bytes))) === tagI
}

/** One that is sent again, its ack being lost, counts once with its epoch. */
const poisoned = (state: State, own: Own): State => {
  const { list } = own.grant
  const counted = own.poisoned === 0 ? withKnown(state, list, { poisoned: knownOf(state, list).poisoned + 1 }) : state
  return withOwn(counted, ownWith(own, { poisoned: own.poisoned + 1 }))
}

/** United with what is known as sets of members; sums are never added to each other. */
const united = (own: Own, trail: Trail): Own => {
  const best = trail.visited.length > (own.best?.visited.length ?? 0) ? trail : own.best
  const fresh = trail.visited.filter((member) => receiptOf(own, member) === undefined)
  return fresh.reduce<Own>((so, member) => credited(so, { member, status: 'stored', tagS: undefined, ms: undefined }), ownWith(withNotes(own, trail.notes), { best }))
}

const told = (state: State, own: Own, isBetter: boolean): Step => {
  if (own.phase === 'told') return isBetter ? report(state, own, true) : step(state)
  return isSettled(own) ? report(state, own, false) : step(state)
}

/** A copy that has come home. One of a message that is not known, or in parts, is answered, so that nobody goes on sending it. */
export const heardHome = (config: Config, state: State, from: PublicKey, relay: Relay): Step => {
  const addressed: Parameters<typeof ackOf>[1] = { from, im: relay.im, kind: 'home', parts: relay.part.count }
  const own = roll.get(state.own, relay.im)
  const ring = own === undefined ? undefined : ringOf(state, own.grant)
  const trail = decodeTrail(relay.head)
  if (own === undefined || ring === undefined || placeOf(ring, from) < 0 || isLeft(trail)) return step(state, ackOf(state, addressed, 'refused'))
  const ack = ackOf(state, addressed, 'stored')
  if (!isSum(config, ring, own, trail.right)) {
    const spoilt = poisoned(state, own)
    return own.phase === 'ring' ? then(step(spoilt, ack), (now) => begin(config, now, relay.im)) : step(spoilt, ack)
  }
  const next = united(own, trail.right)
  const isFirst = own.phase === 'ring'
  const notice = announce({ _tag: 'RoundHome' as const, im: relay.im, list: own.grant.list, ms: state.at - own.began, receipts: trail.right.visited.length, path: own.grant.path.length })
  const home = step(withOwn(state, next), ack, ...(isFirst ? [notice] : []))
  const ended = then(home, (now) => told(now, next, next.receipts.length > own.receipts.length))
  return isFirst && !isSettled(next) ? then(ended, (now) => begin(config, now, relay.im)) : ended
}
