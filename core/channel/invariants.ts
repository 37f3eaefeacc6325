// What is true of every channel after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
import { limits } from '../limits.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { samePlace } from './records.js'
import { greetingAt, neighbourOf, sessionAt, type Neighbour, type Slot, type State } from './state.js'

import type { Violation } from '../transition.js'

const broken = (rule: string, holds: boolean, what: string): ReadonlyArray<Violation> => (holds ? [] : [{ rule, what }])

const ofSlot = <H, K>(state: State<H, K>, slot: Slot<H, K>): ReadonlyArray<Violation> => {
  const neighbour = neighbourOf(state, slot.peer)
  const listed = slot._tag === 'Session' ? neighbour?.sessions : neighbour?.greetings
  return [
    ...broken('W1', listed?.includes(slot.key) === true, `${slot._tag} ${slot.key} is not listed with its neighbour`),
    ...broken('W4', slot._tag !== 'Session' || slot.whereabouts.credit >= 0, `more bytes went to an unproven address than came from it`),
  ]
}

const ofNeighbour = <H, K>(state: State<H, K>, { key, sessions, greetings, hellos, place, appointed, awaited, waiting }: Neighbour): ReadonlyArray<Violation> => {
  const span = hellos.filter((left) => state.at - left.at < limits.helloSpanMs)
  const there = span.filter((left) => place !== undefined && samePlace(left.place, place))
  return [
    ...broken('W1', sessions.every((index) => sessionAt(state, index)?.peer === key), `${key} lists a session that is not there`),
    ...broken('W1', greetings.every((index) => greetingAt(state, index)?.peer === key), `${key} lists a greeting that is not there`),
    ...broken('W2', Math.max(sessions.length, greetings.length) <= limits.sessionsPerNeighbour, `${key} has ${sessions.length} sessions, ${greetings.length} greetings`),
    ...broken('W5', span.length <= limits.hellosToAppointed && (appointed || there.length <= limits.hellosToHinted), `${span.length} hellos went to ${key} within one span, ${there.length} to where it is said to be`),
    ...broken('W6', waiting.length <= limits.framesWaiting, `${waiting.length} frames wait for ${key}`),
    ...broken('W6', (awaited !== undefined) === state.greeting.includes(key), `${key} awaits a welcome without a timer, or has one without`),
  ]
}

/** Every broken promise of a channel; empty unless we are wrong. */
export const violations = <H, K>(state: State<H, K>): ReadonlyArray<Violation> => {
  const guests = trie.leaves(state.guests)
  const listed = new Set(guests.map(({ index }) => index))
  const strangers = table.entries(state.neighbours).flatMap(([, { known, sessions }]) => (known ? [] : sessions))
  return [
    ...trie.leaves(state.slots).flatMap((slot) => ofSlot(state, slot)),
    ...table.entries(state.neighbours).flatMap(([, neighbour]) => ofNeighbour(state, neighbour)),
    ...broken('W3', guests.length === state.guestCount && guests.length <= limits.guestSessions, `${guests.length} guests, ${state.guestCount} counted`),
    ...broken('W3', strangers.every((index) => listed.has(index)), 'a session of a key that is no contact\'s is not among the guests'),
  ]
}
