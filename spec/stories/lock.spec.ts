// Stories of the lock: what ends a message, and what a member still takes (F1 to F6, F12, F13, F22, F30 of the attacks on the first design).
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { limits, sealed, type ImId, type Order, type Tag } from '../../core/index.js'
import { envelopeIn, relayIn, trailIn } from './post.js'
import { Stage } from './stage.js'

const zeros = '0'.repeat(32) as Tag
const completing = (im: ImId, stored: ReadonlyArray<number>): Order => ({ _tag: 'ImComplete', im, stored, closed: [], tag: zeros })

describe('stories of the lock', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  it('F1: an im-complete of a part of the path releases nothing while a copy may still be taken', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.stop('bob')
    stage.deliver('alice>bob ring')
    stage.pass(7000)
    deepEqual(stage.report('alice'), { delivered: 'carol dave', undelivered: '', unknown: 'bob' })
    equal(stage.office.isLive(im), true)
    equal(stage.leaves('carol'), 463)
    stage.continue('bob')
    deepEqual(stage.screen('bob'), ['hello'])
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im)], ['bob carol dave', 'proof'])
    equal(stage.leaves('carol'), 200)
  })

  it('F2: whoever decides looks at the time itself, however long a datagram lay in its buffer, or with somebody who held it back', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.stop('bob')
    stage.deliver('alice>bob ring')
    stage.pass(1000, 'alice>*')
    const kept = stage.take('alice>bob ring')
    stage.pass(9000, 'alice>*')
    deepEqual([stage.office.end(im), stage.leaves('dave')], ['expired', 200])
    stage.continue('bob')
    deepEqual([stage.screen('bob'), stage.lines('bob>alice ack ring *').slice(0, 1)], [[], ['bob>alice ack ring late']])
    stage.pass(120_000, 'alice>*')
    stage.slip('dave', 'carol', { ...relayIn(kept), kind: 'direct' })
    stage.deliver('dave>carol direct')
    deepEqual([stage.screen('carol'), stage.lines('carol>dave*')], [[], ['carol>dave ack direct late']])
  })

  it('F3: the end of a grant is absolute: a reply that is repeated late makes nobody believe in a longer lease', () => {
    four()
    stage.says('alice', 'hello')
    stage.deliver('alice>server ImStart')
    const [first] = stage.office.live
    stage.lose('server>alice Granted')
    stage.pass(8000, 'alice>server*')
    stage.deliver('alice>server ImStart')
    stage.pass(150, 'server>alice Granted')
    stage.deliver('server>alice Granted')
    equal(stage.office.live[0]?.grant.until, first?.grant.until)
    stage.pass(300, 'alice>*')
    ok(stage.office.now > (first?.grant.until ?? 0))
    deepEqual(stage.report('alice').unknown, 'bob carol dave')
    stage.loseAll()
    stage.pass(5000, 'alice>*')
    deepEqual(stage.lines('alice>*').filter((line) => !line.startsWith('alice>server')), [])
    // nor does whoever holds it send it on after its end
    four()
    stage.sends('alice', 'hello', 'once')
    stage.deliver('alice>bob ring')
    stage.kill('alice')
    stage.stop('bob')
    stage.pass(8300, 'bob>*')
    stage.loseAll()
    stage.continue('bob')
    stage.pass(300, 'bob>*')
    deepEqual(stage.lines('bob>carol*'), [])
  })

  it('F4: whoever has left posts nothing, nor does a member without a grant, and a grant is for one text', () => {
    four()
    stage.sends('dave', 'the last one')
    const sent = stage.take('dave>alice ring')
    stage.bring(sent)
    stage.flow()
    equal(stage.leaves('dave'), 200)
    const { ciphers } = stage.member('dave')
    const old = envelopeIn(sent)
    const forged = (grant: sealed.Grant, text: string, granted = old.granted): sealed.Relay => {
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
      const signed = hex(ciphers.sign(sealed.messageBytes(ciphers.hash(sealed.grantBytes(grant))))) as typeof old.signed
      return { ...relayIn(sent), im: grant.im, kind: 'direct', part: { index: 0, count: 1, bytes: sealed.encodeEnvelope({ ...old, grant, granted, signed, text }) } }
    }
    const im = 'a1'.repeat(14) as ImId
    const later = (old.grant.until + 1_000_000) as typeof old.grant.until
    const own = Buffer.from(ciphers.sign(sealed.grantBytes({ ...old.grant, im, root: im, until: later }))).toString('hex') as typeof old.granted
    for (const relay of [forged({ ...old.grant, im, root: im }, 'the last one'), forged({ ...old.grant, im, root: im, until: later }, 'the last one', own)]) {
      stage.slip('dave', 'bob', relay)
      stage.flow()
      deepEqual(stage.screen('bob'), ['the last one'])
    }
    // another text under a grant that still holds, by its own initiator
    four()
    stage.sends('dave', 'one text')
    const second = stage.take('dave>alice ring')
    const { grant, granted, signed, salt } = envelopeIn(second)
    stage.slip('dave', 'bob', { ...relayIn(second), kind: 'direct', part: { index: 0, count: 1, bytes: sealed.encodeEnvelope({ grant, granted, signed, salt, text: 'two text' }) } })
    stage.deliver('dave>bob direct')
    deepEqual([stage.screen('bob'), stage.lines('bob>dave*')], [[], ['bob>dave ack direct refused']])
  })

  it("F5: one member's word, or one silence, frees nobody's lock", () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    const late = stage.take('bob>carol ring')
    stage.unmet('bob', 'carol')
    stage.deliver('bob>dave ring')
    stage.kill('alice')
    stage.pass(3900, 'dave>server ImComplete')
    deepEqual(stage.lines('dave>server ImComplete'), [])
    equal(stage.order('dave', completing(im, [1, 2, 3])), 422)
    equal(stage.order('dave', completing(im, [1, 3])), 422)
    deepEqual([stage.office.isLive(im), stage.leaves('bob')], [true, 463])
    stage.bring(late)
    deepEqual(stage.screen('carol'), ['hello'])
    stage.pass(5000)
    equal(stage.office.end(im), 'expired')
  })

  it('F5: whoever holds every receipt, and cannot reach the initiator, proves that all have it', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.kill('alice')
    stage.pass(3500)
    deepEqual([stage.office.end(im), stage.leaves('bob')], ['proof', 200])
  })

  it('F6: silence is not called undelivered: the member may have it, or may come to have it', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.pass(7000, 'bob>*')
    deepEqual([stage.screen('bob'), stage.report('alice')], [['hello'], { delivered: 'carol dave', undelivered: '', unknown: 'bob' }])
    const [unknown] = stage.reports('alice').at(-1)?.unknown ?? []
    equal(unknown?.why, 'silent')
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im)], ['bob carol dave', 'proof'])
  })

  it('F12: a lease is computed once, and nothing makes it longer', () => {
    stage = new Stage('alice', 'bob', 'carol', 'dave', 'erin')
    const im = stage.sends('alice', 'hello')
    const [live] = stage.office.live
    equal(live?.lease, 8275)
    stage.deliver('alice>bob ring')
    stage.kill('alice')
    stage.kill('bob')
    stage.lose('bob>carol ring')
    for (let i = 0; i < 16; i += 1) {
      stage.pass(500)
      stage.order('bob', completing(im, []))
      equal(stage.office.isLive(im), true)
    }
    stage.pass(275)
    deepEqual([stage.office.end(im), stage.leaves('carol')], ['expired', 200])
  })

  it('F13: a server that starts with another clock cuts nothing short, and each end is of the clock that granted it', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.pass(2000, 'alice>*')
    stage.restartServer(3_600_000)
    stage.pass(5000, 'alice>*')
    equal(stage.office.isLive(im), true)
    stage.deliver('alice>bob ring')
    deepEqual(stage.screen('bob'), ['hello'])
    stage.pass(3000, 'alice>*', '*>alice*')
    equal(stage.office.isLive(im), true)
    stage.pass(300, '*>alice*')
    stage.pass(3000, '*>alice*')
    notEqual(stage.office.end(im), undefined)
  })

  it('F22: time that ran out is charged to whoever began the message', () => {
    four()
    for (let i = 0; i < 3; i += 1) {
      stage.sends('dave', `number ${i}`)
      stage.pass(8300, '*>alice*', '*>bob*', '*>carol*')
      stage.loseAll()
    }
    stage.says('dave', 'number 3')
    stage.deliver('dave>server ImStart')
    deepEqual(stage.lines('server>dave*'), ['server>dave 431'])
    deepEqual(stage.leaves('carol'), 200)
    stage.pass(limits.lockSpanMs)
    stage.sends('dave', 'number 4')
    stage.flow()
    equal(stage.report('dave').unknown, '')
  })

  it('F30: an operator ends a message, which is told so, and a newer epoch ends the old one at each member that knows of it', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const late = stage.take('alice>bob ring')
    stage.office.forget('dave')
    deepEqual([stage.office.isLive(im), stage.office.end(im)], [false, 'forced'])
    stage.sends('carol', 'in a new epoch')
    stage.flow()
    deepEqual(stage.screen('bob'), ['in a new epoch'])
    stage.bring({ ...late })
    deepEqual([stage.screen('bob'), stage.lines('bob>alice ack*')], [['in a new epoch'], ['bob>alice ack ring late']])
    stage.pass(9000)
    ok(stage.member('alice').notices.some((notice) => notice._tag === 'Released' && notice.outcome === 'forced'))
  })

  it('F30: a ring copy goes forward only, and nobody carries it whose place has been', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const sent = stage.take('alice>bob ring')
    stage.bring(sent)
    const second = stage.take('bob>carol ring')
    for (const [from, to, trail] of [['dave', 'carol', trailIn(second)], ['bob', 'carol', { ...trailIn(second), visited: [1, 2] }], ['bob', 'carol', { ...trailIn(second), visited: [1, 3] }]] as const) {
      stage.slip(from, to, { ...relayIn(second), head: sealed.encodeTrail(trail) })
      stage.deliver(`${from}>${to} ring`)
      deepEqual([stage.screen('carol'), stage.lines('carol>*')], [[], [`carol>${from} ack ring refused`]])
      stage.lose('carol>*')
    }
    equal(stage.office.isLive(im), true)
  })
})
