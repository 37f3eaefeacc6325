// A peer, step by step: what it asks, what it makes of answers that come, come late or never come, and what it does with messages.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import {
  classic, classicActor, limits, operator, peer, self, table, type Address, type ContactName, type Instant, type ListName,
} from '../../core/index.js'
import { command } from '../arbitraries/peer.js'
import { fromServer, home, own, Subject } from '../model/subject.js'
import { rule } from '../protocol.js'

const at = (ms: number): Instant => ms as Instant
const me = 'Me' as ContactName
const list = 'l' as ListName
const member = (name: string, port: number): classic.RingMember => classic.ringMember(name, { ip: '192.0.2.9', port } as Address)
const ringOfThree = [member('Me', 22002), member('Foo', 22004), member('Bar', 22006)]

const create: peer.Wish = { _tag: 'Create', list }
const queryLists: peer.Wish = { _tag: 'QueryLists' }
const imStart: peer.Wish = { _tag: 'ImStart', list, contact: me }
const ring = (members: ReadonlyArray<classic.RingMember>): classic.ReplyBody => ({ _tag: 'Ring', members })
const lists: classic.ReplyBody = { _tag: 'Lists', names: [list] }

describe('a peer that asks', () => {
  it(rule('C25'), () => {
    const subject = new Subject().ask(create).pass(60_000)
    deepEqual(subject.words(), ['create'])
    deepEqual(subject.last('Unanswered'), { _tag: 'Unanswered', about: { word: 'create', args: ['l'] }, outcome: 'unknown', why: 'silence', sends: 1 })
    equal(subject.state.fault, 'unknown')
    deepEqual(subject.tags().slice(-1), ['Ready'])
  })

  it(rule('C26'), () => {
    for (const wish of [queryLists, { _tag: 'Save', file: 'x' } as const]) {
      const subject = new Subject().ask(wish).pass(60_000)
      equal(subject.sent.length, limits.classicResendMs.length)
      equal(subject.last('Unanswered').sends, limits.classicResendMs.length)
      const saved = new Subject().ask(wish).pass(1500).hear(200, wish._tag === 'Save' ? classic.nothing : lists)
      equal(saved.sent.length, 2)
      equal(saved.last('Answered').code, 200)
    }
  })

  it(rule('C27'), () => {
    const subject = new Subject().ask(create).pass(4000).ask(imStart)
    deepEqual(subject.words(), ['create', 'query-lists'])
    subject.hear(457)
    equal(subject.last('AnsweredLate').code, 457)
    subject.hear(200, lists)
    deepEqual(subject.words(), ['create', 'query-lists', 'im-start'])
    subject.hear(200, ring(ringOfThree))
    equal(subject.last('Answered').about.word, 'im-start')
    equal(subject.state.doubt, undefined)
    const silent = new Subject().ask(create).pass(4000).ask(imStart).pass(60_000)
    deepEqual(new Set(silent.words()), new Set(['create', 'query-lists']))
    deepEqual([silent.last('Unanswered').about.word, silent.last('Unanswered').outcome], ['im-start', 'notExecuted'])
  })

  it('tells that a list is held when its im-start was granted too late', () => {
    const subject = new Subject().ask(imStart).pass(4000).hear(200, ring(ringOfThree))
    deepEqual(subject.tags().slice(-2), ['AnsweredLate', 'Dropped'])
  })

  it('never takes an answer that the request cannot have', () => {
    const advised = new Subject().ask(create).pass(4000).ask(queryLists).hear(457)
    deepEqual([advised.last('AnsweredLate').code, advised.state.phase._tag], [457, 'Asking'])
    equal(advised.hear(200, lists).last('Answered').about.word, 'query-lists')
    const tooLong = new Subject().ask(queryLists).pass(1500).hear(413).ask(imStart)
    equal(tooLong.tags().filter((tag) => tag === 'Answered').length, 1)
    const unsaved = new Subject().ask({ _tag: 'Save', file: 'x' }).pass(60_000).ask(queryLists).hear(462).hear(462)
    equal(unsaved.state.phase._tag, 'Asking')
    equal(unsaved.hear(200, lists).ask(create).hear(462).state.phase._tag, 'Asking')
    const granting = new Subject().ask(imStart).pass(4000).ask(create).hear(413)
    deepEqual(granting.words(), ['im-start', 'query-lists'])
  })

  it('doubts an unanswered request no longer than a datagram lives', () => {
    const subject = new Subject().ask(create).pass(limits.classicAnswerMs + limits.datagramLifeMs + 1).ask(imStart)
    deepEqual(subject.words(), ['create', 'im-start'])
  })

  it('hears nobody but its server', () => {
    const subject = new Subject().ask(queryLists)
    for (const by of [classicActor(home.ip, 1), classicActor('192.0.2.66', home.port), operator, self]) subject.give({ _tag: 'Hear', packet: { code: 200, body: lists } }, by)
    deepEqual(subject.tags(), ['Ignored'])
  })

  it('keeps its time when a clock goes back', () => {
    const subject = new Subject().ask(create).pass(4000)
    subject.now = 0
    subject.give(peer.wake, self)
    equal(subject.state.at, limits.classicAnswerMs)
  })

  it('takes no second answer to a repeated save for the answer to the next request', () => {
    const subject = new Subject().ask({ _tag: 'Save', file: 'x' }).pass(1500).hear(200).ask(create)
    deepEqual(subject.words(), ['save', 'save', 'query-lists'])
    subject.hear(200)
    deepEqual(subject.tags().filter((tag) => tag === 'AnsweredLate'), [])
    subject.hear(200, lists).hear(200)
    deepEqual([subject.last('Answered').about.word, subject.sent.length], ['create', 4])
  })

  it(rule('C28'), () => {
    const refused = new Subject().ask(create).give({ _tag: 'PortClosed' }, self)
    deepEqual([refused.last('Unanswered').outcome, refused.last('Unanswered').why, refused.state.doubt], ['notExecuted', 'portClosed', undefined])
    const repeated = new Subject().ask({ _tag: 'Save', file: 'x' }).pass(1500).give({ _tag: 'PortClosed' }, self)
    equal(repeated.last('Unanswered').outcome, 'unknown')
    deepEqual(new Subject().give({ _tag: 'PortClosed' }, self).tags(), [])
  })

  it(rule('C30'), () => {
    const subject = new Subject().ask({ _tag: 'Register', contact: me, ip: undefined, port: undefined })
    deepEqual(subject.sent[0]?.packet, { _tag: 'Request', request: { _tag: 'Register', contact: me, address: own } })
    deepEqual(subject.hear(200).tags(), ['Answered', 'Ready'])
    const elsewhere = new Subject().ask({ _tag: 'Register', contact: me, ip: undefined, port: 22010 as never }).hear(200)
    deepEqual(elsewhere.last('ElsewhereRegistered').registered, { ip: own.ip, port: 22010 })
  })

  it('takes one command at a time, and says what it waits for', () => {
    const subject = new Subject().ask(create).ask(queryLists)
    equal(subject.last('NotTaken').name, 'Busy')
    subject.hear(200).ask(imStart).hear(200, ring(ringOfThree)).ask(queryLists)
    equal(subject.last('NotTaken').name, 'TextWanted')
    equal(new Subject().give({ _tag: 'Say', text: 'x', im: 'x' }).last('NotTaken').name, 'NoTextWanted')
    equal(new Subject().give({ _tag: 'Mistype', sentence: 'what?' }).last('NotTaken').sentence, 'what?')
  })

  it('says that it ignores what is no packet at the 1st, 10th and 100th time', () => {
    const subject = new Subject()
    for (let i = 0; i < 150; i++) subject.give({ _tag: 'Receive', packet: { _tag: 'Malformed', at: 0, expected: 'JSON' } }, fromServer)
    deepEqual(subject.notices.map((notice) => notice._tag === 'Ignored' && notice.count), [1, 10, 100])
  })
})

