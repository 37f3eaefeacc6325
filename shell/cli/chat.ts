// `peal peer <server-ip> <server-port> [command...]`.
import { isLeft, left, mapLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { portFrom, Host, showAddress, type Address, type peer } from '../../core/index.js'
import { startPeer, type RunningPeer } from '../peer.js'
import type { BindFailure } from '../udp.js'
import { acquaintance, type Acquaintance } from './acquaintance.js'
import { commands } from './commands.js'
import { converse, type Conversation } from './conversation.js'
import { codeOf, exitCodes } from './exitcodes.js'
import { bindFailure, failure, resolve, type Failure } from './failure.js'
import { history, historyFile } from './history.js'
import { given, pipe, prompt, type Line, type Listener, type Streams, type Terminal } from './terminal.js'
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

const linesOf = ({ words, lines }: ChatOptions): ReadonlyArray<Line> => (words.length === 0 ? lines : [...lines, words])

/** Whether a person types here. */
const isInteractive = (options: ChatOptions): boolean =>
  process.stdin.isTTY && process.stdout.isTTY && !options.json && linesOf(options).length === 0

const terminalFor = (options: ChatOptions, names: Acquaintance, listener: Listener): Terminal => {
  const streams: Streams = { input: process.stdin, output: process.stdout, errors: process.stderr }
  const lines = linesOf(options)
  if (lines.length > 0) return given(streams, lines, listener)
  if (!isInteractive(options)) return pipe(streams, listener)
  return prompt(streams, commands, names, history(options.history ? historyFile(process.env) : undefined), listener)
}

const start = async (options: ChatOptions, server: Address, notice: (notice: peer.Notice) => void): Promise<Either<Failure, RunningPeer>> => {
  const host = options.host ?? (server.ip.includes(':') ? '::' : '0.0.0.0')
  const ports = pairsFrom(server.port, options.ports)
  if (isLeft(ports)) return left(failure(exitCodes.usage, ports.left))
  const ownIp = wildcards.has(host) || !Host.is(host) ? undefined : host
  const started = await startPeer({ server, host, ports: ports.right, ownIp, paced: !isInteractive(options), notice })()
  return mapLeft((why: BindFailure) => bindFailure(why, options.ports, true))(started)
}

/** Runs a peer until its input, an exit or a signal ends it; the exit code, or why it could not start. A person who mistyped was told so
 *  at once: only a script's exit code tells what went wrong. */
export const chat = async (options: ChatOptions): Promise<Either<Failure, number>> => {
  const server = await serverAddress(options)
  if (isLeft(server)) return server
  const names = acquaintance()
  let conversation: Conversation | undefined = undefined as Conversation | undefined
  const started = await start(options, server.right, (notice) => {
    names.meet(notice)
    conversation?.notice(notice)
  })
  if (isLeft(started)) return started
  const running = started.right
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => running.close(false))
  // whoever read what is said here has gone (EPIPE)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => running.close(false))
  const terminal = terminalFor(options, names, {
    line: (line) => conversation?.line(line),
    end: () => conversation?.end(),
    interrupt: () => conversation?.interrupt(),
  })
  conversation = converse(running, terminal, { json: options.json, stay: options.stay, now: Date.now })
  const { own } = running
  const sentence = `peer at ${showAddress(own)}, messages at port ${own.port + 1}; server ${showAddress(server.right)}`
  conversation.tell({ _tag: 'Started', own, server: server.right }, sentence, true)
  const fault = await running.ended
  terminal.close()
  return right(terminal.isInteractive ? exitCodes.done.code : codeOf(fault))
}
