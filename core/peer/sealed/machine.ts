// A sealed peer as a machine.
import { wake, type Command } from './command.js'
import { violations } from './invariants.js'
import { reduce, wakeAt } from './reduce.js'
import type { Machine } from '../../transition.js'
import type { Config } from './config.js'
import type { State } from './state.js'
import type { Effect, Response } from './transitions.js'

/** A sealed peer: begin with `initial` of `peer/sealed/state`. It is due to wake at once, and begins then. */
export const peer = (config: Config): Machine<State, Command, Response, Effect> => ({
  reduce: reduce(config),
  wake,
  wakeAt,
  violations,
})
