// The channel's one function: every datagram and every wish has its step; silence is a step too, and changes nothing.
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after, latest, type Instant } from '../time.js'
import * as trie from '../trie.js'
import * as option from 'fp-ts/lib/Option.js'
import { decodeDatagram } from '../wire/sealed/datagram.js'
import { cookie, greetAll, nextHello, welcome } from './greeting.js'
import { hello, withoutOldGuests } from './hellos.js'
import { open } from './records.js'
import { bind, part, seal, slept } from './sending.js'
import { quiet, step, then, type Effect, type Response, type Step } from './transitions.js'
import type { Reducer } from '../transition.js'
import type { Command } from './command.js'
import type { Config } from './config.js'
import { changed, type Place, type State } from './state.js'

const arrive = <H, K>(config: Config<H, K>, state: State<H, K>, bytes: Uint8Array, from: Place): Step<H, K> => {
  const datagram = decodeDatagram(bytes)
  switch (datagram?._tag) {
    case undefined:
    case 'Whois': return quiet(state)
    case 'Record': return open(config, state, from, datagram)
    case 'Hello': return hello(config, state, from, datagram)
    case 'Welcome': return welcome(config, state, datagram)
    case 'Retry': return cookie(config, state, datagram)
    case 'Who': return config.whois === undefined ? quiet(state) : step(state, send(from, config.whois))
  }
}

const decide = <H, K>(config: Config<H, K>, state: State<H, K>, command: Command): Step<H, K> => {
  switch (command._tag) {
    case 'Arrive': return arrive(config, state, command.bytes, command.from)
    case 'Seal': return seal(config, state, command)
    case 'Bind': return bind(config, state, command.key, command.via)
    case 'Part': return part(state, command.key)
    case 'Slept': return slept(state)
    case 'Lagged': return quiet({ ...state, load: { ...state.load, until: after(state.at, limits.loadMs) } })
    case 'Wake': return then(quiet(withoutOldGuests(state)), (next) => greetAll(config, next))
  }
}

/** `(state, command) -> (state, effects)`: pure and total. */
export const reduce =
  <H, K>(config: Config<H, K>): Reducer<State<H, K>, Command, Response, Effect> =>
  (state, { at, command }) => {
    const now = latest(state.at, at)
    return decide(config, now === state.at ? state : changed(state, { at: now }), command)
  }

/** The nearest of: a hello is due, a guest's time is over. */
export const wakeAt = <H, K>(state: State<H, K>): option.Option<Instant> => {
  const guest = trie.first(state.guests)?.until
  const greeting = state.greeting.length === 0 ? undefined : nextHello(state)
  if (guest === undefined || greeting === undefined) return option.fromNullable(guest ?? greeting)
  return option.some(guest <= greeting ? guest : greeting)
}
