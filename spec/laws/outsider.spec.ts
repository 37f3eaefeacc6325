// What an outsider can do to sealed sessions: alter, repeat, spoof, flood.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { limits, self, showAddress, trie, type Instant } from '../../core/index.js'
import { arrival, Line } from '../model/line.js'
import { dice, fair } from '../model/link.js'
import { decodeDatagram, helloBody } from '../../core/wire/sealed/datagram.js'
import { acquainted, bad, boxed, lineOf, request, seqs, type SealedEnd } from '../model/pair.js'
import { rule } from '../protocol.js'

describe('what an outsider can do', () => {
  it('an altered record, hello, welcome or retry is never accepted: every byte of each, changed in nine ways', () => {
    const line = lineOf(fair, 6, 2, 0)
    const tried = new Map<string, number>()
    const sessions = (state: SealedEnd['state']): number => trie.leaves(state.slots).filter(({ _tag }) => _tag === 'Session').length
    line.before = (end, datagram) => {
      const had = sessions(end.state)
      for (let at = 0; at < datagram.bytes.length; at++) {
        for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
          const altered = arrival({ ...datagram, bytes: datagram.bytes.with(at, (datagram.bytes[at] ?? 0) ^ flip) })
          const step = end.machine.reduce(end.state, { at: line.now as Instant, by: self, command: altered })
          ok(step.effects.every(({ _tag }) => _tag !== 'Deliver'), `byte ${at}`)
          equal(sessions(step.state), had, `byte ${at}`)
          // who does not know the key draws not even a cookie
          if (datagram.bytes[0] === 0xf8 && at < 132) deepEqual(step.effects, [], `byte ${at}`)
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

  it('a datagram of another length, or with other bytes where there is nothing, is none', () => {
    const tagOf = (bytes: Uint8Array): string | undefined => decodeDatagram(bytes)?._tag
    const first = (byte: number, length: number): Uint8Array => new Uint8Array(length).with(0, byte)
    for (let length = 1; length < 1300; length++) {
      equal(tagOf(first(0xf8, length)), length === 148 ? 'Hello' : undefined)
      equal(tagOf(first(0xf9, length)), length === 92 ? 'Welcome' : undefined)
      equal(tagOf(first(0xfa, length)), length === 64 ? 'Retry' : undefined)
      equal(tagOf(first(0xfb, length)), length >= 48 && length <= 1200 && length % 16 === 0 ? 'Record' : undefined)
      equal(tagOf(first(0xfc, length)), length === 148 ? 'Who' : undefined)
      if (length > 1) equal(tagOf(first(0xfc, length).with(1, 1)), length === 132 ? 'Whois' : undefined)
    }
    for (const whole of [first(0xf8, 148), first(0xf9, 92), first(0xfa, 64), first(0xfb, 48), first(0xfc, 132).with(1, 1)]) {
      for (const at of [1, 2, 3]) equal(tagOf(whole.with(at, 2)), undefined)
    }
    for (let at = 1; at < 148; at++) equal(tagOf(first(0xfc, 148).with(at, 1)), undefined)
    for (let at = 76; at < 92; at++) equal(tagOf(first(0xf9, 92).with(at, 1)), undefined)
    equal(tagOf(first(0xfb, 48).with(9, 0x1f)), 'Record')
    equal(tagOf(first(0xfb, 48).with(9, 0x20)), undefined)
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
    // twice as fast as cookies are given
    for (let i = 0; i < 4000; i++) {
      const end = line.end(0)
      line.restart(0, i)
      line.now = now + Math.floor(i / 4)
      line.send(0, 2, request(1))
      const hello = line.sent.at(-1)?.bytes ?? new Uint8Array()
      const before = server.state
      const step = server.machine.reduce(before, { at: line.now as Instant, by: self, command: arrival({ from: showAddress({ ...flooder, port: i + 1 }), to: '', bytes: hello }) })
      server.state = step.state
      equal(step.state.slots, before.slots)
      equal(step.state.neighbours, before.neighbours)
      equal(step.state.load.allowances, before.load.allowances)
      ok(step.effects.every((effect) => effect._tag === 'Send' && effect.packet.length === 64))
      answers += step.effects.length
      equal(end.delivered.length, 0)
    }
    ok(answers >= 2000 && answers <= 2201, `${answers} cookies`)
    // somebody who listens where it says gets through, as soon as there are cookies again
    line.pass(100)
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
    equal(seqs(line.end(29).delivered).length, limits.networkRate.burst)
    line.pass(20_000)
    equal(new Set(seqs(line.end(29).delivered)).size, 29)
  })

  it('an IPv6 network is the first 56 bits of its addresses, wherever they are shortened', () => {
    const heardFrom = (ip: (i: number) => string): number => {
      const line = lineOf(fair, 15, 12, 0)
      line.ends.slice(0, 11).forEach((end, i) => (end.place = { ip: ip(i), port: 22000 }))
      for (let i = 0; i < 11; i++) line.send(i, 11, request(i + 1))
      line.pass(13)
      return seqs(line.end(11).delivered).length
    }
    equal(heardFrom((i) => `2001:db8:0:10${i.toString(16)}::1`), limits.networkRate.burst)
    equal(heardFrom((i) => `2001:db8:0:${i + 1}00::1`), 11)
    equal(heardFrom((i) => `2001::${i + 1}:1:2:3:4:5`), 11)
  })

  it(rule('W15'), () => {
    const many = Array.from({ length: limits.guestSessions + 200 }, (_, i) => boxed(i + 100))
    const line = new Line([...many, boxed(1), boxed(2)], fair, 12, 1_000_000)
    const [contact, who] = [line.end(many.length), many.length + 1]
    const host = line.end(who)
    line.isChecked = false
    line.give(host, { _tag: 'Bind', key: contact.key, via: undefined })
    // each in a network of its own, that no allowance stops them
    line.ends.forEach((end, i) => (end.place = { ip: `10.${i >> 8}.${i & 255}.1`, port: 22000 }))
    many.forEach((_, i) => line.send(i, who, request(1)))
    line.pass(4000)
    equal(host.state.guestCount, limits.guestSessions)
    deepEqual(host.machine.violations(host.state), [])
    equal(host.delivered.length, limits.guestSessions)
    line.send(many.length, who, request(2))
    line.pass(10)
    deepEqual(seqs(host.delivered).at(-1), 2)
    equal(host.state.guestCount, limits.guestSessions)
    line.link.weather = { ...fair, loss: 1 }
    line.pass(limits.guestMs + 1)
    equal(host.state.guestCount, 0)
    deepEqual(trie.leaves(host.state.slots).map(({ peer }) => peer), [contact.key])
    equal(host.state.neighbours.size, 1)
  })

  it('one network never takes all the places of guests, nor does whoever does not listen where it says', () => {
    const line = new Line([...Array.from({ length: limits.guestSessions + 200 }, (_, i) => boxed(i + 100)), boxed(1), boxed(2)], fair, 13, 1_000_000)
    const who = line.ends.length - 1
    const host = line.end(who)
    line.isChecked = false
    line.end(who - 1).place = { ip: '10.200.0.1', port: 22000 }
    for (let i = 0; i < who - 1; i++) {
      if (i % 2 === 0) line.deaf.add(showAddress((line.end(i).place = { ip: `10.${i >> 8}.${i & 255}.1`, port: 22000 })))
      line.send(i, who, request(1))
    }
    line.pass(1000)
    ok(host.state.guestCount < limits.guestSessions, `${host.state.guestCount} guests`)
    line.send(who - 1, who, request(2))
    line.pass(4000)
    ok(seqs(host.delivered).includes(2))
  })

  it('no cookie counts that was made with a secret that nobody drew, none at another address, and none longer than two times', () => {
    const end = lineOf(fair, 14, 2, 0).end(0)
    const hello = (at: number, cookie: Uint8Array | undefined, from = { ip: '203.0.113.1', port: 9 }): ReturnType<typeof end.machine.reduce> => {
      const { ciphers } = end
      const other = boxed(2)
      const body = helloBody(1, other.begin(end.key, new Uint8Array(12).fill(1), new Uint8Array(32).fill(2))?.message ?? new Uint8Array())
      const mac1 = other.mac(other.label('mac1', end.key), body)
      const mac2 = cookie === undefined ? new Uint8Array(16) : ciphers.mac(cookie, Uint8Array.from([...body, ...mac1]))
      const step = end.machine.reduce(end.state, { at: at as Instant, by: self, command: { _tag: 'Arrive', bytes: Uint8Array.from([...body, ...mac1, ...mac2]), from } })
      end.state = step.state
      return step
    }
    const answer = ({ effects }: ReturnType<typeof hello>): number => (effects[0]?._tag === 'Send' ? effects[0].packet[0] ?? 0 : 0)
    const cookieIn = ({ effects }: ReturnType<typeof hello>): Uint8Array => (effects[0]?._tag === 'Send' ? effects[0].packet.slice(32, 48) : new Uint8Array())
    const forged = end.ciphers.mac(new Uint8Array(32), Uint8Array.from('203.0.113.1 9', (character) => character.charCodeAt(0)))
    // also where the machine does not know what year it is
    equal(answer(hello(1, forged)), 0xfa)
    equal(answer(hello(2, forged)), 0xfa)
    const first = cookieIn(hello(3, undefined))
    hello(2 * limits.cookieMs - 1, undefined)
    equal(answer(hello(2 * limits.cookieMs + 1, first)), 0xfa)
    const second = cookieIn(hello(2 * limits.cookieMs + 1, undefined))
    equal(answer(hello(3 * limits.cookieMs + 2, second, { ip: '203.0.113.2', port: 9 })), 0xfa)
    equal(answer(hello(3 * limits.cookieMs + 2, second, { ip: '203.0.113.1', port: 8 })), 0xfa)
    equal(answer(hello(3 * limits.cookieMs + 2, second)), 0xf9)
  })

  it('who asks for a cookie has shown that it receives there: it is sent the hello with the cookie, also where that is the fourth', () => {
    const line = lineOf(fair, 18, 2, 0)
    const [caller, host] = [line.end(0), line.end(1)]
    const hellos = (): number => line.sent.filter(({ bytes }) => bytes[0] === 0xf8).length
    line.deaf.add(showAddress(caller.place))
    line.give(caller, { _tag: 'Seal', to: host.key, via: undefined, place: host.place, appointed: false, frame: request(1), again: false })
    line.pass(400)
    equal(hellos(), 2)
    line.deaf.clear()
    line.pass(1000)
    equal(hellos(), 4)
    deepEqual(seqs(host.delivered), [1])
  })

  it('whoever is said to be elsewhere is greeted there at once, and wherever one is said to be, few hellos go to each place, and not many to all', () => {
    const line = lineOf(fair, 19, 2)
    const [caller, host] = [line.end(0), line.end(1)]
    const greet = (port: number, seq: number): void =>
      line.give(caller, { _tag: 'Seal', to: host.key, via: undefined, place: { ip: host.place.ip, port }, appointed: false, frame: request(seq), again: false })
    const hellosTo = (port: number): number => line.sent.filter(({ to, bytes }) => bytes[0] === 0xf8 && to.endsWith(`:${port}`)).length
    greet(9, 1)
    line.pass(1000)
    greet(host.place.port, 1)
    line.pass(100)
    deepEqual(seqs(host.delivered), [1])
    line.restart(0, 5)
    line.deaf.add(showAddress(host.place))
    const before = line.sent.length
    for (let n = 0; n < 40; n++) {
      greet(10 + (n % 2), 2)
      line.pass(100)
    }
    deepEqual([hellosTo(10), hellosTo(11)], [3, 3])
    for (let n = 0; n < 20; n++) {
      greet(100 + n, 2)
      line.pass(100)
    }
    equal(line.sent.slice(before).filter(({ bytes }) => bytes[0] === 0xf8).length, limits.hellosToAppointed)
  })

  it('a program that lags asks for cookies for a second, whatever it has heard', () => {
    const line = lineOf(fair, 17, 3)
    const replies = (): number => line.sent.filter(({ bytes }) => bytes[0] === 0xfa).length
    line.give(line.end(2), { _tag: 'Lagged' })
    line.send(0, 2, request(1))
    line.pass(limits.loadMs)
    equal(replies(), 1)
    line.send(1, 2, request(2))
    line.pass(10)
    equal(replies(), 1)
    deepEqual(seqs(line.end(2).delivered), [1, 2])
  })
})
