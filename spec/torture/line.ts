// The way from a key to one server process: the production channel on a socket, and requests over it, each sent again until it is answered.
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits, sealed } from '../../core/index.js'
import { openSessions, type Sessions } from '../../shell/channel/sessions.js'
import { seed } from '../../shell/channel/secrets.js'
import { systemClock } from '../../shell/clock.js'
import { Failure } from './notes.js'
import { host, patienceMs, resendMs, type Life } from './player.js'
import type { RemoteInfo, Socket } from 'node:dgram'
import type { ciphers } from '../../shell/channel/ciphers.js'

export const decoded = (answer: Uint8Array): sealed.Answer => {
  const said = sealed.decodeAnswer(answer)
  if (isLeft(said)) throw new Failure(`an answer that is none: ${Buffer.from(answer).toString('hex')}`)
  return said.right
}

export class Line {
  readonly #life: Life
  readonly #socket: Socket
  readonly #sessions: Sessions
  readonly #arrive = (bytes: Buffer, { address, port }: RemoteInfo): void => this.#sessions.arrive(bytes, address, port)
  #hear: (frame: sealed.Frame) => void = () => undefined
  #giveUp: () => void = () => undefined

  constructor(box: ReturnType<typeof ciphers>, socket: Socket, life: Life) {
    this.#life = life
    this.#socket = socket
    this.#sessions = openSessions({
      clock: systemClock(),
      config: { ciphers: box, process: undefined, whois: undefined, hellosASecond: limits.hellosASecond },
      seed: seed(),
      send: (bytes, ip, port) => socket.send(bytes, port, ip),
      deliver: ({ frame }) => this.#hear(frame),
      moved: () => undefined,
      lost: () => undefined,
      slept: () => undefined,
    })
    socket.on('message', this.#arrive)
  }

  /** The bytes of the answer; `undefined` when the line was closed before. One at a time. Rejects when a server that runs does not answer. */
  ask(request: sealed.Request): Promise<Uint8Array | undefined> {
    const { port, server } = this.#life
    let assembly = sealed.nothing
    const send = (again: boolean): void => this.#sessions.ask(server.seals, { ip: host, port }, { ...request, have: assembly.have }, again, true)
    return new Promise((resolve, reject) => {
      const resending = setInterval(() => send(true), resendMs)
      const patience = setTimeout(() => reject(new Failure(`no answer to ${JSON.stringify(request.order)}`)), patienceMs)
      const settle = (answer: Uint8Array | undefined): void => {
        clearInterval(resending)
        clearTimeout(patience)
        this.#hear = () => undefined
        this.#giveUp = () => undefined
        resolve(answer)
      }
      this.#giveUp = () => settle(undefined)
      this.#hear = (frame) => {
        if (frame._tag !== 'Reply' || frame.boot !== request.boot || frame.seq !== request.seq) return
        const { assembly: next, whole } = sealed.gather(assembly, frame.part)
        assembly = next
        if (whole !== undefined) settle(whole)
      }
      send(false)
    })
  }

  close(): void {
    this.#giveUp()
    this.#sessions.stop()
    this.#socket.off('message', this.#arrive)
  }
}
