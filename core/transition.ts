// The one shape of everything that decides: a command comes in with its time and its actor, a new state, an answer and effects go out.
// The driver, the simulator and the tests are each written once, against `Machine`.
//
//   command, at, by ──> reduce ──> state      kept
//                                  effects    carried out, in order; nothing after a `Persist` before it is durable
//                                  response   goes to `by`, after the effects
import { none, type Option } from 'fp-ts/lib/Option.js'
import type { Actor } from './actor.js'
import type { Instant } from './time.js'

/** A command as the world gives it: when, and by whom (already authenticated by the shell). The journal's unit. */
export interface Stamped<C> {
  readonly at: Instant
  readonly by: Actor
  readonly command: C
}

export interface Transition<S, R, F> {
  readonly state: S
  readonly response: Option<R>
  readonly effects: ReadonlyArray<F>
}

/** The state is this now, these are the effects, and nobody is answered. */
export const act = <S, F>(state: S, ...effects: ReadonlyArray<F>): Transition<S, never, F> => ({ state, response: none, effects })

/** The step that comes after another one, within one reduction. */
export const follow = <S, F>(before: Transition<S, never, F>, next: (state: S) => Transition<S, never, F>): Transition<S, never, F> => {
  const after = next(before.state)
  if (before.effects.length === 0) return after
  return { state: after.state, response: none, effects: after.effects.length === 0 ? before.effects : [...before.effects, ...after.effects] }
}

/** Total: an answer for every command in every state; never throws, knows no clock, no file, no randomness. */
export type Reducer<S, C, R, F> = (state: S, input: Stamped<C>) => Transition<S, R, F>

/** A broken promise of the state: the invariant's number in `spec/PROTOCOL.md` and what breaks it. Always our fault. */
export interface Violation {
  readonly rule: string
  readonly what: string
}

export interface Machine<S, C, R, F> {
  readonly reduce: Reducer<S, C, R, F>
  /** What the driver gives, by `Self`, when `wakeAt` is reached. Giving it early changes nothing. */
  readonly wake: C
  /** The nearest deadline of the state. */
  readonly wakeAt: (state: S) => Option<Instant>
  /** Empty unless we are wrong; costs as much as the state is large. */
  readonly violations: (state: S) => ReadonlyArray<Violation>
}
