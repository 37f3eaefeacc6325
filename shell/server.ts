// The contact server on UDP: a socket, three machines (the sealed wire's sessions, the server, and presence), a journal, a folder for saved files. Decides nothing.
//
//   datagram ──0xF8..0xFC──> sessions ──opened request──> server ──answer──> sessions ──> datagram
//            ──anything else, the classic wire──────────> server ──answer───────────────> datagram
//   whom the sessions hear ──> presence ──its judgement──> server
import { randomBytes } from 'node:crypto'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { isSome } from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import {
  addressOf, channel, classic, classicActor, durability, keyed, limits, operator, presence, sealed, self, server, type Actor, type ContactId, type Key, type ProcessId, type Stamped,
} from '../core/index.js'
import { openArchive } from './archive.js'
import { ciphers } from './channel/ciphers.js'
import { openSessions, type Sessions } from './channel/sessions.js'
import { seed, type Secrets } from './channel/secrets.js'
import { systemClock, type Clock } from './clock.js'
import { carryOut, drive, type Driver, type Interpreters } from './drive.js'
import { openPersistence } from './persistence.js'
import { openQueue } from './queue.js'
import { textOf } from './text.js'
import { bind, firstFree, type BindFailure, type Socket } from './udp.js'
import { classicWriter } from './writer.js'
import { outside, traced, type Wiretap } from './trace/wire.js'
import type { Opened, Unwritten } from './stores/store.js'
import type { Tracer } from './trace/tracer.js'

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
  /** the directory that it begins with, and where its journal is kept */
  readonly opened: Opened<server.Entry, server.Directory>
  /** commands from one snapshot to the next */
  readonly snapshotEvery: number
  /** sees every step, before it is durable */
  readonly watch?: (input: Stamped<server.Command>, step: server.Step) => void
  /** is told every datagram */
  readonly trace?: Tracer
  /** what went wrong beside the protocol: a file, a socket */
  readonly trouble: (what: string, error: Error) => void
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
  /** kept when the socket is closed, every file is written, and the store let go; or why the store is of no use any more */
  readonly ended: Promise<Either<Unwritten, server.Ending>>
}

type DurableState = durability.Durable<server.State, server.Command, server.Response, server.Effect>
type ServerDriver = Driver<DurableState, server.Command | durability.Written | durability.Unwritten>

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
  (driver: ServerDriver, sessions: Sessions, counts: Counts, tap: Wiretap | undefined, own: number): Hear =>
  (bytes, ip, port) => {
    counts.received += 1
    if (!sealed.isSealed(bytes)) {
      tap?.received(bytes, { ip, port }, own)
      return hearClassic(driver, counts, bytes, ip, port)
    }
    counts.sealed += 1
    sessions.arrive(bytes, ip, port)
  }

type Watch = Driver<presence.State, presence.Command>

/** Who is there: asked for by pings, judged for the directory. */
const watchOver = (clock: Clock, driver: ServerDriver, sessions: () => Sessions): Watch =>
  drive(presence.machine, presence.initial, {
    clock,
    respond: (_, response: never) => response,
    interpret: {
      Probe: ({ key, again }) => sessions().ask(key, undefined, { _tag: 'Ping', echo: randomBytes(8).toString('hex') }, again, false),
      Knock: ({ key, knock }) => sessions().ask(key, undefined, knock, false, false),
      Judge: ({ key, presence: judgement }) => driver.offer(self, { _tag: 'Judged', key, presence: judgement }),
    },
  })

/** The sealed wire, whose requests go to the server. */
const sealedWire = (own: ReturnType<typeof ciphers>, process: ProcessId, clock: Clock, socket: Socket, driver: ServerDriver, watch: Watch, tracer: Tracer | undefined): Sessions =>
  openSessions(traced(tracer, socket.port, {
    clock,
    config: { ciphers: own, process, whois: channel.introduction(own), hellosASecond: limits.hellosASecond },
    seed: seed(),
    send: socket.send,
    deliver: ({ from, via, place, frame }) => {
      if (frame._tag === 'Pong') return watch.offer(self, { _tag: 'Heard', key: from })
      if (frame._tag !== 'Request' && frame._tag !== 'RingWanted') return
      const by = keyed(from, { via, have: frame.have })
      if (frame._tag === 'RingWanted') return driver.offer(by, { _tag: 'Seek', ring: frame.ring })
      const asked = server.askOf(own, driver.state().newest, from, place, frame)
      if (asked !== undefined) driver.offer(by, asked)
    },
    moved: ({ key, place }) => {
      const address = addressOf(place)
      if (address !== undefined) driver.offer(self, { _tag: 'Moved', key, address })
    },
    heard: ({ key }) => watch.offer(self, { _tag: 'Heard', key }),
    lost: () => undefined,
    slept: () => watch.offer(self, { _tag: 'Slept' }),
  }))

/** The machine, watched. */
const watched = ({ config, watch }: ServerOptions): ReturnType<typeof server.machine> => {
  const machine = server.machine(config)
  if (watch === undefined) return machine
  const reduce: typeof machine.reduce = (state, input) => {
    const step = machine.reduce(state, input)
    watch(input, step)
    return step
  }
  return { ...machine, reduce }
}

type Respond = (by: Actor, response: server.Response) => void

