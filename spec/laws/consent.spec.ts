// Whether a message may leave in clear is asked before anything else is: what a sealed peer does for a list that classic members may be on (R29).
import { deepEqual, equal, match } from 'node:assert/strict'
import { classic, classicActor, limits, pins, roll, sealed, table, type Address, type ContactName, type Identity, type ListName, type Policy, type Tag } from '../../core/index.js'
import { box } from '../model/box.js'
import { Client, identity, me, own, pinnedServer, reached, theServer } from '../model/client.js'

const list = 'l' as ListName
const address = { ip: '192.0.2.9', port: 22004 } as Address
const row = (name: string, keys?: ReturnType<typeof identity>): sealed.MemberRow => ({ name: name as ContactName, ...address, presence: keys === undefined ? 'classic' : 'alive', keys })
const told = (policy: Policy, ...classics: readonly string[]): sealed.AnswerBody =>
  ({ _tag: 'Members', owner: undefined, policy, members: [row('Me', own), row('Foo', identity(0x40)), ...classics.map((name) => row(name))] })

/** The orders that this peer has sent, but for the register. */
const asked = (client: Client): ReadonlyArray<string> => client.requests().slice(1).map(({ order }) => order._tag)
const send = (client: Client, inClear?: boolean): Client =>
  client.give({ _tag: 'Send', list, text: 'Hi', salt: '1'.repeat(32) as Tag, patience: 'once', ...(inClear === undefined ? {} : { inClear }) })

