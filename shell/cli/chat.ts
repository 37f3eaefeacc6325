// `peal peer <server-ip> <server-port> [command...]`.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { portFrom, showAddress, type Address, type Host } from '../../core/index.js'
import { startPeer } from '../peer.js'
import { converse, type Manner, type Names } from './conversation.js'
import { codeOf, exitCodes } from './exitcodes.js'
import { bindFailure, failure, resolve, type Failure } from './failure.js'
import { history, historyFile } from './history.js'
import { quote } from './quoting.js'
import { given, pipe, prompt, type Listener, type Streams, type Terminal } from './terminal.js'
import { pairsFrom, type PortRange } from './ports.js'

export interface ChatOptions {
  readonly serverHost: string
  readonly serverPort: string
  /** the command of the command line, as words; empty: none */
  readonly words: ReadonlyArray<string>
  /** whole lines given with -c */
  readonly lines: ReadonlyArray<string>
  readonly ports: PortRange
  readonly host: string | undefined
  readonly json: boolean
  readonly stay: boolean
  readonly history: boolean
}

const serverAddress = async ({ serverHost, serverPort }: ChatOptions): Promise<Either<Failure, Address>> => {
  const port = portFrom(serverPort)
  if (port === undefined) return left(failure(exitCodes.usage, `"${serverPort}" is no port of a server: a number from 1 to 65534`))
  const ip = await resolve(serverHost)
  return isLeft(ip) ? ip : right({ ip: ip.right, port })
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

/** Words come from a shell that has split them already: quoted again, they are a line. */
const linesOf = ({ words, lines }: ChatOptions): ReadonlyArray<string> => {
  if (words.length === 0) return lines
  const isMessage = words[0] === 'im-start' && words.length > 3
  const line = isMessage ? [...words.slice(0, 3).map(quote), words.slice(3).join(' ')] : words.map(quote)
  return [...lines, line.join(' ')]
}

const terminalFor = (options: ChatOptions, streams: Streams, names: Names, listener: Listener): Terminal => {
  const lines = linesOf(options)
  if (lines.length > 0) return given(streams, lines, listener)
  const atTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true && !options.json
  return atTerminal ? prompt(streams, names, history(options.history ? historyFile(process.env) : undefined), listener) : pipe(streams, listener)
}

/** Runs a peer until its input, an exit or a signal ends it; the exit code, or why it could not start. */
export const chat = async (options: ChatOptions): Promise<Either<Failure, number>> => {
  const server = await serverAddress(options)
  if (isLeft(server)) return server
  const manner: Manner = { json: options.json, stay: options.stay, now: Date.now }
  const names: Names = { lists: new Set(), contacts: new Set() }
  const conversation = converse(manner, names)
  const terminal = terminalFor(options, { input: process.stdin, output: process.stdout, errors: process.stderr }, names, conversation)
  const family = server.right.ip.includes(':') ? '::' : '0.0.0.0'
  const host = options.host ?? family
  const ports = pairsFrom(server.right.port, options.ports)
  const started = await startPeer({
    server: server.right,
    host,
    ports,
    ownIp: wildcards.has(host) ? undefined : (host as Host),
    paced: !terminal.isInteractive,
    notice: conversation.notice,
  })()
  if (isLeft(started)) {
    terminal.close()
    return left(bindFailure(started.left, options.ports, true))
  }
  const peer = started.right
  process.on('SIGINT', () => peer.close(false))
  process.on('SIGTERM', () => peer.close(false))
  process.on('SIGHUP', () => peer.close(false))
  conversation.begin(peer, terminal)
  conversation.tell(
    { _tag: 'Started', own: peer.own, server: server.right },
    `peer at ${showAddress(peer.own)}, messages at port ${peer.own.port + 1}; server ${showAddress(server.right)}`,
    true,
  )
  const fault = await peer.ended
  terminal.close()
  return right(codeOf(fault))
}
