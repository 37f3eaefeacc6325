// `peal peer <server-ip> <server-port> [command...]`.
import { join } from 'node:path'
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { delivery, diary, fingerprint, isIpv6, portFrom, Host, serverFrom, showAddress, trace, type Address, type ContactId, type peer, type pins } from '../../core/index.js'
import { lock } from '../identity/lock.js'
import { pinBook } from '../identity/pins.js'
import { identityFolder, keep, usualNames, type IdentityName } from '../identity/secrets.js'
import { startMember, type MemberEnd } from '../member.js'
import { startPeer } from '../peer.js'
import { dataFolder } from '../places.js'
import { openMemory } from '../stores/memory.js'
import { openSqlite } from '../stores/sqlite.js'
import type { Open, Unwritten } from '../stores/store.js'
import type { PairOptions } from '../pair.js'
import { openTracer, type Tracer } from '../trace/tracer.js'
import { acquaintance, type Acquaintance } from './acquaintance.js'
import { commands } from './commands.js'
import { converse, type Conversation } from './conversation.js'
import { codeOf, exitCodes } from './exitcodes.js'
import { bindFailure, diskFailure, failure, keepFailure, resolve, storeFailure, type Failure } from './failure.js'
import { history, historyFile } from './history.js'
import { orders } from './orders.js'
import { classicSpeaker, sealedSpeaker, type Speaker } from './speaker.js'
import { given, pipe, prompt, type Line, type Listener, type Streams, type Terminal } from './terminal.js'
import { pairsFrom, usualPorts, type PortRange } from './ports.js'

export interface ChatOptions {
  /** an address, whose port is the first of `words` then; or `host:port`, perhaps with a fingerprint */
  readonly server: string
  /** the command of the command line, as words; empty: none */
  readonly words: ReadonlyArray<string>
  /** whole lines given with -c */
  readonly lines: ReadonlyArray<string>
  readonly ports: PortRange
  readonly host: string | undefined
  readonly json: boolean
  readonly stay: boolean
  readonly history: boolean
  /** the old wire */
  readonly classic: boolean
  /** of a sealed peer: which pair of keys; undefined: the usual one */
  readonly as: IdentityName | undefined
  readonly acceptServerKey: boolean
  /** how many must have a message; undefined: all */
  readonly require: peer.sealed.Required | undefined
  /** how long a message may lock its list; undefined: as usual */
  readonly patience: delivery.Patience | undefined
  /** whether messages go to classic members too, in clear */
  readonly allowClassic: boolean
  /** the folder of the diaries; undefined: the usual one of these keys */
  readonly data: string | undefined
  /** no folder at all */
  readonly memory: boolean
  /** the file that what happens is traced to */
  readonly trace: string | undefined
}

/** Which server, and what is left of the words. */
interface Meant {
  readonly address: Address
  /** who it has to be */
  readonly id: ContactId | undefined
  readonly words: ReadonlyArray<string>
}

const usage = (sentence: string): Either<Failure, never> => left(failure(exitCodes.usage, sentence))

/** What was asked for that the classic wire has not, if that was chosen. */
const sealedOnly = ({ classic, as, acceptServerKey, require, patience, allowClassic, data, memory }: ChatOptions): string | undefined => {
  const given = {
    '--as': as, '--accept-server-key': acceptServerKey || undefined, '--require': require, '--patience': patience, '--allow-classic': allowClassic || undefined, '--data': data,
    '--memory': memory || undefined,
  }
  return classic ? Object.entries(given).find(([, value]) => value !== undefined)?.[0] : undefined
}

