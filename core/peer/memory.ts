// What a peer remembers of the messages that it has seen, so that a duplicated datagram is shown and passed on once. Two generations: when
// the younger one is full it becomes the older, and the older is forgotten. So at least half of the bound is remembered, at a single
// write a message.
import { limits } from '../limits.js'
import * as table from '../table.js'

export interface Memory {
  readonly younger: table.Table<string, true>
  readonly older: table.Table<string, true>
}

export const empty: Memory = { younger: table.empty(), older: table.empty() }

export const has = ({ younger, older }: Memory, key: string): boolean => table.has(younger, key) || table.has(older, key)

export const size = ({ younger, older }: Memory): number => younger.size + older.size

/** `memory` with that key; it forgets only what is older than half of `limits.relaysRemembered` others. */
export const remember = ({ younger, older }: Memory, key: string): Memory =>
  younger.size < limits.relaysRemembered / 2
    ? { younger: table.set(younger, key, true), older }
    : { younger: table.set(table.empty<string, true>(), key, true), older: younger }
