// Requests to the server and their answers, on a wire that may lose either.
//
// Classic replies name no request, so one request is outstanding at a time. query-lists and save are asked again when no answer comes:
// doing them twice is doing them once. The others are sent once, and without an answer their outcome is *unknown*. Before anything is
// sent after that, a query-lists sounds the line: its answer looks like no other, and what arrives before it is late, not an answer
// to the new request (`spec/decisions/04-lost-replies`).
import { limits } from '../limits.js'
import { codeName, codes, type CodeName } from '../wire/classic/code.js'
import { compose } from './messages.js'
import { refusal } from './refusal.js'
import { aboutOf, doubtOf, isRepeatable, sendOut, stillOwed, unsent } from './requesting.js'
import { end, faulty, ignore, notTaken, ready, step, tell, then, type Step } from './transitions.js'
import { sameAddress } from '../address.js'
import type { ReplyBody, ReplyPacket } from '../wire/classic/reply.js'
import type { Request } from '../wire/classic/request.js'
import type { Config } from './config.js'
import type { Wish } from './command.js'
import type { Notice, NoticeOf } from './notice.js'
import type { Asking, State } from './state.js'

const requestOf = (config: Config, wish: Wish): Request =>
  wish._tag === 'Register'
    ? { _tag: 'Register', contact: wish.contact, address: { ip: wish.ip ?? config.own.ip, port: wish.port ?? config.own.port } }
    : wish

/** A line that is no command. The same line is wanted as before. */
export const mistype = (state: State, sentence: string): Step => {
  const told = notTaken(state, refusal('Misunderstood', sentence))
  return state.phase._tag === 'Idle' ? then(told, ready) : told
}

/** A full memory of own messages forgets the oldest that is overdue; undefined where all are still awaited. */
const withRoom = (state: State): State | undefined => {
  if (state.underWay.length < limits.messagesUnderWay) return state
  const oldest = state.underWay.findIndex(({ overdueAt }) => overdueAt === undefined)
  return oldest < 0 ? undefined : { ...state, underWay: state.underWay.filter((_, i) => i !== oldest) }
}

/** Sends the request. Refuses with Closing, Busy, TextWanted, TooManyUnderWay. */
export const ask = (config: Config, state: State, wish: Wish, text: string | undefined, im: string): Step => {
  if (state.closing) return notTaken(state, refusal('Closing'))
  if (state.phase._tag === 'Composing') return notTaken(state, refusal('TextWanted'))
  if (state.phase._tag !== 'Idle') return notTaken(state, refusal('Busy'))
  const roomy = wish._tag === 'ImStart' ? withRoom(state) : state
  if (roomy === undefined) return then(notTaken(state, refusal('TooManyUnderWay', `: ${limits.messagesUnderWay}`)), ready)
  return sendOut(config, roomy, unsent(roomy, requestOf(config, wish), text, im))
}

const giveUp = (state: State, asking: Asking, notice: Pick<NoticeOf<'Unanswered'>, 'outcome' | 'why'>): Step => {
  const { request, sends, sounding } = asking
  const leavesDoubt = notice.outcome === 'unknown' && !sounding && request._tag !== 'QueryLists'
  const doubt = leavesDoubt ? doubtOf(state, request, sends, true) : state.doubt
  const fault = notice.outcome === 'unknown' ? 'unknown' : 'unreachable'
  return tell(faulty({ ...state, doubt }, fault), { _tag: 'Unanswered', about: aboutOf(request), sends, ...notice })
}

/** The answer has not come in time: once more where that is safe, else the outcome is unknown. */
export const askAgain = (config: Config, state: State, asking: Asking): Step =>
  isRepeatable(asking) && asking.sends < limits.classicResendMs.length
    ? sendOut(config, state, asking)
    : then(giveUp(state, asking, { outcome: asking.sounding ? 'notExecuted' : 'unknown', why: 'silence' }), ready)

/** Nothing listens at the server's port: a request that was sent once never arrived. */
export const portClosed = (state: State): Step => {
  const { phase } = state
  if (phase._tag !== 'Asking') return step(state)
  const outcome = phase.sounding || phase.sends === 1 ? 'notExecuted' : 'unknown'
  return then(giveUp(state, phase, { outcome, why: 'portClosed' }), ready)
}

/** The peer ends while an answer is awaited. */
export const abandon = (state: State, asking: Asking): Step =>
  giveUp(state, asking, { outcome: asking.sounding ? 'notExecuted' : 'unknown', why: 'closing' })

/** What a notice says of a code. */
export const named = (code: number): { readonly code: number; readonly name: string; readonly sentence: string } => {
  const name = codeName(code)
  return name === undefined ? { code, name: 'Unknown', sentence: 'a code that this peer does not know' } : { code, name, sentence: codes[name].sentence }
}

const always: ReadonlyArray<CodeName> = ['Malformed', 'Closing', 'Busy']

/** The refusals that each request can meet. */
const refusalsOf: { readonly [K in Request['_tag']]: ReadonlyArray<CodeName> } = {
  Register: ['ContactExists', 'TooManyContacts'],
  Create: ['ListExists', 'TooManyLists'],
  QueryLists: ['ReplyTooLarge'],
  Join: ['NoSuchContact', 'NoSuchList', 'AlreadyMember', 'Ongoing'],
  Leave: ['NoSuchContact', 'NoSuchList', 'NotMember', 'Ongoing'],
  Exit: ['NoSuchContact', 'Ongoing'],
  ImStart: ['NoSuchContact', 'NoSuchList', 'NotMember', 'TooManyMessages', 'ReplyTooLarge'],
  ImComplete: ['NoSuchContact', 'NoSuchList', 'NotMember', 'NoneOngoing'],
  Save: ['NotSaved'],
}

