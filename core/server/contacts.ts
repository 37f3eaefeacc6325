// register and exit: who there is.
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { prepared } from '../wire/classic/reply.js'
import { stirred, without as withoutTickets } from './fences.js'
import { indebted } from './leases.js'
import { bequeathed } from './owners.js'
import { refuse } from './refusal.js'
import { agree, answer, part, type Step } from './transitions.js'
import { advanced, contactOn, count, seated, type Bound, type Card, type Contact, type Index, type List, type State, type Wire } from './state.js'
import type { Address } from '../address.js'
import type { ContactName, ListName } from '../names.js'
import type { Config } from './config.js'

export const card = (name: ContactName, { ip, port }: Address): Card => prepared({ name, ip, port })

/** Whether the contact is part of an ongoing message anywhere. Asks its own lists only. */
export const isHeld = (state: State, contact: Contact): boolean =>
  state.ongoing > 0 &&
  contact.lists.size > 0 &&
  table.entries(contact.lists).some(([name]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && count(list) > 0
  })

/** The contact is known from now on, to the classic wire too. Refuses with ContactExists, TooManyContacts. */
export const register = (config: Config, state: State, name: ContactName, address: Address): Step => {
  if (roll.has(state.contacts, name)) return answer(state, refuse.ContactExists)
  if (roll.size(state.contacts) >= config.maxContacts) return answer(state, refuse.TooManyContacts)
  const contact: Contact = { card: card(name, address), lists: table.empty(), bound: undefined }
  return agree(advanced(state, roll.set(state.contacts, name, contact), state.lists, 0))
}

const without = (lists: State['lists'], name: ListName, place: number, epoch: number): State['lists'] => {
  const list: List | undefined = roll.get(lists, name)
  return list === undefined ? lists : roll.set(lists, name, seated(list, trie.remove(list.members, place), list.size - 1, epoch))
}

const unbound = (state: State, name: ContactName, bound: Bound): Step => {
  const { identity, skeletons, past } = bound
  const keyed: Index = {
    keys: table.remove(state.keyed.keys, identity.seals),
    ids: table.remove(state.keyed.ids, identity.id),
    skeletons: skeletons.reduce((rest, one) => table.remove(rest, one), state.keyed.skeletons),
    debts: indebted(state.keyed.debts, bound, state.at),
  }
  const over = past.over.reduce((rest, { im }) => table.remove(rest, im), state.granted.over)
  return { ...agree(stirred(withoutTickets(bequeathed({ ...state, keyed, granted: { ...state.granted, over } }, bound), ({ by }) => by === name))), effects: [part(identity.seals, undefined)] }
}

/** The contact leaves every list and is forgotten, with its key and what it owned, but for what it owes (R25). Refuses with NoSuchContact, Ongoing. Parts a key. */
export const exit = (wire: Wire, state: State, name: ContactName): Step => {
  const contact = contactOn(wire, state, name)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  if (isHeld(state, contact)) return answer(state, refuse.Ongoing)
  const lists = table.entries(contact.lists).reduce((rest, [list, place]) => without(rest, list, place, state.position + 1), state.lists)
  const rest = advanced(state, roll.remove(state.contacts, name), lists, 0)
  return contact.bound === undefined ? agree(rest) : unbound(rest, name, contact.bound)
}
