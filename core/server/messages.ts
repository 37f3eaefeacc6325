// im-start and im-complete: which messages are going round. The ongoing messages of a list are a set; the count is its size, and while
// it is above 0 nobody joins or leaves the list and none of its members exits.
import { right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { inRingOrder } from '../ring.js'
import { ringReplyBytes } from '../wire/classic/reply.js'
import { refuse } from './refusal.js'
import { agree, answer, type Step } from './transitions.js'
import { count, membersOf, type State } from './state.js'
import type { Instant } from '../time.js'
import type { ContactName, ListName } from '../names.js'
import type { Config } from './config.js'

/** One message more is ongoing; the answer is the ring. Refuses with NoSuchContact, NoSuchList, NotMember, Closing, TooManyMessages,
 *  ReplyTooLarge. */
export const imStart = (config: Config, state: State, at: Instant, listName: ListName, initiator: ContactName): Step => {
  const contact = roll.get(state.contacts, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  if (state.closing !== undefined) return answer(state, refuse.Closing)
  if (count(list) >= config.maxMessages) return answer(state, refuse.TooManyMessages)
  const members = inRingOrder(membersOf(list), ({ name }) => name === initiator)
  if (ringReplyBytes(members) > config.maxReplyBytes) return answer(state, refuse.ReplyTooLarge)
  const ims = [...list.ims, { id: state.nextIm, initiator, since: at }]
  return answer(
    { ...state, lists: roll.set(state.lists, listName, { ...list, ims }), ongoing: state.ongoing + 1, nextIm: state.nextIm + 1 },
    right({ _tag: 'Ring', members }),
  )
}

/** The oldest ongoing message of this contact in the list has come to its end. Refuses with NoSuchContact, NoSuchList, NotMember,
 *  NoneOngoing. */
export const imComplete = (state: State, listName: ListName, initiator: ContactName): Step => {
  const contact = roll.get(state.contacts, initiator)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (!table.has(contact.lists, listName)) return answer(state, refuse.NotMember)
  const oldest = list.ims.findIndex((im) => im.initiator === initiator)
  if (oldest < 0) return answer(state, refuse.NoneOngoing)
  const ims = list.ims.toSpliced(oldest, 1)
  return agree({ ...state, lists: roll.set(state.lists, listName, { ...list, ims }), ongoing: state.ongoing - 1 })
}
