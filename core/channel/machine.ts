// A channel as a machine: the sealed wire of one socket.
import { wake, type Command } from './command.js'
import { violations } from './invariants.js'
import { reduce, wakeAt } from './reduce.js'
import type { Machine } from '../transition.js'
import type { Config } from './config.js'
import type { State } from './state.js'
import type { Effect, Response } from './transitions.js'

/** A channel: begin with `initial(seed)`. */
export const channel = <H, K>(config: Config<H, K>): Machine<State<H, K>, Command, Response, Effect> => ({ reduce: reduce(config), wake, wakeAt, violations })
