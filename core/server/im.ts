// Ongoing messages and ended ones, as the directory keeps them.
import { limits } from '../limits.js'
import { after, type Instant } from '../time.js'
import type { Digest, ImId, PublicKey } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import type { CodeName } from '../wire/classic/code.js'
import type { Ending, Grant } from '../wire/sealed/index.js'

/** What an initiator says of its message, with receipts for it: places in the ring, ascending. The others are unknown. */
export interface Report {
  readonly stored: ReadonlyArray<number>
  readonly closed: ReadonlyArray<number>
}

/** What has ended a message. */
export type End = Exclude<Ending, 'recorded'>

/** An ended message, as long as its initiator may ask about it or send it again. */
export interface Over {
  readonly im: ImId
  readonly root: ImId
  readonly list: ListName
  readonly no: number
  readonly commit: Digest
  /** of the first grant of its root: members know the root for so long, and some time more */
  readonly until: Instant
  readonly end: End
  readonly report: Report | undefined
}

/** From one instant to a later one. */
export interface Span {
  readonly from: Instant
  readonly to: Instant
}

/** What has come of a change of members that waited. */
export interface Served {
  readonly ticket: number
  readonly code: CodeName
}

/** What is remembered of a contact's ended messages, and of its tickets. */
export interface Past {
  /** at most `limits.endedRemembered`; the latest last */
  readonly over: ReadonlyArray<Over>
  /** when lists were locked by messages of its that ran out of time: apart from each other, the latest last, of `limits.lockSpanMs` before that */
  readonly locked: ReadonlyArray<Span>
  /** at most `limits.ticketsRemembered`; the latest last */
  readonly served: ReadonlyArray<Served>
}

/** A key that was a contact's, and whose messages have locked lists in vain: it is charged for them, too, when it is a contact's again (R25). */
export interface Debt {
  readonly key: PublicKey
  /** as in `Past`, and never empty */
  readonly locked: ReadonlyArray<Span>
}

export const noPast: Past = { over: [], locked: [], served: [] }

/** How long a message may lock its list, in ms, and until when it does at the latest: one lease after it began, or after the last start of the server,
 *  if that is later (R22). */
export interface Lease {
  readonly lease: number
  readonly ends: Instant
}

/** What an ongoing message of the sealed wire has more. */
export interface Granted extends Lease {
  readonly grant: Grant
  /** `until` of the first grant of its root */
  readonly rootUntil: Instant
  /** the newest; `undefined` before the first */
  readonly report: Report | undefined
}

/** An ongoing message: begun by `im-start`, ended by `im-complete`, by its time, or by the operator. */
export interface Im {
  /** the position of its im-start */
  readonly id: number
  readonly initiator: ContactName
  readonly since: Instant
  /** `undefined`: of the classic wire */
  readonly granted: Granted | undefined
  /** of the classic wire: when its time is over; `undefined`: only its initiator and the operator end it, until a start with leases */
  readonly leased: Lease | undefined
}

/** Whether ongoing messages of a list can have these numbers: each new one a higher one than those before it, and the list has counted them all. One that is
 *  sent again has that of its root, which is an older one. */
export const areNumbered = (grants: ReadonlyArray<Pick<Grant, 'im' | 'root' | 'no'>>, counted: number): boolean => {
  const fresh = grants.flatMap(({ im, root, no }) => (im === root ? [no] : []))
  return fresh.every((no, i) => no > (fresh[i - 1] ?? 0)) && fresh.length <= counted
}

/** An ongoing message that ran out of time. */
export interface Expired {
  readonly list: ListName
  /** `undefined`: of the classic wire */
  readonly im: ImId | undefined
  readonly initiator: ContactName
  readonly since: Instant
  readonly ended: Instant
}

/** When a message is taken for stuck: from an instant on, and until another, if there is one. */
export interface Stuck {
  readonly from: Instant
  readonly until: Instant | undefined
}

/** Its time, if that is bounded. */
export const leaseOn = ({ granted, leased }: Pick<Im, 'granted' | 'leased'>): Lease | undefined => granted ?? leased

/** A message is stuck that has gone on for `limits.longestLeaseMs`, and has more than that to go, or no end: none of the sealed wire ever is, and of the
 *  classic one those whose initiator is no more, or types slowly. */
export const stuckOf = (im: Pick<Im, 'since' | 'granted' | 'leased'>): Stuck | undefined => {
  const from = after(im.since, limits.longestLeaseMs)
  const lease = leaseOn(im)
  if (lease === undefined) return { from, until: undefined }
  return lease.ends - from > limits.longestLeaseMs ? { from, until: (lease.ends - limits.longestLeaseMs) as Instant } : undefined
}

/** Whether it is over for good: such a message ends within `limits.longestLeaseMs`. */
export const isPast = ({ until }: Stuck, at: Instant): boolean => until !== undefined && until <= at

/** Whether that message is stuck now. */
export const isStuck = (im: Pick<Im, 'since' | 'granted' | 'leased'>, at: Instant): boolean => {
  const stuck = stuckOf(im)
  return stuck !== undefined && stuck.from <= at && !isPast(stuck, at)
}

/** A name that no other message has: of the classic wire, where it is never told, under a process that is none. */
export const markOf = ({ id, granted }: Im): ImId => granted?.grant.im ?? (`${'0'.repeat(16)}${id.toString(16).padStart(12, '0')}` as ImId)
