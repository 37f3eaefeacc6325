// Commands of a peer: a user who types anything at any time, and datagrams that fit and that do not.
import fc from 'fast-check'
import { classic, type Malformed, type peer } from '../../core/index.js'
import { address, contactName, host, listName, port, record } from './names.js'
import { relay } from './wire.js'

const onListAndContact = (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete'): fc.Arbitrary<peer.Wish> =>
  record({ _tag: fc.constant(_tag), list: listName(), contact: contactName() })

export const wish = (): fc.Arbitrary<peer.Wish> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: record({
        _tag: fc.constant('Register' as const),
        contact: contactName(),
        ip: fc.option(host(), { nil: undefined }),
        port: fc.option(port(), { nil: undefined }),
      }),
    },
    record({ _tag: fc.constant('Create' as const), list: listName() }),
    fc.constant<peer.Wish>({ _tag: 'QueryLists' }),
    onListAndContact('Join'),
    onListAndContact('Leave'),
    { weight: 4, arbitrary: onListAndContact('ImStart') },
    onListAndContact('ImComplete'),
    record({ _tag: fc.constant('Exit' as const), contact: contactName() }),
    record({ _tag: fc.constant('Save' as const), file: fc.constant('config.txt') }),
  )

const malformed: Malformed = { _tag: 'Malformed', at: 0, expected: 'something else' }

const member = (): fc.Arbitrary<classic.RingMember> => fc.tuple(contactName(), address()).map(([name, where]) => classic.ringMember(name, where))

/** The replies that a server could give to something. */
const replyPacket = (): fc.Arbitrary<classic.ReplyPacket> =>
  fc.oneof(
    record({ code: fc.constantFrom(200, 200, 200, 463, 400, 999), body: fc.constant(classic.nothing) }),
    record({ code: fc.constant(200), body: record({ _tag: fc.constant('Lists' as const), names: fc.array(listName(), { maxLength: 3 }) }) }),
    record({ code: fc.constant(200), body: record({ _tag: fc.constant('Ring' as const), members: fc.oneof(fc.tuple(member()), fc.array(member(), { minLength: 1, maxLength: 4 })) }) }),
  )

const relayPacket = (): fc.Arbitrary<classic.Relay | Malformed> =>
  relay().map((text) => {
    const decoded = classic.decodeRelay(text)
    return decoded._tag === 'Right' ? decoded.right : decoded.left
  })

const line = (): fc.Arbitrary<string> => fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant('Я'.repeat(400)))

/** A command, its mark still to be made: `mark` makes a fresh one. */
export const command = (mark: () => string): fc.Arbitrary<peer.Command> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(wish(), fc.option(line(), { nil: undefined })).map(([wished, text]): peer.Command => ({ _tag: 'Ask', wish: wished, text, im: mark() })) },
    { weight: 3, arbitrary: line().map((text): peer.Command => ({ _tag: 'Say', text, im: mark() })) },
    { weight: 6, arbitrary: replyPacket().map((packet): peer.Command => ({ _tag: 'Hear', packet })) },
    { weight: 3, arbitrary: relayPacket().map((packet): peer.Command => ({ _tag: 'Receive', packet })) },
    { weight: 3, arbitrary: fc.constant<peer.Command>({ _tag: 'Wake' }) },
    { weight: 1, arbitrary: fc.constantFrom<peer.Command>({ _tag: 'Drop' }, { _tag: 'Mistype', sentence: 'what?' }, { _tag: 'PortClosed' }) },
    { weight: 2, arbitrary: fc.boolean().map((patient): peer.Command => ({ _tag: 'Close', patient })) },
    { weight: 1, arbitrary: fc.constantFrom<peer.Command>({ _tag: 'Hear', packet: malformed }, { _tag: 'Receive', packet: malformed }, { _tag: 'SendFailed', to: 'x', why: 'y' }) },
  )
