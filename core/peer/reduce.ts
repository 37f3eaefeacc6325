// The peer's one function: every command in every state has its step.
import * as option from 'fp-ts/lib/Option.js'
import { ask, askAgain, hear, mistype, portClosed } from './asking.js'
import { close } from './closing.js'
import { drop, overdue, receive, say } from './messages.js'
import { ignore, step, tell, then, type Effect, type Response, type Step } from './transitions.js'
import { latest, type Instant } from '../time.js'
import type { Actor } from '../actor.js'
import type { Reducer } from '../transition.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import type { State } from './state.js'

const wakeUp = (config: Config, state: State): Step => {
  const { phase } = state
  const asked = phase._tag === 'Asking' && phase.until <= state.at ? askAgain(config, state, phase) : step(state)
  return then(asked, (next) => (next.ended ? step(next) : overdue(next)))
}

/** Replies count only from the server's own address. */
const isServer = ({ server }: Config, by: Actor): boolean => by._tag === 'Classic' && by.ip === server.ip && by.port === server.port

const decide = (config: Config, state: State, by: Actor, command: Command): Step => {
  switch (command._tag) {
    case 'Ask': return ask(config, state, command.wish, command.text, command.im)
    case 'Say': return say(config, state, command.text, command.im)
    case 'Mistype': return mistype(state, command.sentence)
    case 'Drop': return state.phase._tag === 'Composing' ? drop(config, state, state.phase) : step(state)
    case 'Hear':
      if (!isServer(config, by)) return ignore(state, 'nothing from there: it is not the server')
      return '_tag' in command.packet ? ignore(state, command.packet.expected) : hear(config, state, command.packet)
    case 'Receive': return '_tag' in command.packet ? ignore(state, command.packet.expected) : receive(config, state, command.packet)
    case 'PortClosed': return portClosed(state)
    case 'SendFailed': return tell(state, { _tag: 'NotPassed', to: command.to, why: command.why })
    case 'Close': return close(config, state, command.patient)
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

/** The nearest of: the answer is given up, a message is overdue. */
export const wakeAt = ({ phase, underWay, ended }: State): option.Option<Instant> => {
  if (ended) return option.none
  const deadlines = [
    ...(phase._tag === 'Asking' ? [phase.until] : []),
    ...underWay.flatMap(({ overdueAt }) => (overdueAt === undefined ? [] : [overdueAt])),
  ]
  return deadlines.length === 0 ? option.none : option.some(deadlines.reduce((a, b) => (a <= b ? a : b)))
}
