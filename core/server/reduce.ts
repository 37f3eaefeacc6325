// The server's one function: every command in every state has an answer.
import { latest, type Instant } from '../time.js'
import { close, endIfDone } from './closing.js'
import { exit, register } from './contacts.js'
import { create, join, leave, queryLists } from './lists.js'
import { imComplete, imStart } from './messages.js'
import { refuse } from './refusal.js'
import { save } from './saving.js'
import { act, answer, type Effect, type Step } from './transitions.js'
import type { Reducer, Stamped } from '../transition.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import type { Response } from './reply.js'
import type { State } from './state.js'

const decide = (config: Config, state: State, at: Instant, command: Command): Step => {
  switch (command._tag) {
    case 'Register': return register(config, state, command.contact, command.address)
    case 'Create': return create(config, state, command.list)
    case 'QueryLists': return queryLists(state)
    case 'Join': return join(state, command.list, command.contact)
    case 'Leave': return leave(state, command.list, command.contact)
    case 'Exit': return exit(state, command.contact)
    case 'ImStart': return imStart(config, state, at, command.list, command.contact)
    case 'ImComplete': return imComplete(state, command.list, command.contact)
    case 'Save': return save(state, command.file)
    case 'Malformed': return answer(state, refuse.Malformed)
    case 'Close': return close(state, at, command.ms)
    case 'Wake': return act(state, [])
  }
}

/** Ending is the operator's; nobody sends it over a wire. */
const isForeign = ({ by, command }: Stamped<Command>): boolean => by._tag === 'Classic' && (command._tag === 'Close' || command._tag === 'Wake')

/** `(state, command) -> (state, response, effects)`: pure and total. */
export const reduce =
  (config: Config): Reducer<State, Command, Response, Effect> =>
  (state, input) => {
    const at = latest(state.at, input.at)
    const timely = at === state.at ? state : { ...state, at }
    if (state.ended) return input.by._tag === 'Classic' ? answer(timely, refuse.Closing) : act(timely, [])
    if (isForeign(input)) return answer(timely, refuse.Malformed)
    const step = decide(config, timely, at, input.command)
    return input.command._tag === 'Close' ? step : endIfDone(at, step)
  }
