// How a request leaves, and leaves again, until it is answered or given up.
//
// One is outstanding at a time, known by its (boot, seq); seq counts up with every request, reads too. The server executes each at most once
// and answers a repeated one as it did before. So everything is repeated until it is answered; and after a request was given up, the next
// may be sent at once: an older one that arrives behind a newer one is neither executed nor answered any more. Until the newer one has
// left, though, the older may still be executed: its outcome is unknown, which is not "failed".
//
// A server that cannot store anything says so (Busy), and has done nothing: that is no answer. The request goes out again as if nothing had been
// heard, and when it is given up the user is told why. What an earlier send of it came to nobody knows then either.
import { limits } from '../../limits.js'
import { after } from '../../time.js'
import { announce } from '../../effect.js'
import * as table from '../../table.js'
import * as entropy from '../../entropy.js'
import { aboutOf, orderOf } from './order.js'
import { paceOf } from './pace.js'
import { refusal } from './refusal.js'
import { who } from './meeting.js'
import { keptAlive, unsent, type Asking, type Pending, type State } from './state.js'
import { faulty, notTaken, ready, step, tell, then, wanting, type Effect, type Step } from './transitions.js'
import * as timer from '../../timer.js'
import { isRead } from '../../wire/sealed/order.js'
import type { ContactName } from '../../names.js'
import type { Identity } from '../../keys.js'
import type { Frame } from '../../wire/sealed/frame.js'
import type { Order } from '../../wire/sealed/order.js'
import type { NoticeOf } from '../notice.js'
import type { Config } from './config.js'
import type { Wish } from './command.js'

/** To the server, through the channel. */
export const seal = (config: Config, server: Identity, frame: Frame, again = false): Effect => ({
  _tag: 'Seal',
  to: server.seals,
  address: config.server,
  frame,
  again,
})

/** Sends it, for the first time or again, and waits. */
const sendOut = (config: Config, state: State, server: Identity, pending: Pending): Step => {
  const { order, boot, seq, assembly } = pending
  const sends = pending.sends + 1
  const { value, seed } = entropy.next(state.seed)
  const since = sends === 1 ? state.at : pending.since
  const until = after(state.at, timer.wait(state.estimate, sends, value, paceOf(order).highestMs))
  const phase: Asking = { ...pending, _tag: 'Asking', sends, since, until, closed: false }
  const isUnheard = sends > 1 && pending.busy !== pending.sends
  return step({ ...state, seed, phase, keepAlive: keptAlive(state.at) }, seal(config, server, { _tag: 'Request', boot, seq, have: assembly.have, order }, isUnheard))
}

/** Unless an exit may have ended it meanwhile. */
const isRegisteredAlready = ({ registered, doubt }: State, order: Order): boolean =>
  order._tag === 'Register' && order.contact === registered && doubt?.order._tag !== 'Exit'

/** What was wanted is so: nothing went wrong. */
const alreadyRegistered = (state: State): Step => {
  const { _tag, sentence } = refusal('RegisteredAlready', state.registered)
  return tell(state, { _tag: 'NotTaken', name: _tag, sentence })
}

/** Whom the order lets in, or takes in, under a name that has another key than before. */
const blockedIn = ({ blocked, registered }: State, order: Order): ContactName | undefined =>
  (order._tag === 'Invite' || order._tag === 'Join') && order.contact !== registered && table.has(blocked, order.contact) ? order.contact : undefined

/** Whether the user's last command is still under way. */
export const isBusy = ({ phase, wanted, sending }: State): boolean => sending || wanted !== undefined || (phase._tag === 'Asking' && phase.ticket === undefined)

/** The next line, unless it is wanted later anyway. */
export const wantingIfIdle = (state: State): Step => (state.phase._tag === 'Meeting' || isBusy(state) ? step(state) : wanting(state))

