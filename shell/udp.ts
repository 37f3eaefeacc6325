// UDP sockets on node:dgram: binding, the next-free-port rule, and one spelling of addresses whatever the family of the socket.
import { createSocket, type RemoteInfo, type Socket as Datagrams } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP } from 'node:net'
import { left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { limits } from './limits.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** A socket that could not be had: `code` is Node's (`EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` ...). */
export interface BindFailure {
  readonly code: string
  readonly host: string
  readonly port: number
  /** where it was bound but found no way to this address */
  readonly facing?: { readonly ip: string; readonly port: number }
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
  /** at the end of this turn of the loop, together with what else leaves in it: for answers to many */
  readonly send: (bytes: Uint8Array, ip: string, port: number) => void
  /** at once: for one message that others wait for */
  readonly sendNow: (bytes: Uint8Array, ip: string, port: number) => void
  readonly close: () => Promise<void>
  readonly raw: Datagrams
}

const mapped = '::ffff:'

/** IPv4 in dotted form also where a socket of both families says it otherwise. */
export const plain = (ip: string): string => (ip.startsWith(mapped) ? ip.slice(mapped.length) : ip)

/** Addresses need no resolver, and no turn of the loop; names do, a few at a time. */
const resolverFor = (family: 4 | 6): typeof lookup => {
  let lookups = 0
  const resolve = (name: string, _options: unknown, done: (error: Error | null, ip: string, family: number) => void): void => {
    const kind = isIP(name)
    if (kind === family) return done(null, name, family)
    if (kind === 4) return done(null, mapped + name, 6)
    if (lookups >= limits.lookupsAtOnce) return done(new Error(`${name}: ${lookups} host names are being looked up already`), '', family)
    lookups += 1
    lookup(name, { family }, (error, ip) => {
      lookups -= 1
      done(error, ip, family)
    })
  }
  return resolve as unknown as typeof lookup
}

interface Outgoing {
  readonly bytes: Uint8Array
  readonly ip: string
  readonly port: number
}

/** Datagrams of one turn of the loop leave together at its end, in order: a receiver that sleeps is then woken once and not for each. */
const outbox = (sendNow: (datagram: Outgoing) => void): { readonly add: (datagram: Outgoing) => void; readonly close: () => void } => {
  let waiting: Outgoing[] = []
  let closed = false
  const flush = (): void => {
    const leaving = waiting
    waiting = []
    leaving.forEach(sendNow)
  }
  return {
    add: (datagram) => {
      if (!closed && waiting.push(datagram) === 1) setImmediate(flush)
    },
    close: () => {
      closed = true
      flush()
    },
  }
}

const socketOn = (raw: Datagrams, host: string, { trouble }: Arrivals): Socket => {
  const sent = (error: Error | null): void => (error === null ? undefined : trouble(error))
  /** What node:dgram will not even try (a port of 0, a socket that was closed) is trouble like any other. */
  const sendNow: Socket['sendNow'] = (bytes, ip, port) => {
    try {
      raw.send(bytes, port, ip, sent)
    } catch (error) {
      trouble(toError(error))
    }
  }
  const { add, close } = outbox(({ bytes, ip, port }) => sendNow(bytes, ip, port))
  return {
    host,
    port: raw.address().port,
    send: (bytes, ip, port) => add({ bytes, ip, port }),
    sendNow,
    close: () =>
      new Promise((closed) => {
        close()
        raw.close(() => closed())
      }),
    raw,
  }
}

/** A socket on that host (an address) and port; port 0: any free one. `shared`: others of this program may have the same port, where all of them are
 *  bound so; what arrives is given to the one that is connected to where it came from, and else to one that is connected nowhere. */
export const bind =
  (host: string, port: number, arrivals: Arrivals, shared = false): TaskEither<BindFailure, Socket> =>
  () =>
    new Promise<Either<BindFailure, Socket>>((settle) => {
      const family = isIP(host) === 6 ? 6 : 4
      const raw = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: resolverFor(family), reuseAddr: shared })
      const fail = (error: NodeJS.ErrnoException): void => {
        raw.close()
        settle(left({ code: error.code ?? error.message, host, port }))
      }
      raw.once('error', fail)
      raw.bind({ address: host, port, exclusive: true }, () => {
        raw.off('error', fail)
        raw.on('error', arrivals.trouble)
        // some systems refuse what is too much, where Linux gives what it allows
        tryCatch(() => raw.setRecvBufferSize(limits.receiveBytes), toError)
        raw.on('message', (bytes: Uint8Array, source: RemoteInfo) => {
          // port 0 cannot be answered (RFC 768): nobody is there
          if (source.port !== 0) arrivals.datagram(bytes, plain(source.address), source.port)
        })
        settle(right(socketOn(raw, host, arrivals)))
      })
    })

/** Tries `attempt` at each port in turn while the failure is a port in use; any other failure is the answer, and after the last port that
 *  the first one is in use. */
export const firstFree =
  <A>(ports: ReadonlyArray<number>, attempt: (port: number) => TaskEither<BindFailure, A>): TaskEither<BindFailure, A> =>
  async () => {
    for (const port of ports) {
      const outcome = await attempt(port)()
      if (outcome._tag === 'Right' || outcome.left.code !== 'EADDRINUSE') return outcome
    }
    return left({ code: 'EADDRINUSE', host: '', port: ports[0] ?? 0 })
  }

/** Sends to that address only from now on, hears only it, and is told when its port is closed. */
export const connect = ({ raw }: Socket, ip: string, port: number): Promise<void> =>
  new Promise((connected, failed) => {
    raw.connect(port, ip, (error?: Error) => (error instanceof Error ? failed(error) : connected()))
  })
