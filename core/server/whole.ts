// The directory that has these parts. Tables are made whole, not entry by entry: measured, a restart with 100,000 contacts and 10,000 lists takes
// a third of the time. Fields stand in the order in which the reducers write them, so that the engine meets one shape of each.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { epoch } from '../time.js'
import * as agenda from '../agenda.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { card } from './contacts.js'
import { holdersIn, rowsIn, type Rows } from './damage.js'
import { openNames } from './listing.js'
import { later, refuse } from './refusal.js'
import { done, type Outcome } from './reply.js'
import { leaseOn, markOf, type Granted, type Im, type Past } from './im.js'
import { initial, type Bound, type Card, type Contact, type Index, type List, type Live, type State } from './state.js'
import { Ended, type ContactRow, type Directory, type Head, type Holder, type Kept, type ListRow, type MessageRow } from './snapshot.js'
import type { Queue } from './tickets.js'
import type { ContactName, ListName } from '../names.js'

type Groups<V> = ReadonlyMap<string, ReadonlyArray<V>>

/* eslint-disable functional/no-loop-statements, functional/immutable-data, no-restricted-syntax -- measured: a million memberships take a third of
   the time that pairs of them take; only a fresh map changes */
/** For each name that rows mention, what they say of it, in their order. */
const grouped = <V>(rows: ReadonlyArray<ListRow>, mentioned: (row: ListRow) => ReadonlyArray<string>, said: (row: ListRow, place: number) => V): Groups<V> => {
  const groups = new Map<string, V[]>()
  for (const row of rows) {
    mentioned(row).forEach((name, place) => {
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [said(row, place)])
      else group.push(said(row, place))
    })
  }
  return groups
}
/* eslint-enable functional/no-loop-statements, functional/immutable-data, no-restricted-syntax */

interface Seating {
  readonly list: ListName
  readonly place: number
}

/** What the lists say about contacts: by name, and by id about owners and guests. */
interface Ties {
  readonly seats: Groups<Seating>
  readonly owns: Groups<ListName>
  readonly invited: Groups<ListName>
  readonly ongoing: Groups<unknown>
}

const tiesIn = (rows: ReadonlyArray<ListRow>): Ties => ({
  seats: grouped(rows, ({ members }) => members, ({ name }, place) => ({ list: name, place })),
  owns: grouped(rows, ({ owner }) => (owner === null ? [] : [owner]), ({ name }) => name),
  invited: grouped(rows, ({ guests }) => guests, ({ name }) => name),
  ongoing: grouped(rows, ({ messages }) => messages.map(({ initiator }) => initiator), () => undefined),
})

const none: ReadonlyArray<never> = []

const marked = <K extends string>(names: ReadonlyArray<K>): table.Table<K, true> => table.from(names, () => true)

/** The value at a place of an array that has one there. */
const at = <A>(values: ReadonlyArray<A>) => (place: number): A => values[place] as A

type Cards = ReadonlyMap<string, Card>

const told = (kept: Exclude<Kept, string>): Outcome => {
  if (!('_tag' in kept)) return right({ _tag: 'Granted', grant: kept })
  switch (kept._tag) {
    case 'Fenced':
    case 'StillGoing': return later(kept._tag, kept.opens ?? undefined)
    case 'Queued': return right({ ...kept, opens: kept.opens ?? undefined })
    case 'Served': return right(kept)
  }
}

const outcomeOf = (kept: Kept): Outcome => {
  if (typeof kept !== 'string') return told(kept)
  if (Ended.is(kept)) return right({ _tag: 'Ended', outcome: kept })
  return kept === 'Done' ? done : refuse[kept]
}

const pastOf = ({ over, locked, served }: Holder): Past => ({ over: over.map((one) => ({ ...one, report: one.report ?? undefined })), locked, served })

const boundOf = ({ owns, invited, ongoing }: Ties, name: ContactName, holder: Holder): Bound => {
  const { identity, skeletons, boot, nonce, presence, last, orders } = holder
  return {
    identity, skeletons, boot, nonce, presence,
    last: last === null ? undefined : { seq: last.seq, outcome: outcomeOf(last.outcome) },
    owns: marked(owns.get(identity.id) ?? none),
    invited: marked(invited.get(identity.id) ?? none),
    ongoing: (ongoing.get(name) ?? none).length,
    past: pastOf(holder),
    orders,
    questions: 0,
  }
}

const contactOf = (own: Card, ties: Ties, { name, key }: ContactRow): Contact => {
  const seats = ties.seats.get(name) ?? none
  return {
    card: own,
    lists: table.from(seats.map(({ list }) => list), (i) => at(seats)(i).place),
    bound: key === null ? undefined : boundOf(ties, name, key),
  }
}

const grantedOf = ({ granted }: MessageRow): Granted | undefined => (granted === null ? undefined : { ...granted, report: granted.report ?? undefined })

