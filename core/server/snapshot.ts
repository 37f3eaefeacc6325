// A directory as parts, and the directory that has these parts: what a restart begins with. Kept is what follows from the commands alone, and the
// newest instant; not kept are the rates of questions and of sources, and whether the process has ended. What can be worked out again is not
// written: who is on which lists, owns them and is invited is read from the lists, who is found by which key from the contacts.
//
//   head, contacts ..., lists ...        in order of registration, of creation, and in each list of joining and of beginning
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import * as agenda from '../agenda.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { Host, Port } from '../address.js'
import { Count } from '../count.js'
import { ContactId, Digest, Identity, ImId, Nonce, ProcessId, PublicKey } from '../keys.js'
import { limits } from '../limits.js'
import { ContactName, ListName } from '../names.js'
import { Presence } from '../presence.js'
import { Amount } from '../rate.js'
import { Instant } from '../time.js'
import { codes } from '../wire/classic/code.js'
import { Grant } from '../wire/sealed/grant.js'
import { Change } from '../wire/sealed/order.js'
import { Policy } from '../wire/sealed/values.js'
import { Settings } from './config.js'
import type { Im, Over, Report } from './im.js'
import { initial, membersOf, type Bound, type Contact, type List, type State } from './state.js'
import { noTickets } from './tickets.js'
import { isLater, refuse } from './refusal.js'
import type { Outcome } from './reply.js'

/** A server's state, and what the process that made it was set to. */
export interface Directory {
  readonly state: State
  readonly settings: Settings
}

const maybe = <C extends t.Mixed>(codec: C): t.UnionC<[t.NullC, C]> => t.union([t.null, codec])

const TicketEntry = t.readonly(t.strict({ number: Count, by: ContactName, change: Change, since: Instant }))

const ExpiredEntry = t.readonly(t.strict({ list: ListName, im: maybe(ImId), initiator: ContactName, since: Instant, ended: Instant }))

const Spans = t.readonlyArray(t.readonly(t.strict({ from: Instant, to: Instant })))

const Head = t.readonly(
  t.strict({
    _tag: t.literal('Head'),
    at: Instant,
    position: Count,
    process: ProcessId,
    closing: t.union([Instant, t.null]),
    /** whether the names of the open lists fit into a classic reply when the last of them came */
    listed: t.boolean,
    settings: Settings,
    tickets: t.readonlyArray(TicketEntry),
    expired: t.readonlyArray(ExpiredEntry),
    debts: t.readonlyArray(t.readonly(t.strict({ key: PublicKey, locked: Spans }))),
    /** how many follow */
    contacts: Count,
    lists: Count,
  }),
)
export type Head = t.TypeOf<typeof Head>

const ends = { proof: null, expired: null, forced: null } as const

export const Ended = t.keyof({ recorded: null, ...ends })

/** What became of an order: the name of its code, the grant that it got, what the message had come to, when a fenced list opens, its place in the queue,
 *  or what had come of its ticket. */
const Kept = t.union([
  t.keyof({ Done: null, ...refuse }),
  Ended,
  Grant,
  t.readonly(t.strict({ _tag: t.keyof({ Fenced: null, StillGoing: null }), opens: maybe(Instant) })),
  t.readonly(t.strict({ _tag: t.literal('Queued'), ticket: Count, place: Count, opens: maybe(Instant) })),
  t.readonly(t.strict({ _tag: t.literal('Served'), code: t.keyof(codes) })),
])
export type Kept = t.TypeOf<typeof Kept>

const Settled = t.union([t.null, t.readonly(t.strict({ stored: t.readonlyArray(Count), closed: t.readonlyArray(Count) }))])

const OverRow = t.readonly(t.strict({ im: ImId, root: ImId, list: ListName, no: Count, commit: Digest, until: Instant, end: t.keyof(ends), report: Settled }))
export type OverRow = t.TypeOf<typeof OverRow>

const Holder = t.readonly(
  t.strict({
    identity: Identity,
    skeletons: t.readonlyArray(t.string),
    boot: Count,
    nonce: Nonce,
    presence: Presence,
    last: t.union([t.null, t.readonly(t.strict({ seq: Count, outcome: Kept }))]),
    over: t.readonlyArray(OverRow),
    locked: Spans,
    served: t.readonlyArray(t.readonly(t.strict({ ticket: Count, code: t.keyof(codes) }))),
    orders: Amount,
  }),
)
export type Holder = t.TypeOf<typeof Holder>

const ContactRow = t.readonly(t.strict({ name: ContactName, ip: Host, port: Port, key: t.union([t.null, Holder]) }))
export type ContactRow = t.TypeOf<typeof ContactRow>

/** `granted` of the sealed wire; the ring is the list's, of this epoch */
const MessageRow = t.readonly(
  t.strict({
    id: Count,
    initiator: ContactName,
    since: Instant,
    granted: t.union([t.null, t.readonly(t.strict({ grant: Grant, lease: Count, ends: Instant, rootUntil: Instant, report: Settled }))]),
    leased: maybe(t.readonly(t.strict({ lease: Count, ends: Instant }))),
  }),
)
export type MessageRow = t.TypeOf<typeof MessageRow>

