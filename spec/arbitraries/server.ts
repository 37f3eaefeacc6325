// Commands, configurations and states of the server, biased so that every refusal and every success is met.
import fc from 'fast-check'
import {
  agenda, classic, classicActor, ImId, operator, ProcessId, roll, server, table, trie, type Actor, type ContactId, type ContactName, type Instant, type ListName, type sealed,
} from '../../core/index.js'
import { commit, identity, nonce } from './keys.js'
import { address, contactName, listName, record } from './names.js'

/** No bound on how fast anybody asks. */
export const unhurried: server.Rate = { perSecond: 0, burst: 0 }

/** Small bounds, so that they are reached; rates have laws of their own. */
export const config = (): fc.Arbitrary<server.Config> =>
  record({
    ...Object.fromEntries(Object.entries(server.defaults).map(([key, value]) => [key, fc.constant(value)])) as { [K in keyof server.Config]: fc.Arbitrary<server.Config[K]> },
    classicRate: fc.constant(unhurried),
    keyRate: fc.constant(unhurried),
    registerRate: fc.constant(unhurried),
    maxContacts: fc.constantFrom(1, 2, 3, 5),
    maxLists: fc.constantFrom(1, 2, 3),
    maxMembers: fc.constantFrom(1, 2, 5),
    maxMessages: fc.constantFrom(1, 1, 2, 3),
    maxOwnMessages: fc.constantFrom(1, 2),
    maxReplyBytes: fc.constantFrom(60, 180, 2048, 2048),
    classicLeaseMs: fc.constantFrom(server.defaults.classicLeaseMs, 5000, 0),
  })

/** The same with room for some contacts and lists. */
export const roomy = (): fc.Arbitrary<server.Config> =>
  config().chain((small) => record({ maxContacts: fc.constantFrom(3, 5, 6), maxLists: fc.constantFrom(2, 3), maxMembers: fc.constantFrom(1, 2, 5, 5) }).map((room) => ({ ...small, ...room })))

const onListAndContact = (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete'): fc.Arbitrary<server.Command> =>
  record({ _tag: fc.constant(_tag), list: listName(), contact: contactName() })

/** A plain name mostly, and what a plain name is not. */
const fileName = (): fc.Arbitrary<string> => fc.constantFrom('config.txt', 'saved-2', '../x', '/etc/passwd', '.hidden', '', 'a/b', 'nul\0')

/** Any command, those that build a directory more often than those that end one. */
export const command = (): fc.Arbitrary<server.Command> =>
  fc.oneof(
    { weight: 6, arbitrary: record({ _tag: fc.constant('Register' as const), contact: contactName(), address: address() }) },
    { weight: 4, arbitrary: record({ _tag: fc.constant('Create' as const), list: listName() }) },
    { weight: 1, arbitrary: fc.constant<server.Command>({ _tag: 'QueryLists' }) },
    { weight: 9, arbitrary: onListAndContact('Join') },
    { weight: 3, arbitrary: onListAndContact('Leave') },
    { weight: 9, arbitrary: onListAndContact('ImStart') },
    { weight: 5, arbitrary: onListAndContact('ImComplete') },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Exit' as const), contact: contactName() }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Save' as const), file: fileName() }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Malformed' as const), at: fc.nat(9), expected: fc.string() }) },
    { weight: 1, arbitrary: fc.constant(server.wake) },
  )

export const actor = (): fc.Arbitrary<Actor> => fc.constantFrom<Actor>(classicActor('192.168.2.7', 22000), operator)

/** The number of a start of the server. */
export const process = (): fc.Arbitrary<ProcessId> => fc.constantFrom('1', '2', 'f').map((digit) => digit.repeat(16)).filter((text): text is ProcessId => ProcessId.is(text))

export const instant = (): fc.Arbitrary<Instant> => fc.nat(10_000) as unknown as fc.Arbitrary<Instant>

