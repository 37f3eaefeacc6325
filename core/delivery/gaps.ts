// What a member may have missed of its lists, as numbers: each message of a list has one, counted without gaps. A gap is seen when a later message comes,
// or looked for when this member was away itself. Who is asked for it, and what is taken, is in `catching`.
import { limits } from '../limits.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { after, epoch, type Instant } from '../time.js'
import type { PublicKey } from '../keys.js'
import type { ListName } from '../names.js'
import type { Gap } from './gap.js'
import { numbersOf } from './numbers.js'
import { changed, knownOf, type State } from './state.js'
import type { Config } from './config.js'

/** Nobody knows yet which message is the newest. */
const openEnd = 2 ** 48 - 1

/** Whether nothing of that list is asked for: its user will not have it, or it is no list of this member's. */
export const isApart = (state: State, list: ListName): boolean =>
  roll.has(state.diary.apart, list) || roll.has(state.diary.muted, list) || knownOf(state, list).left

export const withGap = (state: State, gap: Gap): State => changed(state, { gaps: state.gaps.map((one) => (one.list === gap.list ? gap : one)) })

export const withoutGap = (state: State, list: ListName): State =>
  state.gaps.some((gap) => gap.list === list) ? changed(state, { gaps: state.gaps.filter((gap) => gap.list !== list) }) : state

/** How many of its numbers have not come; of one with an open end as far as anybody has shown it. */
export const missing = ({ fresh, to, filled }: Pick<Gap, 'fresh' | 'to' | 'filled'>): number => {
  const known = filled.filter((no) => no >= fresh)
  return lastOf({ fresh, to, filled }) - fresh + 1 - known.length
}

/** The last number that is known to be there. */
export const lastOf = ({ fresh, to, filled }: Pick<Gap, 'fresh' | 'to' | 'filled'>): number =>
  to === openEnd ? filled.reduce((most, no) => Math.max(most, no), fresh - 1) : to

/** The first number that is asked for, of those that are not here. */
export const firstMissing = ({ floor, filled }: Pick<Gap, 'floor' | 'filled'>): number =>
  filled.toSorted((a, b) => a - b).reduce((first, no) => (no === first ? first + 1 : first), floor)

/** The first number behind all that have come. */
export const behind = ({ floor, filled }: Pick<Gap, 'floor' | 'filled'>): number => filled.reduce((most, no) => Math.max(most, no + 1), floor)

const isFilled = ({ from, to, filled }: Gap): boolean => to - from + 1 <= filled.length

const within = ({ from, to }: Pick<Gap, 'from' | 'to'>, no: number): boolean => no >= from && no <= to

/** That number has come, or is of a message that is here under another. */
export const filled = (state: State, list: ListName, no: number): State => {
  const gap = state.gaps.find((one) => one.list === list)
  if (gap === undefined || !within(gap, no) || gap.filled.includes(no)) return state
  const next: Gap = { ...gap, filled: [...gap.filled, no] }
  return isFilled(next) || next.filled.length > limits.missedNumbers ? withoutGap(state, list) : withGap(state, next)
}

const opened = (state: State, gap: Gap): State => (state.gaps.length >= limits.listsCaughtUp ? state : changed(state, { gaps: [...state.gaps, gap] }))

/** A message of that number is here, and `no` was the newest before it: those between have not come. They may be on their way, so that nobody is asked at
 *  once. `by`: who has sent it, and is asked first. */
export const skipped = (config: Config, state: State, list: ListName, no: number, next: number, by: PublicKey | undefined): State => {
  if (no === 0 || next <= no + 1 || config.pace.askedForMissed === 0 || isApart(state, list)) return state
  const known = state.gaps.find((gap) => gap.list === list)
  const found = by === undefined ? undefined : [by]
  if (known === undefined) {
    return opened(state, { list, from: no + 1, to: next - 1, fresh: no + 1, filled: [], floor: no + 1, at: no + 1, until: 0, asked: undefined, done: [], found, again: undefined, sends: 0, due: after(state.at, config.pace.missedPatienceMs) })
  }
  const to = known.to === openEnd ? next - 1 : Math.max(known.to, next - 1)
  // all between the two gaps has come
  const between = Array.from({ length: Math.max(0, Math.min(no - known.to, limits.missedNumbers)) }, (_, i) => known.to + 1 + i)
  return withGap(state, { ...known, to, filled: [...known.filled, ...(known.to === openEnd ? [] : between)] })
}

/** From the first number that is not here, of those that co-members may still keep. What is missing is told from `fresh` on, if that is among them: numbers
 *  that were asked for when this member went away, and of which nobody has been told yet. */
const sinceThen = (state: State, list: ListName, newest: number, fresh: number): Gap => {
  const numbers = new Set(numbersOf(state.diary, list))
  const recent = Array.from({ length: Math.min(newest, limits.keptMessages) }, (_, i) => newest - i).reverse()
  const oldest = recent.findIndex((no) => numbers.has(no))
  const from = (oldest < 0 ? undefined : recent.slice(oldest).find((no) => !numbers.has(no))) ?? newest + 1
  const here = recent.filter((no) => no >= from && numbers.has(no))
  return { list, from, to: openEnd, fresh: Math.max(from, Math.min(fresh, newest + 1)), filled: here, floor: from, at: from, until: 0, asked: undefined, done: [], found: undefined, again: undefined, sends: 0, due: epoch }
}

/** This member was away, or may have been: nobody knows what went round meanwhile. */
export const returned = (config: Config, before: State): State => {
  if (config.pace.askedForMissed === 0) return before
  return table.entries(before.lists).reduce<State>((state, [list, { no }]) => {
    if (no === 0 || isApart(state, list)) return state
    const asked = state.gaps.find((gap) => gap.list === list)
    return opened(withoutGap(state, list), sinceThen(state, list, no, asked?.fresh ?? no + 1))
  }, before)
}

/** When something is to be asked: one list after the other. */
export const gapDue = ({ gaps: [gap] }: State): Instant | undefined => gap?.due
