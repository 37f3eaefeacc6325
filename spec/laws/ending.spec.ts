// The ring's rules, one by one: what ends a message at the server, whose list it is, and who is who.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { roll, sealed, type ContactName } from '../../core/index.js'
import { rule } from '../protocol.js'
import { receipt, list, own as serverBox } from '../stories/office.js'
import { envelopeIn, relayIn } from '../stories/post.js'
import { Stage } from '../stories/stage.js'

describe('the end of a message', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  const answer = (from: string, to: string, frame: sealed.Frame): string => stage.answer(from, to, frame)

  it(rule('R21'), () => {
    four()
    const im = stage.sends('alice', 'hello')
    const { grant } = envelopeIn(stage.take('alice>bob ring'))
    const names = ['alice', 'bob', 'carol', 'dave']
    const tag = (stored: ReadonlyArray<number>, closed: ReadonlyArray<number> = []): sealed.Trail['tagI'] =>
      sealed.sum([...stored.map((place) => [place, 'stored'] as const), ...closed.map((place) => [place, 'closed'] as const)].map(([place, status]) => receipt(stage.member(names[place] ?? '').ciphers, serverBox.own.seals, grant, status)))
    const complete = (name: string, stored: ReadonlyArray<number>, closed: ReadonlyArray<number>, sum: sealed.Trail['tagI']): number => stage.order(name, { _tag: 'ImComplete', im, stored, closed, tag: sum })
    // whatever somebody says of members that have nothing yet is no proof of them, since nobody else can make their receipts
    deepEqual([complete('bob', [1, 2, 3], [], tag([1, 2])), complete('alice', [1, 2, 3], [], tag([1, 2], [3])), complete('alice', [1], [], tag([1])), complete('bob', [1], [], tag([1]))], [422, 422, 200, 422])
    deepEqual([stage.office.isLive(im), stage.leaves('dave')], [true, 463])
    for (const name of names) stage.witness.rogues.add(name)
    deepEqual([complete('dave', [1, 2], [3], tag([1, 2], [3])), stage.office.end(im)], [200, 'proof'])
    four()
    const second = stage.sends('alice', 'hello')
    stage.office.release('alice')
    const third = stage.sends('bob', 'hello')
    stage.pass(8300, '*')
    deepEqual([stage.office.end(second), stage.office.end(third)], ['forced', 'expired'])
  })

  it(rule('R22'), () => {
    four()
    const im = stage.sends('alice', 'hello')
    const sent = stage.take('alice>bob ring')
    const { process } = stage.office.state
    stage.pass(8100, '*')
    stage.restartServer()
    ok(stage.office.state.process !== process)
    stage.open = []
    stage.pass(8200, '*')
    equal(stage.office.isLive(im), true)
    equal(answer('alice', 'bob', relayIn(sent)), 'late')
    stage.pass(30, '*')
    equal(stage.office.end(im), 'expired')
    const next = stage.sends('bob', 'by the next one')
    equal(next.slice(0, 16), stage.office.state.process)
  })

  it(rule('R23'), () => {
    four()
    const { epoch } = stage.office.list
    stage.sends('alice', 'hello')
    stage.sends('bob', 'me too')
    deepEqual([stage.leaves('carol'), stage.order('dave', { _tag: 'Exit', contact: 'dave' as ContactName }), stage.office.list.epoch], [463, 463, epoch])
    stage.flow('bob>*')
    equal(stage.leaves('carol'), 463)
    stage.flow()
    equal(stage.leaves('carol'), 200)
    const [first, second] = [stage.office.list.epoch, stage.joins('carol')]
    ok(first > epoch && second === 200 && stage.office.list.epoch > first)
  })

  it(rule('R25'), () => {
    four()
    let ms = 0
    for (; ms <= 20_000; ms += 8220) {
      stage.sends('dave', 'hello')
      stage.pass(8220, '*')
      stage.loseAll()
      stage.flow()
      stage.loseAll()
    }
    stage.says('dave', 'one more')
    stage.deliver('dave>server ImStart')
    deepEqual([ms, stage.lines('server>dave*')], [24_660, ['server>dave 431']])
    stage.flow()
    stage.sends('bob', 'somebody else may')
    equal(stage.lines('bob>* ring').length, 1)
  })

  it(rule('R27'), () => {
    four()
    const bob = stage.member('bob')
    const order = { _tag: 'Leave', list, contact: 'bob' as ContactName } as const
    const [boot] = [bob.boot]
    stage.restart('bob')
    deepEqual([boot, bob.boot].map((one, i) => stage.office.asked(bob.key, { _tag: 'Request', boot: one, seq: 100 + i, have: 0n, order })?.code), [409, 200])
    equal(stage.order('bob', { _tag: 'Exit', contact: 'bob' as ContactName }), 0)
    bob.seq = 200
    deepEqual([stage.order('bob', { _tag: 'Exit', contact: 'bob' as ContactName }), stage.order('bob', { _tag: 'Exit', contact: 'bob' as ContactName })], [200, 401])
  })

  it(rule('R28'), () => {
    four()
    const { ring } = stage.office.list
    const rows = [{ key: stage.member('bob').key, address: { ip: '203.0.113.9' as never, port: 9 as never } }]
    for (const name of ['alice', 'carol', 'dave']) stage.member(name).give(stage.now, { _tag: 'Located', rows })
    const im = stage.sends('alice', 'hello')
    const sent = stage.take('alice>bob ring')
    equal(sent.to, 'bob')
    stage.bring(sent)
    stage.flow()
    equal(stage.office.end(im), 'proof')
    deepEqual(stage.office.list.ring, ring)
    const members = [...roll.values(stage.member('alice').state.rings)].flatMap((one) => one.members)
    ok(members.every((seat) => seat._tag === 'Keyed' && Object.keys(seat).sort().join() === '_tag,name,seals,signs'))
  })
})
