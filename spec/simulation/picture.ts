// A run as files that others read: its trace, and a diagram of what matters most in it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import { diagram, weave } from '../../shell/index.js'
import type { Result } from './run.js'

/** events: so many can be read on one screen */
const legible = 60

/** What a picture is of, and the command that runs it again. */
export interface Caption {
  readonly about: string
  readonly replay: string
}

/** The run's events, of which the first says what it is. */
export const told = ({ events }: Pick<Result, 'events'>, { about, replay }: Caption): ReadonlyArray<trace.Event> =>
  events.map((event, i) => (i === 0 && event.kind === 'start' ? { ...event, about: trace.wordsOf(about), replay: trace.wordsOf(replay) } : event))

/** The message that the broken promise is about. */
const culprit = (events: ReadonlyArray<trace.Event>): string | undefined => {
  const broken = events.find(({ kind }) => kind === 'broken')
  return broken?.kind === 'broken' ? /[0-9a-f]{28}/.exec(broken.label)?.[0] : undefined
}

/** The last events before a promise was broken: those about its message, where it is about one; otherwise the first of the run. */
export const pictured = (events: ReadonlyArray<trace.Event>, limit = legible): string => {
  const woven = weave([events])
  const isEnd = events.at(-1)?.kind === 'broken'
  const of = culprit(events)
  const svg = diagram(woven, { limit, isEnd, only: isEnd && events.some((event) => 'im' in event && event.im === of) ? of : undefined })
  if (isLeft(svg)) throw new Error(svg.left)
  return svg.right
}

/** Writes `name.trace` and `name.svg` into the folder; the second one's path. */
export const leave = (folder: string, name: string, events: ReadonlyArray<trace.Event>): string => {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(`${path}.trace`, events.map((event) => `${trace.encodeEvent(event)}\n`).join(''))
  writeFileSync(`${path}.svg`, pictured(events))
  return `${path}.svg`
}
