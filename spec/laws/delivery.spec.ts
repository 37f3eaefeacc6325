// The ring's rules, one by one, on a stage of production couriers and the production server: the start of a message, and what a member takes (R1 to R11). What broke the first design is told in `spec/stories`.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { hi, lo } from '../../core/clock.js'
import { roll, sealed } from '../../core/index.js'
import { rule } from '../protocol.js'
import { own as serverBox, type list } from '../stories/office.js'
import { envelopeIn, relayIn } from '../stories/post.js'
import { Stage } from '../stories/stage.js'

describe('the delivery of messages', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  const five = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave', 'erin'))
  afterEach(() => stage.end())

  const answer = (from: string, to: string, frame: sealed.Frame): string => stage.answer(from, to, frame)

  it(rule('R1'), () => {
    fc.assert(
      fc.property(fc.array(fc.record({ wait: fc.nat(20_000), way: fc.nat(15_000), back: fc.nat(15_000) }), { minLength: 1, maxLength: 6 }), fc.constantFrom(0.999, 1, 1.0009), fc.boolean(), (pings, rate, restarts) => {
        const own = new Stage('alice', 'bob')
        own.office.shift += own.office.now - own.now * rate - own.office.shift
        own.office.rate = rate
        const bob = own.member('bob')
        pings.forEach(({ wait, way, back }, i) => {
          own.pass(wait)
          if (restarts && i > 0) own.restartServer(50_000)
          bob.give(own.now, { _tag: 'Resume' })
          const ping = own.take('bob>server ping')
          own.pass(way)
          own.bring(ping)
          const pong = own.take('server>bob pong')
          own.pass(back)
          own.bring(pong)
          const bound = hi(bob.state.clock, own.office.state.process, bob.clock(own.now))
          ok(bound !== undefined && bound >= own.office.now, `${bound} is before ${own.office.now}`)
          ok(bound <= own.office.now + (way + back + 2) * 1.002 + 2 + own.now * 0.002, `${bound} is far behind ${own.office.now}`)
          ok(bob.state.clock.length <= 2)
        })
      }),
      { numRuns: 60 },
    )
    four()
    stage.kill('bob')
    stage.restart('bob', false)
    stage.lose('bob>server ping')
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    while (stage.lines('*ring?').length + stage.lines('*ring!').length > 0) stage.deliver(stage.lines('*ring?').length > 0 ? '*ring?' : '*ring!')
    deepEqual([stage.lines('bob>alice ack*').at(-1), stage.lines('bob>server*')], ['bob>alice ack ring busy', ['bob>server ping']])
    stage.lose('bob>*')
    stage.pass(320, '*')
    stage.deliver('alice>bob ring')
    deepEqual([stage.lines('bob>alice ack*'), stage.lines('bob>server*')], [['bob>alice ack ring busy'], ['bob>server ping']])
    stage.flow()
    deepEqual(stage.screen('bob'), ['hello'])
  })

  it(rule('R2'), () => {
    four()
    stage.sends('alice', 'hello '.repeat(300))
    stage.deliver('alice>bob ring 1/3')
    const rest = [stage.take('alice>bob ring 2/3'), stage.take('alice>bob ring 3/3')]
    stage.sleep('bob')
    stage.continue('bob')
    stage.lose('bob>alice ack*')
    for (const part of rest) stage.bring(part)
    deepEqual([stage.screen('bob'), [...new Set(stage.lines('bob>alice ack*'))]], [[], ['bob>alice ack ring part']])
    stage.pass(300)
    equal(stage.screen('bob').length, 1)
    const { state } = stage.member('bob')
    stage.sends('bob', 'mine')
    stage.sleep('bob')
    stage.continue('bob')
    deepEqual([roll.size(stage.member('bob').state.custody), stage.member('bob').state.clock, state.clock.length], [0, [], 1])
  })

  it(rule('R3'), () => {
    four()
    stage.member('carol').disk = 'slow'
    const im = stage.sends('alice', 'hello')
    stage.pass(7000)
    deepEqual([stage.screen('carol'), stage.lines('carol>*'), stage.report('alice').unknown, stage.office.isLive(im)], [[], [], 'carol', true])
    stage.member('carol').written()
    ok(stage.lines('carol>alice ack direct have').length > 0)
    stage.flow()
    deepEqual([stage.screen('carol'), stage.office.end(im)], [['hello'], 'proof'])
  })

  it(rule('R4'), () => {
    four()
    stage.says('alice', '')
    stage.says('alice', 'x'.repeat(64_513))
    deepEqual([stage.lines(), stage.member('alice').notices.map((notice) => (notice._tag === 'NotBegun' ? notice.name : ''))], [[], ['Empty', 'TooLarge']])
    stage.member('alice').notices.length = 0
    stage.says('alice', 'hello')
    stage.deliver('alice>server ImStart')
    const granted = stage.take('server>alice Granted')
    ok(granted.content._tag === 'Answered' && granted.content.answer.body._tag === 'Granted')
    const { content } = granted
    const { grant } = granted.content.answer.body
    const other = `${grant.im.slice(0, 16)}000000000001` as typeof grant.im
    for (const change of [{ list: 'other' as typeof list }, { root: other }, { size: 6 }, { commit: grant.ring }]) {
      const changed = { ...grant, ...change }
      const signature = Buffer.from(stage.office.sign(changed)).toString('hex') as never
      const one = new Stage('alice', 'bob', 'carol', 'dave')
      for (const text of ['', '', 'hello']) one.says('alice', text)
      one.member('alice').notices.length = 0
      one.deliver('alice>server ImStart')
      one.take('server>alice Granted')
      one.bring({ ...granted, content: { ...content, asking: { ...content.asking, life: one.member('alice').life }, answer: { code: 200, body: { _tag: 'Granted', grant: changed, signature } } } })
      deepEqual([one.lines('alice>*'), one.member('alice').notices.map((notice) => (notice._tag === 'NotBegun' ? notice.name : notice._tag))], [[], ['Forged']], JSON.stringify(change))
    }
    stage.bring(granted)
    deepEqual(stage.lines(), ['alice>bob ring'])
  })

  it(rule('R5'), () => {
    four()
    stage.member('alice').disk = 'slow'
    stage.sends('alice', 'hello')
    deepEqual([stage.lines('alice>*'), stage.history('alice')], [[], []])
    stage.member('alice').written()
    deepEqual([stage.lines('alice>*'), stage.history('alice')], [['alice>bob ring'], ['hello']])
    stage = new Stage('alice')
    const im = stage.sends('alice', 'to nobody')
    deepEqual([stage.lines(), stage.report('alice'), stage.office.end(im)], [[], { delivered: '', undelivered: '', unknown: '' }, 'proof'])
  })

  it(rule('R6'), () => {
    five()
    const names = ['alice', 'bob', 'carol', 'dave', 'erin']
    const met = { taken: 0, refused: 0 }
    for (const kind of ['ring', 'direct'] as const) {
      for (const from of [...names, 'mallory']) {
        for (const [me, to] of names.entries()) {
          if (to === from || to === 'bob') continue
          five()
          stage.sends('bob', 'hello')
          const copy = { ...relayIn(stage.take('bob>alice ring')), kind }
          const isBefore = from === 'bob' || (names.indexOf(from) >= 0 && names.indexOf(from) < me)
          stage.slip(from, to, copy)
          stage.deliver(`${from}>${to} ${kind}`)
          const isTaken = stage.screen(to).length === 1
          equal(isTaken, kind === 'ring' ? isBefore : from !== 'mallory', `${kind} from ${from} to ${to}`)
          met[isTaken ? 'taken' : 'refused'] += 1
        }
      }
    }
    ok(met.taken > 20 && met.refused > 5)
    for (const visited of [[2], [3], [0, 3], [1]]) {
      five()
      stage.sends('bob', 'hello')
      stage.deliver('bob>alice ring')
      equal(answer('alice', 'carol', { ...relayIn(stage.take('alice>carol ring')), head: sealed.encodeTrail({ ...sealed.departure, visited }) }), 'refused')
    }
  })

  it(rule('R7'), () => {
    four()
    const im = stage.sends('alice', 'hello')
    const datagram = stage.take('alice>bob ring')
    const relay = relayIn(datagram)
    const envelope = envelopeIn(datagram)
    const { grant } = envelope
    const hex = (bytes: Uint8Array): typeof envelope.signed => Buffer.from(bytes).toString('hex') as typeof envelope.signed
    const { ciphers } = stage.member('alice')
    /** all signatures right, whatever else is changed */
    const signed = (change: Partial<sealed.Grant>): sealed.Envelope => {
      const next = { ...grant, ...change }
      return { ...envelope, grant: next, granted: hex(serverBox.sign(sealed.grantBytes(next))), signed: hex(ciphers.sign(sealed.messageBytes(ciphers.hash(sealed.grantBytes(next))))) }
    }
    const carried = (value: sealed.Envelope): sealed.Relay => ({ ...relay, part: { index: 0, count: 1, bytes: sealed.encodeEnvelope(value) } })
    const wrong: ReadonlyArray<readonly [string, sealed.Envelope]> = [
      ['the signature of the server', { ...envelope, granted: envelope.signed }],
      ['the signature of the initiator', { ...envelope, signed: envelope.granted }],
      ['the text', { ...envelope, text: 'hallo' }],
      ['the salt', { ...envelope, salt: 'f'.repeat(32) as typeof envelope.salt }],
      ['a member that is not on the path', signed({ path: [2, 3] })],
      ['the list', signed({ list: 'other' as typeof list })],
      ['the epoch', signed({ epoch: grant.epoch + 1 })],
      ['the im', signed({ im: `${im.slice(0, 16)}0000000000ff` as typeof im })],
      ['the size', signed({ size: 4 })],
      ['the commit', signed({ commit: grant.ring })],
      ['another initiator', signed({ initiator: 2, path: [0, 1, 3] })],
      ['an unknown ring that the server has not signed', { ...envelope, grant: { ...grant, ring: grant.commit } }],
    ]
    for (const [what, value] of wrong) {
      equal(answer('alice', 'bob', carried(value)), 'refused', what)
      deepEqual([stage.screen('bob'), stage.history('bob'), stage.member('bob').state.fetches], [[], [], []], what)
    }
    equal(answer('alice', 'bob', carried(signed({ ring: grant.commit }))), 'busy')
    stage.open = []
    const asked: string[] = []
    for (let i = 0; i < 40; i += 1) {
      stage.pass(100, '*')
      asked.push(...stage.lines('bob>* ring?'))
      stage.open = stage.open.filter(({ from }) => from !== 'bob')
    }
    deepEqual(asked.map((line) => line.slice(4, 9)), ['alice', 'serve', 'alice', 'serve', 'alice', 'serve', 'alice', 'serve', 'alice', 'serve', 'alice'])
    deepEqual([stage.member('bob').state.fetches, stage.member('bob').state.parked], [[], []])
    equal(answer('alice', 'bob', carried(signed({}))), 'stored')
  })

  it(rule('R8'), () => {
    fc.assert(
      fc.property(fc.integer({ min: 8000, max: 8400 }), fc.integer({ min: 1, max: 4000 }), (wait, delay) => {
        four()
        stage.pass(delay)
        stage.sends('alice', 'hello')
        const sent = stage.take('alice>bob ring')
        stage.pass(wait, '*')
        stage.open = []
        const known = stage.member('bob').state.clock[0]
        const bound = known === undefined ? 0 : Math.ceil(known.at + (stage.member('bob').clock(stage.now) - known.since + 2) * 1.001)
        const { until } = envelopeIn(sent).grant
        stage.bring(sent)
        equal(stage.lines('bob>alice*')[0]?.split(' ').at(-1), bound < until ? 'stored' : lo(stage.member('bob').state.clock, sealed.processOf(envelopeIn(sent).grant), stage.member('bob').clock(stage.now)) < until ? 'busy' : 'late')
        stage.end()
      }),
      { numRuns: 80 },
    )
  })

  it(rule('R9'), () => {
    five()
    stage.sends('alice', 'before')
    const early = stage.take('alice>bob ring')
    stage.office.release('alice')
    equal(stage.leaves('erin'), 200)
    stage.sends('alice', 'after')
    stage.deliver('alice>bob ring')
    while (stage.lines('*ring?').length + stage.lines('*ring!').length > 0) stage.deliver(stage.lines('*ring?').length > 0 ? '*ring?' : '*ring!')
    deepEqual(stage.screen('bob'), ['after'])
    equal(answer('alice', 'bob', relayIn(early)), 'late')
    stage.flow()
    stage.sends('alice', 'a third')
    const third = stage.take('alice>bob ring')
    while (stage.office.live.length > 0) stage.office.release('alice')
    equal(stage.leaves('bob'), 200)
    equal(answer('alice', 'bob', relayIn(third)), 'late')
    equal(stage.joins('bob'), 200)
    equal(answer('alice', 'bob', relayIn(third)), 'late')
    deepEqual(stage.screen('bob'), ['after'])
    stage.sends('alice', 'a fourth')
    stage.flow()
    deepEqual(stage.screen('bob'), ['after', 'a fourth'])
    equal(stage.leaves('bob'), 200)
    equal(stage.joins('bob', false), 200)
    stage.sends('alice', 'a fifth')
    stage.flow('dave>bob ring')
    const fifth = stage.take('dave>bob ring')
    stage.bring(fifth)
    // of the new ring it knows nothing either
    stage.flow('bob>server Members')
    deepEqual([stage.screen('bob'), stage.lines('bob>server Members').length], [['after', 'a fourth'], 1])
    equal(answer('dave', 'bob', relayIn(fifth)), 'busy')
    stage.flow()
    deepEqual(stage.screen('bob'), ['after', 'a fourth', 'a fifth'])
    equal(answer('dave', 'bob', relayIn(fifth)), 'have')
  })

  it(rule('R10'), () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ring', 'direct', 'restart', 'elsewhere'), { minLength: 1, maxLength: 12 }), (copies) => {
        four()
        const im = stage.sends('alice', 'hello')
        const sent = stage.take('alice>bob ring')
        let [taken, passed] = [0, false]
        for (const copy of copies) {
          if (copy === 'restart') {
            stage.kill('bob')
            stage.restart('bob')
            stage.flow('bob>carol*', '*>bob ring')
            passed = false
            continue
          }
          stage.open = []
          stage.slip(copy === 'elsewhere' ? 'dave' : 'alice', 'bob', { ...relayIn(sent), kind: copy === 'ring' ? 'ring' : 'direct' })
          stage.deliver('*>bob *')
          while (stage.lines('*ring?').length + stage.lines('*ring!').length > 0) stage.deliver(stage.lines('*ring?').length > 0 ? '*ring?' : '*ring!')
          const lines = stage.lines('bob>* ack *').filter((line) => !line.endsWith('busy'))
          equal(lines.at(-1)?.split(' ').at(-1), taken === 0 ? 'stored' : 'have')
          equal(stage.lines('bob>carol ring').length, copy === 'ring' && !passed ? 1 : 0)
          passed ||= copy === 'ring'
          taken += 1
        }
        deepEqual([stage.history('bob').length, stage.screen('bob').length, roll.has(stage.member('bob').kept.inbox.roots, im)], taken === 0 ? [0, 0, false] : [1, 1, true])
        stage.witness.rogues.clear()
        stage.end()
      }),
      { numRuns: 60 },
    )
  })
})
