// A peer on UDP: two sockets, the machine, and whoever watches. Decides nothing.
//
//   P      connected to the server: hears only it, and learns at once when its port is closed
//   P + 1  messages of neighbours, from anywhere
import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { isLeft, left, right, toError, type Either } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import { classic, classicActor, Host, operator, peer, Port, self, showAddress, type Address, type Malformed } from '../core/index.js'
import { systemClock } from './clock.js'
import { textOf } from './text.js'
import { drive, type Driver } from './drive.js'
import { bind, connect, firstFree, plain, type BindFailure, type Socket } from './udp.js'

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
type Hear = (bytes: Uint8Array, ip: string, port: number) => void
type Trouble = (error: NodeJS.ErrnoException) => void
interface Ears {
  command: Hear
  relay: Hear
  commandTrouble: Trouble
  relayTrouble: Trouble
}

const deaf = (): Ears => ({ command: () => undefined, relay: () => undefined, commandTrouble: () => undefined, relayTrouble: () => undefined })

/** The address that a failed send was meant for, as Node's error has it. */
const addresseeOf = (error: NodeJS.ErrnoException): string => {
  const { address, port, hostname } = error as { readonly address?: string; readonly port?: number; readonly hostname?: string }
  return address === undefined || port === undefined ? (hostname ?? 'the next member') : showAddress({ ip: plain(address), port })
}

/** A pair of neighbouring ports, or none. */
const bindPair = (host: string, port: number, ears: Ears): taskEither.TaskEither<BindFailure, Sockets> => async () => {
  const commands = await bind(host, port, {
    datagram: (bytes, ip, from) => ears.command(bytes, ip, from),
    trouble: (error) => ears.commandTrouble(error),
  })()
  if (isLeft(commands)) return commands
  const relays = await bind(host, commands.right.port + 1, {
    datagram: (bytes, ip, from) => ears.relay(bytes, ip, from),
    trouble: (error) => ears.relayTrouble(error),
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
  const text = textOf(bytes)
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
          : relays.sendNow(Buffer.from(classic.encodeRelay(packet.relay), 'utf8'), to.ip, to.port),
      Announce: ({ notice }) => options.notice(notice),
      Exit: ({ why }) => end(why),
    },
    failed: (error) => {
      throw error
    },
  })
  ears.command = (bytes, ip, port) => driver.offer(classicActor(ip, port), { _tag: 'Hear', packet: decoded(bytes, classic.decodeReply) })
  ears.relay = (bytes, ip, port) => driver.offer(classicActor(ip, port), { _tag: 'Receive', packet: decoded(bytes, classic.decodeRelay) })
  ears.commandTrouble = ({ code }) => {
    if (code === 'ECONNREFUSED') driver.offer(self, { _tag: 'PortClosed' })
  }
  ears.relayTrouble = (error) => driver.offer(self, { _tag: 'SendFailed', to: addresseeOf(error), why: error.message })
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

/** Connects to the server; then both addresses are known as the network spells them. */
const face = (options: PeerOptions, commands: Socket): taskEither.TaskEither<BindFailure, { readonly own: Address; readonly server: Address }> => async () => {
  const failure = (code: string): BindFailure => ({ code, host: options.host, port: commands.port, facing: options.server })
  const connected = await taskEither.tryCatch(() => connect(commands, options.server.ip, options.server.port), toError)()
  if (isLeft(connected)) return left(failure(connected.left.message))
  const { address, port } = commands.raw.address()
  const ip = options.ownIp ?? plain(address)
  const serverIp = plain(commands.raw.remoteAddress().address)
  if (!Host.is(ip) || !Port.is(port) || !Host.is(serverIp)) return left(failure(`${ip} port ${port} is no address for a contact`))
  return right({ own: { ip, port }, server: { ip: serverIp, port: options.server.port } })
}

/** Binds a free pair of the ports, faces the server, and runs until `close` or a successful exit. */
export const startPeer =
  (options: PeerOptions): taskEither.TaskEither<BindFailure, RunningPeer> =>
  async () => {
    const ears = deaf()
    const pair = await firstFree(besides(options.server, options.ports), (port) => bindPair(options.host, port, ears))()
    if (isLeft(pair)) return pair
    const { commands, relays } = pair.right
    const faced = await face(options, commands)()
    if (isLeft(faced)) {
      await Promise.all([commands.close(), relays.close()])
      return faced
    }
    return right(run({ ...options, server: faced.right.server }, faced.right.own, pair.right, ears))
  }