const meantServer = async (options: ChatOptions): Promise<Either<Failure, Meant>> => {
  const { server, words, classic } = options
  const [word] = words
  const beyond = sealedOnly(options)
  if (beyond !== undefined) return usage(`${beyond} is of the sealed wire: leave --classic out`)
  const line = serverFrom(server)
  const isLine = !isLeft(line)
  // no name of a host has either, and of addresses only those of IPv6 have a colon
  if (!isLine && /[:#]/.test(server) && !isIpv6(server)) return usage(line.left)
  if (isLine && line.right.id !== undefined && classic) return usage('a server with a fingerprint is met on the sealed wire: leave --classic out')
  const port = isLine ? line.right.address.port : portFrom(word ?? '')
  if (port === undefined) return usage(word === undefined ? `the port of the server is missing: ${server}:${usualPorts.low}, say` : `"${word}" is no port of a server: a number from 1 to 65534`)
  const ip = await resolve(isLine ? line.right.address.ip : server)
  if (isLeft(ip)) return ip
  return right({ address: { ip: ip.right, port }, id: isLine ? line.right.id : undefined, words: isLine ? words : words.slice(1) })
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
  return prompt(streams, options.classic ? commands : orders(undefined), names, history(options.history ? historyFile(process.env) : undefined), listener)
}

/** A peer that runs, however it talks with the server. */
interface Running {
  readonly own: Address
  readonly speaker: Speaker
  readonly ended: Promise<Either<Failure, peer.Fault | undefined>>
}

type Heard = (notice: peer.Notice) => void

interface Listening {
  readonly notice: Heard
  readonly trace: { readonly trace?: Tracer }
  /** the diary has no room */
  readonly full: (why: Unwritten) => void
}

const pairOf = (options: ChatOptions, server: Address): Either<Failure, PairOptions> => {
  const host = options.host ?? (server.ip.includes(':') ? '::' : '0.0.0.0')
  const ports = pairsFrom(server.port, options.ports)
  if (isLeft(ports)) return left(failure(exitCodes.usage, ports.left))
  return right({ server, host, ports: ports.right, ownIp: wildcards.has(host) || !Host.is(host) ? undefined : host })
}

const startClassic = async (options: ChatOptions, pair: PairOptions, { notice, trace }: Listening): Promise<Either<Failure, Running>> => {
  const started = await startPeer({ ...pair, ...trace, paced: !isInteractive(options), notice })()
  if (isLeft(started)) return left(bindFailure(started.left, options.ports, true))
  const { own, ended } = started.right
  return right({ own, ended: ended.then(right), speaker: classicSpeaker(started.right) })
}

/** Where the diary of what goes by a server is kept: a folder for each server, of these keys. */
const diaries = ({ memory, data }: ChatOptions, name: IdentityName): ((server: ContactId) => Open<diary.Mark, diary.Diary>) => {
  if (memory) return () => openMemory(diary.ledger)
  const folder = data ?? join(dataFolder(process.env), 'peers', name)
  return (server) => openSqlite(diary.ledger, join(folder, fingerprint(server)), { history: 0, now: Date.now })
}

const ofEnd = (end: MemberEnd): Either<Failure, peer.Fault | undefined> => {
  if (!isLeft(end)) return end
  const { _tag, sentence } = end.left
  return left(_tag === 'Broken' || _tag === 'Full' ? diskFailure({ _tag, sentence }) : storeFailure({ _tag, sentence }))
}

/** Keys are this process's alone for as long as it runs. */
const startSealed = async (options: ChatOptions, pair: PairOptions, expected: ContactId | undefined, heard: Listening): Promise<Either<Failure, Running>> => {
  const { notice, trace } = heard
  const folder = identityFolder(process.env, 'peer')
  const name = options.as ?? usualNames.peer
  const kept = await keep(folder, name)()
  if (isLeft(kept)) return left(keepFailure(kept.left))
  const locked = await lock(folder, name, kept.right)()
  if (isLeft(locked)) return left(keepFailure(locked.left))
  const book = await pinBook(folder, name)()
  if (isLeft(book)) return left(keepFailure(book.left))
  let stored: Promise<unknown> = Promise.resolve()
  const remember = (changed: pins.Pins): void => {
    stored = book.right.store(changed)().then((outcome) => {
      if (isLeft(outcome)) notice({ _tag: 'NotTaken', name: 'NotPinned', sentence: outcome.left.sentence })
    })
  }
  const { require, patience = 'once', allowClassic, acceptServerKey: acceptServer } = options
  const started = await startMember({
    ...pair, ...trace, ...(require === undefined ? {} : { require }), secrets: kept.right.secrets, pins: book.right.pins, expected, acceptServer,
    store: diaries(options, name), remember, notice, full: heard.full,
  })()
  if (isLeft(started)) return left(bindFailure(started.left, options.ports, true))
  const { own, ended } = started.right
  const settled = async (end: MemberEnd): Promise<Either<Failure, peer.Fault | undefined>> => {
    await stored
    await locked.right.release()
    return ofEnd(end)
  }
  return right({ own, ended: ended.then(settled), speaker: sealedSpeaker(started.right, { patience, allowClassic }) })
}

const start = async (options: ChatOptions, { address, id }: Meant, heard: Listening): Promise<Either<Failure, Running>> => {
  const pair = pairOf(options, address)
  if (isLeft(pair)) return pair
  return options.classic ? startClassic(options, pair.right, heard) : startSealed(options, pair.right, id, heard)
}

/** A tracer where one was asked for. */
const openTraceOf = async ({ trace: file }: ChatOptions, trouble: (sentence: string) => void): Promise<Either<Failure, Tracer | undefined>> => {
  if (file === undefined) return right(undefined)
  const opened = await openTracer({ file, role: 'member', now: Date.now, trouble })
  return isLeft(opened) ? left(failure(exitCodes.noInput, opened.left)) : opened
}

/** What a notice is to a trace, where it is anything. */
const noted = (tracer: Tracer | undefined, notice: peer.Notice): void => {
  const happening = tracer === undefined || !delivery.isNotice(notice) ? undefined : trace.happeningOf(notice)
  if (happening !== undefined) tracer?.tell(happening)
}

/** Runs a peer until its input, an exit or a signal ends it; the exit code, or why it could not start. A person who mistyped was told so
 *  at once: only a script's exit code tells what went wrong. */
export const chat = async (asked: ChatOptions): Promise<Either<Failure, number>> => {
  const server = await meantServer(asked)
  if (isLeft(server)) return server
  const options: ChatOptions = { ...asked, words: server.right.words }
  const names = acquaintance()
  // what is said before there is anybody to hear it
  const early: peer.Notice[] = []
  let conversation: Conversation | undefined = undefined as Conversation | undefined
  const tracing = await openTraceOf(options, (sentence) => conversation?.tell({ _tag: 'NotStored', sentence }, sentence, true))
  if (isLeft(tracing)) return tracing
  const tracer = tracing.right
  const started = await start(options, server.right, {
    trace: tracer === undefined ? {} : { trace: tracer },
    notice: (notice) => {
      noted(tracer, notice)
      names.meet(notice)
      if (conversation === undefined) early.push(notice)
      else conversation.notice(notice)
    },
    full: ({ sentence }) => conversation?.tell({ _tag: 'NotStored', sentence }, `${sentence}; what arrives waits until there is room, and nothing is lost`, true),
  })
  if (isLeft(started)) {
    await tracer?.close('did not start')
    return started
  }
  const { own, speaker, ended } = started.right
  const leave = (): void => (conversation === undefined ? speaker.close(false) : conversation.leave())
  tracer?.begin([showAddress(own)])
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      tracer?.tell({ kind: 'note', label: signal })
      leave()
    })
  }
  // whoever read what is said here has gone (EPIPE)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', leave)
  const terminal = terminalFor(options, names, {
    line: (line) => conversation?.line(line),
    end: () => conversation?.end(),
    interrupt: () => conversation?.interrupt(),
  })
  conversation = converse(speaker, terminal, { json: options.json, stay: options.stay, now: Date.now })
  const sentence = `peer at ${showAddress(own)}, messages at port ${own.port + 1}; server ${showAddress(server.right.address)}`
  conversation.tell({ _tag: 'Started', own, server: server.right.address }, sentence, true)
  early.splice(0).forEach(conversation.notice)
  const how = await ended
  conversation.over()
  await tracer?.close(isLeft(how) ? 'it could not go on' : 'as it was told')
  terminal.close()
  if (isLeft(how)) return how
  return right(terminal.isInteractive ? exitCodes.done.code : codeOf(how.right ?? conversation.fault()))
}
