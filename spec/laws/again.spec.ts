// What is asked about a message later: sent again, completed again, begun again, and who its ring was.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isRight } from 'fp-ts/lib/Either.js'
import { keyed, limits, roll, sealed, self, server, type ImId, type Order } from '../../core/index.js'
import { commit, identity } from '../arbitraries/keys.js'
import { box } from '../model/box.js'
import { about, complete, create, free, listName, on, start, village } from '../model/desk.js'
import { endOf, restarted } from '../model/traffic.js'
import { rule } from '../protocol.js'

describe('a message', () => {
  it(rule('G9'), () => {
    const stage = village()
    const first = stage.granted(1, start('l', { commit: commit(3) }))
    const again = (root: ImId, change: Partial<Order & { readonly _tag: 'ImStart' }> = {}): Order => start('l', { commit: commit(3), again: { root, to: [] }, ...change })
    // what goes on is not sent again, but it may be later
    deepEqual([stage.ask(1, again(first.im)), stage.ask(1, again(first.im, { commit: commit(4) })), stage.ask(2, again(first.im))], [433, 403, 404])
    equal(stage.completed(1, complete(first.im, [0], [2])), 'proof')
    equal(stage.ask(1, again(first.im, { commit: commit(4) })), 403)
    equal(stage.ask(2, again(first.im)), 404)
    equal(stage.ask(1, again(first.im, { list: listName('o') })), 464)
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 200)
    equal(stage.ask(1, again(first.im, { list: listName('o') })), 404)
    const [alice, mallory] = [identity(0).id, identity(2).id]
    const second = stage.granted(1, again(first.im, { again: { root: first.im, to: [mallory, identity(9).id, identity(1).id] } }))
    deepEqual([second.root, second.path, second.im === first.im, second.no], [first.im, [2], false, first.no])
    // who is not in it proves nothing, and who is in it alone is the whole path
    equal(stage.completed(0, complete(second.im, [2])), 422)
    equal(stage.completed(2, complete(second.im, [2])), 'proof')
    // of nobody who is there under the key that it was for, not even of its initiator, a whole path would be a lie
    for (const to of [[identity(9).id], [identity(1).id], [identity(9).id, identity(1).id]]) equal(stage.ask(1, again(first.im, { again: { root: first.im, to } })), 459)
    equal(stage.state.ongoing, 0)
    const third = stage.granted(1, again(first.im, { again: { root: first.im, to: [alice] } }))
    equal(stage.completed(1, complete(third.im, [0])), 'proof')
    // by the root, and not by the grant that sent it again
    equal(stage.ask(1, again(second.im)), 404)
    stage.now = first.until + limits.inboxMarginMs - 1
    const last = stage.granted(1, again(first.im, { again: { root: first.im, to: [alice] } }))
    equal(stage.completed(1, complete(last.im, [0])), 'proof')
    // its time does not begin anew with the last grant, also when that is all that is remembered of it
    for (let i = 0; i < 16 && endOf(stage.state, 1, third.im) !== undefined; i++) {
      const { im } = stage.granted(1, start('l'))
      equal(stage.completed(1, complete(im, [0, 2])), 'proof')
    }
    deepEqual([endOf(stage.state, 1, third.im), endOf(stage.state, 1, last.im)], [undefined, 'proof'])
    equal(stage.ask(1, again(first.im)), 404)
  })

  it('G13, in another list of the same name, which has counted less', () => {
    const stage = village()
    const sent = (): sealed.Grant => {
      const grant = stage.granted(1, start('l', { commit: commit(3) }))
      equal(stage.completed(1, complete(grant.im, [0, 2])), 'proof')
      return grant
    }
    const [first, second] = [sent(), sent()]
    equal(stage.operate({ _tag: 'Delete', list: listName('l') }), 200)
    equal(stage.ask(0, create('l')), 200)
    for (const [n, who] of [[0, 'Alice'], [1, 'Bob'], [2, 'Mallory']] as const) equal(stage.ask(n, on('Join', 'l', who)), 200)
    sent()
    const again = (root: ImId): Order => start('l', { commit: commit(3), again: { root, to: [] } })
    equal(stage.ask(1, again(second.im)), 404)
    const last = stage.granted(1, again(first.im))
    deepEqual([last.root, last.no, roll.get(stage.state.lists, listName('l'))?.no, server.violations(stage.state)], [first.im, 1, 1, []])
  })

  it(rule('G10'), () => {
    const stage = village()
    const ims = Array.from({ length: 17 }, (_, i) => {
      const { im, until } = stage.granted(1, start('l'))
      if (i % 3 === 0) equal(stage.completed(1, complete(im, [0, 2])), 'proof')
      if (i % 3 === 1) equal(stage.operate(on('Release', 'l', 'Bob')), 200)
      if (i % 3 === 2) stage.now = until
      stage.give(self, server.wake)
      // long enough for nothing to be charged any more
      stage.now += 2 * limits.lockSpanMs
      return im
    })
    // whoever asks: its initiator, or a member that has found the proof of it
    const outcomes = (): ReadonlyArray<string | number> => {
      const [bobs, mallorys] = [1, 2].map((n) => ims.map((im) => stage.completed(n, complete(im, [0]), false)))
      deepEqual(mallorys, bobs)
      return bobs ?? []
    }
    const expected = ims.map((_, i) => (i === 0 ? 404 : ['proof', 'forced', 'expired'][i % 3] ?? ''))
    deepEqual(outcomes(), expected)
    // also by the next process, and by the next process of the contact
    const again = server.ledger(free).whole(server.ledger(free).parts(server.directory(stage.state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown))
    ok(isRight(again))
    stage.state = again.right.state
    restarted(stage, '2')
    equal(stage.register(1, 'Bob', { nonce: 77 }), 200)
    deepEqual(outcomes(), expected)
    const { im } = stage.granted(0, start('l'))
    equal(stage.register(3, 'Dan'), 200)
    deepEqual([stage.completed(3, complete(im, [])), stage.completed(1, complete('d'.repeat(28) as ImId, []))], [404, 404])
    // of a list that the asker is not on, or no more, and of an initiator who is gone, nothing is known
    equal(stage.completed(2, complete(im, [1, 2])), 'proof')
    deepEqual([stage.completed(3, complete(im, [])), stage.completed(1, complete(im, []))], [404, 'proof'])
    equal(stage.ask(1, on('Leave', 'l', 'Bob')), 200)
    deepEqual([stage.completed(1, complete(im, [])), stage.completed(1, complete(ims[16] ?? im, []))], [404, expected[16]])
    equal(stage.ask(0, about('Exit', 'Alice')), 200)
    equal(stage.completed(2, complete(im, [])), 404)
  })

  it(rule('G11'), () => {
    const own = box('the server')
    const stage = village()
    const seq = stage.next(1)
    const bytes = (response: server.Response | undefined): ReadonlyArray<string> =>
      server.repliesOf(own.sign)(response as server.Response, 0n).flatMap((frame) => (frame._tag === 'Reply' ? [Buffer.from(frame.part.bytes).toString('hex')] : []))
    const first = bytes(stage.asked(1, start('l'), seq))
    const answer = sealed.decodeAnswer(new Uint8Array(Buffer.from(first.join(''), 'hex')))
    ok(isRight(answer) && answer.right.body._tag === 'Granted')
    ok(own.verify(own.own.signs, sealed.grantBytes(answer.right.body.grant), new Uint8Array(Buffer.from(answer.right.body.signature, 'hex'))))
    const { ongoing } = stage.state
    deepEqual(bytes(stage.asked(1, start('l', { size: 7 }), seq)), first)
    const whole = server.ledger(free).whole(server.ledger(free).parts(server.directory(stage.state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown))
    ok(isRight(whole))
    stage.state = whole.right.state
    restarted(stage, '5')
    deepEqual([bytes(stage.asked(1, start('l'), seq)), stage.state.ongoing], [first, ongoing])
  })

  it(rule('G12'), () => {
    const stage = village()
    const ask = (n: number, ring: sealed.Grant['ring']): server.Response | undefined => stage.give(keyed(identity(n).seals), { _tag: 'Seek', ring })
    const { ring, epoch, im } = stage.granted(1, start('l'))
    const told = ask(2, ring)
    ok(told?._tag === 'Told')
    equal(free.hash(sealed.ringBytes(sealed.encodeRing(told.ring))), ring)
    deepEqual([told.ring.epoch, told.ring.members.map((one) => one.name)], [epoch, ['Alice', 'Bob', 'Mallory']])
    // in parts, those that are missing
    const frames = server.repliesOf(box('the server').sign)(told, 0n)
    deepEqual(frames.map((frame) => frame._tag === 'RingTold' && frame.ring === ring && frame.part.count), [1])
    deepEqual(server.repliesOf(box('the server').sign)(told, 1n), [])
    equal(stage.register(3, 'Dan'), 200)
    const { position } = stage.state
    deepEqual([ask(3, ring), ask(7, ring), ask(2, commit(1))], [undefined, undefined, undefined])
    equal(stage.state.position, position)
    // still when the message is over, until somebody joins or leaves
    equal(stage.completed(1, complete(im, [0, 2])), 'proof')
    ok(ask(0, ring) !== undefined)
    equal(stage.ask(2, on('Leave', 'l', 'Mallory')), 200)
    deepEqual([ask(0, ring), ask(2, ring)], [undefined, undefined])
    const slow = village({ ...free, keyRate: { perSecond: 1, burst: 9 } })
    const { ring: other } = slow.granted(1, start('l'))
    const answers = Array.from({ length: 12 }, () => slow.give(keyed(identity(2).seals), { _tag: 'Seek', ring: other }) !== undefined)
    deepEqual(answers, [...Array.from({ length: 9 }, () => true), false, false, false])
  })

  it('keeps the lists of its members as they are, and the operator from deleting it', () => {
    const stage = village()
    const { im } = stage.granted(1, start('l'))
    deepEqual([stage.operate({ _tag: 'Delete', list: listName('l') }), stage.ask(2, about('Exit', 'Mallory'))], [463, 463])
    equal(stage.operate(on('Release', 'l', 'Bob')), 200)
    deepEqual([endOf(stage.state, 1, im), stage.operate({ _tag: 'Delete', list: listName('l') })], ['forced', 200])
  })
})
