// What a sealed peer itself will not take from its user. Nothing was sent, nothing is lost.
import { limits } from '../../limits.js'

export const refusals = {
  Misunderstood: '',
  NotMet: 'the server has not said yet who it is',
  Busy: 'the answer to the last command is still awaited',
  NotSent: '',
  NobodyRegistered: 'no contact is registered from here: register one, or name who acts',
  RegisteredAlready: 'registered already as ',
  NotBlocked: 'no other key of that contact has been met by this process; members <list> shows one, where there is one',
  Blocked: 'another key than before is registered under that name; compare fingerprints, then accept ',
  Closing: 'the peer is ending',
  TooManyMuted: `no more than ${limits.listsMuted} lists can be muted`,
  TooManyApart: `no more than ${limits.listsApart} lists can do without catching up`,
} as const

export interface Refusal {
  readonly _tag: keyof typeof refusals
  /** the sentence, with a name where there is one */
  readonly sentence: string
}

export const refusal = (_tag: Refusal['_tag'], detail = ''): Refusal => ({ _tag, sentence: refusals[_tag] + detail })
