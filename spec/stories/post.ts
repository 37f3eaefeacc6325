// What is on its way: every datagram lies in the open until the story does something with it. A datagram is known by a line of text:
//
//   alice>bob ring       bob>alice ack ring stored      alice>bob direct      carol>alice home      bob>alice ring?      alice>bob ring!
//   alice>bob missed?    bob>alice missed
//   alice>server ImStart      server>alice Granted      bob>server ping       server>bob pong
import { sealed, type Instant, type ProcessId } from '../../core/index.js'

/** What a courier asks of the server. */
export interface Asking {
  readonly ticket: string
  readonly request: sealed.Request
  /** when it first left, by its sender's clock; and of which process of its sender */
  readonly since: Instant
  readonly life: number
  /** times that it had slept until then */
  readonly sleeps: number
}

export type Content =
  | { readonly _tag: 'Frame'; readonly bytes: Uint8Array }
  | { readonly _tag: 'Asked'; readonly asking: Asking }
  | { readonly _tag: 'Answered'; readonly asking: Asking; readonly at: Instant; readonly process: ProcessId; readonly answer: sealed.Answer }
  /** a message in clear */
  | { readonly _tag: 'Clear'; readonly text: string }
  | { readonly _tag: 'Ping'; readonly since: Instant; readonly life: number; readonly sleeps: number }
  | { readonly _tag: 'Pong'; readonly since: Instant; readonly life: number; readonly sleeps: number; readonly at: Instant; readonly process: ProcessId }

export interface Datagram {
  readonly from: string
  readonly to: string
  readonly content: Content
  /** that a hello leaves with it */
  readonly again?: boolean
}

/** The frame of a record that opens; whatever else comes is nobody's. */
export const frameIn = ({ content }: Datagram): sealed.Frame => {
  if (content._tag !== 'Frame') throw new Error(`no frame: ${content._tag}`)
  const frame = sealed.decodeFrame(content.bytes)
  if (frame._tag === 'Left') throw new Error(JSON.stringify(frame.left))
  return frame.right
}

export const relayIn = (datagram: Datagram): sealed.Relay => {
  const frame = frameIn(datagram)
  if (frame._tag !== 'Relay') throw new Error(`no relay: ${frame._tag}`)
  return frame
}

export const trailIn = (datagram: Datagram): sealed.Trail => {
  const trail = sealed.decodeTrail(relayIn(datagram).head)
  if (trail._tag === 'Left') throw new Error(JSON.stringify(trail.left))
  return trail.right
}

export const envelopeIn = (datagram: Datagram): sealed.Envelope => {
  const envelope = sealed.decodeEnvelope(relayIn(datagram).part.bytes)
  if (envelope._tag === 'Left') throw new Error(JSON.stringify(envelope.left))
  return envelope.right
}

const textOfFrame = (frame: sealed.Frame): string => {
  switch (frame._tag) {
    case 'Relay': return frame.part.count === 1 ? frame.kind : `${frame.kind} ${frame.part.index + 1}/${frame.part.count}`
    case 'Ack': return `ack ${frame.kind} ${frame.status}`
    case 'RingWanted': return 'ring?'
    case 'RingTold': return 'ring!'
    case 'MissedWanted': return 'missed?'
    case 'MissedNone': return 'none'
    case 'Knock':
    case 'Ping':
    case 'Pong':
    case 'Reply':
    case 'Request':
    case 'Superseded': return frame._tag
  }
}

const textOfAnswer = ({ code, body }: sealed.Answer): string => (body._tag === 'Nothing' ? String(code) : body._tag === 'Ended' ? `Ended ${body.outcome}` : body._tag)

/** The line of text that it is known by. */
export const lineOf = (datagram: Datagram): string => {
  const { from, to, content } = datagram
  const what = (): string => {
    switch (content._tag) {
      case 'Frame': return textOfFrame(frameIn(datagram))
      case 'Asked': return content.asking.request.order._tag
      case 'Answered': return textOfAnswer(content.answer)
      case 'Clear': return 'in clear'
      case 'Ping': return 'ping'
      case 'Pong': return 'pong'
    }
  }
  return `${from}>${to} ${what()}`
}

/** Whether a line is meant by that; a star stands for anything. */
export const isMeant = (line: string, pattern: string): boolean =>
  new RegExp(`^${pattern.split('*').map((text) => text.replace(/[?!.]/g, '\\$&')).join('.*')}$`).test(line)
