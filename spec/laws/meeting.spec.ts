// Whom a sealed peer takes for its server: pinned, named, met for the first time, changed, or silent.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { classicActor, diary, epoch, fingerprint, keyed, limits, operator, peer, pins, self, type ListName } from '../../core/index.js'
import { box } from '../model/box.js'
import { Client, home, identity, idOf, nonce, own, pinnedServer, theServer } from '../model/client.js'

const list = 'l' as ListName
const create: peer.sealed.Wish = { _tag: 'Create', list, policy: 'sealed' }
const queryLists: peer.sealed.Wish = { _tag: 'QueryLists' }
const other = identity(0x30)
const print = ({ id }: typeof other): string => fingerprint(id)

describe('a sealed peer that meets its server', () => {
  it('asks a pinned server nothing and is ready', () => {
    const client = new Client()
    deepEqual([client.tags(), client.asksWho(), client.state.server], [['ServerMet', 'Ready'], 0, theServer])
    equal(client.last('ServerMet').how, 'pinned')
    const named = new Client({ expected: theServer.id })
    deepEqual([named.tags(), named.asksWho()], [['ServerMet', 'Ready'], 0])
  })

  it('trusts an unknown server on first use, and pins it with the first frame that its key has sealed', () => {
    const client = new Client({ pinned: pins.none })
    deepEqual([client.tags(), client.asksWho()], [[], 1])
    equal(client.ask(queryLists).last('NotTaken').name, 'NotMet')
    client.met(theServer)
    deepEqual(client.notices().slice(1), [{ _tag: 'ServerMet', fingerprint: print(theServer), how: 'firstUse' }, { _tag: 'Ready' }])
    deepEqual(client.all('Remember'), [])
    client.ask(queryLists).answer(200, { _tag: 'Lists', names: [] })
    deepEqual(client.all('Remember').map(({ pins: kept }) => pins.server(kept, home)), [theServer])
    client.ask(queryLists).answer(200, { _tag: 'Lists', names: [] })
    equal(client.all('Remember').length, 1)
    equal(client.last('Answered').code, 200)
  })

  it('takes the server that the user named, and no other', () => {
    const right = new Client({ pinned: pins.none, expected: theServer.id }).met(theServer)
    deepEqual([right.last('ServerMet').how, right.tags().slice(-1)], ['named', ['Ready']])
    const wrong = new Client({ pinned: pins.none, expected: theServer.id }).met(other)
    deepEqual(wrong.notices(), [{ _tag: 'OtherServer', expected: print(theServer), found: print(other), source: 'named' }])
    deepEqual([wrong.exits(), wrong.state.ended, wrong.all('Remember')], [['changedKey'], true, []])
  })

  it('stops where another server is pinned than the user named', () => {
    const client = new Client({ expected: other.id })
    deepEqual(client.notices(), [{ _tag: 'OtherServer', expected: print(theServer), found: print(other), source: 'pinned' }])
    deepEqual([client.exits(), client.effects.length], [['changedKey'], 2])
  })

  it('asks a pinned server that never answers who it is, and stops where it is another now', () => {
    const client = new Client().ask(queryLists).pass(1300)
    deepEqual([client.requests().length, client.asksWho()], [2, 0])
    equal(client.met(other).state.ended, false)
    client.pass(2600)
    deepEqual([client.requests().length, client.asksWho()], [3, 1])
    equal(client.met(theServer).state.ended, false)
    client.met(other)
    deepEqual(client.last('OtherServer'), { _tag: 'OtherServer', expected: print(theServer), found: print(other), source: 'pinned' })
    deepEqual(client.exits(), ['changedKey'])
    const alive = new Client().ask(queryLists).answer(200, { _tag: 'Lists', names: [] }).ask(create).pass(60_000)
    deepEqual([alive.asksWho(), alive.met(other).state.ended], [0, false])
    const unpinned = new Client({ pinned: pins.none }).met(other).ask(queryLists).pass(4000).met(theServer)
    equal(unpinned.last('OtherServer').source, 'met')
  })

  it('takes another server than the pinned one where the user says so', () => {
    const client = new Client({ acceptServer: true })
    equal(client.asksWho(), 1)
    equal(client.met(other).last('ServerMet').how, 'accepted')
    client.ask(queryLists)
    const [reply] = client.replies(0, { code: 200, body: { _tag: 'Lists', names: [] } })
    ok(reply !== undefined)
    equal(client.hear(reply).last('Ignored').count, 1)
    client.hear(reply, other)
    deepEqual(client.all('Remember').map(({ pins: kept }) => pins.server(kept, home)), [other])
    equal(client.last('Answered').code, 200)
    equal(new Client({ acceptServer: true }).met(theServer).last('ServerMet').how, 'pinned')
    deepEqual(new Client({ acceptServer: true, expected: theServer.id }).met(other).exits(), ['changedKey'])
  })

  it('believes who the server is only from its address, signed, and with the id of its keys', () => {
    const client = new Client({ pinned: pins.none })
    client.met(theServer, false).met({ ...theServer, id: other.id }).met(theServer, true, classicActor(home.ip, 1)).met(theServer, true, keyed(theServer.seals)).met(theServer, true, operator)
    client.met(theServer, true, classicActor('192.0.2.66', home.port))
    deepEqual([client.state.phase._tag, client.state.ignored], ['Meeting', 6])
  })

  it('takes no answer before it has asked', () => {
    const machine = peer.sealed.machine(peer.sealed.config({ own, address: home, server: home, expected: undefined, acceptServer: false, idOf, prove: () => '', ciphers: box(1) }))
    const begun = peer.sealed.initial({ nonce, seed: 7, pins: pinnedServer, diary: diary.empty })
    const early = machine.reduce(begun, { at: epoch, by: classicActor(home.ip, home.port), command: { _tag: 'Met', server: other, proven: true } })
    deepEqual([early.state, early.effects], [begun, []])
  })

  it('gives up and ends when nobody says who the server is', () => {
    const client = new Client({ pinned: pins.none }).give({ _tag: 'PortClosed' }, self).pass(60_000)
    deepEqual([client.asksWho(), client.last('Unmet').sends, client.exits()], [limits.requestSends, limits.requestSends, ['unreachable']])
    const closed = new Client({ pinned: pins.none }).pass(5000).give({ _tag: 'Close', patient: true })
    deepEqual([closed.last('NoAnswerYet').sends, closed.last('Unmet').sends, closed.exits()], [3, 3, ['unreachable']])
  })
})
