// im-start and im-complete: which messages are going round. The ongoing messages of a list are a set; the count is its size, and while
// it is above 0 nobody joins or leaves the list and none of its members exits.
import { isLeft, right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { inRingOrder } from '../ring.js'
import { ringReplyBytes } from '../wire/classic/reply.js'
import { refuse } from './refusal.js'
import { bounded } from './listing.js'
import { agree, answer, type Step } from './transitions.js'
import { advanced, contactOn, count, listOn, membersOf, ringing, type Bound, type Contact, type State, type Wire } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { RingMember } from '../wire/classic/reply.js'
import type { Config } from './config.js'
import type { Outcome } from './reply.js'

const ringFor = (config: Config, wire: Wire, members: ReadonlyArray<RingMember>): Outcome => {
  if (wire === 'sealed') return bounded({ _tag: 'Ring', members })
  return ringReplyBytes(members) > config.maxReplyBytes ? refuse.ReplyTooLarge : right({ _tag: 'Ring', members })
}

const counted = ({ card, lists }: Contact, { identity, skeletons, boot, nonce, last, owns, invited, ongoing, orders, questions }: Bound, more: number): Contact => ({
  card, lists, bound: { identity, skeletons, boot, nonce, last, owns, invited, ongoing: ongoing + more, orders, questions },
})

/** The contacts, when that one has so many ongoing messages more; of a contact without a key they are not counted. */
const counting = (contacts: State['contacts'], contact: Contact, more: number): State['contacts'] =>
  contact.bound === undefined
    ? contacts
    : roll.set(contacts, contact.card.name, counted(contact, contact.bound, more))

/** One message more is ongoing; the answer is the ring. Refuses with NoSuchContact, NoSuchList, NotMember, Closing, TooManyMessages (of the
 *  list, and of a contact with a key), ReplyTooLarge. */
export const imStart = (config: Config, wire: Wire, state: State, listName: ListName, initiator: ContactName): Step => {
  const contact = contactOn(wire, state, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn(wire, state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  if (state.closing !== undefined) return answer(state, refuse.Closing)
  if (count(list) >= config.maxMessages) return answer(state, refuse.TooManyMessages)
  if (contact.bound !== undefined && contact.bound.ongoing >= config.maxOwnMessages) return answer(state, refuse.TooManyMessages)
  const ring = ringFor(config, wire, inRingOrder(membersOf(list), ({ name }) => name === initiator))
  if (isLeft(ring)) return answer(state, ring)
  const lists = roll.set(state.lists, listName, ringing(list, [...list.ims, { id: state.nextIm, initiator, since: state.at }]))
  const contacts = counting(state.contacts, contact, 1)
  return answer(advanced(state, contacts, lists, 1), ring)
}

/** The oldest ongoing message of this contact in the list has come to its end. Refuses with NoSuchContact, NoSuchList, NotMember,
 *  NoneOngoing. */
export const imComplete = (wire: Wire, state: State, listName: ListName, initiator: ContactName): Step => {
  const contact = contactOn(wire, state, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn(wire, state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  const oldest = list.ims.findIndex((im) => im.initiator === initiator)
  if (oldest < 0) return answer(state, refuse.NoneOngoing)
  const ims = list.ims.toSpliced(oldest, 1)
  const contacts = counting(state.contacts, contact, -1)
  return agree(advanced(state, contacts, roll.set(state.lists, listName, ringing(list, ims)), -1))
}
