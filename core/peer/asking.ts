// Requests to the server and their answers, on a wire that may lose either.
//
// Classic replies name no request, so one request is outstanding at a time. query-lists and save are asked again when no answer comes:
// doing them twice is doing them once. The others are sent once, and without an answer their outcome is *unknown*. Before anything is
// sent after that, a query-lists sounds the line: its answer looks like no other, and what arrives before it is late, not an answer
// to the new request.
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after } from '../time.js'
import { argumentsOf, words, type Request } from '../wire/classic/request.js'
import { codeName, codes } from '../wire/classic/code.js'
import { compose } from './messages.js'
import { refusal, type Refusal } from './refusal.js'
import { end, faulty, ignore, ready, step, tell, then, type Effect, type Step } from './transitions.js'
import { sameAddress } from '../address.js'
import type { ReplyPacket } from '../wire/classic/reply.js'
import type { Config } from './config.js'
import type { Wish } from './command.js'
import type { About, Notice, NoticeOf } from './notice.js'
import type { Asking, State } from './state.js'

const queryLists: Request = { _tag: 'QueryLists' }

const aboutOf = (request: Request): About => ({ word: words[request._tag], args: argumentsOf(request) })

const isRepeatable = ({ request, sounding }: Asking): boolean => sounding || request._tag === 'QueryLists' || request._tag === 'Save'

/** How long the answer is awaited after the send that makes it `sends`; undefined: no longer. */
const patience = (asking: Asking): number | undefined =>
  isRepeatable(asking) ? limits.classicResendMs[asking.sends - 1] : asking.sends === 1 ? limits.classicAnswerMs : undefined

const toServer = (config: Config, asking: Asking): Effect =>
  send(config.server, { _tag: 'Request', request: asking.sounding ? queryLists : asking.request })

const sendOut = (config: Config, state: State, asking: Asking): Step => {
  const sent: Asking = { ...asking, sends: asking.sends + 1 }
  return step({ ...state, phase: { ...sent, until: after(state.at, patience(sent) ?? 0) } }, toServer(config, sent))
}

const requestOf = (config: Config, wish: Wish): Request =>
  wish._tag === 'Register'
    ? { _tag: 'Register', contact: wish.contact, address: { ip: wish.ip ?? config.own.ip, port: wish.port ?? config.own.port } }
    : wish

/** What the user types is not taken now; nothing is sent. */
const notTaken = (state: State, { _tag, sentence }: Refusal): Step =>
  tell(faulty(state, 'notTaken'), { _tag: 'NotTaken', name: _tag, sentence })

/** A line that is no command. The same line is wanted as before. */
export const mistype = (state: State, sentence: string): Step => {
  const told = notTaken(state, refusal('Misunderstood', sentence))
  return state.phase._tag === 'Idle' ? then(told, ready) : told
}

/** Sends the request. Refuses with Closing, Busy, TextWanted, TooManyUnderWay. */
export const ask = (config: Config, state: State, wish: Wish, text: string | undefined, im: string): Step => {
  if (state.closing) return notTaken(state, refusal('Closing'))
  if (state.phase._tag === 'Composing') return notTaken(state, refusal('TextWanted'))
  if (state.phase._tag !== 'Idle') return notTaken(state, refusal('Busy'))
  if (wish._tag === 'ImStart' && state.underWay.length >= limits.messagesUnderWay) {
    return then(notTaken(state, refusal('TooManyUnderWay', `: ${limits.messagesUnderWay}`)), ready)
  }
  const request = requestOf(config, wish)
  const sounding = state.doubt !== undefined && request._tag !== 'QueryLists'
  return sendOut(config, state, { _tag: 'Asking', request, text, im, sounding, sends: 0, until: state.at })
}

const giveUp = (state: State, asking: Asking, notice: Pick<NoticeOf<'Unanswered'>, 'outcome' | 'why'>): Step => {
  const about = aboutOf(asking.request)
  const leavesDoubt = notice.outcome === 'unknown' && asking.request._tag !== 'QueryLists'
  const doubt = leavesDoubt ? { about, replies: asking.sends, unknown: true } : state.doubt
  const fault = notice.outcome === 'unknown' ? 'unknown' : 'unreachable'
  return tell(faulty({ ...state, doubt }, fault), { _tag: 'Unanswered', about, sends: asking.sends, ...notice })
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

const named = (code: number): { readonly code: number; readonly name: string; readonly sentence: string } => {
  const name = codeName(code)
  return name === undefined ? { code, name: 'Unknown', sentence: 'a code that this peer does not know' } : { code, name, sentence: codes[name].sentence }
}

/** Whether this can be the answer to that request at all. */
const fits = (request: Request, { code, body }: ReplyPacket): boolean => {
  if (code !== codes.Done.code) return body._tag === 'Nothing'
  if (request._tag === 'QueryLists') return body._tag === 'Lists'
  return body._tag === (request._tag === 'ImStart' ? 'Ring' : 'Nothing')
}

/** An answer that comes after its request was given up (worth telling), or a second one (not worth it). */
const late = (state: State, packet: ReplyPacket): Step => {
  const { doubt } = state
  if (doubt === undefined) return ignore(state, 'no reply: none is awaited')
  const rest = doubt.replies > 1 ? { ...doubt, replies: doubt.replies - 1, unknown: false } : undefined
  const [list = '', initiator = ''] = doubt.about.args
  const notices: ReadonlyArray<Notice> = [
    { _tag: 'AnsweredLate', about: doubt.about, ...named(packet.code) },
    ...(packet.body._tag === 'Ring' ? [{ _tag: 'Dropped', list, initiator } as const] : []),
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
  const doubt = others > 0 && request._tag !== 'QueryLists' ? { about: aboutOf(request), replies: others, unknown: false } : undefined
  const told = tell({ ...state, doubt }, answeredNotice(request, packet))
  if (packet.code !== codes.Done.code) return then(told, (next) => ready(faulty(next, faultOf(packet.code))))
  const done = then(told, (next) => tell(withRegistered(next, request), ...elsewhere(config, request)))
  if (request._tag === 'Exit') return then(done, end)
  const { body } = packet
  if (request._tag !== 'ImStart' || body._tag !== 'Ring') return then(done, ready)
  const composing = { _tag: 'Composing', list: request.list, initiator: request.contact, members: body.members } as const
  return then(done, (next) => compose(config, next, composing, asking.text, asking.im))
}

/** A datagram of the server. */
export const hear = (config: Config, state: State, packet: ReplyPacket): Step => {
  const { phase } = state
  if (phase._tag !== 'Asking') return late(state, packet)
  if (!phase.sounding) return fits(phase.request, packet) ? answered(config, state, phase, packet) : late(state, packet)
  const sounded = packet.body._tag === 'Lists' || packet.code === codes.ReplyTooLarge.code
  return sounded ? sendOut(config, { ...state, doubt: undefined }, { ...phase, sounding: false, sends: 0 }) : late(state, packet)
}
