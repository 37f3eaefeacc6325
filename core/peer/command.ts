// What a peer can be given: by its user, by the server, by its neighbours, by the world.
import type { Host, Port } from '../address.js'
import type { ContactName } from '../names.js'
import type { Malformed } from '../wire/malformed.js'
import type { Relay } from '../wire/classic/relay.js'
import type { ReplyPacket } from '../wire/classic/reply.js'
import type { Request } from '../wire/classic/request.js'

/** A request as the user gives it: address and port of `register` may be left to the peer. */
export type Wish =
  | Exclude<Request, { readonly _tag: 'Register' }>
  | { readonly _tag: 'Register'; readonly contact: ContactName; readonly ip: Host | undefined; readonly port: Port | undefined }

export type Command =
  /** the user wants this done; `text` for an im-start that brings its line along; `im` 16 hexadecimal digits of randomness */
  | { readonly _tag: 'Ask'; readonly wish: Wish; readonly text: string | undefined; readonly im: string }
  /** the line of text that an im-start asked for */
  | { readonly _tag: 'Say'; readonly text: string; readonly im: string }
  /** the user typed what nobody understands; `sentence` says why. It is told, and the next line is wanted */
  | { readonly _tag: 'Mistype'; readonly sentence: string }
  /** the user will not give that line after all */
  | { readonly _tag: 'Drop' }
  /** a datagram of the server, at P */
  | { readonly _tag: 'Hear'; readonly packet: ReplyPacket | Malformed }
  /** a datagram of a neighbour, at P + 1 */
  | { readonly _tag: 'Receive'; readonly packet: Relay | Malformed }
  /** the server's port is closed: nothing listens there */
  | { readonly _tag: 'PortClosed' }
  /** a relayed message could not be sent to this address, and why */
  | { readonly _tag: 'SendFailed'; readonly to: string; readonly why: string }
  /** end: by the end of input (`patient`: what is under way may come home first), or by a signal */
  | { readonly _tag: 'Close'; readonly patient: boolean }
  | { readonly _tag: 'Wake' }

export const wake: Command = { _tag: 'Wake' }
