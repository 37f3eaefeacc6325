// Which events of a trace are drawn: of a span of time, about one process, message or list, and no more than can be read.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import type { Woven } from './weave.js'

export interface Choice {
  /** ms since the trace's beginning, as the diagram shows them */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** the name of a process or a list, or a message: by its letter, or by its id or the end of that */
  readonly only?: string | undefined
  /** events at most */
  readonly limit: number
  /** of too many the last, and not the first */
  readonly isEnd?: boolean | undefined
}

export interface Chosen {
  /** their indices, ascending */
  readonly indices: ReadonlyArray<number>
  /** how many there would have been */
  readonly of: number
  /** as how many an event counts that is drawn once for several */
  readonly times: ReadonlyMap<number, number>
  /** where the clock of the left margin begins */
  readonly origin: number
  /** the messages, in order of appearance, and their letters */
  readonly letters: ReadonlyMap<string, string>
}

/** Instants below are of a simulation, whose time begins at 0. */
const realMs = 1e10

const letterOf = (i: number): string => `${String.fromCharCode(65 + (i % 26))}${i < 26 ? '' : Math.floor(i / 26)}`

const imOf = (event: trace.Event): string | undefined => ('im' in event ? event.im : undefined)

const lettersOf = (events: ReadonlyArray<trace.Event>): ReadonlyMap<string, string> => {
  const ims = new Set(events.flatMap((event) => imOf(event) ?? []))
  return new Map([...ims].map((im, i) => [im, letterOf(i)]))
}

/** What a diagram would not be understood without. That a process began is seen where it had been before. */
const isStructure = (event: trace.Event): boolean => {
  const { kind, host } = event
  if (kind === 'start') return trace.lifeOf(host).life > 1
  return kind === 'note' ? event.im === undefined : ['end', 'crash', 'pause', 'resume', 'broken'].includes(kind)
}

/** In what a sending is like another one. */
export const likeness = (event: trace.Event | undefined): string | undefined =>
  event?.kind === 'send' && (event.im !== undefined || /\d/.test(event.label)) ? JSON.stringify([event.host, event.to, event.label, event.im]) : undefined

interface Folded {
  readonly indices: ReadonlyArray<number>
  readonly times: ReadonlyMap<number, number>
}

/** What is sent again and again, and does not arrive, while nothing else happens, is drawn once. */
const folded = ({ events, causes }: Woven, all: ReadonlyArray<number>): Folded => {
  const arrived = new Set(causes.values())
  const times = new Map<number, number>()
  const indices: number[] = []
  for (const index of all) {
    const last = indices.at(-1)
    const like = arrived.has(index) ? undefined : likeness(events[index])
    if (last !== undefined && like !== undefined && !arrived.has(last) && like === likeness(events[last])) times.set(last, (times.get(last) ?? 1) + 1)
    else indices.push(index)
  }
  return { indices, times }
}

type Is = (event: trace.Event, index: number) => boolean

const aboutProcess = ({ events, causes }: Woven, name: string): Is => {
  const ends = new Set<number>()
  for (const [receipt, send] of causes) {
    const pair = [receipt, send]
    if (pair.some((index) => trace.lifeOf((events[index] as trace.Event).host).name === name)) pair.forEach((index) => ends.add(index))
  }
  return ({ host }, index) => trace.lifeOf(host).name === name || ends.has(index)
}

/** Whether it is about that; `undefined`: nothing here is called so. */
const about = (woven: Woven, letters: Chosen['letters'], only: string): Is | undefined => {
  const { events } = woven
  if (events.some(({ host }) => trace.lifeOf(host).name === only)) return aboutProcess(woven, only)
  const ofList = new Set(events.flatMap((event) => (event.kind === 'lock' && event.list === only ? [event.im] : [])))
  const named = [...letters].filter(([im, letter]) => letter === only || (only.length >= 4 && im.endsWith(only))).map(([im]) => im)
  const ims = ofList.size > 0 ? ofList : new Set(named)
  return ims.size === 0 ? undefined : (event) => ims.has(imOf(event) ?? '')
}

const subjects = ({ events }: Woven, letters: Chosen['letters']): string => {
  const processes = new Set(events.map(({ host }) => trace.lifeOf(host).name))
  const lists = new Set(events.flatMap((event) => (event.kind === 'lock' ? [event.list] : [])))
  const said = (what: string, names: Iterable<string>): string => `${what} ${[...names].slice(0, 12).join(', ') || 'none'}`
  return `${said('processes', processes)}; ${said('lists', lists)}; ${said('messages', letters.values())}`
}

/** Refuses a subject that the trace has not, in words. */
export const choose = (woven: Woven, { from = -Infinity, to = Infinity, only, limit, isEnd = false }: Choice): Either<string, Chosen> => {
  const { events } = woven
  const letters = lettersOf(events)
  const is = only === undefined ? () => true : about(woven, letters, only)
  if (is === undefined) return left(`nothing in the trace is called "${only ?? ''}": ${subjects(woven, letters)}`)
  const first = events.reduce((least, { time }) => Math.min(least, time), Infinity)
  const origin = first < realMs ? 0 : first
  const all = events.flatMap((event, i) => {
    const at = event.time - origin
    return at >= from && at <= to && (isStructure(event) || is(event, i)) ? [i] : []
  })
  const { indices, times } = folded(woven, all)
  return right({ indices: isEnd ? indices.slice(Math.max(0, indices.length - limit)) : indices.slice(0, limit), of: indices.length, times, origin, letters })
}
