// The sealed wire's sessions: between any two ends, over any network.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { channel, limits, showAddress, trie, type sealed } from '../../core/index.js'
import { box } from '../model/box.js'
import { Line } from '../model/line.js'
import { dice, fair, type Weather } from '../model/link.js'
import { rule } from '../protocol.js'

const request = (seq: number): sealed.Frame => ({ _tag: 'Request', boot: 1, seq, have: 0n, order: { _tag: 'QueryLists' } })

const seqs = (delivered: ReadonlyArray<channel.Deliver>): ReadonlyArray<number> => delivered.flatMap(({ frame }) => (frame._tag === 'Request' ? [frame.seq] : []))

const lineOf = (weather: Weather, seed: number, ends = 2): Line<unknown, unknown> =>
  new Line(Array.from({ length: ends }, (_, i) => box(i + 1) as unknown as channel.Ciphers<unknown, unknown>), weather, seed)

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
          line.pass(5000)
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
      return neighbour === undefined ? undefined : channel.currentOf(line.end(0).state, neighbour)
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

describe('what an outsider can do', () => {
  it('an altered record, hello, welcome or retry is never accepted: every byte of each, changed in every way', () => {
    const line = acquainted(lineOf(fair, 6))
    line.send(0, 1, request(5))
    const kinds = new Map(line.posted.map((datagram) => [`${datagram.bytes[0] ?? 0} ${datagram.to}`, datagram]))
    ok(kinds.size >= 4)
    for (const { bytes, to, from } of kinds.values()) {
      const fresh = lineOf(fair, 6)
      const receiver = fresh.ends.find(({ place }) => showAddress(place) === to)
      ok(receiver)
      // the same conversation up to just before this datagram arrives
      fresh.send(0, 1, request(0))
      while (fresh.link.next < Infinity) {
        const next = fresh.link.take()
        if (next === undefined || (next.to === to && next.bytes[0] === bytes[0])) break
        fresh.now += 1
        fresh.arrive(next)
      }
      const heard = receiver.delivered.length
      const sessions = trie.leaves(receiver.state.slots).filter(({ _tag }) => _tag === 'Session').length
      for (let at = 0; at < bytes.length; at++) {
        for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
          const before = receiver.state
          fresh.arrive({ from, to, bytes: bytes.with(at, (bytes[at] ?? 0) ^ flip) })
          equal(receiver.delivered.length, heard)
          equal(trie.leaves(receiver.state.slots).filter(({ _tag }) => _tag === 'Session').length, sessions, `byte ${at} of ${bytes[0] ?? 0}`)
          receiver.state = before
        }
      }
    }
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
    const recorded = [...line.posted]
    for (let i = 0; i < 1_000_000; i++) {
      const datagram = recorded[Math.floor(chance() * recorded.length)]
      const end = line.ends.find(({ place }) => showAddress(place) === datagram?.to)
      if (end === undefined || datagram === undefined) continue
      const step = end.machine.reduce(end.state, { at: line.now as never, by: { _tag: 'Self' }, command: { _tag: 'Arrive', bytes: datagram.bytes, from: { ip: '10.9.9.9', port: 9 } } })
      end.state = step.state
      if (step.effects.length > 0) ok(step.effects.every((effect) => effect._tag === 'Send' && effect.packet.length < datagram.bytes.length), JSON.stringify(step.effects))
    }
    deepEqual(line.ends.map(({ delivered }) => delivered.length), heard)
    deepEqual(visible(), before)
  })
})
