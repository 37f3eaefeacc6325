// The two neighbouring sockets of a peer: P, which faces the server, and P + 1, where messages of classic members arrive.
import { networkInterfaces } from 'node:os'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import { classic, classicActor, Host, isLoopback, Port, self, showAddress, type Actor, type Address, type Malformed } from '../core/index.js'
import { textOf } from './text.js'
import { bind, connect, firstFree, plain, type BindFailure, type Socket } from './udp.js'

export interface PairOptions {
  readonly server: Address
  /** the address to bind */
  readonly host: string
  /** P is tried in turn while it or P + 1 is in use */
  readonly ports: ReadonlyArray<number>
  /** what others are told as this peer's address; undefined: the one that it reaches the server from */
  readonly ownIp: Host | undefined
}

export interface Sockets { readonly commands: Socket; readonly relays: Socket }
type Hear = (bytes: Uint8Array, ip: string, port: number) => void
type Trouble = (error: NodeJS.ErrnoException) => void
/** What is done with what arrives. */
export interface Ears {
  command: Hear
  relay: Hear
  commandTrouble: Trouble
  relayTrouble: Trouble
}

export const deaf = (): Ears => ({ command: () => undefined, relay: () => undefined, commandTrouble: () => undefined, relayTrouble: () => undefined })

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

const closeAll = (sockets: object): Promise<unknown> => Promise.all(Object.values(sockets).map(({ close }: Socket) => close()))

/** A pair of which P is shared by sockets of this program, as it may be once nobody else is found to have it. Meanwhile P + 1, which every peer binds
 *  for itself alone, keeps others from doing the same. */
const bindOpenPair = (host: string, port: number, ears: Ears): taskEither.TaskEither<BindFailure, Opened> => async () => {
  const pair = await bindPair(host, port, ears)()
  if (isLeft(pair)) return pair
  const { commands: probe, relays } = pair.right
  await probe.close()
  const arrivals = { datagram: (bytes: Uint8Array, ip: string, from: number) => ears.command(bytes, ip, from) }
  const open = await bind(host, probe.port, { ...arrivals, trouble: () => undefined }, true)()
  const commands = isLeft(open) ? open : await bind(host, probe.port, { ...arrivals, trouble: (error) => ears.commandTrouble(error) }, true)()
  if (isLeft(open) || isLeft(commands)) {
    await closeAll({ relays, ...(isLeft(open) ? {} : { open: open.right }) })
    return isLeft(open) ? open : (commands as Either<BindFailure, never>)
  }
  return right({ open: open.right, commands: commands.right, relays })
}

/** A peer on the server's own machine may find the server's port free: it must not become its own server. */
const besides = ({ ip, port }: Address, ports: ReadonlyArray<number>): ReadonlyArray<number> => {
  const here = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === ip))
  return here || isLoopback(ip) ? ports.filter((low) => low !== port && low + 1 !== port) : ports
}

/** The packet in a datagram. */
export const decoded = <A>(bytes: Uint8Array, decode: (text: string) => Either<Malformed, A>): A | Malformed => {
  const text = textOf(bytes)
  const packet = isLeft(text) ? text : decode(text.right)
  return isLeft(packet) ? packet.left : packet.right
}

/** Connects to the server; then both addresses are known as the network spells them. */
const face = (options: PairOptions, commands: Socket): taskEither.TaskEither<BindFailure, { readonly own: Address; readonly server: Address }> => async () => {
  const failure = (code: string): BindFailure => ({ code, host: options.host, port: commands.port, facing: options.server })
  const connected = await taskEither.tryCatch(() => connect(commands, options.server.ip, options.server.port), toError)()
  if (isLeft(connected)) return left(failure(connected.left.message))
  const { address, port } = commands.raw.address()
  const ip = options.ownIp ?? plain(address)
  const serverIp = plain(commands.raw.remoteAddress().address)
  if (!Host.is(ip) || !Port.is(port) || !Host.is(serverIp)) return left(failure(`${ip} port ${port} is no address for a contact`))
  return right({ own: { ip, port }, server: { ip: serverIp, port: options.server.port } })
}

