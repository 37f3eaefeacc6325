// Keys, identities and orders to test with: four contacts at most, so that they meet each other again.
import fc from 'fast-check'
import { Digest, ImId, limits, Nonce, PublicKey, ContactId, Tag, type ContactName, type Identity, type ListName, type Order, type Policy, type sealed } from '../../core/index.js'
import { contactName, listName, record, wantedName } from './names.js'

const decoded = <A>(is: (value: unknown) => value is A, text: string): A => {
  if (!is(text)) throw new Error(`${text} is none`)
  return text
}

/** The identity of the n-th contact, n >= 0. */
export const identity = (n: number): Identity => {
  const digits = n.toString(16).padStart(62, '0')
  return { id: decoded(ContactId.is, `${digits}1d`), signs: decoded(PublicKey.is, `${digits}51`), seals: decoded(PublicKey.is, `${digits}5e`) }
}

export const nonce = (n: number): Nonce => decoded(Nonce.is, n.toString(16).padStart(32, '0'))

/** Whose key asks: 0 <= n < 4. */
export const who = (): fc.Arbitrary<number> => fc.nat(3)

const policy = (): fc.Arbitrary<Policy> => fc.constantFrom<Policy>('open', 'sealed', 'closed')

const fileName = (): fc.Arbitrary<string> => fc.constantFrom('config.txt', '../x')

const onContact = (_tag: 'Invite' | 'Join' | 'Leave' | 'Release'): fc.Arbitrary<Order> =>
  record({ _tag: fc.constant(_tag), list: listName(), contact: contactName() })

/** A register by that key. */
export const register = (n: number): fc.Arbitrary<Order> =>
  record({ _tag: fc.constant('Register' as const), contact: wantedName(n), signs: fc.constant(identity(n).signs), proof: fc.constant('00'.repeat(64)), nonce: fc.nat(1).map((i) => nonce(2 * n + i)) })

/** One of two texts. */
export const commit = (n: number): Digest => decoded(Digest.is, n.toString(16).padStart(64, 'c'))

/** One that nobody has, as far as it is not replaced by one of those that there are. */
const noIm = decoded(ImId.is, 'f'.repeat(28))

const imStart = (): fc.Arbitrary<Order> =>
  record({
    _tag: fc.constant('ImStart' as const),
    list: listName(),
    commit: fc.constantFrom(0, 0, 0, 1).map(commit),
    size: fc.constantFrom(0, 5, 439, 440, 5000, limits.textBytes, limits.textBytes, limits.textBytes + 1),
    patience: fc.constantFrom('once', 'once', 'twice', 'thrice'),
    again: fc.option(record({ root: fc.constant(noIm), to: fc.array(who().map((n) => identity(n).id), { maxLength: 2 }) }), { nil: null, freq: 3 }),
  })

const places = (): fc.Arbitrary<ReadonlyArray<number>> => fc.uniqueArray(fc.nat(5), { maxLength: 3 }).map((all) => all.sort((a, b) => a - b))

const imComplete = (): fc.Arbitrary<Order> =>
  record({ _tag: fc.constant('ImComplete' as const), im: fc.constant(noIm), stored: places(), closed: places(), tag: fc.constant(decoded(Tag.is, '0'.repeat(32))) })

const change = (): fc.Arbitrary<sealed.Change> =>
  fc.oneof(
    record({ _tag: fc.constantFrom('Join' as const, 'Leave' as const), list: listName(), contact: contactName() }),
    record({ _tag: fc.constant('Exit' as const), contact: contactName() }),
  )

/** Any order but a register. */
export const order = (): fc.Arbitrary<Order> =>
  fc.oneof(
    { weight: 9, arbitrary: record({ _tag: fc.constant('Create' as const), list: listName(), policy: policy() }) },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Delete' as const), list: listName() }) },
    { weight: 1, arbitrary: fc.constant<Order>({ _tag: 'QueryLists' }) },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Members' as const), list: listName() }) },
    { weight: 3, arbitrary: onContact('Invite') },
    { weight: 13, arbitrary: onContact('Join') },
    { weight: 5, arbitrary: onContact('Leave') },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Exit' as const), contact: contactName() }) },
    { weight: 12, arbitrary: imStart() },
    { weight: 9, arbitrary: imComplete() },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Suspect' as const), id: who().map((n) => identity(n).id) }) },
    { weight: 2, arbitrary: record({ _tag: fc.constant('Where' as const), list: listName(), ids: fc.array(who().map((n) => identity(n).id), { maxLength: 3 }) }) },
    { weight: 3, arbitrary: onContact('Release') },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Save' as const), file: fileName() }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Forget' as const), contact: contactName() }) },
    { weight: 3, arbitrary: record({ _tag: fc.constant('Enqueue' as const), change: change() }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Withdraw' as const), ticket: fc.nat(60) }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Ticket' as const), ticket: fc.nat(60) }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Locks' as const), list: fc.option<ListName>(listName()), contact: fc.option<ContactName>(contactName()) }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Unlock' as const), list: listName() }) },
  )
