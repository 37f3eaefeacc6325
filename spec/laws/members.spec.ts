// Whom a sealed peer trusts under which name: pinned at first sight, and blocked when the key changes, until the user accepts it.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { fingerprint, pins, type ContactName, type Identity, type ListName, type sealed } from '../../core/index.js'
import { Client, identity, idOf, me, own, theServer } from '../model/client.js'

const list = 'l' as ListName
const foo = 'Foo' as ContactName
const [first, second] = [identity(0x40), identity(0x50)]

const row = (name: ContactName, keys: Identity | undefined): sealed.MemberRow => ({
  name, ip: '192.0.2.9' as never, port: 22004 as never, presence: keys === undefined ? 'classic' : 'alive', keys,
})
const members = (...rows: ReadonlyArray<sealed.MemberRow>): sealed.AnswerBody => ({ _tag: 'Members', owner: me, policy: 'sealed', members: rows })

const shown = (client: Client, ...rows: ReadonlyArray<sealed.MemberRow>): Client => client.ask({ _tag: 'Members', list }).answer(200, members(...rows))
const pinnedId = (client: Client): string | undefined => pins.contact(client.state.pins, theServer.id, foo)

describe('a sealed peer and the keys of others', () => {
  it('pins members at first sight, once, and those of the classic wire not at all', () => {
    const client = shown(new Client(), row(me, own), row(foo, first), row('Old' as ContactName, undefined))
    deepEqual([pinnedId(client), client.all('Remember').length, client.state.pins.contacts.size], [first.id, 1, 2])
    deepEqual(client.last('Answered').members?.map(({ name, presence, fingerprint: print }) => [name, presence, print]), [
      ['Me', 'alive', fingerprint(own.id)], ['Foo', 'alive', fingerprint(first.id)], ['Old', 'classic', undefined],
    ])
    deepEqual([client.last('Answered').policy, client.last('Answered').owner], ['sealed', 'Me'])
    equal(shown(client, row(me, own), row(foo, first)).all('Remember').length, 1)
  })

  it('tells a key that changes, each time, and keeps the pinned one', () => {
    const client = shown(shown(new Client(), row(foo, first)), row(foo, second))
    deepEqual(client.last('KeyChanged'), { _tag: 'KeyChanged', contact: 'Foo', was: fingerprint(first.id), is: fingerprint(second.id) })
    deepEqual([pinnedId(client), client.state.blocked.size, client.all('Remember').length], [first.id, 1, 1])
    equal(shown(client, row(foo, second)).tags().filter((tag) => tag === 'KeyChanged').length, 2)
    equal(shown(client, row(foo, first)).state.blocked.size, 0)
  })

  it('lets nobody in under a name that has another key, until its user accepts that', () => {
    const client = shown(shown(new Client().registered(), row(foo, first)), row(foo, second))
    const sent = client.requests().length
    client.ask({ _tag: 'Invite', list: 'l' as ListName, contact: foo })
    deepEqual([client.last('NotTaken').name, client.requests().length, client.tags().slice(-1)], ['Blocked', sent, ['Ready']])
    client.give({ _tag: 'Accept', contact: foo }).ask({ _tag: 'Invite', list: 'l' as ListName, contact: foo })
    equal(client.requests().length, sent + 1)
  })

  it('pins the other key when its user accepts it, and nothing that was not met', () => {
    const client = shown(shown(new Client(), row(foo, first)), row(foo, second)).give({ _tag: 'Accept', contact: foo })
    deepEqual(client.last('KeyAccepted'), { _tag: 'KeyAccepted', contact: 'Foo', fingerprint: fingerprint(second.id) })
    deepEqual([pinnedId(client), client.state.blocked.size, client.tags().slice(-1)], [second.id, 0, ['Ready']])
    const [, kept] = client.all('Remember')
    ok(kept !== undefined)
    equal(pins.contact(kept.pins, theServer.id, foo), second.id)
    client.give({ _tag: 'Accept', contact: foo })
    deepEqual([client.last('NotTaken').name, client.tags().slice(-1)], ['NotBlocked', ['Ready']])
    equal(shown(client, row(foo, second)).tags().filter((tag) => tag === 'KeyChanged').length, 1)
  })

  it('believes keys, and not the id that a server says they have', () => {
    const forged = { ...second, id: first.id }
    const client = shown(shown(new Client(), row(foo, first)), row(foo, forged))
    equal(client.last('KeyChanged').is, fingerprint(idOf(second.signs, second.seals)))
  })
})
