// The sealed wire's sessions: between any two ends, over any network.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { channel, limits, self, showAddress, trie, type Instant, type sealed } from '../../core/index.js'
import { box } from '../model/box.js'
import { arrival, Line, type End } from '../model/line.js'
import { dice, fair, type Weather } from '../model/link.js'
import { rule } from '../protocol.js'

const request = (seq: number): sealed.Frame => ({ _tag: 'Request', boot: 1, seq, have: 0n, order: { _tag: 'QueryLists' } })

const seqs = (delivered: ReadonlyArray<channel.Deliver>): ReadonlyArray<number> => delivered.flatMap(({ frame }) => (frame._tag === 'Request' ? [frame.seq] : []))

type Sealed = End<unknown, unknown>

const lineOf = (weather: Weather, seed: number, ends = 2, hellosASecond = 128): Line<unknown, unknown> =>
  new Line(Array.from({ length: ends }, (_, i) => box(i + 1) as unknown as channel.Ciphers<unknown, unknown>), weather, seed, hellosASecond)

/** Known to each other as contacts are. */
const acquainted = (line: Line<unknown, unknown>): Line<unknown, unknown> => {
  line.send(0, 1, request(0))
  line.pass(5000)
  for (const end of line.ends) for (const other of line.ends) line.give(end, { _tag: 'Bind', key: other.key, via: undefined })
  return line
}

const anyWeather = (): fc.Arbitrary<Weather> =>
  fc.record(
    {
      loss: fc.constantFrom(0, 0.1, 0.3),
      duplication: fc.constantFrom(0, 0.5),
      corruption: fc.constantFrom(0, 0.3),
      delayMs: fc.constantFrom<readonly [number, number]>([1, 1], [1, 40], [5, 3000]),
      reordering: fc.boolean(),
    },
    { noNullPrototype: true },
  )

const bad: Weather = { loss: 0.3, duplication: 0.5, corruption: 0.2, delayMs: [1, 400], reordering: true }

