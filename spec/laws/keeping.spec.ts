// What a courier keeps while it runs: as much as it needs, and never more than so much.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { fetch, told } from '../../core/delivery/rings.js'
import { knownOf, withKnown } from '../../core/delivery/state.js'
import { delivery, limits, pins, roll, sealed, table, type Address, type ContactName, type ImId, type Instant, type ListName, type PublicKey } from '../../core/index.js'
import { box } from '../model/box.js'
import { Client } from '../model/client.js'
import { Sender } from '../model/sending.js'
import { own as serverBox } from '../stories/office.js'
import { Stage } from '../stories/stage.js'
import type { Member } from '../stories/member.js'

const keyOf = (name: number | string): PublicKey => box(name).own.seals
const address = { ip: '192.168.1.77', port: 22000 } as Address

describe('what a courier keeps', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  /** So many rings of other lists are told to it. */
  const tellRings = (member: Member, count: number): void => {
    for (let n = 0; n < count; n += 1) {
      const bytes = sealed.encodeRing({ list: `other ${n}` as ListName, epoch: n, members: [] })
      const ring = member.ciphers.hash(sealed.ringBytes(bytes))
      const asked = fetch(member.state, ring, keyOf('somebody')).state
      member.state = (sealed.partsOf(bytes, 0n) ?? []).reduce((state, part) => told(member.config, state, keyOf('somebody'), { _tag: 'RingTold', ring, part }), asked)
    }
  }

  it('is the rings of messages that are under way, however many others it is told', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    for (const name of ['alice', 'bob']) tellRings(stage.member(name), limits.ringsKnown + 5)
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im)], ['bob carol dave', 'proof'])
    equal(roll.size(stage.member('alice').state.rings), limits.ringsKnown)
    const [oldest] = roll.names(stage.member('alice').state.rings)
    stage.pass(60_000)
    stage.member('alice').give(stage.now, delivery.wake)
    tellRings(stage.member('alice'), limits.ringsKnown + 6)
    ok(oldest !== undefined && !roll.has(stage.member('alice').state.rings, oldest))
  })

  it('is co-members, and when the server was asked for them, up to a number; whoever is forgotten is found again', () => {
    four()
    const alice = stage.member('alice')
    const keys = Array.from({ length: limits.neighboursKnown }, (_, n) => n.toString(16).padStart(64, '0') as PublicKey)
    alice.give(stage.now, { _tag: 'Located', rows: keys.map((key) => ({ key, address })) })
    ok(alice.state.neighbours.size <= limits.neighboursKnown)
    equal(table.has(alice.state.neighbours, stage.member('bob').key), false)
    const lists = Array.from({ length: limits.listsLocated }, (_, n) => `other ${n}` as ListName)
    alice.state = { ...alice.state, located: table.from(lists, () => alice.state.at) }
    const im = stage.sends('alice', 'hello')
    equal(stage.lines('alice>server Where').length, 1)
    // an older server is silent about it
    alice.give(stage.now, { _tag: 'Answered', ticket: `seek ${'0'.repeat(64)} list`, answer: undefined })
    equal(alice.state.located.size, 1)
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im)], ['bob carol dave', 'proof'])
  })

  it('is what co-members send in parts, however many strangers begin something', () => {
    four()
    stage.sends('alice', 'hello '.repeat(300))
    stage.deliver('alice>bob ring 1/3')
    const bob = stage.member('bob')
    for (let n = 0; n < 2 * limits.arrivals; n += 1) {
      const part = { index: 0, count: 2, bytes: new Uint8Array(limits.partBytes) }
      bob.give(stage.now, { _tag: 'Hear', from: keyOf(n), frame: { _tag: 'Relay', im: n.toString(16).padStart(28, '0') as ImId, kind: 'ring', head: new Uint8Array(0), part } })
    }
    equal(bob.state.arrivals.length, limits.arrivals)
    stage.deliver('alice>bob ring 2/3')
    stage.deliver('alice>bob ring 3/3')
    equal(stage.screen('bob').length, 1)
  })

  it('is of which lists nothing is taken, up to a number', () => {
    const client = new Client()
    const mute = (n: number, muted = true): number => client.give({ _tag: 'Mute', list: `list ${n}` as ListName, muted }).all('Persist').length
    for (let n = 0; n < limits.listsMuted; n += 1) mute(n)
    deepEqual([mute(limits.listsMuted), client.last('NotTaken').name, client.tags().at(-1)], [limits.listsMuted, 'TooManyMuted', 'Ready'])
    deepEqual([mute(7, false), mute(7, false), mute(limits.listsMuted)], [limits.listsMuted + 1, limits.listsMuted + 1, limits.listsMuted + 2])
  })

  it('is which lists are not caught up, up to a number', () => {
    const client = new Client()
    const turn = (n: number, on: boolean): number => client.give({ _tag: 'CatchUp', list: `list ${n}` as ListName, on }).all('Persist').length
    for (let n = 0; n < limits.listsApart; n += 1) turn(n, false)
    deepEqual([turn(limits.listsApart, false), client.last('NotTaken').name, client.tags().at(-1)], [limits.listsApart, 'TooManyApart', 'Ready'])
    deepEqual([turn(7, true), turn(7, true), turn(limits.listsApart, false)], [limits.listsApart + 1, limits.listsApart + 1, limits.listsApart + 2])
  })

  it('is whose message is whose: nobody waits for one that an earlier process has begun, and it is told all the same', () => {
    const before = new Sender()
    const first = before.sends('begun by another')
    before.tellsRing()
    const client = new Sender(before.state.courier.diary)
    client.tellsRing()
    const second = client.sends('mine')
    const ready = client.tags().filter((tag) => tag === 'Ready').length
    client.pass(5000)
    deepEqual([client.last('Reported').im, client.last('Reported').unknown.length, client.state.fault], [first, 1, undefined])
    equal(client.tags().filter((tag) => tag === 'Ready').length, ready)
    client.pass(60_000)
    deepEqual([client.last('Reported').im, client.tags().filter((tag) => tag === 'Ready').length, client.state.fault], [second, ready + 1, 'none'])
  })

  it('is a message whose time came to an end while somebody got another key: it is told, and not begun for ever', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.loseAll()
    const alice = stage.member('alice')
    stage.kill('alice')
    alice.mode = 'running'
    alice.state = delivery.initial(1, alice.kept)
    alice.give(stage.now, { _tag: 'Met', server: serverBox.own })
    alice.state = { ...alice.state, pins: pins.pinContact(pins.none, { server: serverBox.own.id, name: 'bob' as ContactName, id: box('another bob').own.id }) }
    alice.give(stage.now, { _tag: 'Resume' })
    stage.flow()
    deepEqual([stage.report('alice'), stage.screen('bob'), roll.get(alice.kept.sent, im)?.report?.unknown.length], [{ delivered: '', undelivered: '', unknown: 'bob carol dave' }, [], 3])
  })

  it('is of so many lists and no more, and of none the epoch is forgotten while a grant of an earlier one may live', () => {
    const named = (n: number): ListName => `list ${n}` as ListName
    const most = limits.listsKnown
    const learned = (state: delivery.State, from: number, to: number, at: number): delivery.State =>
      Array.from({ length: to - from }, (_, i) => from + i).reduce((so, n) => withKnown({ ...so, at: at as Instant }, named(n), { epoch: n + 1, left: n % 2 === 0 }), state)
    const early = learned(learned(delivery.initial(1), 0, most / 2, 0), most / 2, most, 500_000)
    equal(early.lists.size, most)
    const later = learned(early, most, most + 1, 600_000)
    // those of the latest half, and all of the last two minutes
    deepEqual([later.lists.size, knownOf(later, named(0)).epoch, knownOf(later, named(most / 2)).epoch, knownOf(later, named(most)).epoch], [most / 2 + 1, 0, most / 2 + 1, most + 1])
    const over = most + most / 2 + 20
    const crowded = learned(later, most + 1, over, 620_000)
    equal(crowded.lists.size, over - most / 2)
    ok([most / 2, most - 1, most, over - 1].every((n) => knownOf(crowded, named(n)).epoch === n + 1 && knownOf(crowded, named(n)).left === (n % 2 === 0)))
    equal(learned(crowded, over, over + 1, 740_001).lists.size, most / 2)
  })

  it('is how long one answer takes, and not how long many parts or a member that is busy take', () => {
    four()
    const estimate = (): { readonly srtt: number } | undefined => table.get(stage.member('alice').state.neighbours, stage.member('bob').key)?.estimate
    stage.sends('alice', 'hello')
    stage.flow()
    equal(estimate()?.srtt, 0)
    stage.sends('alice', 'hello '.repeat(700))
    stage.pass(16, '*')
    stage.flow()
    equal(estimate()?.srtt, 2)
  })
})
