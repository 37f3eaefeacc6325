// create, members, join and leave: which lists there are, and who is on them. Who may say so stands in `authority`.
//
// The user's rule for join is stricter than the original's: it is refused while the *contact* is part of an ongoing message anywhere,
// not only in this list. leave asks its own list only.
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { epoch } from '../time.js'
import { isHeld } from './contacts.js'
import { bounded, withName } from './listing.js'
import { given, isInvited, isOwner } from './owners.js'
import { refuse, type Refusal } from './refusal.js'
import { agree, answer, type Step } from './transitions.js'
import { advanced, contactOn, count, isKeyed, listed, listOn, membersOf, seated, type Card, type Contact, type Keyed, type List, type State, type Wire } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { MemberRow, Policy } from '../wire/sealed/index.js'
import type { Config } from './config.js'
import type { Outcome, Reply } from './reply.js'

/** A list of that name, empty. Refuses with ListExists, TooManyLists. */
export const create = (config: Config, state: State, name: ListName, policy: Policy, owner: Keyed | undefined): Step => {
  if (roll.has(state.lists, name)) return answer(state, refuse.ListExists)
  if (roll.size(state.lists) >= config.maxLists) return answer(state, refuse.TooManyLists)
  const list: List = { name, policy, owner: undefined, guests: table.empty(), members: trie.empty, size: 0, epoch: state.position + 1, ring: undefined, no: 0, ims: [], fence: undefined, open: epoch }
  const listing = policy === 'open' ? withName(config, state.listing, name) : state.listing
  return agree({ ...given(state, list, owner?.bound.identity.id), position: state.position + 1, listing })
}

const row = (state: State, { name, ip, port }: Card): MemberRow => {
  const bound = roll.get(state.contacts, name)?.bound
  return { name, ip, port, presence: bound?.presence ?? 'classic', keys: bound?.identity }
}

/** As `members`, however long it is. Refuses with NoSuchList, NotMember. */
export const rowsFor = (state: State, by: Keyed | undefined, listName: ListName): Either<Refusal, Extract<Reply, { readonly _tag: 'Members' }>> => {
  const list = roll.get(state.lists, listName)
  if (list === undefined) return refuse.NoSuchList
  if (by !== undefined && !table.has(by.lists, listName)) return refuse.NotMember
  const owner = list.owner === undefined ? undefined : table.get(state.keyed.ids, list.owner)
  return right({ _tag: 'Members', owner, policy: list.policy, members: membersOf(list).map((one) => row(state, one)) })
}

/** Who is on the list, for one who is on it or owns it, or for the operator (`by` is `undefined`). Refuses with NoSuchList, NotMember, ReplyTooLarge. */
export const members = (state: State, by: Keyed | undefined, listName: ListName): Outcome => {
  const list = roll.get(state.lists, listName)
  const isOwners = by !== undefined && list !== undefined && isOwner(list, by)
  const all = rowsFor(state, isOwners ? undefined : by, listName)
  return isLeft(all) ? all : bounded(all.right)
}

/** The same members in the same order, at the first places: once in a billion joins the numbers are used up. */
const renumbered = (state: State, list: List): State => {
  const fresh: State = { ...state, lists: roll.set(state.lists, list.name, { ...list, members: trie.empty }) }
  return membersOf(list).reduce((all, { name }, place) => {
    const contact = roll.get(all.contacts, name)
    const empty = roll.get(all.lists, list.name)
    if (contact === undefined || empty === undefined) return all
    return {
      ...all,
      contacts: roll.set(all.contacts, name, listed(contact, table.set(contact.lists, list.name, place))),
      lists: roll.set(all.lists, list.name, { ...empty, members: trie.set(empty.members, { key: place, card: contact.card }) }),
    }
  }, fresh)
}

/** What keeps a contact off a list, whoever puts it there. */
export const barred = (list: List, contact: Contact): Outcome | undefined => {
  if (list.policy === 'open') return undefined
  if (!isKeyed(contact)) return refuse.NotAllowed
  return list.policy === 'sealed' || isOwner(list, contact) || isInvited(list, contact) ? undefined : refuse.NotInvited
}

/** The contact becomes the list's last member. Refuses with NoSuchContact, NoSuchList, NotAllowed for a contact without a key on a list that is
 *  not open, NotInvited, AlreadyMember, Ongoing, TooManyMembers. */
export const join = (config: Config, wire: Wire, state: State, listName: ListName, contactName: ContactName): Step => {
  const contact = contactOn(wire, state, contactName)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn(wire, state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  const bar = barred(list, contact)
  if (bar !== undefined) return answer(state, bar)
  if (table.has(contact.lists, listName)) return answer(state, refuse.AlreadyMember)
  if (count(list) > 0 || isHeld(state, contact)) return answer(state, refuse.Ongoing)
  if (list.size >= config.maxMembers) return answer(state, refuse.TooManyMembers)
  const place = roll.nextPlace(list.members)
  if (place > trie.highestKey) return join(config, wire, renumbered(state, list), listName, contactName)
  const members = trie.set(list.members, { key: place, card: contact.card })
  const contacts = roll.set(state.contacts, contactName, listed(contact, table.set(contact.lists, listName, place)))
  return agree(advanced(state, contacts, roll.set(state.lists, listName, seated(list, members, list.size + 1, state.position + 1)), 0))
}

/** The contact is no longer a member. Refuses with NoSuchContact, NoSuchList, NotMember, Ongoing. */
export const leave = (wire: Wire, state: State, listName: ListName, contactName: ContactName): Step => {
  const contact = contactOn(wire, state, contactName)
  if (contact === undefined) return answer(state, refuse.NoSuchContact)
  const list = listOn(wire, state, listName)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  const place = table.get(contact.lists, listName)
  if (place === undefined) return answer(state, refuse.NotMember)
  if (count(list) > 0) return answer(state, refuse.Ongoing)
  const contacts = roll.set(state.contacts, contactName, listed(contact, table.remove(contact.lists, listName)))
  return agree(advanced(state, contacts, roll.set(state.lists, listName, seated(list, trie.remove(list.members, place), list.size - 1, state.position + 1)), 0))
}