const card = (): fc.Arbitrary<server.Card> => fc.tuple(contactName(), address()).map(([name, where]) => ({ ...classic.prepared(classic.ringMember(name, where)), name }))

const imId = (): fc.Arbitrary<ImId> => fc.nat(5).map((n) => n.toString(16).padStart(28, '0')).filter(ImId.is)

const places = (): fc.Arbitrary<ReadonlyArray<number>> => fc.array(fc.nat(5), { maxLength: 3 })

const report = () => fc.option(record({ stored: places(), closed: places() }), { nil: undefined })

const granted = (): fc.Arbitrary<server.Granted> =>
  record({
    grant: record({
      im: imId(), root: imId(), list: listName(), no: fc.nat(3), epoch: fc.nat(9), ring: fc.nat(2).map(commit), initiator: fc.nat(5), path: places(), commit: fc.nat(1).map(commit),
      size: fc.nat(9), until: instant(),
    }),
    lease: fc.nat(9000),
    ends: instant(),
    rootUntil: instant(),
    report: report(),
  })

const im = (): fc.Arbitrary<server.Im> =>
  record({ id: fc.nat(5), initiator: contactName(), since: instant(), granted: fc.option(granted(), { nil: undefined }), leased: fc.option(record({ lease: fc.nat(9000), ends: instant() }), { nil: undefined }) })

const past = (): fc.Arbitrary<server.Bound['past']> =>
  record({
    over: fc.array(
      record({ im: imId(), root: imId(), list: listName(), no: fc.nat(3), commit: fc.nat(1).map(commit), until: instant(), end: fc.constantFrom('proof' as const, 'expired' as const), report: report() }),
      { maxLength: 3 },
    ),
    locked: fc.array(record({ from: instant(), to: instant() }), { maxLength: 3 }),
    served: fc.array(record({ ticket: fc.nat(9), code: fc.constantFrom('Done' as const, 'NotMember' as const) }), { maxLength: 3 }),
  })

const rollOf = <K extends string, V>(entries: ReadonlyArray<readonly [K, V]>): roll.Roll<K, V> =>
  entries.reduce((all, [key, value]) => roll.set(all, key, value), roll.empty<K, V>())

const list = (): fc.Arbitrary<server.List> =>
  record({
    name: listName(),
    policy: fc.constantFrom('open', 'sealed', 'closed'),
    owner: fc.option(fc.nat(3).map((n) => identity(n).id), { nil: undefined }),
    guests: fc.array(fc.nat(3), { maxLength: 2 }).map((all) => all.reduce((so, n) => table.set(so, identity(n).id, true as const), table.empty<ContactId, true>())),
    size: fc.nat(4),
    members: fc.array(card(), { maxLength: 4 }).map((cards) => cards.reduce<trie.Trie<server.Seat>>((all, one, key) => trie.set(all, { key, card: one }), trie.empty)),
    epoch: fc.nat(9),
    ring: fc.option(record({ digest: fc.nat(2).map(commit), keyed: places() }), { nil: undefined }),
    no: fc.nat(3),
    ims: fc.array(im(), { maxLength: 3 }),
    fence: fc.option(record({ ticket: fc.nat(5), since: instant() }), { nil: undefined }),
    open: instant(),
  })

const names = (): fc.Arbitrary<table.Table<ListName, true>> =>
  fc.array(listName(), { maxLength: 2 }).map((all) => all.reduce((so, name) => table.set(so, name, true as const), table.empty<ListName, true>()))

const bound = (): fc.Arbitrary<server.Bound> =>
  record({
    identity: fc.nat(3).map(identity),
    skeletons: fc.array(contactName(), { maxLength: 2 }),
    boot: fc.nat(9),
    nonce: fc.nat(7).map(nonce),
    presence: fc.constantFrom('alive', 'suspect', 'away'),
    last: fc.option(record({ seq: fc.nat(5), outcome: fc.constantFrom<server.Outcome>(server.done, server.refuse.Ongoing) }), { nil: undefined }),
    owns: names(),
    invited: names(),
    ongoing: fc.integer({ min: -1, max: 3 }),
    past: past(),
    orders: fc.nat(20_000),
    questions: fc.nat(20_000),
  })

