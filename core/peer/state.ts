// A peer between two steps: what it awaits, what of its own is going round, what it has seen.
//
//   idle ──Ask──> asking ──answer──> idle            (im-start) ──answer──> composing ──Say──> idle, or travelling in a script
import * as memory from './memory.js'
import { epoch, type Instant } from '../time.js'
import type { RingMember } from '../wire/classic/reply.js'
import type { Request } from '../wire/classic/request.js'
import type { About, Which } from './notice.js'

/** A request whose answer is awaited. */
export interface Asking {
  readonly _tag: 'Asking'
  readonly request: Request
  /** for an im-start that brings its line along */
  readonly text: string | undefined
  readonly im: string
  /** while true, the request itself is not sent: a query-lists is, whose answer shows that no older one is still to come */
  readonly sounding: boolean
  readonly sends: number
  /** when it is sent again or given up */
  readonly until: Instant
}

/** An im-start was granted; its line of text is awaited. */
export interface Composing {
  readonly _tag: 'Composing'
  readonly list: string
  readonly initiator: string
  readonly members: ReadonlyArray<RingMember>
}

/** In a script: the next line waits until this message is home. */
export interface Travelling {
  readonly _tag: 'Travelling'
  readonly im: string
}

export type Phase = { readonly _tag: 'Idle' } | Asking | Composing | Travelling

/** An own message going round. */
export interface UnderWay {
  readonly which: Which
  readonly members: number
  readonly since: Instant
  /** when its sender is told that it is overdue; undefined once it was */
  readonly overdueAt: Instant | undefined
}

/** A request of which answers may still come, though it was given up (`unknown`) or is answered. */
export interface Doubt {
  readonly about: About
  readonly tag: Request['_tag']
  /** how many, at most */
  readonly replies: number
  readonly unknown: boolean
  /** after this none comes any more */
  readonly until: Instant
}

/** The first thing that went wrong: what a script's exit code tells. */
export type Fault =
  | 'refused' | 'locked' | 'unknown' | 'unreachable' | 'notTaken' | 'overdue' | 'notAuthorised' | 'changedKey' | 'superseded'
  /** of a message on the sealed wire: fewer have it than were required, nobody has, or nobody knows whether it was begun */
  | 'partial' | 'none' | 'expired'

export interface State {
  readonly at: Instant
  readonly phase: Phase
  readonly doubt: Doubt | undefined
  /** until when the answers to each query-lists sent, by the user or as a sounding, may still come; oldest first */
  readonly owed: ReadonlyArray<Instant>
  readonly underWay: ReadonlyArray<UnderWay>
  /** marked relays */
  readonly seen: memory.Memory
  /** contacts registered from here and not exited */
  readonly registered: ReadonlyArray<string>
  /** datagrams that were no packet, or no answer to anything */
  readonly ignored: number
  readonly fault: Fault | undefined
  /** true once the peer was told to end when everything under way is home or overdue */
  readonly closing: boolean
  readonly ended: boolean
}

export const idle: Phase = { _tag: 'Idle' }

export const initial: State = {
  at: epoch,
  phase: idle,
  doubt: undefined,
  owed: [],
  underWay: [],
  seen: memory.empty,
  registered: [],
  ignored: 0,
  fault: undefined,
  closing: false,
  ended: false,
}
