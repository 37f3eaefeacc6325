// Our own hellos: when a frame is to go where no session leads, and when one leads there that nobody answers under.
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after, epoch, latest, type Instant } from '../time.js'
import { encodeFrame } from '../wire/sealed/index.js'
import { joined } from '../wire/sealed/bytes.js'
import { helloBody, type Datagram } from '../wire/sealed/datagram.js'
import { draw, drawIndex, echoOf, jitter } from './drawing.js'
import { admitted } from './hellos.js'
import { mac2Of, sameBytes } from './load.js'
import { isAt, samePlace, sealAll } from './records.js'
import { quiet, step, then, type Step } from './transitions.js'
import { fresh } from './window.js'
import { greetingAt, neighbourOf, withNeighbour, withSlot, withoutSlots, type Left, type Neighbour, type Place, type Session, type State } from './state.js'
import type { Config } from './config.js'
import type { PublicKey } from '../keys.js'

const u48 = (value: number): ReadonlyArray<number> => [40, 32, 24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256)

/** The 12 bytes in message 1: when, and the how-many-eth, so that the receiver knows a replayed one. */
const stamp = (at: Instant, count: number): Uint8Array => Uint8Array.from([...u48(at), ...u48(count)])

const recent = (at: Instant, hellos: ReadonlyArray<Left>): ReadonlyArray<Left> => hellos.filter((left) => at - left.at < limits.helloSpanMs)

/** When there are fewer than so many of these. */
const fewer = (at: Instant, most: number, hellos: ReadonlyArray<Left>): Instant => {
  const oldest = hellos[hellos.length - most]
  return oldest === undefined ? at : after(oldest.at, limits.helloSpanMs)
}

/** When the next hello may go there: few go to a place that others have named, and not many to one neighbour, wherever it is said to be. */
const nextAllowed = (at: Instant, neighbour: Neighbour, place: Place): Instant => {
  const span = recent(at, neighbour.hellos)
  const some = fewer(at, limits.hellosToAppointed, span)
  return neighbour.appointed && isAt(neighbour, place) ? some : latest(some, fewer(at, limits.hellosToHinted, span.filter((left) => samePlace(left.place, place))))
}

const waitAfter = (sends: number, byte: number | undefined): number =>
  Math.round(Math.min(limits.helloMs * 2 ** Math.max(0, sends - limits.hellosInARow), limits.helloMostMs) * jitter(byte))

/** The neighbour as it waits for a welcome from now on; its oldest greeting makes room. */
const awaiting = <H, K>(state: State<H, K>, neighbour: Neighbour, place: Place, index: number, next: Instant): State<H, K> => {
  const greetings = [index, ...neighbour.greetings]
  const kept = greetings.slice(0, limits.sessionsPerNeighbour)
  const hellos = [...recent(state.at, neighbour.hellos), { at: state.at, place }]
  const awaited = { sends: (neighbour.awaited?.sends ?? 0) + 1, next }
  const told = withNeighbour(withoutSlots(state, greetings.slice(kept.length)), { ...neighbour, greetings: kept, hellos, awaited })
  return state.greeting.includes(neighbour.key) ? told : { ...told, greeting: [...state.greeting, neighbour.key] }
}

/** Later, when it is allowed again. */
const postponed = <H, K>(state: State<H, K>, neighbour: Neighbour, next: Instant): State<H, K> => {
  const told = withNeighbour(state, { ...neighbour, awaited: { sends: neighbour.awaited?.sends ?? 0, next } })
  return state.greeting.includes(neighbour.key) ? told : { ...told, greeting: [...state.greeting, neighbour.key] }
}

/** Says hello, now or as soon as that is allowed. */
export const greet = <H, K>(config: Config<H, K>, before: State<H, K>, neighbour: Neighbour, place: Place): Step<H, K> => {
  const { ciphers } = config
  const allowedAt = nextAllowed(before.at, neighbour, place)
  if (allowedAt > before.at) return quiet(postponed(before, neighbour, allowedAt))
  const { state: indexed, index } = drawIndex(config, before)
  const { state: drawn, bytes: ephemeral } = draw(config, indexed)
  const { state, bytes: chance } = draw(config, drawn)
  const begun = ciphers.begin(neighbour.key, stamp(state.at, state.helloCount), ephemeral)
  if (begun === undefined) return quiet(state)
  const body = helloBody(index, begun.message)
  const mac1 = ciphers.mac(ciphers.label('mac1', neighbour.key), body)
  const { cookie } = neighbour
  const mac2 = mac2Of(config, cookie !== undefined && cookie.until > state.at ? cookie.bytes : undefined, body, mac1)
  const greeting = { _tag: 'Greeting', key: index, peer: neighbour.key, begun: begun.begun, place, mac1 } as const
  const next = after(state.at, waitAfter((neighbour.awaited?.sends ?? 0) + 1, chance[0]))
  return step(awaiting(withSlot({ ...state, helloCount: state.helloCount + 1 }, greeting), neighbour, place, index, next), send(place, joined([body, mac1, mac2])))
}