describe('sessions', () => {
  it(rule('W7'), () => {
    const toll = { lost: 0, doubled: 0, changed: 0, overtaken: 0 }
    fc.assert(
      fc.property(anyWeather(), fc.nat(), fc.array(fc.tuple(fc.nat(1), fc.nat(500)), { maxLength: 30 }), (weather, seed, sends) => {
        const line = lineOf(weather, seed)
        sends.forEach(([from, ms], seq) => {
          line.send(from, 1 - from, request(seq + 1))
          line.pass(ms)
        })
        line.pass(60_000)
        for (const [who, end] of line.ends.entries()) {
          const heard = seqs(end.delivered)
          equal(new Set(heard).size, heard.length, `delivered twice: ${heard.join(' ')}`)
          ok(heard.every((seq) => sends[seq - 1]?.[0] === 1 - who))
        }
        for (const key of ['lost', 'doubled', 'changed', 'overtaken'] as const) toll[key] += line.link.toll[key]
      }),
      { numRuns: 400 },
    )
    ok(Object.values(toll).every((count) => count > 100), JSON.stringify(toll))
  })

  it('delivers everything, once and in order, on a fair network', () => {
    const line = lineOf(fair, 1)
    for (let seq = 1; seq <= 200; seq++) line.send(seq % 2, 1 - (seq % 2), request(seq))
    line.pass(10_000)
    deepEqual(seqs(line.end(1).delivered), Array.from({ length: 8 }, (_, i) => 186 + 2 * i))
    for (let seq = 201; seq <= 400; seq++) {
      line.send(seq % 2, 1 - (seq % 2), request(seq))
      line.pass(3)
    }
    deepEqual(seqs(line.end(1).delivered).slice(8), Array.from({ length: 100 }, (_, i) => 202 + 2 * i))
  })

  it(rule('W8'), () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(2000), (seed, ms) => {
        const line = lineOf(bad, seed)
        line.send(0, 1, request(1))
        line.pass(ms)
        line.send(1, 0, request(2))
        line.pass(30_000)
        line.link.weather = fair
        for (const [from, seq] of [[0, 3], [1, 4]] as const) {
          line.send(from, 1 - from, request(seq))
          line.pass(500)
          line.send(from, 1 - from, request(seq), true)
          line.pass(11_000)
          ok(seqs(line.end(1 - from).delivered).includes(seq), `frame ${seq}`)
        }
      }),
      { numRuns: 300 },
    )
  })

  it(rule('W9'), () => {
    const line = acquainted(lineOf(fair, 3))
    line.restart(1, 99)
    line.send(0, 1, request(7))
    line.pass(500)
    deepEqual(seqs(line.end(1).delivered).filter((seq) => seq === 7), [])
    line.send(0, 1, request(7), true)
    line.pass(10)
    deepEqual(seqs(line.end(1).delivered).filter((seq) => seq === 7), [7])
  })

  it(rule('W10'), () => {
    const line = acquainted(lineOf(fair, 4))
    for (const end of line.ends) line.give(end, { _tag: 'Slept' })
    for (const end of line.ends) equal(trie.leaves(end.state.slots).length, 0)
    line.send(1, 0, request(9))
    line.pass(50)
    deepEqual(seqs(line.end(0).delivered).filter((seq) => seq === 9), [9])
  })

  it(rule('W11'), () => {
    const line = acquainted(lineOf(fair, 5))
    const current = (): channel.Session<unknown> | undefined => {
      const neighbour = channel.neighbourOf(line.end(0).state, line.end(1).key)
      return neighbour === undefined ? undefined : channel.currentOf({ ...line.end(0).state, at: line.now as Instant }, neighbour)
    }
    const first = current()
    line.pass(limits.rekeyAfterMs - 5001)
    line.send(0, 1, request(1))
    line.pass(10)
    equal(current()?.key, first?.key)
    line.pass(2)
    line.pass(5000)
    line.send(0, 1, request(2))
    line.pass(10)
    ok(current()?.key !== first?.key)
    line.pass(limits.rejectAfterMs)
    equal(current(), undefined)
    line.send(1, 0, request(3))
    line.pass(10)
    deepEqual(seqs(line.end(0).delivered), [3])
  })
})

describe('addresses', () => {
  it(rule('W13'), () => {
    const line = acquainted(lineOf(fair, 8))
    const [peer, server] = [line.end(0), line.end(1)]
    const old = peer.place
    const spoofed = { ip: '203.0.113.9', port: 7 }
    const out = new Map<string, number>()
    const sent = (before: number): ReadonlyArray<number> => line.sent.slice(before).filter(({ to }) => to === showAddress(spoofed)).map(({ bytes }) => bytes.length)
    // an answer of ours goes back by the session; a long one would be an amplifier
    line.behaviour = (end, { from, via }) => {
      if (end === server) for (let i = 0; i < 20; i++) line.give(end, { _tag: 'Seal', to: from, via, place: undefined, appointed: false, frame: request(1000 + i), again: false })
    }
    peer.place = spoofed
    line.deaf.add(showAddress(spoofed))
    let [before, came] = [line.sent.length, 0]
    for (let seq = 1; seq <= 5; seq++) {
      line.send(0, 1, request(seq))
      came += line.sent.at(-1)?.bytes.length ?? 0
      line.pass(50)
      ok(sent(before).reduce((sum, length) => sum + length, 0) <= came, 'amplified')
      out.set('spoofed', sent(before).length)
    }
    ok((out.get('spoofed') ?? 0) > 0, 'not even a ping')
    // back at home, and listening: the pong opens the way
    peer.place = old
    before = line.sent.length
    const heard = peer.delivered.length
    line.send(0, 1, request(6))
    line.pass(50)
    line.send(0, 1, request(7))
    line.pass(50)
    ok(peer.delivered.length >= heard + 20)
    deepEqual(server.moved.map(({ place }) => showAddress(place)).slice(-2), [showAddress(spoofed), showAddress(old)])
    // an older record, from elsewhere, moves nothing
    const [older, newer] = [request(8), request(9)]
    line.link.weather = { ...fair, delayMs: [100, 100], reordering: true }
    line.send(0, 1, older)
    peer.place = spoofed
    const late = line.link.take()
    peer.place = old
    line.link.weather = fair
    line.send(0, 1, newer)
    line.pass(10)
    const moves = server.moved.length
    if (late !== undefined) line.arrive({ ...late, from: showAddress(spoofed) })
    equal(server.moved.length, moves)
  })
})

