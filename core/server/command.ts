// What can be asked of the server, on any wire, and who may ask it so (anybody else is refused before anything is looked at):
//
//   a classic request, Malformed   Classic, and the operator's prompt, which then sees what a classic program sees
//   Ask                            Key: a request of a contact, or of whoever wants to become one
//   Seek                           Key: a member who has met a ring that it does not know
//   Operate, Close                 Operator
//   Start, Moved, Judged, Wake     Self (the operator may wake it too)
import type { Address } from '../address.js'
import type { Digest, Identity, ProcessId, PublicKey } from '../keys.js'
import type { Malformed } from '../wire/malformed.js'
import type { Presence } from '../presence.js'
import type { Request } from '../wire/classic/request.js'
import type { Order } from '../wire/sealed/index.js'
import type { Settings } from './config.js'

/** An order of a client, known by `(boot, seq)` of its key: executed once, whatever is repeated. By `Key`. */
export interface Ask {
  readonly _tag: 'Ask'
  /** journal position of the client's register; 0 in the register itself */
  readonly boot: number
  /** counted up by the client; a whole number >= 0 */
  readonly seq: number
  readonly order: Order
  /** of a Register only: whose the two keys are; `undefined` when the proof that they are one contact's was wrong */
  readonly identity: Identity | undefined
  /** where the key has shown that it receives; defined in a Register */
  readonly address: Address | undefined
  /** of an ImComplete only, while its message is ongoing: whether its tag is the sum of the receipts that it says it is. It is judged where the secret
   *  is, so that a journal is folded without it; a grant never changes, so that the verdict cannot be overtaken */
  readonly proven?: boolean
}

/** Who is the ring of that hash? Told to its members, and to nobody else anything. By `Key`. */
export interface Seek {
  readonly _tag: 'Seek'
  readonly ring: Digest
}

/** An order of the operator, as often as it is given. By the operator. */
export interface Operate {
  readonly _tag: 'Operate'
  readonly order: Order
}

/** The program has started, under a number of its own; a server that was closing or had ended serves again. By `Self`. */
export interface Start {
  readonly _tag: 'Start'
  readonly process: ProcessId
  /** what it is set to, for whoever folds the journal behind it: a machine has its own */
  readonly settings: Settings
}

/** The key has shown that it receives there now; told too fast, it is nobody's news. By `Self`. */
export interface Moved {
  readonly _tag: 'Moved'
  readonly key: PublicKey
  readonly address: Address
}

/** Whether that contact is there, as far as can be told by whom is heard (R26): grants follow from it. By `Self`. */
export interface Judged {
  readonly _tag: 'Judged'
  readonly key: PublicKey
  readonly presence: Presence
}

/** End: start no more messages, wait `ms` for those that go round, then go. A second one ends at once, as does 0 ms. By the operator. */
export interface Close {
  readonly _tag: 'Close'
  readonly ms: number
}

/** Time has passed: messages whose time is over end, and nothing else ends them so. By `Self`. */
export interface Wake {
  readonly _tag: 'Wake'
}

/** `Malformed`: a datagram that is no request still gets its answer. */
export type Command = Request | Malformed | Ask | Seek | Operate | Start | Moved | Judged | Close | Wake

export const wake: Wake = { _tag: 'Wake' }