/** A session of our own making; the welcome is authentic, so what waits goes at once; where nothing waits, a ping proves it to the other side. */
const begin = <H, K>(config: Config<H, K>, before: State<H, K>, neighbour: Neighbour, session: Session<K>): Step<H, K> => {
  const { waiting, greetings } = neighbour
  const { place } = session.whereabouts
  const rested: Neighbour = { ...neighbour, place, appointed: true, waiting: [], awaited: undefined, greetings: [] }
  const cleared = { ...withoutSlots(before, greetings), greeting: before.greeting.filter((key) => key !== neighbour.key) }
  const begun = admitted(withSlot(cleared, session), rested, session.key)
  const { state, bytes } = draw(config, begun)
  const frames = waiting.length > 0 ? waiting.map(({ frame }) => frame) : [encodeFrame({ _tag: 'Ping', echo: echoOf(bytes) })]
  return sealAll(config, state, session.key, frames)
}

/** A welcome arrives. Silence for what answers no hello of ours. It moves no address: records go where the hello went. */
export const welcome = <H, K>(config: Config<H, K>, state: State<H, K>, datagram: Datagram & { readonly _tag: 'Welcome' }): Step<H, K> => {
  const { ciphers } = config
  const greeting = greetingAt(state, datagram.receiver)
  const neighbour = greeting === undefined ? undefined : neighbourOf(state, greeting.peer)
  if (greeting === undefined || neighbour === undefined) return quiet(state)
  if (!sameBytes(ciphers.mac(ciphers.label('mac1', ciphers.own.seals), datagram.covered), datagram.mac1)) return quiet(state)
  const keys = ciphers.finish(greeting.begun, datagram.message)
  if (keys === undefined) return quiet(state)
  return begin(config, state, neighbour, {
    _tag: 'Session',
    key: greeting.key,
    peer: greeting.peer,
    theirs: datagram.sender,
    keys,
    isInitiator: true,
    isGuest: false,
    born: state.at,
    told: epoch,
    next: 0,
    window: fresh,
    proven: true,
    whereabouts: { place: greeting.place, proven: true, credit: 0, echo: '' },
  })
}

/** A cookie arrives: a hello that carries it goes at once. Only who has read our hello can have made it, so something receives there, and asks for one more. */
export const cookie = <H, K>(config: Config<H, K>, state: State<H, K>, { receiver, nonce, cookie: sealed }: Datagram & { readonly _tag: 'Retry' }): Step<H, K> => {
  const { ciphers } = config
  const greeting = greetingAt(state, receiver)
  const neighbour = greeting === undefined ? undefined : neighbourOf(state, greeting.peer)
  if (greeting === undefined || neighbour === undefined) return quiet(state)
  const bytes = ciphers.disclose(ciphers.label('retry', greeting.peer), nonce, sealed, greeting.mac1)
  if (bytes === undefined) return quiet(state)
  const spent = withoutSlots(state, [greeting.key])
  const greetings = neighbour.greetings.filter((index) => index !== greeting.key)
  const appointed = neighbour.appointed || isAt(neighbour, greeting.place)
  return greet(config, spent, { ...neighbour, greetings, appointed, cookie: { bytes, until: after(state.at, limits.cookieMs) } }, greeting.place)
}

/** Nobody is there: what waited is given up. */
const lost = <H, K>(state: State<H, K>, neighbour: Neighbour): Step<H, K> => {
  const rested = withNeighbour(withoutSlots(state, neighbour.greetings), { ...neighbour, greetings: [], awaited: undefined, waiting: [] })
  return step({ ...rested, greeting: state.greeting.filter((key) => key !== neighbour.key) }, { _tag: 'Lost', key: neighbour.key })
}

const greetAgain = <H, K>(config: Config<H, K>, state: State<H, K>, key: PublicKey): Step<H, K> => {
  const neighbour = neighbourOf(state, key)
  if (neighbour?.awaited === undefined || neighbour.awaited.next > state.at) return quiet(state)
  if (neighbour.awaited.sends >= limits.hellosUnanswered || neighbour.place === undefined) return lost(state, neighbour)
  return greet(config, state, neighbour, neighbour.place)
}

/** Says hello again to all whose time has come. */
export const greetAll = <H, K>(config: Config<H, K>, state: State<H, K>): Step<H, K> =>
  state.greeting.reduce((so, key) => then(so, (next) => greetAgain(config, next, key)), quiet(state))

/** The nearest time at which a hello is due. */
export const nextHello = <H, K>(state: State<H, K>): Instant | undefined =>
  state.greeting.reduce<Instant | undefined>((nearest, key) => {
    const next = neighbourOf(state, key)?.awaited?.next
    return next === undefined || (nearest !== undefined && nearest <= next) ? nearest : next
  }, undefined)
