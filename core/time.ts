// Time as the machines know it: an instant enters with every command and is never read from a clock here.
// Deadlines are instants kept in state; the driver asks `wakeAt` for the nearest one, and waking early is harmless.
import * as t from 'io-ts'

export interface InstantBrand { readonly Instant: unique symbol }

/** Unix milliseconds, a whole number >= 0. Within one machine it never decreases. */
export const Instant = t.brand(t.number, (n): n is t.Branded<number, InstantBrand> => Number.isSafeInteger(n) && n >= 0, 'Instant')
export type Instant = t.TypeOf<typeof Instant>

/** The instant `ms` whole milliseconds after `at`; `ms >= 0`. */
export const after = (at: Instant, ms: number): Instant => (at + ms) as Instant

/** The later of two instants: how a machine keeps its time from going back when a clock does. */
export const latest = (a: Instant, b: Instant): Instant => (a >= b ? a : b)

/** The earlier of two instants. */
export const earliest = (a: Instant, b: Instant): Instant => (a <= b ? a : b)

export const epoch = 0 as Instant
