// Deadlines as data: which timers are armed, and what is due when one of them has come. An exhaustive check fires them at any time.
import * as roll from '../roll.js'
import { askAgain, ringless } from './composing.js'
import { copyAgain, begin, latest } from './direct.js'
import { hop } from './custody.js'
import { fetchAgain } from './rings.js'
import { step, then, type Step } from './transitions.js'
import type { Instant } from '../time.js'
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
export const timers = ({ custody, own, fetches, asked }: State): ReadonlyArray<Armed> => [
  ...roll.values(custody).map(({ grant: { im }, attempt: { next } }) => ({ timer: { _tag: 'Hop', im }, at: next }) as const),
  ...roll.values(own).flatMap(ofOwn),
  ...fetches.map(({ ring, next }) => ({ timer: { _tag: 'Fetch', ring }, at: next }) as const),
  ...(asked?.next === undefined ? [] : [{ timer: { _tag: 'Again' }, at: asked.next } as const]),
]

/** What that timer was armed for; nothing where it is not armed any more. */
export const fired = (config: Config, state: State, timer: Timer): Step => {
  switch (timer._tag) {
    case 'Hop': return hop(config, state, timer.im)
    case 'Halfway': return roll.get(state.own, timer.im)?.phase === 'ring' ? begin(config, state, timer.im) : step(state)
    case 'Copy': return copyAgain(config, state, timer.im, timer.member)
    case 'Latest': return latest(config, state, timer.im)
    case 'Again': return askAgain(state)
    case 'Fetch': return then(fetchAgain(state, timer.ring), (now) => ringless(config, now, timer.ring))
  }
}

/** All that is due by now. */
export const due = (config: Config, state: State): Step =>
  timers(state).filter(({ at }) => at <= state.at).reduce<Step>((so, { timer }) => then(so, (now) => fired(config, now, timer)), step(state))
