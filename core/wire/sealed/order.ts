// What a client asks of the server: a byte for the verb, and its arguments.
import * as t from 'io-ts'
import { Nonce, PublicKey } from '../../keys.js'
import { ContactName, ListName } from '../../names.js'
import { hex, text, type Field } from './bytes.js'
import { always, record, union } from './shapes.js'
import { contactName, listName, nonce, policy, Policy, publicKey } from './values.js'

type OnListAndContact = 'Invite' | 'Join' | 'Leave' | 'ImStart' | 'ImComplete'

const onListAndContactOf = <K extends OnListAndContact>(_tag: K) => t.readonly(t.strict({ _tag: t.literal(_tag), list: ListName, contact: ContactName }))

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
    onListAndContactOf('Join'),
    onListAndContactOf('Leave'),
    t.readonly(t.strict({ _tag: t.literal('Exit'), contact: ContactName })),
    onListAndContactOf('ImStart'),
    onListAndContactOf('ImComplete'),
    t.readonly(t.strict({ _tag: t.literal('Save'), file: t.string })),
    t.readonly(t.strict({ _tag: t.literal('Forget'), contact: ContactName })),
  ],
  'Order',
)
export type Order = t.TypeOf<typeof Order>

const onListAndContact = <K extends OnListAndContact>(_tag: K): Field<{ readonly _tag: K; readonly list: ListName; readonly contact: ContactName }> =>
  record({ _tag: always(_tag), list: listName, contact: contactName })

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
    Exit: [0x09, record({ _tag: always('Exit'), contact: contactName })],
    ImStart: [0x0a, onListAndContact('ImStart')],
    ImComplete: [0x0b, onListAndContact('ImComplete')],
    Save: [0x0c, record({ _tag: always('Save'), file: text })],
    Forget: [0x0d, record({ _tag: always('Forget'), contact: contactName })],
  },
  'a verb',
)

/** Whether an order only asks: nothing changes, and nobody minds if it is answered twice. */
export const isRead = ({ _tag }: Order): boolean => _tag === 'QueryLists' || _tag === 'Members'
