// What the peer itself will not take from its user. Nothing was sent, nothing is lost.

export const refusals = {
  Misunderstood: '',
  Busy: 'the answer to the last command is still awaited',
  NoTextWanted: 'no message waits for a text',
  TextWanted: 'the message that was started waits for its text',
  TextTooLong: 'the message would be longer than an original program can read; shorten it',
  TooManyUnderWay: 'too many messages of this peer are under way',
  Closing: 'the peer is ending',
} as const

export interface Refusal {
  readonly _tag: keyof typeof refusals
  /** the sentence, with figures where there are some */
  readonly sentence: string
}

export const refusal = (_tag: Refusal['_tag'], detail = ''): Refusal => ({ _tag, sentence: refusals[_tag] + detail })
