// What the machine above wants sent, and what it says of keys: a contact's now, or no more.
import { limits } from '../limits.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { encodeFrame } from '../wire/sealed/index.js'
import { greet } from './greeting.js'
import { currentOf, isAt, isOver, samePlace, sealUnder } from './records.js'
import { quiet, then, type Step } from './transitions.js'
import { neighbourOf, sessionAt, stranger, withNeighbour, withoutSlots, type Neighbour, type Place, type Session, type State } from './state.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import type { PublicKey } from '../keys.js'

type Seal = Extract<Command, { readonly _tag: 'Seal' }>

/** The session that the question came by, while it is of use. */
const sessionVia = <H, K>(state: State<H, K>, key: PublicKey, via: number | undefined): Session<K> | undefined => {
  const session = via === undefined ? undefined : sessionAt(state, via)
  return session?.peer === key && session.proven && !isOver(state, session) ? session : undefined
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, i) => byte === other[i])

/** What is sent again while it waits, waits once. */
const withWaiting = (neighbour: Neighbour, frame: Uint8Array, sent: boolean): Neighbour =>
  neighbour.waiting.some((one) => isSame(one.frame, frame))
    ? neighbour
    : { ...neighbour, waiting: [...neighbour.waiting, { frame, sent }].slice(-limits.framesWaiting) }

/** The neighbour where it is said to be. At another place than before it gets as few hellos as others may cause; those that left for there count. */
const aimedAt = (neighbour: Neighbour, place: Place, appointed: boolean): Neighbour => {
  if (isAt(neighbour, place)) return appointed && !neighbour.appointed ? { ...neighbour, appointed } : neighbour
  const there = neighbour.hellos.filter((left) => samePlace(left.place, place)).slice(-limits.hellosToHinted)
  const hellos = appointed ? neighbour.hellos : neighbour.hellos.filter((left) => there.includes(left) || !samePlace(left.place, place))
  return { ...neighbour, place, appointed, hellos, awaited: neighbour.awaited === undefined ? undefined : { ...neighbour.awaited, sends: 0 } }
}

/** Says hello unless a welcome is awaited already from there: a neighbour that has begun anew is elsewhere, and hears nothing of what was said to its old place. */
const greetOnce = <H, K>(config: Config<H, K>, state: State<H, K>, neighbour: Neighbour, { place, appointed }: Pick<Seal, 'place' | 'appointed'>): Step<H, K> => {
  const aimed = place === undefined ? neighbour : aimedAt(neighbour, place, appointed)
  if (aimed.place === undefined || (aimed.awaited !== undefined && isAt(neighbour, aimed.place))) return quiet(withNeighbour(state, aimed))
  return greet(config, withNeighbour(state, aimed), aimed, aimed.place)
}

const meant = (state: State<unknown, unknown>, { to, place, appointed }: Seal): Neighbour | undefined => {
  const neighbour = neighbourOf(state, to)
  if (place === undefined) return neighbour
  return neighbour === undefined || !neighbour.known ? { ...(neighbour ?? stranger(to)), known: true, place, appointed } : neighbour
}

/** Its initiator says hello again soon, so that nothing has to wait for the next session. */
const isOld = <H, K>({ at }: State<H, K>, { isInitiator, born }: Session<K>): boolean => isInitiator && at - born >= limits.rekeyAfterMs

/** Sends a frame; without a session it waits for one. Nothing, where nobody knows whither. */
export const seal = <H, K>(config: Config<H, K>, state: State<H, K>, command: Seal): Step<H, K> => {
  const frame = encodeFrame(command.frame)
  const asked = sessionVia(state, command.to, command.via)
  // an answer, nearly always: nobody has to be looked up
  if (asked !== undefined && !command.again && !isOld(state, asked)) return sealUnder(config, state, asked, frame)
  const neighbour = meant(state, command)
  if (neighbour === undefined) return quiet(state)
  const session = asked ?? currentOf(state, neighbour)
  if (session === undefined) return greetOnce(config, state, withWaiting(neighbour, frame, false), command)
  const sent = sealUnder(config, neighbour === neighbourOf(state, command.to) ? state : withNeighbour(state, neighbour), session, frame)
  const isDoubted = command.again && state.at - session.born >= limits.doubtAfterMs
  if (!isDoubted && !isOld(state, session)) return sent
  const doubting = isDoubted ? withWaiting(neighbour, frame, true) : neighbour
  return then(sent, (next) => greetOnce(config, next, doubting, command))
}

/** The key is a contact's: a guest's sessions stay, they are the same process's. Where a process has spoken, over `via`, a contact's others are of an older
 *  one: it is told so, and they end. Without `via` nothing has: of two hellos that cross each side may use another session. */
export const bind = <H, K>(config: Config<H, K>, state: State<H, K>, key: PublicKey, via: number | undefined): Step<H, K> => {
  const neighbour = neighbourOf(state, key) ?? stranger(key)
  if (!neighbour.known) return quiet(withNeighbour(state, { ...neighbour, known: true }))
  const kept = (sessionVia(state, key, via) ?? currentOf(state, neighbour))?.key
  const isOfNow = (index: number): boolean => {
    const session = sessionAt(state, index)
    return via === undefined ? session !== undefined && !isOver(state, session) : index === kept
  }
  const others = neighbour.sessions.filter((index) => !isOfNow(index))
  const farewell = encodeFrame({ _tag: 'Superseded' })
  const told = others.reduce<Step<H, K>>((so, index) => {
    const session = sessionAt(state, index)
    return session?.proven === true && !isOver(state, session) ? then(so, (next) => sealUnder(config, next, session, farewell)) : so
  }, quiet(state))
  const bound: Neighbour = { ...neighbour, sessions: neighbour.sessions.filter(isOfNow) }
  return then(told, (next) => quiet(withNeighbour(withoutSlots(next, others), bound)))
}

/** The key is no contact's any more. */
export const part = <H, K>(state: State<H, K>, key: PublicKey): Step<H, K> => {
  const neighbour = neighbourOf(state, key)
  if (neighbour === undefined) return quiet(state)
  const gone = withoutSlots(state, [...neighbour.sessions, ...neighbour.greetings])
  return quiet({ ...gone, neighbours: table.remove(gone.neighbours, key), greeting: gone.greeting.filter((one) => one !== key) })
}

/** No session outlives a sleep; whom we know stays known, without the guests. */
export const slept = <H, K>(state: State<H, K>): Step<H, K> =>
  quiet({
    ...state,
    slots: trie.empty,
    guests: trie.empty,
    guestCount: 0,
    greeting: [],
    neighbours: table.entries(state.neighbours).reduce(
      (kept, [key, neighbour]) =>
        neighbour.known ? table.set(kept, key, { ...neighbour, sessions: [], greetings: [], awaited: undefined, waiting: [] }) : kept,
      table.empty<PublicKey, Neighbour>(),
    ),
  })
