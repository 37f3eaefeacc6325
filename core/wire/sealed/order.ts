// What a client asks of the server: a byte for the verb, and its arguments.
import * as t from 'io-ts'
import { Count } from '../../count.js'
import { ContactId, Digest, ImId, Nonce, PublicKey, Tag } from '../../keys.js'
import { limits } from '../../limits.js'
import { ContactName, ListName } from '../../names.js'
import { hex, places, text, uint, type Field } from './bytes.js'
import { always, few, oneOf, orNull, record, union } from './shapes.js'
import { contactId, contactName, digest, imId, listName, nonce, policy, Policy, position, publicKey, tag } from './values.js'

type OnListAndContact = 'Invite' | 'Join' | 'Leave' | 'Release'

/** A message that is sent again: the im under which it was begun, and to whom; nobody named is everybody, as are more than `limits.namedAgain`. */
const Again = t.readonly(t.strict({ root: ImId, to: t.readonlyArray(ContactId) }))
type Again = t.TypeOf<typeof Again>

const onListAndContactOf = <K extends OnListAndContact>(_tag: K) => t.readonly(t.strict({ _tag: t.literal(_tag), list: ListName, contact: ContactName }))

const Exit = t.readonly(t.strict({ _tag: t.literal('Exit'), contact: ContactName }))

/** A change of members, which messages keep waiting. */
export const Change = t.union([onListAndContactOf('Join'), onListAndContactOf('Leave'), Exit], 'Change')
export type Change = t.TypeOf<typeof Change>

const MaybeList = t.union([t.null, ListName])
const MaybeContact = t.union([t.null, ContactName])

/** What a client asks of the server. JSON as it stands. */
export const Order = t.union(
  [
    /** `signs` is the contact's Ed25519 key; `proof` its signature (64 bytes in hexadecimal digits) of `proofOf`: that both keys are one contact's */
    t.readonly(t.strict({ _tag: t.literal('Register'), contact: ContactName, signs: PublicKey, proof: t.string, nonce: Nonce })),
    t.readonly(t.strict({ _tag: t.literal('Create'), list: ListName, policy: Policy })),
    t.readonly(t.strict({ _tag: t.literal('Delete'), list: ListName })),
    t.readonly(t.strict({ _tag: t.literal('QueryLists') })),
    t.readonly(t.strict({ _tag: t.literal('Members'), list: ListName })),
    onListAndContactOf('Invite'),
    ...Change.types,
    /** `commit`, `size`: of the text, see `Grant`. `patience`: how many times the usual lease is asked for, by a peer that loses much (R4; 1 to 3) */
    t.readonly(t.strict({ _tag: t.literal('ImStart'), list: ListName, commit: Digest, size: Count, patience: t.keyof({ once: null, twice: null, thrice: null }), again: t.union([t.null, Again]) })),
    /** places in the grant's ring of who has stored it and who will not, and the sum of their receipts for the server (R15, R18) */
    t.readonly(t.strict({ _tag: t.literal('ImComplete'), im: ImId, stored: t.readonlyArray(Count), closed: t.readonlyArray(Count), tag: Tag })),
    /** where are these members of that list? Each of them is told who looks for it, and where that is (V12) */
    t.readonly(t.strict({ _tag: t.literal('Where'), list: ListName, ids: t.readonlyArray(ContactId) })),
    /** a co-member gives no answer: is it there? */
    t.readonly(t.strict({ _tag: t.literal('Suspect'), id: ContactId })),
    /** the operator's: the oldest ongoing message of that contact in that list is over */
    onListAndContactOf('Release'),
    t.readonly(t.strict({ _tag: t.literal('Save'), file: t.string })),
    /** the operator's: the contact's lists are unlocked, and it exits */
    t.readonly(t.strict({ _tag: t.literal('Forget'), contact: ContactName })),
    /** done at once, or as soon as no message keeps it waiting (R24) */
    t.readonly(t.strict({ _tag: t.literal('Enqueue'), change: Change })),
    /** an own ticket waits no more; what was done under it is done */
    t.readonly(t.strict({ _tag: t.literal('Withdraw'), ticket: Count })),
    /** what has become of an own ticket? */
    t.readonly(t.strict({ _tag: t.literal('Ticket'), ticket: Count })),
    /** which messages hold that list, and those of that contact, and who waits? Neither named: the lists of whoever asks, all of them the operator */
    t.readonly(t.strict({ _tag: t.literal('Locks'), list: MaybeList, contact: MaybeContact })),
    /** the operator's: every ongoing message of that list is over */
    t.readonly(t.strict({ _tag: t.literal('Unlock'), list: ListName })),
  ],
  'Order',
)
export type Order = t.TypeOf<typeof Order>