/** What the machine's effects do to the sessions, and to whoever watches them. */
const onSessions = (sessions: () => Sessions, watch: () => Watch, respond: Respond): Pick<Interpreters<server.Effect>, 'Bind' | 'Part' | 'Doubt' | 'Sought'> => ({
  Bind: ({ key, answer }, by) => {
    sessions().bind(key, by._tag === 'Key' ? by.back?.via : undefined)
    watch().offer(self, { _tag: 'Known', key })
    respond(by, answer)
  },
  Part: ({ key, answer }, by) => {
    if (answer !== undefined) respond(by, answer)
    sessions().part(key)
    watch().offer(self, { _tag: 'Gone', key })
  },
  Doubt: ({ key }) => {
    watch().offer(self, { _tag: 'Missed', key })
  },
  Sought: (sought) => {
    watch().offer(self, sought)
  },
})

/** Has carried out what is durable. */
const releaser =
  (interpret: Interpreters<server.Effect>, respond: Respond) =>
  ({ by, effects, response }: durability.Release<server.Response, server.Effect>): void => {
    for (const effect of effects) void carryOut(interpret, effect, by)
    if (isSome(response)) respond(by, response.value)
  }

type Ended = Either<Unwritten, server.Ending>

const run = (options: ServerOptions, socket: Socket, clock: Clock, initial: server.State, listen: (hear: Hear) => void): RunningServer => {
  const { config, opened: { store, restored }, snapshotEvery: every, trouble } = options
  const counts: Counts = { received: 0, malformed: 0, replies: 0, sealed: 0 }
  const own = ciphers(options.secrets)
  const write = classicWriter()
  const tap = outside(options.trace)
  const framesOf = server.repliesOf(own.sign)
  const answerKey = ({ key, back }: Key, response: server.Response): void =>
    framesOf(response, back?.have ?? 0n).forEach((frame) => sessions.answer(key, back?.via, frame))
  const respond: Respond = (by, response) => {
    if (by._tag === 'Classic') {
      const bytes = write(server.outcomeOf(response))
      tap?.sent(bytes, by, socket.port)
      return socket.send(bytes, by.ip, by.port)
    }
    if (by._tag === 'Key') return answerKey(by, response)
    if (by._tag === 'Operator') orders.answer(response)
  }
  const archive = openArchive(options.saves, respond, trouble)
  const orders = openQueue((order) => driver.offer(operator, { _tag: 'Operate', order }))
  let end: (how: Ended) => void
  const ended = new Promise<Ended>((resolve) => (end = resolve)).then(async (how) => {
    driver.stop()
    watch.stop()
    sessions.stop()
    await archive.finished()
    await persistence.close()
    await socket.close()
    return how
  })
  const interpret = { WriteFile: archive.write, ...onSessions(() => sessions, () => watch, respond), Exit: ({ why }: { readonly why: server.Ending }) => end(right(why)) }
  const persistence = openPersistence({
    store, every, trouble, settings: server.settingsOf(config), snapshot: restored.snapshot,
    kept: () => driver.state().kept,
    broken: (why) => end(left(why)),
    tell: (word) => driver.offer(self, word),
  })
  const driver: ServerDriver = drive(durability.durable(watched(options), server.journaling), durability.kept(initial), {
    clock,
    interpret: { Append: persistence.append, Release: releaser(interpret, respond) },
    respond: () => undefined,
  })
  const watch = watchOver(clock, driver, () => sessions)
  const sessions = sealedWire(own, initial.process, clock, socket, driver, watch, options.trace)
  server.keysOf(initial).forEach((key) => sessions.bind(key, undefined))
  watch.offer(self, { _tag: 'Start', contacts: server.presencesOf(initial) })
  listen(hear(driver, sessions, counts, tap, socket.port))
  return {
    host: socket.host,
    port: socket.port,
    id: own.own.id,
    counts,
    state: () => driver.state().newest,
    operate: orders.operate,
    close: (ms) => driver.offer(operator, { _tag: 'Close', ms }),
    ended,
  }
}

/** The state of a process that has begun, which is durable before anybody is heard: what it says is of its own instants. */
const begun = ({ config, opened: { store, restored: { state } } }: ServerOptions, clock: Clock): taskEither.TaskEither<Unwritten, server.State> => {
  const process = randomBytes(8).toString('hex') as ProcessId
  const start = { at: clock(), by: self, command: { _tag: 'Start', process, settings: server.settingsOf(config) } } as const
  const step = server.reduce(config)(state.state, start)
  return taskEither.map(() => step.state)(store.append({ records: [server.entryOf(start)], position: step.state.position }))
}

/** Binds the first free of the ports and serves until `close`. */
export const startServer = (options: ServerOptions): taskEither.TaskEither<BindFailure | Unwritten, RunningServer> => {
  let listener: Hear = () => undefined
  const clock = systemClock(options.opened.restored.state.state.at)
  const arrivals = {
    datagram: (bytes: Uint8Array, ip: string, port: number) => listener(bytes, ip, port),
    trouble: (error: Error) => options.trouble('socket', error),
  }
  return pipe(
    firstFree(options.ports, (port) => bind(options.host, port, arrivals)),
    taskEither.chainW((socket) =>
      pipe(
        begun(options, clock),
        taskEither.map((initial) => run(options, socket, clock, initial, (hear) => void (listener = hear))),
        taskEither.orElseFirstTaskK(() => socket.close),
      ),
    ),
  )
}