describe('a peer with messages', () => {
  const granted = (paced = false): Subject => new Subject(paced).ask(imStart).hear(200, ring(ringOfThree))
  const relayTo = (subject: Subject): readonly [string, number | undefined] => {
    const { to, packet } = subject.sent[subject.sent.length - 1] ?? { to: undefined, packet: undefined }
    return [`${to?.ip ?? ''}:${to?.port ?? ''}`, packet?._tag === 'Relay' ? packet.relay.pointer : undefined]
  }
  const passing = (pointer: number): classic.Relay => ({ ...classic.newRelay(ringOfThree, 'Hi', { list, im: 'x' }), pointer })

  it(rule('C19'), () => {
    const subject = granted().give({ _tag: 'Say', text: 'Hi', im: 'x' })
    deepEqual(relayTo(subject), ['192.0.2.9:22005', 2])
    deepEqual(relayTo(new Subject().receive(passing(2))), ['192.0.2.9:22007', 3])
    deepEqual(relayTo(new Subject().receive(passing(3))), ['192.0.2.9:22003', 4])
    equal(new Subject().receive(passing(2)).last('Shown').text, 'Hi')
    subject.now = 7
    deepEqual(subject.receive(passing(4)).last('Home'), { _tag: 'Home', which: { list: 'l', initiator: 'Me', im: 'x' }, members: 3, ms: 7 })
    equal(new Subject().receive(passing(4)).last('HomeUnknown').initiator, 'Me')
  })

  it(rule('C22'), () => {
    const subject = new Subject().receive(passing(2)).receive(passing(2))
    deepEqual([subject.tags(), subject.sent.length], [['Shown', 'Passed'], 1])
    const bothPlaces = new Subject().receive(passing(2)).receive(passing(3))
    equal(bothPlaces.sent.length, 2)
    const unmarked = { ...passing(2), mark: undefined }
    equal(new Subject().receive(unmarked).receive(unmarked).sent.length, 2)
  })

  it(rule('C23'), () => {
    const long = granted().give({ _tag: 'Say', text: 'Я'.repeat(400), im: 'x' })
    ok(/by \d+ bytes/.test(long.last('NotTaken').sentence))
    deepEqual([long.words(), long.tags().slice(-1)], [['im-start'], ['TextWanted']])
    long.give({ _tag: 'Say', text: 'Я'.repeat(200), im: 'y' })
    deepEqual(long.words(), ['im-start', 'relay'])
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const subject = granted().give({ _tag: 'Say', text, im: 'x' })
      for (const { packet } of subject.sent) {
        if (packet._tag === 'Relay') ok(classic.longestRelay(packet.relay) <= 2048 && /^[\x20-\x7e]*$/.test(classic.encodeRelay(packet.relay)))
      }
    }))
    const paced = granted(true).give({ _tag: 'Say', text: 'Я'.repeat(400), im: 'x' })
    deepEqual([paced.tags().slice(-2), paced.words()], [['NotTaken', 'Dropped'], ['im-start', 'im-complete']])
    deepEqual(paced.hear(200).tags().slice(-2), ['Answered', 'Ready'])
  })

  it(rule('C24'), () => {
    const subject = new Subject().ask(imStart).hear(200, ring([member('Me', 22002)])).give({ _tag: 'Say', text: 'Anyone?', im: 'x' })
    deepEqual([subject.words(), subject.last('Home').members, subject.state.underWay], [['im-start'], 1, []])
  })

  it('takes the text that an im-start brings along', () => {
    const subject = new Subject().ask(imStart, 'Hi there').hear(200, ring(ringOfThree))
    equal(subject.last('Sent').text, 'Hi there')
    ok(!subject.tags().includes('TextWanted'))
  })

  it('says once that a message is overdue, and knows it when it comes after all', () => {
    const subject = granted().give({ _tag: 'Say', text: 'Hi', im: 'x' }).pass(60_000)
    equal(subject.tags().filter((tag) => tag === 'Overdue').length, 1)
    equal(subject.receive(passing(4)).last('Home').ms, 60_000)
  })

  it('completes an im-start that gets no text, so that nobody is held by it', () => {
    const dropped = granted().give({ _tag: 'Drop' })
    deepEqual([dropped.words(), dropped.last('Dropped').completing], [['im-start', 'im-complete'], true])
    deepEqual(dropped.hear(200).tags().slice(-1), ['Ready'])
    const ended = granted(true).give({ _tag: 'Close', patient: true })
    deepEqual([ended.words(), ended.exits], [['im-start', 'im-complete'], []])
    deepEqual(ended.hear(200).exits, ['notTaken'])
  })

  it('forgets the oldest overdue message when its memory is full', () => {
    const subject = new Subject()
    for (let i = 0; i < limits.messagesUnderWay; i++) subject.ask(imStart, 'Hi').hear(200, ring(ringOfThree))
    subject.pass(limits.homeMs).ask(imStart, 'Hi').hear(200, ring(ringOfThree))
    deepEqual([subject.last('Sent').text, subject.state.underWay.length], ['Hi', limits.messagesUnderWay])
  })

  it('forgets the oldest relay, not the newest, when its memory is full', () => {
    const subject = new Subject()
    const numbered = (i: number): classic.Relay => ({ ...passing(2), mark: { list, im: String(i) } })
    for (let i = 0; i <= limits.relaysRemembered; i++) subject.receive(numbered(i))
    subject.sent = []
    equal(subject.receive(numbered(limits.relaysRemembered)).receive(numbered(limits.relaysRemembered / 2 + 1)).sent.length, 0)
    equal(subject.receive(numbered(0)).sent.length, 1)
  })

  it('does not start more messages than it can remember', () => {
    const subject = new Subject()
    for (let i = 0; i < limits.messagesUnderWay; i++) subject.ask(imStart, 'Hi').hear(200, ring(ringOfThree))
    subject.ask(imStart, 'Hi')
    deepEqual([subject.last('NotTaken').name, subject.state.phase._tag], ['TooManyUnderWay', 'Idle'])
  })

  it(rule('C31'), () => {
    const exited = new Subject().ask({ _tag: 'Exit', contact: me }).hear(200)
    deepEqual(exited.exits, [undefined])
    const script = granted(true).give({ _tag: 'Say', text: 'Hi', im: 'x' }).give({ _tag: 'Close', patient: true })
    deepEqual(script.exits, [])
    deepEqual(script.receive(passing(4)).exits, [undefined])
    const lost = granted(true).give({ _tag: 'Say', text: 'Hi', im: 'x' }).give({ _tag: 'Close', patient: true }).pass(limits.homeMs)
    deepEqual(lost.exits, ['overdue'])
    const asked = new Subject().ask(create).give({ _tag: 'Close', patient: true })
    deepEqual(asked.exits, [])
    deepEqual(asked.hear(200).exits, [undefined])
  })

  it('ends at once when a signal says so, and tells what is left open', () => {
    const subject = new Subject().ask({ _tag: 'Register', contact: me, ip: undefined, port: undefined }).hear(200).ask(create).give({ _tag: 'Close', patient: false })
    deepEqual([subject.exits, subject.last('Unanswered').why, subject.last('StillRegistered').contacts], [['unknown'], 'closing', ['Me']])
    deepEqual(subject.hear(200).exits.length, 1)
    deepEqual(granted().give({ _tag: 'Close', patient: false }).tags().slice(-1), ['Dropped'])
    deepEqual(granted().give({ _tag: 'Say', text: 'Hi', im: 'x' }).give({ _tag: 'Close', patient: false }).exits, ['overdue'])
  })
})

