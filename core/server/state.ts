// The directory: who there is, which lists there are, who is on which, and which messages are going round. Immutable; every table is
// persistent, so that an old state stays whole when a new one is made.
//
// Kept beside each other, and held together by `invariants`: a list's members, and each contact's lists (so that `exit` and `join`
// ask only the lists of one contact, never all).
import { right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import type * as table from '../table.js'
import * as trie from '../trie.js'
import { epoch, type Instant } from '../time.js'
import type { ContactName, ListName } from '../names.js'
import type { Response } from './reply.js'
import type { RingMember } from '../wire/classic/reply.js'

/** What others are told of a contact. Unchanged from its registration to its exit. */
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
}

/** An ongoing message: begun by `im-start`, ended by `im-complete`. */
export interface Im {
  /** the server's own number for it, never used twice */
  readonly id: number
  readonly initiator: ContactName
  readonly since: Instant
}

export interface List {
  readonly name: ListName
  /** by place: in order of joining, a newcomer behind the last */
  readonly members: trie.Trie<Seat>
  /** oldest first; its size is the count. While it is not empty the members stand still */
  readonly ims: ReadonlyArray<Im>
}

export interface State {
  /** the latest instant that any command brought */
  readonly at: Instant
  /** in order of registration */
  readonly contacts: roll.Roll<ContactName, Contact>
  /** in order of creation */
  readonly lists: roll.Roll<ListName, List>
  /** the answer to query-lists, kept: lists are asked for far more often than made, and never vanish */
  readonly listing: Response
  /** ongoing messages of all lists together */
  readonly ongoing: number
  /** the id of the next ongoing message */
  readonly nextIm: number
  /** set once the server was told to end: when it ends at the latest */
  readonly closing: Instant | undefined
  /** nothing is done any more */
  readonly ended: boolean
}

export const initial: State = {
  at: epoch,
  contacts: roll.empty(),
  lists: roll.empty(),
  listing: right({ _tag: 'Lists', names: [] }),
  ongoing: 0,
  nextIm: 1,
  closing: undefined,
  ended: false,
}

/** The members of a list in order of joining. */
export const membersOf = ({ members }: List): ReadonlyArray<Card> => trie.leaves(members).map(({ card }) => card)

export const count = (list: List): number => list.ims.length
