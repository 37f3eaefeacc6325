// A trace file's lines as events, or the first line that is none.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'

/** `line` counts from 1. */
export interface Unread {
  readonly line: number
  readonly reason: string
}

/** The events of a trace in the order of its lines. The last line may be unfinished: its writer was killed. */
export const eventsOf = (text: string): Either<Unread, ReadonlyArray<trace.Event>> => {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  if (last !== '' && !isLeft(trace.decodeEvent(last))) lines.push(last)
  const counts = new Map<trace.HostName, number>()
  const events: trace.Event[] = []
  for (const [i, line] of lines.entries()) {
    const event = trace.decodeEvent(line)
    if (isLeft(event)) return left({ line: i + 1, reason: event.left })
    const { host, clock } = event.right
    const expected = (counts.get(host) ?? 0) + 1
    if (clock[host] !== expected) return left({ line: i + 1, reason: `the clock of ${host} shows ${clock[host] ?? 0}, and ${expected} comes next` })
    counts.set(host, expected)
    events.push(event.right)
  }
  return right(events)
}
