// The directory: who there is, which lists there are, who is on which, and which messages are going round. Immutable; every table is
// persistent, so that an old state stays whole when a new one is made.
//
// Kept beside each other, and held together by `invariants`: a list's members, and each contact's lists (so that `exit` and `join`
// ask only the lists of one contact, never all); a list's owner and guests, and what a contact owns and is invited to; a contact's keys,
// and the names by key, by id and by skeleton.
import { right } from 'fp-ts/lib/Either.js'
import * as agenda from '../agenda.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { epoch, type Instant } from '../time.js'
import { noTickets, type Fence, type Queue } from './tickets.js'
import type { ContactId, Digest, Identity, ImId, Nonce, ProcessId, PublicKey } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import type { Debt, Expired, Im, Past } from './im.js'
import type { Outcome } from './reply.js'
import type { Presence } from '../presence.js'
import type { Buckets } from '../rate.js'
import type { RingMember } from '../wire/classic/reply.js'
import type { Policy } from '../wire/sealed/index.js'

/** What others are told of a contact. Unchanged from its registration to its exit, but for the address of one with a key, which moves. */
export interface Card extends Required<RingMember> {
  readonly name: ContactName
}

/** A member's seat in a list: its place, which is the leaf's `key`, and whose it is. */
export interface Seat extends trie.Leaf {
  readonly card: Card
}

export interface Contact {
  readonly card: Card
  /** the lists that it is on, and its place in each: the index that spares a scan */
  readonly lists: table.Table<ListName, number>
  /** `undefined`: registered by the classic wire, whoever says so */
  readonly bound: Bound | undefined
}

/** What is known of a contact that has shown its key. */
export interface Bound {
  readonly identity: Identity
  /** of its name, as `Config.skeletons` made them, each once */
  readonly skeletons: ReadonlyArray<string>
  /** `State.position` of its register: which process of it the server talks with */
  readonly boot: number
  /** of its register, which is repeated under it */
  readonly nonce: Nonce
  /** as it was judged last; alive from each register on */
  readonly presence: Presence
  /** its newest order and what became of it; `undefined` before the first */
  readonly last: { readonly seq: number; readonly outcome: Outcome } | undefined
  readonly owns: table.Table<ListName, true>
  readonly invited: table.Table<ListName, true>
  /** its own ongoing messages, of all lists */
  readonly ongoing: number
  readonly past: Past
  /** ms since the epoch: until when its orders, and its questions, are spoken for (`rates`) */
  readonly orders: number
  readonly questions: number
}

/** A contact with a key. */
export interface Keyed extends Contact {
  readonly bound: Bound
}

/** What is worked out once an epoch, when a message first needs it. */
export interface RingMark {
  readonly digest: Digest
  /** the places of the members with keys, ascending */
  readonly keyed: ReadonlyArray<number>
}

export interface List {
  readonly name: ListName
  readonly policy: Policy
  /** a contact with a key; `undefined`: nobody's, made by the classic wire or left by its owner */
  readonly owner: ContactId | undefined
  /** whom its owner invited, by id, since a name is a label. Ends with the contact or the list */
  readonly guests: table.Table<ContactId, true>
  /** by place: in order of joining, a newcomer behind the last */
  readonly members: trie.Trie<Seat>
  /** how many members */
  readonly size: number
  /** the position of the change that made the members what they are */
  readonly epoch: number
  /** `undefined`: no message has needed it in this epoch */
  readonly ring: RingMark | undefined
  /** how many grants it has had: the number of the last */
  readonly no: number
  /** oldest first; its size is the count. While it is not empty the members stand still */
  readonly ims: ReadonlyArray<Im>
  /** `undefined`: it starts messages */
  readonly fence: Fence | undefined
  /** until when it has no fence again */
  readonly open: Instant
}

/** The ongoing messages whose time is bounded, of all lists: whose list each is, and when each ends at the latest. And the ended ones that are remembered:
 *  whose each is. */
