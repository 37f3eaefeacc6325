// A time-space diagram: a line for each process, downwards in time, and an arrow for each datagram. One SVG without scripts, links or fonts, the same for
// the same events.
import { map, type Either } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import { arrows } from './arrows.js'
import { choose, type Choice, type Chosen } from './choose.js'
import { lifelines, marks } from './lifelines.js'
import { Places } from './places.js'
import { sheetOf, type Sheet } from './sheet.js'
import { style } from './style.js'
import { cross, element, line, text } from './svg.js'
import type { Woven } from './weave.js'

export interface DiagramOptions extends Choice {
  /** in place of what the trace says of itself */
  readonly title?: string | undefined
}

/** characters of a line above the names */
const headCharacters = 150

interface Headline {
  readonly words: string
  readonly style: string
}

const folded = (words: string, most: number): ReadonlyArray<string> =>
  words.split(' ').reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1)
    return last !== undefined && last.length + word.length < most ? [...lines.slice(0, -1), `${last} ${word}`] : [...lines, word]
  }, [])

const cutOf = ({ indices, of }: Chosen, isEnd: boolean): string =>
  indices.length === of ? '' : `the ${isEnd ? 'last' : 'first'} ${indices.length} of ${of} events: choose others by --from, --to and --only, or more by --limit`

const whenOf = ({ origin }: Chosen): string => (origin === 0 ? '' : `0 ms is ${new Date(origin).toISOString()} by the first process's clock`)

const messagesOf = ({ woven: { events } }: { readonly woven: Woven }, { letters, indices }: Chosen): string => {
  if (letters.size < 2) return ''
  const shown = new Set(indices.flatMap((index) => {
    const event = events[index]
    return event !== undefined && 'im' in event ? [event.im] : []
  }))
  const lists = new Map(events.flatMap((event) => (event.kind === 'lock' ? [[event.im, `of ${event.by} in ${event.list}`] as const] : [])))
  return [...letters].filter(([im]) => shown.has(im)).slice(0, 6).map(([im, letter]) => `${letter} is message …${im.slice(-6)} ${lists.get(im) ?? ''}`.trim()).join('; ')
}

/** Ids of messages are long: of one alone everybody knows which it is. */
const named = (words: string, { letters }: Chosen): string =>
  words.replace(/[0-9a-f]{28}/g, (im) => (letters.size < 2 ? 'the message' : letters.has(im) ? `message ${letters.get(im) ?? ''}` : im))

const headlines = (woven: Woven, chosen: Chosen, { isEnd = false, title }: DiagramOptions): ReadonlyArray<Headline> => {
  const { events } = woven
  const first = events.find((event) => event.kind === 'start' && event.about !== undefined)
  const [about, replay] = first?.kind === 'start' ? [first.about, first.replay] : []
  const broken = chosen.indices.map((index) => events[index]).find((event) => event?.kind === 'broken')
  const sentence = broken?.kind === 'broken' ? `${broken.rule} is broken by ${trace.lifeOf(broken.host).name}: ${named(broken.label, chosen)}` : ''
  const of = (kind: string, words: string | undefined, most = headCharacters): ReadonlyArray<Headline> =>
    words === undefined || words === '' ? [] : folded(words, most).map((one) => ({ words: one, style: kind }))
  return [
    ...of('title', title ?? about ?? 'Who told whom, and when', 100), ...of('bad', sentence), ...of('mono faint', replay), ...of('faint', whenOf(chosen)),
    ...of('faint', messagesOf({ woven }, chosen)), ...of('fault', cutOf(chosen, isEnd)),
  ]
}

const head = (lines: ReadonlyArray<Headline>): string => lines.map(({ words, style: kind }, i) => text(words, { x: 24, y: 34 + i * 20 + (i > 0 ? 2 : 0), class: kind })).join('')

