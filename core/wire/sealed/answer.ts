// What the server answers. It is encoded once, as a body, and travels in the parts of as many replies as it needs (`parts`); a repeated
// request is answered with the same bytes.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Host, Port } from '../../address.js'
import type { ContactId, PublicKey, Signature } from '../../keys.js'
import type { ContactName, ListName } from '../../names.js'
import type { Instant } from '../../time.js'
import type { Malformed } from '../malformed.js'
import { encodeWith, uint, type Field } from './bytes.js'
import { grant, type Grant } from './grant.js'
import { behind, lockRows, type Behind, type LockRows } from './locks.js'
import { always, decodeWith, many, oneOf, perhaps, record, union } from './shapes.js'
import { contactId, contactName, host, instant, listName, policy, port, position, publicKey, signature, type Policy } from './values.js'

/** What ended a message: receipts of the whole path, its time, or the operator; `recorded`: nothing has yet. */
export type Ending = 'recorded' | 'proof' | 'expired' | 'forced'

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
  /** the answer to an im-start; `signature` of `grantBytes` */
  | { readonly _tag: 'Granted'; readonly grant: Grant; readonly signature: Signature }
  /** the answer to an im-complete: what ended the message, or that its report is kept and it is still ongoing */
  | { readonly _tag: 'Ended'; readonly outcome: Ending }
  /** in order of joining */
  | { readonly _tag: 'Members'; readonly owner: ContactName | undefined; readonly policy: Policy; readonly members: ReadonlyArray<MemberRow> }
  | { readonly _tag: 'Registered'; readonly boot: number }
  /** a change of members waits: at place 1 if no older ticket is in its way; `opens`: when it is done at the latest, as far as can be told now */
  | { readonly _tag: 'Queued'; readonly ticket: number; readonly place: number; readonly opens: Instant | undefined }
  /** it waited, and this is what came of it: a code */
  | { readonly _tag: 'Served'; readonly code: number }
  /** beside a refusal of an im-start: when the list opens at the latest; `undefined`: nobody can tell */
  | { readonly _tag: 'Opens'; readonly at: Instant | undefined }
  | ({ readonly _tag: 'Locks' } & LockRows)
  /** those that one answer has room for */
  | ({ readonly _tag: 'OldestLocks'; readonly behind: Behind } & LockRows)

/** `code` of the table in `wire/classic/code`. */
export interface Answer {
  readonly code: number
  readonly body: AnswerBody
}

const presence = oneOf<MemberRow['presence']>({ alive: 0, suspect: 1, away: 2, classic: 3 }, 'a presence')

const memberRow = record<MemberRow>({
  name: contactName,
  ip: host,
  port,
  presence,
  keys: perhaps(record({ id: contactId, signs: publicKey, seals: publicKey })),
})

const body: Field<AnswerBody> = union<AnswerBody>(
  {
    Nothing: [0x00, record({ _tag: always('Nothing') })],
    Lists: [0x01, record({ _tag: always('Lists'), names: many(listName) })],
    Granted: [0x02, record({ _tag: always('Granted'), grant, signature })],
    Members: [0x03, record({ _tag: always('Members'), owner: perhaps(contactName), policy, members: many(memberRow) })],
    Registered: [0x04, record({ _tag: always('Registered'), boot: position })],
    Ended: [0x05, record({ _tag: always('Ended'), outcome: oneOf<Ending>({ recorded: 0, proof: 1, expired: 2, forced: 3 }, 'the end of a message') })],
    Queued: [0x06, record({ _tag: always('Queued'), ticket: position, place: uint(2), opens: perhaps(instant) })],
    Served: [0x07, record({ _tag: always('Served'), code: uint(2) })],
    Opens: [0x08, record({ _tag: always('Opens'), at: perhaps(instant) })],
    Locks: [0x09, record({ _tag: always('Locks'), ...lockRows })],
    OldestLocks: [0x0a, record({ _tag: always('OldestLocks'), ...lockRows, behind })],
  },
  'the kind of an answer',
)

const answer = record<Answer>({ code: uint(2), body })

/** A reply's whole body, to be sent in its parts. An answer of more than 65,535 names or members is far too long for them (`partsOf`). */
export const encodeAnswer = (value: Answer): Uint8Array => encodeWith(answer, value)

/** The one answer that is encoded so. Total. */
export const decodeAnswer = (bytes: Uint8Array): Either<Malformed, Answer> => decodeWith(answer, bytes)
