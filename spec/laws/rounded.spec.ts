// The ring's rules R18 to R20: what is told of a message when its round is over, and how it is sent again. How the round goes is in `rounds.spec`.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { roll, sealed } from '../../core/index.js'
import { rule } from '../protocol.js'
import { envelopeIn, relayIn, trailIn } from '../stories/post.js'
import { Stage } from '../stories/stage.js'

describe('a message that has gone round', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  it(rule('R18'), () => {
    four()
    stage.sends('alice', 'hello')
    const { until } = envelopeIn(stage.take('alice>bob ring')).grant
    stage.stop('alice')
    stage.pass(5500, '*')
    stage.continue('alice')
    stage.kill('bob')
    while (stage.reports('alice').length === 0 && stage.office.now < until) stage.pass(1)
    ok(until - stage.office.now >= 240 && until - stage.office.now <= 520, `${until - stage.office.now} ms`)
    deepEqual(stage.report('alice'), { delivered: 'carol dave', undelivered: '', unknown: 'bob' })
    // a sum of the envelope, and the single receipts of the rest
    four()
    const second = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    stage.unmet('bob', 'carol')
    stage.flow('bob>carol ring')
    deepEqual([stage.report('alice').delivered, stage.office.end(second)], ['bob carol dave', 'proof'])
    four()
    const third = stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    const passed = stage.take('bob>carol ring')
    stage.slip('bob', 'carol', { ...relayIn(passed), head: sealed.encodeTrail({ ...trailIn(passed), tagS: 'e'.repeat(32) as sealed.Trail['tagS'] }) })
    stage.flow('server>alice 422')
    deepEqual([stage.reports('alice').length, stage.lines('alice>* direct')], [1, []])
    stage.deliver('server>alice 422')
    deepEqual(stage.lines('alice>* direct'), ['alice>bob direct', 'alice>carol direct', 'alice>dave direct'])
    stage.flow()
    deepEqual([stage.reports('alice').map(({ again }) => again), stage.office.end(third)], [[false, true], 'proof'])
    // disputed late: told again when the time is over
    four()
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    const spoilt = stage.take('bob>carol ring')
    stage.slip('bob', 'carol', { ...relayIn(spoilt), head: sealed.encodeTrail({ ...trailIn(spoilt), tagS: 'e'.repeat(32) as sealed.Trail['tagS'] }) })
    stage.pass(6000, 'server>alice 422')
    stage.deliver('server>alice 422')
    stage.pass(2500, 'alice>* direct')
    deepEqual(stage.reports('alice').map(({ again }) => again), [false, true])
  })

  it(rule('R19'), () => {
    four()
    stage.mutes('carol')
    const im = stage.sends('alice', 'hello')
    stage.pass(7000, 'dave>*')
    deepEqual(stage.report('alice'), { delivered: 'bob', undelivered: 'carol', unknown: 'dave' })
    equal(stage.reports('alice').length, 1)
    stage.lose('dave>alice home')
    stage.flow()
    deepEqual([stage.report('alice'), stage.reports('alice').map(({ again }) => again), stage.office.end(im)], [{ delivered: 'bob dave', undelivered: 'carol', unknown: '' }, [false, true], 'proof'])
    const { report } = roll.get(stage.member('alice').kept.sent, im) ?? {}
    deepEqual(report, { delivered: ['bob', 'dave'], undelivered: ['carol'], unknown: [] })
  })

  it(rule('R20'), () => {
    four()
    stage.kill('dave')
    const first = stage.sends('alice', 'hello')
    stage.pass(9000)
    stage.resends('alice')
    stage.deliver('alice>server ImStart')
    const again = roll.values(stage.office.state.lists).flatMap(({ ims }) => ims.map(({ granted }) => granted?.grant))[0]
    deepEqual([again?.root, again?.im === first, again?.path], [first, false, [3]])
    stage.restart('dave')
    stage.flow()
    deepEqual([stage.report('alice'), stage.screen('dave'), stage.screen('bob')], [{ delivered: 'bob carol dave', undelivered: '', unknown: '' }, ['hello'], ['hello']])
    stage.resends('alice')
    ok(stage.member('alice').notices.some((notice) => notice._tag === 'NotBegun' && notice.name === 'Delivered'))
  })
})
