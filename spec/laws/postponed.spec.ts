// Messages that are not begun at once: what their user is told, when they begin, and what is said of one whose program ends before.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { limits, type ContactName, type Instant, type ListName, type peer, type Tag } from '../../core/index.js'
import { Client } from '../model/client.js'
import { Sender } from '../model/sending.js'
import { list } from '../stories/office.js'
import { Stage } from '../stories/stage.js'

describe('a message that is not begun at once', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())
  const waits = (): ReadonlyArray<peer.NoticeOf<'Postponed'>> => stage.member('alice').notices.flatMap((notice) => (notice._tag === 'Postponed' ? [notice] : []))
  const refusals = (): number => stage.member('alice').notices.filter(({ _tag }) => _tag === 'NotBegun').length

  it('since it is sent again while it goes on begins when it has ended, and says so', () => {
    stage = new Stage('alice', 'bob', 'carol')
    stage.kill('carol')
    const first = stage.sends('alice', 'hello')
    for (let i = 0; i < 12; i += 1) {
      for (const name of ['alice', 'bob']) stage.portClosed(name, 'carol')
      stage.pass(200)
    }
    equal(stage.report('alice').delivered, 'bob')
    equal(stage.office.end(first), undefined)
    stage.restart('carol')
    stage.resends('alice')
    stage.pass(100)
    const [told] = waits()
    deepEqual([told?.name, told?.code, told?.again, refusals()], ['StillGoing', 433, true, 0])
    ok(told?.ms !== undefined && told.ms > 0 && told.ms <= limits.leaseMs, `${told?.ms} ms`)
    stage.pass(limits.leaseMs)
    deepEqual([stage.report('alice').delivered, stage.screen('carol'), stage.screen('bob'), waits().length, refusals()], ['bob carol', ['hello'], ['hello'], 1, 0])
  })

  it('since somebody waits for its list says so once, if that takes longer than it may seem to', () => {
    stage = new Stage('alice', 'bob', 'carol', 'dave')
    stage.sends('bob', 'hello')
    stage.kill('carol')
    equal(stage.asks('dave', { _tag: 'Enqueue', change: { _tag: 'Leave', list, contact: 'dave' as ContactName } }).code, 200)
    stage.pass(2500)
    stage.says('alice', 'and me')
    stage.pass(1000)
    deepEqual(waits().map(({ name, code, again }) => [name, code, again]), [['Fenced', 425, false]])
    stage.pass(limits.leaseMs)
    deepEqual([stage.history('alice').at(-1), waits().length, refusals()], ['and me', 1, 0])
  })
})

describe('a program that ends while its message', () => {
  const of = 'l' as ListName
  const send = (client: Client): Client => client.give({ _tag: 'Send', list: of, text: 'Hi', salt: '1'.repeat(32) as Tag, patience: 'once', inClear: true })
  const opens = (client: Client): Client => client.answer(425, { _tag: 'Opens', at: (client.serverNow + 5000) as Instant })
  const ended = (client: Client): readonly [string, unknown] => {
    const { name, sentence } = client.give({ _tag: 'Close', patient: false }).last('NotBegun')
    match(sentence, /nobody has/)
    return [name, client.exits()[0]]
  }

  it('waits says that it was not begun', () => {
    deepEqual(ended(opens(send(new Client().registered()))), ['Ended', 'locked'])
    // nor was one of which it is not known whether it may leave in clear
    deepEqual(ended(new Client().registered().give({ _tag: 'Send', list: of, text: 'Hi', salt: '1'.repeat(32) as Tag, patience: 'once' })), ['Ended', 'locked'])
  })

  it('is asked for says that no answer came', () => {
    deepEqual(ended(send(new Client().registered())), ['Unanswered', 'expired'])
    deepEqual(ended(opens(send(new Client().registered())).pass(2 * limits.fencedAgainMs)), ['Unanswered', 'expired'])
  })

  it('has its grant, and nobody has told who is on its ring, says that it was not begun', () => {
    const sender = new Sender()
    sender.sends('Hi')
    deepEqual(ended(sender), ['Unanswered', 'expired'])
  })

  it('goes round says which one it is, and nothing of one that is told', () => {
    const sender = new Sender()
    const im = sender.sends('Hi')
    sender.tellsRing()
    const told = new Sender()
    told.sends('Hi')
    told.tellsRing()
    told.pass(2 * limits.longestLeaseMs)
    equal(told.tags().at(-1), 'Ready')
    sender.give({ _tag: 'Close', patient: false })
    deepEqual([sender.last('LeftUnderWay').im, sender.exits()[0]], [im, 'none'])
    told.give({ _tag: 'Close', patient: false })
    equal(told.tags().includes('LeftUnderWay'), false)
  })

  it('waits to be sent again says who has it, and how to try again', () => {
    const sender = new Sender()
    const im = sender.sends('Hi')
    sender.tellsRing()
    sender.pass(2 * limits.longestLeaseMs)
    sender.give({ _tag: 'Resend', im, patience: 'once', inClear: true })
    equal(sender.requests().at(-1)?.order._tag, 'ImStart')
    for (const frame of sender.replies(sender.requests().length - 1, { code: 433, body: { _tag: 'Opens', at: (sender.serverNow + 5000) as Instant } })) sender.says(frame)
    equal(sender.last('Postponed').again, true)
    const { name, again, sentence } = sender.give({ _tag: 'Close', patient: false }).last('NotBegun')
    deepEqual([name, again, sentence.endsWith(`nobody else has it, resend ${im} tries again`)], ['Ended', im, true])
  })

  it('is none says nothing of it', () => {
    const client = new Client().registered().give({ _tag: 'Close', patient: false })
    deepEqual([client.tags().includes('NotBegun'), client.exits()[0]], [false, undefined])
  })
})
