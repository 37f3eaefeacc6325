// Records: frames under the keys of a session, in both directions.
//
// Only a record that opens moves anything: it proves a session, and its source, when it is the newest, is where the session's other side is.
// An address from which nothing of ours was ever confirmed gets a ping, and no more bytes than came from it, until the pong is there.
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { recordHeader, sizes, type Datagram } from '../wire/sealed/datagram.js'
import { decodeFrame, encodeFrame, type Frame } from '../wire/sealed/index.js'
import { draw, echoOf } from './drawing.js'
import { quiet, step, then, type Effect, type Step } from './transitions.js'
import { highest, isFresh, marked } from './window.js'
import { moved, neighbourOf, sessionAt, withNeighbour, withSlot, type Neighbour, type Place, type Session, type State, type Whereabouts } from './state.js'
import type { Config } from './config.js'

export const samePlace = (a: Place, b: Place): boolean => a === b || (a.port === b.port && a.ip === b.ip)

/** Whether that is where it is said to be. */
export const isAt = ({ place: here }: Neighbour, place: Place): boolean => here !== undefined && samePlace(here, place)

/** Too old to be sent or opened under. */
export const isOver = <H, K>({ at }: State<H, K>, { born }: Session<K>): boolean => at - born >= limits.rejectAfterMs

/** The newest session under which something was opened: what is sent, is sent under it. */
export const currentOf = <H, K>(state: State<H, K>, { sessions }: Neighbour): Session<K> | undefined => {
  const index = sessions.find((one) => {
    const session = sessionAt(state, one)
    return session !== undefined && session.proven && !isOver(state, session)
  })
  return index === undefined ? undefined : sessionAt(state, index)
}

/** A frame's bytes under that session, if they may go where its other side is. */
export const sealUnder = <H, K>({ ciphers }: Config<H, K>, state: State<H, K>, session: Session<K>, frame: Uint8Array): Step<H, K> => {
  const { whereabouts, told, next, window, proven } = session
  const length = sizes.header + frame.length + sizes.tag
  if (!Number.isSafeInteger(next) || (!whereabouts.proven && length > whereabouts.credit)) return quiet(state)
  const bytes = ciphers.seal(session.keys, next, recordHeader(session.theirs, next), frame)
  const left = whereabouts.proven ? whereabouts : { ...whereabouts, credit: whereabouts.credit - length }
  return step(withSlot(state, moved(session, { told, next: next + 1, window, proven, whereabouts: left })), send(whereabouts.place, bytes))
}

const isPongOf = ({ echo }: Whereabouts, frame: Frame | undefined): boolean => frame?._tag === 'Pong' && frame.echo === echo

/** Where the other side is, after a record of `length` bytes from `from`. */
const arrived = (session: Session<unknown>, counter: number, from: Place, length: number, frame: Frame | undefined): Whereabouts => {
  const { whereabouts } = session
  if (samePlace(whereabouts.place, from)) {
    if (whereabouts.proven) return whereabouts
    // the first record of a responder's session shows that the welcome was read, where it was sent
    const proven = !session.proven || isPongOf(whereabouts, frame)
    return { ...whereabouts, proven, credit: whereabouts.credit + length }
  }
  return counter > highest(session.window) ? { place: from, proven: false, credit: length, echo: '' } : whereabouts
}

/** Asks the other side to show that it is there. */
const probe = <H, K>(config: Config<H, K>, before: State<H, K>, session: Session<K>): Step<H, K> => {
  const { state, bytes } = draw(config, before)
  const echo = session.whereabouts.echo === '' ? echoOf(bytes) : session.whereabouts.echo
  return sealUnder(config, state, { ...session, whereabouts: { ...session.whereabouts, echo } }, encodeFrame({ _tag: 'Ping', echo }))
}

/** Those of the frames that never left, under that session. */
export const sealAll = <H, K>(config: Config<H, K>, state: State<H, K>, index: number, frames: ReadonlyArray<Uint8Array>): Step<H, K> =>
  frames.reduce(
    (so, frame) =>
      then(so, (next) => {
        const now = sessionAt(next, index)
        return now === undefined ? quiet(next) : sealUnder(config, next, now, frame)
      }),
    quiet(state),
  )

/** Where the session's other side has shown that it receives. */
const shownPlace = ({ whereabouts }: Session<unknown>): Place | undefined => (whereabouts.proven ? whereabouts.place : undefined)

