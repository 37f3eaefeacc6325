// What the server says: answers, matched by the (boot, seq) of their request and nothing else, and put together from their parts.
import { isLeft } from 'fp-ts/lib/Either.js'
import { codeName, codes } from '../../wire/classic/code.js'
import { decodeAnswer, type Answer } from '../../wire/sealed/answer.js'
import { gather, nothing } from '../../wire/sealed/parts.js'
import { named } from '../asking.js'
import { fingerprint } from '../../fingerprint.js'
import { acquainted } from './meeting.js'
import { judge } from './members.js'
import { aboutOf, lockQuestion, namedFor } from './order.js'
import * as delivery from '../../delivery/index.js'
import { nowOf, rowsOf } from './locks.js'
import { limits } from '../../limits.js'
import { deliver, errandDone, locate } from './couriering.js'
import { seal, superseded } from './requesting.js'
import { end, faulty, ignore, ready, step, tell, then, type Step } from './transitions.js'
import * as timer from '../../timer.js'
import type { Actor } from '../../actor.js'
import * as table from '../../table.js'
import { idle, keptAlive } from './state.js'
import type { Identity, PublicKey } from '../../keys.js'
import type { Instant } from '../../time.js'
import type { MemberRow } from '../../wire/sealed/answer.js'
import type { Frame, Pong, Reply } from '../../wire/sealed/frame.js'
import type { Change, Order } from '../../wire/sealed/order.js'
import type { Fault } from '../state.js'
import type { Notice, NoticeOf } from '../notice.js'
import type { Config } from './config.js'
import type { Asking, Pending, State } from './state.js'

/** Of a request that only asks whether this process is still the one. */
const stillTicket = 'still'

const faultOf = (code: number): Fault => {
  const name = codeName(code)
  if (name === 'Ongoing' || name === 'TooFast') return 'locked'
  return name === 'NotRegistered' || name === 'NotAllowed' || name === 'NotInvited' ? 'notAuthorised' : 'refused'
}

/** A question about a ticket that came too fast is asked again: nothing went wrong, or whoever does not ask again says so. */
const faultyBy = (state: State, { _tag }: Order, code: number): State => (_tag === 'Ticket' && codeName(code) === 'TooFast' ? state : faulty(state, faultOf(code)))

/** An exit of which nothing is left to do was done: by an earlier send of it, or by an earlier exit whose outcome was unknown. */
const isGone = (state: State, { order, sends }: Pending, { code }: Answer): boolean => {
  const exit = exitOf(state, order)
  return exit !== undefined && codeName(code) === 'NotRegistered' && (sends > 1 || state.registered === exit.contact)
}

const goneAnswer = ({ _tag }: Order): Answer => ({
  code: codes.Done.code,
  body: _tag === 'Ticket' || _tag === 'Withdraw' ? { _tag: 'Served', code: codes.Done.code } : { _tag: 'Nothing' },
})

/** The change that an order asks for, or about; of a ticket, as far as this process has it. */
const changeIn = ({ tickets }: State, order: Order): Change | undefined => {
  if (order._tag === 'Enqueue') return order.change
  if (order._tag === 'Ticket' || order._tag === 'Withdraw') return tickets.find(({ ticket }) => ticket === order.ticket)?.change
  return order._tag === 'Join' || order._tag === 'Leave' || order._tag === 'Exit' ? order : undefined
}

const exitOf = (state: State, order: Order): Change & { readonly _tag: 'Exit' } | undefined => {
  const change = changeIn(state, order)
  return change?._tag === 'Exit' ? change : undefined
}

/** Who waits asks for it, by its ticket. */
const withTicket = (state: State, { order, since }: Pending, { body }: Answer): State => {
  if (order._tag !== 'Enqueue' || body._tag !== 'Queued') return state
  return { ...state, tickets: [...state.tickets.slice(1 - limits.ticketsRemembered), { ticket: body.ticket, change: order.change, since }] }
}

/** What is done now of what was ordered: a change that waits is not, and one whose ticket was served is, unless it was refused. */
const doneOf = (state: State, order: Order, { body }: Answer): Order | undefined => {
  if (body._tag === 'Queued') return undefined
  if (order._tag === 'Enqueue') return order.change
  if (order._tag !== 'Ticket' && order._tag !== 'Withdraw') return order
  return body._tag === 'Served' && body.code === codes.Done.code ? changeIn(state, order) : undefined
}