const names = ({ columns, top }: Sheet): string =>
  [...columns.values()].map(({ name, role, x }) => {
    const shown = name.length > 22 ? `${name.slice(0, 21)}…` : name
    const width = Math.max(64, shown.length * 8.6 + 20)
    const box = element('rect', { x: x - width / 2, y: top - 44, width, height: 26, rx: role === 'server' ? 4 : 13, class: 'box' })
    return box + text(shown, { x, y: top - 26, class: 'name plain', 'text-anchor': 'middle' })
  }).join('')

/** 24901 as 24 901. */
const grouped = (ms: number): string => String(ms).replace(/\B(?=(\d{3})+$)/g, '\u2009')

/** Instants that would touch each other stand at the first of them only. */
const margin = ({ instants, width, top }: Sheet): string => {
  let last = -Infinity
  return instants.map(({ y, ms }) => {
    const rule = line(80, y, width - 24, y, { class: 'rule', 'stroke-opacity': 0.28 })
    if (y - last < 11) return rule
    last = y
    return rule + text(grouped(ms), { x: 74, y: y + 4, class: 'faint plain', 'text-anchor': 'end' })
  }).join('') + text('ms', { x: 74, y: top - 26, class: 'faint plain', 'text-anchor': 'end' })
}

/** What each sign means. */
const legend = ({ bottom }: Sheet): string => {
  const y = bottom + 34
  const stroke = (x: number, kind: string, more = ''): string => element('g', { class: kind }, line(x, y - 4, x + 30, y - 4, more === '' ? {} : { class: more }))
  const signs: ReadonlyArray<readonly [width: number, words: string, sign: (x: number) => string]> = [
    [98, 'message', (x) => stroke(x, 'message')],
    [70, 'ack', (x) => stroke(x, 'ack')],
    [165, 'order, and its answer', (x) => stroke(x, 'order')],
    [125, 'keeps sessions', (x) => stroke(x, 'quiet')],
    [85, 'again', (x) => stroke(x, 'message', 'again')],
    [115, 'did not arrive', (x) => element('g', { class: 'message' }, line(x, y - 4, x + 24, y - 4, {})) + element('g', { class: 'bad' }, cross(x + 24, y - 4, 5, { class: 'stroke thick' }))],
    [66, 'stored', (x) => element('circle', { cx: x + 22, cy: y - 4, r: 4, class: 'dot' })],
    [115, 'will not take it', (x) => element('circle', { cx: x + 22, cy: y - 4, r: 4, class: 'hollow' })],
    [72, 'crash', (x) => element('g', { class: 'bad' }, cross(x + 22, y - 4, 6, { class: 'stroke thick' }))],
    [125, 'stopped, asleep', (x) => element('rect', { x: x + 17, y: y - 11, width: 11, height: 14, class: 'still', fill: 'url(#hatch)' })],
    [90, 'a list is locked', (x) => element('rect', { x: x + 16, y: y - 11, width: 13, height: 14, rx: 3, class: 'bar' })],
  ]
  let x = 24
  return signs.map(([width, words, sign]) => {
    const at = x
    x += width + 24
    return sign(at) + text(words, { x: at + 37, y, class: 'faint plain' })
  }).join('')
}

const legendWidth = 1450

const hatch = '<defs><pattern id="hatch" width="5" height="5" patternTransform="rotate(45)" patternUnits="userSpaceOnUse"><line x1="0" y1="0" x2="0" y2="5" class="hatch"/></pattern></defs>'

/** The diagram of a woven trace; or why there is none, in words. */
export const diagram = (woven: Woven, options: DiagramOptions): Either<string, string> =>
  map((chosen: Chosen) => {
    const lines = headlines(woven, chosen, options)
    const sheet = sheetOf(woven, chosen, lines.length)
    const places = new Places()
    const [width, height] = [Math.ceil(Math.max(sheet.width, legendWidth)), Math.ceil(sheet.bottom + 56)]
    const said = marks(sheet, places)
    const inside = [
      style, hatch, element('rect', { width, height, class: 'paper' }), margin(sheet), head(lines), names(sheet), lifelines(sheet, 'url(#hatch)'), arrows(sheet, places), said, legend(sheet),
    ]
    return `${element('svg', { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' }, inside.join('\n'))}\n`
  })(choose(woven, options))