/** The neighbour is there: nothing waits for a welcome any more. */
const heardFrom = <H, K>(config: Config<H, K>, state: State<H, K>, session: Session<K>): Step<H, K> => {
  const neighbour = neighbourOf(state, session.peer)
  if (neighbour === undefined) return quiet(state)
  const { awaited, waiting } = neighbour
  const shown = shownPlace(session)
  const place = shown ?? neighbour.place
  if (awaited === undefined && waiting.length === 0 && place === neighbour.place) return quiet(state)
  // where it has shown that it receives is nobody's word but its own
  const rested = withNeighbour(state, { ...neighbour, place, appointed: neighbour.appointed || shown !== undefined, awaited: undefined, waiting: [] })
  const unsent = waiting.filter(({ sent }) => !sent).map(({ frame }) => frame)
  return sealAll(config, { ...rested, greeting: state.greeting.filter((key) => key !== session.peer) }, session.key, unsent)
}

const movedOf = <H, K>(state: State<H, K>, was: Session<K>, now: Session<K>): ReadonlyArray<Effect> => {
  const place = shownPlace(now)
  if (place === undefined || (was.proven && shownPlace(was) === place)) return []
  return neighbourOf(state, now.peer)?.known === true ? [{ _tag: 'Moved', key: now.peer, place }] : []
}

const heardOf = <H, K>(state: State<H, K>, { peer }: Session<K>): ReadonlyArray<Effect> =>
  neighbourOf(state, peer)?.known === true ? [{ _tag: 'Heard', key: peer }] : []

/** A pong, to an address that is not proven without the time, which would make it longer than the ping. */
const pongTo = <H, K>({ process }: Config<H, K>, { at }: State<H, K>, { whereabouts }: Session<K>, echo: string): Uint8Array =>
  encodeFrame({ _tag: 'Pong', echo, clock: process === undefined || !whereabouts.proven ? undefined : { at, process } })

/** A ping is answered here; every other frame is for the machine above. */
const frameArrived = <H, K>(config: Config<H, K>, state: State<H, K>, session: Session<K>, frame: Frame | undefined): Step<H, K> => {
  if (frame === undefined) return quiet(state)
  if (frame._tag !== 'Ping') return step(state, { _tag: 'Deliver', from: session.peer, via: session.key, place: shownPlace(session), frame })
  const now = sessionAt(state, session.key)
  return now === undefined ? quiet(state) : sealUnder(config, state, now, pongTo(config, state, now, frame.echo))
}

/** A record arrives. Silence for what does not open, was opened already, or is of a session that is over or nobody's. */
export const open = <H, K>(config: Config<H, K>, state: State<H, K>, from: Place, { receiver, counter, whole }: Datagram & { readonly _tag: 'Record' }): Step<H, K> => {
  const session = sessionAt(state, receiver)
  if (session === undefined || isOver(state, session) || !isFresh(session.window, counter)) return quiet(state)
  if (session.isGuest && counter >= limits.guestRecords && neighbourOf(state, session.peer)?.known !== true) return quiet(state)
  const plain = config.ciphers.open(session.keys, counter, whole)
  if (plain === undefined) return quiet(state)
  const decoded = decodeFrame(plain)
  const frame = isLeft(decoded) ? undefined : decoded.right
  const whereabouts = arrived(session, counter, from, whole.length, frame)
  const isNews = state.at - session.told >= limits.heardMs
  const now = moved(session, { told: isNews ? state.at : session.told, next: session.next, window: marked(session.window, counter), proven: true, whereabouts })
  const isSettled = session.proven && whereabouts === session.whereabouts && whereabouts.proven
  const opened = withSlot(state, now)
  // nothing new but the counter, and nothing waits: nearly always so
  const known = isSettled && state.greeting.length === 0 ? quiet(opened) : heardFrom(config, opened, now)
  const placed = isSettled ? known : then(known, (next) => step(next, ...movedOf(next, session, now)))
  const told = isNews ? then(placed, (next) => step(next, ...heardOf(next, now))) : placed
  // a ping is not answered by a ping: two that have both moved would go on for ever
  const probed = whereabouts.proven || frame?._tag === 'Ping' ? told : then(told, (next) => probe(config, next, sessionAt(next, now.key) ?? now))
  return then(probed, (next) => frameArrived(config, next, now, frame))
}