/** What success of a request brings along. */
const bringsOf = (tag: Request['_tag']): ReplyBody['_tag'] => (tag === 'QueryLists' ? 'Lists' : tag === 'ImStart' ? 'Ring' : 'Nothing')

/** Whether this can be the answer to that request at all; a code that we do not know can be. */
const fits = (tag: Request['_tag'], { code, body }: ReplyPacket): boolean => {
  if (code === codes.Done.code) return body._tag === bringsOf(tag)
  const name = codeName(code)
  return body._tag === 'Nothing' && (name === undefined || always.includes(name) || refusalsOf[tag].includes(name))
}

/** An answer that comes after its request was given up (worth telling), or a second one (not worth it). */
const late = (state: State, packet: ReplyPacket): Step => {
  const { doubt } = state
  if (doubt === undefined || !fits(doubt.tag, packet)) return ignore(state, 'no such reply: none is awaited')
  const rest = doubt.replies > 1 ? { ...doubt, replies: doubt.replies - 1, unknown: false } : undefined
  const [list = '', initiator = ''] = doubt.about.args
  const notices: ReadonlyArray<Notice> = [
    { _tag: 'AnsweredLate', about: doubt.about, ...named(packet.code) },
    ...(packet.body._tag === 'Ring' ? [{ _tag: 'Dropped', list, initiator, completing: false } as const] : []),
  ]
  return tell({ ...state, doubt: rest }, ...(doubt.unknown ? notices : []))
}

const withRegistered = (state: State, request: Request): State => {
  if (request._tag === 'Register') return { ...state, registered: [...state.registered, request.contact] }
  if (request._tag === 'Exit') return { ...state, registered: state.registered.filter((name) => name !== request.contact) }
  return state
}

const elsewhere = (config: Config, request: Request): ReadonlyArray<Notice> =>
  request._tag === 'Register' && !sameAddress(request.address, config.own)
    ? [{ _tag: 'ElsewhereRegistered', contact: request.contact, registered: request.address, own: config.own }]
    : []

const answeredNotice = (request: Request, { code, body }: ReplyPacket): Notice => ({
  _tag: 'Answered',
  about: aboutOf(request),
  ...named(code),
  ...(body._tag === 'Lists' ? { lists: body.names } : {}),
  ...(body._tag === 'Ring' ? { members: body.members.map(({ name, ip, port }) => ({ name, ip, port })) } : {}),
})

const faultOf = (code: number): 'locked' | 'refused' => (code === codes.Ongoing.code ? 'locked' : 'refused')

const answered = (config: Config, state: State, asking: Asking, packet: ReplyPacket): Step => {
  const { request } = asking
  const others = asking.sends - 1
  const older = request._tag === 'QueryLists' && stillOwed(state).length > 0 ? state.doubt : undefined
  const doubt = others > 0 && request._tag !== 'QueryLists' ? doubtOf(state, request, others, false) : older
  const told = tell({ ...state, doubt }, answeredNotice(request, packet))
  if (packet.code !== codes.Done.code) return then(told, (next) => ready(faulty(next, faultOf(packet.code))))
  const done = then(told, (next) => tell(withRegistered(next, request), ...elsewhere(config, request)))
  if (request._tag === 'Exit') return then(done, end)
  const { body } = packet
  if (request._tag !== 'ImStart' || body._tag !== 'Ring') return then(done, ready)
  const composing = { _tag: 'Composing', list: request.list, initiator: request.contact, members: body.members } as const
  return then(done, (next) => compose(config, next, composing, asking.text, asking.im))
}

/** Whether this can answer a query-lists: its names, or that they are too many to say, unless an im-start may have got that answer. */
const answersQueryLists = (state: State, { code, body }: ReplyPacket): boolean => {
  const { phase, doubt } = state
  const mayBeImStart = doubt?.tag === 'ImStart' || (phase._tag === 'Asking' && !phase.sounding && phase.request._tag === 'ImStart')
  return body._tag === 'Lists' || (code === codes.ReplyTooLarge.code && !mayBeImStart)
}

/** A sounding ends with the last answer that is owed: datagrams keep their order, so that nothing older comes behind it. */
const sounded = (config: Config, state: State, asking: Asking): Step =>
  stillOwed(state).length > 0 ? step(state) : sendOut(config, { ...state, doubt: undefined }, { ...asking, sounding: false, sends: 0 })

/** A datagram of the server. */
export const hear = (config: Config, before: State, packet: ReplyPacket): Step => {
  const isOwed = answersQueryLists(before, packet) && stillOwed(before).length > 0
  const state: State = isOwed ? { ...before, owed: stillOwed(before).slice(1) } : before
  const { phase } = state
  if (phase._tag === 'Asking' && phase.sounding && isOwed) return sounded(config, state, phase)
  if (phase._tag === 'Asking' && !phase.sounding && fits(phase.request._tag, packet)) return answered(config, state, phase, packet)
  return isOwed ? step(state) : late(state, packet)
}
