// Frames of the sealed wire, the answers in their replies, bodies in parts, and bytes made to break their decoders.
import fc from 'fast-check'
import { ContactId, Digest, ImId, Instant, limits, Nonce, ProcessId, PublicKey, sealed, Signature, Tag } from '../../core/index.js'
import { address, anyContactName, anyListName, record } from './names.js'
import { harmed } from './wire.js'

/** So many bytes, in lower-case hexadecimal digits. */
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Array.from(all, (byte) => byte.toString(16).padStart(2, '0')).join(''))

const key = (): fc.Arbitrary<PublicKey> => hex(32).filter(PublicKey.is)
const id = (): fc.Arbitrary<ContactId> => hex(32).filter(ContactId.is)
const process = (): fc.Arbitrary<ProcessId> => hex(8).filter(ProcessId.is)
const digest = (): fc.Arbitrary<Digest> => hex(32).filter(Digest.is)
const tag = (): fc.Arbitrary<Tag> => hex(16).filter(Tag.is)
const imId = (): fc.Arbitrary<ImId> => hex(14).filter(ImId.is)
/** Any set of places in a ring, often at its end. */
const places = (): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.uniqueArray(fc.oneof(fc.nat(9), fc.nat(limits.ringMembers - 1), fc.constant(limits.ringMembers - 1)), { maxLength: 20 }).map((all) => all.sort((a, b) => a - b))
const orNone = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> => fc.option(arbitrary, { nil: undefined })

/** 0 to 2^48 - 1, often at an end. */
const position = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1), fc.maxSafeNat().map((n) => n % 2 ** 48))
const instant = (): fc.Arbitrary<Instant> => position().filter(Instant.is)
const seq = (): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(0, 2 ** 32 - 1), fc.nat(2 ** 31 - 1))
const have = (): fc.Arbitrary<bigint> => fc.oneof(fc.constantFrom(0n, 1n, (1n << 32n) - 1n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }))

const policy = (): fc.Arbitrary<sealed.Policy> => fc.constantFrom('open', 'sealed', 'closed')

/** At most 255 bytes. */
const plainText = (): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => new TextEncoder().encode(text).length <= 255)

const onListAndContact = (_tag: 'Invite' | 'Join' | 'Leave' | 'Release'): fc.Arbitrary<sealed.Order> =>
  record({ _tag: fc.constant(_tag), list: anyListName(), contact: anyContactName() })

const change = (): fc.Arbitrary<sealed.Change> =>
  fc.oneof(
    record({ _tag: fc.constantFrom('Join' as const, 'Leave' as const), list: anyListName(), contact: anyContactName() }),
    record({ _tag: fc.constant('Exit' as const), contact: anyContactName() }),
  )

export const order = (): fc.Arbitrary<sealed.Order> =>
  fc.oneof(
    record({ _tag: fc.constant('Register' as const), contact: anyContactName(), signs: key(), proof: hex(64), nonce: hex(16).filter(Nonce.is) }),
    record({ _tag: fc.constant('Create' as const), list: anyListName(), policy: policy() }),
    record({ _tag: fc.constantFrom('Delete' as const, 'Members' as const), list: anyListName() }),
    fc.constant<sealed.Order>({ _tag: 'QueryLists' }),
    ...(['Invite', 'Join', 'Leave', 'Release'] as const).map(onListAndContact),
    record({
      _tag: fc.constant('ImStart' as const),
      list: anyListName(),
      commit: digest(),
      size: seq(),
      patience: fc.constantFrom('once' as const, 'twice' as const, 'thrice' as const),
      again: fc.option(record({ root: imId(), to: fc.array(id(), { maxLength: limits.namedAgain }) }), { nil: null }),
    }),
    record({ _tag: fc.constant('ImComplete' as const), im: imId(), stored: places(), closed: places(), tag: tag() }),
    record({ _tag: fc.constantFrom('Exit' as const, 'Forget' as const), contact: anyContactName() }),
    record({ _tag: fc.constant('Suspect' as const), id: id() }),
    record({ _tag: fc.constant('Where' as const), list: anyListName(), ids: fc.array(id(), { maxLength: limits.copiesAtOnce }) }),
    record({ _tag: fc.constant('Save' as const), file: plainText() }),
    record({ _tag: fc.constant('Enqueue' as const), change: change() }),
    record({ _tag: fc.constantFrom('Withdraw' as const, 'Ticket' as const), ticket: position() }),
    record({ _tag: fc.constant('Locks' as const), list: fc.option(anyListName()), contact: fc.option(anyContactName()) }),
    record({ _tag: fc.constant('Unlock' as const), list: anyListName() }),
  )

const patterned = (length: number, seed: number): Uint8Array => Uint8Array.from({ length }, (_, i) => seed + i + (i >> 8))

/** A body's bytes, often of whole parts, or one byte more or less. */
export const body = (): fc.Arbitrary<Uint8Array> => {
  const most = limits.partsPerBody * limits.partBytes
  const nearWholeParts = fc.tuple(fc.nat(limits.partsPerBody), fc.constantFrom(-1, 0, 1)).map(([parts, more]) => Math.min(Math.max(parts * limits.partBytes + more, 0), most))
  return fc.tuple(fc.oneof(fc.nat(3000), nearWholeParts), fc.nat(255)).map(([length, seed]) => patterned(length, seed))
}

