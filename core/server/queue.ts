// Changes of members that wait: asked for with Enqueue, done at once if no message is in the way, and else in the step in which the last such message
// ends, in order of tickets (`ring.md`, R24). No reply is withheld: the answer is a ticket, and what came of it is asked for.
//
//   Enqueue ──nothing in the way──> done
//      └──> Queued ──no message of its lists goes on──> Served, with the code of what came of it
//             └──Withdraw, or its contact is no more──> gone
import { isLeft, right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { after, earliest } from '../time.js'
import { isHeld } from './contacts.js'
import { opensOf, without } from './fences.js'
import { namesOf, needsAny, needsOf } from './needs.js'
import { refuse } from './refusal.js'
import { agree, answer, type Effect, type Step } from './transitions.js'
import { count, isKeyed, withContact, type Keyed, type State } from './state.js'
import type { Ticket } from './tickets.js'
import type { Change } from '../wire/sealed/index.js'
import type { ListName } from '../names.js'
import type { Outcome, Queued } from './reply.js'

/** One more than there are older tickets that need one of its lists. */
const placeOf = (state: State, ticket: Ticket): number => {
  const needs = new Set(namesOf(state, ticket.change))
  return 1 + state.queue.tickets.filter(({ number, change }) => number < ticket.number && needsAny(state, change, needs)).length
}

const queuedAs = (state: State, ticket: Ticket): Queued => ({ _tag: 'Queued', ticket: ticket.number, place: placeOf(state, ticket), opens: opensOf(state, ticket) })

const listIn = (change: Change): ListName | undefined => ('list' in change ? change.list : undefined)

const isSame = (one: Change, other: Change): boolean => one._tag === other._tag && one.contact === other.contact && listIn(one) === listIn(other)

/** A change that messages are in the way of waits. Whoever asks again for what waits already, since an answer was lost, is told of that: withdrawn once, it
 *  waits no more. Refuses with QueueFull. */
export const enqueue = (state: State, { card: { name } }: Keyed, change: Change): Step => {
  const { tickets, due, looked } = state.queue
  const same = tickets.find((ticket) => ticket.by === name && isSame(ticket.change, change))
  if (same !== undefined) return answer(state, right(queuedAs(state, same)))
  const isFull = tickets.length >= limits.tickets || tickets.filter(({ by }) => by === name).length >= limits.ticketsPerContact
  if (isFull) return answer(state, refuse.QueueFull)
  const ticket: Ticket = { number: state.position + 1, by: name, change, since: state.at, fenced: [], held: undefined }
  const fences = after(state.at, limits.fenceAfterMs)
  const next: State = { ...state, position: ticket.number, queue: { tickets: [...tickets, ticket], due: due === undefined ? fences : earliest(due, fences), looked } }
  return answer(next, right(queuedAs(next, ticket)))
}

const ownTicket = ({ queue }: State, { card }: Keyed, wanted: number): Ticket | undefined => queue.tickets.find(({ number, by }) => number === wanted && by === card.name)

/** What has become of an own ticket. Refuses with NoSuchTicket. */
export const ticket = (state: State, by: Keyed, wanted: number): Outcome => {
  const waiting = ownTicket(state, by, wanted)
  if (waiting !== undefined) return right(queuedAs(state, waiting))
  const served = by.bound.past.served.find((one) => one.ticket === wanted)
  return served === undefined ? refuse.NoSuchTicket : right({ _tag: 'Served', code: served.code })
}

/** An own ticket, or of the operator (`by` is `undefined`) anybody's, waits no more: what is asked about it then is refused, whoever withdrew it. Answers a
 *  contact with what came of an own one that was served; refuses with NoSuchTicket. */
export const withdraw = (state: State, by: Keyed | undefined, wanted: number): Step => {
  const isWaiting = state.queue.tickets.some(({ number, by: whose }) => number === wanted && (by === undefined || by.card.name === whose))
  if (isWaiting) return agree(without({ ...state, position: state.position + 1 }, ({ number }) => number === wanted))
  return answer(state, by === undefined ? refuse.NoSuchTicket : ticket(state, by, wanted))
}

/** A list whose messages are in the way; `undefined`: there is none. */
const holderOf = (state: State, change: Change): Ticket['held'] => {
  const contact = roll.get(state.contacts, change.contact)
  const target = change._tag === 'Exit' ? undefined : roll.get(state.lists, change.list)
  if (target !== undefined && count(target) > 0) return target.name
  if (change._tag === 'Leave' || contact === undefined || !isHeld(state, contact)) return undefined
  return needsOf(state, change).find((list) => count(list) > 0)?.name
}

const isStillHeld = (state: State, { held }: Ticket): boolean => {
  const list = held === undefined ? undefined : roll.get(state.lists, held)
  return list !== undefined && count(list) > 0
}

/** Does a change that waited, by whoever may do it now; says what it answers. */
export type Perform = (state: State, by: Keyed, change: Change) => { readonly step: Step; readonly outcome: Outcome }

interface Serving {
  readonly state: State
  readonly effects: ReadonlyArray<Effect>
}

const kept = (state: State, { by, number }: Ticket, outcome: Outcome): State => {
  const contact = roll.get(state.contacts, by)
  if (!isKeyed(contact)) return state
  const { bound } = contact
  const served = [...bound.past.served.slice(1 - limits.ticketsRemembered), { ticket: number, code: isLeft(outcome) ? outcome.left._tag : 'Done' as const }]
  return withContact(state, { ...contact, bound: { ...bound, past: { ...bound.past, served } } })
}

const servedOne = ({ state, effects }: Serving, position: number, perform: Perform, waiting: Ticket): Serving => {
  const by = roll.get(state.contacts, waiting.by)
  const rest = without(state, ({ number }) => number === waiting.number)
  if (!isKeyed(by)) return { state: rest, effects }
  const { step, outcome } = perform({ ...rest, position }, by, waiting.change)
  return { state: { ...kept(step.state, waiting, outcome), position: position + 1 }, effects: [...effects, ...step.effects] }
}

/** Messages have ended with the step from that position: every change that none is in the way of any more is done, the oldest first, all in this one
 *  position. What is not done is remembered as refused. */
export const serve = (state: State, position: number, perform: Perform): Serving => {
  const { tickets } = state.queue
  if (tickets.every((one) => isStillHeld(state, one))) return { state, effects: [] }
  return tickets.reduce<Serving>((so, { number }) => {
    const waiting = so.state.queue.tickets.find((one) => one.number === number)
    if (waiting === undefined || isStillHeld(so.state, waiting)) return so
    const held = holderOf(so.state, waiting.change)
    if (held === undefined) return servedOne(so, position, perform, waiting)
    const { queue } = so.state
    return { ...so, state: { ...so.state, queue: { ...queue, tickets: queue.tickets.map((one) => (one === waiting ? { ...waiting, held } : one)) } } }
  }, { state, effects: [] })
}