describe('what an outsider can do', () => {
  it('an altered record, hello, welcome or retry is never accepted: every byte of each, changed in nine ways', () => {
    const line = lineOf(fair, 6, 2, 0)
    const tried = new Map<string, number>()
    const sessions = (state: Sealed['state']): number => trie.leaves(state.slots).filter(({ _tag }) => _tag === 'Session').length
    line.before = (end, datagram) => {
      const had = sessions(end.state)
      for (let at = 0; at < datagram.bytes.length; at++) {
        for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
          const altered = arrival({ ...datagram, bytes: datagram.bytes.with(at, (datagram.bytes[at] ?? 0) ^ flip) })
          const step = end.machine.reduce(end.state, { at: line.now as Instant, by: self, command: altered })
          ok(step.effects.every(({ _tag }) => _tag !== 'Deliver'), `byte ${at}`)
          equal(sessions(step.state), had, `byte ${at}`)
        }
      }
      const kind = `0x${(datagram.bytes[0] ?? 0).toString(16)}`
      tried.set(kind, (tried.get(kind) ?? 0) + datagram.bytes.length)
    }
    line.send(0, 1, request(1))
    line.pass(100)
    line.send(1, 0, request(2))
    line.pass(100)
    deepEqual([...tried.keys()].sort(), ['0xf8', '0xf9', '0xfa', '0xfb'])
  })

  it(rule('W12'), () => {
    const line = acquainted(lineOf({ ...bad, corruption: 0 }, 7))
    for (let seq = 1; seq <= 100; seq++) {
      line.send(seq % 2, 1 - (seq % 2), request(seq), seq % 5 === 0)
      line.pass(100)
    }
    line.pass(60_000)
    const heard = line.ends.map(({ delivered }) => delivered.length)
    const visible = (): unknown => line.ends.map(({ state }) => [trie.leaves(state.slots), state.guestCount])
    const before = visible()
    const chance = dice(8)
    const recorded = [...line.arrived]
    for (let i = 0; i < 1_000_000; i++) {
      const datagram = recorded[Math.floor(chance() * recorded.length)]
      const end = line.ends.find(({ place }) => showAddress(place) === datagram?.to)
      if (end === undefined || datagram === undefined) continue
      const step = end.machine.reduce(end.state, { at: line.now as never, by: { _tag: 'Self' }, command: arrival({ ...datagram, from: '10.9.9.9:9' }) })
      end.state = step.state
      if (step.effects.length > 0) ok(step.effects.every((effect) => effect._tag === 'Send' && effect.packet.length < datagram.bytes.length), JSON.stringify(step.effects))
    }
    deepEqual(line.ends.map(({ delivered }) => delivered.length), heard)
    deepEqual(visible(), before)
  })

  it(rule('W14'), () => {
    const line = lineOf(fair, 9, 3, 0)
    const server = line.end(2)
    const flooder = { ip: '203.0.113.1', port: 5 }
    const { now } = line
    let answers = 0
    for (let i = 0; i < 1000; i++) {
      const end = line.end(0)
      line.restart(0, i)
      line.now = now
      line.send(0, 2, request(1))
      const hello = line.sent.at(-1)?.bytes ?? new Uint8Array()
      const before = server.state
      const step = server.machine.reduce(before, { at: now as Instant, by: self, command: arrival({ from: showAddress({ ...flooder, port: i + 1 }), to: '', bytes: hello }) })
      server.state = step.state
      equal(step.state.slots, before.slots)
      equal(step.state.neighbours, before.neighbours)
      equal(step.state.load.allowances, before.load.allowances)
      deepEqual(step.effects.map((effect) => effect._tag === 'Send' && effect.packet.length), [64])
      answers += 1
      equal(end.delivered.length, 0)
    }
    equal(answers, 1000)
    // somebody who listens where it says gets through, in the middle of it
    line.send(1, 2, request(2))
    line.pass(20)
    ok(seqs(server.delivered).includes(2))
  })

  it('a network that shows cookies is answered five times at once, and then twenty times a second', () => {
    const line = lineOf(fair, 10, 30, 0)
    for (let i = 0; i < 29; i++) line.send(i, 29, request(i + 1))
    line.pass(3)
    ok(seqs(line.end(29).delivered).length <= 1)
    line.pass(10)
    equal(seqs(line.end(29).delivered).length, limits.helloBurst)
    line.pass(20_000)
    equal(new Set(seqs(line.end(29).delivered)).size, 29)
  })

  it(rule('W15'), () => {
    const line = lineOf(fair, 11)
    const server = line.end(1)
    const many = Array.from({ length: limits.guestSessions + 200 }, (_, i) => box(i + 100) as unknown as channel.Ciphers<unknown, unknown>)
    const guests = new Line([...many, box(2) as unknown as channel.Ciphers<unknown, unknown>], fair, 12, 1_000_000)
    const host = guests.end(many.length)
    many.forEach((_, i) => guests.send(i, many.length, request(1)))
    guests.pass(100)
    equal(host.state.guestCount, limits.guestSessions)
    guests.link.weather = { ...fair, loss: 1 }
    guests.pass(limits.guestMs + 1)
    equal(host.state.guestCount, 0)
    equal(trie.leaves(host.state.slots).length, 0)
    deepEqual(host.state.neighbours.size, 0)
    equal(server.state.guestCount, 0)
  })
})

