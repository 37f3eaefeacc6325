// Hellos of others: told from noise, from replays and from floods, and answered by a welcome. Guests, whose key is no contact's, share a bounded
// number of short sessions.
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after, epoch } from '../time.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { hexOf, joined } from '../wire/sealed/bytes.js'
import { sizes, welcomeBody, type Datagram } from '../wire/sealed/datagram.js'
import { draw, drawIndex } from './drawing.js'
import { guarded, sameBytes } from './load.js'
import { quiet, step, type Step } from './transitions.js'
import { fresh } from './window.js'
import { neighbourOf, sessionAt, stranger, withNeighbour, withSlot, withoutSlots, type Neighbour, type Place, type Session, type State } from './state.js'
import type { Accepted } from './ciphers.js'
import type { Config } from './config.js'

type Hello = Datagram & { readonly _tag: 'Hello' }

/** The newest sessions, of which the newest proven one is always among: the others go. */
export const admitted = <H, K>(state: State<H, K>, neighbour: Neighbour, index: number): State<H, K> => {
  const sessions = [index, ...neighbour.sessions]
  if (sessions.length <= limits.sessionsPerNeighbour) return withNeighbour(state, { ...neighbour, sessions })
  const current = neighbour.sessions.find((one) => sessionAt(state, one)?.proven === true)
  const dropped = sessions.filter((one) => one !== current && one !== index).at(-1)
  const kept = sessions.filter((one) => one !== dropped)
  return withNeighbour(withoutSlots(state, dropped === undefined ? [] : [dropped]), { ...neighbour, sessions: kept })
}

const withoutGuest = <H, K>(state: State<H, K>, key: number, index: number): State<H, K> => {
  const rest: State<H, K> = { ...state, guests: trie.remove(state.guests, key), guestCount: state.guestCount - 1 }
  const session = sessionAt(state, index)
  const neighbour = session === undefined ? undefined : neighbourOf(state, session.peer)
  if (neighbour === undefined || neighbour.known) return rest
  const sessions = neighbour.sessions.filter((one) => one !== index)
  const gone = withoutSlots(rest, [index])
  return sessions.length > 0
    ? withNeighbour(gone, { ...neighbour, sessions })
    : { ...withoutSlots(gone, neighbour.greetings), neighbours: table.remove(gone.neighbours, neighbour.key), greeting: gone.greeting.filter((key) => key !== neighbour.key) }
}

/** Without the guests whose time is over. */
export const withoutOldGuests = <H, K>(state: State<H, K>): State<H, K> => {
  const oldest = trie.first(state.guests)
  if (oldest === undefined || oldest.until > state.at) return state
  return withoutOldGuests(withoutGuest(state, oldest.key, oldest.index))
}

/** A place for one more guest's session, or undefined while there is none. */
const withGuest = <H, K>(before: State<H, K>, index: number): State<H, K> | undefined => {
  const state = withoutOldGuests(before)
  const key = (trie.last(state.guests) ?? -1) + 1
  if (state.guestCount >= limits.guestSessions || key > trie.highestKey) return undefined
  return { ...state, guests: trie.set(state.guests, { key, index, until: after(state.at, limits.guestMs) }), guestCount: state.guestCount + 1 }
}

const welcomed = <H, K>(config: Config<H, K>, before: State<H, K>, from: Place, sender: number, accepted: Accepted<K>): Step<H, K> => {
  const { ciphers } = config
  const { state: drawn, index } = drawIndex(config, before)
  const known = neighbourOf(drawn, accepted.from)
  // 12 bytes as 24 digits: they compare as the instants and counts do
  const stamp = hexOf(accepted.payload)
  if (known?.greeted !== undefined && drawn.at < known.greeted.until && stamp <= known.greeted.stamp) return quiet(before)
  const housed = known?.known === true ? drawn : withGuest(drawn, index)
  if (housed === undefined) return quiet(before)
  const neighbour: Neighbour = { ...(neighbourOf(housed, accepted.from) ?? stranger(accepted.from)), greeted: { stamp, until: after(housed.at, limits.rejectAfterMs) } }
  const session: Session<K> = {
    _tag: 'Session',
    key: index,
    peer: accepted.from,
    theirs: sender,
    keys: accepted.keys,
    isInitiator: false,
    isGuest: !neighbour.known,
    born: housed.at,
    told: epoch,
    next: 0,
    window: fresh,
    proven: false,
    whereabouts: { place: from, proven: false, credit: 0, echo: '' },
  }
  const body = welcomeBody(index, sender, accepted.answer)
  const mac1 = ciphers.mac(ciphers.label('mac1', accepted.from), body)
  return step(admitted(withSlot(housed, session), neighbour, index), send(from, joined([body, mac1, new Uint8Array(sizes.mac)])))
}

/** A hello arrives: silence for what is not meant for this key, forged, or replayed. */
export const hello = <H, K>(config: Config<H, K>, state: State<H, K>, from: Place, datagram: Hello): Step<H, K> => {
  const { ciphers } = config
  if (!sameBytes(ciphers.mac(ciphers.label('mac1', ciphers.own.seals), datagram.covered), datagram.mac1)) return quiet(state)
  return guarded(config, state, from, datagram, (burdened) => {
    const { state: drawn, bytes } = draw(config, burdened)
    const accepted = ciphers.accept(datagram.message, bytes)
    return accepted === undefined || accepted.from === ciphers.own.seals ? quiet(drawn) : welcomed(config, drawn, from, datagram.sender, accepted)
  })
}
