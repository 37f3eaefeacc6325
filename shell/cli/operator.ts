// The operator's side of a server: `peal operator [--port N] <command...>`, and the server's answer to it. Both understand a line by the
// same table, so that a slip needs no server to be told.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { classic, peer, type sealed } from '../../core/index.js'
import { call, controlPath, controlPorts, type ControlAnswer } from '../control.js'
import { runFolder } from '../places.js'
import { exitCodes, type ExitCode } from './exitcodes.js'
import { failure, keepFailure, type Failure } from './failure.js'
import { understandArguments } from './line.js'
import { chainLines, expiredLines, type Naming } from './chain.js'
import { operations, type Operation } from './operations.js'
import { quote } from './quoting.js'
import { visible, visibleJson } from './visible.js'

/** What the operator orders, and the server's answer. */
export type Operate = (order: sealed.Order) => Promise<sealed.Answer>

/** Whoever asks makes names safe to show. */
const naming: Naming = { list: quote, who: quote }

const lockLines = (held: peer.LockRows, shows: Operation['shows']): ReadonlyArray<string> => {
  if (shows === 'expired') return expiredLines(naming, held)
  return chainLines(naming, shows === 'unlocked' ? { ...held, tickets: [], behind: { locks: held.behind?.locks ?? 0, tickets: 0 } } : held)
}

const linesOf = (body: sealed.AnswerBody): ReadonlyArray<string> => {
  switch (body._tag) {
    case 'Nothing':
    case 'Granted':
    case 'Ended':
    case 'Queued':
    case 'Served':
    case 'Opens':
    case 'Locks':
    case 'OldestLocks':
    case 'Registered': return []
    case 'Lists': return body.names.map(quote)
    case 'Members': return [
      `${body.policy}, ${body.owner === undefined ? 'without an owner' : `owned by ${quote(body.owner)}`}`,
      ...body.members.map(({ name, presence }) => `${quote(name)} ${presence}`),
    ]
  }
}

/** What an unlock would end: it has to be said twice. */
const unforced = ({ order }: Operation, { locks, behind }: peer.LockRows): Pick<ControlAnswer, 'code' | 'name' | 'sentence'> => {
  const list = order._tag === 'Locks' ? quote(order.list ?? '') : ''
  const count = locks.length + (behind?.locks ?? 0)
  const sentence = count === 0 ? `no message holds ${list}: nothing is to be ended` : `nothing was done; unlock ${list} --force ends ${count === 1 ? 'this message' : `these ${count} messages`}`
  return { code: classic.codes.Malformed.code, name: 'Malformed', sentence }
}

const answered = (operation: Operation, { code, body }: sealed.Answer, now: number): ControlAnswer => {
  const name = classic.codeName(code)
  const plain = { code, name: name ?? 'Unknown', sentence: name === undefined ? `code ${code}` : classic.codes[name].sentence }
  if (body._tag !== 'Locks' && body._tag !== 'OldestLocks') return { ...plain, lines: linesOf(body) }
  const held = { ...peer.sealed.rowsOf(body), now }
  return { ...(operation.shows === 'unlocked' ? unforced(operation, held) : plain), lines: lockLines(held, operation.shows), held }
}

const told = (name: 'Done' | 'Malformed', sentence: string): ControlAnswer => ({ code: classic.codes[name].code, name, sentence, lines: [] })

/** What the server says to the words of the operator. */
export const answerTo =
  (operate: Operate, now: () => number) =>
  async (words: ReadonlyArray<string>): Promise<ControlAnswer> => {
    const understood = understandArguments(operations, words)
    if (isLeft(understood)) return told('Malformed', understood.left.sentence)
    switch (understood.right._tag) {
      case 'Empty': return told('Malformed', 'no command; help shows them')
      case 'Help': return told('Done', understood.right.text)
      case 'Meant': return answered(understood.right.meaning, await operate(understood.right.meaning.order), now())
    }
  }

export interface OperatorOptions {
  readonly port: number | undefined
  readonly words: ReadonlyArray<string>
  readonly json: boolean
}

/** The server's socket: that of `port`, or of the only one that runs here. */
const socketOf = async (folder: string, port: number | undefined): Promise<Either<Failure, string>> => {
  if (port !== undefined) return right(controlPath(folder, port))
  const [only, ...more] = await controlPorts(folder)
  if (only === undefined) return left(failure(exitCodes.unreachable, `no server of this user runs here (its socket would be in ${folder})`))
  if (more.length > 0) return left(failure(exitCodes.usage, `several servers run here; choose one with --port: ${[only, ...more].join(', ')}`))
  return right(controlPath(folder, only))
}

const ofCode: ReadonlyMap<number, ExitCode> = new Map<number, ExitCode>([
  [classic.codes.Done.code, exitCodes.done],
  [classic.codes.Malformed.code, exitCodes.usage],
  [classic.codes.Ongoing.code, exitCodes.locked],
  [classic.codes.NotAllowed.code, exitCodes.notAuthorised],
])

/** Gives one command to a server on this machine; the exit code, or why it could not be given. */
export const operator = async ({ port, words, json }: OperatorOptions): Promise<Either<Failure, number>> => {
  const understood = understandArguments(operations, words)
  if (isLeft(understood)) return left(failure(exitCodes.usage, understood.left.sentence))
  if (understood.right._tag === 'Help') {
    process.stdout.write(`${understood.right.text}\n`)
    return right(exitCodes.done.code)
  }
  const socket = await socketOf(runFolder(process.env), port)
  if (isLeft(socket)) return socket
  const answer = await call(socket.right, words)()
  if (isLeft(answer)) return left(keepFailure(answer.left))
  const { code, sentence, lines } = answer.right
  process.stdout.write(json ? `${visibleJson({ v: 1, ...answer.right })}\n` : [`${code} ${visible(sentence)}`, ...lines.map(visible), ''].join('\n'))
  return right((ofCode.get(code) ?? exitCodes.refused).code)
}
