// Who may do what, as the table that `PROTOCOL.md` prints (rules A1 to A9): an order is allowed to whoever has one of its roles.
import type { Order } from '../../core/index.js'

/** What somebody may be to an order: `contact` whoever is registered with a key, `self` the contact that the order names, `owner` the owner of the
 *  list that it names, `finder` any contact before an empty list that is nobody's. */
export type Role = 'contact' | 'self' | 'owner' | 'finder' | 'operator'

export const rights: { readonly [T in Order['_tag']]: ReadonlyArray<Role> } = {
  Register: [],
  Create: ['contact', 'operator'],
  Delete: ['owner', 'finder', 'operator'],
  QueryLists: ['contact', 'operator'],
  Members: ['contact', 'operator'],
  Invite: ['owner', 'operator'],
  Join: ['self', 'operator'],
  Leave: ['self', 'owner', 'operator'],
  Exit: ['self', 'operator'],
  ImStart: ['contact'],
  ImComplete: ['contact'],
  Suspect: ['contact'],
  Where: ['contact'],
  Release: ['operator'],
  Save: ['operator'],
  Forget: ['operator'],
  Enqueue: ['contact'],
  Withdraw: ['contact', 'operator'],
  Ticket: ['contact'],
  Locks: ['contact', 'operator'],
  Unlock: ['operator'],
}

export const isAllowed = (order: Order, roles: ReadonlyArray<Role>): boolean => rights[order._tag].some((role) => roles.includes(role))
