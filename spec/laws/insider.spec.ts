// What somebody with a key of his own can do, and what must not happen to him.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { limits, sealed, server, showAddress, trie, type ContactName, type Nonce } from '../../core/index.js'
import type { Line } from '../model/line.js'
import { fair } from '../model/link.js'
import { acquainted, boxed, lineOf, request, seqs, type SealedEnd } from '../model/pair.js'

const elsewhere = { ip: '203.0.113.9', port: 7 }

const kinds = ({ delivered }: SealedEnd): ReadonlyArray<string> => delivered.map(({ frame }) => frame._tag)

describe('who becomes a contact', () => {
  it('is followed from then on, and no guest is', () => {
    const line = lineOf(fair, 29)
    line.send(0, 1, request(1))
    line.pass(10)
    deepEqual(line.end(1).moved, [])
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: undefined })
    line.end(0).place = elsewhere
    for (const seq of [2, 3]) {
      line.send(0, 1, request(seq))
      line.pass(10)
    }
    deepEqual(line.end(1).moved.map(({ place }) => place), [elsewhere])
  })

  it('keeps the other session that the same process has', () => {
    const line = lineOf(fair, 30)
    line.send(0, 1, request(1))
    line.pass(limits.doubtAfterMs + 10)
    line.send(0, 1, request(2), true)
    line.pass(10)
    equal(trie.leaves(line.end(1).state.slots).length, 2)
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: line.end(1).delivered.at(-1)?.via })
    line.pass(10)
    equal(trie.leaves(line.end(1).state.slots).length, 2)
    ok(!kinds(line.end(0)).includes('Superseded'))
  })

  it('is told nothing under a session that is over', () => {
    const line = acquainted(lineOf(fair, 31))
    line.pass(limits.rejectAfterMs)
    const before = line.sent.length
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: undefined })
    equal(line.sent.length, before)
    equal(trie.leaves(line.end(1).state.slots).length, 0)
  })
})

describe('a hello of this very key', () => {
  it('makes no session', () => {
    const line = lineOf(fair, 37)
    line.send(0, 0, request(1))
    line.pass(10)
    ok(line.arrived.length > 0)
    deepEqual([line.end(0).delivered, trie.leaves(line.end(0).state.slots).filter(({ _tag }) => _tag === 'Session')], [[], []])
  })
})

describe('a session that nobody has proven', () => {
  it('takes nothing that is to be sent, and no other session away: a hello may be an old one', () => {
    const line = acquainted(lineOf(fair, 36))
    const [proven] = trie.leaves(line.end(1).state.slots)
    // hellos arrive, their welcomes do not
    line.deaf.add(showAddress(line.end(0).place))
    line.send(0, 1, request(1), true)
    line.pass(9000)
    line.deaf.clear()
    const left = trie.leaves(line.end(1).state.slots)
    equal(left.length, limits.sessionsPerNeighbour)
    ok(left.some(({ key }) => key === proven?.key))
    for (const via of [undefined, trie.leaves(line.end(1).state.slots).find((slot) => slot._tag === 'Session' && !slot.proven)?.key]) {
      line.give(line.end(1), { _tag: 'Seal', to: line.end(0).key, via, place: undefined, appointed: false, frame: request(2), again: false })
      line.pass(5)
    }
    deepEqual(seqs(line.end(0).delivered), [2, 2])
  })
})

