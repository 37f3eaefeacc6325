// Deadlines as data: which timers are armed, and what is due when one of them has come. An exhaustive check fires them at any time.
import * as roll from '../roll.js'
import { askMissed } from './catching.js'
import { askAgain, ringless } from './composing.js'
import { copyAgain, begin, latest } from './direct.js'
import { hop } from './custody.js'
import { gapDue } from './gaps.js'
import { dueOf } from './leaf.js'
import { tend } from './leaves.js'
import { fetchAgain } from './rings.js'
import { step, then, type Step } from './transitions.js'
import { earliest, type Instant } from '../time.js'
import type { ImId } from '../keys.js'
import type { Timer } from './command.js'
import type { Config } from './config.js'
import { ownUnderWay, type Own, type State } from './state.js'

export interface Armed {
  readonly timer: Timer
  readonly at: Instant
}

/** With one more: when it is due, which it is, and what it is about: a message or a ring, and a member's place. */
type Add<A> = (so: A, at: Instant, tag: Timer['_tag'], about: string, member: number) => A

const ofOwn = <A>({ grant: { im }, phase, halfway, latest: last, copies, given, leaves }: Own, first: A, add: Add<A>): A => {
  if (phase === 'told') return first
  const leavesDue = dueOf(leaves)
  const always = add(leavesDue === undefined ? first : add(first, leavesDue, 'Leaves', im, 0), last, 'Latest', im, 0)
  if (phase === 'ring') return add(always, halfway, 'Halfway', im, 0)
  return phase === 'direct' ? copies.reduce((so, { member, next }) => (given.includes(member) ? so : add(so, next, 'Copy', im, member)), always) : always
}

/** All that is armed, in no order that means anything. */
const armed = <A>(state: State, first: A, add: Add<A>): A => {
  const { custody, fetches, asked } = state
  const held = roll.values(custody).reduce((so, { grant: { im }, attempt: { next } }) => add(so, next, 'Hop', im, 0), first)
  const sent = ownUnderWay(state).reduce((so, one) => ofOwn(one, so, add), held)
  const sought = fetches.reduce((so, { ring, next }) => add(so, next, 'Fetch', ring, 0), sent)
  const dueGap = gapDue(state)
  const missed = dueGap === undefined ? sought : add(sought, dueGap, 'Missed', '', 0)
  return asked?.next === undefined ? missed : add(missed, asked.next, 'Again', '', 0)
}

const timerOf = (tag: Timer['_tag'], about: string, member: number): Timer => {
  switch (tag) {
    case 'Again':
    case 'Missed': return { _tag: tag }
    case 'Fetch': return { _tag: tag, ring: about }
    case 'Copy': return { _tag: tag, im: about as ImId, member }
    case 'Hop':
    case 'Halfway':
    case 'Leaves':
    case 'Latest': return { _tag: tag, im: about as ImId }
  }
}

export const timers = (state: State): ReadonlyArray<Armed> =>
  armed<ReadonlyArray<Armed>>(state, [], (so, at, tag, about, member) => [...so, { timer: timerOf(tag, about, member), at }])

/** The earliest of `timers`, which is asked for after each step; `undefined`: none is armed. */
export const nearest = (state: State): Instant | undefined =>
  armed<Instant | undefined>(state, undefined, (least, at) => (least === undefined ? at : earliest(least, at)))

/** What that timer was armed for; nothing where it is not armed any more. */
export const fired = (config: Config, state: State, timer: Timer): Step => {
  switch (timer._tag) {
    case 'Hop': return hop(config, state, timer.im)
    case 'Halfway': return roll.get(state.own, timer.im)?.phase === 'ring' ? begin(config, state, timer.im) : step(state)
    case 'Copy': return copyAgain(config, state, timer.im, timer.member)
    case 'Leaves': return tend(config, state, timer.im)
    case 'Latest': return latest(config, state, timer.im)
    case 'Again': return askAgain(state)
    case 'Missed': return askMissed(config, state)
    case 'Fetch': return then(fetchAgain(state, timer.ring), (now) => ringless(config, now, timer.ring))
  }
}

/** All that is due by now. */
export const due = (config: Config, state: State): Step =>
  armed<ReadonlyArray<Timer>>(state, [], (so, at, tag, about, member) => (at > state.at ? so : [...so, timerOf(tag, about, member)]))
    .reduce<Step>((so, timer) => then(so, (now) => fired(config, now, timer)), step(state))
