// UDP sockets on node:dgram: binding, the next-free-port rule, and one spelling of addresses whatever the family of the socket.
import { createSocket, type RemoteInfo, type Socket as Datagrams } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** A socket that could not be had: `code` is Node's (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` ...). */
export interface BindFailure {
  readonly code: string
  readonly host: string
  readonly port: number
}

/** What arrives. `ip` is IPv4 in dotted form also on a socket of both families. */
export interface Arrivals {
  readonly datagram: (bytes: Uint8Array, ip: string, port: number) => void
  /** an earlier datagram met a closed port, or could not be sent */
  readonly trouble: (error: NodeJS.ErrnoException) => void
}

export interface Socket {
  readonly host: string
  readonly port: number
  readonly send: (bytes: Uint8Array, ip: string, port: number) => void
  readonly close: () => Promise<void>
  readonly raw: Datagrams
}

const mapped = '::ffff:'
const plain = (ip: string): string => (ip.startsWith(mapped) ? ip.slice(mapped.length) : ip)

/** Addresses need no resolver, and no turn of the loop; names do. */
const resolverFor = (family: 4 | 6): typeof lookup => {
  const resolve = (name: string, _options: unknown, done: (error: Error | null, ip: string, family: number) => void): void => {
    const kind = isIP(name)
    if (kind === family) done(null, name, family)
    else if (kind === 4) done(null, mapped + name, 6)
    else lookup(name, { family }, (error, ip) => done(error, ip, family))
  }
  return resolve as unknown as typeof lookup
}

const socketOn = (raw: Datagrams, host: string, { trouble }: Arrivals): Socket => {
  const sent = (error: Error | null): void => (error === null ? undefined : trouble(error))
  return {
    host,
    port: raw.address().port,
    send: (bytes, ip, port) => raw.send(bytes, port, ip, sent),
    close: () => new Promise((closed) => raw.close(() => closed())),
    raw,
  }
}

/** A socket on that host (an address) and port; port 0: any free one. */
export const bind =
  (host: string, port: number, arrivals: Arrivals): TaskEither<BindFailure, Socket> =>
  () =>
    new Promise<Either<BindFailure, Socket>>((settle) => {
      const family = isIP(host) === 6 ? 6 : 4
      const raw = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: resolverFor(family) })
      const fail = (error: NodeJS.ErrnoException): void => {
        raw.close()
        settle(left({ code: error.code ?? error.message, host, port }))
      }
      raw.once('error', fail)
      raw.bind({ address: host, port, exclusive: true }, () => {
        raw.off('error', fail)
        raw.on('error', arrivals.trouble)
        raw.on('message', (bytes: Uint8Array, source: RemoteInfo) => arrivals.datagram(bytes, plain(source.address), source.port))
        settle(right(socketOn(raw, host, arrivals)))
      })
    })

/** Tries `attempt` at each port in turn while the failure is a port in use; any other failure, or the last one, is the answer. */
export const firstFree =
  <A>(ports: ReadonlyArray<number>, attempt: (port: number) => TaskEither<BindFailure, A>): TaskEither<BindFailure, A> =>
  async () => {
    let outcome: Either<BindFailure, A> = left({ code: 'EADDRINUSE', host: '', port: ports[0] ?? 0 })
    for (const port of ports) {
      outcome = await attempt(port)()
      if (outcome._tag === 'Right' || outcome.left.code !== 'EADDRINUSE') return outcome
    }
    return outcome
  }

/** Sends to that address only from now on, hears only it, and is told when its port is closed. */
export const connect = ({ raw }: Socket, ip: string, port: number): Promise<void> =>
  new Promise((connected, failed) => {
    raw.connect(port, ip, (error?: Error) => (error instanceof Error ? failed(error) : connected()))
  })
