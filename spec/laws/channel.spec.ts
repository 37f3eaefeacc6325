// The sealed wire's sessions: between any two ends, over any network.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { channel, limits, table, trie, type Instant } from '../../core/index.js'
import { Line } from '../model/line.js'
import { fair, type Weather } from '../model/link.js'
import { acquainted, bad, boxed, lineOf, request, seqs, type SealedEnd } from '../model/pair.js'
import { rule } from '../protocol.js'

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

  it('two who say hello at once, and hear then that the other is a contact, keep both sessions: each may use another', () => {
    const line = lineOf(fair, 15)
    line.send(0, 1, request(1))
    line.send(1, 0, request(2))
    line.pass(100)
    for (const end of line.ends) for (const other of line.ends) if (end !== other) line.give(end, { _tag: 'Bind', key: other.key, via: undefined })
    line.send(0, 1, request(3))
    line.send(1, 0, request(4))
    line.pass(100)
    deepEqual([seqs(line.end(1).delivered), seqs(line.end(0).delivered)], [[1, 3], [2, 4]])
    deepEqual(line.ends.map(({ state }) => trie.leaves(state.slots).length), [2, 2])
  })

  it('a hello is not said again when the neighbour is heard under the session that there is', () => {
    const line = acquainted(lineOf(fair, 15))
    line.send(0, 1, request(7), true)
    while (line.link.take() !== undefined);
    line.send(1, 0, request(8))
    line.pass(1)
    const before = line.sent.length
    line.pass(10_000)
    equal(line.sent.length, before)
    deepEqual(seqs(line.end(1).delivered), [0])
  })

  it('a neighbour that is not there gets twelve hellos, none of them early, and what waited for it is given up', () => {
    const line = lineOf({ ...fair, loss: 1 }, 16)
    line.send(0, 1, request(1))
    line.give(line.end(0), channel.wake)
    equal(line.sent.length, 1)
    line.pass(60_000)
    equal(line.sent.length, limits.hellosUnanswered)
    equal(line.end(0).lost, 1)
    deepEqual(line.end(0).machine.wakeAt(line.end(0).state)._tag, 'None')
    line.link.weather = fair
    line.send(0, 1, request(2))
    line.pass(10)
    deepEqual(seqs(line.end(1).delivered), [2])
  })

  it(rule('W10'), () => {
    const line = acquainted(lineOf(fair, 4))
    for (const end of line.ends) line.give(end, { _tag: 'Slept' })
    for (const end of line.ends) equal(trie.leaves(end.state.slots).length, 0)
    line.send(1, 0, request(9))
    line.pass(50)
    const guest = lineOf(fair, 4)
    guest.send(0, 1, request(1))
    guest.pass(10)
    guest.give(guest.end(1), { _tag: 'Slept' })
    equal(guest.end(1).state.neighbours.size, 0)
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
    // what comes too late is not opened
    line.pass(limits.rejectAfterMs - 100)
    line.link.weather = { ...fair, delayMs: [200, 200] }
    const rekeyed = line.end(1).delivered.length
    line.give(line.end(0), { _tag: 'Seal', to: line.end(1).key, via: current()?.key, place: undefined, appointed: true, frame: request(4), again: false })
    line.pass(400)
    line.link.weather = fair
    equal(line.end(1).delivered.length, rekeyed)
    line.pass(limits.rejectAfterMs)
    equal(current(), undefined)
    line.send(1, 0, request(3))
    line.pass(10)
    deepEqual(seqs(line.end(0).delivered), [3])
  })
})

describe('a key that another process takes over', () => {
  it('is told to the older one, whose session ends', () => {
    const line = new Line([boxed(1), boxed(2), boxed(1)], fair, 13)
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

describe('invariants of a channel', () => {
  /** A session with each side, then what `harm` does to the state of one. */
  const harmed = (harm: (state: SealedEnd['state']) => SealedEnd['state']): ReadonlyArray<string> => {
    const end = acquainted(lineOf(fair, 20)).end(0)
    return end.machine.violations(harm(end.state)).map((violation) => violation.rule)
  }

  const neighbour = (state: SealedEnd['state'], change: (one: channel.Neighbour) => Partial<channel.Neighbour>): SealedEnd['state'] => {
    const key = boxed(2).own.seals
    const one = channel.neighbourOf(state, key)
    ok(one)
    return { ...state, neighbours: table.set(state.neighbours, key, { ...one, ...change(one) }) }
  }

  it(rule('W1'), () => {
    deepEqual(harmed((state) => state), [])
    deepEqual(harmed((state) => ({ ...state, slots: trie.empty })), ['W1'])
    deepEqual(harmed((state) => ({ ...state, neighbours: table.empty() })), ['W1'])
    deepEqual(harmed((state) => neighbour(state, () => ({ greetings: [5] }))), ['W1'])
  })

  it(rule('W2'), () => {
    ok(harmed((state) => neighbour(state, ({ sessions }) => ({ sessions: [...sessions, 1, 2, 3] }))).includes('W2'))
    ok(harmed((state) => neighbour(state, () => ({ greetings: [1, 2, 3, 4] }))).includes('W2'))
  })

  it(rule('W3'), () => {
    deepEqual(harmed((state) => ({ ...state, guestCount: state.guestCount + 1 })), ['W3'])
    deepEqual(harmed((state) => neighbour(state, () => ({ known: false }))), ['W3'])
  })

  it(rule('W4'), () => {
    const owing = (state: SealedEnd['state']): SealedEnd['state'] => {
      const [slot] = trie.leaves(state.slots)
      ok(slot?._tag === 'Session')
      return { ...state, slots: trie.set(state.slots, { ...slot, whereabouts: { ...slot.whereabouts, proven: false, credit: -1 } }) }
    }
    deepEqual(harmed(owing), ['W4'])
  })

  it(rule('W5'), () => {
    const place = { ip: '192.0.2.1', port: 22000 }
    const hellos = (state: SealedEnd['state'], length: number): Partial<channel.Neighbour> => ({ place, hellos: Array.from({ length }, () => ({ at: state.at, place })) })
    deepEqual(harmed((state) => neighbour(state, () => hellos(state, 13))), ['W5'])
    deepEqual(harmed((state) => neighbour(state, () => ({ appointed: false, ...hellos(state, 4) }))), ['W5'])
    deepEqual(harmed((state) => neighbour(state, () => ({ appointed: false, ...hellos(state, 12), place: { ...place, port: 1 } }))), [])
  })

  it(rule('W6'), () => {
    deepEqual(harmed((state) => neighbour(state, () => ({ waiting: Array.from({ length: 9 }, () => ({ frame: new Uint8Array(), sent: false })) }))), ['W6'])
    deepEqual(harmed((state) => neighbour(state, () => ({ awaited: { sends: 1, next: state.at } }))), ['W6'])
  })
})
