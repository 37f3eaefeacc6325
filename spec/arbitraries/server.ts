// Commands, configurations and states of the server, biased so that every refusal and every success is met.
import fc from 'fast-check'
import { classic, classicActor, operator, roll, server, table, trie, type Actor, type ContactName, type Instant, type ListName } from '../../core/index.js'
import { address, contactName, listName, record } from './names.js'

/** Small bounds, so that they are reached. */
export const config = (): fc.Arbitrary<server.Config> =>
  record({
    maxContacts: fc.constantFrom(1, 2, 3, 5),
    maxLists: fc.constantFrom(1, 2, 3),
    maxMessages: fc.constantFrom(1, 1, 2, 3),
    maxReplyBytes: fc.constantFrom(60, 180, 2048, 2048),
  })

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

export const actor = (): fc.Arbitrary<Actor> => fc.constantFrom<Actor>(classicActor('192.0.2.7', 22000), operator)

export const instant = (): fc.Arbitrary<Instant> => fc.nat(10_000) as unknown as fc.Arbitrary<Instant>

const card = (): fc.Arbitrary<server.Card> => fc.tuple(contactName(), address()).map(([name, where]) => ({ ...classic.prepared(classic.ringMember(name, where)), name }))

const im = (): fc.Arbitrary<server.Im> => record({ id: fc.nat(5), initiator: contactName(), since: instant() })

const rollOf = <K extends string, V>(entries: ReadonlyArray<readonly [K, V]>): roll.Roll<K, V> =>
  entries.reduce((all, [key, value]) => roll.set(all, key, value), roll.empty<K, V>())

const list = (): fc.Arbitrary<server.List> =>
  record({
    name: listName(),
    members: fc.array(card(), { maxLength: 4 }).map((cards) => cards.reduce<trie.Trie<server.Seat>>((all, one, key) => trie.set(all, { key, card: one }), trie.empty)),
    ims: fc.array(im(), { maxLength: 3 }),
  })

const contact = (): fc.Arbitrary<server.Contact> =>
  record({
    card: card(),
    lists: fc
      .array(listName(), { maxLength: 3 })
      .map((names) => names.reduce((all, name, place) => table.set(all, name, place), table.empty<ListName, number>())),
  })

/** Any state of the right type, reachable or not: members that nobody knows, indexes that lie, counts that are wrong. */
export const anyState = (): fc.Arbitrary<server.State> =>
  record({
    at: instant(),
    contacts: fc.array(contact(), { maxLength: 6 }).map((all) => rollOf<ContactName, server.Contact>(all.map((one) => [one.card.name, one]))),
    lists: fc.array(list(), { maxLength: 4 }).map((all) => rollOf<ListName, server.List>(all.map((one) => [one.name, one]))),
    listing: fc.constantFrom<server.Response>(server.refuse.ReplyTooLarge, server.initial.listing, server.done),
    ongoing: fc.integer({ min: -3, max: 9 }),
    nextIm: fc.nat(9),
    closing: fc.option(instant(), { nil: undefined }),
    ended: fc.boolean(),
  })