const ListRow = t.readonly(
  t.strict({
    name: ListName,
    policy: Policy,
    owner: t.union([t.null, ContactId]),
    /** in no order that means anything, but always in the same */
    guests: t.readonlyArray(ContactId),
    members: t.readonlyArray(ContactName),
    epoch: Count,
    ring: t.union([Digest, t.null]),
    no: Count,
    messages: t.readonlyArray(MessageRow),
    fence: maybe(t.readonly(t.strict({ ticket: Count, since: Instant }))),
    open: Instant,
  }),
)
export type ListRow = t.TypeOf<typeof ListRow>

/** One JSON value of a snapshot. */
export const Part = t.union(
  [
    Head,
    t.readonly(t.strict({ _tag: t.literal('Contacts'), rows: t.readonlyArray(ContactRow) })),
    t.readonly(t.strict({ _tag: t.literal('Lists'), rows: t.readonlyArray(ListRow) })),
  ],
  'Part',
)
export type Part = t.TypeOf<typeof Part>

/** An order's outcome is a refusal, something about a message, or that it is done: what only answers is not kept. */
const keptOf = (outcome: Outcome): Kept => {
  if (isLeft(outcome)) return isLater(outcome.left) ? { _tag: outcome.left._tag, opens: outcome.left.opens ?? null } : outcome.left._tag
  switch (outcome.right._tag) {
    case 'Granted': return outcome.right.grant
    case 'Ended': return outcome.right.outcome
    case 'Queued': return { ...outcome.right, opens: outcome.right.opens ?? null }
    case 'Served': return outcome.right
    case 'Done':
    case 'Lists':
    case 'Ring':
    case 'Members':
    case 'Registered':
    case 'Locks':
    case 'OldestLocks': return 'Done'
  }
}

const settledOf = (report: Report | undefined): Report | null => report ?? null

const overRow = ({ im, root, list, no, commit, until, end, report }: Over): OverRow => ({ im, root, list, no, commit, until, end, report: settledOf(report) })

const holderOf = ({ identity, skeletons, boot, nonce, presence, last, past, orders }: Bound): Holder => ({
  identity, skeletons, boot, nonce, presence,
  last: last === undefined ? null : { seq: last.seq, outcome: keptOf(last.outcome) },
  over: past.over.map(overRow),
  locked: past.locked,
  served: past.served,
  orders,
})

const messageRow = ({ id, initiator, since, granted, leased }: Im): MessageRow => ({
  id, initiator, since, granted: granted === undefined ? null : { ...granted, report: settledOf(granted.report) }, leased: leased ?? null,
})

const contactRow = ({ card: { name, ip, port }, bound }: Contact): ContactRow => ({ name, ip, port, key: bound === undefined ? null : holderOf(bound) })

const listRow = (list: List): ListRow => ({
  name: list.name,
  policy: list.policy,
  owner: list.owner ?? null,
  guests: table.entries(list.guests).map(([id]) => id),
  members: membersOf(list).map(({ name }) => name),
  epoch: list.epoch,
  ring: list.ring?.digest ?? null,
  no: list.no,
  messages: list.ims.map(messageRow),
  fence: list.fence ?? null,
  open: list.open,
})

const headOf = ({ state, settings }: Directory): Head => ({
  _tag: 'Head',
  at: state.at,
  position: state.position,
  process: state.process,
  closing: state.closing ?? null,
  listed: !isLeft(state.listing),
  settings,
  tickets: state.queue.tickets.map(({ number, by, change, since }) => ({ number, by, change, since })),
  expired: state.granted.expired.map((one) => ({ ...one, im: one.im ?? null })),
  debts: state.keyed.debts,
  contacts: roll.size(state.contacts),
  lists: roll.size(state.lists),
})

/** What `part` makes of so many names at a time. */
const slices = <K, A>(names: ReadonlyArray<K>, length: number, part: (some: ReadonlyArray<K>) => A): ReadonlyArray<() => A> =>
  Array.from({ length: Math.ceil(names.length / length) }, (_, i) => () => part(names.slice(i * length, (i + 1) * length)))

/** The values under those names, which are all there. */
const valuesOf = <K extends string, V>(all: roll.Roll<K, V>, names: ReadonlyArray<K>): ReadonlyArray<V> => names.map((name) => roll.get(all, name) as V)

/** The directory's parts: the same for the same directory, however it came about. */
export const parts = (directory: Directory): ReadonlyArray<() => Part> => {
  const { contacts, lists } = directory.state
  return [
    () => headOf(directory),
    ...slices(roll.names(contacts), limits.contactsInPart, (names): Part => ({ _tag: 'Contacts', rows: valuesOf(contacts, names).map(contactRow) })),
    ...slices(roll.names(lists), limits.listsInPart, (names): Part => ({ _tag: 'Lists', rows: valuesOf(lists, names).map(listRow) })),
  ]
}

/** What records make of a state, and nothing else, in the shape that it has when it is made at once: without the newest instant, the rates of questions and sources, and whether the process has
 *  ended. Two states with the same journal are the same so. */
export const recorded = (state: State): State => ({
  ...state,
  at: initial.at,
  sources: initial.sources,
  ended: false,
  granted: { lists: state.granted.lists, ends: agenda.from(agenda.all(state.granted.ends)), expired: state.granted.expired, over: state.granted.over },
  queue: { ...noTickets, tickets: state.queue.tickets.map((ticket) => ({ ...ticket, fenced: ticket.fenced.toSorted(), held: undefined })) },
  contacts: roll.values(state.contacts).reduce(
    (all, one) => (one.bound === undefined || one.bound.questions === 0 ? all : roll.set(all, one.card.name, { ...one, bound: { ...one.bound, questions: 0 } })),
    state.contacts,
  ),
})
