// Stories of lists with originals on them (F17, and the last point of F30): what goes wrong when a message rides through a program that sends everything
// once, shows everything that comes, and dies of what it cannot read.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { classic, limits } from '../../core/index.js'
import { Mixed } from './mixed.js'
import type { Datagram } from './post.js'

const clearIn = ({ content }: Datagram): classic.Relay => {
  const relay = content._tag === 'Clear' ? classic.decodeRelay(content.text) : undefined
  if (relay?._tag !== 'Right') throw new Error('no message in clear')
  return relay.right
}

describe('stories of mixed lists', () => {
  let stage = new Mixed(['alice'], [])
  afterEach(() => stage.end())

  it('F17: an original is no hop: the message goes round past its place, and it is dead without harm to anybody', () => {
    stage = new Mixed(['alice', 'bob', 'carol'], ['dora'])
    for (const name of ['bob', 'carol']) equal(stage.leaves(name), 200)
    for (const name of ['bob', 'carol']) equal(stage.joins(name), 200)
    // alice 0, dora 1, bob 2, carol 3
    const im = stage.sends('alice', 'hello', 'once', true)
    stage.lose('alice>dora in clear')
    deepEqual(stage.lines(), ['alice>bob ring'])
    stage.flow('bob>carol ring')
    equal(stage.lines('bob>carol ring').length, 1)
    stage.pass(limits.leafSilentMs + 10)
    deepEqual([stage.report('alice'), stage.inClear('alice'), stage.office.end(im)], [{ delivered: 'bob carol', undelivered: '', unknown: '' }, 'dora silent', 'proof'])
    // who comes first in the order of joining is an original: the round of another begins behind it all the same
    stage.sends('carol', 'and back', 'once', true)
    ok(stage.lines().includes('carol>alice ring'))
    stage.flow()
    deepEqual([stage.report('carol').delivered, stage.inClear('carol'), stage.screens.get('dora')], ['alice bob', 'dora bounced', ['carol: and back']])
  })

  it('F17: its answer is lost, and it shows the message once: nobody sends it anything again, also when the message is sent again', () => {
    stage = new Mixed(['alice', 'bob'], ['dora'])
    stage.kill('bob')
    const im = stage.sends('alice', 'hello', 'once', true)
    stage.deliver('alice>dora in clear')
    stage.lose('dora>alice in clear')
    stage.pass(20_000)
    stage.restart('bob')
    stage.resends('alice', im, true)
    stage.flow()
    deepEqual([stage.screens.get('dora'), stage.report('alice').delivered, stage.inClear('alice')], [['alice: hello'], 'bob', 'dora silent'])
  })

  it('F17: 600 letters beyond ASCII, which it would send home in 3,800 bytes, do not leave for it', () => {
    stage = new Mixed(['alice', 'bob'], ['dora'])
    stage.sends('alice', 'ж'.repeat(600), 'once', true)
    stage.flow()
    deepEqual([stage.screens.get('dora'), stage.inClear('alice'), stage.screen('bob').length], [[], 'dora notSent tooLarge', 1])
    stage.sends('alice', 'ж'.repeat(250), 'once', true)
    stage.flow()
    deepEqual([stage.screens.get('dora')?.length, stage.inClear('alice')], [1, 'dora bounced'])
  })

  it('F17: whoever reads the copy on its way can say that it was shown, and proves nothing; whoever does not can say nothing', () => {
    stage = new Mixed(['alice', 'bob'], ['dora', 'ed'])
    stage.kill('bob')
    const im = stage.sends('alice', 'hello', 'once', true)
    const read = clearIn(stage.take('alice>dora in clear'))
    stage.lose('alice>ed in clear')
    const before = stage.member('alice').state
    for (const nonce of ['', '0'.repeat(32), im, `${read.mark?.im ?? ''}0`]) stage.member('alice').give(stage.now, { _tag: 'Bounced', nonce })
    deepEqual([stage.member('alice').state.own, stage.member('alice').notices.filter(({ _tag }) => _tag === 'Reported')], [before.own, []])
    stage.member('alice').give(stage.now, { _tag: 'Bounced', nonce: read.mark?.im ?? '' })
    stage.pass(9000)
    // it is no receipt, and opens no lock
    deepEqual([stage.report('alice'), stage.inClear('alice'), stage.office.end(im)], [{ delivered: '', undelivered: '', unknown: 'bob' }, 'dora bounced, ed silent', 'expired'])
  })

  it('F30: whoever joins between the question and the grant is sent nothing that nobody has allowed', () => {
    stage = new Mixed(['alice', 'bob'], [])
    stage.says('alice', 'hello')
    stage.enters('dora')
    stage.deliver('alice>server ImStart')
    stage.begins('alice')
    stage.flow()
    deepEqual([stage.screens.get('dora'), stage.report('alice').delivered, stage.inClear('alice')], [[], 'bob', 'dora notSent notAllowed'])
  })
})
