// Whose a list is: a contact with a key that made it, and after it the oldest member with a key. Its owner invites to it, takes members off it
// and deletes it. A list that is nobody's and empty may be deleted by any contact with a key.
import * as roll from '../roll.js'
import * as table from '../table.js'
import { listNames } from './listing.js'
import { refuse } from './refusal.js'
import { agree, answer, type Step } from './transitions.js'
import { count, isKeyed, keyedOf, membersOf, withContact, withList, type Bound, type Contact, type Keyed, type List, type State } from './state.js'
import type { ContactId } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import type { Config } from './config.js'

export const isOwner = (list: List, { bound }: Keyed): boolean => list.owner === bound.identity.id

export const isInvited = (list: List, { bound }: Keyed): boolean => table.has(list.guests, bound.identity.id)

/** The state in which that contact, if it is there, is bound otherwise. */
const rebound = (state: State, id: ContactId | undefined, change: (bound: Bound) => Bound): State => {
  const contact = id === undefined ? undefined : keyedOf(state, id)
  return contact === undefined ? state : withContact(state, { ...contact, bound: change(contact.bound) })
}

/** The list is that contact's from now on; nobody's where `owner` is `undefined`. */
export const given = (state: State, list: List, owner: ContactId | undefined): State =>
  rebound(withList(state, { ...list, owner }), owner, (bound) => ({ ...bound, owns: table.set(bound.owns, list.name, true) }))

const inherited = (state: State, name: ListName): State => {
  const list = roll.get(state.lists, name)
  if (list === undefined) return state
  const heir = membersOf(list).map((card) => roll.get(state.contacts, card.name)).find(isKeyed)
  return given(state, list, heir?.bound.identity.id)
}

/** Its owner's word is taken back; nothing where there was none. */
export const disinvited = (state: State, name: ListName, contact: Contact): State => {
  if (!isKeyed(contact) || !table.has(contact.bound.invited, name)) return state
  const { identity, invited } = contact.bound
  return rebound(uninvited(state, name, identity.id), identity.id, (bound) => ({ ...bound, invited: table.remove(invited, name) }))
}

const uninvited = (state: State, name: ListName, id: ContactId): State => {
  const list = roll.get(state.lists, name)
  return list === undefined ? state : withList(state, { ...list, guests: table.remove(list.guests, id) })
}

/** What a contact that has gone from every list owned goes to others, and its invitations end. */
export const bequeathed = (state: State, { identity, owns, invited }: Bound): State => {
  const alone = table.entries(invited).reduce((rest, [name]) => uninvited(rest, name, identity.id), state)
  return table.entries(owns).reduce((rest, [name]) => inherited(rest, name), alone)
}

/** Whether that contact may delete the list. */
export const isDisposable = (list: List, by: Keyed): boolean => isOwner(list, by) || (list.owner === undefined && list.size === 0)

const struck = (state: State, name: ContactName, list: ListName): State => {
  const contact: Contact | undefined = roll.get(state.contacts, name)
  return contact === undefined ? state : withContact(state, { ...contact, lists: table.remove(contact.lists, list) })
}

/** There is no such list any more, and nobody is on it. Refuses with NoSuchList, Ongoing. */
export const remove = (config: Config, state: State, name: ListName): Step => {
  const list = roll.get(state.lists, name)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (count(list) > 0) return answer(state, refuse.Ongoing)
  const left = membersOf(list).reduce((rest, card) => struck(rest, card.name, name), state)
  const strangers = table.entries(list.guests).reduce(
    (rest, [id]) => rebound(rest, id, (bound) => ({ ...bound, invited: table.remove(bound.invited, name) })),
    left,
  )
  const nobodys = rebound(strangers, list.owner, (bound) => ({ ...bound, owns: table.remove(bound.owns, name) }))
  const lists = roll.remove(state.lists, name)
  return agree({ ...nobodys, position: state.position + 1, lists, listing: list.policy === 'open' ? listNames(config, lists) : state.listing })
}

/** The contact may join the list, though it is closed. Invited twice is invited. Refuses with NoSuchList, NoSuchContact, NotAllowed for a
 *  contact without a key, TooManyMembers. */
export const invite = (config: Config, state: State, listName: ListName, contactName: ContactName): Step => {
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  const contact = roll.get(state.contacts, contactName)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  if (!isKeyed(contact)) return answer(state, refuse.NotAllowed)
  if (isInvited(list, contact)) return agree(state)
  if (list.guests.size >= config.maxMembers) return answer(state, refuse.TooManyMembers)
  const { bound } = contact
  const invited: Contact = { ...contact, bound: { ...bound, invited: table.set(bound.invited, listName, true) } }
  const next: State = { ...state, position: state.position + 1 }
  return agree(withList(withContact(next, invited), { ...list, guests: table.set(list.guests, bound.identity.id, true) }))
}
