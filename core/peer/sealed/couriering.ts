// The courier within a sealed peer: what the world says of messages is given to it, and what it wants done becomes the peer's own effects. Its requests
// are errands, which wait for their turn among the user's: one request of a key is outstanding at a time.
import * as delivery from '../../delivery/index.js'
import * as entropy from '../../entropy.js'
import * as roll from '../../roll.js'
import { announce } from '../../effect.js'
import { self } from '../../actor.js'
import * as timer from '../../timer.js'
import { after, type Instant } from '../../time.js'
import { limits } from '../../limits.js'
import { memo } from '../../memo.js'
import { seal } from './requesting.js'
import { faulty, step, then, wanting, type Step } from './transitions.js'
import type { Answer } from '../../wire/sealed/answer.js'
import type { Identity, PublicKey } from '../../keys.js'
import type { Fault } from '../state.js'
import type { Config } from './config.js'
import type { Errand, State } from './state.js'

/** 8 bytes in 16 digits. */
const echoOf = (values: ReadonlyArray<number>): string => values.map((value) => Math.floor(value * 2 ** 32).toString(16).padStart(8, '0')).join('')

const pinged = (config: Config, state: State, server: Identity, again: boolean): Step => {
  const first = entropy.next(state.seed)
  const second = entropy.next(first.seed)
  const echo = echoOf([first.value, second.value])
  return step({ ...state, seed: second.seed, ping: { echo, since: state.at } }, seal(config, server, { _tag: 'Ping', echo }, again))
}

/** Asks the server what its clock shows, unless that was asked a moment ago. */
export const ping = (config: Config, state: State, server: Identity): Step =>
  state.ping !== undefined && state.at < after(state.ping.since, limits.hopHighestMs) ? step(state) : pinged(config, state, server, state.ping !== undefined)

/** When the server has to hear of this peer, whom it takes for away otherwise (R26). A request that is awaited is sent again by itself. */
export const keepAliveAt = ({ phase, registered, keepAlive }: State): Instant | undefined => (phase._tag === 'Idle' && registered !== undefined ? keepAlive.due : undefined)

/** Pings the server, again and again until something is heard of it; from the second time on with a hello, since it may have begun anew. */
export const keepAlive = (config: Config, state: State): Step => {
  const { server, estimate, keepAlive: { sends } } = state
  const due = keepAliveAt(state)
  if (server === undefined || due === undefined || due > state.at) return step(state)
  const { value, seed } = entropy.next(state.seed)
  const next = { due: after(state.at, timer.wait(estimate, sends + 1, value)), sends: sends + 1 }
  return pinged(config, { ...state, seed, keepAlive: next }, server, sends > 0)
}

/** Of so many members. */
const requiredOf = ({ require }: Config, members: number): number => {
  if (require === 'all') return members
  return require === 'majority' ? Math.floor(members / 2) + 1 : Math.min(require, members)
}

/** What has gone wrong with an own message, if anything has. */
const faultOf = (config: Config, notice: delivery.Notice): Fault | undefined => {
  if (notice._tag === 'NotBegun') return notice.name === 'Unanswered' ? 'expired' : notice.name === 'Fenced' ? 'locked' : 'refused'
  if (notice._tag !== 'Reported' || notice.again) return undefined
  const { delivered, undelivered, unknown } = notice
  const members = delivered.length + undelivered.length + unknown.length
  if (delivered.length >= Math.min(members, requiredOf(config, members))) return undefined
  return delivered.length === 0 ? 'none' : 'partial'
}

/** What the user waited for is told: the next line is wanted. */
const toldOf = (config: Config, state: State, notice: delivery.Notice): Step => {
  const isTold = notice._tag === 'NotBegun' || (notice._tag === 'Reported' && !notice.again)
  const fault = faultOf(config, notice)
  const failed = fault === undefined ? state : faulty(state, fault)
  const said = step(failed, announce(notice))
  return isTold && failed.sending ? then(said, (now) => wanting({ ...now, sending: false })) : said
}

/** What is said of a neighbour lets everything else pass. */
const queued = (errands: State['errands'], errand: Errand): State['errands'] => {
  const isLast = ({ order }: Errand): boolean => order._tag === 'Suspect'
  const rest = errands.filter(({ ticket }) => ticket !== errand.ticket)
  return isLast(errand) ? [...rest, errand] : [...rest.filter((one) => !isLast(one)), errand, ...rest.filter(isLast)]
}

const translated = (config: Config, state: State, effect: delivery.Effect): Step => {
  switch (effect._tag) {
    case 'Announce': return toldOf(config, state, effect.notice)
    case 'Persist':
    case 'Jot': return step(state, effect)
    case 'Request': return step({ ...state, errands: queued(state.errands, { ticket: effect.ticket, order: effect.order }) })
    case 'Ping': return state.server === undefined ? step(state) : ping(config, state, state.server)
    case 'Seal': {
      const address = effect.to === state.server?.seals ? config.server : effect.address
      return step(state, { ...effect, address })
    }
  }
}

const courierOf = memo(({ own, ciphers }: Config) => delivery.courier(delivery.config({ own, ciphers })))

/** Gives the courier a command. */
export const deliver = (config: Config, state: State, command: delivery.Command): Step => {
  const courier = { ...state.courier, pins: state.pins }
  const done = courierOf(config).reduce(courier, { at: state.at, by: self, command })
  return done.effects.reduce<Step>((so, effect) => then(so, (now) => translated(config, now, effect)), step({ ...state, courier: done.state }))
}

/** An errand has come to an answer, or to none. Where a list's members are is the courier's to know, whoever asked. */
export const errandDone = (config: Config, state: State, ticket: string, answer: Answer | undefined): Step => deliver(config, state, { _tag: 'Answered', ticket, answer })

/** Where the members of a list are said to be. */
export const locate = (config: Config, state: State, { body }: Answer): Step => {
  if (body._tag !== 'Members') return step(state)
  const rows = body.members.flatMap(({ ip, port, keys }) => (keys === undefined || keys.seals === config.own.seals ? [] : [{ key: keys.seals, address: { ip, port } }]))
  return deliver(config, state, { _tag: 'Located', rows })
}

/** The keys of all members of the rings that are known. */
export const neighboursOf = ({ courier }: State): ReadonlyArray<PublicKey> =>
  roll.values(courier.rings).flatMap(({ members }) => members.flatMap((seat) => (seat._tag === 'Keyed' ? [seat.seals] : [])))

/** Nothing of it is on its way any more, as far as this peer can know. */
export const isQuiet = ({ courier, errands, wanted, sending }: State): boolean =>
  errands.length === 0 && wanted === undefined && !sending && courier.asked === undefined && courier.pending.length === 0 &&
  roll.values(courier.own).every(({ phase }) => phase === 'told') && roll.size(courier.custody) === 0
