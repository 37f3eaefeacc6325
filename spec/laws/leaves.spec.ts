// Classic members of a list on which members with keys send: each is a leaf (R29), an original that shows what comes, as often as it comes.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { classic, limits, roll, type ImId } from '../../core/index.js'
import { rule } from '../protocol.js'
import { Mixed } from '../stories/mixed.js'

/** The message in the oldest datagram that is meant. */
const relayIn = (stage: Mixed, pattern: string): classic.Relay => {
  const { content } = stage.open.find(({ from, to, content: { _tag } }) => _tag === 'Clear' && `${from}>${to}` === pattern) ?? {}
  const relay = content?._tag === 'Clear' ? classic.decodeRelay(content.text) : undefined
  if (relay?._tag !== 'Right') throw new Error(`no ${pattern} in clear`)
  return relay.right
}

describe('classic members of a ring', () => {
  let stage = new Mixed(['alice'], [])
  const mixed = (keyed: ReadonlyArray<string>, ...classics: ReadonlyArray<string>): Mixed => (stage = new Mixed(keyed, classics))
  const sends = (text: string, name = 'alice'): ImId => stage.sends(name, text, 'once', true)
  const isHeld = (im: ImId): boolean => stage.office.isLive(im)
  afterEach(() => stage.end())

  it(rule('R29'), () => {
    mixed(['alice', 'bob'], 'dora', 'ed')
    const im = sends('hello')
    deepEqual(stage.lines(), ['alice>bob ring', 'alice>dora in clear', 'alice>ed in clear'])
    const { members, pointer, text, mark } = relayIn(stage, 'alice>dora')
    deepEqual([members, pointer, text, mark?.list], [[{ name: 'alice', ip: '192.168.1.2', port: 22000 }, { name: 'dora', ip: '192.168.2.2', port: 22000 }], 2, 'hello', 'list'])
    ok(mark !== undefined && mark.im.length === 32 && mark.im !== relayIn(stage, 'alice>ed').mark?.im)
    // who has everything but a leaf's answer says so when that is here, or a second is over, and not before
    stage.lose('alice>ed in clear')
    stage.pass(limits.leafSilentMs - 1)
    deepEqual([stage.screen('bob'), stage.screens.get('dora'), stage.reports('alice'), isHeld(im)], [['hello'], ['alice: hello'], [], true])
    stage.pass(1)
    deepEqual([stage.report('alice'), stage.inClear('alice')], [{ delivered: 'bob', undelivered: '', unknown: '' }, 'dora bounced, ed silent'])
    stage.pass(20_000)
    deepEqual([stage.office.end(im), stage.screens.get('dora'), stage.screens.get('ed')], ['proof', ['alice: hello'], []])

    // all have answered: nobody is waited for
    sends('again')
    stage.pass(5)
    deepEqual([stage.inClear('alice'), stage.report('alice').delivered, stage.office.end(stage.im('alice'))], ['dora bounced, ed bounced', 'bob', 'proof'])
    // nobody has allowed it
    stage.sends('alice', 'for friends')
    stage.pass(5)
    deepEqual([stage.inClear('alice'), stage.report('alice').delivered, stage.office.end(stage.im('alice'))], ['dora notSent notAllowed, ed notSent notAllowed', 'bob', 'proof'])
    // 600 letters, each of which takes six bytes at an original
    sends('щ'.repeat(600))
    stage.pass(5)
    deepEqual([stage.inClear('alice'), stage.screen('bob').at(-1)?.length, stage.screens.get('ed')], ['dora notSent tooLarge, ed notSent tooLarge', 600, ['alice: again']])
  })

  it('take a message of any text in at most 2048 bytes as an original writes it, or are not sent it', () => {
    const letters = fc.constantFrom('a', '"', '\\', '\n', '\u007f', 'é', 'щ', '猫', '🐈', '\u2028')
    fc.assert(
      fc.property(fc.array(letters, { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (word, times) => {
        const own = new Mixed(['alice'], ['dora'])
        const text = word.join('').repeat(times)
        own.sends('alice', text, 'once', true)
        const line = JSON.stringify(text).replace(/[\u007f-\uffff]/g, '123456')
        const around = 250
        if (own.lines('alice>dora in clear').length === 0) ok(line.length > 2048 - around, `${line.length} bytes are not sent`)
        else ok(line.length <= 2048)
        own.pass(5)
        equal(own.inClear('alice'), own.screens.get('dora')?.length === 1 ? 'dora bounced' : 'dora notSent tooLarge')
        deepEqual(own.screens.get('dora'), own.inClear('alice') === 'dora bounced' ? [`alice: ${text}`] : [])
      }),
      { numRuns: 200 },
    )
  })

  it('are each sent one copy, whatever is lost and however many they are, some at a time; what comes home says who has shown it', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('there', 'gone', 'home lost', 'home late'), { minLength: 1, maxLength: 40 }), (fates) => {
        const names = fates.map((_, i) => `c${i}`)
        const own = new Mixed(['alice', 'bob'], names)
        own.sends('alice', 'hello', 'once', true)
        equal(own.lines('alice>c* in clear').length, Math.min(fates.length, limits.leavesAtOnce))
        own.pass(limits.leavesApartMs * 3, 'alice>c*')
        equal(own.lines('alice>c* in clear').length, fates.length)
        const homeOf = (fate: string): ReadonlyArray<string> => names.flatMap((name, i) => (fates[i] === fate ? [`${name}>alice in clear`] : []))
        names.forEach((name, i) => (fates[i] === 'gone' ? own.lose(`alice>${name} in clear`) : own.deliver(`alice>${name} in clear`)))
        for (const lost of homeOf('home lost')) own.lose(lost)
        own.pass(limits.leafSilentMs * 1.2, ...homeOf('home late'))
        const said = (late: string): string => names.map((name, i) => `${name} ${fates[i] === 'there' ? 'bounced' : fates[i] === 'home late' ? late : 'silent'}`).join(', ')
        deepEqual([own.inClear('alice'), own.reports('alice').length], [said('silent'), 1])
        own.flow()
        own.pass(60_000)
        // told again for each that comes late, and asked of nobody again
        deepEqual([own.inClear('alice'), own.reports('alice').length], [said('bounced'), 1 + homeOf('home late').length])
        names.forEach((name, i) => equal(own.screens.get(name)?.length, fates[i] === 'gone' ? 0 : 1))
        own.end()
      }),
      { numRuns: 60 },
    )
  })

  it('are sent nothing where the grant is over, or the time is not known', () => {
    mixed(['alice'], 'dora')
    stage.says('alice', 'too late', 'once', true)
    stage.deliver('alice>server ImStart')
    stage.pass(9000, '*')
    const late = stage.begins('alice')
    equal(stage.lines('*in clear').length, 0)
    stage.pass(500)
    deepEqual([stage.inClear('alice'), stage.screens.get('dora'), stage.office.end(late)], ['dora notSent late', [], 'expired'])

    stage.says('alice', 'after a nap', 'once', true)
    stage.deliver('alice>server ImStart')
    stage.sleep('alice')
    stage.pass(10, '*')
    stage.continue('alice')
    stage.begins('alice')
    deepEqual(stage.lines('alice>dora*'), [])
    stage.pass(500)
    deepEqual([stage.inClear('alice'), stage.screens.get('dora')], ['dora bounced', ['alice: after a nap']])
  })

  it('keep the list where nobody else is on it, until they have answered or were silent', () => {
    mixed(['alice'], 'dora')
    const im = sends('hello')
    deepEqual([roll.get(stage.member('alice').state.own, im)?.grant.path, isHeld(im), stage.reports('alice')], [[], true, []])
    stage.deliver('alice>dora in clear')
    equal(stage.office.classic('leave-_-list-_-dora'), '463-_-null')
    stage.flow()
    deepEqual([stage.inClear('alice'), stage.office.end(im)], ['dora bounced', 'proof'])
    equal(stage.office.classic('leave-_-list-_-dora'), '200-_-null')
    equal(stage.office.classic('join-_-list-_-dora'), '200-_-null')
    const lost = sends('hello?')
    stage.lose('alice>dora in clear')
    stage.pass(limits.leafSilentMs - 1)
    ok(isHeld(lost))
    stage.pass(1)
    deepEqual([stage.inClear('alice'), stage.office.end(lost)], ['dora silent', 'proof'])
    // nothing is to be sent: the list is free at once
    const nothing = stage.sends('alice', 'not for dora')
    stage.flow()
    deepEqual([stage.inClear('alice'), stage.office.end(nothing)], ['dora notSent notAllowed', 'proof'])
    // nobody completes it: its time does
    const dead = sends('last words')
    stage.kill('alice')
    stage.pass(9000)
    equal(stage.office.end(dead), 'expired')
  })

  it('are not sent it again by a restart, nor when it is sent again, but where they were not sent it', () => {
    mixed(['alice', 'bob'], 'dora', 'ed')
    const im = sends('hello')
    stage.lose('alice>bob ring')
    stage.lose('alice>dora in clear')
    const slow = stage.take('alice>ed in clear')
    stage.kill('alice')
    stage.restart('alice')
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.inClear('alice'), stage.office.end(im)], ['bob', 'dora silent, ed silent', 'proof'])
    // it was on its way all the time, and the new process knows its nonce
    stage.bring(slow)
    stage.deliver('ed>alice in clear')
    deepEqual(stage.lines(), [])
    deepEqual(stage.inClear('alice'), 'dora silent, ed bounced')
    stage.resends('alice', im, true)
    equal(stage.member('alice').notices.at(-1)?._tag, 'NotBegun')

    const unsent = stage.sends('alice', 'for bob')
    stage.flow()
    stage.resends('alice', unsent, true)
    stage.flow()
    deepEqual([stage.inClear('alice'), stage.report('alice').delivered, stage.screen('bob')], ['dora bounced, ed bounced', 'bob', ['hello', 'for bob']])
    stage.resends('alice', stage.im('alice'), true)
    deepEqual(stage.lines(), [])
    // by the id of the first grant it goes round again, and nobody is sent another copy
    stage.resends('alice', unsent, true)
    stage.flow()
    equal(stage.inClear('alice'), 'dora bounced, ed bounced')
    deepEqual([stage.screens.get('dora'), stage.screens.get('ed')], [['alice: for bob'], ['alice: hello', 'alice: for bob']])
  })

  it('who joined when the first grant was over are sent it with the second, and those who had it are not', () => {
    mixed(['alice', 'bob'], 'dora')
    stage.kill('bob')
    const im = sends('hello')
    stage.pass(9000)
    deepEqual([stage.report('alice').unknown, stage.inClear('alice')], ['bob', 'dora bounced'])
    stage.enters('ed')
    stage.restart('bob')
    stage.resends('alice', im, true)
    stage.flow()
    deepEqual([stage.report('alice').delivered, stage.inClear('alice')], ['bob', 'dora bounced, ed bounced'])
    deepEqual([stage.screens.get('dora'), stage.screens.get('ed')], [['alice: hello'], ['alice: hello']])
  })
})
