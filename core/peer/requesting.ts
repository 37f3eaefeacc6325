// How a request leaves: once, or again while that is safe; and what is remembered of one whose answer may still come.
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after, type Instant } from '../time.js'
import { argumentsOf, words, type Request } from '../wire/classic/request.js'
import { step, type Effect, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { About } from './notice.js'
import type { Asking, Doubt, State } from './state.js'

const queryLists: Request = { _tag: 'QueryLists' }

export const aboutOf = (request: Request): About => ({ word: words[request._tag], args: argumentsOf(request) })

/** Doing it twice is doing it once. A sounding is not repeated: its answers would be one too many to tell apart. */
export const isRepeatable = ({ request, sounding }: Asking): boolean => !sounding && (request._tag === 'QueryLists' || request._tag === 'Save')

/** How long the answer is awaited after the send that makes it `sends`. */
const patience = (asking: Asking): number => (isRepeatable(asking) ? limits.classicResendMs[asking.sends - 1] : undefined) ?? limits.classicAnswerMs

const toServer = (config: Config, asking: Asking): Effect =>
  send(config.server, { _tag: 'Request', request: asking.sounding ? queryLists : asking.request })

/** The answers to query-lists that may still come. */
export const stillOwed = ({ owed, at }: State): ReadonlyArray<Instant> => owed.filter((until) => until > at)

/** Sends it once more, and waits. */
export const sendOut = (config: Config, state: State, asking: Asking): Step => {
  const sent: Asking = { ...asking, sends: asking.sends + 1 }
  const asksForLists = asking.sounding || asking.request._tag === 'QueryLists'
  const owed = asksForLists ? [...stillOwed(state), after(state.at, limits.datagramLifeMs)] : state.owed
  return step({ ...state, owed, phase: { ...sent, until: after(state.at, patience(sent)) } }, toServer(config, sent))
}

/** A request that has not been sent yet. */
export const unsent = (state: State, request: Request, text: string | undefined, im: string): Asking => ({
  _tag: 'Asking',
  request,
  text,
  im,
  sounding: state.doubt !== undefined && state.doubt.until > state.at && request._tag !== 'QueryLists',
  sends: 0,
  until: state.at,
})

/** That many answers to the request may still come; `unknown`: none has. */
export const doubtOf = (state: State, request: Request, replies: number, unknown: boolean): Doubt => ({
  about: aboutOf(request),
  tag: request._tag,
  replies,
  unknown,
  until: after(state.at, limits.datagramLifeMs),
})
