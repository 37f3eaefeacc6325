// Deadlines as data: which timers are armed, and what is due when one of them has come. An exhaustive check fires them at any time.
import * as roll from '../roll.js'
import { ringless } from './composing.js'
import { copyAgain, begin, latest } from './direct.js'
import { hop } from './custody.js'
import { fetchAgain } from './rings.js'
import { step, then, type Step } from './transitions.js'
import { earliest, type Instant } from '../time.js'
import type { Timer } from './command.js'
import type { Config } from './config.js'
import type { Own, State } from './state.js'

export interface Armed {
  readonly timer: Timer
  readonly at: Instant
}

const ofOwn = ({ grant: { im }, phase, halfway, latest: last, copies, given }: Own): ReadonlyArray<Armed> => {
  if (phase === 'told') return []
  return [
    ...(phase === 'ring' ? [{ timer: { _tag: 'Halfway', im }, at: halfway } as const] : []),
    ...(phase === 'direct' ? copies.filter(({ member }) => !given.includes(member)).map(({ member, next }) => ({ timer: { _tag: 'Copy', im, member }, at: next }) as const) : []),
    { timer: { _tag: 'Latest', im }, at: last },
  ]
}

/** In no order that means anything. */
export const timers = ({ custody, own, fetches }: State): ReadonlyArray<Armed> => [
  ...roll.values(custody).map(({ grant: { im }, attempt: { next } }) => ({ timer: { _tag: 'Hop', im }, at: next }) as const),
  ...roll.values(own).flatMap(ofOwn),
  ...fetches.map(({ ring, next }) => ({ timer: { _tag: 'Fetch', ring }, at: next }) as const),
]

/** The earlier of two that there may be. */
const sooner = (a: Instant | undefined, b: Instant): Instant => (a === undefined ? b : earliest(a, b))

const nearestOf = (before: Instant | undefined, { phase, halfway, latest: last, copies, given }: Own): Instant | undefined => {
  if (phase === 'told') return before
  const least = sooner(before, phase === 'ring' ? earliest(halfway, last) : last)
  return phase === 'direct' ? copies.reduce((least, { member, next }) => (next < least && !given.includes(member) ? next : least), least) : least
}

/** The earliest of `timers`, which is asked for after each step; `undefined`: none is armed. */
export const nearest = ({ custody, own, fetches }: State): Instant | undefined =>
  fetches.reduce<Instant | undefined>(
    (least, { next }) => sooner(least, next),
    roll.values(own).reduce(nearestOf, roll.values(custody).reduce<Instant | undefined>((least, { attempt: { next } }) => sooner(least, next), undefined)),
  )

/** What that timer was armed for; nothing where it is not armed any more. */
export const fired = (config: Config, state: State, timer: Timer): Step => {
  switch (timer._tag) {
    case 'Hop': return hop(config, state, timer.im)
    case 'Halfway': return roll.get(state.own, timer.im)?.phase === 'ring' ? begin(config, state, timer.im) : step(state)
    case 'Copy': return copyAgain(config, state, timer.im, timer.member)
    case 'Latest': return latest(config, state, timer.im)
    case 'Fetch': return then(fetchAgain(state, timer.ring), (now) => ringless(config, now, timer.ring))
  }
}

/** All that is due by now. */
export const due = (config: Config, state: State): Step =>
  timers(state).filter(({ at }) => at <= state.at).reduce<Step>((so, { timer }) => then(so, (now) => fired(config, now, timer)), step(state))
