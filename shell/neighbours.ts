// Sockets that face neighbours: each is connected to one of them and bound to P as all others are, so that a neighbour sees one address of us, and the
// system says within a millisecond when nothing listens at its port (F26). What comes from elsewhere arrives at the socket that is connected nowhere.
//
//   send ──> the socket that faces that place, else the open one          refused ──> whoever is said to be there
//
// On Linux a connected socket is preferred for what comes from its neighbour, and the moment between binding and connecting loses nothing: what arrives
// at any of them is heard alike.
import { isLeft, toError, tryCatch } from 'fp-ts/lib/Either.js'
import { limits } from './limits.js'
import { bind, connect, type Socket } from './udp.js'
import type { PublicKey } from '../core/index.js'

interface Place {
  readonly ip: string
  readonly port: number
}

export interface NeighbourOptions {
  /** bound to P, connected nowhere */
  readonly open: Socket
  readonly hear: (bytes: Uint8Array, ip: string, port: number) => void
  /** nothing listens where that neighbour is said to be */
  readonly closed: (key: PublicKey) => void
}

export interface Neighbours {
  /** at the end of this turn of the loop, or when `leave` is called */
  readonly send: (bytes: Uint8Array, ip: string, port: number) => void
  /** what is to be sent leaves now */
  readonly leave: () => void
  /** whoever has that key is said to be there */
  readonly meet: (key: PublicKey, place: Place) => void
  readonly close: () => Promise<void>
}

/** `socket` once it is connected. */
interface Facing {
  readonly place: string
  key: PublicKey
  socket: Socket | undefined
}

const nameOf = ({ ip, port }: Place): string => `${ip} ${port}`

/** Opens sockets as neighbours are met, and closes them where they are too many. */
export const openNeighbours = ({ open, hear, closed }: NeighbourOptions): Neighbours => {
  /** the least recently used first */
  const facing = new Map<string, Facing>()
  const closing = new Set<Promise<void>>()
  let isOver = false

  /** Those of one turn of the loop leave together, the newest first: whoever is sent a relay has work to do, and whoever is sent an ack has not. */
  const leaving: Array<() => void> = []
  const leave = (): void => {
    for (const send of leaving.splice(0).reverse()) send()
  }

  const letGo = (socket: Socket): void => {
    const gone = socket.close().then(() => void closing.delete(gone))
    closing.add(gone)
  }

  const face = async (one: Facing, { ip, port }: Place): Promise<void> => {
    const socket = await bind(open.host, open.port, {
      datagram: hear,
      trouble: ({ code }) => {
        if (code === 'ECONNREFUSED' && facing.get(one.place) === one) closed(one.key)
      },
    }, true)()
    if (isLeft(socket)) return
    const isConnected = await connect(socket.right, ip, port).then(() => true, () => false)
    if (isConnected && !isOver && facing.get(one.place) === one) one.socket = socket.right
    else letGo(socket.right)
  }

  const forget = (one: Facing): void => {
    facing.delete(one.place)
    if (one.socket !== undefined) letGo(one.socket)
  }

  return {
    send: (bytes, ip, port) => {
      const one = facing.get(nameOf({ ip, port }))
      const first = leaving.push(() => {
        const socket = one?.socket
        if (isOver) return
        if (socket === undefined) open.sendNow(bytes, ip, port)
        else tryCatch(() => socket.raw.send(bytes), toError)
      })
      if (first === 1) setImmediate(leave)
    },
    leave,
    meet: (key, place) => {
      if (isOver) return
      const name = nameOf(place)
      const known = facing.get(name)
      // where it was before, somebody else is, or nobody
      if (known?.key !== key) for (const one of [...facing.values()]) if (one.key === key) forget(one)
      const one: Facing = known ?? { place: name, key, socket: undefined }
      one.key = key
      facing.delete(name)
      facing.set(name, one)
      if (known === undefined) void face(one, place)
      const [oldest] = facing.size > limits.neighbourSockets ? facing.values() : []
      if (oldest !== undefined) forget(oldest)
    },
    close: async () => {
      isOver = true
      for (const one of [...facing.values()]) forget(one)
      await Promise.all([...closing, open.close()])
    },
  }
}
