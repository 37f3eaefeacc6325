// What travels inside a sealed record: one frame. A frame that is longer than a datagram has its body in parts (`parts`).
// A byte says the kind, the fields follow, and then zero bytes up to a multiple of 16. No two byte strings are the same frame.
// The layout of each, byte by byte, is in `spec/PROTOCOL.md`, section 3.4.
import type { Either } from 'fp-ts/lib/Either.js'
import type { Host, Port } from '../../address.js'
import type { Digest, ImId, ProcessId, PublicKey, Tag } from '../../keys.js'
import { limits } from '../../limits.js'
import type { ListName } from '../../names.js'
import type { Instant } from '../../time.js'
import type { Malformed } from '../malformed.js'
import { bits, bytesUpTo, encodeWith, hex, uint } from './bytes.js'
import { order, type Order } from './order.js'
import { isPart, type Part } from './parts.js'
import { always, decodeWith, oneOf, only, perhaps, record, union } from './shapes.js'
import { digest, host, imId, instant, listName, port, position, processId, publicKey, tag } from './values.js'

/** A request is known by `(boot, seq)` of its key: `boot` the journal position of the client's register (0 in the register itself), `seq` counted
 *  up by the client with each new request. */
export interface Request {
  readonly _tag: 'Request'
  readonly boot: number
  readonly seq: number
  /** which parts of the answer have arrived: bit i for part i; 0n at first */
  readonly have: bigint
  readonly order: Order
}

/** An answer, or a part of it; `at` and `process` are those of its sending, and not of the answer, which may be a repeated one. */
export interface Reply {
  readonly _tag: 'Reply'
  readonly boot: number
  readonly seq: number
  readonly at: Instant
  readonly process: ProcessId
  /** of `encodeAnswer` */
  readonly part: Part
}

/** Is anybody there? Answered by a pong with the same echo: 8 bytes in 16 hexadecimal digits. */
export interface Ping {
  readonly _tag: 'Ping'
  readonly echo: string
}

/** `clock`: a server's, of its sending */
export interface Pong {
  readonly _tag: 'Pong'
  readonly echo: string
  readonly clock: { readonly at: Instant; readonly process: ProcessId } | undefined
}

/** From the server: another process has registered with this key since that boot; this one is over. */
export interface Superseded {
  readonly _tag: 'Superseded'
}

/** A message on its way, or a part of it. */
export interface Relay {
  readonly _tag: 'Relay'
  readonly im: ImId
  /** `ring`: to be passed on; `direct`: from the initiator, or another member, and no further; `home`: to the initiator, with an empty body; `missed`: to
   *  a member that was away, who has asked for it and acks nothing, with an empty head */
  readonly kind: 'ring' | 'direct' | 'home' | 'missed'
  /** `encodeTrail`; opaque to the frame; at most `limits.relayHeadBytes` */
  readonly head: Uint8Array
  /** of `encodeEnvelope` */
  readonly part: Part
}

/** What became of a relay: `part`: parts of it have arrived, more are awaited; `stored`, `have`: it is in the history, now or since before; `busy`: not
 *  now, ask again; `late`: its time is over; `closed`: the member will not take it; `refused`: it is not what it says, or not for this member. */
export type Status = 'stored' | 'have' | 'busy' | 'late' | 'closed' | 'refused' | 'part'

/** One member's word for the initiator, and for the server (`receiptBytes`). */
export interface Receipts {
  readonly initiator: Tag
  readonly server: Tag
}

/** That a relay, or some of its parts, has arrived. `receipts` of a direct copy that is settled. */
export interface Ack {
  readonly _tag: 'Ack'
  readonly im: ImId
  readonly kind: Exclude<Relay['kind'], 'missed'>
  readonly status: Status
  /** which parts: bit i for part i */
  readonly have: bigint
  readonly receipts: Receipts | undefined
}

/** Who is the ring of that hash? Asked of whoever has sent a grant with it, and of the server. */
export interface RingWanted {
  readonly _tag: 'RingWanted'
  readonly ring: Digest
  /** which parts have arrived: bit i for part i */
  readonly have: bigint
}

/** A part of `encodeRing`. */
export interface RingTold {
  readonly _tag: 'RingTold'
  readonly ring: Digest
  readonly part: Part
}