describe('a key that another process takes over', () => {
  it('is told to the older one, whose session ends', () => {
    const [first, second, server] = [box(1), box(1), box(2)].map((one) => one as unknown as channel.Ciphers<unknown, unknown>)
    ok(first && second && server)
    const line = new Line([first, server, second], fair, 13)
    acquainted(line)
    line.send(2, 1, request(2))
    line.pass(10)
    const via = line.end(1).delivered.at(-1)?.via
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via })
    line.pass(10)
    deepEqual(line.end(0).delivered.map(({ frame }) => frame._tag).slice(-1), ['Superseded'])
    deepEqual(line.end(2).delivered.filter(({ frame }) => frame._tag === 'Superseded'), [])
    line.send(0, 1, request(3))
    line.pass(100)
    ok(!seqs(line.end(1).delivered).includes(3))
    line.send(2, 1, request(4))
    line.pass(10)
    ok(seqs(line.end(1).delivered).includes(4))
    line.give(line.end(1), { _tag: 'Part', key: line.end(0).key })
    equal(trie.leaves(line.end(1).state.slots).length, 0)
  })
})

describe('the replay window', () => {
  it('tells repeated counters from new ones as a set of all counters would, and refuses those too far behind', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(40), fc.nat(9000), fc.nat(100_000)), { maxLength: 200 }), (counters) => {
        const seen = new Set<number>()
        let window = channel.fresh
        for (const counter of counters) {
          const highest = Math.max(-1, ...seen)
          const isOld = Math.floor(highest / 32) - Math.floor(counter / 32) > limits.replayWindow / 32
          equal(channel.isFresh(window, counter), !seen.has(counter) && !isOld)
          if (!channel.isFresh(window, counter)) continue
          window = channel.marked(window, counter)
          seen.add(counter)
          equal(channel.highest(window), Math.max(...seen))
        }
      }),
      { numRuns: 500 },
    )
  })
})
