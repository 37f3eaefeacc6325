// A sealed peer on UDP: its sockets, two machines (the sealed wire's sessions, and the peer), its diary, and whoever watches. Decides nothing.
//
//   P      the sealed wire: a socket that faces the server, one that faces each neighbour, and one for everybody else
//   P + 1  messages of classic members, in clear, from anywhere
//
// The diary's folder is the server's, so that a first peer does nothing but find out who the server is, which is at once where it is pinned. The one
// that goes on begins with the diary.
import { randomBytes, randomInt } from 'node:crypto'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import {
  channel, classicActor, diary, keyed, limits, operator, peer, sealed, self, type Address, type ContactId, type ContactName, type delivery, type ImId,
  type inbox, type ListName, type Nonce, type pins, type PublicKey, type Tag,
} from '../core/index.js'
import { ciphers } from './channel/ciphers.js'
import { openSessions, type Sessions } from './channel/sessions.js'
import { seed, type Secrets } from './channel/secrets.js'
import { systemClock, type Clock } from './clock.js'
import { openDiarist, type Diarist } from './diarist.js'
import { drive, type Driver, type Interpreters } from './drive.js'
import { introductions } from './introductions.js'
import { openNeighbours, type Neighbours } from './neighbours.js'
import { bindOpened, deaf, ending, faceAgain, hearWorld, sendRelay, sendToServer, type Ears, type Faced, type Opened as OpenSockets, type PairOptions } from './pair.js'
import { outside, tellKept, traced, type Wiretap } from './trace/wire.js'
import type { Tracer } from './trace/tracer.js'
import type { Open, Opened, Unopened, Unwritten } from './stores/store.js'
import type { BindFailure } from './udp.js'

export interface MemberOptions extends PairOptions {
  /** this contact's own keys */
  readonly secrets: Secrets
  readonly pins: pins.Pins
  /** whom the user named as the server; undefined: whoever is pinned, or there at first contact */
  readonly expected: ContactId | undefined
  /** take, and pin, another server than the pinned one */
  readonly acceptServer: boolean
  /** how many must have a message, so that the peer's end is no failure; all of them where it is not said */
  readonly require?: peer.sealed.Required
  /** where the diary of what goes by that server is kept */
  readonly store: (server: ContactId) => Open<diary.Mark, diary.Diary>
  /** keeps changed pins */
  readonly remember: (changed: pins.Pins) => void
  readonly notice: (notice: peer.Notice) => void
  /** is told every datagram */
  readonly trace?: Tracer
  /** the diary has no room: what is taken waits, and nothing is lost */
  readonly full: (why: Unwritten) => void
}

/** How a peer ends: the first thing that went wrong, or why its diary is of no use. */
export type MemberEnd = Either<Unopened | Unwritten, peer.Fault | undefined>

export interface RunningMember {
  readonly own: Address
  readonly ask: (wish: peer.sealed.Wish) => void
  /** sends a text round a list; the report comes as a notice. `inClear`: classic members may have it, for anybody to read */
  readonly send: (list: ListName, text: string, patience: delivery.Patience, inClear: boolean) => void
  readonly resend: (im: ImId, patience: delivery.Patience, inClear: boolean) => void
  /** messages of that list are closed from now on, or taken again */
  readonly mute: (list: ListName, muted: boolean) => void
  /** what was missed of that list is asked of co-members, and given to them, or neither is */
  readonly catchUp: (list: ListName, on: boolean) => void
  /** what was sent and taken, the oldest first */
  readonly history: () => ReadonlyArray<inbox.Line>
  /** the changed key of this contact is trusted from now on */
  readonly accept: (contact: ContactName) => void
  readonly mistype: (sentence: string) => void
  readonly close: (patient: boolean) => void
  /** as whom this process has registered */
  readonly registered: () => ContactName | undefined
  /** kept when all sockets and the diary are closed */
  readonly ended: Promise<MemberEnd>
}

type MemberDriver = Driver<peer.sealed.State, peer.sealed.Command>
type Keys = ReturnType<typeof ciphers>
type Interpret = Interpreters<peer.sealed.Effect>

