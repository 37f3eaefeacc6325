// What holds lists, and who waits for them: rows of the answer to a Locks.
import type { ImId } from '../../keys.js'
import type { ContactName, ListName } from '../../names.js'
import type { Instant } from '../../time.js'
import { limits } from '../../limits.js'
import { uint } from './bytes.js'
import { change, type Change } from './order.js'
import { few, many, perhaps, record } from './shapes.js'
import { contactName, imId, instant, listName, position } from './values.js'

/** An ongoing message. */
export interface LockRow {
  readonly list: ListName
  /** `undefined`: of the classic wire */
  readonly im: ImId | undefined
  readonly initiator: ContactName
  readonly since: Instant
  /** when it ends at the latest; `undefined`: when its initiator or the operator ends it, and not before */
  readonly ends: Instant | undefined
  /** who is to have it and has not settled, as far as its initiator has said; at most `limits.namedInRow` */
  readonly waits: ReadonlyArray<ContactName>
}

/** A change of members that waits. */
export interface TicketRow {
  readonly ticket: number
  /** whose ticket it is */
  readonly by: ContactName
  readonly change: Change
  readonly since: Instant
  /** since when its lists start no message, first of all; `undefined`: they still do */
  readonly fenced: Instant | undefined
  /** of the lists that may be told: those whose messages it waits for; at most `limits.namedInRow` */
  readonly waits: ReadonlyArray<ListName>
}

/** A message that ran out of time. */
export interface ExpiredRow {
  readonly list: ListName
  readonly im: ImId | undefined
  readonly initiator: ContactName
  readonly since: Instant
  readonly ended: Instant
}

const lockRow = record<LockRow>({
  list: listName, im: perhaps(imId), initiator: contactName, since: instant, ends: perhaps(instant), waits: few(contactName, limits.namedInRow),
})

const ticketRow = record<TicketRow>({
  ticket: position, by: contactName, change, since: instant, fenced: perhaps(instant), waits: few(listName, limits.namedInRow),
})

const expiredRow = record<ExpiredRow>({ list: listName, im: perhaps(imId), initiator: contactName, since: instant, ended: instant })

/** All of that; oldest first. */
export interface LockRows {
  readonly locks: ReadonlyArray<LockRow>
  readonly tickets: ReadonlyArray<TicketRow>
  /** the last ones, at most `limits.expiredRemembered` */
  readonly expired: ReadonlyArray<ExpiredRow>
}

/** How many more there are, behind the last of the rows of a kind. */
export interface Behind {
  readonly locks: number
  readonly tickets: number
}

export const behind = record<Behind>({ locks: uint(4), tickets: uint(4) })

export const lockRows = { locks: many(lockRow), tickets: many(ticketRow), expired: few(expiredRow, limits.expiredRemembered) }
