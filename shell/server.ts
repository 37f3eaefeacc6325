// The contact server on UDP: a socket, the machine, a folder for saved files. Decides nothing.
import { isLeft } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import { classic, classicActor, operator, server, type Actor, type Stamped } from '../core/index.js'
import { systemClock } from './clock.js'
import { textOf } from './text.js'
import { drive, type Driver } from './drive.js'
import { folder } from './files.js'
import { bind, firstFree, type BindFailure, type Socket } from './udp.js'

export interface ServerOptions {
  /** the address to bind */
  readonly host: string
  /** tried in turn while in use */
  readonly ports: ReadonlyArray<number>
  /** the folder of saved files; exists */
  readonly saves: string
  readonly config: server.Config
  readonly initial: server.State
  /** sees every step */
  readonly watch?: (input: Stamped<server.Command>, step: server.Step) => void
  /** what went wrong beside the protocol: a file, a socket */
  readonly trouble?: (what: string, error: Error) => void
}

/** Datagrams since the start. */
export interface Counts {
  received: number
  /** of these: no request (answered 400) */
  malformed: number
  /** of these: looked like a reply (never answered) */
  replies: number
}

export interface RunningServer {
  readonly host: string
  readonly port: number
  readonly counts: Readonly<Counts>
  readonly state: () => server.State
  /** starts no more messages, ends when none is ongoing, at the latest after `ms`; at once when called again */
  readonly close: (ms: number) => void
  /** kept when the socket is closed and every file is written */
  readonly ended: Promise<server.Ending>
}

const bytesOf = (response: server.Response): Buffer => Buffer.from(classic.encodeReply(server.classicReply(response)), 'latin1')

/** Most answers are one of a few constants: their bytes are made once. */
const constantBytes: ReadonlyMap<server.Response, Buffer> = new Map(
  [server.done, ...Object.values(server.refuse)].map((response) => [response, bytesOf(response)]),
)

type ServerDriver = Driver<server.State, server.Command>

/** Bytes of an answer; those of the last one that had to be written are kept, since query-lists gets the same until a list is made. */
const writer = (): ((response: server.Response) => Buffer) => {
  let last: { readonly response: server.Response; readonly bytes: Buffer } = { response: server.done, bytes: bytesOf(server.done) }
  return (response) => {
    const constant = constantBytes.get(response)
    if (constant !== undefined) return constant
    if (last.response !== response) last = { response, bytes: bytesOf(response) }
    return last.bytes
  }
}

const hear = (driver: ServerDriver, counts: Counts, bytes: Uint8Array, ip: string, port: number): void => {
  counts.received += 1
  if (classic.looksLikeReply(bytes)) {
    counts.replies += 1
    return
  }
  const text = textOf(bytes)
  const request = isLeft(text) ? text : classic.decodeRequest(text.right)
  if (isLeft(request)) counts.malformed += 1
  driver.offer(classicActor(ip, port), isLeft(request) ? request.left : request.right)
}

const run = (options: ServerOptions, socket: Socket, listen: (hear: (bytes: Uint8Array, ip: string, port: number) => void) => void): RunningServer => {
  const counts: Counts = { received: 0, malformed: 0, replies: 0 }
  const saves = folder(options.saves)
  const respond = (by: Actor, response: server.Response): void => {
    if (by._tag === 'Classic') socket.send(write(response), by.ip, by.port)
  }
  const writing = new Set<Promise<void>>()
  const write = writer()
  let end: (ending: server.Ending) => void
  const ended = new Promise<server.Ending>((resolve) => (end = resolve)).then(async (ending) => {
    driver.stop()
    await Promise.all(writing)
    await socket.close()
    return ending
  })
  const driver: ServerDriver = drive(server.machine(options.config), options.initial, {
    clock: systemClock(),
    respond,
    interpret: {
      WriteFile: ({ name, content, written, failed }, by) => {
        const answered = saves.write(name, content)().then((outcome) => {
          if (isLeft(outcome)) options.trouble?.(`save ${name}`, outcome.left)
          respond(by, isLeft(outcome) ? failed : written)
          writing.delete(answered)
        })
        writing.add(answered)
      },
      // Only keys are bound and part, and nobody has one here.
      Bind: () => undefined,
      Part: () => undefined,
      Exit: ({ why }) => end(why),
    },
    failed: (error) => {
      throw error
    },
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  })
  listen((bytes, ip, port) => hear(driver, counts, bytes, ip, port))
  return {
    host: socket.host,
    port: socket.port,
    counts,
    state: driver.state,
    close: (ms) => driver.offer(operator, { _tag: 'Close', ms }),
    ended,
  }
}

/** Binds the first free of the ports and serves until `close`. */
export const startServer = (options: ServerOptions): taskEither.TaskEither<BindFailure, RunningServer> => {
  let listener: (bytes: Uint8Array, ip: string, port: number) => void = () => undefined
  const arrivals = {
    datagram: (bytes: Uint8Array, ip: string, port: number) => listener(bytes, ip, port),
    trouble: (error: Error) => options.trouble?.('socket', error),
  }
  const bound = firstFree(options.ports, (port) => bind(options.host, port, arrivals))
  return taskEither.map((socket: Socket) => run(options, socket, (hear) => void (listener = hear)))(bound)
}