const nonceBytes = 16
const saltBytes = 16

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const configOf = ({ secrets, expected, acceptServer, require }: MemberOptions, { own: address, server }: Faced): { readonly config: peer.sealed.Config; readonly own: Keys } => {
  const keys = ciphers(secrets)
  const prove = (to: ContactId): string => hex(keys.sign(sealed.proofOf(keys.own.seals, to)))
  const asked = { own: keys.own, address, server, expected, acceptServer, idOf: keys.idOf, ciphers: keys, prove }
  return { config: peer.sealed.config(require === undefined ? asked : { ...asked, require }), own: keys }
}

/** What arrives, to whom it belongs; nothing but the server's introduction while there are no sessions. */
const listen = ({ ears, keys, tap, sockets }: Ground, driver: MemberDriver, sessions: Sessions | undefined): void => {
  ears.command = (bytes, ip, port) => {
    const met = channel.introduced(keys, bytes)
    if (met === undefined) return sessions?.arrive(bytes, ip, port)
    tap?.received(bytes, { ip, port }, sockets.own.port)
    driver.offer(classicActor(ip, port), { _tag: 'Met', ...met })
  }
  hearWorld(ears, driver.offer, (bytes, ip, port) => tap?.received(bytes, { ip, port }, sockets.relays.port))
}

/** What a peer runs on. */
interface Ground {
  readonly options: MemberOptions
  readonly sockets: Faced & OpenSockets
  readonly ears: Ears
  readonly clock: Clock
  readonly config: peer.sealed.Config
  readonly keys: Keys
  readonly tap: Wiretap | undefined
  readonly end: (how: MemberEnd) => void
}

const beginning = ({ options }: Ground, before: diary.Diary): peer.sealed.Beginning => ({
  nonce: hex(randomBytes(nonceBytes)) as Nonce, seed: randomInt(2 ** 32), pins: options.pins, diary: before,
})

const inClear = ({ sockets, tap }: Ground): Pick<Interpret, 'Send'> => ({
  Send: ({ to, packet }) => {
    if (packet._tag !== 'Who') return sendRelay(sockets, to, packet.relay, tap)
    tap?.sent(sealed.who, sockets.server, sockets.own.port)
    sendToServer(sockets, sealed.who)
  },
})

const silent = { Persist: () => undefined, Jot: () => undefined, Seal: () => undefined, Remember: () => undefined }

/** A peer that only asks who the server is; `known` is told once. It ends as any peer does where nobody, or somebody else, answers. */
const meet = (ground: Ground, known: (server: ContactId) => void): MemberDriver => {
  const { options, clock, config, end } = ground
  let isKnown = false
  const driver: MemberDriver = drive(peer.sealed.machine(config), peer.sealed.initial(beginning(ground, diary.empty)), {
    clock,
    respond: (_, response: never) => response,
    interpret: {
      ...silent,
      ...inClear(ground),
      Announce: ({ notice }) => {
        if (isKnown) return
        if (notice._tag !== 'ServerMet') return options.notice(notice)
        isKnown = true
        driver.stop()
        known(driver.state().server?.id as ContactId)
      },
      Exit: ({ why }) => end(right(why)),
    },
  })
  listen(ground, driver, undefined)
  return driver
}

interface Member {
  readonly driver: MemberDriver
  readonly sessions: Sessions
  readonly diarist: Diarist
  readonly neighbours: Neighbours
}

