// What is wrong with the parts of a directory: a value that is no part, one that is missing, and whatever no directory could be. Of rows in which
// nothing is wrong a directory can be made that keeps every invariant.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { checkParts } from '../check.js'
import { limits } from '../limits.js'
import { Part, type ContactRow, type Head, type Holder, type ListRow, type MessageRow } from './snapshot.js'
import { areNumbered } from './im.js'
import type { Change } from '../wire/sealed/index.js'
import type { ContactName } from '../names.js'

type Wrong = string | undefined

/** What all the parts together say. */
export interface Rows {
  readonly head: Head
  readonly contacts: ReadonlyArray<ContactRow>
  readonly lists: ReadonlyArray<ListRow>
}

/** What is wrong with the first of them that has something wrong. */
const firstWrong = <A>(all: ReadonlyArray<A>, wrongWith: (one: A, place: number) => Wrong): Wrong => {
  const place = all.findIndex((one, i) => wrongWith(one, i) !== undefined)
  const one = all[place]
  return one === undefined ? undefined : wrongWith(one, place)
}

const areDistinct = (values: ReadonlyArray<unknown>): boolean => new Set(values).size === values.length

const turn: { readonly [K in Part['_tag']]: number } = { Head: 0, Contacts: 1, Lists: 2 }

const read = (values: ReadonlyArray<unknown>): Either<string, Rows> => {
  const all = checkParts<Part>(Part, values)
  if (isLeft(all)) return all
  const [head, ...rest] = all.right
  if (head?._tag !== 'Head') return left('part 1: it is not the head')
  const astray = rest.findIndex(({ _tag }, i) => turn[_tag] < Math.max(1, turn[rest[i - 1]?._tag ?? 'Head']))
  if (astray >= 0) return left(`part ${astray + 2} of ${values.length}: it stands where another should`)
  const contacts = rest.flatMap((part) => (part._tag === 'Contacts' ? part.rows : []))
  const lists = rest.flatMap((part) => (part._tag === 'Lists' ? part.rows : []))
  if (contacts.length !== head.contacts) return left(`there are ${contacts.length} contacts, and the head says ${head.contacts}`)
  return lists.length === head.lists ? right({ head, contacts, lists }) : left(`there are ${lists.length} lists, and the head says ${head.lists}`)
}

/** A contact with a key. */
export interface HolderRow extends ContactRow {
  readonly key: Holder
}

/** Contacts by their names, and those with a key by their ids. */
interface Known {
  readonly named: ReadonlyMap<string, ContactRow>
  readonly keyed: ReadonlyMap<string, HolderRow>
}

const areApart = (locked: Holder['locked']): boolean => locked.every(({ from, to }, i) => from < to && from > (locked[i - 1]?.to ?? -1))

/** More than is remembered, or spans that are not apart. */
const wrongPast = ({ over, locked, served }: Holder): Wrong => {
  if (over.length > limits.endedRemembered) return 'more ended messages than are remembered'
  if (served.length > limits.ticketsRemembered) return 'more outcomes of tickets than are remembered'
  return areApart(locked) ? undefined : 'times of locks that are out of order'
}

const wrongDebts = ({ head: { debts } }: Rows, holders: ReadonlyArray<HolderRow>): Wrong => {
  if (debts.length > limits.debtsRemembered) return 'more keys owe time than are remembered'
  const keys = new Set(holders.map(({ key }) => key.identity.seals))
  if (!areDistinct(debts.map(({ key }) => key)) || debts.some(({ key }) => keys.has(key))) return 'a key that owes time is there twice'
  return debts.every(({ locked }) => locked.length > 0 && areApart(locked)) ? undefined : 'a key owes time that is out of order'
}

const isHolder = (row: ContactRow): row is HolderRow => row.key !== null

/** Those with a key. */
export const holdersIn = (rows: ReadonlyArray<ContactRow>): ReadonlyArray<HolderRow> => rows.filter(isHolder)

const wrongContact = ({ position }: Head, { name, key }: ContactRow): Wrong => {
  if (key === null) return undefined
  if (key.skeletons.length === 0) return `contact "${name}" has no skeleton`
  const past = wrongPast(key)
  if (past !== undefined) return `contact "${name}" has ${past}`
  return key.boot >= 1 && key.boot <= position ? undefined : `contact "${name}" was registered at ${key.boot}, and the position is ${position}`
}

const wrongContacts = ({ head, contacts }: Rows, holders: ReadonlyArray<HolderRow>, { named, keyed }: Known): Wrong => {
  if (named.size < contacts.length) return 'two contacts have the same name'
  if (keyed.size < holders.length) return 'two contacts have the same id'
  if (!areDistinct(holders.flatMap(({ key }) => key.over.map(({ im }) => im)))) return 'two contacts have ended the same message'
  return areDistinct(holders.map(({ key }) => key.boot)) ? firstWrong(contacts, (row) => wrongContact(head, row)) : 'two contacts have the same boot'
}

const wrongMember = ({ named }: Known, { policy, owner }: ListRow, guests: ReadonlySet<string>, name: ContactName): Wrong => {
  const contact = named.get(name)
  if (contact === undefined) return `its member "${name}" is no contact`
  if (policy === 'open') return undefined
  const id = contact.key?.identity.id
  const isWelcome = id !== undefined && (policy === 'sealed' || owner === id || guests.has(id))
  return isWelcome ? undefined : `its member "${name}" may not be on it`
}

