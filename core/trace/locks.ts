// What a step of the server means for its lists: which messages have begun to lock them, which do no more, and which lists start none for a while.
import * as roll from '../roll.js'
import type { End, Im } from '../server/im.js'
import type { List, State } from '../server/state.js'
import type { Happening } from './event.js'
import { wordsOf } from './words.js'

/** The message's id; of a classic one the position of its im-start. */
const nameOf = ({ id, granted }: Im): string => granted?.grant.im ?? `classic-${id}`

const lockOf = ({ name }: List, im: Im): Happening => ({ kind: 'lock', list: wordsOf(name), im: nameOf(im), by: wordsOf(im.initiator) })

/** What has ended it, as far as that is remembered: of a classic one only that its time was over. */
const endOf = ({ contacts, granted: { expired } }: State, list: List, { granted, initiator, since }: Im): End | undefined => {
  if (granted !== undefined) return roll.get(contacts, initiator)?.bound?.past.over.find(({ im }) => im === granted.grant.im)?.end
  return expired.some((one) => one.im === undefined && one.list === list.name && one.initiator === initiator && one.since === since) ? 'expired' : undefined
}

const unlockOf = (state: State, list: List, im: Im): Happening => {
  const why = endOf(state, list, im)
  return { kind: 'unlock', list: wordsOf(list.name), im: nameOf(im), ...(why === undefined ? {} : { why }) }
}

const fenceNote = ({ name }: List, what: string): Happening => ({ kind: 'note', label: wordsOf(`${name} ${what}`) })

type Told = (list: List, im: Im) => Happening

/** What is to be told of the messages, and of the fence, that a list has and the other has not. */
const beyond = (list: List, other: List | undefined, told: Told, fenced: (ticket: number) => string): ReadonlyArray<Happening> => {
  const ims = list.ims === other?.ims ? [] : list.ims.filter(({ id }) => other?.ims.some((im) => im.id === id) !== true).map((im) => told(list, im))
  const { fence } = list
  return fence === undefined || fence.ticket === other?.fence?.ticket ? ims : [...ims, fenceNote(list, fenced(fence.ticket))]
}

const newIn = (lists: State['lists'], others: State['lists'], told: Told, fenced: (ticket: number) => string): ReadonlyArray<Happening> =>
  roll.values(lists).flatMap((list) => {
    const other = roll.get(others, list.name)
    return other === list ? [] : beyond(list, other, told, fenced)
  })

const nothing: ReadonlyArray<Happening> = []

/** From one state of the server to a later one. Costs as much as there are lists, where any of them has changed. */
export const changedLocks = (before: State, after: State): ReadonlyArray<Happening> =>
  before.lists === after.lists ? nothing : [
    ...newIn(before.lists, after.lists, (list, im) => unlockOf(after, list, im), (ticket) => `waits no more for ticket ${ticket}`),
    ...newIn(after.lists, before.lists, lockOf, (ticket) => `starts no messages until ticket ${ticket}`),
  ]
