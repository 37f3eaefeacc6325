// A demonstration under way: who plays, who tells, and what there was so far.
import type { Cast } from './cast.js'
import type { Narrator, Tally } from './narrator.js'

export interface Play {
  readonly cast: Cast
  readonly narrator: Narrator
  readonly tally: Tally
  /** messages on the classic wire, by list */
  readonly ongoing: Map<string, number>
}
