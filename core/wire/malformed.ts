// Bytes that are no packet. They stop at the decoder: counted, dropped or refused, never thrown.
import * as t from 'io-ts'

export const Malformed = t.readonly(
  t.strict({
    _tag: t.literal('Malformed'),
    /** where: the byte, character or argument (from 0) at which decoding stopped */
    at: t.number,
    /** what would have been right there, in words */
    expected: t.string,
  }),
)
export type Malformed = t.TypeOf<typeof Malformed>

export const malformed = (at: number, expected: string): Malformed => ({ _tag: 'Malformed', at, expected })
