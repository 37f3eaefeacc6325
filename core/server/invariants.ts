// What is true of every directory after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
// (That the members of a list stand still while its count is above 0 is a promise about two states: `movedMembers`.)
import { isLeft } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { openNames } from './listing.js'
import { isInvited, isOwner } from './owners.js'
import { count, isKeyed, keyedOf, membersOf, type Contact, type Keyed, type List, type State } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { Violation } from '../transition.js'

const violation = (rule: string, what: string): Violation => ({ rule, what })

const isMember = (state: State, list: ListName, name: ContactName): boolean => {
  const contact = roll.get(state.contacts, name)
  return contact !== undefined && table.has(contact.lists, list)
}

/** S10 from the list's side: its owner and its guests are contacts with keys that know of it. */
const ownership = (state: State, list: List): ReadonlyArray<Violation> => {
  const owner = list.owner === undefined ? undefined : keyedOf(state, list.owner)
  const isOwned = list.owner === undefined || (owner !== undefined && table.has(owner.bound.owns, list.name))
  const lost = table.entries(list.guests).filter(([id]) => {
    const guest = keyedOf(state, id)
    return guest === undefined || !table.has(guest.bound.invited, list.name)
  })
  return [
    ...(isOwned ? [] : [violation('S10', `the owner of "${list.name}" is not registered, or does not know of it`)]),
    ...lost.map(([id]) => violation('S10', `${id}, invited to "${list.name}", is not registered, or does not know of it`)),
  ]
}

/** S12: what a member may not be on a list of that policy. */
const strangeness = (list: List, contact: Contact | undefined): ReadonlyArray<Violation> => {
  if (contact === undefined || list.policy === 'open') return []
  if (!isKeyed(contact)) return [violation('S12', `"${contact.card.name}", without a key, is in "${list.name}", which is ${list.policy}`)]
  const isWelcome = list.policy === 'sealed' || isOwner(list, contact) || isInvited(list, contact)
  return isWelcome ? [] : [violation('S12', `"${contact.card.name}" was not invited to "${list.name}"`)]
}

/** S8 to S11 from the contact's side. */
const ofKeyed = (state: State, { card, bound }: Keyed): ReadonlyArray<Violation> => {
  const { identity, skeletons, boot } = bound
  const isFound = table.get(state.keyed.keys, identity.seals) === card.name && table.get(state.keyed.ids, identity.id) === card.name
  const own = roll.values(state.lists).reduce((sum, { ims }) => sum + ims.filter(({ initiator }) => initiator === card.name).length, 0)
  const estranged = [
    ...table.entries(bound.owns).filter(([name]) => roll.get(state.lists, name)?.owner !== identity.id),
    ...table.entries(bound.invited).filter(([name]) => {
      const list = roll.get(state.lists, name)
      return list === undefined || !table.has(list.guests, identity.id)
    }),
  ]
  return [
    ...(isFound ? [] : [violation('S8', `"${card.name}" is not found by its key or by its id`)]),
    ...(skeletons.length > 0 && skeletons.every((one) => table.get(state.keyed.skeletons, one) === card.name) ? [] : [violation('S9', `"${card.name}" is not found by its skeletons`)]),
    ...estranged.map(([name]) => violation('S10', `"${name}" does not know that it is "${card.name}"'s, or that it was invited`)),
    ...(boot >= 1 && boot <= state.position ? [] : [violation('S11', `"${card.name}" was registered at ${boot}, after ${state.position}`)]),
    ...(own === bound.ongoing ? [] : [violation('S13', `"${card.name}" has ${own} ongoing messages, ${bound.ongoing} are counted`)]),
  ]
}

