// The kinds of step of a courier.
import { act, follow, type Transition } from '../transition.js'
import { announce, type Announce, type Persist, type Send } from '../effect.js'
import type { Address } from '../address.js'
import type { PublicKey } from '../keys.js'
import type { Mark } from '../diary.js'
import type { Relay } from '../wire/classic/relay.js'
import type { Frame } from '../wire/sealed/frame.js'
import type { Order } from '../wire/sealed/order.js'
import type { Notice } from './notice.js'
import { neighbourOf, type State } from './state.js'

/** Hand `frame` to the channel, for whoever holds that key; `address`: where it is said to be. `again`: an earlier send is unanswered, so that the
 *  channel says hello too (R14). */
export interface Seal {
  readonly _tag: 'Seal'
  readonly to: PublicKey
  readonly address: Address | undefined
  readonly frame: Frame
  readonly again: boolean
}

/** Ask the server, as (boot, seq) and the order of requests have it; then say `Answered` with the ticket. */
export interface Request {
  readonly _tag: 'Request'
  readonly ticket: string
  readonly order: Order
}

/** Ask the server what its clock shows; then say `Learned`. */
export interface Ping {
  readonly _tag: 'Ping'
}

/** Make `record` durable before long; nothing waits for it, and after a crash it may be missing. */
export interface Jot {
  readonly _tag: 'Jot'
  readonly record: Mark
}

/** `Send`: in clear, to a classic member's port for messages. */
export type Effect = Seal | Request | Ping | Jot | Send<Relay> | Persist<Mark> | Announce<Notice>

export type Step = Transition<State, never, Effect>

export const step = act<State, Effect>
export const then = follow<State, Effect>

/** One step after another, for each of these. */
export const each = <A>(state: State, all: ReadonlyArray<A>, next: (state: State, one: A) => Step): Step =>
  all.reduce<Step>((so, one) => then(so, (now) => next(now, one)), step(state))

export const tell = (state: State, notice: Notice): Step => step(state, announce(notice))

/** To a co-member, or the server. */
export const seal = (state: State, to: PublicKey, frame: Frame, again = false): Seal => ({ _tag: 'Seal', to, address: neighbourOf(state, to).address, frame, again })

export const persist = (record: Mark): Persist<Mark> => ({ _tag: 'Persist', record })