/** What both kinds of peer are given by the world. */
type Worldly =
  | { readonly _tag: 'Receive'; readonly packet: classic.Relay | Malformed }
  | { readonly _tag: 'PortClosed' }
  | { readonly _tag: 'SendFailed'; readonly to: string; readonly why: string }

/** Messages of classic members, and what the system says of datagrams that did not arrive, are given to `offer`. */
export const hearWorld = (ears: Ears, offer: (by: Actor, command: Worldly) => void, heard: Hear): void => {
  ears.relay = (bytes, ip, port) => {
    heard(bytes, ip, port)
    offer(classicActor(ip, port), { _tag: 'Receive', packet: decoded(bytes, classic.decodeRelay) })
  }
  ears.commandTrouble = ({ code }) => {
    if (code === 'ECONNREFUSED') offer(self, { _tag: 'PortClosed' })
  }
  ears.relayTrouble = (error) => offer(self, { _tag: 'SendFailed', to: addresseeOf(error), why: error.message })
}

/** Is told what leaves by a port of this program. */
interface Tap {
  readonly sent: (bytes: Uint8Array, to: { readonly ip: string; readonly port: number }, port: number) => void
}

/** A message on its way to the next classic member. */
export const sendRelay = ({ relays }: Faced, to: { readonly ip: string; readonly port: number }, relay: classic.Relay, tap: Tap | undefined): void => {
  const bytes = Buffer.from(classic.encodeRelay(relay), 'utf8')
  relays.sendNow(bytes, to.ip, to.port)
  tap?.sent(bytes, to, relays.port)
}

/** The end of a peer: `end` says that it has come, then `stop` is called, and `ended` is kept when both sockets are closed. */
export const ending = <W>({ commands, relays }: Faced, stop: () => void | Promise<void>): { readonly end: (why: W) => void; readonly ended: Promise<W> } => {
  let end: (why: W) => void = () => undefined
  const ended = new Promise<W>((resolve) => (end = resolve)).then(async (why) => {
    await stop()
    await Promise.all([commands.close(), relays.close()])
    return why
  })
  return { end: (why) => end(why), ended }
}

/** Sends to the server. What cannot leave is lost, as anything may be on its way. */
export const sendToServer = ({ commands }: Faced, bytes: Uint8Array): void => void tryCatch(() => commands.raw.send(bytes), toError)

/** Faces the server anew, from the address that this machine has now (a connected socket keeps the one that it had), and then goes on, also where
 *  there is no way to the server at the moment. */
export const faceAgain = ({ commands, server }: Faced, then: () => void): void => {
  tryCatch(() => commands.raw.disconnect(), toError)
  const connecting = tryCatch(() => commands.raw.connect(server.port, server.ip, then), toError)
  if (isLeft(connecting)) then()
}

/** A free pair of the ports, facing the server; both addresses as the network spells them. */
export interface Faced extends Sockets {
  readonly own: Address
  readonly server: Address
}

type BindSockets<S> = (host: string, port: number, ears: Ears) => taskEither.TaskEither<BindFailure, S>

const faced =
  <S extends Sockets>(bindSockets: BindSockets<S>) =>
  (options: PairOptions, ears: Ears): taskEither.TaskEither<BindFailure, Faced & S> =>
  async () => {
    const sockets = await firstFree(besides(options.server, options.ports), (port) => bindSockets(options.host, port, ears))()
    if (isLeft(sockets)) return sockets
    const found = await face(options, sockets.right.commands)()
    if (isLeft(found)) {
      await closeAll(sockets.right)
      return found
    }
    return right({ ...found.right, ...sockets.right })
  }

/** Binds a free pair of the ports and faces the server. */
export const bindFaced = faced(bindPair)

/** The same, with P for anybody too: of its sockets the one that faces the server hears it alone, and `open` everybody else. */
export interface Opened extends Sockets { readonly open: Socket }
export const bindOpened = faced<Opened>(bindOpenPair)