/** What cannot be said of a message of that list. A path is of others, who have keys, and is of nobody only where some have none. */
const wrongGrant = ({ position }: Head, { named }: Known, { name, epoch, ring, no, members }: ListRow, { id, initiator, since, granted }: MessageRow): Wrong => {
  if (granted === null) return undefined
  const { grant, lease, ends, report } = granted
  const hasKey = (member: ContactName | undefined): boolean => member !== undefined && (named.get(member)?.key ?? null) !== null
  const isOfOthers = grant.path.every((place) => place !== grant.initiator && hasKey(members[place])) && (grant.path.length > 0 || !members.every(hasKey))
  const isItsOwn = Number.parseInt(grant.im.slice(16), 16) === id && members[grant.initiator] === initiator && id <= position
  const isTheLists = grant.list === name && grant.epoch === epoch && grant.ring === ring && grant.no <= no
  const isOnPath = (places: ReadonlyArray<number>): boolean => places.every((place, i) => place > (places[i - 1] ?? -1) && grant.path.includes(place))
  const isTimely = grant.until === since + lease && ends >= grant.until
  return isItsOwn && isTheLists && isTimely && isOfOthers && isOnPath(grant.path) && isOnPath(report?.stored ?? []) && isOnPath(report?.closed ?? [])
    ? undefined
    : `its message ${id} has a grant that was not given for it`
}

const wrongMessage = (head: Head, known: Known, row: ListRow, members: ReadonlySet<ContactName>, i: number): Wrong => {
  const { messages } = row
  const [before, message] = [messages[i - 1], messages[i]]
  if (message === undefined) return undefined
  const { id, initiator, since, granted, leased } = message
  if (!members.has(initiator)) return `its message ${id} is by "${initiator}", no member`
  if (id <= (before?.id ?? 0) || id > head.position || since > head.at) return `its message ${id} is out of order`
  if (leased !== null && (granted !== null || leased.ends < since + leased.lease)) return `its message ${id} ends before its time`
  return wrongGrant(head, known, row, message)
}

const wrongNumbers = ({ messages, no }: ListRow): Wrong => {
  const grants = messages.flatMap(({ granted }) => (granted === null ? [] : [granted.grant]))
  return areNumbered(grants, no) ? undefined : 'its messages have numbers that are out of order'
}

const wrongList = (head: Head, known: Known, row: ListRow): Wrong => {
  const { owner, guests, members, messages } = row
  const [on, invited] = [new Set(members), new Set<string>(guests)]
  if (row.epoch < 1 || row.epoch > head.position) return `its epoch is ${row.epoch}, and the position is ${head.position}`
  const strangers = owner === null ? guests : [owner, ...guests]
  return (
    firstWrong(strangers, (id) => (known.keyed.has(id) ? undefined : `its owner or guest ${id} is no contact`)) ??
    (on.size === members.length && invited.size === guests.length ? undefined : 'it has a member or a guest twice') ??
    firstWrong(members, (name) => wrongMember(known, row, invited, name)) ??
    firstWrong(messages, (_, i) => wrongMessage(head, known, row, on, i)) ??
    wrongNumbers(row)
  )
}

const wrongLists = ({ head, lists }: Rows, known: Known): Wrong => {
  if (!areDistinct(lists.map(({ name }) => name))) return 'two lists have the same name'
  if (!areDistinct(lists.flatMap(({ messages }) => messages.map(({ id }) => id)))) return 'two messages have the same number'
  return firstWrong(lists, (row) => {
    const wrong = wrongList(head, known, row)
    return wrong === undefined ? undefined : `list "${row.name}": ${wrong}`
  })
}

/** The lists whose messages are in the way of a change. */
const needsIn = (lists: ReadonlyArray<ListRow>, change: Change): ReadonlyArray<ListRow> =>
  lists.filter(({ name, members }) => (change._tag !== 'Exit' && name === change.list) || (change._tag !== 'Leave' && members.includes(change.contact)))

const wrongTicket = ({ head, lists }: Rows, { named }: Known, { number, by, change, since }: Head['tickets'][number], before: number): Wrong => {
  if (number <= before || number > head.position || since > head.at) return `ticket ${number} is out of order`
  if ((named.get(by)?.key ?? null) === null) return `ticket ${number} is of "${by}", no contact with a key`
  return needsIn(lists, change).some(({ messages }) => messages.length > 0) ? undefined : `ticket ${number} waits for nothing`
}

const wrongQueue = (rows: Rows, known: Known): Wrong => {
  const { head: { tickets, expired, at }, lists } = rows
  const owners = tickets.map(({ by }) => by).toSorted()
  // sorted, so that one more than a contact may have would reach to the same name
  if (tickets.length > limits.tickets || owners.some((by, i) => by === owners[i + limits.ticketsPerContact])) return 'more wait than may'
  if (expired.length > limits.expiredRemembered) return 'more is remembered of what ran out of time than may be'
  const numbers = new Set(tickets.map(({ number }) => number))
  const isWrong = ({ fence }: ListRow): boolean => fence !== null && (!numbers.has(fence.ticket) || fence.since > at)
  return firstWrong(tickets, (ticket, i) => wrongTicket(rows, known, ticket, tickets[i - 1]?.number ?? 0)) ??
    firstWrong(lists, (row) => (isWrong(row) ? `list "${row.name}" is fenced for a ticket that does not wait` : undefined))
}

/** What stands in these values, if nothing is wrong with it. */
export const rowsIn = (values: ReadonlyArray<unknown>): Either<string, Rows> => {
  const rows = read(values)
  if (isLeft(rows)) return rows
  const { contacts } = rows.right
  const holders = holdersIn(contacts)
  const known: Known = {
    named: new Map(contacts.map((row) => [row.name, row])),
    keyed: new Map(holders.map((row) => [row.key.identity.id, row])),
  }
  const wrong = wrongContacts(rows.right, holders, known) ?? wrongDebts(rows.right, holders) ?? wrongLists(rows.right, known) ?? wrongQueue(rows.right, known)
  return wrong === undefined ? rows : left(wrong)
}