/** When what is asked, or asked about, was ordered. */
const sinceWhen = ({ tickets }: State, { order, since }: Pending): Pending['since'] =>
  order._tag === 'Ticket' || order._tag === 'Withdraw' ? tickets.find(({ ticket }) => ticket === order.ticket)?.since : since

/** What an order that was done has changed for this peer, which has given it then. */
const settled = (config: Config, state: State, server: Identity, order: Order, { body }: Answer, since: Pending['since']): Step => {
  if (order._tag === 'Register' && body._tag === 'Registered') {
    const registered: State = { ...state, registered: order.contact, boot: body.boot, resumed: true }
    return state.resumed ? step(registered) : deliver(config, registered, { _tag: 'Resume' })
  }
  if (order._tag === 'Exit') return leftAll(config, { ...state, registered: undefined, boot: 0 })
  if (order._tag === 'Join' && order.contact === state.registered) {
    // it may be another list of that name than the one that this process knew
    return deliver(config, { ...state, keyedOnly: table.remove(state.keyedOnly, order.list) }, { _tag: 'Joined', list: order.list, ...(since === undefined ? {} : { since }) })
  }
  if (order._tag === 'Leave' && order.contact === state.registered) return deliver(config, state, { _tag: 'Left', list: order.list })
  return membersTold(config, state, server, order, { code: 200, body }, since)
}

/** What an answer says of this peer's own place on a list. */
const placed = (config: Config, state: State, order: Parameters<typeof delivery.standing>[2], answer: Answer, since?: Instant): Step => {
  const news = delivery.standing(config.own.seals, state.courier, order, answer, since)
  return news === undefined ? step(state) : deliver(config, state, news)
}

/** A change that was refused, perhaps since all is as it asks already, or that waits: whoever made it so, this peer has not been told. */
const stood = (config: Config, state: State, change: Change | undefined, answer: Answer, since: Pending['since']): Step => {
  const isOwn = change !== undefined && change._tag !== 'Exit' && change.contact === state.registered
  return isOwn && (answer.code !== codes.Done.code || answer.body._tag === 'Queued') ? placed(config, state, change, answer, since) : step(state)
}

/** Who has exited is on no list. */
const leftAll = (config: Config, state: State): Step =>
  table.entries(state.courier.lists).reduce<Step>((so, [list]) => then(so, (now) => deliver(config, now, { _tag: 'Left', list })), step(state))

/** Who the members are, and where, is of use whoever asked. */
const membersTold = (config: Config, state: State, server: Identity, order: Order, answer: Answer, since: Pending['since']): Step => {
  const { body } = answer
  if (order._tag === 'Members' && body._tag !== 'Members') return placed(config, state, order, answer, since)
  if ((order._tag !== 'Members' && order._tag !== 'Where') || body._tag !== 'Members') return step(state)
  const judged = judge(config, state, server, body.members)
  return then(then(judged, (now) => (order._tag === 'Members' ? placed(config, now, order, answer, since) : step(now))), (now) => locate(config, now, order, answer))
}

/** An errand's answer is the courier's; who has no boot any more has none for errands either. */
const errand = (config: Config, state: State, server: Identity, { order, ticket = '', since }: Pending, answer: Answer): Step => {
  const rested: State = { ...forgotten(state, answer.code), phase: idle, doubt: undefined }
  return then(membersTold(config, rested, server, order, answer, since), (now) => errandDone(config, now, ticket, answer))
}

/** The server does not know this key any more: somebody has made it forget the contact. */
const forgotten = (state: State, code: number): State =>
  codeName(code) === 'NotRegistered' ? { ...state, registered: undefined, boot: 0 } : state

/** A member as the user sees it, with the way to it where this peer has measured it. */
const memberOf = (config: Config, { courier }: State, { name, ip, port, presence, keys }: MemberRow): NonNullable<NoticeOf<'Answered'>['members']>[number] => {
  if (keys === undefined) return { name, ip, port, presence }
  const { estimate } = delivery.neighbourOf(courier, keys.seals)
  return { name, ip, port, presence, fingerprint: fingerprint(config.idOf(keys.signs, keys.seals)), ...(estimate === undefined ? {} : { rtt: Math.round(estimate.srtt) }) }
}

const answeredNotice = (config: Config, state: State, order: Order, { code, body }: Answer): Notice => ({
  _tag: 'Answered',
  about: aboutOf(order),
  ...namedFor(order, code),
  ...(body._tag === 'Lists' ? { lists: body.names } : {}),
  ...(body._tag === 'Members'
    ? {
        members: body.members.map((member) => memberOf(config, state, member)),
        policy: body.policy,
        ...(body.owner === undefined ? {} : { owner: body.owner }),
      }
    : {}),
})

