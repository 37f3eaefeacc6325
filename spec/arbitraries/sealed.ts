// Commands of a sealed peer: a user who types anything at any time, frames that fit and that do not, and what the world may report.
import fc from 'fast-check'
import { limits, type ContactName, type peer, type sealed } from '../../core/index.js'
import { identity, theServer } from '../model/client.js'
import { contactName, listName, record } from './names.js'

const policy = fc.constantFrom<sealed.Policy>('open', 'sealed', 'closed')
const actor = (): fc.Arbitrary<ContactName | undefined> => fc.option(contactName(), { nil: undefined })

/** What a user of a sealed peer may want. */
const sealedWish = (): fc.Arbitrary<peer.sealed.Wish> =>
  fc.oneof(
    { weight: 3, arbitrary: record({ _tag: fc.constant('Register' as const), contact: contactName() }) },
    record({ _tag: fc.constant('Create' as const), list: listName(), policy }),
    fc.constant<peer.sealed.Wish>({ _tag: 'QueryLists' }),
    { weight: 4, arbitrary: record({ _tag: fc.constantFrom('Members' as const, 'Members' as const, 'Delete' as const), list: listName() }) },
    record({ _tag: fc.constantFrom('Join' as const, 'Leave' as const), list: listName(), contact: actor() }),
    record({ _tag: fc.constant('Invite' as const), list: listName(), contact: contactName() }),
    record({ _tag: fc.constant('Forget' as const), contact: contactName() }),
    record({ _tag: fc.constant('Exit' as const), contact: actor() }),
    record({ _tag: fc.constant('Save' as const), file: fc.constant('config.txt') }),
  )

/** Few enough that one whose key has changed is accepted now and then. */
const member = (): fc.Arbitrary<ContactName> => fc.constantFrom('Foo' as ContactName, 'Bar' as ContactName)

const keys = fc.constantFrom(undefined, identity(0x40), identity(0x50))

const memberRow = (): fc.Arbitrary<sealed.MemberRow> =>
  record({ name: member(), ip: fc.constant('192.0.2.9' as never), port: fc.constant(22004 as never), presence: fc.constant('alive' as const), keys })

/** What a server could answer to anything, right or not. */
export const sealedAnswer = (): fc.Arbitrary<sealed.Answer> =>
  fc.oneof(
    record({ code: fc.constantFrom(200, 200, 200, 401, 403, 409, 452, 457, 463, 507, 999), body: fc.constant<sealed.AnswerBody>({ _tag: 'Nothing' }) }),
    record({ code: fc.constant(200), body: record({ _tag: fc.constant('Lists' as const), names: fc.array(listName(), { maxLength: 3 }) }) }),
    {
      weight: 2,
      arbitrary: record({
        code: fc.constant(200),
        body: record({ _tag: fc.constant('Members' as const), owner: actor(), policy, members: fc.array(memberRow(), { maxLength: 5 }) }),
      }),
    },
    record({ code: fc.constant(200), body: record({ _tag: fc.constant('Registered' as const), boot: fc.integer({ min: 1, max: 9 }) }) }),
  )

/** What a user, the server's address and the world may give, besides answers. */
export const sealedCommand = (): fc.Arbitrary<peer.sealed.Command> =>
  fc.oneof(
    { weight: 8, arbitrary: sealedWish().map((wish): peer.sealed.Command => ({ _tag: 'Ask', wish })) },
    { weight: 3, arbitrary: member().map((contact): peer.sealed.Command => ({ _tag: 'Accept', contact })) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom(theServer, theServer, identity(0x30)), fc.boolean()).map(([server, proven]): peer.sealed.Command => ({ _tag: 'Met', server, proven })) },
    { weight: 2, arbitrary: fc.constantFrom<peer.sealed.Command>({ _tag: 'Slept' }, { _tag: 'PortClosed' }, { _tag: 'Wake' }) },
    { weight: 1, arbitrary: fc.constantFrom<peer.sealed.Command>({ _tag: 'Mistype', sentence: 'what?' }, { _tag: 'SendFailed', to: 'x', why: 'y' }) },
    { weight: 1, arbitrary: fc.boolean().map((patient): peer.sealed.Command => ({ _tag: 'Close', patient })) },
    { weight: 1, arbitrary: fc.constantFrom<peer.sealed.Command>({ _tag: 'Hear', frame: { _tag: 'Superseded' } }, { _tag: 'Hear', frame: { _tag: 'Ping', echo: '0'.repeat(16) } }) },
  )

/** What becomes of a datagram: so many copies, each so many ms late. Now and then one is late by more than a request is awaited. */
export const fate = (): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 3000 }).map((ms) => [ms]) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(3000), fc.nat(3000)) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * limits.requestSends * limits.rtoHighestMs }).map((ms) => [ms]) },
  )
