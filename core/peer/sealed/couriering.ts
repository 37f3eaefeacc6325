// The courier within a sealed peer: what the world says of messages is given to it, and what it wants done becomes the peer's own effects. Its requests
// are errands, which wait for their turn among the user's: one request of a key is outstanding at a time.
import * as delivery from '../../delivery/index.js'
import * as entropy from '../../entropy.js'
import * as roll from '../../roll.js'
import * as table from '../../table.js'
import { announce, send } from '../../effect.js'
import { self } from '../../actor.js'
import * as timer from '../../timer.js'
import { after, type Instant } from '../../time.js'
import { limits } from '../../limits.js'
import { memo } from '../../memo.js'
import { seal } from './requesting.js'
import { faulty, step, then, wanting, type Step } from './transitions.js'
import type { Answer } from '../../wire/sealed/answer.js'
import type { Own } from '../../diary.js'
import type { Identity, PublicKey } from '../../keys.js'
import type { ListName } from '../../names.js'
import type { Order } from '../../wire/sealed/order.js'
import type { Fault } from '../state.js'
import type { Notice, NoticeOf } from '../notice.js'
import type { Config } from './config.js'
import type { Errand, State, Unsure } from './state.js'

/** 8 bytes in 16 digits. */
const echoOf = (values: ReadonlyArray<number>): string => values.map((value) => Math.floor(value * 2 ** 32).toString(16).padStart(8, '0')).join('')

/** Asks the server what its clock shows. While an answer may be on its way the same question is asked again, so that it counts however far away the server
 *  is; the time is as good as when it was asked first (R1). */
export const ping = (config: Config, state: State, server: Identity, again = state.ping !== undefined): Step => {
  if (state.ping !== undefined && state.at < after(state.ping.since, limits.silentMs)) return step(state, seal(config, server, { _tag: 'Ping', echo: state.ping.echo }, again))
  const first = entropy.next(state.seed)
  const second = entropy.next(first.seed)
  const echo = echoOf([first.value, second.value])
  return step({ ...state, seed: second.seed, ping: { echo, since: state.at } }, seal(config, server, { _tag: 'Ping', echo }, again))
}

/** When the server has to hear of this peer, whom it takes for away otherwise (R26). A request that is awaited is sent again by itself. */
export const keepAliveAt = ({ phase, registered, keepAlive }: State): Instant | undefined => (phase._tag === 'Idle' && registered !== undefined ? keepAlive.due : undefined)

/** Pings the server, again and again until something is heard of it; from the second time on with a hello, since it may have begun anew. */
export const keepAlive = (config: Config, state: State): Step => {
  const { server, estimate, keepAlive: { sends } } = state
  const due = keepAliveAt(state)
  if (server === undefined || due === undefined || due > state.at) return step(state)
  const { value, seed } = entropy.next(state.seed)
  const next = { due: after(state.at, timer.wait(estimate, sends + 1, value)), sends: sends + 1 }
  return ping(config, { ...state, seed, keepAlive: next }, server, sends > 0)
}

/** Of so many members; of none, none are a majority. */
const requiredOf = ({ require }: Config, members: number): number => {
  if (require === 'all') return members
  return require === 'majority' ? Math.min(members, Math.floor(members / 2) + 1) : require
}

const notBegun: { readonly [name: string]: Fault } = { Unanswered: 'expired', NotAsked: 'unreachable', InClear: 'notTaken', Fenced: 'locked', StillGoing: 'locked' }

/** How many have a message, of how many, and how many must. */
const countOf = (config: Config, { delivered, undelivered, unknown, leaves }: delivery.NoticeOf<'Reported'>): Omit<NoticeOf<'TooFew'>, '_tag' | 'list'> => {
  const members = delivered.length + undelivered.length + unknown.length + leaves.length
  // the user has let a copy leave in clear: that it came home is as much as there will ever be
  const have = delivered.length + leaves.filter(({ outcome }) => outcome === 'bounced').length
  return { have, members, required: requiredOf(config, members) }
}

/** What has gone wrong with an own message, if anything has. */
const faultOf = (config: Config, notice: delivery.Notice): Fault | undefined => {
  if (notice._tag === 'NotBegun') return notBegun[notice.name] ?? 'refused'
  if (notice._tag !== 'Reported' || notice.again) return undefined
  const { have, required } = countOf(config, notice)
  if (have >= required) return undefined
  return have === 0 ? 'none' : 'partial'
}

/** What a report does not say: that there are too few for what the user requires. */
const tooFew = (config: Config, notice: delivery.Notice, fault: Fault | undefined): ReadonlyArray<Notice> => {
  if (fault === undefined || config.require === 'all' || notice._tag !== 'Reported') return []
  return [{ _tag: 'TooFew', list: notice.list, ...countOf(config, notice) }]
}