export interface Live {
  readonly lists: table.Table<ImId, ListName>
  readonly ends: agenda.Agenda
  /** at most `limits.expiredRemembered` of those that ran out of time; the latest last */
  readonly expired: ReadonlyArray<Expired>
  /** all that contacts' `Past.over` has; so co-members find what has become of a message without a look at every contact */
  readonly over: table.Table<ImId, ContactName>
}

/** The contacts with a key: by that X25519 key, by id, and by skeleton; and what keys owe that are nobody's now. */
export interface Index {
  readonly keys: table.Table<PublicKey, ContactName>
  readonly ids: table.Table<ContactId, ContactName>
  readonly skeletons: table.Table<string, ContactName>
  /** at most `limits.debtsRemembered`, of different keys; the latest last */
  readonly debts: ReadonlyArray<Debt>
}

/** What sources ask on the classic wire, and what they register on either. */
export interface Sources {
  readonly requests: Buckets
  readonly registrations: Buckets
}

/** Each step copies it: few fields (measured: twenty cost 0.3 µs more than twelve). */
export interface State {
  /** the latest instant that any command brought */
  readonly at: Instant
  /** how many commands have changed more than `at`, `questions`, `sources`, `queue.due` and `ended`: the journal's position, since these and no others
   *  belong into one. One more at most with each command */
  readonly position: number
  /** whose instants these are; sixteen zeros before the first `Start` */
  readonly process: ProcessId
  /** in order of registration */
  readonly contacts: roll.Roll<ContactName, Contact>
  /** in order of creation */
  readonly lists: roll.Roll<ListName, List>
  readonly keyed: Index
  /** the classic answer to query-lists, kept: lists are asked for far more often than made. It names the open lists */
  readonly listing: Outcome
  /** ongoing messages of all lists together */
  readonly ongoing: number
  readonly granted: Live
  readonly sources: Sources
  readonly queue: Queue
  /** set once the server was told to end: when it ends at the latest */
  readonly closing: Instant | undefined
  /** nothing is done any more */
  readonly ended: boolean
}

export const initial: State = {
  at: epoch,
  position: 0,
  process: '0'.repeat(16) as ProcessId,
  contacts: roll.empty(),
  lists: roll.empty(),
  keyed: { keys: table.empty(), ids: table.empty(), skeletons: table.empty(), debts: [] },
  listing: right({ _tag: 'Lists', names: [] }),
  ongoing: 0,
  granted: { lists: table.empty(), ends: agenda.empty, expired: [], over: table.empty() },
  sources: { requests: trie.empty, registrations: trie.empty },
  queue: noTickets,
  closing: undefined,
  ended: false,
}

/** The members of a list in order of joining. */
export const membersOf = ({ members }: List): ReadonlyArray<Card> => trie.leaves(members).map(({ card }) => card)

export const count = (list: List): number => list.ims.length

export const isKeyed = (contact: Contact | undefined): contact is Keyed => contact?.bound !== undefined

/** The list with other members, from that position on. (Written out, as are the next seven: measured, a join takes 1.6 µs so and 2.1 with
 *  spreads; a copy of a copy by `...` has another shape in the engine each time, and all that reads or changes it is slow.) */
export const seated = ({ name, policy, owner, guests, no, ims, fence, open }: List, members: List['members'], size: number, epoch: number): List => ({
  name, policy, owner, guests, members, size, epoch, ring: undefined, no, ims, fence, open,
})

/** The list with other ongoing messages. */
export const ringing = ({ name, policy, owner, guests, members, size, epoch, ring, no, fence, open }: List, ims: List['ims']): List => ({
  name, policy, owner, guests, members, size, epoch, ring, no, ims, fence, open,
})

/** The contact on other lists. */
export const listed = ({ card, bound }: Contact, lists: Contact['lists']): Contact => ({ card, lists, bound })

