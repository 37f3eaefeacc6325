// Where a session's datagrams go: to an address that has been shown, and to no other.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { showAddress } from '../../core/index.js'
import { fair } from '../model/link.js'
import { acquainted, lineOf, request } from '../model/pair.js'
import { rule } from '../protocol.js'

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
    const before = line.sent.length
    let came = 0
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
    const heard = peer.delivered.length
    line.send(0, 1, request(6))
    line.pass(50)
    line.send(0, 1, request(7))
    line.pass(50)
    ok(peer.delivered.length >= heard + 20)
    deepEqual(server.moved.map(({ place }) => showAddress(place)).slice(-1), [showAddress(old)])
    ok(!server.moved.some(({ place }) => showAddress(place) === showAddress(spoofed)), 'an address that was not shown')
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
    const [moves, drawn] = [server.moved.length, line.sent.length]
    if (late !== undefined) line.arrive({ ...late, from: showAddress(spoofed) })
    equal(server.moved.length, moves)
    deepEqual(sent(drawn), [])
    deepEqual(server.delivered.at(-1)?.place, old)
  })
})
