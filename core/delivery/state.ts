// A courier between two steps: a member's part in every message that is going round, and its own messages.
//
//   as a member      open ──written──> stored ──passed on, once──> custody until an ack       open, stored, closed: `diary.inbox`
//   as an initiator  asking ──grant──> ring ──home, or half of the lease──> direct ──> told
//
// What a crash must not take away is in the diary, and durable before anything that follows from it leaves. All else is of this process.
import * as clock from '../clock.js'
import * as diary from '../diary.js'
import { limits } from '../limits.js'
import * as pins from '../pins.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { after, epoch, type Instant } from '../time.js'
import type { Address } from '../address.js'
import type { Seed } from '../entropy.js'
import type { Knocked } from '../knocks.js'
import type { Digest, Identity, ImId, ProcessId, PublicKey, Tag } from '../keys.js'
import type { ListName } from '../names.js'
import type { Estimate } from '../timer.js'
import type { Note, Trail } from '../wire/sealed/envelope.js'
import type { Buckets } from '../rate.js'
import type { Order } from '../wire/sealed/order.js'
import { processOf, type Grant, type Settling } from '../wire/sealed/grant.js'
import { lossless, type Loss } from './loss.js'
import { newestNumbers } from './numbers.js'
import { idOf } from './seats.js'
import type { Config } from './config.js'
import type { Arrival, Fetch, Parked } from './arrival.js'
import type { Gap } from './gap.js'
import type { Leaf } from './leaf.js'
import type { KeyedSeat, Ring } from '../wire/sealed/ring.js'

/** Sends to one member, until it answers or is given up. */
export interface Attempt {
  /** its place in the ring */
  readonly member: number
  /** of the first send, or of the last sign that it is there and busy */
  readonly since: Instant
  readonly sends: number
  /** of these, those behind which it has said that it is busy: they were not lost */
  readonly heard: number
  readonly next: Instant
  /** parts that it has said to have */
  readonly have: bigint
  /** parts before that one have left */
  readonly sent: number
  /** times that it was given more time for being busy */
  readonly busy: number
  /** when the system said first that nothing listens there */
  readonly refused: Instant | undefined
}

/** A message that this member, or its initiator, has to pass on: nobody else may have it yet. Volatile: another copy comes from its initiator. */
export interface Custody {
  readonly grant: Grant
  /** of the relay: round the ring, or home to the initiator */
  readonly kind: 'ring' | 'home'
  /** `encodeEnvelope` */
  readonly body: Uint8Array
  readonly trail: Trail
  readonly attempt: Attempt
  /** everybody it was sent to: an ack of any of them ends it */
  readonly sentTo: ReadonlyArray<number>
}

/** A grant under which this member has taken a message, or will not. */
export interface Accepted {
  readonly grant: Grant
  readonly g: Digest
  readonly status: Settling
  /** in this process: once and never again (R12) */
  readonly passed: boolean
}

/** A member's receipt, verified. */
export interface Receipt {
  readonly member: number
  readonly status: Settling
  /** for the server; undefined: it is in the sum of the envelope that came home */
  readonly tagS: Tag | undefined
  /** ms since the message left, of a direct one */
  readonly ms: number | undefined
}

/** An own message. */
export interface Own {
  readonly grant: Grant
  readonly g: Digest
  readonly body: Uint8Array
  /** `ring`: one copy goes round; `over`: no more; `direct`: whoever is open gets a copy of its own; `leaves`: nobody but classic members is waited for;
   *  `told`: the report is made, and what comes now can only better it */
  readonly phase: 'ring' | 'over' | 'direct' | 'leaves' | 'told'
  readonly began: Instant
  /** when the direct phase begins at the latest, and when what is known is told, by our clock */
  readonly halfway: Instant
  readonly latest: Instant
  readonly receipts: ReadonlyArray<Receipt>
  /** the verified envelope with the most members (R18) */
  readonly best: Trail | undefined
  /** evidence of others, and of this initiator */
  readonly notes: ReadonlyArray<Note>
  /** direct copies under way */
  readonly copies: ReadonlyArray<Attempt>
  /** members whose direct copy was given up */
  readonly given: ReadonlyArray<number>
  /** envelopes that came home with a sum that is none */
  readonly poisoned: number
  /** the server said that the receipts do not add up: all are asked once more (R18) */
  readonly disputed: boolean
  /** names of those who gave their receipts under an earlier grant of the same root */
  readonly before: ReadonlyArray<string>
  /** the classic members of the ring */
  readonly leaves: ReadonlyArray<Leaf>
}

