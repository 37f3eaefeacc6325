// Traces are what they say: lines that come back as they went, clocks that ShiViz takes, and of a simulated run exactly what happened.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { sealed, trace, type server } from '../../core/index.js'
import { eventsOf, weave } from '../../shell/index.js'
import { frame as anyFrame } from '../arbitraries/frames.js'
import { history, strange } from '../arbitraries/traces.js'
import { pass, queued } from '../model/crowd.js'
import { complete, on, start, village } from '../model/desk.js'
import { refusal } from '../model/shiviz.js'
import { bugs, climateOf, planOf, run } from '../simulation/index.js'

const linesOf = (events: ReadonlyArray<trace.Event>): ReadonlyArray<string> => events.map(trace.encodeEvent)

/** The parts of a history that processes would have written, each for itself. */
const apart = (events: ReadonlyArray<trace.Event>): ReadonlyArray<ReadonlyArray<trace.Event>> => {
  const names = new Set(events.map(({ host }) => trace.lifeOf(host).name))
  return [...names].map((name) => events.filter(({ host }) => trace.lifeOf(host).name === name))
}

const valueIn = (clock: trace.Clock, host: trace.HostName): number => (Object.hasOwn(clock, host) ? (clock[host] ?? 0) : 0)

const cut = (line: string, at: number): string => line.slice(0, at % line.length)

describe('a line of a trace', () => {
  it('comes back as the event that it was, and is one line that ShiViz reads', () => {
    fc.assert(fc.property(history, (events) => {
      for (const event of events) {
        const line = trace.encodeEvent(event)
        deepEqual(trace.decodeEvent(line), right(event))
        ok(!/[\n\r\u2028]/.test(line))
      }
    }))
  })

  it('is refused, and never thrown at, whatever else it is', () => {
    fc.assert(fc.property(fc.oneof(strange, fc.json(), fc.tuple(history, fc.nat()).map(([events, at]) => cut(trace.encodeEvent(events[0] as trace.Event), at))), (line) => {
      ok(isLeft(trace.decodeEvent(line)))
    }))
    const at = (time: number): string => JSON.stringify({ time, host: 'a', clock: { a: 1 }, kind: 'start', role: 'server', places: ['x'], event: 's' })
    deepEqual([at(8.64e15), at(8.64e15 + 2)].map((line) => isLeft(trace.decodeEvent(line))), [false, true])
  })

  it('has names and words without what ends them', () => {
    fc.assert(fc.property(strange, (text) => {
      ok(trace.Words.is(trace.wordsOf(text)))
      ok(trace.HostName.is(trace.hostNameOf(text)))
      for (const life of [1, 2, 17]) deepEqual(trace.lifeOf(trace.inLife(trace.hostNameOf(text), life)), { name: trace.hostNameOf(text), life })
    }))
  })

  it('tells of a frame neither a text nor a key', () => {
    const secret = 'Zanzibar'
    fc.assert(fc.property(anyFrame(), (frame) => {
      const { label } = trace.labelOf(frame._tag === 'Request' ? { ...frame, order: { _tag: 'Save', file: secret } } : frame)
      ok(label.length < 60 + 6 * 512 && !label.includes(secret) && !/[0-9a-f]{28}/.test(label), label)
    }))
    equal(trace.labelOf({ _tag: 'Relay', im: '0'.repeat(28) as never, kind: 'ring', head: sealed.encodeTrail(sealed.departure), part: { index: 0, count: 1, bytes: new TextEncoder().encode(secret) } }).label, 'relay')
  })
})

describe('a trace file', () => {
  it('may end in the middle of a line, and nowhere else lack one', () => {
    fc.assert(fc.property(history, fc.nat(), (events, n) => {
      const lines = linesOf(events)
      const text = lines.map((line) => `${line}\n`).join('')
      const last = lines.at(-1) ?? ''
      const torn = eventsOf(text.slice(0, text.length - 2 - (n % (last.length - 1))))
      deepEqual(isRight(torn) && torn.right.length, events.length - 1)
      const gone = n % lines.length
      const rest = eventsOf(lines.filter((_, i) => i !== gone).map((line) => `${line}\n`).join(''))
      const { host } = events[gone] as trace.Event
      const isLast = !events.slice(gone + 1).some((event) => event.host === host)
      equal(isRight(rest), isLast)
      if (isLeft(rest)) ok(rest.left.reason.includes('comes next'), rest.left.reason)
    }))
  })
})

