// The ring's rules, one by one: how a message goes round and comes home. What is told of it then is in `rounded.spec`, and what a member takes in `delivery.spec`.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { roll, sealed, table } from '../../core/index.js'
import { rule } from '../protocol.js'
import { receipt, own as serverBox } from '../stories/office.js'
import { envelopeIn, frameIn, trailIn } from '../stories/post.js'
import { Stage } from '../stories/stage.js'

const nobody = new Uint8Array(0)

describe('the round of a message', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  const five = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave', 'erin'))
  afterEach(() => stage.end())

  it(rule('R11'), () => {
    four()
    stage.mutes('bob')
    stage.member('bob').disk = 'slow'
    const im = stage.sends('alice', 'hello')
    stage.flow()
    deepEqual(stage.lines('bob>*'), [])
    stage.member('bob').written()
    deepEqual(stage.lines('bob>*'), ['bob>alice ack ring closed'])
    stage.member('bob').disk = 'fast'
    stage.flow()
    deepEqual([stage.report('alice'), stage.office.end(im)], [{ delivered: 'carol dave', undelivered: 'bob', unknown: '' }, 'proof'])
    stage.kill('bob')
    stage.restart('bob')
    stage.sends('carol', 'to whoever began anew')
    stage.flow()
    deepEqual([stage.report('carol').undelivered, stage.screen('bob')], ['bob', []])
    stage.mutes('bob', false)
    stage.resends('alice')
    stage.flow()
    deepEqual([stage.screen('bob'), stage.report('alice').undelivered, stage.office.end(stage.im('alice'))], [[], 'bob', 'proof'])
    stage.sends('alice', 'another')
    stage.flow()
    deepEqual(stage.screen('bob'), ['another'])
  })

  it(rule('R12'), () => {
    five()
    const im = stage.sends('bob', 'hello')
    const trails = [['bob', 'alice', []], ['alice', 'carol', [0]], ['carol', 'dave', [0, 2]], ['dave', 'erin', [0, 2, 3]]] as const
    for (const [from, to, visited] of trails) {
      const trail = trailIn(stage.take(`${from}>${to} ring`))
      const { grant } = [...roll.values(stage.member('bob').state.own)].find((one) => one.grant.im === im) ?? ({} as never)
      const names = ['alice', 'bob', 'carol', 'dave', 'erin']
      const keys = visited.map((place) => stage.member(names[place] ?? '').ciphers)
      deepEqual([trail.visited, trail.tagI, trail.tagS], [visited, sealed.sum(keys.map((key) => receipt(key, stage.member('bob').key, grant, 'stored'))), sealed.sum(keys.map((key) => receipt(key, serverBox.own.seals, grant, 'stored')))])
      stage.pass(320, '*')
      stage.deliver(`${from}>${to} ring`)
      stage.open = stage.open.filter((datagram) => datagram.from === to && frameIn(datagram)._tag === 'Relay')
    }
    equal(stage.lines('erin>bob home').length, 1)
    stage.pass(9000, '*')
    stage.open = []
    stage.pass(60_000, '*')
    deepEqual(stage.lines().filter((line) => !line.includes('server')), [])
    // a holder with somebody left to ask stops when the time is over
    five()
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.kill('alice')
    stage.pass(8200, '*')
    equal(stage.lines('bob>erin ring').length > 0, true)
    stage.pass(100, '*')
    stage.open = []
    stage.pass(2000, '*')
    deepEqual(stage.lines('bob>* ring'), [])
  })

  it(rule('R13'), () => {
    for (const status of ['stored', 'have', 'late', 'closed', 'refused', 'busy', 'part'] as const) {
      four()
      stage.sends('alice', 'hello')
      stage.unmet('alice', 'bob')
      deepEqual(stage.lines('alice>*'), ['alice>bob ring', 'alice>server Suspect', 'alice>carol ring'])
      stage.open = []
      const { im } = roll.values(stage.member('alice').state.custody)[0]?.grant ?? ({} as never)
      const ack = (from: string): void => {
        stage.slip(from, 'alice', { _tag: 'Ack', im, kind: 'ring', status, have: status === 'part' ? 0n : 1n, receipts: undefined })
        stage.deliver(`${from}>alice*`)
      }
      ack('dave')
      ack('bob')
      equal(roll.size(stage.member('alice').state.custody), status === 'stored' || status === 'have' ? 0 : 1, status)
      ack('carol')
      const isPassedOver = ['late', 'closed', 'refused'].includes(status)
      deepEqual([stage.lines('alice>*'), roll.size(stage.member('alice').state.custody)], [isPassedOver ? ['alice>dave ring'] : [], status === 'stored' || status === 'have' ? 0 : 1], status)
      if (isPassedOver) deepEqual(trailIn(stage.take('alice>dave ring')).notes.map(({ member, why, by }) => [member, why, by]), [[1, 'noSession', 0], [2, status, 0]])
    }
  })

  it('goes on from what a member says to have, where it has put parts away, and not for ever', () => {
    four()
    stage.sends('alice', 'hello '.repeat(400))
    for (const part of [1, 2]) {
      stage.deliver(`alice>bob ring ${part}/3`)
      stage.deliver('bob>alice ack ring part')
    }
    const last = stage.take('alice>bob ring 3/3')
    stage.sleep('bob')
    stage.continue('bob')
    stage.bring(last)
    stage.pass(600)
    equal(stage.screen('bob').length, 1)
    four()
    stage.sends('alice', 'hello '.repeat(400), 'thrice')
    const began = stage.now
    const { im } = roll.values(stage.member('alice').state.custody)[0]?.grant ?? ({} as never)
    for (let i = 0; stage.lines('alice>carol ring*').length === 0 && stage.now < began + 10_000; i += 1) {
      stage.pass(300, '*')
      stage.slip('bob', 'alice', { _tag: 'Ack', im, kind: 'ring', status: 'part', have: i % 2 === 0 ? 3n : 4n, receipts: undefined })
      stage.deliver('bob>alice ack*')
    }
    ok(stage.now - began < 5000, `${stage.now - began} ms`)
  })

  it(rule('R14'), () => {
    four()
    stage.sends('alice', 'hello', 'thrice')
    const at = (): number => stage.now
    const began = at()
    const sends: number[] = [began]
    stage.open = []
    while (stage.lines('alice>carol ring').length === 0) {
      stage.pass(1, '*')
      if (stage.lines('alice>bob ring').length > 0) sends.push(at())
      stage.open = stage.open.filter(({ to }) => to === 'carol')
    }
    ok(at() - began >= 3000 && at() - began <= 3313 && sends.length >= 8, `${at() - began} ms, ${sends.length} sends`)
    sends.slice(1).forEach((one, i) => ok(one - (sends[i] ?? 0) >= 30 && one - (sends[i] ?? 0) <= 313, `${one - (sends[i] ?? 0)} ms`))
    stage.flow()
    stage.pass(100)
    for (const [ms, isAvoided] of [[9000, false], [100, false]] as const) {
      stage.pass(ms)
      stage.sends('alice', 'next')
      equal(stage.lines('alice>bob ring').length === 0, isAvoided)
      stage.flow()
      stage.pass(100)
    }
    // never heard: remembered for 10 s, then for 20
    four()
    stage.kill('bob')
    const spans: number[] = []
    for (let i = 0; i < 7; i += 1) {
      stage.sends('alice', `number ${i}`)
      stage.pass(3400)
      spans.push(table.get(stage.member('alice').state.neighbours, stage.member('bob').key)?.span ?? 0)
      stage.pass(310_000)
    }
    // twice with each message: as the target of the ring copy, and of the direct one
    deepEqual(spans, [10_000, 40_000, 160_000, 300_000, 300_000, 300_000, 300_000])
  })

  it(rule('R15'), () => {
    for (const skipped of [false, true]) {
      four()
      const im = stage.sends('alice', 'hello')
      stage.deliver('alice>bob ring')
      stage.deliver('bob>carol ring')
      if (skipped) {
        stage.unmet('carol', 'dave')
        stage.lose('carol>dave ring')
      }
      stage.kill('alice')
      stage.pass(2900)
      equal(stage.office.isLive(im), true)
      stage.pass(500, '*ImComplete')
      equal(stage.lines('*ImComplete').length, skipped ? 0 : 1)
      stage.flow()
      equal(stage.office.end(im), skipped ? undefined : 'proof')
    }
  })

  it(rule('R16'), () => {
    const places = [1, 2, 3, 4]
    const names = ['alice', 'bob', 'carol', 'dave', 'erin']
    fc.assert(
      fc.property(fc.array(fc.record({ visited: fc.subarray(places), wrong: fc.option(fc.subarray(places), { nil: undefined }) }), { minLength: 1, maxLength: 4 }), (homes) => {
        five()
        for (const name of names) stage.witness.rogues.add(name)
        const im = stage.sends('alice', 'hello')
        const { grant } = envelopeIn(stage.take('alice>bob ring'))
        const tag = (of: ReadonlyArray<number>, key: typeof serverBox.own.seals): sealed.Trail['tagI'] => sealed.sum(of.map((place) => receipt(stage.member(names[place] ?? '').ciphers, key, grant, 'stored')))
        const proven = new Set<number>()
        let poisoned = 0
        for (const { visited, wrong } of homes) {
          const summed = wrong ?? visited
          const trail = { visited, tagI: tag(summed, stage.member('alice').key), tagS: tag(summed, serverBox.own.seals), notes: [] }
          stage.slip('erin', 'alice', { _tag: 'Relay', im, kind: 'home', head: sealed.encodeTrail(trail), part: { index: 0, count: 1, bytes: nobody } })
          stage.deliver('erin>alice home')
          if (JSON.stringify(visited) === JSON.stringify(summed)) for (const place of visited) proven.add(place)
          else poisoned += 1
          const own = roll.get(stage.member('alice').state.own, im)
          deepEqual([own?.receipts.map(({ member }) => member).sort(), own?.poisoned], [[...proven].sort(), poisoned])
          if (own?.best !== undefined) equal(own.best.tagS, tag(own.best.visited, serverBox.own.seals))
        }
      }),
      { numRuns: 150 },
    )
    four()
    for (const text of ['one', 'two', 'three']) {
      const im = stage.sends('alice', text)
      deepEqual(stage.lines('alice>* ring').length, text === 'three' ? 0 : 1)
      stage.slip('dave', 'alice', { _tag: 'Relay', im, kind: 'home', head: sealed.encodeTrail({ ...sealed.departure, visited: [1] }), part: { index: 0, count: 1, bytes: nobody } })
      stage.flow()
      equal(stage.report('alice').delivered, 'bob carol dave')
    }
  })

  it(rule('R17'), () => {
    stage = new Stage(...Array.from({ length: 20 }, (_, i) => `m${i}`))
    stage.sends('m0', 'hello')
    const { until } = envelopeIn(stage.take('m0>m1 ring')).grant
    const half = (until - stage.office.now) / 2
    stage.pass(half - 50, '*')
    deepEqual(stage.lines('m0>* direct'), [])
    stage.open = []
    stage.pass(51, '*')
    equal(new Set(stage.lines('m0>* direct')).size, 16)
    stage.deliver('m0>m7 direct')
    stage.deliver('m7>m0 ack direct stored')
    equal(new Set(stage.lines('m0>* direct')).size, 16)
    ok(stage.lines('m0>m17 direct').length > 0)
    four()
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.unmet('bob', 'carol')
    stage.flow('bob>carol ring', 'alice>* direct')
    deepEqual(stage.lines('alice>*'), ['alice>carol direct'])
    four()
    stage.sends('alice', 'hello')
    for (const name of ['bob', 'carol', 'dave']) stage.unmet('alice', name)
    deepEqual(stage.lines('alice>* direct').length, 3)
  })
})
