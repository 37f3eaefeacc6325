// What is true of every directory after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
// (That the members of a list stand still while its count is above 0 is a promise about two states: `movedMembers`.)
import { isLeft } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { count, membersOf, type Contact, type List, type State } from './state.js'
import type { ContactName, ListName } from '../names.js'
import type { Violation } from '../transition.js'

const violation = (rule: string, what: string): Violation => ({ rule, what })

const isMember = (state: State, list: ListName, name: ContactName): boolean => {
  const contact = roll.get(state.contacts, name)
  return contact !== undefined && table.has(contact.lists, list)
}

const ofList = (state: State, list: List): ReadonlyArray<Violation> => [
  ...membersOf(list).flatMap((card) => {
    const contact = roll.get(state.contacts, card.name)
    if (contact === undefined) return [violation('S3', `list "${list.name}" names "${card.name}", who is not registered`)]
    const place = table.get(contact.lists, list.name)
    if (place === undefined || trie.get(list.members, place)?.card !== card ) {
      return [violation('S4', `"${card.name}" is in "${list.name}", but not at the place that its index says`)]
    }
    return contact.card === card ? [] : [violation('S3', `list "${list.name}" has an old address of "${card.name}"`)]
  }),
  ...list.ims.flatMap((im, i) => [
    ...(isMember(state, list.name, im.initiator) ? [] : [violation('S2', `im ${im.id} in "${list.name}" is by "${im.initiator}", no member`)]),
    ...(im.id > (list.ims[i - 1]?.id ?? 0) && im.id < state.nextIm ? [] : [violation('S5', `im ${im.id} in "${list.name}" is out of order`)]),
    ...(im.since <= state.at ? [] : [violation('S7', `im ${im.id} began in the future`)]),
  ]),
]

const ofContact = (state: State, { card, lists }: Contact): ReadonlyArray<Violation> =>
  table.entries(lists).flatMap(([name, place]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && trie.get(list.members, place)?.card.name === card.name ? [] : [violation('S4', `"${card.name}" is not in "${name}", against its index`)]
  })

/** Too long to be said, or exactly the names of the lists. */
const isListed = ({ listing, lists }: State): boolean =>
  isLeft(listing) || (listing.right._tag === 'Lists' && JSON.stringify(listing.right.names) === JSON.stringify(roll.names(lists)))

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