/** Any part of any body. */
const part = (): fc.Arbitrary<sealed.Part> =>
  fc.tuple(fc.integer({ min: 1, max: limits.partsPerBody }), fc.nat(limits.partsPerBody), fc.nat(limits.partBytes), fc.nat(255)).map(([count, n, length, seed]) => {
    const index = n % count
    const isLast = index === count - 1
    return { index, count, bytes: patterned(isLast ? Math.max(length, count > 1 ? 1 : 0) : limits.partBytes, seed) }
  })

export const frame = (): fc.Arbitrary<sealed.Frame> =>
  fc.oneof(
    { weight: 4, arbitrary: record({ _tag: fc.constant('Request' as const), boot: position(), seq: seq(), have: have(), order: order() }) },
    record({ _tag: fc.constant('Reply' as const), boot: position(), seq: seq(), at: instant(), process: process(), part: part() }),
    record({ _tag: fc.constant('Ping' as const), echo: hex(8) }),
    record({ _tag: fc.constant('Pong' as const), echo: hex(8), clock: orNone(record({ at: instant(), process: process() })) }),
    fc.constant<sealed.Frame>({ _tag: 'Superseded' }),
    record({
      _tag: fc.constant('Relay' as const),
      im: imId(),
      kind: fc.constantFrom('ring' as const, 'direct' as const, 'home' as const, 'missed' as const),
      head: fc.uint8Array({ maxLength: limits.relayHeadBytes, size: 'max' }),
      part: part(),
    }),
    record({
      _tag: fc.constant('Ack' as const),
      im: imId(),
      kind: fc.constantFrom('ring' as const, 'direct' as const, 'home' as const),
      status: fc.constantFrom('stored' as const, 'have' as const, 'busy' as const, 'late' as const, 'closed' as const, 'refused' as const, 'part' as const),
      have: have(),
      receipts: orNone(record({ initiator: tag(), server: tag() })),
    }),
    record({ _tag: fc.constant('RingWanted' as const), ring: digest(), have: have() }),
    record({ _tag: fc.constant('RingTold' as const), ring: digest(), part: part() }),
    record({ _tag: fc.constant('MissedWanted' as const), list: anyListName(), from: position(), to: position(), partly: orNone(record({ im: imId(), have: have() })) }),
    record({ _tag: fc.constant('MissedNone' as const), list: anyListName(), from: position(), to: position() }),
    fc.tuple(anyListName(), key(), address()).map(([list, by, { ip, port }]): sealed.Frame => ({ _tag: 'Knock', list, by, ip, port })),
  )

export const grant = (): fc.Arbitrary<sealed.Grant> =>
  record({
    im: imId(), root: imId(), list: anyListName(), no: position(), epoch: position(), ring: digest(), initiator: fc.nat(0xffff), path: places(), commit: digest(), size: seq(), until: instant(),
  })

const memberRow = (): fc.Arbitrary<sealed.MemberRow> =>
  fc
    .tuple(anyContactName(), address(), fc.constantFrom('alive' as const, 'suspect' as const, 'away' as const, 'classic' as const), orNone(record({ id: id(), signs: key(), seals: key() })))
    .map(([name, { ip, port: number }, presence, keys]) => ({ name, ip, port: number, presence, keys }))

const lockRows = () => ({
  locks: fc.array(
    record({ list: anyListName(), im: orNone(imId()), initiator: anyContactName(), since: instant(), ends: orNone(instant()), waits: fc.array(anyContactName(), { maxLength: limits.namedInRow }) }),
    { maxLength: 3 },
  ),
  tickets: fc.array(
    record({ ticket: position(), by: anyContactName(), change: change(), since: instant(), fenced: orNone(instant()), waits: fc.array(anyListName(), { maxLength: limits.namedInRow }) }),
    { maxLength: 3 },
  ),
  expired: fc.array(record({ list: anyListName(), im: orNone(imId()), initiator: anyContactName(), since: instant(), ended: instant() }), { maxLength: 3 }),
})

export const answer = (): fc.Arbitrary<sealed.Answer> =>
  record({
    code: fc.nat(65_535),
    body: fc.oneof(
      fc.constant<sealed.AnswerBody>({ _tag: 'Nothing' }),
      record({ _tag: fc.constant('Lists' as const), names: fc.array(anyListName(), { maxLength: 8 }) }),
      record({ _tag: fc.constant('Granted' as const), grant: grant(), signature: hex(64).filter(Signature.is) }),
      record({ _tag: fc.constant('Ended' as const), outcome: fc.constantFrom('recorded' as const, 'proof' as const, 'expired' as const, 'forced' as const) }),
      record({ _tag: fc.constant('Members' as const), owner: orNone(anyContactName()), policy: policy(), members: fc.array(memberRow(), { maxLength: 4 }) }),
      record({ _tag: fc.constant('Registered' as const), boot: position() }),
      record({ _tag: fc.constant('Queued' as const), ticket: position(), place: fc.nat(65_535), opens: orNone(instant()) }),
      record({ _tag: fc.constant('Served' as const), code: fc.nat(65_535) }),
      record({ _tag: fc.constant('Opens' as const), at: orNone(instant()) }),
      record({ ...lockRows(), _tag: fc.constant('Locks' as const) }),
      record({ ...lockRows(), _tag: fc.constant('OldestLocks' as const), behind: record({ locks: fc.nat(2 ** 32 - 1), tickets: fc.nat(2 ** 32 - 1) }) }),
    ),
  })

/** Any bytes at all, many of them nearly a frame. */
export const hostileFrame = (): fc.Arbitrary<Uint8Array> => harmed(frame().map(sealed.encodeFrame))

/** Any bytes at all, many of them nearly an answer. */
export const hostileAnswer = (): fc.Arbitrary<Uint8Array> => harmed(answer().map(sealed.encodeAnswer))
