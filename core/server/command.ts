// What can be asked of the server, on any wire.
import type { Malformed } from '../wire/malformed.js'
import type { Request } from '../wire/classic/request.js'

/** End: start no more messages, wait `ms` for those that go round, then go. A second one ends at once. By the operator. */
export interface Close {
  readonly _tag: 'Close'
  readonly ms: number
}

/** Time has passed. By `Self`. */
export interface Wake {
  readonly _tag: 'Wake'
}

/** `Malformed`: a datagram that is no request still gets its answer. */
export type Command = Request | Malformed | Close | Wake

export const wake: Wake = { _tag: 'Wake' }
