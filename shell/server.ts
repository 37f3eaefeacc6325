// The contact server on UDP: a socket, two machines (the sealed wire's sessions, and the server), a folder for saved files. Decides nothing.
//
//   datagram ──0xF8..0xFC──> sessions ──opened request──> server ──answer──> sessions ──> datagram
//            ──anything else, the classic wire──────────> server ──answer───────────────> datagram
import { randomBytes } from 'node:crypto'
import { isLeft } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import {
  addressOf, channel, classic, classicActor, keyed, limits, operator, sealed, self, server, type Actor, type ContactId, type Key, type ProcessId, type Stamped,
} from '../core/index.js'
import { ciphers } from './channel/ciphers.js'
import { openSessions, type Sessions } from './channel/sessions.js'
import { seed, type Secrets } from './channel/secrets.js'
import { systemClock, type Clock } from './clock.js'
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
  /** the server's own keys */
  readonly secrets: Secrets
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
  /** of these: of the sealed wire */
  sealed: number
}

export interface RunningServer {
  readonly host: string
  readonly port: number
  readonly id: ContactId
  readonly counts: Readonly<Counts>
  readonly state: () => server.State
  /** the operator's order, after those before it */
  readonly operate: (order: sealed.Order) => Promise<server.Outcome>
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

type Hear = (bytes: Uint8Array, ip: string, port: number) => void

const hearClassic = (driver: ServerDriver, counts: Counts, bytes: Uint8Array, ip: string, port: number): void => {
  if (classic.looksLikeReply(bytes)) {
    counts.replies += 1
    return
  }
  const text = textOf(bytes)
  const request = isLeft(text) ? text : classic.decodeRequest(text.right)
  if (isLeft(request)) counts.malformed += 1
  driver.offer(classicActor(ip, port), isLeft(request) ? request.left : request.right)
}

const hear =
  (driver: ServerDriver, sessions: Sessions, counts: Counts): Hear =>
  (bytes, ip, port) => {
    counts.received += 1
    if (!sealed.isSealed(bytes)) return hearClassic(driver, counts, bytes, ip, port)
    counts.sealed += 1
    sessions.arrive(bytes, ip, port)
  }

/** Orders of the operator, one after the other, since an answer does not say whose it is. */
const operatorsDesk = (offer: (order: sealed.Order) => void) => {
  let last: Promise<unknown> = Promise.resolve()
  let answered: (outcome: server.Outcome) => void = () => undefined
  return {
    operate: (order: sealed.Order): Promise<server.Outcome> => {
      const turn = last.then(() => new Promise<server.Outcome>((resolve) => {
        answered = resolve
        offer(order)
      }))
      last = turn
      return turn
    },
    answer: (response: server.Response): void => answered(server.outcomeOf(response)),
  }
}

/** Saved files, and the writes that are not finished. */
const archive = (options: ServerOptions, respond: (by: Actor, response: server.Response) => void) => {
  const saves = folder(options.saves)
  const writing = new Set<Promise<void>>()
  return {
    finished: () => Promise.all(writing),
    write: ({ name, content, written, failed }: Extract<server.Effect, { readonly _tag: 'WriteFile' }>, by: Actor): void => {
      const answered = saves.write(name, content)().then((outcome) => {
        if (isLeft(outcome)) options.trouble?.(`save ${name}`, outcome.left)
        respond(by, isLeft(outcome) ? failed : written)
        writing.delete(answered)
      })
      writing.add(answered)
    },
  }
}

/** The sealed wire, whose requests go to the server. */
const sealedWire = (own: ReturnType<typeof ciphers>, process: ProcessId, clock: Clock, socket: Socket, driver: ServerDriver): Sessions =>
  openSessions({
    clock,
    config: { ciphers: own, process, whois: channel.introduction(own), hellosASecond: limits.hellosASecond },
    seed: seed(),
    send: socket.send,
    deliver: ({ from, via, place, frame }) => {
      if (frame._tag !== 'Request') return
      const asked = server.askOf(own, from, place, frame)
      if (asked !== undefined) driver.offer(keyed(from, { via, have: frame.have }), asked)
    },
    moved: ({ key, place }) => {
      const address = addressOf(place)
      if (address !== undefined) driver.offer(self, { _tag: 'Moved', key, address })
    },
    lost: () => undefined,
    slept: () => undefined,
  })

const run = (options: ServerOptions, socket: Socket, listen: (hear: Hear) => void): RunningServer => {
  const counts: Counts = { received: 0, malformed: 0, replies: 0, sealed: 0 }
  const clock = systemClock(options.initial.at)
  const own = ciphers(options.secrets)
  const process = randomBytes(8).toString('hex') as ProcessId
  const write = writer()
  const answerKey = ({ key, back }: Key, response: server.Response): void =>
    server.repliesOf(response, back?.have ?? 0n).forEach((frame) => sessions.answer(key, back?.via, frame))
  const respond = (by: Actor, response: server.Response): void => {
    if (by._tag === 'Classic') return socket.send(write(server.outcomeOf(response)), by.ip, by.port)
    if (by._tag === 'Key') return answerKey(by, response)
    if (by._tag === 'Operator') desk.answer(response)
  }
  const files = archive(options, respond)
  const desk = operatorsDesk((order) => driver.offer(operator, { _tag: 'Operate', order }))
  let end: (ending: server.Ending) => void
  const ended = new Promise<server.Ending>((resolve) => (end = resolve)).then(async (ending) => {
    driver.stop()
    sessions.stop()
    await files.finished()
    await socket.close()
    return ending
  })
  const driver: ServerDriver = drive(server.machine(options.config), options.initial, {
    clock,
    respond,
    interpret: {
      WriteFile: files.write,
      Bind: ({ key, answer }, by) => {
        sessions.bind(key, by._tag === 'Key' ? by.back?.via : undefined)
        respond(by, answer)
      },
      Part: ({ key, answer }, by) => {
        if (answer !== undefined) respond(by, answer)
        sessions.part(key)
      },
      Exit: ({ why }) => end(why),
    },
    ...(options.watch === undefined ? {} : { watch: options.watch }),
  })
  const sessions = sealedWire(own, process, clock, socket, driver)
  driver.offer(self, { _tag: 'Start', process, settings: server.settingsOf(options.config) })
  server.keysOf(options.initial).forEach((key) => sessions.bind(key, undefined))
  listen(hear(driver, sessions, counts))
  return {
    host: socket.host,
    port: socket.port,
    id: own.own.id,
    counts,
    state: driver.state,
    operate: desk.operate,
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

