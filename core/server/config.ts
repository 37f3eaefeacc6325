// What an operator may set. The defaults are the original's where it had a bound.
import { limits } from '../limits.js'
import type { Rate } from '../rate.js'
import { roughSkeletons } from '../names.js'

/** Whose classic datagrams are heard: nobody's, this machine's, those of private networks too (`isPrivate`), everybody's. */
export type Admission = 'off' | 'loopback' | 'lan' | 'open'

export interface Config {
  /** contacts at once; 456 beyond */
  readonly maxContacts: number
  /** lists at once; 458 beyond */
  readonly maxLists: number
  /** members of one list, and contacts invited to it; 454 beyond */
  readonly maxMembers: number
  /** ongoing messages of one list at once; 429 beyond */
  readonly maxMessages: number
  /** ongoing messages of one contact with a key, in all lists together; 429 beyond */
  readonly maxOwnMessages: number
  /** bytes of a classic reply; a longer one is answered 413 instead, since an original that reads less of it dies */
  readonly maxReplyBytes: number
  readonly classic: Admission
  /** orders of one key, and as many questions beside them; 430 beyond */
  readonly keyRate: Rate
  /** classic requests of one source; 430 beyond. Loopback has no bound */
  readonly classicRate: Rate
  /** registrations from one source, on either wire; 430 beyond. Loopback has no bound */
  readonly registerRate: Rate
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
