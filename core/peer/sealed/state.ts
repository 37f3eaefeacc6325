// A sealed peer between two steps: whom it has for its server, what it awaits, whom it trusts.
//
//   meeting ──keys known──> idle ──Ask──> asking ──answer, or 12 sends without one──> idle
import { limits } from '../../limits.js'
import { after, epoch, type Instant } from '../../time.js'
import * as table from '../../table.js'
import { nothing, type Assembly } from '../../wire/sealed/parts.js'
import * as classic from '../state.js'
import * as delivery from '../../delivery/index.js'
import type { Diary } from '../../diary.js'
import type { Seed } from '../../entropy.js'
import type { ContactId, Identity, Nonce } from '../../keys.js'
import type { ContactName, ListName } from '../../names.js'
import type { Pins } from '../../pins.js'
import type { Change, Order } from '../../wire/sealed/order.js'
import type { Estimate } from '../../timer.js'

/** A request that was sent, with what has arrived of its answer. */
export interface Pending {
  readonly order: Order
  /** the boot of this key's register; 0 before, and in a register */
  readonly boot: number
  /** no other request of this process has it */
  readonly seq: number
  readonly sends: number
  /** when it was first sent; undefined once a sleep makes our clock say nothing of it */
  readonly since: Instant | undefined
  readonly assembly: Assembly
  /** the send after which the server last said that it cannot store anything; 0 before */
  readonly busy: number
  /** of an errand of the courier; undefined: the user's */
  readonly ticket: string | undefined
}

/** A request that the courier wants answered. */
export interface Errand {
  readonly ticket: string
  readonly order: Order
}

/** A message of the user, which nobody has allowed to leave in clear. */
export type Unsure = Extract<delivery.Command, { readonly _tag: 'Compose' | 'Resend' }>

/** The server's keys are not known yet: it is asked who it is, unless it is pinned. Before the first wake `sends` is 0. */
export interface Meeting {
  readonly _tag: 'Meeting'
  readonly sends: number
  readonly until: Instant
}

/** An answer is awaited. */
export interface Asking extends Pending {
  readonly _tag: 'Asking'
  /** when it is sent again or given up */
  readonly until: Instant
  /** whether the system has said since the last send that nothing listens there */
  readonly closed: boolean
}

export type Phase = Meeting | { readonly _tag: 'Idle' } | Asking

export interface State {
  readonly at: Instant
  readonly phase: Phase
  /** the server's keys, once they are known */
  readonly server: Identity | undefined
  /** whether this process has heard a frame of the server: whoever sealed it holds the key */
  readonly heard: boolean
  readonly pins: Pins
  /** contacts with another key than the pinned one, and that key's id; nothing is sent to them until the user accepts it */
  readonly blocked: table.Table<ContactName, ContactId>
  readonly nonce: Nonce
  /** whom this process has registered, and has not exited */
  readonly registered: ContactName | undefined
  /** of that register; 0 without one */
  readonly boot: number
  /** of the newest request; 0 before the first */
  readonly seq: number
  /** the request given up last, while no newer one has been sent */
  readonly doubt: Pending | undefined
  readonly estimate: Estimate | undefined
  readonly seed: Seed
  /** this contact's part in all messages that go round; the server's time is known to it */
  readonly courier: delivery.State
  /** requests of the courier that wait for their turn, oldest first; and the user's, which comes first */
  readonly errands: ReadonlyArray<Errand>
  readonly wanted: Order | undefined
  /** own changes that wait at the server, as far as this process has asked for them, and since when; the latest last */
  readonly tickets: ReadonlyArray<{ readonly ticket: number; readonly change: Change; readonly since: Instant | undefined }>
  /** the user's message has not been told of yet */
  readonly sending: boolean
  /** that message, while it is not known whether classic members are on its list */
  readonly unsure: Unsure | undefined
  /** lists that take no classic members, as their policy was when this process last saw it */
  readonly keyedOnly: table.Table<ListName, true>
  /** the message that the user has begun last */
  readonly begun: string | undefined
  /** whether what was under way when the process before this one ended has been taken up again */
  readonly resumed: boolean
  /** the ping whose answer tells the server's time again */
  readonly ping: { readonly echo: string; readonly since: Instant } | undefined
  /** when the server is pinged next, unless something else is sent to it before; `sends`: pings since anything was heard of it. While registered */
  readonly keepAlive: KeepAlive
  /** the classic peer that this one is at P + 1: what it has seen of the messages of classic members */
  readonly relaying: classic.State
  /** datagrams and frames that meant nothing */
  readonly ignored: number
  readonly fault: classic.Fault | undefined
  /** true once the peer was told to end when its request is answered */
  readonly closing: boolean
  readonly ended: boolean
}

export const idle: Phase = { _tag: 'Idle' }

export interface KeepAlive {
  readonly due: Instant
  readonly sends: number
}

/** Something was sent to the server, or heard of it. */
export const keptAlive = (at: Instant): KeepAlive => ({ due: after(at, limits.keepAliveMs), sends: 0 })

/** What a peer begins with, from outside. `nonce` is drawn for each process; `seed` need not be secret. */
export interface Beginning {
  readonly nonce: Nonce
  readonly seed: Seed
  readonly pins: Pins
  /** as its store has brought it back */
  readonly diary: Diary
}

/** It begins at its first wake, which is due at once. */
export const initial = ({ nonce, seed, pins, diary }: Beginning): State => ({
  at: epoch,
  phase: { _tag: 'Meeting', sends: 0, until: epoch },
  server: undefined,
  heard: false,
  pins,
  blocked: table.empty(),
  nonce,
  registered: undefined,
  boot: 0,
  seq: 0,
  doubt: undefined,
  estimate: undefined,
  seed,
  courier: delivery.initial(seed, diary),
  errands: [],
  wanted: undefined,
  tickets: [],
  sending: false,
  unsure: undefined,
  keyedOnly: table.empty(),
  begun: undefined,
  resumed: false,
  ping: undefined,
  keepAlive: { due: epoch, sends: 0 },
  relaying: classic.initial,
  ignored: 0,
  fault: undefined,
  closing: false,
  ended: false,
})

/** A request before its first send. */
export const unsent = (order: Order, boot: number, seq: number, ticket: string | undefined): Pending => ({
  order, boot, seq, sends: 0, since: undefined, assembly: nothing, busy: 0, ticket,
})
