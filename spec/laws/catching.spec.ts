// Catching up: what a member takes that went round without it, of whom, and what it never takes (K1 to K3, K7, K8).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { diary, limits, roll, sealed, type ContactName, type delivery, type ImId, type Instant } from '../../core/index.js'
import { rule } from '../protocol.js'
import { box } from '../model/box.js'
import { absence, hex } from '../stories/absence.js'
import { list, own as serverBox } from '../stories/office.js'
import { Stage } from '../stories/stage.js'

describe('catching up', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())
  const { away, wakes, caught, sealedOf, relay, asked, asks } = absence((made) => (stage = made), () => stage)

  it(rule('K1'), () => {
    const [im = '' as ImId] = away('missed')
    const { grant } = sealedOf(im)
    const { ciphers } = stage.member('alice')
    const signed = (change: Partial<sealed.Grant>, by = ciphers): sealed.Envelope => {
      const next = { ...grant, ...change }
      return { ...sealedOf(im), grant: next, granted: hex(serverBox.sign(sealed.grantBytes(next))), signed: hex(by.sign(sealed.messageBytes(by.hash(sealed.grantBytes(next))))) }
    }
    const good = signed({})
    const other = `${grant.im.slice(0, 16)}0000000000ff` as ImId
    const known = roll.get(stage.member('carol').state.rings, grant.ring)
    ok(known !== undefined)
    const foreign = { ...known, members: known.members.slice(0, 3) }
    const wrong: ReadonlyArray<readonly [string, sealed.Envelope]> = [
      ['the signature of the server', { ...good, granted: good.signed }],
      ['the signature of the initiator', { ...good, signed: good.granted }],
      ['the signature of the initiator, by the one who brings it', signed({}, box('carol'))],
      ['the text', { ...good, text: 'messed' }],
      ['the salt', { ...good, salt: 'f'.repeat(32) as sealed.Envelope['salt'] }],
      ['a member on the path', signed({ path: [1, 2, 3] })],
      ['its own message', signed({ initiator: 3, path: [0, 1, 2] }, stage.member('dave').ciphers)],
      ['the list', signed({ list: 'other' as typeof list })],
      ['the epoch', signed({ epoch: grant.epoch + 1 })],
      ['the size', signed({ size: 5 })],
      ['the commit', signed({ commit: grant.ring })],
      ['another initiator', signed({ initiator: 2 })],
      ['a number that was not asked for', signed({ no: limits.keptMessages })],
      ['a ring that it is not on', signed({ ring: serverBox.hash(sealed.ringBytes(sealed.encodeRing(foreign))) })],
    ]
    for (const [what, envelope] of wrong) {
      away('missed')
      wakes()
      // a gap whose end is known, as the next message shows it
      const dave = stage.member('dave')
      dave.state = { ...dave.state, gaps: dave.state.gaps.map((gap) => ({ ...gap, to: grant.no })) }
      stage.flow('dave>* missed?')
      dave.state = { ...dave.state, rings: roll.set(dave.state.rings, serverBox.hash(sealed.ringBytes(sealed.encodeRing(foreign))), foreign) }
      const holder = asked()
      stage.open = []
      stage.slip(holder, 'dave', relay(envelope))
      stage.deliver(`${holder}>dave missed`)
      deepEqual([caught(), stage.history('dave'), dave.queue], [[], ['before'], []], what)
      // whoever gives what is wrong is asked no more, and others are
      stage.witness.rogues.clear()
      const next = asked()
      ok(next !== holder, `${what}: ${next} is asked behind ${holder}`)
      stage.pass(2000)
      deepEqual(caught().map(({ text }) => text), ['missed'], what)
      stage.end()
    }
    for (const holder of ['carol', 'mallory']) {
      away('missed')
      wakes()
      asks(box(holder).own.seals)
      stage.slip(holder, 'dave', relay(good, holder === 'carol' ? other : undefined))
      stage.deliver(`${holder}>dave missed`)
      deepEqual(caught(), [], `under another name, or of one who is not on the ring: ${holder}`)
    }
  })

  it('K1, of a gap that has grown since it was asked for (seed 3817)', () => {
    const talks = (who: string, text: string): ImId => {
      const im = stage.sends(who, text)
      stage.flow('dave>* missed?')
      return im
    }
    const misses = (text: string): ImId => {
      stage.judges('dave', 'away')
      const im = talks('alice', text)
      stage.judges('dave', 'alive')
      talks('bob', `behind ${text}`)
      return im
    }
    stage = new Stage('alice', 'bob', 'carol', 'dave')
    for (const { name } of stage.members) stage.member(name).catchesUp()
    talks('alice', 'before')
    misses('one')
    stage.pass(10_100, 'dave>* missed?')
    const holder = asked()
    const im = misses('two')
    deepEqual(stage.member('dave').state.gaps.map(({ from, to, until }) => [from, to, until]), [[3, 5, 3]])
    stage.slip(holder, 'dave', relay(sealedOf(im)))
    stage.deliver(`${holder}>dave missed`)
    deepEqual(caught(), [])
    stage.witness.rogues.clear()
    stage.pass(20_000)
    deepEqual(caught().map(({ text }) => text), ['one', 'two'])
  })

  it(rule('K2'), () => {
    const [im = '' as ImId] = away('missed')
    wakes()
    const holder = asked()
    const others = ['alice', 'bob', 'carol', 'mallory'].filter((name) => name !== holder)
    for (const name of others) {
      stage.slip(name, 'dave', relay(sealedOf(im)))
      stage.deliver(`${name}>dave missed`)
    }
    deepEqual(caught(), [])
    stage.flow()
    stage.pass(5000)
    equal(caught().length, 1)
    for (const name of ['alice', 'bob', 'carol', 'mallory']) {
      stage.slip(name, 'dave', relay(sealedOf(im)))
      stage.deliver(`${name}>dave missed`)
    }
    equal(caught().length, 1)
  })

  it(rule('K3'), () => {
    const [im = '' as ImId] = away('missed')
    stage.member('dave').disk = 'slow'
    wakes()
    stage.pass(1000)
    deepEqual([caught(), stage.history('dave'), stage.member('dave').queue[0]?._tag], [[], ['before'], 'Persist'])
    stage.member('dave').written()
    stage.member('dave').disk = 'fast'
    stage.pass(1000)
    deepEqual([caught().map(({ text, im: under }) => [text, under]), stage.history('dave')], [[['missed', im]], ['before', 'missed']])
    equal(diary.lines(stage.member('dave').kept).at(-1)?.caughtUp, true)
    // whatever has settled its root: nothing more comes of it
    const again = (): number => {
      asks(stage.member('carol').key)
      stage.slip('carol', 'dave', relay(sealedOf(im)))
      stage.deliver('carol>dave missed')
      stage.open = []
      return caught().length
    }
    equal(again(), 1)
    for (const _tag of ['Closed', 'Stored'] as const) {
      const [root = '' as ImId] = away('missed')
      wakes()
      const member = stage.member('dave')
      const line = { at: 0 as Instant, list, no: 3, from: 'alice' as ContactName, text: 'missed' }
      const settled = diary.marked(member.state.diary, { _tag, root, until: { process: stage.office.state.process, at: 0 as Instant }, line })
      ok(settled._tag === 'Right')
      member.state = { ...member.state, diary: settled.right }
      equal(again(), 0)
    }
    // what was not on a screen when the process ended is shown again, and says both
    away('missed')
    stage.member('dave').jots = false
    wakes()
    stage.pass(1000)
    stage.kill('dave')
    stage.restart('dave')
    stage.pass(6000)
    deepEqual(caught().map(({ text, repeated }) => [text, repeated]), [['missed', undefined], ['missed', true]])
  })

  it(rule('K7'), () => {
    away('one', 'two', 'three')
    for (const name of ['alice', 'bob', 'carol']) stage.member(name).give(stage.now, { _tag: 'CatchUp', list, on: false })
    wakes()
    stage.pass(20_000)
    const gaps = (): ReadonlyArray<delivery.Notice> => stage.member('dave').notices.filter(({ _tag }) => _tag === 'Gap')
    deepEqual([gaps(), caught(), stage.member('dave').state.gaps], [[], [], []], 'nobody knows yet that anything is missing')
    stage.sends('bob', 'four')
    stage.pass(2000)
    const taken = stage.member('dave').notices.findLast((notice) => notice._tag === 'Taken')
    deepEqual([taken?.missed, stage.lines('dave>* missed?')], [3, []])
    stage.pass(30_000)
    deepEqual(gaps(), [{ _tag: 'Gap', list, from: 3, to: 5, missing: 3 }])
    // what this member sends meanwhile is here, and is not counted
    away()
    for (const name of ['alice', 'bob', 'carol']) stage.member(name).give(stage.now, { _tag: 'CatchUp', list, on: false })
    wakes()
    stage.sends('dave', 'own')
    stage.pass(500)
    stage.judges('dave', 'away')
    stage.sends('alice', 'missed')
    stage.pass(500)
    stage.judges('dave', 'alive')
    stage.sends('bob', 'later')
    stage.pass(30_000)
    deepEqual(gaps().map((gap) => [gap, stage.history('dave')]), [[{ _tag: 'Gap', list, from: 3, to: 4, missing: 1 }, ['before', 'own', 'later']]])
    // a gap that is filled in time is none: two messages that overtake each other
    stage = new Stage('alice', 'bob', 'carol', 'dave')
    stage.member('dave').catchesUp()
    stage.sends('alice', 'first')
    const first = stage.take('alice>bob ring')
    stage.sends('bob', 'second')
    stage.flow()
    deepEqual([stage.screen('dave'), stage.member('dave').state.gaps.length], [['second'], 1])
    stage.bring(first)
    stage.pass(8000)
    deepEqual([stage.screen('dave'), stage.member('dave').state.gaps, stage.lines('dave>* missed?')], [['second', 'first'], [], []])
  })

  it('K7, of a number that nobody had been told of when the member went away again (seed 11337)', () => {
    away()
    for (const name of ['alice', 'bob', 'carol']) stage.member(name).give(stage.now, { _tag: 'CatchUp', list, on: false })
    wakes()
    stage.pass(30_000)
    stage.judges('dave', 'away')
    stage.sends('alice', 'missed')
    stage.pass(500)
    stage.judges('dave', 'alive')
    stage.sends('bob', 'later')
    stage.pass(2000)
    const gaps = (): ReadonlyArray<delivery.Notice> => stage.member('dave').notices.filter(({ _tag }) => _tag === 'Gap')
    deepEqual([gaps(), stage.member('dave').state.gaps.length], [[], 1], 'it may still come')
    stage.sleep('dave')
    stage.pass(1000)
    wakes()
    stage.pass(30_000)
    deepEqual([gaps(), stage.member('dave').state.gaps], [[{ _tag: 'Gap', list, from: 3, to: 4, missing: 1 }], []])
  })

  it('K7, where the server does not say who is on the list (seed 1701 of worlds where members are away)', () => {
    for (const isGivenUp of [true, false]) {
      stage = new Stage('alice', 'bob', 'carol', 'dave')
      for (const { name } of stage.members) stage.member(name).catchesUp()
      stage.sends('alice', 'before')
      stage.pass(1000)
      stage.judges('dave', 'away')
      stage.sends('alice', 'missed')
      stage.pass(1000)
      stage.judges('dave', 'alive')
      // an own message shows the gap, and nobody with it who could be asked
      stage.sends('dave', 'own')
      stage.pass(11_000, 'dave>server Members', 'dave>server Where')
      deepEqual([stage.lines('dave>* missed?'), stage.member('dave').state.gaps.map(({ from, to, found }) => [from, to, found])], [[], [[3, 3, undefined]]])
      if (isGivenUp) stage.member('dave').give(stage.now, { _tag: 'Answered', ticket: `where ${list}`, answer: undefined })
      stage.pass(isGivenUp ? 1000 : limits.longestLeaseMs, 'dave>server Members', 'dave>server Where')
      deepEqual([caught().map(({ text }) => text), stage.member('dave').state.gaps], [['missed'], []], `${isGivenUp}`)
      stage.open = []
    }
  })

  it(rule('K8'), () => {
    const [im = '' as ImId] = away('missed')
    equal(stage.report('alice').undelivered, 'dave')
    wakes()
    stage.pass(3000)
    deepEqual([caught().length, stage.lines('dave>alice ack*'), stage.reports('alice').at(-1)?.undelivered.map(({ name }) => name)], [1, [], ['dave']])
    // sent again it is acked, and not shown again
    stage.resends('alice', im)
    stage.pass(3000)
    deepEqual([caught().length, stage.screen('dave').filter((text) => text === 'missed').length, stage.report('alice').delivered], [1, 1, 'bob carol dave'])
    // what may have been forgotten is not taken
    away('missed')
    wakes()
    const holder = asked()
    const dave = stage.member('dave')
    const { until } = sealedOf(stage.im('alice')).grant
    dave.state = { ...dave.state, clock: dave.state.clock.map((bound) => ({ ...bound, at: (until + limits.inboxMarginMs) as Instant })) }
    stage.open = []
    stage.slip(holder, 'dave', relay(sealedOf(stage.im('alice'))))
    stage.deliver(`${holder}>dave missed`)
    deepEqual([caught(), stage.history('dave')], [[], ['before']])
  })
})
