// The sealed peer's one function: every command in every state has its step.
import * as option from 'fp-ts/lib/Option.js'
import * as delivery from '../../delivery/index.js'
import * as roll from '../../roll.js'
import { limits } from '../../limits.js'
import { earliest, latest, type Instant } from '../../time.js'
import { hear } from './answering.js'
import { close } from './closing.js'
import { beginMessage, deliver, errandDone, isQuiet, keepAlive, keepAliveAt } from './couriering.js'
import { introduced, meet } from './meeting.js'
import { accept } from './members.js'
import { refusal } from './refusal.js'
import { receive } from './relaying.js'
import { ask, askAgain, dispatch, isBusy, wantingIfIdle } from './requesting.js'
import { sleep } from './sleeping.js'
import { end, notTaken, step, tell, then, wanting, type Effect, type Response, type Step } from './transitions.js'
import type { Actor } from '../../actor.js'
import type { Reducer } from '../../transition.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import { idle, type State, type Unsure } from './state.js'

const mistype = (state: State, sentence: string): Step => {
  return then(notTaken(state, refusal('Misunderstood', sentence)), wantingIfIdle)
}

/** Only a hint: it says why nothing was answered, if nothing is. The server may just be starting. */
const portClosed = (state: State): Step =>
  state.phase._tag === 'Asking' ? step({ ...state, phase: { ...state.phase, closed: true } }) : step(state)

const wakeUp = (config: Config, state: State): Step => {
  const { phase, server } = state
  if (phase._tag === 'Idle' || phase.until > state.at) return step(state)
  if (phase._tag === 'Meeting') return meet(config, state, phase)
  return server === undefined ? step(state) : (askAgain(config, state, server, phase) ?? errandDone(config, { ...state, phase: idle }, phase.ticket ?? '', undefined))
}

/** The user's message: the text is there before anything is asked (F25). Refuses with Closing, NotMet, Busy, NobodyRegistered. */
const send = (config: Config, state: State, message: Unsure): Step => {
  if (state.closing) return notTaken(state, refusal('Closing'))
  if (state.server === undefined || state.phase._tag === 'Meeting') return notTaken(state, refusal('NotMet'))
  if (isBusy(state)) return notTaken(state, refusal('Busy'))
  if (state.registered === undefined) return then(notTaken(state, refusal('NobodyRegistered')), wanting)
  return beginMessage(config, { ...state, sending: true }, message)
}

/** Its diary has it before the next line is wanted. Refuses with NotMet, while there is no diary, and TooManyMuted. */
const mute = (config: Config, state: State, command: Extract<Command, { readonly _tag: 'Mute' }>): Step => {
  if (state.server === undefined || state.phase._tag === 'Meeting') return notTaken(state, refusal('NotMet'))
  const isTooMany = command.muted && roll.size(state.courier.diary.muted) >= limits.listsMuted
  return then(isTooMany ? notTaken(state, refusal('TooManyMuted')) : then(deliver(config, state, command), (now) => tell(now, { _tag: 'Muted', list: command.list, muted: command.muted })), wantingIfIdle)
}

/** As `mute` does it. Refuses with NotMet, and TooManyApart. */
const catchUp = (config: Config, state: State, command: Extract<Command, { readonly _tag: 'CatchUp' }>): Step => {
  if (state.server === undefined || state.phase._tag === 'Meeting') return notTaken(state, refusal('NotMet'))
  const isTooMany = !command.on && roll.size(state.courier.diary.apart) >= limits.listsApart
  return then(isTooMany ? notTaken(state, refusal('TooManyApart')) : then(deliver(config, state, command), (now) => tell(now, { _tag: 'CatchesUp', list: command.list, on: command.on })), wantingIfIdle)
}

/** The next request; the end, where it was waited for; and the user's turn. */
const afterwards = (config: Config, state: State): Step => {
  const next = dispatch(config, state)
  const { phase, closing, ended } = next.state
  return closing && !ended && phase._tag === 'Idle' && isQuiet(next.state) ? then(next, end) : next
}

const decide = (config: Config, state: State, by: Actor, command: Command): Step => {
  switch (command._tag) {
    case 'Ask': return ask(config, state, command.wish)
    case 'Send': return send(config, state, { ...command, _tag: 'Compose' })
    case 'Resend': return send(config, state, command)
    case 'Mute': return mute(config, state, command)
    case 'CatchUp': return catchUp(config, state, command)
    case 'NeighbourClosed': return deliver(config, state, { _tag: 'PortClosed', key: command.key })
    case 'NeighbourLost': return deliver(config, state, { _tag: 'Unmet', key: command.key })
    case 'NeighbourHeard': return deliver(config, state, { _tag: 'Heard', key: command.key })
    case 'Accept': return accept(state, command.contact)
    case 'Mistype': return mistype(state, command.sentence)
    case 'Met': return introduced(config, state, by, command.server, command.proven)
    case 'Hear': return hear(config, state, by, command.frame)
    case 'Receive': return receive(config, state, command.packet)
    case 'PortClosed': return portClosed(state)
    case 'SendFailed': return tell(state, { _tag: 'NotPassed', to: command.to, why: command.why })
    case 'Slept': return sleep(config, state)
    case 'Close': return close(state, command.patient)
    case 'Wake': return then(wakeUp(config, state), (now) => (now.ended ? step(now) : then(deliver(config, now, delivery.wake), (next) => keepAlive(config, next))))
  }
}

/** `(state, command) -> (state, effects)`: pure and total. After its end a peer does nothing. */
export const reduce =
  (config: Config): Reducer<State, Command, Response, Effect> =>
  (state, { at, by, command }) => {
    if (state.ended) return step(state)
    return then(decide(config, { ...state, at: latest(state.at, at) }, by, command), (now) => (now.ended ? step(now) : afterwards(config, now)))
  }

/** The nearest of: the server is asked again, or the request given up; it has to hear of this peer; something of a message is due. */
export const wakeAt = (state: State): option.Option<Instant> => {
  const { phase, ended, courier } = state
  if (ended) return option.none
  const own = delivery.wakeAt(courier)
  const first = phase._tag === 'Idle' ? keepAliveAt(state) : phase.until
  if (first === undefined) return own
  return option.some(option.isNone(own) ? first : earliest(first, own.value))
}
