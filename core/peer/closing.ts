// The end of a peer: at once, or when what is under way is home or overdue.
import { abandon } from './asking.js'
import { drop } from './messages.js'
import { end, ready, step, tell, then, type Step } from './transitions.js'
import type { State } from './state.js'

const atOnce = (state: State): Step => {
  const { phase } = state
  if (phase._tag === 'Asking') return then(abandon(state, phase), end)
  if (phase._tag === 'Composing') return then(tell(state, { _tag: 'Dropped', list: phase.list, initiator: phase.initiator }), end)
  return end(state)
}

/** Ends; `patient`, only when the outstanding answer and the own messages under way have come or are given up. */
export const close = (state: State, patient: boolean): Step => {
  if (!patient || state.closing) return atOnce(state)
  const closing: State = { ...state, closing: true }
  if (state.phase._tag === 'Composing') return drop(closing, state.phase)
  return state.phase._tag === 'Idle' ? ready(closing) : step(closing)
}
