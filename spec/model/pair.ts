// Two ends or more with perfect boxes for ciphers, and small frames that tell which one they are.
import type { channel, sealed } from '../../core/index.js'
import { box } from './box.js'
import { Line, type End } from './line.js'
import type { Weather } from './link.js'

export type SealedEnd = End<unknown, unknown>

export const bad: Weather = { loss: 0.3, duplication: 0.5, corruption: 0.2, delayMs: [1, 400], reordering: true }

export const request = (seq: number): sealed.Frame => ({ _tag: 'Request', boot: 1, seq, have: 0n, order: { _tag: 'QueryLists' } })

/** The numbers of the requests among these, in order. */
export const seqs = (delivered: ReadonlyArray<channel.Deliver>): ReadonlyArray<number> =>
  delivered.flatMap(({ frame }) => (frame._tag === 'Request' ? [frame.seq] : []))

export const boxed = (name: number): channel.Ciphers<unknown, unknown> => box(name) as unknown as channel.Ciphers<unknown, unknown>

export const lineOf = (weather: Weather, seed: number, ends = 2, hellosASecond = 128): Line<unknown, unknown> =>
  new Line(Array.from({ length: ends }, (_, i) => boxed(i + 1)), weather, seed, hellosASecond)

/** With sessions, and known to each other as contacts are. */
export const acquainted = (line: Line<unknown, unknown>): Line<unknown, unknown> => {
  line.send(0, 1, request(0))
  line.pass(5000)
  for (const end of line.ends) for (const other of line.ends) line.give(end, { _tag: 'Bind', key: other.key, via: undefined })
  return line
}