describe('a peer in any sequence of commands', () => {
  const counter = (): (() => string) => {
    let marks = 0
    return () => `mark-${(marks += 1)}`
  }

  it('has a step for each, keeps its invariants, and never awaits anything for ever', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.tuple(command(counter()), fc.nat(4000)), { maxLength: 60, size: 'max' }), (paced, commands) => {
        const subject = new Subject(paced)
        for (const [asked, ms] of commands) subject.pass(ms).give(asked, asked._tag === 'Hear' ? fromServer : operator)
        subject.pass(120_000)
        ok(['Idle', 'Composing'].includes(subject.state.phase._tag))
        subject.notices.forEach(({ _tag }) => met.add(_tag))
        subject.notices.forEach((notice) => ok(peer.Notice.is(notice)))
      }),
      { numRuns: 5000 },
    )
    const all = ['Ready', 'TextWanted', 'Answered', 'Unanswered', 'AnsweredLate', 'ElsewhereRegistered', 'Sent', 'Overdue', 'Dropped', 'Shown', 'Passed', 'Home', 'HomeUnknown', 'NotPassed', 'Ignored', 'NotTaken', 'StillRegistered']
    deepEqual(all.filter((tag) => !met.has(tag)), [], 'notices that were never met')
  })
})

describe('the invariants of a peer name what is broken', () => {
  const mine: peer.UnderWay = { which: { list: 'l', initiator: 'Me', im: 'x' }, members: 2, since: at(0), overdueAt: undefined }
  const crowd = Array.from({ length: limits.messagesUnderWay + 1 }, (_, i) => ({ ...mine, which: { ...mine.which, im: String(i) } }))
  const crowded = Array.from({ length: limits.relaysRemembered + 1 }, (_, i) => String(i)).reduce((all, key) => table.set(all, key, true as const), table.empty<string, true>())
  const ruined: ReadonlyArray<readonly [string, peer.State]> = [
    ['P1', { ...peer.initial, underWay: [mine, mine] }],
    ['P2', { ...peer.initial, underWay: crowd }],
    ['P3', { ...peer.initial, seen: { younger: crowded, older: table.empty() } }],
    ['P4', { ...peer.initial, phase: { _tag: 'Travelling', im: 'x' } }],
    ['P5', { ...peer.initial, doubt: { about: { word: 'save', args: [] }, tag: 'Save', replies: 0, unknown: false, until: at(0) } }],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(peer.violations(peer.initial), [])
      deepEqual(peer.violations(broken).map((violation) => violation.rule), [number])
    })
  }
})
