// How long a frame would be as a sealed datagram, and what kind it counts as. Worked out without encoding it, since most are never looked at.
import { limits, type sealed } from '../../core/index.js'

const padded = (bytes: number): number => Math.ceil(bytes / limits.framePadding) * limits.framePadding + limits.recordBytes

/** bytes of an order that has little to say */
const orderBytes = 70

const bare = (frame: sealed.Frame): number => {
  switch (frame._tag) {
    case 'Request': return 19 + orderBytes
    case 'Reply': return 29 + frame.part.bytes.length
    case 'Ping': return 9
    case 'Pong': return 24
    case 'Superseded': return 1
    case 'Knock': return 56
    case 'Relay': return 21 + frame.head.length + frame.part.bytes.length
    case 'Ack': return frame.receipts === undefined ? 26 : 58
    case 'RingWanted': return 41
    case 'MissedWanted': return frame.partly === undefined ? 22 : 44
    case 'MissedNone': return 21
    case 'RingTold': return 37 + frame.part.bytes.length
  }
}

export const bytesOfFrame = (frame: sealed.Frame): number => padded(bare(frame))

export const kindOfFrame = (frame: sealed.Frame): string => (frame._tag === 'Relay' ? kinds.Relay[frame.kind] : frame._tag === 'Ack' ? kinds.Ack[frame.kind] : frame._tag)

const kinds = {
  Relay: { ring: 'relay ring', direct: 'relay direct', home: 'relay home', missed: 'relay missed' },
  Ack: { ring: 'ack ring', direct: 'ack direct', home: 'ack home' },
} as const
