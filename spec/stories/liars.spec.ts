// Stories of members that lie about what they have, carry and tell (F21, F28, F30).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { sealed, type Tag } from '../../core/index.js'
import { envelopeIn, relayIn, trailIn, type Datagram } from './post.js'
import { Stage } from './stage.js'

const rubbish = 'f'.repeat(32) as Tag
const spoilt = (datagram: Datagram, change: Partial<sealed.Trail>): sealed.Relay => ({ ...relayIn(datagram), head: sealed.encodeTrail({ ...trailIn(datagram), ...change }) })

describe('stories of liars', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  it('F21: a sum that is none credits nobody, and whoever is named in it is asked directly', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.deliver('bob>carol ring')
    const passed = stage.take('carol>dave ring')
    // dave is said to have it, who does not
    stage.slip('carol', 'alice', { ...spoilt(passed, { visited: [1, 2, 3] }), kind: 'home', part: { index: 0, count: 1, bytes: new Uint8Array(0) } })
    stage.deliver('carol>alice home')
    deepEqual([stage.reports('alice'), stage.lines('alice>dave*')], [[], ['alice>dave direct']])
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.reports('alice').at(-1)?.poisoned, stage.office.end(im)], ['bob carol dave', 1, 'proof'])
  })

  it('F21: after two of them in an epoch nobody gets a third to spoil', () => {
    four()
    for (const text of ['one', 'two']) {
      stage.sends('alice', text)
      stage.deliver('alice>bob ring')
      stage.flow('bob>carol ring')
      const passed = stage.take('bob>carol ring')
      stage.slip('bob', 'carol', spoilt(passed, { tagI: rubbish }))
      stage.flow()
      equal(stage.report('alice').delivered, 'bob carol dave')
    }
    stage.sends('alice', 'three')
    deepEqual(stage.lines('alice>*'), ['alice>bob direct', 'alice>carol direct', 'alice>dave direct'])
    stage.flow()
    equal(stage.report('alice').delivered, 'bob carol dave')
  })

  it('F21: receipts for the server that do not add up are asked for once more, one by one, and then only time ends it', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.slip('bob', 'carol', spoilt(stage.take('bob>carol ring'), { tagS: rubbish }))
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im)], ['bob carol dave', 'proof'])
    four()
    const second = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.slip('bob', 'carol', spoilt(stage.take('bob>carol ring'), { tagS: rubbish }))
    stage.flow('bob>alice ack direct*')
    const ack = stage.take('bob>alice ack direct*')
    ok(ack.content._tag === 'Frame')
    const frame = sealed.decodeFrame(ack.content.bytes)
    ok(frame._tag === 'Right' && frame.right._tag === 'Ack' && frame.right.receipts !== undefined)
    stage.slip('bob', 'alice', { ...frame.right, receipts: { ...frame.right.receipts, server: rubbish } })
    stage.flow()
    equal(stage.office.isLive(second), true)
    stage.pass(9000)
    deepEqual([stage.office.end(second), stage.lines()], ['expired', []])
  })

  it("F28: a part that somebody else sends spoils nobody's message", () => {
    four()
    const text = 'a long text '.repeat(200)
    stage.sends('alice', text)
    const [first] = [stage.take('alice>bob ring 1/*')]
    for (const kind of ['ring', 'direct'] as const) {
      stage.slip('dave', 'bob', { ...relayIn(first), kind, part: { ...relayIn(first).part, index: 1, bytes: new Uint8Array(1024).fill(7) } })
      stage.deliver(`dave>bob ${kind} *`)
    }
    stage.bring(first)
    stage.flow()
    deepEqual([stage.screen('bob'), stage.report('alice').delivered], [[text], 'bob carol dave'])
  })

  it('F28: what a stranger grants itself makes nobody ask for a ring', () => {
    four()
    stage.sends('alice', 'hello')
    const sent = stage.take('alice>bob ring')
    const envelope = envelopeIn(sent)
    const made = sealed.encodeEnvelope({ ...envelope, grant: { ...envelope.grant, ring: 'ab'.repeat(32) as typeof envelope.grant.ring } })
    stage.slip('mallory', 'bob', { ...relayIn(sent), part: { index: 0, count: 1, bytes: made } })
    stage.deliver('mallory>bob ring')
    deepEqual(stage.lines('bob>*'), ['bob>nobody ack ring refused'])
  })

  it('F30: whoever tells wrong parts of a ring, and was not asked, spoils nothing', () => {
    stage = new Stage('alice', 'bob', ...Array.from({ length: 14 }, (_, i) => `m${i}`))
    equal(stage.leaves('m13'), 200)
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.deliver('bob>alice ring?')
    const told = stage.lines('alice>bob ring!').length
    ok(told > 1)
    stage.slip('m3', 'bob', { _tag: 'RingTold', ring: stage.office.list.ring?.digest ?? ('' as never), part: { index: told - 1, count: told, bytes: new Uint8Array(9).fill(7) } })
    stage.deliver('m3>bob ring!')
    for (let i = 0; i < told; i += 1) stage.deliver('alice>bob ring!')
    deepEqual(stage.screen('bob'), ['hello'])
  })

  it('F30: a ring that nobody tells is asked of the server, and whoever spoils what is told spoils only his own', () => {
    stage = new Stage('alice', 'bob', 'carol', 'dave', 'eve')
    equal(stage.leaves('eve'), 200)
    stage.sends('alice', 'hello')
    stage.flow('dave>*')
    stage.deliver('dave>carol ring?')
    stage.slip('bob', 'dave', { _tag: 'RingTold', ring: stage.office.list.ring?.digest ?? ('' as never), part: { index: 0, count: 1, bytes: new Uint8Array(9) } })
    stage.lose('carol>dave ring!')
    stage.deliver('bob>dave ring!')
    stage.pass(1500, 'dave>*')
    deepEqual([...new Set(stage.lines('dave>* ring?'))], ['dave>carol ring?', 'dave>server ring?'])
    stage.lose('dave>carol ring?')
    stage.flow()
    deepEqual(stage.screen('dave'), ['hello'])
  })
})
