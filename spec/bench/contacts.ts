// Contacts of the sealed wire to measure with. They register as any peer does, over the real channel; then their records are sealed and opened
// here, so that a burst can be sealed before the clock starts and be opened after it has stopped.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { isLeft } from 'fp-ts/lib/Either.js'
import { channel, limits, sealed, self, type ContactName, type Identity, type Instant, type Nonce, type ProcessId } from '../../core/index.js'
import { recordHeader } from '../../core/wire/sealed/datagram.js'
import { ciphers } from '../../shell/channel/ciphers.js'
import { newSecrets, seed } from '../../shell/channel/secrets.js'
import { systemClock } from '../../shell/clock.js'
import { drive } from '../../shell/drive.js'
import type { Socket } from 'node:dgram'
import type { Exchange } from './load.js'

/** A registered contact with a session of its own. */
export interface Contact {
  readonly name: ContactName
  /** a record with that frame, never the same twice */
  readonly seal: (frame: sealed.Frame) => Uint8Array
  readonly open: (datagram: Uint8Array) => sealed.Frame | undefined
  /** under the next number */
  readonly request: (order: sealed.Order) => sealed.Request
}

type Box = ReturnType<typeof ciphers>

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const headerBytes = sealed.sizes.header

const counterOf = (datagram: Uint8Array): number => Number(Buffer.from(datagram.buffer, datagram.byteOffset, headerBytes).readBigUInt64BE(8))

const contactOf = (name: ContactName, box: Box, session: channel.Session<Parameters<Box['seal']>[0]>, boot: number): Contact => {
  const { keys, theirs } = session
  let counter = session.next
  let seq = 0
  return {
    name,
    seal: (frame) => box.seal(keys, counter, recordHeader(theirs, counter++), sealed.encodeFrame(frame)),
    open: (datagram) => {
      const plain = box.open(keys, counterOf(datagram), datagram)
      const frame = plain === undefined ? undefined : sealed.decodeFrame(plain)
      return frame === undefined || isLeft(frame) ? undefined : frame.right
    },
    request: (order) => ({ _tag: 'Request', boot, seq: ++seq, have: 0n, order }),
  }
}

/** The answer in a reply of one part. */
const answerIn = (frame: sealed.Frame | undefined): sealed.Answer | undefined => {
  const answer = frame?._tag === 'Reply' && frame.part.count === 1 ? sealed.decodeAnswer(frame.part.bytes) : undefined
  return answer === undefined || isLeft(answer) ? undefined : answer.right
}

/** Who the server is. */
export const meet = async (socket: Socket): Promise<Identity> => {
  socket.send(sealed.who)
  const [bytes] = (await once(socket, 'message')) as [Buffer]
  const met = channel.introduced(ciphers(newSecrets()), bytes)
  if (met?.proven !== true) throw new Error('the server does not say who it is')
  return met.server
}

/** Registers at the server, which sees all of them at the address of this socket. One after the other: what arrives is the one's who is being registered. */
export const register = (socket: Socket, server: Identity, contact: ContactName): Promise<Contact> =>
  new Promise((registered, failed) => {
    const box = ciphers(newSecrets())
    const place = { ip: '127.0.0.1', port: socket.remoteAddress().port }
    const proof = hex(box.sign(sealed.proofOf(box.own.seals, server.id)))
    const order: sealed.Order = { _tag: 'Register', contact, signs: box.own.signs, proof, nonce: randomBytes(16).toString('hex') as Nonce }
    const hear = (bytes: Uint8Array): void => driver.offer(self, { _tag: 'Arrive', bytes, from: place })
    const told = (frame: sealed.Frame): void => {
      const answer = answerIn(frame)
      const neighbour = channel.neighbourOf(driver.state(), server.seals)
      const session = neighbour && channel.currentOf(driver.state(), neighbour)
      socket.off('message', hear)
      driver.stop()
      if (answer?.body._tag !== 'Registered' || session === undefined) return failed(new Error(`register ${contact}: ${answer?.code ?? 'no answer'}`))
      registered(contactOf(contact, box, session, answer.body.boot))
    }
    const machine = channel.machine({ ciphers: box, process: undefined, whois: undefined, hellosASecond: limits.hellosASecond })
    const driver = drive(machine, channel.initial(seed()), {
      clock: systemClock(),
      respond: (_, response: never) => response,
      interpret: {
        Send: ({ packet }) => { socket.send(packet) },
        Deliver: ({ frame }) => told(frame),
        Moved: () => undefined,
        Heard: () => undefined,
        Lost: () => failed(new Error(`register ${contact}: nobody answers`)),
      },
      failed,
    })
    socket.on('message', hear)
    const frame: sealed.Frame = { _tag: 'Request', boot: 0, seq: 0, have: 0n, order }
    driver.offer(self, { _tag: 'Seal', to: server.seals, via: undefined, place, appointed: true, frame, again: false })
  })

/** An instant and a process, for their length alone. */
const clock = { at: 0 as Instant, process: '0'.repeat(16) as ProcessId }

const recordLength = (frame: sealed.Frame): number => limits.recordBytes + sealed.encodeFrame(frame).length

/** A request in a record, and what its answer must say; also one that was asked before. */
export const asked = (by: Contact, request: sealed.Request, answer: sealed.Answer): Exchange => {
  const { boot, seq } = request
  const bytes = Buffer.from(sealed.encodeAnswer(answer))
  const reply: sealed.Reply = { _tag: 'Reply', boot, seq, ...clock, part: { index: 0, count: 1, bytes } }
  return {
    request: by.seal(request),
    reply: new Uint8Array(recordLength(reply)),
    isAnswer: (datagram) => {
      const frame = by.open(datagram)
      return frame?._tag === 'Reply' && frame.boot === boot && frame.seq === seq && bytes.equals(frame.part.bytes)
    },
  }
}

/** A ping, which a pong answers. */
export const pinged = (by: Contact): Exchange => {
  const echo = randomBytes(8).toString('hex')
  const pong: sealed.Pong = { _tag: 'Pong', echo, clock }
  return {
    request: by.seal({ _tag: 'Ping', echo }),
    reply: new Uint8Array(recordLength(pong)),
    isAnswer: (datagram) => {
      const frame = by.open(datagram)
      return frame?._tag === 'Pong' && frame.echo === echo
    },
  }
}
