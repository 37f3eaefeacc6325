// Which messages have begun to lock their lists from one state of the server to a later one, and which do no more.
import * as roll from '../roll.js'
import type { Im, List, State } from '../server/state.js'

export interface Lock {
  readonly list: string
  /** the message's id; of a classic one the position of its im-start */
  readonly im: string
  readonly by: string
}

const lockOf = ({ name }: List, { id, initiator, granted }: Im): Lock => ({ list: name, im: granted?.grant.im ?? `classic-${id}`, by: initiator })

const beyond = (list: List, other: List | undefined): ReadonlyArray<Lock> =>
  list.ims.filter(({ id }) => other?.ims.some((im) => im.id === id) !== true).map((im) => lockOf(list, im))

const newIn = (lists: State['lists'], others: State['lists']): ReadonlyArray<Lock> =>
  roll.values(lists).flatMap((list) => {
    const other = roll.get(others, list.name)
    return other === list || other?.ims === list.ims ? [] : beyond(list, other)
  })

const nothing: ReadonlyArray<Lock> = []

/** Costs as much as there are lists, where any of them has changed. */
export const changedLocks = (before: State, after: State): { readonly locked: ReadonlyArray<Lock>; readonly unlocked: ReadonlyArray<Lock> } =>
  before.lists === after.lists ? { locked: nothing, unlocked: nothing } : { locked: newIn(after.lists, before.lists), unlocked: newIn(before.lists, after.lists) }
