// What holds lists, and who waits for them, for those whom it concerns.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { leaseOn } from './im.js'
import { barred } from './lists.js'
import { namesOf, needsAny } from './needs.js'
import { isOwner } from './owners.js'
import { refuse } from './refusal.js'
import { membersOf, type Keyed, type List, type State } from './state.js'
import type { Im } from './im.js'
import type { Ticket } from './tickets.js'
import type { ContactName, ListName } from '../names.js'
import type { LockRow, LockRows, TicketRow } from '../wire/sealed/index.js'
import { lockBytes, sealedReplyBytes, ticketBytes, type Outcome } from './reply.js'

/** Who is to have it and has not settled, as far as its initiator has said. */
const openOf = (list: List, { granted }: Im): ReadonlyArray<ContactName> => {
  if (granted === undefined) return []
  const settled = new Set([...(granted.report?.stored ?? []), ...(granted.report?.closed ?? [])])
  const members = membersOf(list)
  return granted.grant.path.filter((place) => !settled.has(place)).slice(0, limits.namedInRow).flatMap((place) => members[place]?.name ?? [])
}

const lockRow = (list: List, im: Im): LockRow => ({
  list: list.name, im: im.granted?.grant.im, initiator: im.initiator, since: im.since, ends: leaseOn(im)?.ends, waits: openOf(list, im),
})

/** `busy`: the lists with messages that may be told of. */
const ticketRow = (state: State, { number, by, change, since, fenced }: Ticket, busy: ReadonlySet<ListName>): TicketRow => {
  const fences = fenced.flatMap((name) => roll.get(state.lists, name)?.fence?.since ?? [])
  const waits = namesOf(state, change).filter((name) => busy.has(name)).slice(0, limits.namedInRow)
  return { ticket: number, by, change, since, fenced: fences.toSorted((a, b) => a - b)[0], waits }
}

/** Of the lists that those wait for, the ones with messages. */
const busyOf = (state: State, waiting: ReadonlyArray<Ticket>): ReadonlyArray<ListName> => {
  const needed = new Set(waiting.flatMap(({ change }) => namesOf(state, change)))
  return [...needed].filter((name) => (roll.get(state.lists, name)?.ims.length ?? 0) > 0)
}

const listsOf = (state: State, name: ContactName): ReadonlyArray<ListName> => table.entries(roll.get(state.contacts, name)?.lists ?? table.empty<ListName, number>()).map(([list]) => list)

/** Whom the messages of a list concern: who is on it, owns it, or could join it. */
const mayAsk = (list: List, by: Keyed): boolean => table.has(by.lists, list.name) || isOwner(list, by) || barred(list, by) === undefined

/** The names of the lists in question; or why they are not told of. */
const asked = (state: State, by: Keyed | undefined, list: ListName | null, contact: ContactName | null): Either<Outcome, ReadonlyArray<ListName>> => {
  const named = list === null ? undefined : roll.get(state.lists, list)
  if (contact !== null && !roll.has(state.contacts, contact)) return left(refuse.NoSuchContact)
  if (list !== null && named === undefined) return left(refuse.NoSuchList)
  if (by !== undefined && ((contact !== null && contact !== by.card.name) || (named !== undefined && !mayAsk(named, by)))) return left(refuse.NotAllowed)
  if (named === undefined && contact === null) return right(by === undefined ? roll.names(state.lists) : listsOf(state, by.card.name))
  return right([...(named === undefined ? [] : [named.name]), ...(contact === null ? [] : listsOf(state, contact))])
}

/** The first rows, as many as have room in so many bytes. */
const fitting = <A>(rows: ReadonlyArray<A>, bytesOf: (row: A) => number, bytes: number): ReadonlyArray<A> => {
  const { count } = rows.reduce(
    (so, row) => {
      const room = so.room < 0 ? so.room : so.room - bytesOf(row)
      return { room, count: room < 0 ? so.count : so.count + 1 }
    },
    { room: bytes, count: 0 },
  )
  return rows.slice(0, count)
}

/** All rows, or where one answer has no room for them the oldest: half of it is for locks, and for tickets, or what the others leave. */
const told = (all: LockRows): Outcome => {
  const roomBeside = (some: Partial<LockRows>): number => limits.sealedAnswerBytes - sealedReplyBytes({ _tag: 'Locks', ...all, ...some })
  const locks = fitting(all.locks, lockBytes, Math.max(roomBeside({ locks: [] }), roomBeside({ locks: [], tickets: [] }) / 2))
  const tickets = fitting(all.tickets, ticketBytes, roomBeside({ locks, tickets: [] }))
  const behind = { locks: all.locks.length - locks.length, tickets: all.tickets.length - tickets.length }
  return right(behind.locks + behind.tickets === 0 ? { _tag: 'Locks', ...all } : { _tag: 'OldestLocks', behind, locks, tickets, expired: all.expired })
}

/** The ongoing messages of that list, and of the lists of that contact, who waits for them, and what ran out of time there; neither named: of all
 *  lists of whoever asks, of all that there are for the operator (`by` is `undefined`). Refuses with NoSuchContact, NoSuchList, NotAllowed. */
export const locks = (state: State, by: Keyed | undefined, listName: ListName | null, contact: ContactName | null): Outcome => {
  const found = asked(state, by, listName, contact)
  if (isLeft(found)) return found.left
  const names = new Set(found.right)
  const lists = [...names].flatMap((name) => roll.get(state.lists, name) ?? [])
  const waiting = state.queue.tickets.filter(({ by: whose, change }) => whose === (contact ?? by?.card.name) || needsAny(state, change, names))
  const busy = new Set(busyOf(state, waiting).filter((name) => by === undefined || names.has(name) || table.has(by.lists, name)))
  return told({
    locks: lists.flatMap((list) => list.ims.map((im) => lockRow(list, im))).toSorted((a, b) => a.since - b.since),
    tickets: waiting.map((ticket) => ticketRow(state, ticket, busy)),
    expired: state.granted.expired.filter(({ list }) => names.has(list)),
  })
}