describe('who writes another source on his records', () => {
  /** A session between the two, and the first one's next records from where it does not listen. */
  const spoofing = (): Line<unknown, unknown> => {
    const line = acquainted(lineOf(fair, 32))
    line.end(0).place = elsewhere
    line.deaf.add(showAddress(elsewhere))
    return line
  }

  it('moves nobody in the directory, and registers nobody there', () => {
    const line = spoofing()
    const [peer, host] = [line.end(0), line.end(1)]
    const home = host.moved.at(-1)?.place
    for (let seq = 1; seq <= 9; seq++) {
      line.send(0, 1, request(seq))
      line.pass(10)
    }
    deepEqual(host.moved.at(-1)?.place, home)
    equal(host.delivered.at(-1)?.place, undefined)
    // one who listens there is there
    line.deaf.clear()
    line.send(0, 1, request(10))
    line.pass(10)
    deepEqual(host.moved.at(-1)?.place, elsewhere)
    line.send(0, 1, request(11))
    line.pass(10)
    deepEqual(host.delivered.at(-1)?.place, elsewhere)
    equal(peer.lost, 0)
  })

  it('shows nothing by a pong to no ping, or to a ping that went elsewhere', () => {
    const line = spoofing()
    const [peer, host] = [line.end(0), line.end(1)]
    const here = { ip: '198.51.100.1', port: 7 }
    peer.place = here
    line.deaf.add(showAddress(here))
    line.send(0, 1, request(1))
    line.arrive(line.link.take())
    // the echo of the ping that came here; what is boxed is legible
    const echo = Buffer.from(line.link.take()?.bytes.subarray(17, 25) ?? []).toString('hex')
    equal(echo.length, 16)
    peer.place = elsewhere
    for (const shown of ['00'.repeat(8), echo]) {
      line.send(0, 1, request(2))
      line.pass(10)
      line.send(0, 1, { _tag: 'Pong', echo: shown, clock: undefined })
      line.pass(10)
      equal(host.delivered.at(-1)?.frame._tag, 'Pong')
      equal(host.delivered.at(-1)?.place, undefined)
    }
    peer.place = here
    line.send(0, 1, request(3))
    line.send(0, 1, { _tag: 'Pong', echo, clock: undefined })
    line.pass(10)
    equal(host.delivered.at(-1)?.place, undefined)
  })

  it('draws no hello there', () => {
    const line = spoofing()
    const [peer, host] = [line.end(0), line.end(1)]
    line.send(0, 1, request(1))
    line.pass(10)
    const before = line.sent.length
    for (let i = 0; i < 5; i++) {
      line.give(host, { _tag: 'Seal', to: peer.key, via: undefined, place: undefined, appointed: false, frame: request(2 + i), again: true })
      line.pass(20_000)
    }
    line.pass(limits.rejectAfterMs)
    line.give(host, { _tag: 'Seal', to: peer.key, via: undefined, place: undefined, appointed: false, frame: request(9), again: false })
    const hellos = line.sent.slice(before).filter(({ bytes }) => bytes[0] === 0xf8)
    ok(hellos.length > 0)
    deepEqual(hellos.filter(({ to }) => to === showAddress(elsewhere)), [])
  })
})

describe('two neighbours that move at once', () => {
  it('do not answer pings by pings for ever, and find each other by what they send next', () => {
    const line = acquainted(lineOf(fair, 33))
    const [one, other] = [line.end(0), line.end(1)]
    // a gateway that gives both new ports, and forwards to the old ones
    const [old, moved] = [other.place, { ...other.place, port: 4001 }]
    one.place = { ...one.place, port: 4000 }
    const before = line.sent.length
    line.send(0, 1, request(1))
    const first = line.link.take()
    other.place = moved
    if (first !== undefined) line.arrive({ ...first, to: showAddress(moved) })
    line.pass(5000)
    ok(line.sent.length - before < 10, `${line.sent.length - before} datagrams`)
    deepEqual([showAddress(old) === showAddress(moved), seqs(other.delivered).at(-1)], [false, 1])
    for (const seq of [2, 3]) {
      line.send(0, 1, request(seq))
      line.pass(10)
      line.send(1, 0, request(seq))
      line.pass(10)
    }
    deepEqual([seqs(one.delivered).at(-1), seqs(other.delivered).at(-1)], [3, 3])
  })
})

