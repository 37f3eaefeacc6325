// Who is on a list in one epoch of it. The ring is told by its hash in each grant, and fetched once; it has no addresses of members with keys, which
// are where their sessions are, and those of classic members, who are nothing but a name at an address.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Host, Port } from '../../address.js'
import type { PublicKey } from '../../keys.js'
import { memo } from '../../memo.js'
import type { ContactName, ListName } from '../../names.js'
import type { Malformed } from '../malformed.js'
import { encodeUtf8 } from '../utf8.js'
import { encodeWith, joined } from './bytes.js'
import { always, decodeWith, many, record, union } from './shapes.js'
import { contactName, host, listName, port, position, publicKey } from './values.js'

/** A member with keys: who it is follows from them. */
export interface KeyedSeat {
  readonly _tag: 'Keyed'
  readonly name: ContactName
  /** Ed25519 */
  readonly signs: PublicKey
  /** X25519 */
  readonly seals: PublicKey
}

export interface ClassicSeat {
  readonly _tag: 'Classic'
  readonly name: ContactName
  readonly ip: Host
  readonly port: Port
}

export interface Ring {
  readonly list: ListName
  /** the journal position of the change that made the members what they are: later ones are higher, also of a list that was deleted and made again */
  readonly epoch: number
  /** in order of joining; a member's place in it is its number in grants and trails. At most `limits.ringMembers` */
  readonly members: ReadonlyArray<KeyedSeat | ClassicSeat>
}

const ring = record<Ring>({
  list: listName,
  epoch: position,
  members: many(
    union<KeyedSeat | ClassicSeat>(
      {
        Keyed: [0x00, record({ _tag: always('Keyed'), name: contactName, signs: publicKey, seals: publicKey })],
        Classic: [0x01, record({ _tag: always('Classic'), name: contactName, ip: host, port })],
      },
      'a member with keys, or a classic one',
    ),
  ),
})

const domain = encodeUtf8('peal ring 1')

export const encodeRing = memo((value: Ring): Uint8Array => encodeWith(ring, value))

/** The one ring that is encoded so. Total. */
export const decodeRing = (bytes: Uint8Array): Either<Malformed, Ring> => decodeWith(ring, bytes)

/** What a ring's hash is of. */
export const ringBytes = (encoded: Uint8Array): Uint8Array => joined([domain, encoded])
