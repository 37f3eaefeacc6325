// `peal server [port] [saved-file]`.
import { readFileSync, statSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { decodeUtf8, Host, Port, roll, server, serverLine, showAddress, type Stamped } from '../../core/index.js'
import { ciphers } from '../channel/ciphers.js'
import { code } from '../code.js'
import { controlPath, listen } from '../control.js'
import { identityFolder, keep, type IdentityName } from '../identity/secrets.js'
import { sweep } from '../files.js'
import { limits } from '../limits.js'
import { runFolder } from '../places.js'
import { startServer, type RunningServer, type ServerOptions } from '../server.js'
import { openMemory } from '../stores/memory.js'
import { digestOf } from '../stores/snapshot.js'
import { openSqlite } from '../stores/sqlite.js'
import { watchLocks } from '../trace/office.js'
import { openTracer, type Tracer } from '../trace/tracer.js'
import { belongsTo, dataFolderOf } from './belonging.js'
import { exitCodes } from './exitcodes.js'
import { bindFailure, diskFailure, failure, keepFailure, storeFailure, type Failure } from './failure.js'
import { log } from './log.js'
import { answerTo } from './operator.js'
import { upwards, type PortRange } from './ports.js'
import type { Logger } from 'pino'
import type { Opened } from '../stores/store.js'
import type { LogLevel } from './settings.js'

export interface ServeOptions {
  readonly port: number | undefined
  readonly savedFile: string | undefined
  readonly ports: PortRange
  readonly host: string
  readonly saves: string
  readonly contacts: number
  readonly lists: number
  readonly messages: number
  readonly replyBytes: number
  /** whose classic datagrams are heard */
  readonly classic: server.Admission
  /** ms: how long a message of the classic wire locks its list; 0: until it is completed */
  readonly classicLease: number
  /** requests a second of one key, and of one classic source beyond this machine; 0: no bound */
  readonly requestRate: number
  /** registrations a minute from one source beyond this machine; 0: no bound */
  readonly registerRate: number
  readonly identity: IdentityName
  /** the folder of the journal; the usual one of this identity where it is not named */
  readonly data: string | undefined
  /** no folder at all */
  readonly memory: boolean
  /** days that the journal reaches back */
  readonly history: number
  /** commands from one snapshot to the next */
  readonly snapshotEvery: number
  /** begins with the snapshot before the newest, which is damaged */
  readonly olderSnapshot: boolean
  readonly drainMs: number
  readonly check: boolean
  readonly logLevel: LogLevel
  /** the file that what happens is traced to */
  readonly trace: string | undefined
}

const dayMs = 86_400_000

const configOf = ({ contacts, lists, messages, replyBytes, classic, classicLease, requestRate, registerRate }: ServeOptions): server.Config => ({
  ...server.defaults,
  ...code,
  maxContacts: contacts,
  maxLists: lists,
  maxMessages: messages,
  maxReplyBytes: replyBytes,
  classic,
  classicLeaseMs: classicLease,
  keyRate: { perSecond: requestRate, burst: 2 * requestRate },
  classicRate: { perSecond: requestRate, burst: 2 * requestRate },
  registerRate: { perSecond: registerRate / 60, burst: registerRate },
})

/** Positions name what keys asked, also of a server that has forgotten it: one that begins anew begins behind them. That is so unless it had recorded
 *  more than a thousand commands a second over all its time; then a key's old number means something new only where the key registers a second time
 *  at the very position at which it had registered before. */
const anew: server.State = { ...server.initial, position: Date.now() }

const initialState = ({ savedFile, ...options }: ServeOptions): Either<Failure, server.State> => {
  if (savedFile === undefined) return right(anew)
  const bytes = tryCatch(() => readFileSync(savedFile), (error) => failure(exitCodes.noInput, `${savedFile}: ${toError(error).message}`))
  if (isLeft(bytes)) return bytes
  const damaged = (line: number, reason: string): Either<Failure, never> =>
    left(failure(exitCodes.damaged, `${savedFile}, line ${line}: ${reason}; nothing was started`))
  const text = decodeUtf8(bytes.right)
  if (isLeft(text)) return damaged(bytes.right.subarray(0, text.left.at).filter((byte) => byte === 0x0a).length + 1, 'bytes that are no UTF-8')
  const state = server.restore(configOf({ savedFile, ...options }), text.right, anew.position)
  return isLeft(state) ? damaged(state.left.line, state.left.reason) : state
}

type DirectoryStore = Opened<server.Entry, server.Directory>

const ledger = server.ledger(code)

/** Nothing has changed since it was begun with that state: a start that failed, or was cut short, can be tried again in the same words. */
const isAsBegun = ({ state, settings }: server.Directory, begun: server.State): boolean => {
  const { position, at, process: first } = server.initial
  // epochs follow from the position at which it began, which is another each time
  const lists = (one: server.State): server.State['lists'] => roll.values(one.lists).reduce((all, list) => roll.set(all, list.name, { ...list, epoch: 0 }), one.lists)
  const digest = (one: server.State): string => digestOf(ledger, server.directory({ ...one, position, at, process: first, lists: lists(one) }, settings))
  return digest(state) === digest(begun)
}

/** Opens the journal, which begins with what `options` say where there is none. */
const openedStore = async (options: ServeOptions, folder: string | undefined): Promise<Either<Failure, DirectoryStore>> => {
  const initial = initialState(options)
  if (isLeft(initial)) return initial
  const { history, olderSnapshot } = options
  const open = folder === undefined ? openMemory(ledger) : openSqlite(ledger, folder, { history: history * dayMs, now: Date.now, ...(olderSnapshot ? { from: 'older' } : {}) })
  const opened = await open(server.directory(initial.right, server.settingsOf(configOf(options))))()
  if (isLeft(opened)) return left(storeFailure(opened.left))
  const { isNew, state } = opened.right.restored
  if (options.savedFile === undefined || isNew || isAsBegun(state, initial.right)) return opened
  await opened.right.store.close()
  return left(failure(exitCodes.usage, `${folder ?? ''} holds a directory already; start without ${options.savedFile}, or with another --data DIR`))
}

const many = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

/** What came back, in a line. */
const restoredLine = ({ restored }: DirectoryStore, folder: string | undefined): string => {
  if (folder === undefined) return 'the directory is in memory and ends with this server'
  if (restored.isNew) return `the directory is new, in ${folder}`
  const { contacts, lists, ongoing } = sizes(restored.state.state)
  const torn = restored.torn === 0 ? '' : `; cut off what was being written when it stopped (${many(restored.torn, 'frame', 'frames')}), which nobody was told of`
  return `restored ${many(contacts, 'contact', 'contacts')}, ${many(lists, 'list', 'lists')} and ${many(ongoing, 'ongoing message', 'ongoing messages')} in ${Math.ceil(restored.ms)} ms from ${folder}${torn}`
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Messages that ran out of time with a step are told, since their lists were locked for all of it. */
const tellExpired = (logger: Logger, before: server.State, { granted: { expired } }: server.State): void => {
  if (expired === before.granted.expired) return
  for (const one of expired.filter((each) => !before.granted.expired.includes(each))) {
    // on the sealed wire the initiator knows, and is charged with it
    logger[one.im === undefined ? 'warn' : 'info'](one, 'a message ran out of time')
  }
}

/** What ran out of time; every step at `debug`; with --check, the invariants after each, and the end of the process when one is broken. */
const watcher = (logger: Logger, check: boolean, initial: server.State): ((input: Stamped<server.Command>, step: server.Step) => void) => {
  let before = initial
  if (!check && !logger.isLevelEnabled('debug')) {
    return (_input, { state }) => {
      tellExpired(logger, before, state)
      before = state
    }
  }
  return ({ by, command }, { state, response }) => {
    const outcome = response._tag === 'None' ? undefined : server.outcomeOf(response.value)
    const answer = outcome === undefined ? 'none' : isLeft(outcome) ? outcome.left._tag : outcome.right._tag
    logger.debug({ by, command, answer }, 'step')
    tellExpired(logger, before, state)
    const broken = check ? [...server.violations(state), ...server.movedMembers(before, state)] : []
    before = state
    if (broken.length === 0) return
    logger.error({ broken, command }, 'an invariant is broken: this is a fault of the program')
    process.exit(exitCodes.refused.code)
  }
}

/** What watches the server's steps, and its datagrams. */
const watching = (watch: ServerOptions['watch'], tracer: Tracer | undefined, initial: server.State): Pick<ServerOptions, 'watch' | 'trace'> => {
  if (tracer === undefined) return watch === undefined ? {} : { watch }
  const locks = watchLocks(tracer, initial)
  return {
    trace: tracer,
    watch: (input, step) => {
      locks(input, step)
      watch?.(input, step)
    },
  }
}

/** Told at the 1st, 10th, 100th ... time, so that no flood can fill the log. */
const troubles = (logger: Logger) => {
  let count = 0
  return (what: string, error: Error): void => {
    count += 1
    logger[/^10*$/.test(String(count)) ? 'warn' : 'debug']({ what, error: error.message, count }, 'trouble')
  }
}

const sizes = ({ contacts, lists, ongoing }: server.State) => ({ contacts: roll.size(contacts), lists: roll.size(lists), ongoing })

const summary = (running: RunningServer) => ({ ...sizes(running.state()), ...running.counts, rss: process.memoryUsage.rss() })

/** Ends a process whose disk does not answer: nobody was told anything that is not written. By a signal, since `process.exit` waits for its threads,
 *  of which one waits for the disk. */
const giveUp = (logger: Logger) => (): void => {
  logger.error('the disk does not answer; ended without it')
  process.kill(process.pid, 'SIGKILL')
}

const onSignals = (running: RunningServer, logger: Logger, drainMs: number, tracer: Tracer | undefined): void => {
  let isClosing = false
  const close = (signal: string): void => {
    logger.info({ signal, ongoing: running.state().ongoing, drainMs }, 'closing; signal again to end at once')
    tracer?.tell({ kind: 'note', label: signal })
    running.close(drainMs)
    if (isClosing) setTimeout(giveUp(logger), limits.lastWritesMs).unref()
    isClosing = true
  }
  process.on('SIGINT', close)
  process.on('SIGTERM', close)
  process.on('SIGHUP', (signal) =>
    process.stdin.isTTY ? close(signal) : logger.info('nothing to reload: a server is configured by its command line'),
  )
  process.on('SIGUSR1', () => logger.info(summary(running), 'summary'))
}

/** Serves the operator until the server has ended. A server whose operator cannot be served is a server all the same. */
const serveOperator = async (running: RunningServer, logger: Logger): Promise<void> => {
  const path = controlPath(runFolder(process.env), running.port)
  const control = await listen(path, answerTo(async (order) => server.sealedAnswer(await running.operate(order)), Date.now))()
  if (isLeft(control)) logger.warn({ why: control.left.sentence }, 'peal operator does not reach this server')
  else void running.ended.then(control.right.close)
}

/** The address of this machine that others may reach it at, where it listens at all of them. */
const reachable = (host: string): string => {
  if (host !== '0.0.0.0' && host !== '::') return host
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return addresses.find(({ family, internal }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'
}

/** What an operator hands to those who are to connect: `host:port#fingerprint`. */
const lineOf = ({ host, port, id }: RunningServer): string | undefined => {
  const ip = reachable(host)
  return Host.is(ip) && Port.is(port) ? serverLine({ address: { ip, port }, id }) : undefined
}

/** Runs a server until a signal ends it; the exit code, or why it could not start or go on. */
export const serve = async (options: ServeOptions): Promise<Either<Failure, number>> => {
  const ports = upwards(options.port ?? options.ports.low, options.ports)
  if (isLeft(ports)) return left(failure(exitCodes.usage, ports.left))
  if (!isFolder(options.saves)) return left(failure(exitCodes.noInput, `${options.saves} is no folder; make it, or choose another with --saves DIR`))
  const kept = await keep(identityFolder(process.env, 'server'), options.identity)()
  if (isLeft(kept)) return left(keepFailure(kept.left))
  const folder = dataFolderOf(options)
  const opened = await openedStore(options, folder)
  if (isLeft(opened)) return opened
  const belongs = folder === undefined ? right(undefined) : await belongsTo(folder, ciphers(kept.right.secrets).own.id, options.identity)
  if (isLeft(belongs)) {
    await opened.right.store.close()
    return belongs
  }
  await sweep(options.saves).catch(() => undefined)
  const logger = log(options.logLevel, process.stderr.isTTY)
  const watch = watcher(logger, options.check, opened.right.restored.state.state)
  const tracer = options.trace === undefined ? right(undefined) : await openTracer({ file: options.trace, role: 'server', now: Date.now, trouble: (sentence) => logger.warn(sentence) })
  if (isLeft(tracer)) {
    await opened.right.store.close()
    return left(failure(exitCodes.noInput, tracer.left))
  }
  const started = await startServer({
    host: options.host,
    ports: ports.right,
    saves: options.saves,
    secrets: kept.right.secrets,
    config: configOf(options),
    opened: opened.right,
    snapshotEvery: options.snapshotEvery,
    trouble: troubles(logger),
    ...watching(watch, tracer.right, opened.right.restored.state.state),
  })()
  if (isLeft(started)) {
    await opened.right.store.close()
    await tracer.right?.close('did not start')
    return left('_tag' in started.left ? diskFailure(started.left) : bindFailure(started.left, options.ports, false))
  }
  const [wished] = ports.right
  const { port } = started.right
  if (port !== wished) process.stdout.write(`port ${wished} is in use; took ${port}\n`)
  process.stdout.write(`${restoredLine(opened.right, folder)}\n`)
  for (const note of opened.right.restored.notes) logger.warn(note)
  return attend(options, started.right, logger, tracer.right)
}

/** Says where the server is and serves its operator, until it has ended. */
const attend = async (options: ServeOptions, running: RunningServer, logger: Logger, tracer: Tracer | undefined): Promise<Either<Failure, number>> => {
  tracer?.begin([...new Set([reachable(running.host), '127.0.0.1'])].map((ip) => `${ip}:${running.port}`))
  onSignals(running, logger, options.drainMs, tracer)
  await serveOperator(running, logger)
  process.stdout.write(`peal server at ${showAddress({ ip: running.host, port: running.port })}\n`)
  const line = lineOf(running)
  if (line !== undefined) process.stdout.write(`peal peer ${line}\n`)
  const { contacts, lists } = sizes(running.state())
  logger.info({ host: running.host, port: running.port, contacts, lists }, 'listening')
  const ended = await running.ended
  await tracer?.close(isLeft(ended) ? 'the disk failed' : 'as it was told')
  if (isLeft(ended)) return left(diskFailure(ended.left))
  const { ongoing } = ended.right
  logger.info({ ...running.counts, ongoing }, 'closed')
  return right(ongoing === 0 ? exitCodes.done.code : exitCodes.overdue.code)
}
