// Stories of what lasts: restarts, sending again, who one is, what is remembered (F9, F18, F19, F23, F25, F27).
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { limits, roll, type ContactName, type Digest } from '../../core/index.js'
import { list } from './office.js'
import { envelopeIn, relayIn } from './post.js'
import { Stage } from './stage.js'

describe('stories of what lasts', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  it('F18: of two processes of one contact the newer one is it, whatever the older one asks, and an exit leaves nothing to ask for', () => {
    four()
    const bob = stage.member('bob')
    const { boot } = bob
    stage.restart('bob')
    ok(bob.boot > boot)
    const leave = { _tag: 'Leave', list, contact: 'bob' as ContactName } as const
    equal(stage.office.asked(bob.key, { _tag: 'Request', boot, seq: 1_000_000, have: 0n, order: leave })?.code, 409)
    equal(stage.office.asked(bob.key, { _tag: 'Request', boot: 0, seq: 1_000_000, have: 0n, order: leave })?.code, 409)
    equal(stage.order('bob', { _tag: 'Exit', contact: 'bob' as ContactName }), 200)
    equal(stage.order('bob', leave), 401)
  })

  it('F19: a message is sent again under a new grant, and shown once by each', () => {
    four()
    stage.kill('bob')
    const first = stage.sends('alice', 'hello')
    stage.pass(9000)
    deepEqual([stage.report('alice').unknown, stage.office.end(first)], ['bob', 'expired'])
    equal(stage.leaves('dave'), 200)
    stage.restart('bob')
    stage.resends('alice')
    stage.flow()
    const again = stage.im('alice')
    deepEqual([stage.report('alice'), stage.screen('bob'), stage.screen('carol')], [{ delivered: 'bob carol', undelivered: '', unknown: '' }, ['hello'], ['hello']])
    deepEqual([stage.office.end(again), stage.history('alice')], ['proof', ['hello']])
  })

  it('F19: of whom nobody is there any more its initiator is told, and nothing is sent or locked', () => {
    four()
    stage.kill('bob')
    stage.sends('alice', 'hello')
    stage.pass(9000)
    equal(stage.report('alice').unknown, 'bob')
    equal(stage.leaves('bob'), 200)
    const { notices } = stage.member('alice')
    notices.length = 0
    const im = stage.im('alice')
    stage.resends('alice')
    stage.flow()
    deepEqual(notices.map((notice) => (notice._tag === 'NotBegun' ? [notice.name, notice.code, notice.again] : notice._tag)), [['NoSuchContact', 459, im]])
    match(JSON.stringify(notices), /nobody .* is on the list any more, under the key/)
    deepEqual([stage.office.list.ims, stage.screen('carol')], [[], ['hello']])
  })

  it('F19: who has it already answers and shows nothing when it comes under another grant', () => {
    four()
    stage.sends('alice', 'hello')
    stage.pass(9000, 'bob>*')
    stage.loseAll()
    deepEqual([stage.screen('bob'), stage.report('alice').unknown], [['hello'], 'bob'])
    stage.resends('alice')
    stage.flow()
    deepEqual([stage.screen('bob'), stage.report('alice').delivered, stage.office.end(stage.im('alice'))], [['hello'], 'bob carol dave', 'proof'])
  })

  it('F19: an initiator that begins anew goes on while the grant holds, and no longer', () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.loseAll()
    stage.kill('alice')
    stage.restart('alice')
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.office.end(im), stage.screen('bob')], ['bob carol dave', 'proof', ['hello']])
    stage.sends('alice', 'too late')
    stage.loseAll()
    stage.kill('alice')
    stage.pass(9000)
    stage.restart('alice')
    stage.pass(500, 'alice>bob*', 'alice>carol*', 'alice>dave*')
    deepEqual([stage.lines('alice>*'), stage.report('alice').unknown], [[], 'bob carol dave'])
  })

  it('F19: an initiator that begins anew knows who had the message before it was sent again', () => {
    four()
    stage.kill('bob')
    stage.sends('alice', 'hello')
    stage.pass(9000)
    equal(stage.report('alice').unknown, 'bob')
    stage.restart('bob')
    stage.resends('alice')
    stage.deliver('alice>server ImStart')
    stage.deliver('server>alice Granted')
    stage.loseAll()
    stage.kill('alice')
    stage.restart('alice')
    stage.flow()
    deepEqual(stage.report('alice'), { delivered: 'bob carol dave', undelivered: '', unknown: '' })
  })

  it('F23: a line that may not have been on a screen is shown again, and marked so', () => {
    four()
    stage.member('bob').jots = false
    stage.sends('alice', 'hello')
    stage.flow()
    deepEqual(stage.screen('bob'), ['hello'])
    stage.kill('bob')
    stage.restart('bob')
    const lines = stage.member('bob').notices.flatMap((notice) => (notice._tag === 'Taken' && notice.text === 'hello' ? [notice.repeated] : []))
    deepEqual([lines, stage.history('bob')], [[undefined, true], ['hello']])
  })

  it('F23: a message is on the disk before it is on the screen, and on the screen once where nothing stops', () => {
    four()
    stage.member('bob').disk = 'slow'
    stage.sends('alice', 'hello')
    stage.deliver('alice>bob ring')
    deepEqual(stage.screen('bob'), [])
    stage.member('bob').written()
    deepEqual(stage.screen('bob'), ['hello'])
  })

  it('F25: a grant is asked for a text that is there, and is good for no other', () => {
    four()
    stage.says('alice', 'hello')
    const asked = stage.take('alice>server ImStart')
    ok(asked.content._tag === 'Asked' && asked.content.asking.request.order._tag === 'ImStart')
    equal(asked.content.asking.request.order.size, 5)
    stage.bring(asked)
    const granted = stage.take('server>alice Granted')
    ok(granted.content._tag === 'Answered' && granted.content.answer.body._tag === 'Granted')
    const { grant } = granted.content.answer.body
    const other = { ...grant, commit: 'ab'.repeat(32) as Digest }
    const signature = Buffer.from(stage.office.sign(other)).toString('hex') as typeof granted.content.answer.body.signature
    stage.bring({ ...granted, content: { ...granted.content, answer: { code: 200, body: { _tag: 'Granted', grant: other, signature } } } })
    deepEqual([stage.lines('alice>*'), stage.member('alice').notices.map((notice) => (notice._tag === 'NotBegun' ? notice.name : notice._tag))], [[], ['Forged']])
  })

  it('F27: what was forgotten long after its end is late for ever', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const kept = stage.take('alice>bob ring')
    stage.bring(kept)
    stage.flow()
    const week = limits.inboxMarginMs + 2 * limits.longestLeaseMs
    stage.pass(week)
    ok(roll.has(stage.member('bob').state.diary.inbox.roots, im))
    stage.says('bob', 'a week later')
    stage.flow()
    ok(!roll.has(stage.member('bob').state.diary.inbox.roots, im))
    stage.slip('dave', 'bob', { ...relayIn(kept), kind: 'direct' })
    stage.deliver('dave>bob direct')
    deepEqual([stage.screen('bob'), stage.lines('bob>dave*')], [['hello'], ['bob>dave ack direct late']])
    equal(envelopeIn(kept).grant.im, im)
  })

  it('F27: what is sent again at the last moment that it may be is shown once, also by whoever forgets what it can meanwhile', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const ring = stage.take('alice>bob ring')
    const { grant } = envelopeIn(ring)
    stage.bring(ring)
    stage.pass(9000, 'bob>*')
    stage.loseAll()
    deepEqual([stage.screen('bob'), stage.report('alice').unknown], [['hello'], 'bob'])
    stage.now = grant.until - stage.office.shift + limits.inboxMarginMs
    stage.resends('alice')
    stage.pass(1000, 'alice>bob*')
    stage.says('bob', 'is it time to forget?')
    stage.flow('alice>bob*')
    stage.flow()
    deepEqual([stage.screen('bob'), stage.report('alice').delivered, roll.has(stage.member('bob').state.diary.inbox.roots, im)], [['hello'], 'bob carol dave', true])
  })

  it('F27: what a process of the server has granted that has ended is forgotten too, and not while a copy can be on its way, wherever the clock was set', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const kept = stage.take('alice>bob ring')
    stage.bring(kept)
    stage.flow()
    const isKnown = (): boolean => roll.has(stage.member('bob').state.diary.inbox.roots, im)
    const copied = (): ReadonlyArray<string> => {
      stage.slip('dave', 'bob', { ...relayIn(kept), kind: 'direct' })
      stage.deliver('dave>bob direct')
      return stage.lines('bob>dave*').slice(-1)
    }
    stage.restartServer(2 * limits.inboxMarginMs)
    stage.member('bob').state = { ...stage.member('bob').state, tidied: undefined }
    stage.says('bob', 'at once')
    stage.flow()
    ok(isKnown())
    deepEqual(copied(), ['bob>dave ack direct have'])
    stage.pass(limits.inboxTidyMs)
    stage.says('bob', 'an hour later')
    stage.flow()
    ok(!isKnown())
    deepEqual([copied(), stage.screen('bob')], [['bob>dave ack direct late'], ['hello']])
  })
})