describe('a message that may have to leave in clear', () => {
  it('is refused before anything is begun, by the names of those whose copies would, and what to do', () => {
    const client = send(new Client().registered())
    deepEqual([asked(client), client.tags().includes('NotBegun')], [['Members'], false])
    client.answer(200, told('open', 'Dora', 'Ed'))
    const { list: of, code, name, sentence } = client.last('NotBegun')
    deepEqual([of, code, name, asked(client), client.state.fault, client.tags().at(-1)], ['l', 0, 'InClear', ['Members'], 'notTaken', 'Ready'])
    match(sentence, /^Dora, Ed are classic members, whose copies would go in clear, for anybody on the way to read and to change; --allow-classic sends it so$/)
    send(client).answer(200, told('open', ...Array.from({ length: 20 }, (_, i) => `C${i}`)))
    match(client.last('NotBegun').sentence, /^C0, .*C7 and 12 others are/)
    send(client).answer(200, told('open', 'Dora'))
    match(client.last('NotBegun').sentence, /^Dora is a classic member, whose copy would/)
  })

  it('is asked for at once where the user has said so, and where the list takes no classic members', () => {
    const allowed = send(new Client().registered(), true)
    deepEqual(asked(allowed), ['ImStart'])
    for (const policy of ['sealed', 'closed'] as const) {
      const client = send(new Client().registered()).answer(200, told(policy))
      deepEqual(asked(client), ['Members', 'ImStart'])
      send(client.answer(503))
      deepEqual(asked(client), ['Members', 'ImStart', 'ImStart'])
      // another list of that name may be open
      client.answer(503).ask({ _tag: 'Join', list, contact: undefined }).answer(200)
      send(client)
      deepEqual(asked(client).slice(3), ['Join', 'Members'])
    }
  })

  it('is asked about once more where too many lists are known to take no classic members', () => {
    const client = new Client().registered()
    const many = Array.from({ length: limits.listsLocated }, (_, n) => `list ${n}` as ListName)
    client.state = { ...client.state, keyedOnly: table.from(many, () => true as const) }
    deepEqual([asked(send(client).answer(200, told('sealed'))), client.state.keyedOnly.size], [['Members', 'ImStart'], 1])
  })

  it('is asked about each time for an open list, and what the user asks for tells as much', () => {
    const client = send(new Client().registered()).answer(200, told('open'))
    deepEqual(asked(client), ['Members', 'ImStart'])
    send(client.answer(503))
    deepEqual(asked(client).slice(2), ['Members'])
    const other = new Client().registered().ask({ _tag: 'Members', list }).answer(200, told('sealed'))
    deepEqual(asked(send(other)), ['Members', 'ImStart'])
  })

  it('is begun where the members are not told, so that the answer says why, and is not where nothing is answered', () => {
    const refused = send(new Client().registered()).answer(464)
    deepEqual([asked(refused), refused.answer(464).last('NotBegun').code], [['Members', 'ImStart'], 464])
    const silent = send(new Client().registered()).pass(60_000)
    deepEqual([asked(silent).includes('ImStart'), silent.last('NotBegun').name, silent.state.fault, silent.tags().at(-1)], [false, 'NotAsked', 'unreachable', 'Ready'])
    // a peer that ends waits for it
    equal(send(new Client().registered()).give({ _tag: 'Close', patient: true }).answer(200, told('open', 'Dora')).exits()[0], 'notTaken')
  })

  it('is not begun where somebody has another key than before, which is looked at before the list is locked', () => {
    const foo = 'Foo' as ContactName
    const moved: sealed.AnswerBody = { _tag: 'Members', owner: undefined, policy: 'sealed', members: [row('Me', own), row('Foo', identity(0x50))] }
    const blocked = (client: Client): void => {
      const { code, name, sentence } = client.last('NotBegun')
      deepEqual([code, name, client.tags().includes('KeyChanged'), client.tags().at(-1)], [0, 'Blocked', true, 'Ready'])
      match(sentence, /^another key than before is registered for Foo: /)
    }
    // asked anyway
    const open = send(new Client().registered().ask({ _tag: 'Members', list }).answer(200, told('open'))).answer(200, { ...moved, policy: 'open' })
    blocked(open)
    deepEqual(asked(open), ['Members', 'Members'])
    deepEqual(asked(send(open.give({ _tag: 'Accept', contact: foo })).answer(200, { ...moved, policy: 'open' })), ['Members', 'Members', 'Members', 'ImStart'])
    // asked because of a ring that is known, and not for nothing
    const { hash } = box(1)
    const seat = (keys: Identity): sealed.Ring['members'][number] => ({ _tag: 'Keyed', name: foo, signs: keys.signs, seals: keys.seals })
    const met = (keys: Identity): pins.Pins => pins.pinContact(pinnedServer, { server: theServer.id, name: foo, id: hash(new Uint8Array(Buffer.from(keys.signs + keys.seals, 'hex'))) as string as Identity['id'] })
    const knowing = (epoch: number, keys: Identity): Client => {
      const client = new Client({ pinned: met(identity(0x40)) }).registered()
      const ring = { list, epoch, members: [seat(keys)] }
      client.state = { ...client.state, courier: { ...client.state.courier, rings: roll.set(client.state.courier.rings, hash(sealed.encodeRing(ring)), ring) } }
      return client
    }
    deepEqual(asked(send(knowing(5, identity(0x40)), true)), ['ImStart'])
    const ring = send(knowing(5, identity(0x50)), true)
    deepEqual(asked(ring), ['Members'])
    ring.answer(200, moved)
    blocked(ring)
    deepEqual(asked(ring), ['Members'])
    // who has left is in nobody's way; and a classic member is in nobody's whose user has said so
    deepEqual(asked(send(knowing(5, identity(0x50)), true).answer(200, { ...moved, members: [row('Me', own), row('Dora')] })), ['Members', 'ImStart'])
  })

  it('is one at a time', () => {
    const client = send(send(new Client().registered()))
    deepEqual([client.last('NotTaken').name, asked(client)], ['Busy', ['Members']])
    equal(new Client().registered().give({ _tag: 'Resend', im: '0'.repeat(28) as never, patience: 'once' }).last('NotBegun').name, 'Unknown')
  })
})

describe('what a sealed peer hears in clear', () => {
  const ring = (initiator: string, pointer: number, nonce: string): classic.Relay =>
    ({ ...classic.newRelay([classic.ringMember(initiator, reached), classic.ringMember('Dora', address)], 'Hi', { list, im: nonce }), pointer })

  it('is nothing where it is home: nobody is told, and nothing is said', () => {
    const client = new Client().registered()
    const before = client.notices().length
    for (const packet of [ring(me, 3, '0'.repeat(32)), ring('Foo', 3, 'x'), { ...ring(me, 3, ''), mark: undefined }]) client.give({ _tag: 'Receive', packet }, classicActor(address.ip, address.port))
    deepEqual([client.notices().length, client.all('Send'), client.state.ignored], [before, [], 0])
  })
})
