// create, query-lists, join and leave: which lists there are, and who is on them.
//
// The user's rule for join is stricter than the original's: it is refused while the *contact* is part of an ongoing message anywhere,
// not only in this list. leave asks its own list only.
import { isLeft, right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { listsReplyBytes } from '../wire/classic/reply.js'
import { isHeld } from './contacts.js'
import { refuse } from './refusal.js'
import type { Response } from './reply.js'
import { agree, answer, type Step } from './transitions.js'
import { count, membersOf, type List, type State } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { Config } from './config.js'

/** The answer to query-lists with one name more; once it is too long it stays so. */
const withName = (config: Config, listing: Response, name: ListName): Response => {
  if (isLeft(listing) || listing.right._tag !== 'Lists') return listing
  const names = [...listing.right.names, name]
  return listsReplyBytes(names) > config.maxReplyBytes ? refuse.ReplyTooLarge : right({ _tag: 'Lists', names })
}

/** A list of that name, empty. Refuses with ListExists, TooManyLists. */
export const create = (config: Config, state: State, name: ListName): Step => {
  if (roll.has(state.lists, name)) return answer(state, refuse.ListExists)
  if (roll.size(state.lists) >= config.maxLists) return answer(state, refuse.TooManyLists)
  const lists = roll.set(state.lists, name, { name, members: trie.empty, ims: [] })
  return agree({ ...state, lists, listing: withName(config, state.listing, name) })
}

/** The names of all lists in order of creation. Refuses with ReplyTooLarge. */
export const queryLists = (state: State): Step => answer(state, state.listing)

/** The same members in the same order, at the first places: once in a billion joins the numbers are used up. */
const renumbered = (state: State, list: List): State => {
  const fresh: State = { ...state, lists: roll.set(state.lists, list.name, { ...list, members: trie.empty }) }
  return membersOf(list).reduce((all, { name }, place) => {
    const contact = roll.get(all.contacts, name)
    const empty = roll.get(all.lists, list.name)
    if (contact === undefined || empty === undefined) return all
    return {
      ...all,
      contacts: roll.set(all.contacts, name, { ...contact, lists: table.set(contact.lists, list.name, place) }),
      lists: roll.set(all.lists, list.name, { ...empty, members: trie.set(empty.members, { key: place, card: contact.card }) }),
    }
  }, fresh)
}

/** The contact becomes the list's last member. Refuses with NoSuchContact, NoSuchList, AlreadyMember, Ongoing. */
export const join = (state: State, listName: ListName, contactName: ContactName): Step => {
  const contact = roll.get(state.contacts, contactName)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  if (table.has(contact.lists, listName)) return answer(state, refuse.AlreadyMember)
  if (count(list) > 0 || isHeld(state, contact)) return answer(state, refuse.Ongoing)
  const place = roll.nextPlace(list.members)
  if (place > trie.highestKey) return join(renumbered(state, list), listName, contactName)
  const members = trie.set(list.members, { key: place, card: contact.card })
  return agree({
    ...state,
    contacts: roll.set(state.contacts, contactName, { ...contact, lists: table.set(contact.lists, listName, place) }),
    lists: roll.set(state.lists, listName, { ...list, members }),
  })
}

/** The contact is no longer a member. Refuses with NoSuchContact, NoSuchList, NotMember, Ongoing. */
export const leave = (state: State, listName: ListName, contactName: ContactName): Step => {
  const contact = roll.get(state.contacts, contactName)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = roll.get(state.lists, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  const place = table.get(contact.lists, listName)
  if (place === undefined) return answer(state, refuse.NotMember)
  if (count(list) > 0) return answer(state, refuse.Ongoing)
  return agree({
    ...state,
    contacts: roll.set(state.contacts, contactName, { ...contact, lists: table.remove(contact.lists, listName) }),
    lists: roll.set(state.lists, listName, { ...list, members: trie.remove(list.members, place) }),
  })
}
