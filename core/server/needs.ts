// Which lists' messages are in the way of a change of members.
import * as roll from '../roll.js'
import * as table from '../table.js'
import { memo } from '../memo.js'
import type { Contact, List, State } from './state.js'
import type { Change } from '../wire/sealed/index.js'
import type { ListName } from '../names.js'

const none: ReadonlySet<ListName> = new Set()

/** Kept, since each question about a place looks at those of all who wait. */
const namesIn = memo((lists: Contact['lists']): ReadonlySet<ListName> => new Set(table.entries(lists).map(([name]) => name)))

/** The lists of whoever comes or goes; none where it leaves one of them. */
const ownOf = (state: State, change: Change): ReadonlySet<ListName> => {
  const contact = change._tag === 'Leave' ? undefined : roll.get(state.contacts, change.contact)
  return contact === undefined ? none : namesIn(contact.lists)
}

/** Of a leave its list, of an exit all lists of the contact, of a join both. */
export const namesOf = (state: State, change: Change): ReadonlyArray<ListName> => {
  const own = ownOf(state, change)
  return change._tag === 'Exit' || own.has(change.list) ? [...own] : [change.list, ...own]
}

/** The lists whose messages are in the way of that change. */
export const needsOf = (state: State, change: Change): ReadonlyArray<List> => namesOf(state, change).flatMap((name) => roll.get(state.lists, name) ?? [])

/** Whether messages of one of those lists are in its way. */
export const needsAny = (state: State, change: Change, names: ReadonlySet<ListName>): boolean => {
  if (change._tag !== 'Exit' && names.has(change.list)) return true
  const own = ownOf(state, change)
  const [few, many] = own.size < names.size ? [own, names] : [names, own]
  return [...few].some((name) => many.has(name))
}
