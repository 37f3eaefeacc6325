// Packets of the classic wire, and datagrams made to break its decoders: random bytes, and packets that were cut, flipped, doubled or
// spliced.
import fc from 'fast-check'
import { classic } from '../../core/index.js'
import { address, anyContactName, anyListName, record } from './names.js'

const onListAndContact = (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete'): fc.Arbitrary<classic.Request> =>
  record({ _tag: fc.constant(_tag), list: anyListName(), contact: anyContactName() })

export const request = (): fc.Arbitrary<classic.Request> =>
  fc.oneof(
    record({ _tag: fc.constant('Register' as const), contact: anyContactName(), address: address() }),
    record({ _tag: fc.constant('Create' as const), list: anyListName() }),
    fc.constant<classic.Request>({ _tag: 'QueryLists' }),
    onListAndContact('Join'),
    onListAndContact('Leave'),
    onListAndContact('ImStart'),
    onListAndContact('ImComplete'),
    record({ _tag: fc.constant('Exit' as const), contact: anyContactName() }),
    record({ _tag: fc.constant('Save' as const), file: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('-_-')) }),
  )

const member = (): fc.Arbitrary<classic.RingMember> => fc.tuple(anyContactName(), address()).map(([name, where]) => classic.ringMember(name, where))

const body = (): fc.Arbitrary<classic.ReplyBody> =>
  fc.oneof(
    fc.constant(classic.nothing),
    record({ _tag: fc.constant('Lists' as const), names: fc.array(anyListName(), { maxLength: 5 }) }),
    record({ _tag: fc.constant('Ring' as const), members: fc.array(member(), { minLength: 1, maxLength: 5 }) }),
  )

export const reply = (): fc.Arbitrary<classic.ReplyPacket> => record({ code: fc.integer({ min: 0, max: 999 }), body: body() })

/** A relay at any step of its way. */
export const relay = (): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(member(), { minLength: 1, maxLength: 5 }), fc.string({ unit: 'grapheme' }), fc.nat(5))
    .map(([members, text, steps]) =>
      classic.encodeRelay(
        Array.from({ length: Math.min(steps, members.length - 1) }).reduce<classic.Relay>(
          classic.advanced,
          classic.newRelay(members, text, { list: 'l', im: '0123456789abcdef' }),
        ),
      ),
    )

const packet = (): fc.Arbitrary<Uint8Array> =>
  fc.oneof(request().map(classic.encodeRequest), reply().map(classic.encodeReply), relay()).map((text) => new TextEncoder().encode(text))

type Harm = (bytes: Uint8Array, at: number, value: number) => Uint8Array
const harms: ReadonlyArray<Harm> = [
  (bytes) => bytes,
  (bytes, at) => bytes.slice(0, at % (bytes.length + 1)),
  (bytes, at, value) => bytes.map((byte, i) => (i === at % bytes.length ? value : byte)),
  (bytes, at) => Uint8Array.from([...bytes.slice(0, at % bytes.length), ...bytes]),
  (bytes, at, value) => Uint8Array.from([...bytes.slice(0, at % bytes.length), value, ...bytes.slice(at % bytes.length)]),
]

/** Any bytes at all, many of them nearly one of these packets. */
export const harmed = (whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
    { weight: 4, arbitrary: fc.tuple(whole, fc.constantFrom(...harms), fc.nat(4000), fc.nat(255)).map(([bytes, harm, at, value]) => harm(bytes, at, value)) },
  )

/** Any bytes at all, many of them nearly a packet of the classic wire. */
export const hostileBytes = (): fc.Arbitrary<Uint8Array> => harmed(packet())
