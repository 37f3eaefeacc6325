// What an operator may set. The defaults are the original's where it had a bound.
//
// `Settings` is data, and stands in the journal with each start of a server: what commands meant is folded under the bounds that held then.
// What resembles what, and how a ring is hashed, is code, and comes with the program.
import * as t from 'io-ts'
import { Count } from '../count.js'
import { limits } from '../limits.js'
import { Rate } from '../rate.js'
import { roughSkeletons } from '../names.js'
import type { Digest } from '../keys.js'

/** Whose classic datagrams are heard: nobody's, this machine's, those of private networks too (`isPrivate`), everybody's. */
export const Admission = t.keyof({ off: null, loopback: null, lan: null, open: null })
export type Admission = t.TypeOf<typeof Admission>

/** JSON as it stands: finite numbers only. */
export const Settings = t.readonly(
  t.strict({
    /** contacts at once; 456 beyond */
    maxContacts: Count,
    /** lists at once; 458 beyond */
    maxLists: Count,
    /** members of one list, and contacts invited to it; 454 beyond */
    maxMembers: Count,
    /** ongoing messages of one list at once; 429 beyond */
    maxMessages: Count,
    /** ongoing messages of one contact with a key, in all lists together; 429 beyond */
    maxOwnMessages: Count,
    /** bytes of a classic reply; a longer one is answered 413 instead, since an original that reads less of it dies */
    maxReplyBytes: Count,
    classic: Admission,
    /** ms: how long a message of the classic wire may lock its list; 0: until its initiator or the operator ends it */
    classicLeaseMs: Count,
    /** orders of one key, and as many questions beside them; 430 beyond */
    keyRate: Rate,
    /** classic requests of one source; 430 beyond. Loopback has no bound */
    classicRate: Rate,
    /** registrations from one source, on either wire; 430 beyond. Loopback has no bound */
    registerRate: Rate,
  }),
  'Settings',
)
export type Settings = t.TypeOf<typeof Settings>

/** What is no data. */
export interface Code {
  /** Names that share a skeleton look alike (UTS #39, section 4). The default folds case and compatibility forms only: a program passes one that
   *  knows the characters that resemble each other. Pure, one at least, and the same for the life of a state. */
  readonly skeletons: (name: string) => ReadonlyArray<string>
  /** Of a ring, for the grants that name it: BLAKE2b-256 where members are to recognise it. The default is a checksum for simulations, which nobody
   *  who reads it need take trouble to fool. Pure, and the same for the life of a state. */
  readonly hash: (bytes: Uint8Array) => Digest
}

export interface Config extends Settings, Code {}

/** Eight words, each of which multiplies the bytes into a start of its own. */
const roughHash = (bytes: Uint8Array): Digest =>
  Array.from({ length: 8 }, (_, i) => (bytes.reduce((word, byte) => Math.imul(word ^ byte, 0x01000193), 0x811c9dc5 + i) >>> 0).toString(16).padStart(8, '0')).join('') as Digest

export const defaults: Config = {
  maxContacts: limits.contacts,
  maxLists: limits.lists,
  maxMembers: limits.members,
  maxMessages: limits.messagesPerList,
  maxOwnMessages: limits.messagesPerContact,
  maxReplyBytes: limits.classicDatagramBytes,
  classic: 'lan',
  classicLeaseMs: limits.classicLeaseMs,
  keyRate: { perSecond: limits.keyRequestsPerSecond, burst: limits.keyRequestsAtOnce },
  classicRate: { perSecond: limits.classicRequestsPerSecond, burst: limits.classicRequestsAtOnce },
  registerRate: { perSecond: limits.registrationsPerMinute / 60, burst: limits.registrationsPerMinute },
  skeletons: roughSkeletons,
  hash: roughHash,
}

/** The part of a configuration that is data. */
export const settingsOf = ({
  maxContacts, maxLists, maxMembers, maxMessages, maxOwnMessages, maxReplyBytes, classic, classicLeaseMs, keyRate, classicRate, registerRate,
}: Settings): Settings => ({
  maxContacts, maxLists, maxMembers, maxMessages, maxOwnMessages, maxReplyBytes, classic, classicLeaseMs, keyRate, classicRate, registerRate,
})