const imOf = (row: MessageRow): Im => ({ id: row.id, initiator: row.initiator, since: row.since, granted: grantedOf(row), leased: row.leased ?? undefined })

const listOf = (cards: Cards, keyed: ReadonlySet<string>, row: ListRow): List => {
  const { name, policy, owner, guests, members, epoch, ring, no, messages, fence, open } = row
  const seats = members.flatMap((member, key) => {
    const seated = cards.get(member)
    return seated === undefined ? [] : [{ key, card: seated }]
  })
  const mark = ring === null ? undefined : { digest: ring, keyed: members.flatMap((member, place) => (keyed.has(member) ? [place] : [])) }
  return {
    name, policy, owner: owner ?? undefined, guests: marked(guests), members: trie.from(seats), size: members.length, epoch, ring: mark, no, ims: messages.map(imOf), fence: fence ?? undefined, open,
  }
}

/** `own`: the card of each row. */
const contactsOf = (own: ReadonlyArray<Card>, ties: Ties, rows: ReadonlyArray<ContactRow>): State['contacts'] =>
  roll.from(rows.map(({ name }) => name), (place) => contactOf(at(own)(place), ties, at(rows)(place)))

const listsOf = (cards: Cards, keyed: ReadonlySet<string>, rows: ReadonlyArray<ListRow>): State['lists'] =>
  roll.from(rows.map(({ name }) => name), (place) => listOf(cards, keyed, at(rows)(place)))

const liveOf = ({ head: { expired }, contacts, lists: rows }: Rows): Live => {
  const all = rows.flatMap(({ name, messages }) =>
    messages.flatMap((row) => {
      const im = imOf(row)
      const lease = leaseOn(im)
      return lease === undefined ? [] : [{ list: name, im: markOf(im), ends: lease.ends }]
    }),
  )
  const over = holdersIn(contacts).flatMap(({ name, key }) => key.over.map(({ im }) => ({ im, name })))
  return {
    lists: table.from(all.map(({ im }) => im), (place) => at(all)(place).list),
    ends: agenda.from(all.map(({ im, ends }) => ({ at: ends, id: im }))),
    expired: expired.map((one) => ({ ...one, im: one.im ?? undefined })),
    over: table.from(over.map(({ im }) => im), (place) => at(over)(place).name),
  }
}

/** Or what two contacts have in common that none may share. */
const indexOf = ({ contacts: rows, head: { debts } }: Rows): Either<string, Index> => {
  const holders = holdersIn(rows)
  const looks = holders.flatMap(({ name, key }) => key.skeletons.map((skeleton) => ({ skeleton, name })))
  const nameAt = (all: ReadonlyArray<{ readonly name: ContactName }>) => (place: number) => at(all)(place).name
  const keys = table.from(holders.map(({ key }) => key.identity.seals), nameAt(holders))
  const ids = table.from(holders.map(({ key }) => key.identity.id), nameAt(holders))
  const skeletons = table.from(looks.map(({ skeleton }) => skeleton), nameAt(looks))
  if (keys.size < holders.length) return left('two contacts have the same key')
  return skeletons.size < looks.length ? left('two contacts have names that look alike') : right({ keys, ids, skeletons, debts })
}

const queueOf = ({ at: newest, tickets }: Head, rows: ReadonlyArray<ListRow>): Queue => ({
  tickets: tickets.map((ticket) => ({ ...ticket, fenced: rows.flatMap(({ name, fence }) => (fence?.ticket === ticket.number ? [name] : [])), held: undefined })),
  due: tickets.length === 0 ? undefined : newest,
  looked: epoch,
})

const stateOf = (rows: Rows, keyed: Index): State => {
  const { head, contacts, lists: listRows } = rows
  const { at: newest, position, process, closing, listed } = head
  const own = contacts.map((row) => card(row.name, row))
  const cards: Cards = new Map(own.map((one) => [one.name, one]))
  const lists = listsOf(cards, new Set(contacts.flatMap(({ name, key }) => (key === null ? [] : [name]))), listRows)
  return {
    at: newest,
    position,
    process,
    contacts: contactsOf(own, tiesIn(listRows), contacts),
    lists,
    keyed,
    listing: listed ? right({ _tag: 'Lists', names: openNames(lists) }) : refuse.ReplyTooLarge,
    ongoing: listRows.reduce((sum, { messages }) => sum + messages.length, 0),
    granted: liveOf(rows),
    sources: initial.sources,
    queue: queueOf(head, listRows),
    closing: closing ?? undefined,
    ended: false,
  }
}

/** The directory that `parts` takes apart into these values; or what is wrong with them. */
export const whole = (values: ReadonlyArray<unknown>): Either<string, Directory> => {
  const rows = rowsIn(values)
  if (isLeft(rows)) return rows
  const keyed = indexOf(rows.right)
  return isLeft(keyed) ? keyed : right({ state: stateOf(rows.right, keyed.right), settings: rows.right.head.settings })
}
