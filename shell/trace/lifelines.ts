// What is drawn at the processes' own lines: their lives, deaths and rests, the locks of lists beside the server's, and what befell a message there.
import { trace } from '../../core/index.js'
import { cross, element, line, text, title } from './svg.js'
import type { Places, Spot } from './places.js'
import type { Column, Sheet } from './sheet.js'

/** px */
const restWidth = 11
const laneWidth = 17

interface Span {
  readonly from: number
  readonly to: number
}

interface Life extends Span {
  readonly isFirst: boolean
  readonly hasDied: boolean
  readonly hasEnded: boolean
  readonly rests: ReadonlyArray<Span & { readonly why: string }>
}

type Happened = readonly [event: trace.Event, y: number]

const restsOf = (all: ReadonlyArray<Happened>, bottom: number): Life['rests'] =>
  all.flatMap(([event, y], i) => {
    if (event.kind !== 'pause') return []
    const over = all.slice(i + 1).find(([{ kind }]) => kind === 'resume' || kind === 'crash' || kind === 'end')
    return [{ from: y, to: over?.[1] ?? bottom, why: event.why }]
  })

/** The lives of a process within the sheet. A life that has no end, and another behind it, was killed. */
const livesOf = ({ woven: { events }, y, top, bottom }: Sheet, name: string): ReadonlyArray<Life> => {
  const lives = new Map<string, Happened[]>()
  events.forEach((event, i) => {
    if (trace.lifeOf(event.host).name !== name) return
    const life = lives.get(event.host) ?? []
    lives.set(event.host, life)
    life.push([event, y(i)])
  })
  return [...lives].map(([, all], i): Life => {
    const [first, from] = all[0] as Happened
    // what is found broken in a process may be found when it is dead
    const [last, to] = all.find(([{ kind }]) => kind === 'crash' || kind === 'end') ?? all.at(-1) ?? [first, from]
    const isFirst = i === 0
    const isLast = i === lives.size - 1
    const hasEnded = last.kind === 'end'
    const hasDied = last.kind === 'crash' || (!hasEnded && !isLast)
    return { from: isFirst && first.kind === 'start' && from < top + 4 ? top - 18 : from, to: hasDied || hasEnded ? to : bottom, isFirst, hasDied, hasEnded, rests: restsOf(all, bottom) }
  }).filter(({ from, to }) => from < bottom && to >= top)
}

const lifeline = (sheet: Sheet, { name, x }: Column, defs: string): string =>
  livesOf(sheet, name).map(({ from, to, isFirst, hasDied, hasEnded, rests }) => {
    const [start, end] = [Math.max(from, sheet.top - 18), Math.min(to, sheet.bottom)]
    return [
      line(x, start, x, end, { class: 'life' }),
      ...rests.filter((rest) => rest.to >= sheet.top && rest.from < sheet.bottom).map((rest) => element('rect', {
        x: x - restWidth / 2, y: Math.max(rest.from, sheet.top - 10), width: restWidth, height: Math.max(4, rest.to - Math.max(rest.from, sheet.top - 10)), class: 'still', fill: defs,
      }, title(rest.why))),
      isFirst ? '' : element('circle', { cx: x, cy: start, r: 4, class: 'box' }),
      hasEnded ? line(x - 7, end, x + 7, end, { class: 'life' }) : '',
      hasDied ? element('g', { class: 'bad' }, title('crashed') + cross(x, end, 7, { class: 'stroke thick' })) : '',
    ].join('')
  }).join('')

interface Lock extends Span {
  readonly im: string
  readonly words: string
}

const imsOf = ({ woven: { events }, chosen: { indices } }: Sheet): ReadonlySet<string> =>
  new Set(indices.flatMap((index) => {
    const event = events[index]
    return event !== undefined && 'im' in event ? [event.im] : []
  }))

/** Of each event that locks, the next one behind it that unlocks the same message, if there is one. */
const unlocksOf = (events: ReadonlyArray<trace.Event>): ReadonlyMap<number, number> => {
  const [found, next] = [new Map<number, number>(), new Map<string, number>()]
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i] as trace.Event
    if (event.kind === 'unlock') next.set(event.im, i)
    const over = event.kind === 'lock' ? next.get(event.im) : undefined
    if (over !== undefined) found.set(i, over)
  }
  return found
}

const locksOf = (sheet: Sheet): ReadonlyArray<Lock> => {
  const { woven: { events }, y, bottom } = sheet
  const [ims, unlocks] = [imsOf(sheet), unlocksOf(events)]
  return events.flatMap((event, i) => {
    if (event.kind !== 'lock' || !ims.has(event.im)) return []
    const over = unlocks.get(i)
    return [{ from: y(i), to: over === undefined ? bottom : y(over), im: event.im, words: `the list ${event.list} is locked by message ${event.im}, of ${event.by}` }]
  })
}