/** A change that messages are in the way of is followed by the question which these are; anything else by whatever is next. */
const refused = (state: State, order: Order, { code }: Answer, rest: (state: State) => Step): Step => {
  const isChange = order._tag === 'Join' || order._tag === 'Leave' || order._tag === 'Exit'
  return isChange && codeName(code) === 'Ongoing' && rest === ready ? step({ ...state, phase: idle, wanted: lockQuestion(state, order) }) : rest(state)
}

const codeIn = ({ code, body }: Answer): number => (body._tag === 'Served' ? body.code : code)

/** What is told of what waits, and of what it waits for. */
const waitingNotice = (state: State, order: Order, { body }: Answer): Notice | undefined => {
  switch (body._tag) {
    case 'Queued': return { _tag: 'Queued', about: aboutOf(order), ticket: body.ticket, place: body.place, ...(body.opens === undefined ? {} : { opens: body.opens }), ...nowOf(state) }
    case 'Served': return { _tag: 'Served', about: aboutOf(order), ...(order._tag === 'Ticket' || order._tag === 'Withdraw' ? { ticket: order.ticket } : { ticket: 0 }), ...named(body.code) }
    case 'Locks':
    case 'OldestLocks': return { _tag: 'Locks', about: aboutOf(order), ...rowsOf(body), ...nowOf(state) }
    case 'Nothing':
    case 'Lists':
    case 'Granted':
    case 'Ended':
    case 'Members':
    case 'Registered':
    case 'Opens': return undefined
  }
}

/** The whole answer to `pending`: to the request that is awaited, or (`late`) to the one that was given up last. */
const answered = (config: Config, state: State, server: Identity, pending: Pending, late: boolean, said: Answer): Step => {
  const { order } = pending
  const asking = state.phase._tag === 'Asking' ? state.phase : undefined
  // before its register a process has no boot that could be stale: there the key of an earlier process is registered, a plain refusal
  if (codeName(said.code) === 'Stale' && pending.boot > 0) return then(superseded(state, asking), end)
  if (pending.ticket !== undefined) return errand(config, state, server, pending, said)
  const answer: Answer = isGone(state, pending, said) ? goneAnswer(order) : said
  const shown = waitingNotice(state, order, answer)
  const notice: Notice = shown ?? (late ? { _tag: 'AnsweredLate', about: aboutOf(order), ...namedFor(order, answer.code) } : answeredNotice(config, state, order, answer))
  const told = then(tell({ ...state, doubt: undefined }, notice), (next) => stood(config, next, changeIn(next, order), { code: codeIn(answer), body: answer.body }, sinceWhen(next, pending)))
  const rest = late ? step : ready
  if (answer.code !== codes.Done.code) return then(told, (next) => refused(faultyBy(forgotten(next, answer.code), order, answer.code), order, answer, late ? step : ready))
  const doneNow = doneOf(state, order, answer)
  const done = then(told, (next) => (doneNow === undefined ? step(withTicket(next, pending, answer)) : settled(config, next, server, doneNow, answer, sinceWhen(next, pending))))
  const left = answer.body._tag === 'Served' && answer.body.code !== codes.Done.code ? then(done, (next) => step(faulty(next, faultOf(codeIn(answer))))) : done
  return then(left, doneNow?._tag === 'Exit' ? end : rest)
}

const answers = ({ boot, seq }: Pending, reply: Reply): boolean => boot === reply.boot && seq === reply.seq

/** The server's time, and how long its answers take: of a request that was sent once, and whose answer begins to arrive. */
const timed = (config: Config, state: State, pending: Pending, { at, process }: Reply, isFirst: boolean): Step => {
  const { since, sends, busy, assembly } = pending
  if (since === undefined) return step(state)
  const isSample = !isFirst && sends === 1 && assembly.count === 0
  const sampled = isSample ? { ...state, estimate: timer.sampled(state.estimate, state.at - since) } : state
  return deliver(config, sampled, { _tag: 'Learned', process, shown: at, since, ...(assembly.count === 0 && !isFirst ? { sends: sends - busy } : {}) })
}

const withPending = (state: State, late: boolean, pending: Pending): State => {
  const { phase } = state
  if (late) return { ...state, doubt: pending }
  return phase._tag === 'Asking' ? { ...state, phase: { ...phase, ...pending } } : state
}

