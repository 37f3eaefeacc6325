// The end of a peer: at once, or when what is under way is home or overdue.
import { announce } from '../effect.js'
import { abandon } from './asking.js'
import { drop } from './messages.js'
import { end, faulty, ready, step, tell, then, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { State } from './state.js'

/** Own messages that are still awaited: nobody will be there when they come home. */
const unreturned = (state: State): Step => {
  const awaited = state.underWay.filter(({ overdueAt }) => overdueAt !== undefined)
  if (awaited.length === 0) return step(state)
  return step(faulty(state, 'overdue'), ...awaited.map(({ which, since }) => announce({ _tag: 'Overdue', which, ms: state.at - since } as const)))
}

const atOnce = (state: State): Step => {
  const { phase } = state
  const left = unreturned(state)
  if (phase._tag === 'Asking') return then(then(left, (next) => abandon(next, phase)), end)
  if (phase._tag !== 'Composing') return then(left, end)
  const { list, initiator } = phase
  return then(then(left, (next) => tell(next, { _tag: 'Dropped', list, initiator, completing: false })), end)
}

/** Ends; `patient`, only when the outstanding answer and the own messages under way have come or are given up. */
export const close = (config: Config, state: State, patient: boolean): Step => {
  if (!patient || state.closing) return atOnce(state)
  const closing: State = { ...state, closing: true }
  if (state.phase._tag === 'Composing') return drop(config, closing, state.phase)
  return state.phase._tag === 'Idle' ? ready(closing) : step(closing)
}
