// What is due when: names of messages by the instant at which their time is over, the first one found in O(log n) among hundreds of thousands.
// Persistent: an old agenda stays whole when a new one is made.
import sorted from 'sorted-btree'
import type { Instant } from './time.js'

const Tree = sorted.default

/** `id` falls due at `at`. Together they are the key: much may be due at one instant. */
export interface Due {
  readonly at: Instant
  readonly id: string
}

/** Use the functions beside it. */
export type Agenda = InstanceType<typeof Tree<Due, true>>

const inTime = (a: Due, b: Due): number => a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The agenda of these, in any order: shaped by what is in it alone. */
export const from = (all: ReadonlyArray<Due>): Agenda => new Tree<Due, true>(all.toSorted(inTime).map((due) => [due, true]), inTime)

export const empty: Agenda = from([])

export const size = (agenda: Agenda): number => agenda.size

export const has = (agenda: Agenda, due: Due): boolean => agenda.has(due)

export const add = (agenda: Agenda, { at, id }: Due): Agenda => agenda.with({ at, id }, true, true)

/** Without that one; the same agenda where it was not in it. */
export const remove = (agenda: Agenda, due: Due): Agenda => agenda.without(due)

/** What is due first. */
export const soonest = (agenda: Agenda): Due | undefined => agenda.minKey()

/** When the first is due. */
export const first = (agenda: Agenda): Instant | undefined => agenda.minKey()?.at

/** All, the first due first. */
export const all = (agenda: Agenda): ReadonlyArray<Due> => agenda.keysArray()

/** What is due at that instant, the first due first; of more than `most` the first of them. */
export const dueAt = (agenda: Agenda, at: Instant, most: number): ReadonlyArray<Due> =>
  agenda.getRange({ at: 0 as Instant, id: '' }, { at, id: '\uffff' }, true, most).slice(0, most).map(([due]) => due)
