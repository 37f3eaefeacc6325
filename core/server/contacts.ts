// register and exit: who there is.
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { prepared, ringMember } from '../wire/classic/reply.js'
import { refuse } from './refusal.js'
import { agree, answer, type Step } from './transitions.js'
import { count, type Contact, type List, type State } from './state.js'
import type { Address } from '../address.js'
import type { ContactName, ListName } from '../names.js'
import type { Config } from './config.js'

/** Whether the contact is part of an ongoing message anywhere. Asks its own lists only. */
export const isHeld = (state: State, contact: Contact): boolean =>
  state.ongoing > 0 &&
  contact.lists.size > 0 &&
  table.entries(contact.lists).some(([name]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && count(list) > 0
  })

/** The contact is known from now on. Refuses with ContactExists, TooManyContacts. */
export const register = (config: Config, state: State, name: ContactName, address: Address): Step => {
  if (roll.has(state.contacts, name)) return answer(state, refuse.ContactExists)
  if (roll.size(state.contacts) >= config.maxContacts) return answer(state, refuse.TooManyContacts)
  const contact: Contact = { card: { ...prepared(ringMember(name, address)), name }, lists: table.empty() }
  return agree({ ...state, contacts: roll.set(state.contacts, name, contact) })
}

const without = (lists: State['lists'], name: ListName, place: number): State['lists'] => {
  const list: List | undefined = roll.get(lists, name)
  return list === undefined ? lists : roll.set(lists, name, { ...list, members: trie.remove(list.members, place) })
}

/** The contact leaves every list and is forgotten. Refuses with NoSuchContact, Ongoing. */
export const exit = (state: State, name: ContactName): Step => {
  const contact = roll.get(state.contacts, name)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  if (isHeld(state, contact)) return answer(state, refuse.Ongoing)
  const lists = table.entries(contact.lists).reduce((rest, [list, place]) => without(rest, list, place), state.lists)
  return agree({ ...state, contacts: roll.remove(state.contacts, name), lists })
}
