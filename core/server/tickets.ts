// What waits until messages are over: changes of members, in the order in which they were asked for (`ring.md`, R24).
import { limits } from '../limits.js'
import { after, epoch, latest, type Instant } from '../time.js'
import type { ContactName, ListName } from '../names.js'
import type { Change } from '../wire/sealed/index.js'

/** A change of members that waits until no message is in its way. */
export interface Ticket {
  /** the journal position of its order */
  readonly number: number
  /** a contact with a key, with which it ends */
  readonly by: ContactName
  readonly change: Change
  readonly since: Instant
  /** lists that start no messages until it is done, as these say too */
  readonly fenced: ReadonlyArray<ListName>
  /** a list whose messages were in its way when that was last looked for; `undefined`: it has not been. Of this process */
  readonly held: ListName | undefined
}

/** Until the ticket of that number is no more, the list starts no message. */
export interface Fence {
  readonly ticket: number
  readonly since: Instant
}

export interface Queue {
  /** ascending; at most `limits.tickets` */
  readonly tickets: ReadonlyArray<Ticket>
  /** when fences must be looked at again, which any wake does; `undefined`: not before something stirs them, a change of the queue, of members, or the end of
   *  a message that was stuck. Of this process */
  readonly due: Instant | undefined
  /** when they were last. Of this process */
  readonly looked: Instant
}

export const noTickets: Queue = { tickets: [], due: undefined, looked: epoch }

/** What is waited for has changed: fences are looked at soon, and not so often that it hurts. */
export const stirredAt = (queue: Queue, at: Instant): Queue => {
  const { tickets, due, looked } = queue
  if (tickets.length === 0) return due === undefined ? queue : { tickets, due: undefined, looked }
  const soon = latest(at, after(looked, limits.fenceLookMs))
  return due !== undefined && due <= soon ? queue : { tickets, due: soon, looked }
}