/** Which messages of that list has a member that was away missed? Asked of a co-member, who gives the lowest that it has: relays of kind `missed`. */
export interface MissedWanted {
  readonly _tag: 'MissedWanted'
  readonly list: ListName
  /** the first and the last number of the list that is wanted */
  readonly from: number
  readonly to: number
  /** of a message of these, parts that have arrived: bit i for part i */
  readonly partly: { readonly im: ImId; readonly have: bigint } | undefined
}

/** Whoever sends it has nothing of that list, from the one number to the other, that it may give to whom it tells so. Answers a `MissedWanted` that nothing
 *  is given for. */
export interface MissedNone {
  readonly _tag: 'MissedNone'
  readonly list: ListName
  readonly from: number
  readonly to: number
}

/** From the server: a co-member of that list, which was last seen there, looks for whoever gets this, and may not get through (F29). */
export interface Knock {
  readonly _tag: 'Knock'
  readonly list: ListName
  /** its X25519 key */
  readonly by: PublicKey
  readonly ip: Host
  readonly port: Port
}

export type Frame = Request | Reply | Ping | Pong | Superseded | Relay | Ack | RingWanted | RingTold | MissedWanted | Knock | MissedNone

const part = only(
  record<Part>({ index: uint(1), count: uint(1), bytes: bytesUpTo(limits.partBytes, uint(2)) }),
  (value): value is Part => isPart(value),
  'a part: 1 to 64 of them, an index below their number, 1024 bytes in each but the last',
)
const echo = hex(8)
const kind = oneOf<Relay['kind']>({ ring: 0, direct: 1, home: 2, missed: 3 }, 'the kind of a relay')
const ackedKind = oneOf<Ack['kind']>({ ring: 0, direct: 1, home: 2 }, 'the kind of a relay')
const clock = { at: instant, process: processId }

const frame = union<Frame>(
  {
    Request: [0x01, record({ _tag: always('Request'), boot: position, seq: uint(4), have: bits, order })],
    Reply: [0x02, record({ _tag: always('Reply'), boot: position, seq: uint(4), ...clock, part })],
    Ping: [0x05, record({ _tag: always('Ping'), echo })],
    Pong: [0x06, record({ _tag: always('Pong'), echo, clock: perhaps(record(clock)) })],
    Superseded: [0x07, record({ _tag: always('Superseded') })],
    Relay: [
      0x08,
      record({
        _tag: always('Relay'),
        im: imId,
        kind,
        head: bytesUpTo(limits.relayHeadBytes, uint(1)),
        part,
      }),
    ],
    Ack: [
      0x09,
      record({
        _tag: always('Ack'),
        im: imId,
        kind: ackedKind,
        status: oneOf<Status>({ stored: 0, have: 1, busy: 2, late: 3, closed: 4, refused: 5, part: 6 }, 'the status of an ack'),
        have: bits,
        receipts: perhaps(record<Receipts>({ initiator: tag, server: tag })),
      }),
    ],
    RingWanted: [0x0a, record({ _tag: always('RingWanted'), ring: digest, have: bits })],
    RingTold: [0x0b, record({ _tag: always('RingTold'), ring: digest, part })],
    MissedWanted: [0x0c, record({ _tag: always('MissedWanted'), list: listName, from: position, to: position, partly: perhaps(record({ im: imId, have: bits })) })],
    Knock: [0x0d, record({ _tag: always('Knock'), list: listName, by: publicKey, ip: host, port })],
    MissedNone: [0x0e, record({ _tag: always('MissedNone'), list: listName, from: position, to: position })],
  },
  'the kind of a frame',
)

/** At most `limits.sealedDatagramBytes` - `limits.recordBytes` bytes, if the parts and heads are within their bounds. Of a number that does not
 *  fit its field the low bits are written (no `boot` or `at` reaches 2^48), of a file's name the first 255 bytes. */
export const encodeFrame = (value: Frame): Uint8Array => encodeWith(frame, value, limits.framePadding)

/** The one frame that is encoded so: what is accepted encodes to the same bytes. Total. */
export const decodeFrame = (bytes: Uint8Array): Either<Malformed, Frame> => decodeWith(frame, bytes, limits.framePadding)