/** The peer that goes on from its diary. */
const begin = (ground: Ground, server: ContactId, opened: Opened<diary.Mark, diary.Diary>): Member => {
  const { options, sockets, ears, clock, config, keys, end } = ground
  const isServer = (key: PublicKey): boolean => key === driver.state().server?.seals
  const diarist = openDiarist({ opened, newest: () => driver.state().courier.diary, full: options.full, broken: (why) => end(left(why)) })
  const neighbours = openNeighbours({
    open: sockets.open,
    hear: (bytes, ip, port) => ears.command(bytes, ip, port),
    closed: (key) => driver.offer(self, { _tag: 'NeighbourClosed', key }),
  })
  const introduce = introductions(() => sessions, keys.own.seals)
  const driver: MemberDriver = drive(peer.sealed.machine(config), peer.sealed.initial(beginning(ground, opened.restored.state)), {
    clock,
    respond: (_, response: never) => response,
    watch: (_, { state, effects }) => {
      diarist.take(effects)
      introduce(state)
    },
    interpret: {
      ...inClear(ground),
      Persist: tellKept(options.trace, () => diarist.kept()),
      Jot: () => undefined,
      Seal: ({ to, address, frame, again }) => {
        if (isServer(to)) return again ? faceAgain(sockets, () => sessions.ask(to, address, frame, true, true)) : sessions.ask(to, address, frame, false, true)
        if (address !== undefined) neighbours.meet(to, address)
        sessions.ask(to, address, frame, again, false)
      },
      Remember: ({ pins: changed }) => options.remember(changed),
      Announce: ({ notice }) => {
        // whom this peer has to answer, or pass something on to, waits; whoever watches is not in a hurry
        neighbours.leave()
        options.notice(notice)
        // whoever answered at first was somebody else: what is written would be in the folder of the other one
        if (notice._tag === 'ServerMet' && driver.state().server?.id !== server) end(right('changedKey'))
      },
      Exit: ({ why }) => end(right(why)),
    },
  })
  const sessions: Sessions = openSessions(traced(options.trace, sockets.own.port, {
    clock,
    config: { ciphers: keys, process: undefined, whois: undefined, hellosASecond: limits.hellosASecond },
    seed: seed(),
    send: (bytes, ip, port) => (ip === sockets.server.ip && port === sockets.server.port ? sendToServer(sockets, bytes) : neighbours.send(bytes, ip, port)),
    deliver: ({ from, frame }) => driver.offer(keyed(from), { _tag: 'Hear', frame }),
    moved: ({ key, place }) => {
      if (!isServer(key)) neighbours.meet(key, place)
    },
    heard: ({ key }) => {
      if (!isServer(key)) driver.offer(self, { _tag: 'NeighbourHeard', key })
    },
    lost: ({ key }) => {
      if (!isServer(key)) driver.offer(self, { _tag: 'NeighbourLost', key })
    },
    slept: () => driver.offer(self, { _tag: 'Slept' }),
  }))
  listen(ground, driver, sessions)
  return { driver, sessions, diarist, neighbours }
}

const run = (options: MemberOptions, sockets: Faced & OpenSockets, ears: Ears): RunningMember => {
  const { config, own: keys } = configOf(options, sockets)
  let member: Member | undefined
  let opening: Promise<unknown> | undefined
  let isOver = false
  const { end, ended } = ending<MemberEnd>(sockets, async () => {
    isOver = true
    driver.stop()
    await opening
    member?.sessions.stop()
    await member?.diarist.close()
    await (member === undefined ? sockets.open.close() : member.neighbours.close())
  })
  const ground: Ground = { options, sockets, ears, clock: systemClock(), config, keys, tap: outside(options.trace), end }
  const goOn = async (server: ContactId): Promise<void> => {
    const opened = await options.store(server)(diary.empty)()
    if (isLeft(opened)) {
      end(opened)
      return
    }
    if (isOver) {
      await opened.right.store.close()
      return
    }
    member = begin(ground, server, opened.right)
    driver = member.driver
  }
  let driver = meet(ground, (server) => void (opening = goOn(server)))
  return {
    own: sockets.own,
    ask: (wish) => driver.offer(operator, { _tag: 'Ask', wish }),
    send: (list, text, patience, inClear) => driver.offer(operator, { _tag: 'Send', list, text, patience, inClear, salt: hex(randomBytes(saltBytes)) as Tag }),
    resend: (im, patience, inClear) => driver.offer(operator, { _tag: 'Resend', im, patience, inClear }),
    mute: (list, muted) => driver.offer(operator, { _tag: 'Mute', list, muted }),
    catchUp: (list, on) => driver.offer(operator, { _tag: 'CatchUp', list, on }),
    history: () => diary.lines(driver.state().courier.diary),
    accept: (contact) => driver.offer(operator, { _tag: 'Accept', contact }),
    mistype: (sentence) => driver.offer(operator, { _tag: 'Mistype', sentence }),
    close: (patient) => {
      const stuck = member?.diarist.stuck()
      if (!patient && stuck !== undefined) end(left(stuck))
      else driver.offer(operator, { _tag: 'Close', patient })
    },
    registered: () => driver.state().registered,
    ended,
  }
}

/** Binds a free pair of the ports, meets the server, opens the diary, and runs until `close` or a successful exit. */
export const startMember = (options: MemberOptions): taskEither.TaskEither<BindFailure, RunningMember> => {
  const ears = deaf()
  return taskEither.map((sockets: Faced & OpenSockets) => run(options, sockets, ears))(bindOpened(options, ears))
}
