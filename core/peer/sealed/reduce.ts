// The sealed peer's one function: every command in every state has its step.
import * as option from 'fp-ts/lib/Option.js'
import { latest, type Instant } from '../../time.js'
import { hear } from './answering.js'
import { close } from './closing.js'
import { introduced, meet } from './meeting.js'
import { accept } from './members.js'
import { refusal } from './refusal.js'
import { receive } from './relaying.js'
import { ask, askAgain } from './requesting.js'
import { sleep } from './sleeping.js'
import { notTaken, ready, step, tell, then, type Effect, type Response, type Step } from './transitions.js'
import type { Actor } from '../../actor.js'
import type { Reducer } from '../../transition.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import type { State } from './state.js'

const mistype = (state: State, sentence: string): Step => {
  const told = notTaken(state, refusal('Misunderstood', sentence))
  return state.phase._tag === 'Idle' ? then(told, ready) : told
}

/** Only a hint: it says why nothing was answered, if nothing is. The server may just be starting. */
const portClosed = (state: State): Step =>
  state.phase._tag === 'Asking' ? step({ ...state, phase: { ...state.phase, closed: true } }) : step(state)

const wakeUp = (config: Config, state: State): Step => {
  const { phase, server } = state
  if (phase._tag === 'Idle' || phase.until > state.at) return step(state)
  if (phase._tag === 'Meeting') return meet(config, state, phase)
  return server === undefined ? step(state) : askAgain(config, state, server, phase)
}

const decide = (config: Config, state: State, by: Actor, command: Command): Step => {
  switch (command._tag) {
    case 'Ask': return ask(config, state, command.wish)
    case 'Accept': return accept(state, command.contact)
    case 'Mistype': return mistype(state, command.sentence)
    case 'Met': return introduced(config, state, by, command.server, command.proven)
    case 'Hear': return hear(config, state, by, command.frame)
    case 'Receive': return receive(config, state, command.packet)
    case 'PortClosed': return portClosed(state)
    case 'SendFailed': return tell(state, { _tag: 'NotPassed', to: command.to, why: command.why })
    case 'Slept': return sleep(config, state)
    case 'Close': return close(state, command.patient)
    case 'Wake': return wakeUp(config, state)
  }
}

/** `(state, command) -> (state, effects)`: pure and total. After its end a peer does nothing. */
export const reduce =
  (config: Config): Reducer<State, Command, Response, Effect> =>
  (state, { at, by, command }) => {
    if (state.ended) return step(state)
    return decide(config, { ...state, at: latest(state.at, at) }, by, command)
  }

/** When the server is asked again, or the request given up. */
export const wakeAt = ({ phase, ended }: State): option.Option<Instant> => (ended || phase._tag === 'Idle' ? option.none : option.some(phase.until))
