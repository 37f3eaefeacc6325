// Whose key the server has. A pinned server is known; another one is asked who it is, and has to be whom the user named, if anybody.
//
//   pinned, and nobody else named   ──> met, without a datagram         named, and another is pinned or answers   ──> the peer ends
//   not pinned                      ──> who? ... answer ──> met         silence after 12 sends                    ──> the peer ends
//
// An answer can be forged by whoever can write the server's address on a datagram: then nothing that is sealed for it is ever answered. So a
// server is pinned with the first frame that is heard of it, which nobody can seal who does not hold the key. And a pinned server that
// does not answer is asked who it is too: it may have been set up anew, which is better said than found out.
import { limits } from '../../limits.js'
import { send } from '../../effect.js'
import { fingerprint } from '../../fingerprint.js'
import * as pins from '../../pins.js'
import { after } from '../../time.js'
import * as entropy from '../../entropy.js'
import { end, faulty, ignore, pinned, ready, step, tell, then, type Effect, type Step } from './transitions.js'
import * as timer from '../../timer.js'
import type { Actor } from '../../actor.js'
import type { ContactId, Identity } from '../../keys.js'
import type { NoticeOf } from '../notice.js'
import type { Config } from './config.js'
import type { Meeting, State } from './state.js'

/** The question, to the server's address. */
export const who = ({ server }: Config): Effect => send(server, { _tag: 'Who' })

/** Nobody has said who the server is, and nothing that was to be asked has been. */
export const unmet = (state: State, { sends }: Meeting): Step => tell(faulty(state, 'unreachable'), { _tag: 'Unmet', sends })

const askWho = (config: Config, state: State, meeting: Meeting): Step => {
  if (meeting.sends >= limits.requestSends) return then(unmet(state, meeting), end)
  const { value, seed } = entropy.next(state.seed)
  const sends = meeting.sends + 1
  const until = after(state.at, timer.wait(undefined, sends, value))
  const asked = step({ ...state, seed, phase: { _tag: 'Meeting', sends, until } }, who(config))
  return sends === limits.sendsBeforeWho ? then(asked, (next) => tell(next, { _tag: 'NoAnswerYet', sends })) : asked
}

const met = (state: State, server: Identity, how: NoticeOf<'ServerMet'>['how']): Step =>
  then(tell({ ...state, server, courier: { ...state.courier, server } }, { _tag: 'ServerMet', fingerprint: fingerprint(server.id), how }), ready)

/** Not the server that it has to be. */
const otherServer = (state: State, expected: ContactId, found: ContactId, source: NoticeOf<'OtherServer'>['source']): Step =>
  then(
    tell(faulty(state, 'changedKey'), { _tag: 'OtherServer', expected: fingerprint(expected), found: fingerprint(found), source }),
    end,
  )

/** Begins, or asks again. */
export const meet = (config: Config, state: State, meeting: Meeting): Step => {
  const known = pins.server(state.pins, config.server)
  if (known === undefined || config.acceptServer) return askWho(config, state, meeting)
  if (config.expected !== undefined && config.expected !== known.id) return otherServer(state, known.id, config.expected, 'pinned')
  return met(state, known, 'pinned')
}

const howMet = (config: Config, state: State, server: Identity): NoticeOf<'ServerMet'>['how'] => {
  const verdict = pins.judgeServer(state.pins, config.server, server)
  if (verdict !== 'new') return verdict === 'same' ? 'pinned' : 'accepted'
  return config.expected === undefined ? 'firstUse' : 'named'
}

/** The server's answer, from its own address. One that nobody asked for means nothing. */
export const introduced = (config: Config, state: State, by: Actor, server: Identity, proven: boolean): Step => {
  const { phase } = state
  if (by._tag !== 'Classic' || by.ip !== config.server.ip || by.port !== config.server.port) return ignore(state, 'nothing from there: it is not the server')
  if (!proven || config.idOf(server.signs, server.seals) !== server.id) return ignore(state, "a server's keys, signed by it")
  if (phase._tag === 'Meeting' && phase.sends > 0) {
    if (config.expected !== undefined && config.expected !== server.id) return otherServer(state, config.expected, server.id, 'named')
    return met(state, server, howMet(config, state, server))
  }
  const isAsked = phase._tag === 'Asking' && !state.heard && phase.sends >= limits.sendsBeforeWho
  if (!isAsked || state.server === undefined || state.server.id === server.id) return step(state)
  return otherServer(state, state.server.id, server.id, pins.server(state.pins, config.server) === undefined ? 'met' : 'pinned')
}

/** The server has sealed something: it is who it says, and is pinned. What was pinned is replaced only where the user has said so. */
export const acquainted = (config: Config, state: State, server: Identity): Step => {
  if (state.heard) return step(state)
  const isChanged = pins.judgeServer(state.pins, config.server, server) === 'changed'
  const pin = isChanged ? pins.acceptServer : pins.pinServer
  return pinned({ ...state, heard: true }, pin(state.pins, config.server, server))
}