/** A text for which a grant is asked. */
export interface Asked {
  readonly list: ListName
  readonly text: string
  readonly salt: Tag
  /** of a message that is sent again: by which name its user knows it, its root, and the names of those who have it */
  readonly again: { readonly im: ImId; readonly root: ImId; readonly delivered: ReadonlyArray<string> } | undefined
  /** whether classic members are sent it too */
  readonly inClear: boolean
  readonly order: Extract<Order, { readonly _tag: 'ImStart' }>
  /** when it was first asked for; and when it is again, since the list starts no messages now */
  readonly since: Instant
  readonly next: Instant | undefined
  /** whether its user knows that it waits */
  readonly isTold: boolean
}

/** An own message, or one that is taken up again after a restart, that waits for its ring. */
export interface Pending {
  readonly sent: diary.Sent
  readonly delivered: ReadonlyArray<string>
  readonly resumed: boolean
  readonly inClear: boolean
}

/** What is known of a list: the newest epoch of which this process knows, and the newest message of its diary, 0 before the first. */
export interface Known {
  readonly epoch: number
  readonly no: number
  readonly left: boolean
  /** envelopes that came home poisoned in this epoch */
  readonly poisoned: number
  /** when anything of it was learned last, by our clock */
  readonly at: Instant
}

/** A co-member, wherever it is met. */
export interface Neighbour {
  readonly address: Address | undefined
  readonly estimate: Estimate | undefined
  /** passed over at once until then; how long it was remembered the last time */
  readonly avoided: Instant
  readonly span: number
  /** when the server was last told that it gives no answer */
  readonly missed: Instant | undefined
  /** when the server was last asked where it is, since it gave no answer */
  readonly sought: Instant | undefined
}

export interface State {
  readonly at: Instant
  readonly seed: Seed
  readonly server: Identity | undefined
  readonly clock: clock.Clock
  readonly diary: diary.Diary
  readonly lists: table.Table<ListName, Known>
  /** when messages that ended long ago were forgotten last */
  readonly tidied: Instant | undefined
  /** the process of the server that has answered since then, and no other */
  readonly serving: { readonly process: ProcessId; readonly since: Instant } | undefined
  /** whom this peer has met under which name */
  readonly pins: pins.Pins
  readonly rings: roll.Roll<Digest, Ring>
  readonly fetches: ReadonlyArray<Fetch>
  readonly asked: Asked | undefined
  readonly pending: ReadonlyArray<Pending>
  readonly own: roll.Roll<ImId, Own>
  /** of these, the ones that are not told: every step looks at them, and those that are told are many in a busy peer */
  readonly underWay: ReadonlyArray<ImId>
  readonly accepted: roll.Roll<ImId, Accepted>
  readonly custody: roll.Roll<ImId, Custody>
  readonly arrivals: ReadonlyArray<Arrival>
  readonly parked: ReadonlyArray<Parked>
  readonly neighbours: table.Table<PublicKey, Neighbour>
  /** when the server was last asked what its clock shows */
  readonly pinged: Instant
  readonly loss: Loss
  /** when the server was last asked where all members of a list are */
  readonly located: table.Table<ListName, Instant>
  /** of co-members that look for this one; `list`: it is not known whether whoever knocks is on it */
  readonly knocks: ReadonlyArray<Knocked & { readonly list: ListName | undefined }>
  /** what may have been missed, the list that is asked for first; at most `limits.listsCaughtUp` */
  readonly gaps: ReadonlyArray<Gap>
  /** when anything was learned of the server's time last: since then this member may have been away */
  readonly learnedAt: Instant | undefined
  /** how much co-members were given of what they had missed */
  readonly given: Buckets
}

/** `diary`: as its store has brought it back. `seed` need not be secret. */
export const initial = (seed: Seed, before: diary.Diary = diary.empty): State => ({
  at: epoch, seed, server: undefined, clock: clock.nothing, diary: before,
  lists: table.entries(newestNumbers(before)).reduce((all, [list, no]) => table.set(all, list, { epoch: 0, no, left: false, poisoned: 0, at: epoch }), table.empty<ListName, Known>()),
  tidied: undefined, serving: undefined, pins: pins.none, rings: roll.empty(), fetches: [], asked: undefined, pending: [], own: roll.empty(),
  underWay: [], accepted: roll.empty(), custody: roll.empty(), arrivals: [], parked: [], neighbours: table.empty(), pinged: epoch,
  loss: lossless, located: table.empty(), knocks: [], gaps: [], learnedAt: undefined, given: trie.empty,
})

/** `state` with that changed, field by field: a copy of a copy by `...` has another shape in the engine each time, so that it takes 0.7 µs where this takes
 *  0.06 (measured), and every step makes some. */
export const changed = (
  {
    at, seed, server, clock, diary, lists, tidied, serving, pins, rings, fetches, asked, pending, own,
    underWay, accepted, custody, arrivals, parked, neighbours, pinged, loss, located, knocks, gaps, learnedAt, given,
  }: State,
  change: Partial<State>,
): State => ({
  at, seed, server, clock, diary, lists, tidied, serving, pins, rings, fetches, asked, pending, own,
  underWay, accepted, custody, arrivals, parked, neighbours, pinged, loss, located, knocks, gaps, learnedAt, given,
  ...change,
})

