// The end of a sealed peer: at once, or when its request is answered or given up.
import { unmet } from './meeting.js'
import { abandon } from './requesting.js'
import { end, step, then, type Step } from './transitions.js'
import type { State } from './state.js'

/** Ends; `patient`, only when the outstanding answer has come or is given up. */
export const close = (state: State, patient: boolean): Step => {
  const { phase } = state
  if (phase._tag === 'Meeting') return then(unmet(state, phase), end)
  if (patient && !state.closing) return step({ ...state, closing: true })
  return phase._tag === 'Idle' ? end(state) : then(abandon(state, phase), end)
}
