// What travels inside a sealed record: one frame. A frame that is longer than a datagram has its body in parts (`parts`).
// The layout of each, byte by byte, is in `spec/PROTOCOL.md`, section 3.
import type { Host, Port } from '../../address.js'
import type { ContactId, Nonce, ProcessId, PublicKey } from '../../keys.js'
import type { ContactName, ListName } from '../../names.js'
import type { Instant } from '../../time.js'
import type { Part } from './parts.js'

/** Who may join a list: `open` anybody, classic contacts too; `sealed` any contact with a key; `closed` whom its owner invited. */
export type Policy = 'open' | 'sealed' | 'closed'

/** What a client asks of the server. */
export type Order =
  /** `signs` is the contact's Ed25519 key; `proof` its signature (64 bytes in hexadecimal digits) of `proofOf`: that both keys are one contact's */
  | { readonly _tag: 'Register'; readonly contact: ContactName; readonly signs: PublicKey; readonly proof: string; readonly nonce: Nonce }
  | { readonly _tag: 'Create'; readonly list: ListName; readonly policy: Policy }
  | { readonly _tag: 'Delete'; readonly list: ListName }
  | { readonly _tag: 'QueryLists' }
  | { readonly _tag: 'Members'; readonly list: ListName }
  | { readonly _tag: 'Invite'; readonly list: ListName; readonly contact: ContactName }
  | { readonly _tag: 'Join'; readonly list: ListName; readonly contact: ContactName }
  | { readonly _tag: 'Leave'; readonly list: ListName; readonly contact: ContactName }
  | { readonly _tag: 'Exit'; readonly contact: ContactName }
  | { readonly _tag: 'ImStart'; readonly list: ListName; readonly contact: ContactName }
  | { readonly _tag: 'ImComplete'; readonly list: ListName; readonly contact: ContactName }
  | { readonly _tag: 'Save'; readonly file: string }
  | { readonly _tag: 'Forget'; readonly contact: ContactName }

/** A request is known by `(boot, seq)` of its key: `boot` the journal position of the client's register (0 in the register itself), `seq` counted
 *  up by the client with each new request. */
export interface Request {
  readonly _tag: 'Request'
  readonly boot: number
  readonly seq: number
  /** which parts of the answer have arrived: bit i for part i; 0n at first */
  readonly have: bigint
  readonly order: Order
}

/** An answer, or a part of it; `at` and `process` are those of its sending, and not of the answer, which may be a repeated one. */
export interface Reply {
  readonly _tag: 'Reply'
  readonly boot: number
  readonly seq: number
  readonly at: Instant
  readonly process: ProcessId
  /** of `encodeAnswer` */
  readonly part: Part
}

/** A member as co-members see it; `id`, `signs` and `seals` where it has keys. */
export interface MemberRow {
  readonly name: ContactName
  readonly ip: Host
  readonly port: Port
  readonly presence: 'alive' | 'suspect' | 'away' | 'classic'
  readonly keys: { readonly id: ContactId; readonly signs: PublicKey; readonly seals: PublicKey } | undefined
}

export type AnswerBody =
  | { readonly _tag: 'Nothing' }
  /** in order of creation */
  | { readonly _tag: 'Lists'; readonly names: ReadonlyArray<ListName> }
  /** the answer to an im-start: the initiator first, then the others in order of joining */
  | { readonly _tag: 'Ring'; readonly members: ReadonlyArray<{ readonly name: string; readonly ip: string; readonly port: number }> }
  /** in order of joining */
  | { readonly _tag: 'Members'; readonly owner: ContactName | undefined; readonly policy: Policy; readonly members: ReadonlyArray<MemberRow> }
  | { readonly _tag: 'Registered'; readonly boot: number }

/** `code` of the table in `wire/classic/code`. */
export interface Answer {
  readonly code: number
  readonly body: AnswerBody
}

/** Is anybody there? Answered by a pong with the same echo: 8 bytes in 16 hexadecimal digits. */
export interface Ping {
  readonly _tag: 'Ping'
  readonly echo: string
}

/** `clock`: a server's, of its sending */
export interface Pong {
  readonly _tag: 'Pong'
  readonly echo: string
  readonly clock: { readonly at: Instant; readonly process: ProcessId } | undefined
}

/** From the server: another process has registered with this key since that boot; this one is over. */
export interface Superseded {
  readonly _tag: 'Superseded'
}

/** A message on its way round the ring, or a part of it: the grant's and the ring's own fields in `head`, the text in parts. */
export interface Relay {
  readonly _tag: 'Relay'
  /** 14 bytes in hexadecimal digits: the server's process and the journal position of its im-start */
  readonly im: string
  readonly kind: 'ring' | 'direct' | 'home'
  /** opaque to the frame */
  readonly head: Uint8Array
  readonly part: Part
}

/** That a relay, or some of its parts, has arrived, and what became of it. `receipts`: 16 bytes each, or none. */
export interface Ack {
  readonly _tag: 'Ack'
  readonly im: string
  readonly status: 'stored' | 'have' | 'busy' | 'late' | 'closed' | 'refused'
  readonly have: bigint
  readonly receipts: { readonly initiator: Uint8Array; readonly server: Uint8Array } | undefined
}

export type Frame = Request | Reply | Ping | Pong | Superseded | Relay | Ack
