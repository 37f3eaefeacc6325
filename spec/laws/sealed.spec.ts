// A sealed peer, step by step: what it asks, and what it makes of answers that come, come late or never come.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { classic, classicActor, keyed, limits, operator, peer, self, table, type ContactName, type Tag, type ListName, type sealed } from '../../core/index.js'
import { Client, firstProcess, home, identity, me, nonce, own, pinnedServer, theServer } from '../model/client.js'
import { rule } from '../protocol.js'

const list = 'l' as ListName
const create: peer.sealed.Wish = { _tag: 'Create', list, policy: 'sealed' }
const queryLists: peer.sealed.Wish = { _tag: 'QueryLists' }
const register: peer.sealed.Wish = { _tag: 'Register', contact: me }
const exit: peer.sealed.Wish = { _tag: 'Exit', contact: undefined }
const other = identity(0x30)

describe('a sealed peer that asks', () => {
  it('shows its keys in its register, and the same nonce each time', () => {
    const client = new Client().ask(register).answer(451).ask(register).answer(200, { _tag: 'Registered', boot: 5 })
    const [first, second] = client.requests()
    const proof = theServer.id + theServer.id
    deepEqual(first, { _tag: 'Request', boot: 0, seq: 1, have: 0n, order: { _tag: 'Register', contact: me, signs: own.signs, proof, nonce } })
    deepEqual(second, { ...first, seq: 2 })
    deepEqual(client.all('Seal').filter(({ frame }) => frame._tag === 'Request').map(({ to, address, again }) => [to, address, again]), [[theServer.seals, home, false], [theServer.seals, home, false]])
    deepEqual([client.state.registered, client.state.boot], ['Me', 5])
  })

  it('counts every request up, under the boot of its register', () => {
    const client = new Client().registered(5).ask(queryLists).answer(200, { _tag: 'Lists', names: [list] }).ask(create).answer(457)
    deepEqual(client.requests().map(({ boot, seq }) => [boot, seq]), [[0, 1], [5, 2], [5, 3]])
    deepEqual([client.last('Answered').name, client.exits(), client.state.fault], ['ListExists', [], 'refused'])
  })

  it('says that a name is registered already, and asks for another one', () => {
    const client = new Client().registered().ask(register)
    deepEqual([client.last('NotTaken').sentence, client.requests().length, client.state.fault, client.tags().slice(-1)], ['registered already as Me', 1, undefined, ['Ready']])
    client.ask({ _tag: 'Register', contact: 'Foo' as ContactName }).answer(452)
    deepEqual([client.last('Answered').name, client.state.registered], ['OneName', 'Me'])
    const doubtful = new Client().registered(5).ask(exit).pass(60_000).ask(register).answer(200, { _tag: 'Registered', boot: 8 })
    deepEqual([doubtful.state.registered, doubtful.state.boot], ['Me', 8])
  })

  it('means its own contact where none is named', () => {
    const nobody = new Client().ask({ _tag: 'Join', list, contact: undefined })
    deepEqual([nobody.last('NotTaken').name, nobody.requests(), nobody.tags().slice(-1)], ['NobodyRegistered', [], ['Ready']])
    const client = new Client().registered().ask({ _tag: 'Join', list, contact: undefined })
    deepEqual(client.requests()[1]?.order, { _tag: 'Join', list, contact: me })
    client.answer(200).ask({ _tag: 'Leave', list, contact: 'Foo' as ContactName }).answer(403)
    deepEqual([client.last('Answered').about, client.state.fault], [{ word: 'leave', args: ['l', 'Foo'] }, 'notAuthorised'])
  })

  it('takes one command at a time, and no message of nobody', () => {
    const client = new Client().ask(queryLists).ask(create)
    equal(client.last('NotTaken').name, 'Busy')
    client.answer(200, { _tag: 'Lists', names: [] }).give({ _tag: 'Send', list, text: 'Hi', salt: '0'.repeat(32) as Tag, patience: 'once' })
    deepEqual([client.last('NotTaken').name, client.tags().slice(-1), client.requests().length], ['NobodyRegistered', ['Ready'], 1])
    client.give({ _tag: 'Mistype', sentence: 'what?' })
    deepEqual([client.last('NotTaken').sentence, client.tags().slice(-1)], ['what?', ['Ready']])
  })

  it('hears its server only, under its key', () => {
    const client = new Client().ask(queryLists)
    const [reply] = client.replies(0, { code: 200, body: { _tag: 'Lists', names: [] } })
    ok(reply !== undefined)
    for (const by of [keyed(other.seals), keyed(theServer.signs), classicActor(home.ip, home.port), operator, self]) client.give({ _tag: 'Hear', frame: reply }, by)
    deepEqual([client.state.phase._tag, client.state.ignored], ['Asking', 5])
  })

  it('takes an answer for that of the very same request only', () => {
    const client = new Client().registered(5).ask(create)
    const [reply] = client.replies(1, { code: 200, body: { _tag: 'Nothing' } })
    ok(reply !== undefined)
    for (const wrong of [{ boot: 4 }, { boot: 0 }, { seq: 1 }, { seq: 3 }]) client.hear({ ...reply, ...wrong })
    equal(client.state.phase._tag, 'Asking')
    equal(client.hear(reply).hear(reply).tags().filter((tag) => tag === 'Answered').length, 2)
  })

  it('puts a long answer together, and asks again for the missing parts only', () => {
    const names = Array.from({ length: 900 }, (_, i) => `${i} ${'of many '.repeat(4)}lists` as ListName)
    const client = new Client().ask(queryLists)
    const parts = client.replies(0, { code: 200, body: { _tag: 'Lists', names } })
    ok(parts.length > 8)
    deepEqual(client.all('Seal').map(({ again }) => again), [false])
    parts.filter(({ part }) => part.index !== 3).forEach((frame) => client.hear(frame).hear(frame))
    client.pass(2500)
    deepEqual(client.all('Seal').map(({ again }) => again), client.requests().map((_, i) => i > 0))
    const missing = client.replies(1, { code: 200, body: { _tag: 'Lists', names } })
    deepEqual(missing.map(({ part }) => part.index), [3])
    missing.forEach((frame) => client.hear(frame))
    deepEqual(client.last('Answered').lists, names)
  })

  it('asks again where an answer cannot be read', () => {
    const client = new Client().ask(queryLists)
    const [reply] = client.replies(0, { code: 200, body: { _tag: 'Lists', names: [] } })
    ok(reply !== undefined)
    client.hear({ ...reply, part: { index: 0, count: 1, bytes: new Uint8Array([1, 2, 3]) } })
    deepEqual([client.state.ignored, client.state.phase._tag], [1, 'Asking'])
    equal(client.hear(reply).last('Answered').code, 200)
  })

  it('gives up as unknown, never as failed; of a read it is known that nothing was done', () => {
    const silent = new Client().ask(create).pass(60_000)
    const about = { word: 'create', args: ['l'] }
    deepEqual(silent.last('Unanswered'), { _tag: 'Unanswered', about, outcome: 'unknown', why: 'silence', sends: 12 })
    deepEqual([silent.state.fault, silent.tags().slice(-1)], ['unknown', ['Ready']])
    const reading = new Client().ask(queryLists).pass(60_000)
    deepEqual([reading.last('Unanswered').outcome, reading.state.fault], ['notExecuted', 'unreachable'])
    const closed = new Client().ask(create).give({ _tag: 'PortClosed' }, self)
    while (closed.requests().length < limits.requestSends) closed.pass(100)
    equal(new Client().ask(create).give({ _tag: 'PortClosed' }, self).pass(60_000).last('Unanswered').why, 'silence')
    equal(closed.give({ _tag: 'PortClosed' }, self).pass(60_000).last('Unanswered').why, 'portClosed')
  })

  it('goes on with a request for which the server has no room, as if it had not heard, but says no hello and tells the user why', () => {
    const [full, silent] = [new Client().registered(), new Client().registered()]
    const estimate = full.state.estimate
    for (const client of [full, silent]) client.ask(create)
    while (full.state.phase._tag === 'Asking') {
      full.answer(507)
      deepEqual([full.state.phase._tag, full.wakeAt()], ['Asking', silent.wakeAt()])
      for (const client of [full, silent]) client.pass(client.wakeAt() - client.now)
    }
    const sent = full.all('Seal').slice(1)
    deepEqual(full.requests(), silent.requests())
    deepEqual(sent.map(({ again }) => again), sent.map(() => false))
    deepEqual([full.last('NoAnswerYet'), full.last('Unanswered')].map((notice) => ('busy' in notice ? notice.busy : notice._tag === 'Unanswered' && notice.why)), [true, 'busy'])
    deepEqual([full.last('Unanswered').outcome, full.last('Unanswered').sends, full.state.fault, full.state.estimate], ['unknown', 12, 'unknown', estimate])
    const { loss } = full.state.courier
    deepEqual(loss.sends, loss.answers)
    const lucky = new Client().registered().ask(create).answer(507)
    equal(lucky.pass(1500).answer(200).last('Answered').code, 200)
    // a late one tells nothing
    const [refusal] = full.replies(1, { code: 507, body: { _tag: 'Nothing' } })
    ok(refusal !== undefined)
    equal(full.hear(refusal).tags().includes('AnsweredLate'), false)
    const reading = new Client().ask(queryLists).answer(507).give({ _tag: 'Close', patient: false })
    equal(reading.last('Unanswered').outcome, 'notExecuted')
  })

  it('tells an answer that comes late, until a newer request has left', () => {
    const late = new Client().ask(register).pass(60_000)
    const [reply] = late.replies(0, { code: 200, body: { _tag: 'Registered', boot: 9 } })
    ok(reply !== undefined)
    late.hear(reply).hear(reply)
    deepEqual(late.tags().slice(-2), ['Ready', 'AnsweredLate'])
    deepEqual([late.state.registered, late.state.boot, late.ask(create).requests().slice(-1)[0]?.boot], ['Me', 9, 9])
    const overtaken = new Client().ask(create).pass(60_000).ask(queryLists)
    const [old] = overtaken.replies(0, { code: 200, body: { _tag: 'Nothing' } })
    ok(old !== undefined)
    overtaken.hear(old)
    deepEqual([overtaken.state.phase._tag, overtaken.tags().includes('AnsweredLate')], ['Asking', false])
  })

  it('ends with its exit, also when a repeated one finds nobody registered any more', () => {
    const done = new Client().registered().ask(exit).answer(200)
    deepEqual([done.exits(), done.tags().includes('StillRegistered')], [[undefined], false])
    const repeated = new Client().registered().ask(exit).pass(1500).answer(401)
    deepEqual([repeated.last('Answered').code, repeated.exits()], [200, [undefined]])
    const lost = new Client().registered().ask(exit).answer(401)
    deepEqual([lost.last('Answered').code, lost.exits()], [200, [undefined]])
    const stranger = new Client().ask({ _tag: 'Exit', contact: me }).answer(401)
    deepEqual([stranger.last('Answered').code, stranger.exits(), stranger.state.fault], [401, [], 'notAuthorised'])
    const late = new Client().registered().ask(exit).pass(60_000)
    const [reply] = late.replies(1, { code: 200, body: { _tag: 'Nothing' } })
    ok(reply !== undefined)
    deepEqual([late.hear(reply).last('AnsweredLate').code, late.exits()], [200, ['unknown']])
  })

  it('registers anew when the server has forgotten the contact', () => {
    const client = new Client().registered(5).ask(create).answer(401)
    deepEqual([client.state.registered, client.state.boot], [undefined, 0])
    equal(client.ask(register).requests().length, 3)
  })

  it('ends when another process has registered with its key', () => {
    const told = new Client().registered().ask(create).hear({ _tag: 'Superseded' }).answer(409)
    deepEqual(told.tags().slice(-2), ['Unanswered', 'Superseded'])
    deepEqual([told.last('Unanswered').outcome, told.last('Unanswered').why, told.exits()], ['unknown', 'superseded', ['superseded']])
    const stale = new Client().registered().ask(create).answer(409)
    deepEqual([stale.tags().slice(-2), stale.exits()], [['Unanswered', 'Superseded'], ['superseded']])
    const idle = new Client().registered().hear({ _tag: 'Superseded' }).answer(409)
    deepEqual([idle.tags().slice(-1), idle.exits()], [['Superseded'], ['superseded']])
    // its register came by another session than an earlier send of it: it is the newest all the same
    const newest = new Client().registered().hear({ _tag: 'Superseded' }).answer(200)
    deepEqual([newest.tags().includes('Superseded'), newest.exits(), newest.state.registered], [false, [], me])
    // what the server tells an older process may come by an older session of this one
    const registering = new Client().ask(register).hear({ _tag: 'Superseded' })
    deepEqual([registering.tags().includes('Superseded'), registering.exits()], [false, []])
    const unregistered = new Client().ask(queryLists).answer(409)
    deepEqual([unregistered.last('Answered').name, unregistered.exits()], ['Stale', []])
  })

  it('ends at once by a signal, and patiently with the answer', () => {
    const idle = new Client().registered().give({ _tag: 'Close', patient: true })
    deepEqual([idle.last('StillRegistered').contacts, idle.exits()], [['Me'], [undefined]])
    const patient = new Client().ask(create).give({ _tag: 'Close', patient: true })
    deepEqual(patient.exits(), [])
    equal(patient.ask(queryLists).last('NotTaken').name, 'Closing')
    deepEqual(patient.answer(457).exits(), ['notTaken'])
    const silent = new Client().ask(create).give({ _tag: 'Close', patient: true }).pass(60_000)
    deepEqual([silent.last('Unanswered').why, silent.exits()], ['silence', ['unknown']])
    const signal = new Client().ask(create).give({ _tag: 'Close', patient: false })
    deepEqual([signal.last('Unanswered').why, signal.exits(), signal.answer(200).exits().length], ['closing', ['unknown'], 1])
    const twice = new Client().ask(create).give({ _tag: 'Close', patient: true }).give({ _tag: 'Close', patient: true })
    deepEqual(twice.exits(), ['unknown'])
  })

  it('answers a ping of its server, and takes no frame that is not for a client', () => {
    const client = new Client().hear({ _tag: 'Ping', echo: '0123456789abcdef' })
    deepEqual(client.all('Seal').map(({ frame }) => frame), [{ _tag: 'Pong', echo: '0123456789abcdef', clock: undefined }])
    client.ask(queryLists).hear(client.requests()[0] as sealed.Request)
    equal(client.state.ignored, 1)
  })
})

