// Numbers of a list's messages, as the history has them: each that was said has one, and is sent again under the same (`spec/PROTOCOL.md`, G13, K10).
import { linesSince, type Diary } from '../diary.js'
import * as table from '../table.js'
import type { ListName } from '../names.js'
import type { Grant } from '../wire/sealed/grant.js'

/** Numbers of a list's messages that are in the history, from the first one on that shows where the list was when this member came; one that was sent again
 *  does not. */
export const numbersOf = (kept: Diary, list: ListName): ReadonlyArray<number> => {
  const since = linesSince(kept).filter((line) => line.list === list)
  const first = since.find(({ again }) => again !== true)
  return first === undefined ? [] : since.flatMap(({ no }) => (no >= first.no ? [no] : []))
}

/** The highest of these, of each list. */
export const newestNumbers = (kept: Diary): table.Table<ListName, number> =>
  linesSince(kept).reduce((all, { list, no, again }) => {
    const before = table.get(all, list)
    return before === undefined && again === true ? all : table.set(all, list, Math.max(before ?? 0, no))
  }, table.empty<ListName, number>())

/** The newest number that is known of a list, behind a message of it. To whom has none yet one that is sent again says nothing of where the list is. */
export const newestWith = (no: number, grant: Pick<Grant, 'im' | 'root' | 'no'>): number => (no === 0 && grant.im !== grant.root ? 0 : Math.max(no, grant.no))