/** The server cannot store anything now and has done nothing: an answer is still awaited. How long a refusal takes says nothing about how long an
 *  answer takes that waits for a disk, so it is no sample; the server's time is its time. */
const postponed = (state: State, estimate: State['estimate'], late: boolean, pending: Pending): State =>
  withPending({ ...state, estimate }, late, { ...pending, busy: pending.sends })

/** A part of an answer. Those to nothing that is awaited are second ones, or have been overtaken: no mistake of anybody. */
const reply = (config: Config, state: State, server: Identity, heard: Reply, isFirst: boolean): Step => {
  const asking: Asking | undefined = state.phase._tag === 'Asking' && answers(state.phase, heard) ? state.phase : undefined
  const doubted = state.doubt !== undefined && answers(state.doubt, heard) ? state.doubt : undefined
  const pending = asking ?? doubted
  if (pending === undefined) return step(state)
  const late = asking === undefined
  return then(timed(config, state, pending, heard, isFirst), (now) => answering(config, state, now, server, pending, late, heard))
}

const answering = (config: Config, state: State, now: State, server: Identity, pending: Pending, late: boolean, heard: Reply): Step => {
  const { assembly, whole } = gather(pending.assembly, heard.part)
  if (whole === undefined) return step(withPending(now, late, { ...pending, assembly }))
  const answer = decodeAnswer(whole)
  if (isLeft(answer)) return ignore(withPending(now, late, { ...pending, assembly: nothing }), answer.left.expected)
  return codeName(answer.right.code) === 'Busy' ? step(postponed(now, state.estimate, late, pending)) : answered(config, now, server, pending, late, answer.right)
}

/** The answer to this peer's own ping: the server's time again. */
const pong = (config: Config, state: State, { echo, clock: shown }: Pong): Step => {
  const { ping } = state
  if (ping?.echo !== echo || shown === undefined) return step(state)
  return deliver(config, { ...state, ping: undefined }, { _tag: 'Learned', process: shown.process, shown: shown.at, since: ping.since })
}

/** The server says it of a session, which may be an older one of this very process: its register came by another. Whether there is another process the
 *  next answer shows, whatever was asked; where nothing is awaited something is. */
const doubted = (state: State): Step => {
  const { registered, phase, errands } = state
  const isAsked = (phase._tag === 'Asking' && phase.boot > 0) || errands.some(({ ticket }) => ticket === stillTicket)
  return step(registered === undefined || isAsked ? state : { ...state, errands: [...errands, { ticket: stillTicket, order: { _tag: 'QueryLists' } }] })
}

const heard = (config: Config, state: State, server: Identity, frame: Frame, isFirst: boolean): Step => {
  switch (frame._tag) {
    case 'Reply': return reply(config, state, server, frame, isFirst)
    case 'Pong': return pong(config, state, frame)
    case 'Ping': return step(state, seal(config, server, { _tag: 'Pong', echo: frame.echo, clock: undefined }))
    case 'Superseded': return doubted(state)
    case 'RingTold': return deliver(config, state, { _tag: 'Hear', from: server.seals, frame })
    case 'Knock': return deliver(config, state, { _tag: 'Knocked', knock: frame })
    case 'RingWanted':
    case 'MissedWanted':
    case 'MissedNone':
    case 'Request':
    case 'Relay':
    case 'Ack': return ignore(state, 'a reply, a ping or a pong')
  }
}

/** A frame of whoever holds that key, who is no server: a co-member, or nobody. */
const heardOther = (config: Config, state: State, from: PublicKey, frame: Frame): Step => {
  switch (frame._tag) {
    case 'Relay':
    case 'Ack':
    case 'RingWanted':
    case 'MissedWanted':
    case 'MissedNone':
    case 'RingTold': return deliver(config, state, { _tag: 'Hear', from, frame })
    case 'Pong': return step(state)
    case 'Reply':
    case 'Ping':
    case 'Knock':
    case 'Superseded':
    case 'Request': return ignore(state, 'nothing from there: it is not the server')
  }
}

/** A frame from the channel: what only the server can say counts where the server's key has sealed it. */
export const hear = (config: Config, state: State, by: Actor, frame: Frame): Step => {
  const { server } = state
  if (server === undefined || by._tag !== 'Key') return ignore(state, 'nothing from there: it is not the server')
  if (by.key !== server.seals) return heardOther(config, state, by.key, frame)
  const kept = state.keepAlive.sends === 0 ? state : { ...state, keepAlive: keptAlive(state.at) }
  return then(acquainted(config, kept, server), (next) => heard(config, next, server, frame, !state.heard))
}
