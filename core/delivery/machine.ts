// A courier as a machine: a member's part of the ring protocol (`spec/PROTOCOL.md`, section 5).
import { reduce, wakeAt } from './reduce.js'
import { violations } from './invariants.js'
import { wake, type Command } from './command.js'
import type { Machine } from '../transition.js'
import type { Config } from './config.js'
import type { State } from './state.js'
import type { Effect } from './transitions.js'

/** A courier: begin with `initial(seed, diary)`, then `Met`, and `Resume` after a restart. */
export const courier = (config: Config): Machine<State, Command, never, Effect> => ({ reduce: reduce(config), wake, wakeAt, violations: violations(config.own.seals) })
