// Knocks at one door: a co-member that does not get through has the server tell whom it looks for, so that both say hello (F29). The server bounds what it
// passes on, and a peer what it heeds, alike: so nobody can use the one to make the other say hello more often than an honest server lets it.
import { limits } from './limits.js'
import type { PublicKey } from './keys.js'
import type { Instant } from './time.js'

/** Who has knocked, and when. */
export interface Knocked {
  readonly by: PublicKey
  readonly at: Instant
}

/** Those that still count. Nothing is kept of the others. */
export const recent = <K extends Knocked>(knocks: ReadonlyArray<K>, at: Instant): ReadonlyArray<K> =>
  knocks.every((one) => at - one.at < limits.helloSpanMs) ? knocks : knocks.filter((one) => at - one.at < limits.helloSpanMs)

/** With one more, at most `limits.knocksOfAll`; `undefined` where that is too fast, of whoever knocks or of all together. */
export const taken = <K extends Knocked>(before: ReadonlyArray<K>, knock: K): ReadonlyArray<K> | undefined => {
  const knocks = recent(before, knock.at)
  const own = knocks.filter(({ by }) => by === knock.by).length
  return own >= limits.knocksOfOne || knocks.length >= limits.knocksOfAll ? undefined : [...knocks, knock]
}
