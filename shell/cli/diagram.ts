// `peal diagram FILE... > out.svg`: traces of servers and peers, or of a simulated run, as one drawing; or as one trace, with the clocks that say what
// followed from what.
import { readFileSync, statSync } from 'node:fs'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { decodeUtf8, trace } from '../../core/index.js'
import { limits } from '../limits.js'
import { diagram } from '../trace/diagram.js'
import { eventsOf } from '../trace/reading.js'
import { weave } from '../trace/weave.js'
import { exitCodes } from './exitcodes.js'
import { failure, type Failure } from './failure.js'
import { print, type Lines } from './output.js'

export interface DrawOptions {
  readonly files: ReadonlyArray<string>
  /** ms, as in the left margin */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly only: string | undefined
  readonly limit: number | undefined
  /** of too many events the last */
  readonly last: boolean
  readonly title: string | undefined
  /** the woven trace, and no drawing */
  readonly shiviz: boolean
}

type Events = ReadonlyArray<trace.Event>

const read = (file: string): Either<Failure, Events> => {
  const unreadable = (sentence: string): Failure => failure(exitCodes.noInput, `${file}: ${sentence}`)
  const bytes = tryCatch(() => {
    const { size } = statSync(file)
    return size > limits.traceFileBytes ? size : readFileSync(file)
  }, (error) => unreadable(toError(error).message))
  if (isLeft(bytes)) return bytes
  if (typeof bytes.right === 'number') return left(unreadable(`a trace of ${bytes.right} bytes; at most ${limits.traceFileBytes} are drawn`))
  const damaged = (line: number, reason: string): Either<Failure, never> =>
    left(failure(exitCodes.damaged, `${file}, line ${line}: ${reason}; expected a line that peal wrote with --trace`))
  const text = decodeUtf8(bytes.right)
  if (isLeft(text)) return damaged(bytes.right.subarray(0, text.left.at).filter((byte) => byte === 0x0a).length + 1, 'bytes that are no UTF-8')
  const events = eventsOf(text.right)
  if (isLeft(events)) return damaged(events.left.line, events.left.reason)
  return events.right.length === 0 ? damaged(1, 'there is no event') : events
}

function* encoded(events: Events): Lines {
  for (const event of events) yield trace.encodeEvent(event)
  return right(undefined)
}

function* whole(text: string): Lines {
  yield text.trimEnd()
  return right(undefined)
}

/** Draws to standard output; the exit code, or why there is nothing to be drawn. */
export const draw = async ({ files, from, to, only, limit = limits.diagramEvents, last, title, shiviz }: DrawOptions): Promise<Either<Failure, number>> => {
  const traces: Events[] = []
  for (const file of files) {
    const events = read(file)
    if (isLeft(events)) return events
    traces.push(events.right)
  }
  const woven = weave(traces)
  if (shiviz) return print(encoded(woven.events), process.stdout)
  const svg = diagram(woven, { from, to, only, limit, isEnd: last, title })
  return isLeft(svg) ? left(failure(exitCodes.usage, svg.left)) : print(whole(svg.right), process.stdout)
}