describe('an answer', () => {
  const indexesIn = (sent: ReadonlyArray<{ readonly bytes: Uint8Array }>): ReadonlyArray<number> => sent.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4))

  it('goes by the session that the question came by, and never by another one\'s', () => {
    const line = acquainted(lineOf(fair, 38, 3))
    const [one, other, host] = [line.end(0), line.end(1), line.end(2)]
    const reply = (to: SealedEnd, via: number | undefined): ReadonlyArray<number> => {
      const before = line.sent.length
      line.give(host, { _tag: 'Seal', to: to.key, via, place: undefined, appointed: false, frame: request(9), again: false })
      return indexesIn(line.sent.slice(before))
    }
    line.send(0, 2, request(1))
    line.send(1, 2, request(2))
    line.pass(10)
    const vias = host.delivered.map(({ via }) => via)
    line.pass(limits.doubtAfterMs + 10)
    line.send(0, 2, request(3), true)
    line.pass(10)
    line.send(0, 2, request(4))
    line.pass(10)
    const [older, newer] = [vias[0], host.delivered.at(-1)?.via]
    ok(older !== newer)
    const theirs = (index: number | undefined): ReadonlyArray<number> =>
      trie.leaves(host.state.slots).flatMap((slot) => (slot._tag === 'Session' && slot.key === index ? [slot.theirs] : []))
    deepEqual(reply(one, older), theirs(older))
    deepEqual(reply(one, undefined), theirs(newer))
    deepEqual(reply(one, vias[1]), theirs(newer))
    deepEqual(reply(other, older), theirs(vias[1]))
    line.pass(10)
    deepEqual([seqs(one.delivered), seqs(other.delivered)], [[9, 9, 9], [0, 9]])
  })
})

describe('a guest', () => {
  it('is heard so often and no more, until it is a contact', () => {
    const line = lineOf(fair, 31)
    const say = (from: number, to: number): void => {
      for (let seq = from; seq <= to; seq++) {
        line.send(0, 1, request(seq))
        line.pass(5)
      }
    }
    say(1, limits.guestRecords + 10)
    equal(seqs(line.end(1).delivered).at(-1), limits.guestRecords)
    line.give(line.end(1), { _tag: 'Bind', key: line.end(0).key, via: undefined })
    say(100, 110)
    equal(seqs(line.end(1).delivered).at(-1), 110)
  })
})

describe('a guest to whom something is sent', () => {
  it('stays', () => {
    const line = lineOf(fair, 35)
    line.send(0, 1, request(1))
    line.pass(10)
    line.send(1, 0, request(2))
    line.pass(limits.guestMs + 1)
    line.send(0, 1, request(3))
    line.pass(10)
    deepEqual(seqs(line.end(1).delivered), [1, 3])
  })
})

describe('a program whose clock was set back before it began anew', () => {
  const back = (ms: number): boolean => {
    const line = acquainted(lineOf(fair, 34))
    const started = line.now
    line.pass(3_600_000)
    line.send(0, 1, request(1))
    line.pass(10)
    equal(seqs(line.end(1).delivered).at(-1), 1)
    line.restart(0, 99)
    line.pass(ms)
    line.lags.set(line.end(0), line.now - started)
    line.send(0, 1, request(2))
    line.pass(10)
    return seqs(line.end(1).delivered).at(-1) === 2
  }

  it('is taken for a replay no longer than the sessions last that one could disturb', () => {
    equal(back(limits.rejectAfterMs - 1000), false)
    equal(back(limits.rejectAfterMs), true)
  })
})

describe('a register', () => {
  it('shows whose the keys are by its proof, and counts from where its key has shown to be', () => {
    const [contact, host] = [boxed(1), boxed(2)]
    const proof = Buffer.from(contact.sign(sealed.proofOf(contact.own.seals, host.own.id))).toString('hex')
    const frame = (shown: string): sealed.Frame & { readonly _tag: 'Request' } =>
      ({ _tag: 'Request', boot: 0, seq: 1, have: 0n, order: { _tag: 'Register', contact: 'Me' as ContactName, signs: contact.own.signs, proof: shown, nonce: '00'.repeat(16) as Nonce } })
    const asked = server.askOf(host, server.initial, contact.own.seals, elsewhere, frame(proof))
    deepEqual([asked?.identity, asked?.address], [contact.own, elsewhere])
    equal(server.askOf(host, server.initial, contact.own.seals, elsewhere, frame('00'.repeat(64)))?.identity, undefined)
    equal(server.askOf(host, server.initial, boxed(3).own.seals, elsewhere, frame(proof))?.identity, undefined)
    equal(server.askOf(boxed(4), server.initial, contact.own.seals, elsewhere, frame(proof))?.identity, undefined)
    equal(server.askOf(host, server.initial, contact.own.seals, undefined, frame(proof)), undefined)
    equal(server.askOf(host, server.initial, contact.own.seals, { ...elsewhere, port: 65535 }, frame(proof)), undefined)
  })
})
