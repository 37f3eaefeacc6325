// im-start and im-complete of the classic wire, and what the operator ends. The ongoing messages of a list, of both wires, are a set; the count is
// its size, and while it is above 0 nobody joins or leaves the list and none of its members exits.
import { isLeft, right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { after } from '../time.js'
import { inRingOrder } from '../ring.js'
import { ringReplyBytes } from '../wire/classic/reply.js'
import { exit } from './contacts.js'
import { fenceOn, isHeldUp } from './fences.js'
import { armed, over } from './leases.js'
import { later, refuse } from './refusal.js'
import { agree, answer, type Step } from './transitions.js'
import type { Im } from './im.js'
import { advanced, contactOn, count, listOn, membersOf, ringing, type List, type State, type Wire } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { RingMember } from '../wire/classic/reply.js'
import type { Config } from './config.js'
import type { Outcome } from './reply.js'

const ringFor = (config: Config, members: ReadonlyArray<RingMember>): Outcome =>
  ringReplyBytes(members) > config.maxReplyBytes ? refuse.ReplyTooLarge : right({ _tag: 'Ring', members })

/** One message more is ongoing; the answer is the ring. Of a contact without a key. Refuses with NoSuchContact, NoSuchList, NotMember, Closing,
 *  Fenced, TooManyMessages, ReplyTooLarge. */
export const imStart = (config: Config, state: State, listName: ListName, initiator: ContactName): Step => {
  const contact = contactOn('classic', state, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn('classic', state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  if (state.closing !== undefined) return answer(state, refuse.Closing)
  const fence = fenceOn(state, list)
  if (fence !== undefined) return answer(state, later('Fenced', fence.opens))
  if (isHeldUp(state, list)) return answer(state, later('Fenced', undefined))
  if (count(list) >= config.maxMessages) return answer(state, refuse.TooManyMessages)
  const ring = ringFor(config, inRingOrder(membersOf(list), ({ name }) => name === initiator))
  if (isLeft(ring)) return answer(state, ring)
  const { classicLeaseMs: lease } = config
  const im: Im = { id: state.position + 1, initiator, since: state.at, granted: undefined, leased: lease === 0 ? undefined : { lease, ends: after(state.at, lease) } }
  return answer(advanced(state, state.contacts, roll.set(state.lists, listName, ringing(list, [...list.ims, im])), 1, armed(state.granted, listName, im)), ring)
}

/** The oldest ongoing message of this contact in the list has come to its end. Refuses with NoSuchContact, NoSuchList, NotMember,
 *  NoneOngoing. */
const ending = (wire: Wire, state: State, listName: ListName, initiator: ContactName, end: (list: List, im: Im) => State): Step => {
  const contact = contactOn(wire, state, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn(wire, state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  const oldest = list.ims.find((im) => im.initiator === initiator)
  return oldest === undefined ? answer(state, refuse.NoneOngoing) : agree(end(list, oldest))
}

/** Of a contact without a key, whose messages nobody else ends. */
export const imComplete = (state: State, listName: ListName, initiator: ContactName): Step =>
  ending('classic', state, listName, initiator, (list, oldest) => ({ ...over(state, list, oldest, 'proof'), position: state.position + 1 }))

/** By the operator, whoever's it is. */
export const release = (state: State, listName: ListName, initiator: ContactName): Step =>
  ending('sealed', state, listName, initiator, (list, oldest) => ({ ...over(state, list, oldest, 'forced'), position: state.position + 1 }))

/** Every ongoing message of the list is over, in the same position. */
const unlocked = (state: State, listName: ListName): State =>
  (roll.get(state.lists, listName)?.ims ?? []).reduce((so, im) => {
    const list = roll.get(so.lists, listName)
    return list === undefined ? so : over(so, list, im, 'forced')
  }, state)

/** By the operator, whoever's they are. Refuses with NoSuchList, NoneOngoing. */
export const unlock = (state: State, listName: ListName): Step => {
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  return count(list) === 0 ? answer(state, refuse.NoneOngoing) : agree({ ...unlocked(state, listName), position: state.position + 1 })
}

/** By the operator: no message keeps the contact, which exits. Refuses with NoSuchContact. Parts a key. */
export const forget = (state: State, name: ContactName): Step => {
  const contact = roll.get(state.contacts, name)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  return exit('sealed', table.entries(contact.lists).reduce((so, [list]) => unlocked(so, list), state), name)
}
