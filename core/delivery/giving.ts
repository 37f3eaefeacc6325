// Giving a co-member what it has missed: what this member has taken or sent itself, to whoever was on the ring, and left out of the path, and is on the list
// now; the lowest number first, a few parts at a time, and no faster than a bound. Nothing is remembered of it but that bound.
import * as keep from '../kept.js'
import { limits } from '../limits.js'
import * as rate from '../rate.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { hexOf } from '../wire/sealed/bytes.js'
import { encodeEnvelope, type Envelope } from '../wire/sealed/envelope.js'
import { grantBytes, messageBytes, type Grant } from '../wire/sealed/grant.js'
import { partsOf } from '../wire/sealed/parts.js'
import type { PublicKey, Signature } from '../keys.js'
import type { MissedWanted, Relay } from '../wire/sealed/frame.js'
import { placeOf } from './seats.js'
import { changed, newestRing, ringOf, knownOf, type State } from './state.js'
import { seal, step, then, type Step } from './transitions.js'
import type { Config } from './config.js'

/** A grant, and how the message is sealed: an own one is signed anew, which gives the same. */
interface Given {
  readonly grant: Grant
  readonly envelope: () => Envelope
}

const givenOf = (config: Config, { diary }: State, { list, from, to }: MissedWanted): ReadonlyArray<Given> => {
  const isWanted = ({ grant }: Given): boolean => grant.no >= from && grant.no <= to
  const taken = keep.ofList(diary.kept, list).map((envelope): Given => ({ grant: envelope.grant, envelope: () => envelope }))
  const own = roll.values(diary.sent).filter(({ sent }) => sent.grant.list === list).map(({ sent: { grant, granted, salt, text } }): Given => ({
    grant,
    envelope: () => ({ grant, granted, salt, text, signed: hexOf(config.ciphers.sign(messageBytes(config.ciphers.hash(grantBytes(grant))))) as Signature }),
  }))
  return [...taken, ...own].filter(isWanted).toSorted((a, b) => a.grant.no - b.grant.no)
}

/** Whether that one was on the ring, and the message went round without it. */
const isLeftOut = (state: State, key: PublicKey, { grant }: Given): boolean => {
  const ring = ringOf(state, grant)
  const place = ring === undefined ? -1 : placeOf(ring, key)
  return place >= 0 && place !== grant.initiator && !grant.path.includes(place)
}

/** One datagram more to that one; `undefined`: not now. */
const poured = (state: State, to: PublicKey): State | undefined => {
  const given = rate.pourInto(limits.missedRate, state.given, table.hash(to) % limits.missedSlots, state.at)
  return given === undefined ? undefined : changed(state, { given })
}

/** These, as many as may be sent now; for the first one there is room. */
const sent = (state: State, to: PublicKey, [relay, ...rest]: ReadonlyArray<Relay>): Step =>
  relay === undefined ? step(state) : then(step(state, seal(state, to, relay)), (now) => {
    const more = rest.length === 0 ? undefined : poured(now, to)
    return more === undefined ? step(now) : sent(more, to, rest)
  })

/** Answers what a co-member asks (K4), if only that there is nothing (K9); whoever is none hears nothing. */
export const give = (config: Config, before: State, from: PublicKey, wanted: MissedWanted): Step => {
  const { list, partly } = wanted
  if (roll.has(before.diary.apart, list) || knownOf(before, list).left) return step(before)
  const ring = newestRing(before, list)
  // before the allowance is touched: by chance it is a member's, too
  if (ring === undefined || placeOf(ring, from) < 0) return step(before)
  const state = poured(before, from)
  if (state === undefined) return step(before)
  const one = givenOf(config, state, wanted).find((given) => isLeftOut(state, from, given))
  if (one === undefined) return step(state, seal(state, from, { _tag: 'MissedNone', list, from: wanted.from, to: wanted.to }))
  const { im } = one.grant
  const missing = partsOf(encodeEnvelope(one.envelope()), partly?.im === im ? partly.have : 0n) ?? []
  return sent(state, from, missing.slice(0, limits.partsAtOnce).map((part) => ({ _tag: 'Relay', im, kind: 'missed', head: new Uint8Array(0), part })))
}
