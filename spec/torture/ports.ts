// Sockets of the torture's own, and what it must know of a server before it can begin.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { meet } from '../bench/contacts.js'
import { dial } from '../bench/load.js'
import { host } from './player.js'
import type { Identity } from '../../core/index.js'

export const bound = async (): Promise<Socket> => {
  const socket = createSocket('udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  return socket
}

/** A port that nobody has at the moment. */
export const freePort = async (): Promise<number> => {
  const socket = await bound()
  const { port } = socket.address()
  await new Promise<void>((closed) => socket.close(closed))
  return port
}

/** Who the server at that port is. */
export const identityAt = async (port: number): Promise<Identity> => {
  const socket = await dial(port)
  const server = await meet(socket)
  socket.close()
  return server
}
