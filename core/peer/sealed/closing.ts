// The end of a sealed peer: at once, or when its request is answered or given up.
import { announce } from '../../effect.js'
import * as roll from '../../roll.js'
import { unmet } from './meeting.js'
import { abandon } from './requesting.js'
import { end, faulty, step, then, type Step } from './transitions.js'
import type { ImId } from '../../keys.js'
import type { Notice } from '../notice.js'
import type { State } from './state.js'

const notBegun = (list: string, name: string, sentence: string): Notice => ({ _tag: 'NotBegun', list, code: 0, name, sentence })

const unsureOf = (unsure: State['unsure']): string | undefined => (unsure?._tag === 'Compose' ? unsure.list : undefined)

/** What is said of the user's message of which nothing could be told yet. */
const untold = (state: State): Step => {
  const { sending, unsure, begun, courier: { asked, pending, diary } } = state
  if (!sending) return step(state)
  const isWaiting = unsure !== undefined || asked?.next !== undefined
  const list = unsureOf(unsure) ?? asked?.list ?? pending[0]?.sent.grant.list
  if (isWaiting) return step(faulty(state, 'locked'), announce(notBegun(list ?? '', 'Ended', 'it was not begun when you ended the program, and nobody has it; send it again')))
  if (list !== undefined) return step(faulty(state, 'expired'), announce(notBegun(list, 'Unanswered', 'no answer came before you ended the program; a grant that was made ends by itself, and nobody has the message')))
  const own = begun === undefined ? undefined : roll.get(diary.sent, begun as ImId)
  if (own === undefined || own.report !== undefined) return step(state)
  return step(faulty(state, 'none'), announce({ _tag: 'LeftUnderWay', im: own.sent.grant.im, list: own.sent.grant.list }))
}

/** Ends; `patient`, only when the outstanding answer has come or is given up. */
export const close = (state: State, patient: boolean): Step => {
  const { phase } = state
  if (phase._tag === 'Meeting') return then(unmet(state, phase), end)
  if (patient && !state.closing) return step({ ...state, closing: true })
  return then(then(untold(state), (now) => (phase._tag === 'Idle' ? step(now) : abandon(now, phase))), end)
}
