// The end of a sealed peer: at once, or when its request is answered or given up.
import { announce } from '../../effect.js'
import * as roll from '../../roll.js'
import { unmet } from './meeting.js'
import { abandon } from './requesting.js'
import { end, faulty, step, then, type Step } from './transitions.js'
import type { ImId } from '../../keys.js'
import type { Notice } from '../notice.js'
import type { State } from './state.js'

interface Unbegun {
  readonly list: string
  /** the message that was to be sent again */
  readonly again: string | undefined
  /** the server has said that it does not begin it yet, or was not asked for it */
  readonly isSure: boolean
}

/** The user's message, if it has not begun. */
const unbegun = ({ unsure, courier: { asked, pending } }: State): Unbegun | undefined => {
  if (unsure !== undefined) return unsure._tag === 'Compose' ? { list: unsure.list, again: undefined, isSure: true } : { list: '', again: unsure.im, isSure: true }
  if (asked !== undefined) return { list: asked.list, again: asked.again?.im, isSure: asked.next !== undefined }
  const ringless = pending.find(({ resumed }) => !resumed)?.sent.grant
  return ringless === undefined ? undefined : { list: ringless.list, again: ringless.root === ringless.im ? undefined : ringless.root, isSure: false }
}

const sentenceFor = ({ again, isSure }: Unbegun): string => {
  const what = isSure ? 'it was not begun when you ended the program' : 'no answer came before you ended the program, and a grant that was made ends by itself'
  return again === undefined ? `${what}; nobody has it, send it again` : `${what}; nobody else has it, resend ${again} tries again`
}

/** What is said of the user's message of which nothing could be told yet. */
const untold = (state: State): Step => {
  if (!state.sending) return step(state)
  const waiting = unbegun(state)
  if (waiting !== undefined) {
    const { list, again, isSure } = waiting
    const notice: Notice = { _tag: 'NotBegun', list, code: 0, name: isSure ? 'Ended' : 'Unanswered', sentence: sentenceFor(waiting), ...(again === undefined ? {} : { again }) }
    return step(faulty(state, isSure ? 'locked' : 'expired'), announce(notice))
  }
  const own = state.begun === undefined ? undefined : roll.get(state.courier.diary.sent, state.begun as ImId)
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
