// Somebody on the line: every datagram between peers and a server goes through here, is kept, and meets its fate. Each peer has a socket of its
// own towards the server, so that the server tells them apart. No timer: what is held back goes when the next datagram of its way has gone.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

const host = '127.0.0.1'

/** `hold`: the next one overtakes it. */
export type Fate = 'pass' | 'drop' | 'twice' | 'hold'

/** A datagram that came by. */
export interface Tapped {
  readonly bytes: Buffer
  /** to the server, or from it */
  readonly up: boolean
}

type Forward = (bytes: Buffer) => void

const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4').on('error', () => undefined)
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

export class Tap {
  readonly seen: Tapped[] = []
  readonly #front: Socket
  readonly #serverPort: number
  readonly #fate: () => Fate
  readonly #backs = new Map<number, Promise<Socket>>()
  readonly #held = new Map<boolean, () => void>()

  private constructor(front: Socket, serverPort: number, fate: () => Fate) {
    this.#front = front
    this.#serverPort = serverPort
    this.#fate = fate
    front.on('message', (bytes, { port }) => void this.#up(bytes, port))
  }

  /** Between whoever sends to its port and the server at that port. */
  static async open(serverPort: number, fate: () => Fate = () => 'pass'): Promise<Tap> {
    return new Tap(await bound(), serverPort, fate)
  }

  get port(): number {
    return this.#front.address().port
  }

  /** all that went to the server, or came from it */
  way(up: boolean): readonly Buffer[] {
    return this.seen.filter((one) => one.up === up).map(({ bytes }) => bytes)
  }

  async close(): Promise<void> {
    for (const back of this.#backs.values()) (await back).close()
    this.#front.close()
  }

  async #up(bytes: Buffer, port: number): Promise<void> {
    const back = this.#backs.get(port) ?? this.#open(port)
    this.#backs.set(port, back)
    const socket = await back
    this.#meet(bytes, true, (one) => socket.send(one, this.#serverPort, host))
  }

  async #open(port: number): Promise<Socket> {
    const socket = await bound()
    return socket.on('message', (bytes) => this.#meet(bytes, false, (one) => this.#front.send(one, port, host)))
  }

  #meet(bytes: Buffer, up: boolean, forward: Forward): void {
    this.seen.push({ bytes, up })
    const fate = this.#fate()
    const held = this.#held.get(up)
    if (fate === 'hold' && held === undefined) return void this.#held.set(up, () => forward(bytes))
    if (fate !== 'drop') forward(bytes)
    if (fate === 'twice') forward(bytes)
    this.#held.delete(up)
    held?.()
  }
}
