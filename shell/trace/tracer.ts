// Writes what happens to this process into a trace file, a line for each event, without holding anything up: lines wait in a stream, and where too many
// wait an event is left out before it is counted, so that the clock of what is written has no gap.
//
// A process that is started again with the same file goes on in it as another life of the same name. What it says of who talks with whom is for its
// owner only (0600): a file that others can read, and a symbolic link to a file, which may lead anywhere, is refused.
import { constants, createWriteStream } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { left, right, toError, isLeft, type Either } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import { limits } from '../limits.js'
import { exposed } from '../private.js'
import { eventsOf } from './reading.js'

export interface TracerOptions {
  readonly file: string
  readonly role: 'server' | 'member'
  /** ms since the epoch */
  readonly now: () => number
  /** the file cannot be written any more: said once */
  readonly trouble: (sentence: string) => void
}

export interface Tracer {
  /** the process is there, and reached at these places; what was told before stands behind it */
  readonly begin: (places: ReadonlyArray<string>) => void
  readonly tell: (happening: trace.Happening) => void
  /** writes what is left, and closes the file */
  readonly close: (why: string) => Promise<void>
}

/** The life that goes on in a file with this text, and how many bytes of the text are whole lines of a trace. */
const lifeAfter = (text: string, name: trace.HostName): Either<string, { readonly life: number; readonly bytes: number }> => {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const events = eventsOf(whole)
  if (isLeft(events)) return left(`line ${events.left.line}: ${events.left.reason}`)
  const lives = events.right.map(({ host }) => trace.lifeOf(host)).filter((one) => one.name === name)
  return right({ life: 1 + lives.reduce((most, { life }) => Math.max(most, life), 0), bytes: Buffer.byteLength(whole) })
}

/** As whom a process traces into a file: as the file is called. */
const nameOf = (file: string): trace.HostName => trace.hostNameOf(basename(file, extname(file)))

interface Opened {
  readonly handle: FileHandle
  readonly host: trace.HostName
}

const unwritten = 'nothing was written to it'

const refused = async (handle: FileHandle, why: string): Promise<Either<string, Opened>> => {
  await handle.close()
  return left(why)
}

/** A file as it is called, and nowhere that it leads to. Pipes and devices have links for names, as /dev/stdout has. */
const flagsFor = async (file: string): Promise<number> => {
  const there = await stat(file).catch(() => undefined)
  return constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (there?.isFile() === false ? 0 : constants.O_NOFOLLOW)
}

const reasonOf = (error: unknown): string => ((error as NodeJS.ErrnoException).code === 'ELOOP' ? `it is a symbolic link; ${unwritten}` : toError(error).message)

/** Opens the file, behind what it has. */
const opened = async (file: string): Promise<Either<string, Opened>> => {
  const attempt = async (): Promise<Either<string, Opened>> => {
    const handle = await open(file, await flagsFor(file), 0o600)
    const name = nameOf(file)
    const stats = await handle.stat()
    // a pipe and a device are nobody's to read later, and have no past
    const why = stats.isFile() ? exposed(file, stats, '600', unwritten) : undefined
    if (why !== undefined) return refused(handle, why)
    const past = stats.isFile() && stats.size <= limits.traceFileBytes ? await handle.readFile('utf8') : ''
    const before = stats.isFile() && stats.size > limits.traceFileBytes ? left(`it has ${stats.size} bytes already`) : lifeAfter(past, name)
    if (isLeft(before)) return refused(handle, `${file}: ${before.left}; ${unwritten}`)
    const { life, bytes } = before.right
    if (bytes < stats.size && stats.isFile()) await handle.truncate(bytes)
    return right({ handle, host: trace.inLife(name, life) })
  }
  return attempt().catch((error: unknown) => left(`${file}: ${reasonOf(error)}`))
}

/** A tracer; or why the file is none to write a trace to, in words. */
export const openTracer = async ({ file, role, now, trouble }: TracerOptions): Promise<Either<string, Tracer>> => {
  const ready = await opened(file)
  if (isLeft(ready)) return ready
  const { handle, host } = ready.right
  const stream = createWriteStream('', { fd: handle })
  let [count, omitted] = [0, 0]
  let hasFailed = false
  let early: trace.Happening[] | undefined = []
  stream.on('error', (error) => {
    if (!hasFailed) trouble(`${file}: ${error.message}; nothing more is traced`)
    hasFailed = true
  })
  const write = (happening: trace.Happening): void => {
    count += 1
    const event = { time: Math.max(0, Math.floor(now())), host, clock: { [host]: count }, ...happening }
    stream.write(`${trace.encodeEvent(event)}\n`)
  }
  const append = (happening: trace.Happening): void => {
    if (omitted > 0) write({ kind: 'note', label: `${omitted} events were left out: the disk is slower than they were` })
    omitted = 0
    write(happening)
  }
  const tell = (happening: trace.Happening): void => {
    if (early !== undefined) early.push(happening)
    else if (hasFailed || stream.closed) return
    else if (stream.writableLength > limits.traceWaitingBytes) omitted += 1
    else append(happening)
  }
  const begin = (places: ReadonlyArray<string>): void => {
    const before = early ?? []
    early = undefined
    write({ kind: 'start', role, places: places.map(trace.wordsOf) })
    before.forEach(tell)
  }
  return right({
    begin,
    tell,
    close: (why) => new Promise((closed) => {
      if (hasFailed || stream.closed) return closed()
      if (early === undefined) append({ kind: 'end', why: trace.wordsOf(why) })
      // behind a failure, if the last lines have one
      stream.once('close', closed)
      stream.end()
    }),
  })
}
