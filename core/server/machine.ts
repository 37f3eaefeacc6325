// The contact server as a machine.
import { wakeAt } from './closing.js'
import { wake, type Command } from './command.js'
import { defaults, type Config } from './config.js'
import { violations } from './invariants.js'
import { reduce } from './reduce.js'
import type { Machine } from '../transition.js'
import type { Response } from './reply.js'
import type { State } from './state.js'
import type { Effect } from './transitions.js'

/** A contact server: begin with `initial`, or with what `restore` made of a saved file. */
export const server = (config: Config = defaults): Machine<State, Command, Response, Effect> => ({
  reduce: reduce(config),
  wake,
  wakeAt,
  violations,
})
