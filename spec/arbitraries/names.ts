// Names and addresses to test with: few enough that they meet each other again, odd enough to hurt.
import fc from 'fast-check'
import { ContactName, Host, ListName, Port, type Address } from '../../core/index.js'

/** Records with the prototype that literals have, so that they compare equal to what the core makes. */
export const record = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true })

const branded = <A>(is: (value: unknown) => value is A, values: ReadonlyArray<unknown>): ReadonlyArray<A> => values.filter(is)

const contacts = branded(ContactName.is, ['Me', 'Foo Bar', '__proto__', 'Привет', '"quoted"'])
const lists = branded(ListName.is, ['list_1', '__proto__', 'ring 🔔'])

/** A contact's name from a small pool. */
export const contactName = (): fc.Arbitrary<ContactName> => fc.constantFrom(...contacts)

const odd = branded(ContactName.is, ['me', 'zero\u200bwidth', ' Me', 'e\u0301'])

/** What the n-th key wants to be called: mostly one name of the same pool, sometimes another of it, a look-alike or a name that is not plain. */
export const wantedName = (n: number): fc.Arbitrary<ContactName> =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(contacts[n % contacts.length] as ContactName) }, { weight: 2, arbitrary: contactName() }, { weight: 1, arbitrary: fc.constantFrom(...odd) })

/** A list's name from a small pool. */
export const listName = (): fc.Arbitrary<ListName> => fc.constantFrom(...lists)

/** Any contact's name at all. */
export const anyContactName = (): fc.Arbitrary<ContactName> =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text): text is ContactName => ContactName.is(text))

/** Any list's name at all. */
export const anyListName = (): fc.Arbitrary<ListName> =>
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text): text is ListName => ListName.is(text))

/** IPv4, IPv6 and host names. */
export const host = (): fc.Arbitrary<Host> =>
  fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()).filter((text): text is Host => Host.is(text))

/** 1..65534. */
export const port = (): fc.Arbitrary<Port> => fc.integer({ min: 1, max: 65534 }).filter((value): value is Port => Port.is(value))

export const address = (): fc.Arbitrary<Address> => record({ ip: host(), port: port() })