const stranger: Neighbour = { address: undefined, estimate: undefined, avoided: epoch, span: 0, missed: undefined, sought: undefined }

export const neighbourOf = ({ neighbours }: State, key: PublicKey): Neighbour => table.get(neighbours, key) ?? stranger

/** Where they are too many all others are forgotten: whoever is needed again is found again. */
export const withNeighbour = (state: State, key: PublicKey, change: Partial<Neighbour>): State => {
  const { address, estimate, avoided, span, missed, sought } = neighbourOf(state, key)
  const neighbour = { address, estimate, avoided, span, missed, sought, ...change }
  const neighbours = table.set(state.neighbours, key, neighbour)
  return changed(state, { neighbours: neighbours.size <= limits.neighboursKnown ? neighbours : table.set(table.empty(), key, neighbour) })
}

const withUnderWay = ({ underWay }: State, { grant: { im }, phase }: Own): State['underWay'] => {
  if (underWay.includes(im) === (phase !== 'told')) return underWay
  return phase === 'told' ? underWay.filter((one) => one !== im) : [...underWay, im]
}

export const withOwn = (state: State, own: Own): State => changed(state, { own: roll.set(state.own, own.grant.im, own), underWay: withUnderWay(state, own) })

/** Own messages that are not told. */
export const ownUnderWay = ({ own, underWay }: Pick<State, 'own' | 'underWay'>): ReadonlyArray<Own> => underWay.flatMap((im) => roll.get(own, im) ?? [])

export const withCustody = (state: State, custody: Custody): State => changed(state, { custody: roll.set(state.custody, custody.grant.im, custody) })

export const withoutCustody = (state: State, im: ImId): State => changed(state, { custody: roll.remove(state.custody, im) })

/** The ring of a grant that this member has verified, or was given; by a process before this one, too. */
export const ringOf = ({ rings, diary: { kept } }: State, { ring }: Pick<Grant, 'ring'>): Ring | undefined => roll.get(rings, ring) ?? roll.get(kept.rings, ring)

/** The newest ring of a list that is known. */
export const newestRing = ({ rings, diary: { kept } }: State, list: ListName): Ring | undefined =>
  [...roll.values(kept.rings), ...roll.values(rings)].reduce<Ring | undefined>((newest, ring) => (ring.list === list && ring.epoch >= (newest?.epoch ?? 0) ? ring : newest), undefined)

/** Whether that member has another key than this peer has met under its name: nothing is sent to a ring with it, and nothing taken of it. */
export const isChanged = (config: Pick<Config, 'ciphers'>, { pins: met, server }: State, seat: KeyedSeat): boolean => {
  const known = server === undefined ? undefined : pins.contact(met, server.id, seat.name)
  return known !== undefined && known !== idOf(config, seat)
}

const unknown: Known = { epoch: 0, no: 0, left: false, poisoned: 0, at: epoch }

export const knownOf = ({ lists }: State, list: ListName): Known => table.get(lists, list) ?? unknown

/** Half as many as may be, those of which something was learned last; and all of which anything was while a grant of an epoch before it may live, since
 *  what is known of these keeps its messages out (R9). */
const fewer = (lists: State['lists'], at: Instant): State['lists'] => {
  const latestFirst = table.entries(lists).toSorted(([, one], [, other]) => other.at - one.at)
  const kept = latestFirst.filter(([, known], i) => i < limits.listsKnown / 2 || at <= after(known.at, 2 * limits.longestLeaseMs))
  return table.from(kept.map(([list]) => list), (i) => kept[i]?.[1] ?? unknown)
}

export const withKnown = (state: State, list: ListName, change: Partial<Omit<Known, 'at'>>): State => {
  const { epoch: newest, no, left, poisoned } = knownOf(state, list)
  const lists = table.set(state.lists, list, { epoch: newest, no, left, poisoned, at: state.at, ...change })
  return changed(state, { lists: lists.size <= limits.listsKnown ? lists : fewer(lists, state.at) })
}

/** The bound on the clock of the process that granted it. */
export const hiOf = ({ clock: known, at }: State, { im }: Pick<Grant, 'im'>): Instant | undefined => clock.hi(known, processOf({ im }), at)

/** Whether it is not known, and would be if the server were asked, that a grant is over: the bound is none, or has been found long ago, or on a slow way. */
export const isDoubtful = ({ clock: known, at }: State, { im, until }: Pick<Grant, 'im' | 'until'>): boolean =>
  clock.isAsked(known, processOf({ im })) && clock.lo(known, processOf({ im }), at) < until

/** Whether a grant still holds, as far as this peer knows; of a time that it does not know it does not. */
export const isLive = (state: State, grant: Grant): boolean => {
  const hi = hiOf(state, grant)
  return hi !== undefined && hi < grant.until
}
