// A diagram shows what a trace has: every datagram as an arrow, whoever named what, the same each time.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { trace } from '../../core/index.js'
import { diagram, weave, type DiagramOptions } from '../../shell/index.js'
import { history, strange } from '../arbitraries/traces.js'
import { root } from '../protocol.js'
import { pictures } from '../simulation/pictures.js'

const drawn = (events: ReadonlyArray<trace.Event>, options: Partial<DiagramOptions> = {}): string => {
  const svg = diagram(weave([events]), { limit: 1000, ...options })
  if (isLeft(svg)) throw new Error(svg.left)
  return svg.right
}

interface Tag {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
}

/** Reads it as XML, by the grammar and nothing else; throws where it is none. */
const elementsOf = (svg: string): ReadonlyArray<Tag> => {
  const tags: Tag[] = []
  const open: string[] = []
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z0-9:-]+="[^"<]*")*)(\/?)>|([^<]+)/y
  const isText = (text: string): boolean => !/&(?!(amp|lt|gt|quot|#39);)/.test(text)
  // eslint-disable-next-line no-control-regex -- XML has none of these
  ok(!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u.test(svg), 'no character of XML')
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex
    const found = token.exec(svg)
    ok(found !== null, `no XML at ${at}: ${svg.slice(at, at + 80)}`)
    const [, close = '', name = '', attributes = '', alone = '', text] = found
    if (text !== undefined) ok(isText(text), text)
    else if (close === '/') equal(open.pop(), name)
    else {
      ok(isText(attributes), attributes)
      tags.push({ name, attributes: new Map([...attributes.matchAll(/ ([^=]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])) })
      if (alone === '') open.push(name)
    }
  }
  deepEqual(open, [])
  return tags
}

const known = new Set(['svg', 'style', 'defs', 'pattern', 'rect', 'text', 'line', 'path', 'circle', 'g', 'title'])

/** What is drawn once for several counts as many. */
const arrowsIn = (svg: string): number =>
  [...svg.matchAll(/<title>[^<]* to [^<]*?: [^<]*<\/title><line/g)].reduce((sum, [title]) => sum + Number(/, (\d+) times(: [a-z ]+)?<\/title>/.exec(title)?.[1] ?? 1), 0)

describe('a diagram', () => {
  it('is XML of lines and words, whatever anybody is called, and no script, link or picture', () => {
    fc.assert(fc.property(history, strange, (events, title) => {
      const svg = drawn(events, { title })
      const tags = elementsOf(svg)
      deepEqual(tags.filter(({ name }) => !known.has(name)), [])
      deepEqual(tags.flatMap(({ attributes }) => [...attributes.keys()].filter((key) => /^on|href|^style$/.test(key))), [])
      deepEqual([...svg.matchAll(/url\(([^)]*)\)/g)].filter(([, to]) => to !== '#hatch'), [])
    }))
  })

  it('has an arrow for each datagram and each repetition of it, and a cross for each that did not arrive', () => {
    fc.assert(fc.property(history, (events) => {
      const copies = new Map<string, number>()
      for (const event of events) if (event.kind === 'receive') copies.set(event.datagram, (copies.get(event.datagram) ?? 0) + 1)
      const expected = events.reduce((sum, event) => sum + (event.kind === 'send' ? Math.max(1, copies.get(event.datagram) ?? 0) : 0), 0)
      const svg = drawn(events.map((event) => ('label' in event && event.kind !== 'broken' ? { ...event, label: event.label.replace(/, \d+ times| to /g, '') } : event)))
      equal(arrowsIn(svg), expected)
    }))
  })

  it('is the same for the same events', () => {
    fc.assert(fc.property(history, (events) => equal(drawn(events), drawn(events))), { numRuns: 30 })
  })

  it('goes downwards: no arrow ends above its beginning, and no instant stands above an earlier one', () => {
    fc.assert(fc.property(history, (events) => {
      const svg = drawn(events)
      for (const { name, attributes } of elementsOf(svg)) if (name === 'line' && attributes.get('class') !== 'hatch') ok(Number(attributes.get('y2')) >= Number(attributes.get('y1')))
      const instants = [...svg.matchAll(/<text x="74" y="([\d.]+)"[^>]*>([\d\u2009]+)</g)].map(([, y, ms = '']) => [Number(y), Number(ms.replaceAll('\u2009', ''))] as const)
      instants.slice(1).forEach(([y, ms], i) => ok(y > (instants[i]?.[0] ?? 0) && ms >= (instants[i]?.[1] ?? 0)))
    }))
  })

  it('is cut to what was asked for, and says so', () => {
    fc.assert(fc.property(history, fc.integer({ min: 1, max: 10 }), (events, limit) => {
      const whole = drawn(events)
      const part = drawn(events, { limit })
      const isCut = /the first (\d+) of (\d+) events/.exec(part)
      if (isCut === null) equal(part, whole)
      else deepEqual([Number(isCut[1]), Number(isCut[2]) > limit], [limit, true])
      const some = events[events.length >> 1]
      const [from, to] = [some?.time ?? 0, events.at(-1)?.time ?? 0]
      for (const [, ms = ''] of drawn(events, { from, to }).matchAll(/<text x="74"[^>]*>([\d\u2009]+)</g)) ok(Number(ms.replaceAll('\u2009', '')) >= from)
    }))
  })

  it('has a bar for each lock, down to where that message is next unlocked or to the end, and five beside each other', () => {
    const host = trace.hostNameOf('server')
    const barsOf = (...steps: ReadonlyArray<string>): ReadonlyArray<readonly [words: string, height: number]> => {
      const start: trace.Event = { time: 0, host, clock: { [host]: 1 }, kind: 'start', role: 'server', places: [] }
      const told = steps.map((step, i): trace.Event => {
        const [what, im = ''] = step.split(' ')
        const of = { time: 1000 * (i + 1), host, clock: { [host]: i + 2 }, list: 'l', im }
        return what === 'lock' ? { ...of, kind: 'lock', by: 'alice' } : { ...of, kind: 'unlock', why: 'proof' }
      })
      const bars = /by message ([a-z]), of alice<\/title><rect [^>]*height="([\d.]+)"/g
      return [...drawn([start, ...told]).matchAll(bars)].map(([, im = '', height]) => [im, Number(height)])
    }
    const heights = barsOf('lock a', 'lock b', 'unlock a', 'lock a', 'unlock b', 'unlock a', 'lock c')
    deepEqual(heights.map(([im]) => im), ['a', 'b', 'a', 'c'])
    const [first = 0, second = 0, third = 0, last = 0] = heights.map(([, height]) => height)
    ok(last < first && Math.abs(first - third) < 1 && second > first && second < 2 * first, JSON.stringify(heights))
    const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((im) => `lock ${im}`)
    deepEqual(barsOf(...many, 'unlock a', 'lock i').map(([im]) => im), ['a', 'b', 'c', 'd', 'e', 'i'])
  })

  it('says of what the trace has nothing, and what it has', () => {
    const alice = trace.hostNameOf('alice')
    const events: ReadonlyArray<trace.Event> = [{ time: 1, host: alice, clock: { [alice]: 1 }, kind: 'start', role: 'member', places: [] }]
    deepEqual(diagram(weave([events]), { limit: 9, only: 'zoe' }), { _tag: 'Left', left: 'nothing in the trace is called "zoe": processes alice; lists none; messages none' })
    ok(isRight(diagram(weave([events]), { limit: 9, only: 'alice' })))
  })
})

describe('the pictures', () => {
  it('are what the program draws of the counterexamples that are kept, and fit on a screen', () => {
    const all = pictures()
    ok(all.length > 0)
    for (const { file, svg, rule } of all) {
      equal(svg, readFileSync(new URL(file, root), 'utf8'), `${file}: draw it again with npm run simulate -- --pictures`)
      ok(svg.includes(`${rule} is broken by`))
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
      ok(Number(width) <= 1600 && Number(height) <= 900, `${width} x ${height}`)
      ok(readFileSync(new URL('spec/PROTOCOL.md', root), 'utf8').includes(file.replace('spec/', '')))
    }
  })
})