const onListAndContact = <K extends OnListAndContact>(_tag: K): Field<{ readonly _tag: K; readonly list: ListName; readonly contact: ContactName }> =>
  record({ _tag: always(_tag), list: listName, contact: contactName })

const exit = record({ _tag: always('Exit' as const), contact: contactName })

/** Under the same bytes as the order of that change. */
export const change: Field<Change> = union<Change>({ Join: [0x07, onListAndContact('Join')], Leave: [0x08, onListAndContact('Leave')], Exit: [0x09, exit] }, 'a change of members')

export const order: Field<Order> = union<Order>(
  {
    Register: [0x01, record({ _tag: always('Register'), contact: contactName, signs: publicKey, proof: hex(64), nonce })],
    Create: [0x02, record({ _tag: always('Create'), list: listName, policy })],
    Delete: [0x03, record({ _tag: always('Delete'), list: listName })],
    QueryLists: [0x04, record({ _tag: always('QueryLists') })],
    Members: [0x05, record({ _tag: always('Members'), list: listName })],
    Invite: [0x06, onListAndContact('Invite')],
    Join: [0x07, onListAndContact('Join')],
    Leave: [0x08, onListAndContact('Leave')],
    Exit: [0x09, exit],
    ImStart: [
      0x0a,
      record({
        _tag: always('ImStart'),
        list: listName,
        commit: digest,
        size: uint(4),
        patience: oneOf({ once: 1, twice: 2, thrice: 3 }, 'once, twice or thrice the lease'),
        again: orNull(record<Again>({ root: imId, to: few(contactId, limits.namedAgain) })),
      }),
    ],
    ImComplete: [0x0b, record({ _tag: always('ImComplete'), im: imId, stored: places(limits.ringMembers), closed: places(limits.ringMembers), tag })],
    Where: [0x15, record({ _tag: always('Where'), list: listName, ids: few(contactId, limits.copiesAtOnce) })],
    Suspect: [0x14, record({ _tag: always('Suspect'), id: contactId })],
    Release: [0x0e, onListAndContact('Release')],
    Save: [0x0c, record({ _tag: always('Save'), file: text })],
    Forget: [0x0d, record({ _tag: always('Forget'), contact: contactName })],
    Enqueue: [0x0f, record({ _tag: always('Enqueue'), change })],
    Withdraw: [0x10, record({ _tag: always('Withdraw'), ticket: position })],
    Ticket: [0x11, record({ _tag: always('Ticket'), ticket: position })],
    Locks: [0x12, record({ _tag: always('Locks'), list: orNull(listName), contact: orNull(contactName) })],
    Unlock: [0x13, record({ _tag: always('Unlock'), list: listName })],
  },
  'a verb',
)

/** Whether an order only asks: nothing changes by it, and nobody minds if it is answered twice. */
export const isRead = ({ _tag }: Order): boolean =>
  _tag === 'QueryLists' || _tag === 'Members' || _tag === 'Where' || _tag === 'Suspect' || _tag === 'Ticket' || _tag === 'Locks'
