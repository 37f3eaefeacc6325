// `peal server [port] [saved-file]`.
import { readFileSync, statSync } from 'node:fs'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { decodeUtf8, roll, server, showAddress, type Stamped } from '../../core/index.js'
import { startServer, type RunningServer } from '../server.js'
import { skeletons } from '../skeleton.js'
import { exitCodes } from './exitcodes.js'
import { bindFailure, failure, type Failure } from './failure.js'
import { log } from './log.js'
import { upwards, type PortRange } from './ports.js'
import type { Logger } from 'pino'
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
  readonly drainMs: number
  readonly check: boolean
  readonly logLevel: LogLevel
}

const configOf = ({ contacts, lists, messages, replyBytes }: ServeOptions): server.Config => ({
  ...server.defaults,
  skeletons,
  maxContacts: contacts,
  maxLists: lists,
  maxMessages: messages,
  maxReplyBytes: replyBytes,
})

const initialState = ({ savedFile, ...options }: ServeOptions): Either<Failure, server.State> => {
  if (savedFile === undefined) return right(server.initial)
  const bytes = tryCatch(() => readFileSync(savedFile), (error) => failure(exitCodes.noInput, `${savedFile}: ${toError(error).message}`))
  if (isLeft(bytes)) return bytes
  const damaged = (line: number, reason: string): Either<Failure, never> =>
    left(failure(exitCodes.damaged, `${savedFile}, line ${line}: ${reason}; nothing was started`))
  const text = decodeUtf8(bytes.right)
  if (isLeft(text)) return damaged(bytes.right.subarray(0, text.left.at).filter((byte) => byte === 0x0a).length + 1, 'bytes that are no UTF-8')
  const state = server.restore(configOf({ savedFile, ...options }), text.right)
  return isLeft(state) ? damaged(state.left.line, state.left.reason) : state
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** Every step at `debug`; with --check, the invariants after each, and the end of the process when one is broken. */
const watcher = (logger: Logger, check: boolean, initial: server.State): ((input: Stamped<server.Command>, step: server.Step) => void) | undefined => {
  if (!check && !logger.isLevelEnabled('debug')) return undefined
  let before = initial
  return ({ by, command }, { state, response }) => {
    const outcome = response._tag === 'None' ? undefined : server.outcomeOf(response.value)
    const answer = outcome === undefined ? 'none' : isLeft(outcome) ? outcome.left._tag : outcome.right._tag
    logger.debug({ by, command, answer }, 'step')
    const broken = check ? [...server.violations(state), ...server.movedMembers(before, state)] : []
    before = state
    if (broken.length === 0) return
    logger.error({ broken, command }, 'an invariant is broken: this is a fault of the program')
    process.exit(exitCodes.refused.code)
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

const summary = (running: RunningServer) => {
  const state = running.state()
  return { contacts: roll.size(state.contacts), lists: roll.size(state.lists), ongoing: state.ongoing, ...running.counts, rss: process.memoryUsage.rss() }
}

const onSignals = (running: RunningServer, logger: Logger, drainMs: number): void => {
  const close = (signal: string): void => {
    logger.info({ signal, ongoing: running.state().ongoing, drainMs }, 'closing; signal again to end at once')
    running.close(drainMs)
  }
  process.on('SIGINT', close)
  process.on('SIGTERM', close)
  process.on('SIGHUP', (signal) =>
    process.stdin.isTTY ? close(signal) : logger.info('nothing to reload: a server is configured by its command line'),
  )
  process.on('SIGUSR1', () => logger.info(summary(running), 'summary'))
}

/** Runs a server until a signal ends it; the exit code, or why it could not start. */
export const serve = async (options: ServeOptions): Promise<Either<Failure, number>> => {
  const ports = upwards(options.port ?? options.ports.low, options.ports)
  if (isLeft(ports)) return left(failure(exitCodes.usage, ports.left))
  if (!isFolder(options.saves)) return left(failure(exitCodes.noInput, `${options.saves} is no folder; make it, or choose another with --saves DIR`))
  const initial = initialState(options)
  if (isLeft(initial)) return initial
  const logger = log(options.logLevel, process.stderr.isTTY)
  const watch = watcher(logger, options.check, initial.right)
  const started = await startServer({
    host: options.host,
    ports: ports.right,
    saves: options.saves,
    config: configOf(options),
    initial: initial.right,
    trouble: troubles(logger),
    ...(watch === undefined ? {} : { watch }),
  })()
  if (isLeft(started)) return left(bindFailure(started.left, options.ports, false))
  const running = started.right
  onSignals(running, logger, options.drainMs)
  const [wished] = ports.right
  if (running.port !== wished) process.stdout.write(`port ${wished} is in use; took ${running.port}\n`)
  process.stdout.write(`peal server at ${showAddress({ ip: running.host, port: running.port })}\n`)
  logger.info({ host: running.host, port: running.port, contacts: roll.size(initial.right.contacts), lists: roll.size(initial.right.lists) }, 'listening')
  const { ongoing } = await running.ended
  logger.info({ ...running.counts, ongoing }, 'closed')
  return right(ongoing === 0 ? exitCodes.done.code : exitCodes.overdue.code)
}
