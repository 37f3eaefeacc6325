// The operator's socket: a Unix stream socket that only the server's own user can reach (0600 in a 0700 folder), so that whoever speaks
// there is the operator. One JSON object a line: a request, its answer, the next request.
//
//   {"v":1,"words":["save","monday"]}   ──>
//                                       <──   {"v":1,"code":200,"name":"Done","sentence":"done","lines":[]}
//
// Lines, connections and silences are bounded. The file of a server that was killed stays behind and is replaced when the next one begins;
// one that somebody listens at is not. (Two that begin at once do not meet here: both have the UDP port first, or stop.)
import { once } from 'node:events'
import { chmod, lstat, readdir, unlink } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { peer } from '../core/index.js'
import { limits } from './limits.js'
import { privateFolder, trouble, type Trouble } from './private.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

const Request = t.strict({ v: t.literal(1), words: t.readonlyArray(t.string) })

/** `code` and `name` of the table of codes; `lines`: what was asked for, such as names; `held`: the same of locks, for programs. */
export const ControlAnswer = t.intersection([
  t.strict({ code: t.number, name: t.string, sentence: t.string, lines: t.readonlyArray(t.string) }),
  t.exact(t.partial({ held: peer.LockRows })),
])
export type ControlAnswer = t.TypeOf<typeof ControlAnswer>

const AnswerLine = t.intersection([t.strict({ v: t.literal(1) }), ControlAnswer])

const notUnderstood: ControlAnswer = { code: 400, name: 'Malformed', sentence: 'no request: expected {"v":1,"words":[...]} on one line', lines: [] }

/** The socket of the server at `port`, in `folder`. */
export const controlPath = (folder: string, port: number): string => join(folder, `server-${port}.sock`)

/** The lines of a stream, up to its end, its failure, or a line of more than `most` bytes. */
const linesOf = async function* (socket: Socket, most: number): AsyncGenerator<string, void, void> {
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      rest = Buffer.concat([rest, chunk as Buffer])
      for (let end = rest.indexOf('\n'); end >= 0 && end <= most; end = rest.indexOf('\n')) {
        const line = rest.toString('utf8', 0, end)
        rest = rest.subarray(end + 1)
        yield line
      }
      if (rest.length > most) return
    }
  } catch {
    return
  }
}

const parsed = <A>(codec: t.Type<A, unknown>, line: string): A | undefined => {
  const json = tryCatch((): unknown => JSON.parse(line), toError)
  if (isLeft(json)) return undefined
  const value = codec.decode(json.right)
  return isLeft(value) ? undefined : value.right
}

type Handle = (words: ReadonlyArray<string>) => Promise<ControlAnswer>

/** One request after the other, until the operator has no more to say or says too much. */
const converse = async (socket: Socket, handle: Handle): Promise<void> => {
  socket.on('error', () => socket.destroy()).on('timeout', () => socket.destroy())
  socket.setTimeout(limits.controlIdleMs)
  for await (const line of linesOf(socket, limits.controlRequestBytes)) {
    socket.setTimeout(0)
    const request = parsed(Request, line)
    const answer = request === undefined ? notUnderstood : await handle(request.words)
    socket.setTimeout(limits.controlIdleMs)
    if (socket.writable) socket.write(`${JSON.stringify({ v: 1, ...answer })}\n`)
  }
  if (socket.readableEnded) socket.end()
  else socket.destroy()
}

const isListening = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    const say = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => say(true)).once('error', () => say(false))
  })

/** Makes room for a new socket; what stands in the way, if it may not be removed. */
const cleared = async (path: string): Promise<Trouble | undefined> => {
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return undefined
  if (!stats.isSocket()) return trouble('Exposed', `${path} is no socket; move it away`)
  if (await isListening(path)) return trouble('InUse', `another server's operator is served at ${path}`)
  await unlink(path)
  return undefined
}

export interface Control {
  /** ends all conversations and removes the socket */
  readonly close: () => Promise<void>
}

const served = async (path: string, handle: Handle): Promise<Control> => {
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    void converse(socket, handle)
  })
  server.maxConnections = limits.controlConnections
  server.listen(path)
  await once(server, 'listening')
  await chmod(path, 0o600)
  return {
    close: async () => {
      const closed = once(server.close(), 'close')
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** Serves the operator at `path`, whose folder is made where it is missing. Fails where another server is served there. */
export const listen = (path: string, handle: Handle): TaskEither<Trouble, Control> => async (): Promise<Either<Trouble, Control>> => {
  const folder = await privateFolder(dirname(path))()
  if (isLeft(folder)) return folder
  try {
    const wrong = await cleared(path)
    return wrong === undefined ? right(await served(path, handle)) : left(wrong)
  } catch (error) {
    return left(trouble('Unreadable', `${path}: ${toError(error).message}`))
  }
}

/** The ports of the servers whose operators are served in `folder`. */
export const controlPorts = async (folder: string): Promise<ReadonlyArray<number>> => {
  const names = await readdir(folder).catch((): string[] => [])
  const ports = names.flatMap((name) => /^server-(\d{1,5})\.sock$/.exec(name)?.slice(1).map(Number) ?? [])
  const live = await Promise.all(ports.map((port) => isListening(controlPath(folder, port))))
  return ports.filter((_, i) => live[i]).sort((a, b) => a - b)
}

/** Says one command to the server whose socket that is. Fails where nobody answers. */
export const call = (path: string, words: ReadonlyArray<string>): TaskEither<Trouble, ControlAnswer> => async () => {
  const socket = connect(path)
  socket.on('error', () => undefined).on('timeout', () => socket.destroy())
  socket.setTimeout(limits.controlAnswerMs)
  try {
    await once(socket, 'connect')
  } catch (error) {
    return left(trouble('Unreachable', `no server is served at ${path}: ${toError(error).message}`))
  }
  socket.write(`${JSON.stringify({ v: 1, words })}\n`)
  const { value } = await linesOf(socket, limits.controlAnswerBytes).next()
  socket.destroy()
  const answer = value === undefined ? undefined : parsed(AnswerLine, value)
  if (answer === undefined) return left(trouble('Unreachable', `the server at ${path} gave no answer; whether it was done is not known`))
  const { code, name, sentence, lines, held } = answer
  return right({ code, name, sentence, lines, ...(held === undefined ? {} : { held }) })
}
