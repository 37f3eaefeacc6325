// UDP as the original programs use it: a port that is in use makes them take the next one and say so, at most 2048 bytes of a
// datagram are read, and whatever goes wrong is thrown, which ends the process with a message on stderr and a code that is not 0.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

export interface Address {
  readonly ip: string
  readonly port: number
}

const bytesRead = 2048

/** A byte order mark is a character like others here; Python's decoder leaves it where it is. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const isInUse = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/** Binds, or answers undefined after saying that the port is in use. Throws any other error, above all a port over 65535. */
const bind = async (host: string, port: number): Promise<Socket | undefined> => {
  const socket = createSocket('udp4')
  socket.bind({ address: host, port, exclusive: true })
  try {
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    if (!isInUse(error)) throw error
    console.log(`port ${port} is in use`)
    return undefined
  }
}

/** A socket at the first free port from `port` upwards. */
export const bindFrom = async (host: string, port: number): Promise<Socket> =>
  await bind(host, port) ?? bindFrom(host, port + 1)

/** Two sockets at the first free pair of neighbouring ports, the lower one not below `port`. */
export const bindPairFrom = async (host: string, port: number): Promise<readonly [Socket, Socket]> => {
  const lower = await bindFrom(host, port)
  const next = lower.address().port + 1
  const upper = await bind(host, next)
  if (upper !== undefined) return [lower, upper]
  lower.close()
  return bindPairFrom(host, next + 1)
}

/** Hands each datagram, cut at 2048 bytes, to `take`, with its source. What is no UTF-8, or what `take` throws, ends the process. */
export const listen = (socket: Socket, take: (text: string, from: Address) => void): void => {
  socket.on('message', (datagram, { address, port }) => {
    take(utf8.decode(datagram.subarray(0, bytesRead)), { ip: address, port })
  })
}

/** Sends one datagram, once. */
export const send = (socket: Socket, text: string, to: Address): void => {
  socket.send(text, to.port, to.ip, (error) => {
    if (error) throw error
  })
}
