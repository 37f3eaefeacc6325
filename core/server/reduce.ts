// The server's one function: every command in every state has an answer, or is somebody's whom nobody answers.
import { isNone } from 'fp-ts/lib/Option.js'
import { isLoopback, isPrivate } from '../address.js'
import { latest } from '../time.js'
import { limits } from '../limits.js'
import { encodeReply } from '../wire/classic/reply.js'
import { encodeRequest, type Request } from '../wire/classic/request.js'
import { utf8Length } from '../wire/utf8.js'
import { ask, askLate, operate, settled } from './asking.js'
import { isAdmitted, isGivenBy } from './authority.js'
import { close, endIfDone } from './closing.js'
import type { Command } from './command.js'
import { exit, register } from './contacts.js'
import { looked } from './fences.js'
import { move } from './keys.js'
import { create, join, leave } from './lists.js'
import { expired, heldOver } from './leases.js'
import { imComplete, imStart } from './messages.js'
import { judged } from './presence.js'
import { pourFrom } from './rates.js'
import { refuse } from './refusal.js'
import { seek } from './rings.js'
import { classicReply, type Response } from './reply.js'
import { save } from './saving.js'
import { act, answer, type Effect, type Step } from './transitions.js'
import type { Actor } from '../actor.js'
import type { Malformed } from '../wire/malformed.js'
import type { Reducer, Stamped } from '../transition.js'
import type { Config } from './config.js'
import { timely, type State } from './state.js'

const perform = (config: Config, state: State, request: Request): Step => {
  switch (request._tag) {
    case 'Register': return register(config, state, request.contact, request.address)
    case 'Create': return create(config, state, request.list, 'open', undefined)
    case 'QueryLists': return answer(state, state.listing)
    case 'Join': return join(config, 'classic', state, request.list, request.contact)
    case 'Leave': return leave('classic', state, request.list, request.contact)
    case 'Exit': return exit('classic', state, request.contact)
    case 'ImStart': return imStart(config, state, request.list, request.contact)
    case 'ImComplete': return imComplete(state, request.list, request.contact)
    case 'Save': return save(state, request.file)
  }
}

/** An answer that is much longer than the request draws traffic to whoever was named as its source. */
const isReflection = (request: Request, { response }: Step): boolean =>
  !isNone(response) && encodeReply(classicReply(response.value)).length > limits.amplification * utf8Length(encodeRequest(request))

/** The state with that request in its source's buckets, or `undefined` when that is too fast. */
const charged = (config: Config, state: State, ip: string, { _tag }: Request | Malformed): State | undefined => {
  const { sources } = state
  const requests = pourFrom(config.classicRate, sources.requests, ip, state.at)
  const registrations = _tag === 'Register' ? pourFrom(config.registerRate, sources.registrations, ip, state.at) : sources.registrations
  return requests === undefined || registrations === undefined ? undefined : { ...state, sources: { requests, registrations } }
}

/** What a classic source asks. Refuses with TooFast, ReplyTooLarge, and as the verb does; a source beyond private networks is not told that
 *  its datagram is malformed, since one byte is enough for that. */
const hear = (config: Config, state: State, ip: string, request: Request | Malformed): Step => {
  if (request._tag === 'Malformed' && !isPrivate(ip)) return act(state, [])
  const paid = isLoopback(ip) ? state : charged(config, state, ip, request)
  if (paid === undefined) return answer(state, refuse.TooFast)
  if (request._tag === 'Malformed') return answer(paid, refuse.Malformed)
  if (request._tag === 'Save' && !isPrivate(ip)) return answer(paid, refuse.NotSaved)
  const step = perform(config, paid, request)
  return config.classic === 'open' && !isPrivate(ip) && isReflection(request, step) ? answer(paid, refuse.ReplyTooLarge) : step
}

const decide = (config: Config, state: State, by: Actor, command: Command): Step => {
  switch (command._tag) {
    case 'Ask': return by._tag === 'Key' ? ask(config, state, by.key, command) : answer(state, refuse.NotAllowed)
    case 'Seek': return by._tag === 'Key' ? seek(config, state, by.key, command.ring) : answer(state, refuse.NotAllowed)
    case 'Operate': return operate(config, state, command.order)
    case 'Start': {
      const started = { ...state, position: state.position + 1, process: command.process, closing: undefined, ended: false }
      // its own bounds, since whoever folds the journal is given them only behind it
      return act(heldOver(started, command.settings.classicLeaseMs), [])
    }
    case 'Moved': return act(move(config, state, command.key, command.address), [])
    case 'Judged': return act(judged(state, command.key, command.presence), [])
    case 'Close': return close(state, state.at, command.ms)
    case 'Wake': return act(expired(state), [])
    case 'Malformed': return by._tag === 'Classic' ? hear(config, state, by.ip, command) : answer(state, refuse.Malformed)
    case 'Register':
    case 'Create':
    case 'QueryLists':
    case 'Join':
    case 'Leave':
    case 'Exit':
    case 'ImStart':
    case 'ImComplete':
    case 'Save': return by._tag === 'Classic' ? hear(config, state, by.ip, command) : perform(config, state, command)
  }
}

/** Time has passed: lists whose messages others have waited for long enough are fenced. */
const fencing = (before: State, step: Step): Step => {
  const state = looked(step.state)
  const isRecord = state.position > before.position || state.lists !== before.lists
  return { ...step, state: isRecord ? { ...state, position: before.position + 1 } : state }
}

/** To whom the end of the server is told. */
const isOver = (state: State, { by, command }: Stamped<Command>): Step => {
  if (by._tag === 'Classic') return answer(state, refuse.Closing)
  return by._tag === 'Key' && command._tag === 'Ask' ? askLate(state, by.key, command) : act(state, [])
}

/** `(state, command) -> (state, response, effects)`: pure and total. */
export const reduce =
  (config: Config): Reducer<State, Command, Response, Effect> =>
  (state, input) => {
    const { by, command } = input
    if (by._tag === 'Classic' && !isAdmitted(config.classic, by.ip)) return act(state, [])
    const at = latest(state.at, input.at)
    const now = timely(state, at)
    const isGiven = isGivenBy(by, command)
    if (state.ended && !(isGiven && command._tag === 'Start')) return isOver(now, input)
    if (!isGiven) return answer(now, by._tag === 'Classic' ? refuse.Malformed : refuse.NotAllowed)
    const settling = settled(config, now, by, decide(config, now, by, command))
    const step = command._tag === 'Wake' ? fencing(now, settling) : settling
    return command._tag === 'Close' ? step : endIfDone(at, step)
  }