describe('a sealed peer among classic members', () => {
  const member = (name: string, port: number): classic.RingMember => classic.ringMember(name, { ip: '192.0.2.9', port } as typeof home)
  const relay = { ...classic.newRelay([member('Foo', 22004), member('Me', 22002), member('Bar', 22006)], 'Hi', { list, im: 'x' }), pointer: 2 }

  it('shows their messages as unproven and passes them on, once', () => {
    const client = new Client().give({ _tag: 'Receive', packet: relay }, classicActor('192.0.2.9', 1)).give({ _tag: 'Receive', packet: relay })
    deepEqual(client.notices().slice(2), [
      { _tag: 'Shown', from: 'Foo', text: 'Hi', list: 'l', im: 'x', unproven: true },
      { _tag: 'Passed', from: 'Foo', to: 'Bar', home: false, list: 'l', im: 'x' },
    ])
    deepEqual(client.all('Send'), [{ _tag: 'Send', to: { ip: '192.0.2.9', port: 22007 }, packet: { _tag: 'Relay', relay: classic.advanced(relay) } }])
    client.give({ _tag: 'Receive', packet: { _tag: 'Malformed', at: 0, expected: 'JSON' } }).give({ _tag: 'SendFailed', to: 'x', why: 'y' }, self)
    deepEqual(client.tags().slice(-2), ['Ignored', 'NotPassed'])
  })
})

describe('the invariants of a sealed peer name what is broken', () => {
  const sound = new Client().registered().state
  const asking = new Client().ask(create).state
  const bound = { process: firstProcess, at: 0, since: 0 } as never
  const ruined: ReadonlyArray<readonly [string, peer.sealed.State]> = [
    ['P6', { ...sound, server: undefined }],
    ['P7', { ...asking, seq: 2 }],
    ['P8', asking.phase._tag === 'Asking' ? { ...asking, phase: { ...asking.phase, sends: 13 } } : asking],
    ['P9', { ...sound, boot: 0 }],
    ['P10', { ...sound, courier: { ...sound.courier, clock: [bound, bound] } }],
    ['P11', { ...sound, pins: pinnedServer, blocked: table.set(table.empty(), 'Foo' as ContactName, other.id) }],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(peer.sealed.violations(sound), [])
      deepEqual(peer.sealed.violations(asking), [])
      deepEqual(peer.sealed.violations(broken).map((violation) => violation.rule), [number])
    })
  }
})
