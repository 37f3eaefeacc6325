// A peer on UDP: two sockets, the machine, and whoever watches. Decides nothing.
//
//   P      connected to the server: hears only it, and learns at once when its port is closed
//   P + 1  messages of neighbours, from anywhere
import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import { classic, classicActor, decodeUtf8, Host, operator, peer, Port, self, showAddress, type Address, type Malformed } from '../core/index.js'
import { systemClock } from './clock.js'
import { drive, type Driver } from './drive.js'
import { bind, connect, firstFree, type BindFailure, type Socket } from './udp.js'

export interface PeerOptions {
  readonly server: Address
  /** the address to bind */
  readonly host: string
  /** P is tried in turn while it or P + 1 is in use */
  readonly ports: ReadonlyArray<number>
  /** what others are told as this peer's address; undefined: the one that it reaches the server from */
  readonly ownIp: Host | undefined
  readonly paced: boolean
  readonly notice: (notice: peer.Notice) => void
}

export interface RunningPeer {
  readonly own: Address
  /** one command as the user gives it; `text` for an im-start that brings its line along */
  readonly ask: (wish: peer.Wish, text?: string) => void
  readonly say: (text: string) => void
  readonly mistype: (sentence: string) => void
  readonly drop: () => void
  readonly close: (patient: boolean) => void
  /** kept when both sockets are closed; the first thing that went wrong */
  readonly ended: Promise<peer.Fault | undefined>
}

interface Sockets { readonly commands: Socket; readonly relays: Socket }
interface Ears {
  command: (bytes: Uint8Array) => void
  relay: (bytes: Uint8Array, ip: string, port: number) => void
  closedPort: () => void
  sendFailed: (error: NodeJS.ErrnoException) => void
}

const deaf = (): Ears => ({ command: () => undefined, relay: () => undefined, closedPort: () => undefined, sendFailed: () => undefined })

/** A pair of neighbouring ports, or none. */
const bindPair = (host: string, port: number, ears: Ears): taskEither.TaskEither<BindFailure, Sockets> => async () => {
  const commands = await bind(host, port, { datagram: (bytes) => ears.command(bytes), trouble: () => ears.closedPort() })()
  if (isLeft(commands)) return commands
  const relays = await bind(host, commands.right.port + 1, {
    datagram: (bytes, ip, from) => ears.relay(bytes, ip, from),
    trouble: (error) => ears.sendFailed(error),
  })()
  if (isLeft(relays)) {
    await commands.right.close()
    return relays
  }
  return right({ commands: commands.right, relays: relays.right })
}

/** A peer on the server's own machine may find the server's port free: it must not become its own server. */
const besides = ({ ip, port }: Address, ports: ReadonlyArray<number>): ReadonlyArray<number> => {
  const here = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === ip))
  return here || isLoopback(ip) ? ports.filter((low) => low !== port && low + 1 !== port) : ports
}

/** The packet in a datagram. */
const decoded = <A>(bytes: Uint8Array, decode: (text: string) => Either<Malformed, A>): A | Malformed => {
  const text = decodeUtf8(bytes)
  const packet = isLeft(text) ? text : decode(text.right)
  return isLeft(packet) ? packet.left : packet.right
}

const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1'

type PeerDriver = Driver<peer.State, peer.Command>

const newMark = (): string => randomBytes(8).toString('hex')

const run = (options: PeerOptions, own: Address, { commands, relays }: Sockets, ears: Ears): RunningPeer => {
  let end: (fault: peer.Fault | undefined) => void
  const ended = new Promise<peer.Fault | undefined>((resolve) => (end = resolve)).then(async (fault) => {
    driver.stop()
    await Promise.all([commands.close(), relays.close()])
    return fault
  })
  const driver: PeerDriver = drive(peer.machine(peer.config(own, options.server, options.paced)), peer.initial, {
    clock: systemClock(),
    respond: (_, response: never) => response,
    interpret: {
      Send: ({ to, packet }) =>
        packet._tag === 'Request'
          ? commands.raw.send(Buffer.from(classic.encodeRequest(packet.request), 'utf8'))
          : relays.send(Buffer.from(classic.encodeRelay(packet.relay), 'utf8'), to.ip, to.port),
      Announce: ({ notice }) => options.notice(notice),
      Exit: ({ why }) => end(why),
    },
    failed: (error) => {
      throw error
    },
  })
  const fromServer = classicActor(options.server.ip, options.server.port)
  ears.command = (bytes) => driver.offer(fromServer, { _tag: 'Hear', packet: decoded(bytes, classic.decodeReply) })
  ears.relay = (bytes, ip, port) => driver.offer(classicActor(ip, port), { _tag: 'Receive', packet: decoded(bytes, classic.decodeRelay) })
  ears.closedPort = () => driver.offer(self, { _tag: 'PortClosed' })
  ears.sendFailed = (error) => driver.offer(self, { _tag: 'SendFailed', to: 'the next member', why: error.message })
  return {
    own,
    ask: (wish, text) => driver.offer(operator, { _tag: 'Ask', wish, text, im: newMark() }),
    say: (text) => driver.offer(operator, { _tag: 'Say', text, im: newMark() }),
    mistype: (sentence) => driver.offer(operator, { _tag: 'Mistype', sentence }),
    drop: () => driver.offer(operator, { _tag: 'Drop' }),
    close: (patient) => driver.offer(operator, { _tag: 'Close', patient }),
    ended,
  }
}

/** Binds a free pair of the ports, faces the server, and runs until `close` or a successful exit. */
export const startPeer =
  (options: PeerOptions): taskEither.TaskEither<BindFailure, RunningPeer> =>
  async () => {
    const ears = deaf()
    const pair = await firstFree(besides(options.server, options.ports), (port) => bindPair(options.host, port, ears))()
    if (isLeft(pair)) return pair
    const { commands } = pair.right
    const failure = (error: unknown): BindFailure => ({ code: String(error), host: showAddress(options.server), port: commands.port })
    const faced = await taskEither.tryCatch(() => connect(commands, options.server.ip, options.server.port), failure)()
    if (isLeft(faced)) return faced
    const { address, port } = commands.raw.address()
    const ip = options.ownIp ?? address
    return Host.is(ip) && Port.is(port)
      ? right(run(options, { ip, port }, pair.right, ears))
      : left(failure(`${ip} port ${port} is no address for a contact`))
  }
