// What may be done to members, their drivers, or the server, to see it found out: a mutant of each mechanism, and never of production code.
import type { delivery } from '../../core/index.js'

export interface Tampering {
  /** effects of members behind a write leave before it is durable */
  readonly hasty: boolean
  /** what a member says in a later step overtakes a write that is not durable */
  readonly overtaking: boolean
  /** the server believes any im-complete */
  readonly gullible: boolean
  /** a sleep is not noticed: what was the time goes on being it */
  readonly drowsy: boolean
  /** a member that does not look at the time */
  readonly timeless: (place: number) => boolean
  /** what a member is given for what has come */
  readonly heard: (place: number, command: delivery.Command, state: delivery.State) => delivery.Command
  /** what a member does instead. `state`: before the step */
  readonly stepped: (place: number, state: delivery.State | undefined, step: delivery.Step, command: delivery.Command) => delivery.Step
}

export const untampered: Tampering = {
  hasty: false,
  overtaking: false,
  gullible: false,
  drowsy: false,
  timeless: () => false,
  heard: (_place, command) => command,
  stepped: (_place, _state, step) => step,
}
