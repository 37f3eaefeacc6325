// The datagrams of this process, told to its tracer: a hash says which it was, so that the two ends can be matched, and a few words what.
//
//   sealed    its bytes are its own: a hash of them        in clear   the same bytes may leave many: the two ports go into the hash
//
// What a record holds is known where it is sealed or opened: the ciphers are watched, and the channel's machine knows nothing of it.
import { classic, sealed, trace, type channel, type diary } from '../../core/index.js'
import { digest } from '../channel/ciphers.js'
import type { ChannelOptions } from '../channel/sessions.js'
import type { Tracer } from './tracer.js'

interface Place {
  readonly ip: string
  readonly port: number
}

const placeOf = ({ ip, port }: Place): string => trace.wordsOf(`${ip.includes(':') ? `[${ip}]` : ip}:${port}`)

/** hexadecimal digits: 2^64 datagrams are more than any trace has */
const digits = 16

const datagramOf = (bytes: Uint8Array, ports: string): string => digest(ports === '' ? bytes : Buffer.concat([Buffer.from(ports), bytes])).slice(0, digits)

/** Who, and the answer to it, are the same each time. */
const isUnique = (bytes: Uint8Array): boolean => sealed.isSealed(bytes) && bytes[0] !== 0xfc

const kinds: ReadonlyMap<number, string> = new Map([[0xf8, 'hello'], [0xf9, 'welcome'], [0xfa, 'retry'], [0xfb, 'record'], [0xfc, 'who']])

/** A datagram of the sealed wire that nobody has looked into. */
const closed = (bytes: Uint8Array): trace.Label => ({ label: (bytes[0] === 0xfc && bytes[1] === 1 ? 'whois' : kinds.get(bytes[0] ?? 0)) ?? 'unknown', im: undefined })

/** What a classic datagram is: its command, or that it is a reply or a message, and no name or text of it. */
const classicLabel = (bytes: Uint8Array): trace.Label => {
  const [word = ''] = Buffer.from(bytes.subarray(0, 32)).toString('latin1').split('-_-')
  const label = Object.values<string>(classic.words).includes(word) ? word : /^\d{3}$/.test(word) ? `answer ${word}` : 'classic message'
  return { label, im: undefined }
}

const withIm = (im: string | undefined): { readonly im?: string } => (im === undefined ? {} : { im })

/** Tells what is sent to, and received from, places. `own`: the port it goes by. */
export interface Wiretap {
  readonly sent: (bytes: Uint8Array, to: Place, own: number) => void
  readonly received: (bytes: Uint8Array, from: Place, own: number) => void
}

const told = (tracer: Tracer, labelOf: (bytes: Uint8Array) => trace.Label): Wiretap => {
  const idOf = (bytes: Uint8Array, from: number, to: number): string => datagramOf(bytes, isUnique(bytes) ? '' : `${from} ${to} `)
  return {
    sent: (bytes, to, own) => {
      const { label, im } = labelOf(bytes)
      tracer.tell({ kind: 'send', datagram: idOf(bytes, own, to.port), to: placeOf(to), label, ...withIm(im) })
    },
    received: (bytes, from, own) => {
      const { label, im } = labelOf(bytes)
      tracer.tell({ kind: 'receive', datagram: idOf(bytes, from.port, own), from: placeOf(from), label, ...withIm(im) })
    },
  }
}

/** What anybody on the line could tell of a datagram. */
export const outside = (tracer: Tracer | undefined): Wiretap | undefined =>
  tracer === undefined ? undefined : told(tracer, (bytes) => (sealed.isSealed(bytes) ? closed(bytes) : classicLabel(bytes)))

/** The same sessions, of which every datagram is told. `own`: the port that they go by. */
export const traced = <H, K>(tracer: Tracer | undefined, own: number, options: ChannelOptions<H, K>): ChannelOptions<H, K> => {
  if (tracer === undefined) return options
  const labels = new WeakMap<Uint8Array, trace.Label>()
  const { sent, received } = told(tracer, (bytes) => labels.get(bytes) ?? closed(bytes))
  const remember = (bytes: Uint8Array, plain: Uint8Array): void => {
    const frame = sealed.decodeFrame(plain)
    if (frame._tag === 'Right') labels.set(bytes, trace.labelOf(frame.right))
  }
  const { ciphers } = options.config
  const watched: channel.Config<H, K>['ciphers'] = {
    ...ciphers,
    seal: (keys, counter, header, plain) => {
      const bytes = ciphers.seal(keys, counter, header, plain)
      remember(bytes, plain)
      return bytes
    },
    open: (keys, counter, datagram) => {
      const plain = ciphers.open(keys, counter, datagram)
      if (plain !== undefined) remember(datagram, plain)
      return plain
    },
  }
  return {
    ...options,
    config: { ...options.config, ciphers: watched },
    arrived: (bytes, from) => received(bytes, from, own),
    send: (bytes, ip, port) => {
      sent(bytes, { ip, port }, own)
      options.send(bytes, ip, port)
    },
  }
}

/** Waits as `kept` does, and tells of a mark when it is durable, before anything that follows from it. */
export const tellKept =
  (tracer: Tracer | undefined, kept: () => Promise<void> | undefined) =>
  ({ record }: { readonly record: diary.Mark }): Promise<void> | undefined => {
    const happening = tracer === undefined ? undefined : trace.keptOf(record)
    const waits = kept()
    if (tracer === undefined || happening === undefined) return waits
    if (waits !== undefined) return waits.then(() => tracer.tell(happening))
    tracer.tell(happening)
    return undefined
  }
