// A sealed peer may be a member of an open list, whose messages classic members start and classic members pass on: in clear, to P + 1. It
// does with them what a classic peer does, so that the ring goes on, and says of each that nobody has proven who wrote it.
import { announce } from '../../effect.js'
import { receive as receiveClassic } from '../messages.js'
import { isHome } from '../../ring.js'
import { deliver } from './couriering.js'
import { ignore, step, type Effect, type Step } from './transitions.js'
import type { Malformed } from '../../wire/malformed.js'
import type { Relay } from '../../wire/classic/relay.js'
import type { Notice } from '../notice.js'
import type { Effect as ClassicEffect } from '../transitions.js'
import type { Config } from './config.js'
import type { State } from './state.js'

const unproven = (notice: Notice): Notice => (notice._tag === 'Shown' ? { ...notice, unproven: true } : notice)

/** A peer that only passes on asks the server nothing and never ends. */
const translated = (effect: ClassicEffect): ReadonlyArray<Effect> => {
  switch (effect._tag) {
    case 'Announce': return [announce(unproven(effect.notice))]
    case 'Send': return effect.packet._tag === 'Relay' ? [{ ...effect, packet: effect.packet }] : []
    case 'Exit': return []
  }
}

/** A datagram at P + 1: shown and sent on, once. One that is home is a copy of an own message that a classic member has bounced, or it is nothing: a
 *  sealed peer starts no other rings in clear. */
export const receive = (config: Config, state: State, packet: Relay | Malformed): Step => {
  if ('_tag' in packet) return ignore(state, packet.expected)
  const { pointer, members, mark } = packet
  if (isHome(pointer, members.length)) return mark === undefined || members.length !== 2 ? step(state) : deliver(config, state, { _tag: 'Bounced', nonce: mark.im })
  const relayed = receiveClassic(config, { ...state.relaying, at: state.at }, packet)
  return step({ ...state, relaying: relayed.state }, ...relayed.effects.flatMap(translated))
}