/** Sends the request, behind an errand that is under way. Refuses with Closing, NotMet, Busy, NobodyRegistered, RegisteredAlready, Blocked. */
export const ask = (config: Config, state: State, wish: Wish): Step => {
  const { server, phase } = state
  if (state.closing) return notTaken(state, refusal('Closing'))
  if (server === undefined || phase._tag === 'Meeting') return notTaken(state, refusal('NotMet'))
  if (isBusy(state)) return notTaken(state, refusal('Busy'))
  const order = orderOf(config, state, server, wish)
  if (order === undefined) return then(notTaken(state, refusal('NobodyRegistered')), wanting)
  if (isRegisteredAlready(state, order)) return then(alreadyRegistered(state), wanting)
  const stranger = blockedIn(state, order)
  if (stranger !== undefined) return then(notTaken(state, refusal('Blocked', stranger)), wanting)
  return step({ ...state, wanted: order })
}

const request = (config: Config, state: State, server: Identity, order: Order, ticket: string | undefined): Step => {
  const seq = state.seq + 1
  const boot = order._tag === 'Register' ? 0 : state.boot
  return sendOut(config, { ...state, seq, doubt: undefined }, server, unsent(order, boot, seq, ticket))
}

/** The request whose turn it is, when none is outstanding: the user's first. */
export const dispatch = (config: Config, state: State): Step => {
  const { server, phase, wanted, errands: [errand, ...later] } = state
  if (server === undefined || phase._tag !== 'Idle' || state.ended) return step(state)
  if (wanted !== undefined) return request(config, { ...state, wanted: undefined }, server, wanted, undefined)
  return errand === undefined ? step(state) : request(config, { ...state, errands: later }, server, errand.order, errand.ticket)
}

/** No answer will be waited for: what that means, and why. Of a read it is known that nothing was done. */
const giveUp = (state: State, pending: Pending, why: NoticeOf<'Unanswered'>['why']): Step => {
  const reads = isRead(pending.order)
  const outcome = reads ? 'notExecuted' : 'unknown'
  // a register that may have been executed may have given another boot than the one that is known
  const sure = pending.order._tag === 'Register' ? { ...state, registered: undefined, boot: 0 } : state
  const doubting: State = { ...sure, doubt: pending }
  // whoever waits for a ticket asks again: whether anything went wrong is seen when it does no more
  const told = pending.order._tag === 'Ticket' ? doubting : faulty(doubting, reads ? 'unreachable' : 'unknown')
  return tell(told, { _tag: 'Unanswered', about: aboutOf(pending.order), outcome, why, sends: pending.sends })
}

const pendingOf = ({ order, boot, seq, sends, since, assembly, busy, ticket }: Asking): Pending => ({ order, boot, seq, sends, since, assembly, busy, ticket })

const whyUnanswered = ({ closed, busy }: Asking): NoticeOf<'Unanswered'>['why'] => (closed ? 'portClosed' : busy > 0 ? 'busy' : 'silence')

/** The answer has not come in time: once more, or it is given up. An errand is the courier's to be given up: `undefined`. */
export const askAgain = (config: Config, state: State, server: Identity, asking: Asking): Step | undefined => {
  const pending = pendingOf(asking)
  const isGivenUp = asking.sends >= paceOf(asking.order).sends
  if (isGivenUp && pending.ticket !== undefined) return undefined
  if (isGivenUp) return then(giveUp(state, pending, whyUnanswered(asking)), ready)
  const again = sendOut(config, state, server, pending)
  const sends = asking.sends + 1
  const sent = sends === limits.sendsBeforeWho && pending.ticket === undefined ? then(again, (next) => tell(next, { _tag: 'NoAnswerYet', sends, ...(asking.busy > 0 ? { busy: true } : {}) })) : again
  // a server that was never heard may not be the one that is pinned
  return !state.heard && sends >= limits.sendsBeforeWho ? { ...sent, effects: [...sent.effects, who(config)] } : sent
}

/** The peer ends while the answer is awaited. */
export const abandon = (state: State, asking: Asking): Step => (asking.ticket === undefined ? giveUp(state, pendingOf(asking), 'closing') : step(state))

/** Another process has this peer's key now: the server answers this one no more. */
export const superseded = (state: State, asking: Asking | undefined): Step => {
  const left: ReadonlyArray<NoticeOf<'Unanswered'>> =
    asking === undefined || asking.ticket !== undefined ? [] : [{ _tag: 'Unanswered', about: aboutOf(asking.order), outcome: 'unknown', why: 'superseded', sends: asking.sends }]
  return step(faulty({ ...state, registered: undefined, boot: 0 }, 'superseded'), ...left.map(announce), announce({ _tag: 'Superseded' }))
}