describe('traces that are woven', () => {
  it('are all there, each process in its order, and ShiViz takes them', () => {
    fc.assert(fc.property(history, (events) => {
      const woven = weave(apart(events))
      equal(refusal(linesOf(woven.events)), undefined)
      for (const name of new Set(events.map(({ host }) => host))) {
        const strip = (all: ReadonlyArray<trace.Event>): ReadonlyArray<unknown> => all.filter(({ host }) => host === name).map(({ clock: _, ...rest }) => rest)
        deepEqual(strip(woven.events), strip(events))
      }
    }))
  })

  it('have a receipt behind its sending, and know it by the clock; one datagram has one sending', () => {
    fc.assert(fc.property(history, (events) => {
      const { events: woven, causes } = weave(apart(events))
      equal(causes.size, woven.filter(({ kind }) => kind === 'receive').length)
      for (const [receipt, cause] of causes) {
        const [to, from] = [woven[receipt] as trace.Event, woven[cause] as trace.Event]
        ok(cause < receipt && from.kind === 'send' && to.kind === 'receive' && from.datagram === to.datagram)
        ok(valueIn(to.clock, from.host) >= valueIn(from.clock, from.host))
      }
    }))
  })

  it('know of another process nothing that does not follow: as many of its events as lead there', () => {
    fc.assert(fc.property(history, (events) => {
      const { events: woven, causes } = weave(apart(events))
      const pasts: Array<ReadonlySet<number>> = []
      const newest = new Map<string, number>()
      woven.forEach(({ host }, i) => {
        const { name } = trace.lifeOf(host)
        const before = [newest.get(name), causes.get(i)].flatMap((index) => (index === undefined ? [] : [...(pasts[index] ?? [])]))
        pasts.push(new Set([...before, i]))
        newest.set(name, i)
      })
      woven.forEach(({ clock }, i) => {
        const counts = new Map<string, number>()
        for (const index of pasts[i] ?? []) counts.set((woven[index] as trace.Event).host, (counts.get((woven[index] as trace.Event).host) ?? 0) + 1)
        deepEqual(new Map(Object.entries(clock)), counts)
      })
    }), { numRuns: 40 })
  })

  it('have names of their own where two were called the same', () => {
    fc.assert(fc.property(history, (events) => {
      const twice = weave([events, events]).events
      equal(twice.length, 2 * events.length)
      equal(refusal(linesOf(twice)), undefined)
    }), { numRuns: 30 })
  })

  it('are total where a datagram was received before it could be sent', () => {
    const event = (host: string, count: number, happening: trace.Happening): trace.Event => ({ time: count, host: host as trace.HostName, clock: { [host]: count }, ...happening })
    const of = (host: string, hears: string, says: string, other: string): ReadonlyArray<trace.Event> =>
      [event(host, 1, { kind: 'receive', datagram: hears, from: other, label: 'x' }), event(host, 2, { kind: 'send', datagram: says, to: other, label: 'x' })]
    const woven = weave([of('a', '1', '2', 'b'), of('b', '2', '1', 'a')])
    equal(woven.events.length, 4)
    equal(refusal(linesOf(woven.events)), undefined)
  })
})

