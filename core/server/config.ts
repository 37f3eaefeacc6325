// What an operator may set. The defaults are the original's where it had a bound.
//
// `Settings` is data, and stands in the journal with each start of a server: what commands meant is folded under the bounds that held then.
// What resembles what is code, and comes with the program.
import * as t from 'io-ts'
import { Count } from '../count.js'
import { limits } from '../limits.js'
import { Rate } from '../rate.js'
import { roughSkeletons } from '../names.js'

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

export interface Config extends Settings {
  /** Names that share a skeleton look alike (UTS #39, section 4). The default folds case and compatibility forms only: a program passes one that
   *  knows the characters that resemble each other. Pure, one at least, and the same for the life of a state. */
  readonly skeletons: (name: string) => ReadonlyArray<string>
}

export const defaults: Config = {
  maxContacts: limits.contacts,
  maxLists: limits.lists,
  maxMembers: limits.members,
  maxMessages: limits.messagesPerList,
  maxOwnMessages: limits.messagesPerContact,
  maxReplyBytes: limits.classicDatagramBytes,
  classic: 'lan',
  keyRate: { perSecond: limits.keyRequestsPerSecond, burst: limits.keyRequestsAtOnce },
  classicRate: { perSecond: limits.classicRequestsPerSecond, burst: limits.classicRequestsAtOnce },
  registerRate: { perSecond: limits.registrationsPerMinute / 60, burst: limits.registrationsPerMinute },
  skeletons: roughSkeletons,
}

/** The part of a configuration that is data. */
export const settingsOf = ({
  maxContacts, maxLists, maxMembers, maxMessages, maxOwnMessages, maxReplyBytes, classic, keyRate, classicRate, registerRate,
}: Settings): Settings => ({
  maxContacts, maxLists, maxMembers, maxMessages, maxOwnMessages, maxReplyBytes, classic, keyRate, classicRate, registerRate,
})