/** What the user waited for is told: the next line is wanted. */
const toldOf = (config: Config, before: State, notice: delivery.Notice): Step => {
  const state: State = notice._tag === 'Begun' ? { ...before, begun: notice.im } : before
  // what an earlier process has begun is told too, and nobody waits for it
  const isTold = notice._tag === 'NotBegun' || (notice._tag === 'Reported' && !notice.again && notice.im === state.begun)
  const fault = isTold ? faultOf(config, notice) : undefined
  const failed = fault === undefined ? state : faulty(state, fault)
  const said = step(failed, ...[notice, ...tooFew(config, notice, fault)].map(announce))
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
    case 'Send': return step(state, send(effect.to, { _tag: 'Relay', relay: effect.packet }))
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

const courierOf = memo(({ own, address, ciphers }: Config) => delivery.courier(delivery.config({ own, address, ciphers })))

/** Gives the courier a command. */
export const deliver = (config: Config, state: State, command: delivery.Command): Step => {
  const courier = state.courier.pins === state.pins ? state.courier : { ...state.courier, pins: state.pins }
  const done = courierOf(config).reduce(courier, { at: state.at, by: self, command })
  return done.effects.reduce<Step>((so, effect) => then(so, (now) => translated(config, now, effect)), step({ ...state, courier: done.state }))
}

const sureTicket = 'sure'

/** The message that is to be sent again; `undefined`: one that is new. */
const againOf = ({ courier }: State, message: Unsure): Own | undefined => (message._tag === 'Resend' ? roll.get(courier.diary.sent, message.im) : undefined)

/** A message of the user's begins. Where nobody has said that it may leave in clear, nothing is asked for it before it is known that no classic member
 *  would be left out: who the members are is asked each time for a list that takes classic ones, and once for any other. It is asked too where somebody
 *  was on the list under another key than before: found out behind the grant, that would lock the list for nothing until its time is over. */
export const beginMessage = (config: Config, state: State, message: Unsure): Step => {
  const list = message._tag === 'Compose' ? message.list : againOf(state, message)?.sent.grant.list
  const isSure = list === undefined || message.inClear === true || table.has(state.keyedOnly, list)
  if (list === undefined || (isSure && !delivery.isChangedOn(config, { ...state.courier, pins: state.pins }, list))) return deliver(config, state, message)
  return step({ ...state, unsure: message, errands: [...state.errands, { ticket: sureTicket, order: { _tag: 'Members', list } }] })
}

const listed = (names: ReadonlyArray<string>): string => {
  const shown = names.slice(0, limits.namesInSentence).join(', ')
  return names.length > limits.namesInSentence ? `${shown} and ${names.length - limits.namesInSentence} others` : shown
}

const wouldGoInClear = (names: ReadonlyArray<string>): string =>
  `${listed(names)} ${names.length === 1 ? 'is a classic member, whose copy' : 'are classic members, whose copies'} would go in clear, for anybody on the way to read and to change; --allow-classic sends it so`

/** Who the members are has been told, or not. What is refused is refused again, with its reason, when the message begins; who joins after this the ring of
 *  the grant will show. */
const sure = (config: Config, before: State, answer: Answer | undefined): Step => {
  const { unsure } = before
  if (unsure === undefined) return step(before)
  const state: State = { ...before, unsure: undefined }
  const again = againOf(state, unsure)
  const list = unsure._tag === 'Compose' ? unsure.list : (again?.sent.grant.list ?? '')
  const not = (name: string, sentence: string): Step => toldOf(config, state, { _tag: 'NotBegun', list, code: 0, name, sentence })
  if (answer === undefined) return not('NotAsked', 'the server did not say who is on the list; nothing was sent')
  if (answer.body._tag !== 'Members') return deliver(config, state, unsure)
  const other = answer.body.members.find(({ name, keys }) => keys !== undefined && table.has(state.blocked, name))
  if (other !== undefined) return not('Blocked', delivery.changedKey(other.name))
  if (unsure.inClear === true) return deliver(config, state, unsure)
  const had = again === undefined ? undefined : delivery.sentBefore(state.courier, again.sent.grant.root)
  const classic = answer.body.members.flatMap(({ name, keys }) => (keys === undefined && had?.has(name) !== true ? [name] : []))
  return classic.length === 0 ? deliver(config, state, unsure) : not('InClear', wouldGoInClear(classic))
}

/** An errand has come to an answer, or to none. Where a list's members are is the courier's to know, whoever asked. */
export const errandDone = (config: Config, state: State, ticket: string, answer: Answer | undefined): Step =>
  ticket === sureTicket ? sure(config, state, answer) : deliver(config, state, { _tag: 'Answered', ticket, answer })

/** Where they are too many all others are forgotten: who is on them is asked once more. */
const keyedOnly = ({ keyedOnly: known }: State, list: ListName): State['keyedOnly'] => table.set(known.size < limits.listsLocated ? known : table.empty(), list, true)

/** Where the members of a list, or some of them, are said to be, and whether classic ones can be among them. */
export const locate = (config: Config, before: State, { _tag, list }: Extract<Order, { readonly _tag: 'Members' | 'Where' }>, { body }: Answer): Step => {
  if (body._tag !== 'Members') return step(before)
  const state: State = { ...before, keyedOnly: body.policy === 'open' ? table.remove(before.keyedOnly, list) : keyedOnly(before, list) }
  const rows = body.members.flatMap(({ ip, port, keys }) => (keys === undefined || keys.seals === config.own.seals ? [] : [{ key: keys.seals, address: { ip, port } }]))
  return deliver(config, state, { _tag: 'Located', rows, ...(_tag === 'Members' ? { list } : {}) })
}

/** The keys of all members of the rings that are known. */
export const neighboursOf = ({ courier }: State): ReadonlyArray<PublicKey> =>
  roll.values(courier.rings).flatMap(({ members }) => members.flatMap((seat) => (seat._tag === 'Keyed' ? [seat.seals] : [])))

/** Nothing of it is on its way any more, as far as this peer can know. */
export const isQuiet = ({ courier, errands, wanted, sending }: State): boolean =>
  errands.length === 0 && wanted === undefined && !sending && courier.asked === undefined && courier.pending.length === 0 &&
  courier.underWay.length === 0 && roll.size(courier.custody) === 0
