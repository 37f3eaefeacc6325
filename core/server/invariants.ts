// What is true of every directory after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
// (That the members of a list stand still while its count is above 0 is a promise about two states: `movedMembers`.)
import * as roll from '../roll.js'
import * as table from '../table.js'
import { count, type Contact, type List, type State } from './state.js'
import type { Violation } from '../transition.js'

const violation = (rule: string, what: string): Violation => ({ rule, what })

const ofList = (state: State, list: List): ReadonlyArray<Violation> => [
  ...roll.disagreements(list.members, ({ name }) => name).map((what) => violation('S6', `list "${list.name}": ${what}`)),
  ...roll.values(list.members).flatMap((card) => {
    const contact = roll.get(state.contacts, card.name)
    if (contact === undefined) return [violation('S3', `list "${list.name}" names "${card.name}", who is not registered`)]
    if (!table.has(contact.lists, list.name)) return [violation('S4', `"${card.name}" is in "${list.name}" but its index does not say so`)]
    return contact.card === card ? [] : [violation('S3', `list "${list.name}" has an old address of "${card.name}"`)]
  }),
  ...list.ims.flatMap((im, i) => [
    ...(roll.has(list.members, im.initiator) ? [] : [violation('S2', `im ${im.id} in "${list.name}" is by "${im.initiator}", no member`)]),
    ...(im.id > (list.ims[i - 1]?.id ?? 0) && im.id < state.nextIm ? [] : [violation('S5', `im ${im.id} in "${list.name}" is out of order`)]),
    ...(im.since <= state.at ? [] : [violation('S7', `im ${im.id} began in the future`)]),
  ]),
]

const ofContact = (state: State, { card, lists }: Contact): ReadonlyArray<Violation> =>
  table.entries(lists).flatMap(([name]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && roll.has(list.members, card.name) ? [] : [violation('S4', `"${card.name}" is not in "${name}", against its index`)]
  })

/** Every broken promise of a directory; empty unless we are wrong. */
export const violations = (state: State): ReadonlyArray<Violation> => {
  const lists = roll.values(state.lists)
  const ongoing = lists.reduce((sum, list) => sum + count(list), 0)
  return [
    ...(ongoing === state.ongoing ? [] : [violation('S1', `${ongoing} ims are ongoing, ${state.ongoing} are counted`)]),
    ...roll.disagreements(state.contacts, ({ card }) => card.name).map((what) => violation('S6', `contacts: ${what}`)),
    ...roll.disagreements(state.lists, ({ name }) => name).map((what) => violation('S6', `lists: ${what}`)),
    ...lists.flatMap((list) => ofList(state, list)),
    ...roll.values(state.contacts).flatMap((contact) => ofContact(state, contact)),
  ]
}

const names = (list: List): string => JSON.stringify(roll.values(list.members).map(({ name }) => name))

/** S2 as a promise about a step: a list whose count was above 0 has the members that it had, in their order. */
export const movedMembers = (before: State, afterwards: State): ReadonlyArray<Violation> =>
  roll.values(before.lists).flatMap((list) => {
    if (count(list) === 0) return []
    const now = roll.get(afterwards.lists, list.name)
    return now !== undefined && names(now) === names(list) ? [] : [violation('S2', `"${list.name}" moved while ${count(list)} were ongoing`)]
  })