/** The state one position on, with other contacts and lists, and with so many ongoing messages more (-1, 0 or 1). */
export const advanced = (state: State, contacts: State['contacts'], lists: State['lists'], more: number, granted = state.granted): State => ({
  at: state.at,
  position: state.position + 1,
  process: state.process,
  contacts,
  lists,
  keyed: state.keyed,
  listing: state.listing,
  ongoing: state.ongoing + more,
  granted,
  sources: state.sources,
  queue: state.queue,
  closing: state.closing,
  ended: state.ended,
})

/** The state with that changed. */
export const changed = (
  { at, position, process, contacts, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended }: State, change: Partial<State>,
): State => ({ at, position, process, contacts, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended, ...change })

/** The contact with that changed of what its key is bound to. */
export const rebound = ({ card, lists, bound: { identity, skeletons, boot, nonce, presence, last, owns, invited, ongoing, past, orders, questions } }: Keyed, change: Partial<Bound>): Keyed => ({
  card, lists, bound: { identity, skeletons, boot, nonce, presence, last, owns, invited, ongoing, past, orders, questions, ...change },
})

/** The state at that instant. */
export const timely = (state: State, at: Instant): State => {
  const { position, process, contacts, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended } = state
  return at === state.at ? state : { at, position, process, contacts, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended }
}

/** The state at that position, whose contact of that key has such an order behind it. */
export const remembering = (state: State, position: number, { card, lists: seats, bound }: Keyed, last: Bound['last'], orders: number): State => {
  const { at, process, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended } = state
  const { identity, skeletons, boot, nonce, presence, owns, invited, ongoing: own, past, questions } = bound
  const contact: Keyed = { card, lists: seats, bound: { identity, skeletons, boot, nonce, presence, last, owns, invited, ongoing: own, past, orders, questions } }
  const contacts = roll.set(state.contacts, card.name, contact)
  return { at, position, process, contacts, lists, keyed, listing, ongoing, granted, sources, queue, closing, ended }
}

/** On which wire a request came, which says what is seen: the classic one shows contacts registered by it, and open lists. */
export type Wire = 'classic' | 'sealed'

export const contactOn = (wire: Wire, state: State, name: ContactName): Contact | undefined => {
  const contact = roll.get(state.contacts, name)
  return wire === 'classic' && contact?.bound !== undefined ? undefined : contact
}

export const listOn = (wire: Wire, state: State, name: ListName): List | undefined => {
  const list = roll.get(state.lists, name)
  return wire === 'classic' && list !== undefined && list.policy !== 'open' ? undefined : list
}

/** The contact with this key. */
export const keyedBy = (state: State, key: PublicKey): Keyed | undefined => {
  const name = table.get(state.keyed.keys, key)
  const contact = name === undefined ? undefined : roll.get(state.contacts, name)
  return isKeyed(contact) ? contact : undefined
}

/** The contact with this id. */
export const keyedOf = (state: State, id: ContactId): Keyed | undefined => {
  const name = table.get(state.keyed.ids, id)
  const contact = name === undefined ? undefined : roll.get(state.contacts, name)
  return isKeyed(contact) ? contact : undefined
}

/** The state with that contact as it is now. */
export const withContact = (state: State, contact: Contact): State => changed(state, { contacts: roll.set(state.contacts, contact.card.name, contact) })

/** The state with that list as it is now. */
export const withList = (state: State, list: List): State => changed(state, { lists: roll.set(state.lists, list.name, list) })

/** The contacts that have a key, as they were judged last. */
export const presencesOf = (state: State): ReadonlyArray<{ readonly key: PublicKey; readonly presence: Presence }> =>
  keysOf(state).map((key) => ({ key, presence: keyedBy(state, key)?.bound.presence ?? 'alive' }))

/** The keys of all contacts that have one. */
export const keysOf = ({ keyed }: State): ReadonlyArray<PublicKey> => table.entries(keyed.keys).map(([key]) => key)
