// The end of a server: no new message starts, those that go round may come home, then it goes.
import * as option from 'fp-ts/lib/Option.js'
import { exit } from '../effect.js'
import * as agenda from '../agenda.js'
import { after, earliest, type Instant } from '../time.js'
import { act, type Step } from './transitions.js'
import type { State } from './state.js'

const ended = (step: Step): Step => ({
  ...step,
  state: { ...step.state, ended: true },
  effects: [...step.effects, exit({ ongoing: step.state.ongoing })],
})

/** Ends when nothing is ongoing, at the latest after `ms`; at once when `ms` is 0, or it was told so before. */
export const close = (state: State, at: Instant, ms: number): Step => {
  const isNow = ms === 0 || state.ongoing === 0 || state.closing !== undefined
  return isNow ? ended(act(state, [])) : act({ ...state, position: state.position + 1, closing: after(at, ms) }, [])
}

/** Whatever a step did: if it was what a closing server waited for, the server ends after it. */
export const endIfDone = (at: Instant, step: Step): Step => {
  const { closing, ongoing } = step.state
  return closing === undefined || (ongoing > 0 && at < closing) ? step : ended(step)
}

/** When a closing server ends, the time of a message is over, or a fence may begin, whichever comes first. */
export const wakeAt = ({ closing, ended: isOver, granted, queue }: State): option.Option<Instant> => {
  const [first, ...more] = [closing, agenda.first(granted.ends), queue.due].flatMap((at) => at ?? [])
  return isOver || first === undefined ? option.none : option.some(more.reduce(earliest, first))
}