/** S8, S9 and S11 over all contacts with keys: as many as there are in each index, each with a boot of its own. */
const ofKeys = (state: State): ReadonlyArray<Violation> => {
  const keyed = roll.values(state.contacts).filter(isKeyed)
  const skeletons = keyed.reduce((sum, { bound }) => sum + bound.skeletons.length, 0)
  const boots = new Set(keyed.map(({ bound }) => bound.boot))
  return [
    ...([state.keyed.keys.size, state.keyed.ids.size].every((size) => size === keyed.length) ? [] : [violation('S8', `${keyed.length} contacts have keys, other numbers are indexed`)]),
    ...(state.keyed.skeletons.size === skeletons ? [] : [violation('S9', `contacts with keys have ${skeletons} skeletons, ${state.keyed.skeletons.size} are indexed`)]),
    ...(boots.size === keyed.length ? [] : [violation('S11', 'two contacts were registered by one command')]),
    ...keyed.flatMap((contact) => ofKeyed(state, contact)),
  ]
}

const ofList = (state: State, list: List): ReadonlyArray<Violation> => [
  ...membersOf(list).flatMap((card) => {
    const contact = roll.get(state.contacts, card.name)
    if (contact === undefined) return [violation('S3', `list "${list.name}" names "${card.name}", who is not registered`)]
    const place = table.get(contact.lists, list.name)
    if (place === undefined || trie.get(list.members, place)?.card !== card) {
      return [violation('S4', `"${card.name}" is in "${list.name}", but not at the place that its index says`)]
    }
    return contact.card === card ? [] : [violation('S3', `list "${list.name}" has an old address of "${card.name}"`)]
  }),
  ...list.ims.flatMap((im, i) => [
    ...(isMember(state, list.name, im.initiator) ? [] : [violation('S2', `im ${im.id} in "${list.name}" is by "${im.initiator}", no member`)]),
    ...(im.id > (list.ims[i - 1]?.id ?? 0) && im.id < state.nextIm ? [] : [violation('S5', `im ${im.id} in "${list.name}" is out of order`)]),
    ...(im.since <= state.at ? [] : [violation('S7', `im ${im.id} began in the future`)]),
  ]),
  ...(membersOf(list).length === list.size ? [] : [violation('S4', `"${list.name}" has other members than the ${list.size} it counts`)]),
  ...ownership(state, list),
  ...membersOf(list).flatMap(({ name }) => strangeness(list, roll.get(state.contacts, name))),
]

const ofContact = (state: State, { card, lists }: Contact): ReadonlyArray<Violation> =>
  table.entries(lists).flatMap(([name, place]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && trie.get(list.members, place)?.card.name === card.name ? [] : [violation('S4', `"${card.name}" is not in "${name}", against its index`)]
  })

/** Too long to be said, or exactly the names of the open lists. */
const isListed = ({ listing, lists }: State): boolean =>
  isLeft(listing) || (listing.right._tag === 'Lists' && JSON.stringify(listing.right.names) === JSON.stringify(openNames(lists)))

/** Every broken promise of a directory; empty unless we are wrong. */
export const violations = (state: State): ReadonlyArray<Violation> => {
  const lists = roll.values(state.lists)
  const ongoing = lists.reduce((sum, list) => sum + count(list), 0)
  return [
    ...(ongoing === state.ongoing ? [] : [violation('S1', `${ongoing} ims are ongoing, ${state.ongoing} are counted`)]),
    ...(isListed(state) ? [] : [violation('S6', 'the answer to query-lists names other lists than there are')]),
    ...roll.disagreements(state.contacts).map((what) => violation('S6', `contacts: ${what}`)),
    ...roll.disagreements(state.lists).map((what) => violation('S6', `lists: ${what}`)),
    ...lists.flatMap((list) => ofList(state, list)),
    ...roll.values(state.contacts).flatMap((contact) => ofContact(state, contact)),
    ...ofKeys(state),
  ]
}

const names = (list: List): string => JSON.stringify(membersOf(list).map(({ name }) => name))

/** S2 as a promise about a step: a list whose count was above 0 has the members that it had, in their order. */
export const movedMembers = (before: State, afterwards: State): ReadonlyArray<Violation> =>
  roll.values(before.lists).flatMap((list) => {
    if (count(list) === 0) return []
    const now = roll.get(afterwards.lists, list.name)
    return now !== undefined && names(now) === names(list) ? [] : [violation('S2', `"${list.name}" moved while ${count(list)} were ongoing`)]
  })
