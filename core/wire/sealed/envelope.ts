// What a relay carries. The body never changes on its way, and travels in parts; the trail grows with each member that passes it on, is small, and is
// in the head of each part.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Signature, Tag } from '../../keys.js'
import { limits } from '../../limits.js'
import { memo } from '../../memo.js'
import type { Malformed } from '../malformed.js'
import { encodeWith, places, textUpTo, uint, xorOf } from './bytes.js'
import { grant, type Grant } from './grant.js'
import { decodeWith, few, oneOf, record } from './shapes.js'
import { signature, tag } from './values.js'

/** A message as its initiator sealed it. */
export interface Envelope {
  readonly grant: Grant
  /** the server's, of `grantBytes` */
  readonly granted: Signature
  /** the initiator's, of `messageBytes` */
  readonly signed: Signature
  /** 16 bytes that nobody can guess */
  readonly salt: Tag
  readonly text: string
}

/** Why a member has no receipt in an envelope: evidence, never proof. */
export type Why = 'silent' | 'portClosed' | 'noSession' | 'remembered' | 'late' | 'refused' | 'closed'

export interface Note {
  /** places in the ring: who has no receipt, and who says so */
  readonly member: number
  readonly why: Why
  readonly by: number
}

/** Where an envelope has been. */
export interface Trail {
  /** places in the ring, ascending */
  readonly visited: ReadonlyArray<number>
  /** the receipts of all visited for the initiator, and for the server: XOR of them, zeros of none (Katz & Lindell, Aggregate Message
   *  Authentication Codes, CT-RSA 2008) */
  readonly tagI: Tag
  readonly tagS: Tag
  /** at most `limits.notesInTrail` */
  readonly notes: ReadonlyArray<Note>
}

const whys: { readonly [K in Why]: number } = { silent: 0, portClosed: 1, noSession: 2, remembered: 3, late: 4, refused: 5, closed: 6 }

const envelope = record<Envelope>({ grant, granted: signature, signed: signature, salt: tag, text: textUpTo(limits.textBytes) })

const trail = record<Trail>({
  visited: places(limits.ringMembers),
  tagI: tag,
  tagS: tag,
  notes: few(record<Note>({ member: uint(2), why: oneOf<Why>(whys, 'why a member has no receipt'), by: uint(2) }), limits.notesInTrail),
})

/** At most 64 parts of 1024 bytes, the text being within `limits.textBytes` and the ring within `limits.ringMembers`. */
export const encodeEnvelope = (value: Envelope): Uint8Array => encodeWith(envelope, value)

/** The one envelope that is encoded so. Total. A copy that waits for its ring is read once more when that is known. */
export const decodeEnvelope = memo((bytes: Uint8Array): Either<Malformed, Envelope> => decodeWith(envelope, bytes))

const zeros = '0'.repeat(32) as Tag

export const departure: Trail = { visited: [], tagI: zeros, tagS: zeros, notes: [] }

const noteBytes = 5

/** A relay's head; the notes that fit into it. */
export const encodeTrail = (value: Trail): Uint8Array => {
  const { visited, tagI, tagS, notes } = value
  const bare = trail.size({ visited, tagI, tagS, notes: [] })
  const room = Math.min(limits.notesInTrail, Math.floor((limits.relayHeadBytes - bare) / noteBytes))
  return encodeWith(trail, { visited, tagI, tagS, notes: notes.slice(0, room) })
}

/** The one trail that is encoded so. Total. */
export const decodeTrail = (bytes: Uint8Array): Either<Malformed, Trail> => decodeWith(trail, bytes)

/** The sum of two tags: bit by bit, without carry. */
export const xor = (a: Tag, b: Tag): Tag => xorOf(a, b) as Tag

/** The sum of any tags; zeros of none. */
export const sum = (tags: ReadonlyArray<Tag>): Tag => tags.reduce(xor, zeros)