/** Bars left of the server's line, beside each other where they overlap. */
const bars = (sheet: Sheet): string => {
  const server = [...sheet.columns.values()].find(({ role }) => role === 'server')
  if (server === undefined) return ''
  const lanes: number[] = []
  const { chosen: { letters }, top, bottom } = sheet
  return locksOf(sheet).filter(({ from, to }) => to >= top && from < bottom).map(({ im, words, from, to }) => {
    const free = lanes.findIndex((end) => end < from)
    // there is room for no more beside each other
    if (free < 0 && lanes.length > 4) return ''
    const lane = free < 0 ? lanes.length : free
    lanes[lane] = to
    const x = server.x - 14 - laneWidth * (lane + 1)
    const [start, end] = [Math.max(from, top - 6), Math.min(to, bottom)]
    const isLong = end - start > 64
    const label = `${isLong ? 'lock ' : ''}${letters.size > 1 ? (letters.get(im) ?? '') : ''}`.trim()
    const at = `translate(${x + 10} ${Math.round((start + end) / 2)}) rotate(${isLong ? -90 : 0})`
    return element('g', {}, title(words) + element('rect', { x, y: start, width: 13, height: Math.max(6, end - start), rx: 3, class: 'bar' }) +
      (label === '' ? '' : text(label, { class: 'order plain', 'text-anchor': 'middle', transform: isLong ? at : `translate(${x + 6.5} ${Math.round((start + end) / 2 + 4)})` })))
  }).join('')
}

const beside = ({ x }: Column, y: number, by: number): ReadonlyArray<Spot> =>
  [4, 12, -6, 20].flatMap((dy): ReadonlyArray<Spot> => [{ x: x + by, y: y + dy, angle: 0, anchor: 'start' }, { x: x - by, y: y + dy, angle: 0, anchor: 'end' }])

/** What is said beside a line, and by which colour. */
const saying = ({ letters }: Sheet['chosen'], event: trace.Event): readonly [words: string, colour: string] | undefined => {
  const of = 'im' in event && letters.size > 1 ? ` ${letters.get(event.im) ?? ''}` : ''
  switch (event.kind) {
    case 'stored':
    case 'closed': return [`${event.kind}${of}`, 'good']
    case 'note': return [`${event.label}${of}`, 'fault']
    case 'crash': return ['crashes', 'bad']
    case 'pause': return [event.why, 'fault']
    case 'resume': return ['goes on', 'fault']
    case 'broken': return [`${event.rule} is broken`, 'bad broken']
    case 'start': return trace.lifeOf(event.host).life === 1 ? undefined : ['begins again', 'faint']
    case 'end': return [`ends: ${event.why}`, 'faint']
    case 'unlock': return event.why === 'expired' ? [`time is over${of}`, 'fault'] : event.why === 'forced' ? [`ended by the operator${of}`, 'fault'] : undefined
    case 'send':
    case 'receive':
    case 'lock': return undefined
  }
}

const mark = ({ kind }: trace.Event, { x }: Column, y: number): string => {
  if (kind === 'stored' || kind === 'closed') return element('circle', { cx: x, cy: y, r: 4, class: kind === 'stored' ? 'dot' : 'hollow' })
  if (kind === 'broken') return element('circle', { cx: x, cy: y, r: 11, class: 'alarm' })
  return ''
}

/** The processes' lines, and the locks beside the server's: behind everything else. */
export const lifelines = (sheet: Sheet, hatch: string): string => [...sheet.columns.values()].map((column) => lifeline(sheet, column, hatch)).join('') + bars(sheet)

/** What befell a process, and what it says of messages: before the arrows, for the words' sake. */
export const marks = (sheet: Sheet, places: Places): string => {
  const { woven: { events }, chosen, columns, y } = sheet
  return chosen.indices.map((index) => {
    const event = events[index] as trace.Event
    const column = columns.get(trace.lifeOf(event.host).name)
    const said = column === undefined ? undefined : saying(chosen, event)
    if (column === undefined || said === undefined) return ''
    const [words, colour] = said
    const [nearest, ...others] = beside(column, y(index), event.kind === 'broken' ? 17 : 10)
    const spot = nearest === undefined ? undefined : (places.find(words, [nearest, ...others]) ?? nearest)
    if (spot === undefined) return mark(event, column, y(index))
    return mark(event, column, y(index)) + text(words, { x: spot.x, y: spot.y, class: colour, 'text-anchor': spot.anchor })
  }).join('')
}
