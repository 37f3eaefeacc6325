// A grant: the server's word that one message may go round one ring until an instant of the server's clock. It says everything that a member has to
// know to take the message or not, and nothing that is relative to now, since it may be read late (`ring.md`, R4; F2, F3, F4 of the attacks).
//
//   grantBytes ──signed by the server──> signature          who may send what to whom, until when
//        │ hash: g ──signed by the initiator──> sigI        the initiator's hand under it, and under the text by `commit`
//        └────────── MAC with g and a status ──> receipt    one member's word that it has the message, or will not take it
import * as t from 'io-ts'
import { Count } from '../../count.js'
import { Digest, ImId, type ProcessId, type Tag } from '../../keys.js'
import { limits } from '../../limits.js'
import { memo } from '../../memo.js'
import { ListName, type ContactName } from '../../names.js'
import { Instant } from '../../time.js'
import { encodeUtf8 } from '../utf8.js'
import { bytesOf, encodeWith, joined, places, uint, type Field } from './bytes.js'
import { record } from './shapes.js'
import { digest, imId, instant, listName, position } from './values.js'

/** JSON as it stands. */
export const Grant = t.readonly(
  t.strict({
    /** the server's process and the journal position of the im-start */
    im: ImId,
    /** the im under which the message was begun: `im` itself, or, of one that is sent again, that of the first grant */
    root: ImId,
    list: ListName,
    /** of the messages of the list: counted from 1, without gaps */
    no: Count,
    /** of the list: that of the ring */
    epoch: Count,
    /** hash of the ring (`ringBytes`) */
    ring: Digest,
    /** its place in the ring */
    initiator: Count,
    /** who is to have it, ascending: of the ring without the initiator, whom the server knows to be away, and classic members */
    path: t.readonlyArray(Count),
    /** hash of salt and text (`commitBytes`): the server knows which text, and not what it says */
    commit: Digest,
    /** bytes of the text in UTF-8 */
    size: Count,
    /** nobody takes it from this instant on, by the clock of the server's process that granted it */
    until: Instant,
  }),
  'Grant',
)
export type Grant = t.TypeOf<typeof Grant>

const places512 = places(limits.ringMembers)

export const grant: Field<Grant> = record<Grant>({
  im: imId,
  root: imId,
  list: listName,
  no: position,
  epoch: position,
  ring: digest,
  initiator: uint(2),
  path: places512,
  commit: digest,
  size: uint(4),
  until: instant,
})

const domains = {
  grant: encodeUtf8('peal grant 1'),
  message: encodeUtf8('peal message 1'),
  receipt: encodeUtf8('peal receipt 1'),
  commit: encodeUtf8('peal commit 1'),
  leaf: encodeUtf8('peal leaf 1'),
}

/** What the server signs, and whose hash is the grant's: g. */
export const grantBytes = memo((value: Grant): Uint8Array => joined([domains.grant, encodeWith(grant, value)]))

/** What the initiator signs. */
export const messageBytes = (g: Digest): Uint8Array => joined([domains.message, bytesOf(g)])

/** What becomes of a message at a member, for good. */
export type Settling = 'stored' | 'closed'

/** What a receipt is the MAC of, under the key that the member shares with whom it is for. */
export const receiptBytes = (g: Digest, status: Settling): Uint8Array => joined([domains.receipt, bytesOf(g), [status === 'stored' ? 0 : 1]])

/** What an initiator makes a MAC of, with a key that is its own alone, so that the copy of a classic member is known when it comes home. */
export const leafBytes = (g: Digest, name: ContactName): Uint8Array => joined([domains.leaf, bytesOf(g), encodeUtf8(name)])

/** What `commit` is the hash of. `salt`: 16 bytes in 32 digits. */
export const commitBytes = (salt: Tag, text: string): Uint8Array => joined([domains.commit, bytesOf(salt), encodeUtf8(text)])

/** Which process of the server granted it: whose clock `until` is of. */
export const processOf = ({ im }: Pick<Grant, 'im'>): ProcessId => im.slice(0, 16) as ProcessId
