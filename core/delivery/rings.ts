// Rings are told by their hash, and fetched once: from whoever sent a grant with it, and from the server (R7). What a hash is of cannot be forged.
import { isLeft } from 'fp-ts/lib/Either.js'
import * as entropy from '../entropy.js'
import { limits } from '../limits.js'
import * as roll from '../roll.js'
import { after } from '../time.js'
import { gather, nothing, partsOf, type Assembly } from '../wire/sealed/parts.js'
import { decodeRing, encodeRing, ringBytes, type Ring } from '../wire/sealed/ring.js'
import type { Digest, PublicKey } from '../keys.js'
import type { RingTold, RingWanted } from '../wire/sealed/frame.js'
import { placeOf } from './seats.js'
import type { Fetch } from './arrival.js'
import { changed, isLive, ringOf, type State } from './state.js'
import { seal, step, type Step } from './transitions.js'
import type { Config } from './config.js'

/** Field by field, as the state is changed. */
const fetchWith = ({ ring, from, assembly, ofServer, sends, next }: Fetch, change: Partial<Fetch>): Fetch => ({ ring, from, assembly, ofServer, sends, next, ...change })

/** From the third time on the server is asked every other time. */
const askedOf = ({ server }: State, { from, sends }: Fetch): PublicKey => (server !== undefined && sends >= 2 && sends % 2 === 0 ? server.seals : from)

/** What whoever has that key has told. */
const assemblyOf = ({ server }: State, { assembly, ofServer }: Fetch, key: PublicKey): Assembly => (key === server?.seals ? ofServer : assembly)

const withAssembly = (state: State, fetch: Fetch, key: PublicKey, assembly: Assembly): State => {
  const next: Fetch = key === state.server?.seals ? fetchWith(fetch, { ofServer: assembly }) : fetchWith(fetch, { assembly })
  return changed(state, { fetches: state.fetches.map((one) => (one === fetch ? next : one)) })
}

const withoutFetch = (state: State, ring: string): State => changed(state, { fetches: state.fetches.filter((fetch) => fetch.ring !== ring) })

const ask = (state: State, fetch: Fetch): Step => {
  const { value, seed } = entropy.next(state.seed)
  const next = after(state.at, Math.ceil(limits.ringWantedMs * (1 + limits.rtoJitter * value)))
  const to = askedOf(state, fetch)
  const asked = seal(state, to, { _tag: 'RingWanted', ring: fetch.ring, have: assemblyOf(state, fetch, to).have }, fetch.sends > 0)
  const fetches = [...state.fetches.filter(({ ring }) => ring !== fetch.ring), fetchWith(fetch, { sends: fetch.sends + 1, next })]
  return step(changed(state, { seed, fetches }), asked)
}

/** Asks for a ring; nothing where it is asked for already. */
export const fetch = (state: State, ring: Digest, from: PublicKey): Step =>
  state.fetches.some((one) => one.ring === ring) ? step(state) : ask(state, { ring, from, assembly: nothing, ofServer: nothing, sends: 0, next: state.at })

/** Its time has come: once more, or it is given up with the copies that waited for it. */
export const fetchAgain = (state: State, ring: string): Step => {
  const known = state.fetches.find((one) => one.ring === ring)
  if (known === undefined) return step(state)
  if (known.sends < limits.ringWantedSends) return ask(state, known)
  return step(changed(withoutFetch(state, ring), { parked: state.parked.filter(({ grant }) => grant.ring !== ring) }))
}

/** Those of messages that are under way here, whose acks and receipts mean nothing without them. */
const needed = (state: State): ReadonlySet<Digest> => {
  const own = roll.values(state.own).filter(({ phase, grant }) => phase !== 'told' || isLive(state, grant))
  const taken = roll.values(state.accepted).filter(({ grant }) => isLive(state, grant))
  return new Set([...own, ...roll.values(state.custody), ...taken].map(({ grant }) => grant.ring))
}

const remembered = (state: State, hash: Digest, ring: Ring): State['rings'] => {
  const next = roll.set(state.rings, hash, ring)
  if (roll.size(next) <= limits.ringsKnown) return next
  const [before, inUse] = [roll.names(state.rings), needed(state)]
  const least = before.find((name) => !inUse.has(name)) ?? before[0]
  return least === undefined ? next : roll.remove(next, least)
}

/** A part of a ring that was asked for, from whom it was asked of; with the last one it is known. */
export const told = (config: Config, state: State, from: PublicKey, { ring, part }: RingTold): State => {
  const known = state.fetches.find((one) => one.ring === ring)
  if (known === undefined || (from !== known.from && from !== state.server?.seals)) return state
  const { assembly, whole } = gather(assemblyOf(state, known, from), part)
  if (whole === undefined) return withAssembly(state, known, from, assembly)
  const decoded = config.ciphers.hash(ringBytes(whole)) === ring ? decodeRing(whole) : undefined
  // what somebody made up is asked for anew: its parts cannot be told from the right ones
  if (decoded === undefined || isLeft(decoded)) return withAssembly(state, known, from, nothing)
  return changed(withoutFetch(state, ring), { rings: remembered(state, ring, decoded.right) })
}

/** Tells a ring to a member of it. */
export const tellRing = (state: State, from: PublicKey, { ring, have }: RingWanted): Step => {
  const known = ringOf(state, { ring })
  if (known === undefined || placeOf(known, from) < 0) return step(state)
  const parts = (partsOf(encodeRing(known), have) ?? []).slice(0, limits.partsAtOnce)
  return step(state, ...parts.map((part) => seal(state, from, { _tag: 'RingTold', ring, part })))
}