describe('locks in a trace', () => {
  const sentencesOf = (before: server.State, after: server.State): ReadonlyArray<string> => trace.changedLocks(before, after).map((happening) =>
    `${happening.kind} ${'im' in happening ? happening.im : ''} ${happening.kind === 'unlock' ? (happening.why ?? '') : happening.kind === 'note' ? happening.label : ''}`.trim())

  it('are those of both wires, with what ended them, and the fences of changes that wait', () => {
    const stage = village()
    let before = stage.state
    const next = (): ReadonlyArray<string> => {
      const said = sentencesOf(before, stage.state)
      before = stage.state
      return said
    }
    const { im } = stage.granted(1, start('l'))
    const alices = stage.granted(0, start('l'))
    deepEqual(next(), [`lock ${im}`, `lock ${alices.im}`])
    const { ticket } = queued(stage, 2, on('Leave', 'l', 'Mallory'))
    pass(stage, stage.now + 3000)
    deepEqual(next(), [`note  l starts no messages until ticket ${ticket}`])
    stage.operate(on('Release', 'l', 'Bob'))
    deepEqual(next(), [`unlock ${im} forced`])
    stage.completed(0, complete(alices.im, alices.path))
    deepEqual(next(), [`unlock ${alices.im} proof`, `note  l waits no more for ticket ${ticket}`])
    const slow = stage.granted(1, start('l'))
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const classic = `classic-${stage.state.position}`
    deepEqual(next(), [`lock ${slow.im}`, `lock ${classic}`])
    pass(stage, stage.now + 700_000)
    deepEqual(next(), [`unlock ${slow.im} expired`, `unlock ${classic} expired`])
  })
})

describe('a simulated run', () => {
  /** one of the sealed wire, where addresses change, and some ask for cookies */
  const overAddresses = 49
  const traced = (seed: number): ReadonlyArray<trace.Event> => {
    const { options } = climateOf(seed)
    return run(planOf(seed, options), options, undefined, true).events
  }

  it('has the clocks that follow from its datagrams, and ShiViz takes its trace as it is', () => {
    for (const seed of [3, 10, 31, overAddresses]) {
      const events = traced(seed)
      ok(events.length > 300)
      equal(refusal(linesOf(events)), undefined)
      const bare = events.map((event) => ({ ...event, clock: { [event.host]: valueIn(event.clock, event.host) } }))
      const woven = new Map(weave([bare]).events.map((event) => [`${event.host} ${valueIn(event.clock, event.host)}`, event.clock]))
      for (const event of events) deepEqual(new Map(Object.entries(event.clock)), new Map(Object.entries(woven.get(`${event.host} ${valueIn(event.clock, event.host)}`) ?? {})))
    }
  })

  it('comes to the same whether anybody reads or not, and its trace is the same each time', () => {
    for (const seed of [3, overAddresses]) {
      const { options } = climateOf(seed)
      const plan = planOf(seed, options)
      const [read, unread, again] = [run(plan, options, undefined, true), run(plan, options), run(plan, options, undefined, true)]
      deepEqual([read.hash, unread.events.length], [unread.hash, 0])
      deepEqual(linesOf(read.events), linesOf(again.events))
    }
  })

  it('tells on the sealed wire what each datagram was, and which came to nobody or was damaged', () => {
    const events = traced(overAddresses)
    const labels = (kind: 'send' | 'receive' | 'note'): ReadonlySet<string> => new Set(events.flatMap((event) => (event.kind === kind ? event.label.split(' ').slice(0, kind === 'note' ? 9 : 1) : [])))
    for (const label of ['hello', 'welcome', 'retry', 'relay', 'ack', 'im-start', 'answer', 'ping']) ok(labels('send').has(label) && labels('receive').has(label), label)
    ok(labels('note').has('address'))
    const sends = events.flatMap((event) => (event.kind === 'send' ? [event] : []))
    for (const fate of ['nowhere', 'damaged', 'lost', 'cut', 'closed']) ok(sends.some((send) => send.fate === fate), fate)
    const received = new Set(events.flatMap((event) => (event.kind === 'receive' ? [event.datagram] : [])))
    for (const { datagram, fate } of sends) equal(fate === undefined, received.has(datagram))
  })

  it('says where a promise was broken', () => {
    const arms = bugs['report of some ends it']
    ok(arms !== undefined)
    const options = arms.options(climateOf(3).options)
    const { broken, events } = run(planOf(3, options), options, arms, true)
    const last = events.at(-1)
    ok(broken !== undefined && last?.kind === 'broken')
    deepEqual([last.rule, last.host.startsWith(`m${broken.who}`)], [broken.rule, true])
  })
})