const contact = (): fc.Arbitrary<server.Contact> =>
  record({
    card: card(),
    bound: fc.option(bound(), { nil: undefined }),
    lists: fc
      .array(listName(), { maxLength: 3 })
      .map((names) => names.reduce((all, name, place) => table.set(all, name, place), table.empty<ListName, number>())),
  })

const nameTable = <K extends string>(keys: ReadonlyArray<K>): fc.Arbitrary<table.Table<K, ContactName>> =>
  fc.array(fc.tuple(fc.constantFrom(...keys), contactName()), { maxLength: 4 }).map((all) => all.reduce((so, [key, name]) => table.set(so, key, name), table.empty<K, ContactName>()))

const four = [0, 1, 2, 3].map(identity)

const index = (): fc.Arbitrary<server.State['keyed']> =>
  record({
    keys: nameTable(four.map(({ seals }) => seals)), ids: nameTable(four.map(({ id }) => id)), skeletons: nameTable(['me', 'foo bar']),
    debts: fc.array(record({ key: fc.constantFrom(...four.map(({ seals }) => seals)), locked: fc.array(record({ from: instant(), to: instant() }), { maxLength: 2 }) }), { maxLength: 2 }),
  })

const change = (): fc.Arbitrary<sealed.Change> =>
  fc.oneof(
    record({ _tag: fc.constantFrom('Join' as const, 'Leave' as const), list: listName(), contact: contactName() }),
    record({ _tag: fc.constant('Exit' as const), contact: contactName() }),
  )

/** Any state of the right type, reachable or not: members that nobody knows, indexes that lie, counts that are wrong. */
export const anyState = (): fc.Arbitrary<server.State> =>
  record({
    at: instant(),
    position: fc.nat(9),
    process: process(),
    keyed: index(),
    sources: fc.constant(server.initial.sources),
    contacts: fc.array(contact(), { maxLength: 6 }).map((all) => rollOf<ContactName, server.Contact>(all.map((one) => [one.card.name, one]))),
    lists: fc.array(list(), { maxLength: 4 }).map((all) => rollOf<ListName, server.List>(all.map((one) => [one.name, one]))),
    listing: fc.constantFrom<server.Outcome>(server.refuse.ReplyTooLarge, server.initial.listing, server.done),
    ongoing: fc.integer({ min: -3, max: 9 }),
    granted: record({
      lists: fc.array(fc.tuple(imId(), listName()), { maxLength: 3 }).map((all) => all.reduce((so, [id, name]) => table.set(so, id, name), table.empty<ImId, ListName>())),
      ends: fc.array(fc.tuple(instant(), imId()), { maxLength: 3 }).map((all) => all.reduce((so, [at, id]) => agenda.add(so, { at, id }), agenda.empty)),
      expired: fc.array(record({ list: listName(), im: fc.option(imId(), { nil: undefined }), initiator: contactName(), since: instant(), ended: instant() }), { maxLength: 2 }),
      over: fc.array(fc.tuple(imId(), contactName()), { maxLength: 3 }).map((all) => all.reduce((so, [id, name]) => table.set(so, id, name), table.empty<ImId, ContactName>())),
    }),
    queue: record({
      tickets: fc.array(record({ number: fc.nat(5), by: contactName(), change: change(), since: instant(), fenced: fc.array(listName(), { maxLength: 2 }), held: fc.option(listName(), { nil: undefined }) }), { maxLength: 3 }),
      due: fc.option(instant(), { nil: undefined }),
      looked: instant(),
    }),
    closing: fc.option(instant(), { nil: undefined }),
    ended: fc.boolean(),
  })
