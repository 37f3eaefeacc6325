// A network that loses datagrams: peers that take `port` for their server's send everything through here, to the server and to each other, and each
// datagram is lost by the roll of a die with a seed. To everybody else a peer is where the socket is that stands for it.
//
//   peer ──> port ──from the peer's stand-in──> server          peer ──> another's stand-in ──from the peer's own──> the other
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { entropy } from '../../../core/index.js'

const host = '127.0.0.1'

export interface Lossy {
  /** where peers find their server */
  readonly port: number
  /** datagrams that came by, and those of them that were lost */
  readonly counts: { readonly passed: number; readonly lost: number }
  readonly close: () => void
}

const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4').on('error', () => undefined)
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

/** In front of the server at that port. `loss`: the share that is lost, 0 to 1, asked for each datagram. */
export const openLossy = async (serverPort: number, loss: () => number, seed: number): Promise<Lossy> => {
  const front = await bound()
  /** by the peer's own port */
  const standIns = new Map<number, Promise<Socket>>()
  const counts = { passed: 0, lost: 0 }
  let dice: number = seed
  let isOver = false

  const forward = (bytes: Uint8Array, from: Socket, port: number): void => {
    const rolled = entropy.next(dice)
    dice = rolled.seed
    if (rolled.value < loss()) counts.lost += 1
    else {
      counts.passed += 1
      if (!isOver) from.send(bytes, port, host)
    }
  }

  const standIn = (port: number): Promise<Socket> => {
    const known = standIns.get(port)
    if (known !== undefined) return known
    const opened = bound().then((socket) =>
      socket.on('message', (bytes, { port: from }) => {
        if (from === serverPort) return forward(bytes, front, port)
        void standIn(from).then((own) => forward(bytes, own, port))
      }),
    )
    standIns.set(port, opened)
    return opened
  }

  front.on('message', (bytes, { port }) => void standIn(port).then((own) => forward(bytes, own, serverPort)))
  return {
    port: front.address().port,
    counts,
    close: () => {
      isOver = true
      front.close()
      for (const one of standIns.values()) void one.then((socket) => socket.close())
    },
  }
}
