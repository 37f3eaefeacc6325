// Relays as they arrive: in parts, in any order, twice or never, from co-members who may be anybody's (F28: a part of one does not spoil another's).
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import * as table from '../table.js'
import { decodeEnvelope } from '../wire/sealed/envelope.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import { grantBytes, type Grant } from '../wire/sealed/grant.js'
import { gather, nothing } from '../wire/sealed/parts.js'
import type { PublicKey } from '../keys.js'
import type { Relay } from '../wire/sealed/frame.js'
import { timeWanted } from './attempt.js'
import { ackOf, consider, isUntold, park, placeWanted, repeated } from './gate.js'
import { fetch } from './rings.js'
import type { Arrival, Parked, Whole } from './arrival.js'
import { changed, hiOf, isLive, ringOf, type State } from './state.js'
import { each, seal, step, then, type Step } from './transitions.js'
import type { Config } from './config.js'

const isSame = (a: Pick<Arrival, 'from' | 'im' | 'kind'>, b: Pick<Arrival, 'from' | 'im' | 'kind'>): boolean => a.im === b.im && a.kind === b.kind && a.from === b.from

/** With that one, and without the oldest of the same neighbour, or of all, where there are too many: of those who are no co-members, as far as is known,
 *  before all others. */
export const arriving = (state: State, arrival: Arrival): State => {
  const others = state.arrivals.filter((one) => !isSame(one, arrival))
  const own = others.filter(({ from }) => from === arrival.from)
  const [oldest] = own.length >= limits.arrivalsPerNeighbour ? own : []
  const all = [...others.filter((one) => one !== oldest), arrival]
  const least = all.length <= limits.arrivals ? undefined : (all.find(({ from }) => !table.has(state.neighbours, from)) ?? all[0])
  return changed(state, { arrivals: all.filter((one) => one !== least) })
}

/** A ring for which copies wait; of too many at once the later ones are asked for when their copies come again. */
const wanted = (state: State, from: PublicKey, { ring }: Grant): Step => (state.fetches.length >= limits.envelopesParked ? step(state) : fetch(state, ring, from))

/** One that waits has come again: what it waits for is asked for again, if nobody does. Whoever sends again makes the pace of that. */
const waiting = (config: Config, state: State, { from, im, kind, parts }: Pick<Whole, 'from' | 'im' | 'kind' | 'parts'>, { grant }: Parked): Step => {
  const said = then(step(state, ackOf(state, { from, im, kind, parts }, 'busy')), (now) => placeWanted(config, now, grant))
  if (ringOf(state, grant) === undefined) return then(said, (now) => wanted(now, from, grant))
  return isLive(state, grant) ? said : then(said, (now) => timeWanted(config, now))
}

const arrived = (config: Config, state: State, whole: Whole): Step => {
  const envelope = decodeEnvelope(whole.body)
  if (isLeft(envelope) || envelope.right.grant.im !== whole.im) return step(state, ackOf(state, whole, 'refused'))
  const { grant } = envelope.right
  const ring = ringOf(state, grant)
  if (ring !== undefined) return consider(config, state, whole, envelope.right, ring)
  // nobody but the server makes this peer ask for a ring, and forget another one for it
  const isGranted = state.server !== undefined && config.ciphers.verify(state.server.signs, grantBytes(grant), bytesOf(envelope.right.granted))
  return isGranted ? then(park(config, state, whole, grant), (now) => wanted(now, whole.from, grant)) : step(state, ackOf(state, whole, 'refused'))
}

/** A ring copy or a direct one, or a part of it. */
export const relayed = (config: Config, state: State, from: PublicKey, { im, head, part }: Relay, kind: Whole['kind']): Step => {
  const addressed = { from, im, kind, parts: part.count }
  const known = repeated(config, state, addressed)
  if (known !== undefined) return known
  const parked = state.parked.find(({ whole }) => isSame(whole, addressed))
  if (parked !== undefined) return waiting(config, state, addressed, parked)
  const before = state.arrivals.find((one) => isSame(one, addressed))
  const { assembly, whole: body } = gather(before?.assembly ?? nothing, part)
  if (body === undefined) {
    const next = arriving(state, { from, im, kind, assembly, at: state.at })
    return step(next, seal(next, from, { _tag: 'Ack', im, kind, status: 'part', have: assembly.have, receipts: undefined }))
  }
  const rest = before === undefined ? state : changed(state, { arrivals: state.arrivals.filter((one) => one !== before) })
  return arrived(config, rest, { from, im, kind, parts: part.count, head, body })
}

const again = (config: Config, state: State, { whole }: Parked): Step => arrived(config, changed(state, { parked: state.parked.filter((one) => one.whole !== whole) }), whole)

const isReady = (state: State, { grant }: Parked): boolean => ringOf(state, grant) !== undefined && hiOf(state, grant) !== undefined && !isUntold(state, grant)

/** Nobody has told this member that it is on the list, and the message is over. */
const isLost = (state: State, { grant }: Parked): boolean => isUntold(state, grant) && (hiOf(state, grant) ?? 0) >= grant.until

/** What waited for a ring, for the server's time, or for a word that this member is on the list, and need not wait any longer. */
export const unpark = (config: Config, before: State): Step => {
  const state = before.parked.some((one) => isLost(before, one)) ? changed(before, { parked: before.parked.filter((one) => !isLost(before, one)) }) : before
  return each(state, state.parked.filter((one) => isReady(state, one)), (now, one) => again(config, now, one))
}
