// What a sealed peer can be given: by its user, by the server through the channel, by classic neighbours, by the world.
import type { Identity, ImId, PublicKey, Tag } from '../../keys.js'
import type { ContactName, ListName } from '../../names.js'
import type { Patience } from '../../delivery/index.js'
import type { Malformed } from '../../wire/malformed.js'
import type { Relay } from '../../wire/classic/relay.js'
import type { Frame } from '../../wire/sealed/frame.js'
import type { Change, Order } from '../../wire/sealed/order.js'

type Named = Extract<Order, { readonly _tag: 'Invite' | 'Forget' }>
type Acting = Change
type Anonymous<O> = O extends Acting ? Omit<O, 'contact'> & { readonly contact: ContactName | undefined } : never

/** A request as the user gives it. Who acts may be left out: it is the contact registered from here. What a register shows for itself
 *  the peer adds. */
export type Wish =
  | { readonly _tag: 'Register'; readonly contact: ContactName }
  | Extract<Order, { readonly _tag: 'Create' | 'Delete' | 'QueryLists' | 'Members' | 'Save' | 'Withdraw' | 'Ticket' | 'Locks' }>
  | Named
  | Anonymous<Acting>
  /** as soon as no message is in its way */
  | { readonly _tag: 'Enqueue'; readonly change: Anonymous<Acting> }

export type Command =
  /** the user wants this done */
  | { readonly _tag: 'Ask'; readonly wish: Wish }
  /** the user sends a text to that list: a grant is asked, it goes round, and a report is told. `salt`: 16 bytes that nobody can guess; `inClear`: the
   *  user has said that classic members may have it in clear */
  | { readonly _tag: 'Send'; readonly list: ListName; readonly text: string; readonly salt: Tag; readonly patience: Patience; readonly inClear?: boolean }
  /** the user sends that message again to whoever has given no receipt, or, of classic members, was not sent it */
  | { readonly _tag: 'Resend'; readonly im: ImId; readonly patience: Patience; readonly inClear?: boolean }
  /** messages of that list are closed from now on, or taken again */
  | { readonly _tag: 'Mute'; readonly list: ListName; readonly muted: boolean }
  /** what was missed of that list is asked of co-members, and given to them, or neither is */
  | { readonly _tag: 'CatchUp'; readonly list: ListName; readonly on: boolean }
  /** the user knows why this contact has another key: it is the one to pin */
  | { readonly _tag: 'Accept'; readonly contact: ContactName }
  /** the user typed what nobody understands; `sentence` says why. It is told, and the next line is wanted */
  | { readonly _tag: 'Mistype'; readonly sentence: string }
  /** by the server's address: who it says it is. `proven`: signed by the key that it shows */
  | { readonly _tag: 'Met'; readonly server: Identity; readonly proven: boolean }
  /** by the key of whoever sealed it: a frame that the channel opened */
  | { readonly _tag: 'Hear'; readonly frame: Frame }
  /** a datagram of a classic neighbour, at P + 1: in clear, from anybody */
  | { readonly _tag: 'Receive'; readonly packet: Relay | Malformed }
  /** the system says that nothing listens at the server's port. Whoever can send a datagram can make it say so */
  | { readonly _tag: 'PortClosed' }
  /** the same of a co-member's port, and that no hello to it is answered */
  | { readonly _tag: 'NeighbourClosed'; readonly key: PublicKey }
  | { readonly _tag: 'NeighbourLost'; readonly key: PublicKey }
  /** that co-member has sealed something: it is there */
  | { readonly _tag: 'NeighbourHeard'; readonly key: PublicKey }
  /** a relayed message could not be sent to this address, and why */
  | { readonly _tag: 'SendFailed'; readonly to: string; readonly why: string }
  /** this machine was asleep, or this process stopped, while the server's clock went on */
  | { readonly _tag: 'Slept' }
  /** end: by the end of input (`patient`: what was asked may be answered first), or by a signal */
  | { readonly _tag: 'Close'; readonly patient: boolean }
  | { readonly _tag: 'Wake' }

export const wake: Command = { _tag: 'Wake' }
