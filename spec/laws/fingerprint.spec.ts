// Fingerprints and pins: an id survives being written down, no slip of one character passes for it, and what was met first stays pinned
// until a person says otherwise.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { fingerprint, fingerprintFrom, pins, serverFrom, serverLine, showFingerprint, type Address, type ContactId, type ContactName, type Identity, type PublicKey } from '../../core/index.js'

const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const id = hex.map((text) => text as ContactId)
const identity: fc.Arbitrary<Identity> = fc.record({ id, signs: hex.map((text) => text as PublicKey), seals: hex.map((text) => text as PublicKey) })
const address: fc.Arbitrary<Address> = fc.record({
  ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', 'peal.example.org', 'Peal.Example.ORG')),
  port: fc.integer({ min: 1, max: 65534 }),
}, { noNullPrototype: true }).map((at) => at as Address)

describe('a fingerprint', () => {
  it('is base32 as RFC 4648 has it, in lower case without padding', () => {
    const bytes = Buffer.from('foobar'.repeat(6).slice(0, 32))
    const zeros = '0'.repeat(64) as ContactId
    equal(fingerprint(bytes.toString('hex') as ContactId), 'mzxw6ytbojtg633cmfzgm33pmjqxeztpn5rgc4tgn5xweylsmzxq')
    equal(showFingerprint(zeros), Array<string>(13).fill('aaaa').join('-'))
    equal(fingerprint('f'.repeat(64) as ContactId), `${'7'.repeat(51)}q`)
  })

  it('gives the id back in either form', () => {
    fc.assert(fc.property(id, (of) => {
      equal(fingerprint(of).length, 52)
      equal(fingerprintFrom(fingerprint(of)), of)
      equal(fingerprintFrom(showFingerprint(of)), of)
    }))
  })

  it('changed in any one character is refused or another id', () => {
    const characters = Array.from('abcdefghijklmnopqrstuvwxyz0123456789-AZ= é')
    fc.assert(fc.property(id, fc.boolean(), (of, grouped) => {
      const text = grouped ? showFingerprint(of) : fingerprint(of)
      for (let at = 0; at < text.length; at++)
        for (const other of characters) if (other !== text[at]) notEqual(fingerprintFrom(text.slice(0, at) + other + text.slice(at + 1)), of)
      for (let at = 0; at <= text.length; at++) {
        equal(fingerprintFrom(text.slice(0, at) + text.slice(at + 1)) ?? 'refused', at === text.length ? of : 'refused')
        equal(fingerprintFrom(`${text.slice(0, at)}a${text.slice(at)}`), undefined)
      }
    }), { numRuns: 20 })
  })

  it('is of any text at most one, in the two forms that it has', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz234567')), minLength: 52, maxLength: 52 }), (text) => {
      const found = fingerprintFrom(text)
      if (found !== undefined) equal(fingerprint(found), text)
    }), { numRuns: 2000 })
  })
})

describe("a server's line", () => {
  it('is read as it was written', () => {
    fc.assert(fc.property(address, fc.option(id, { nil: undefined }), (at, of) => {
      const read = serverFrom(serverLine({ address: at, id: of }))
      ok(isRight(read))
      deepEqual(read.right, { address: at, id: of })
    }))
  })

  it('has a port, an IPv6 address in brackets, and a whole fingerprint or none', () => {
    const print = fingerprint('1'.repeat(64) as ContactId)
    for (const text of ['', 'peal', ':22000', '192.0.2.1', '192.0.2.1:', '192.0.2.1:0', '192.0.2.1:65535', '192.0.2.1:1x', '2001:db8::7:22000', '[192.0.2.1]:22000', '[2001:db8::7]', 'a b:1', '192.0.2.1:1#', `192.0.2.1:1#${print}x`, `192.0.2.1:1#${print.toUpperCase()}`, `192.0.2.1:1##${print}`, `192.0.2.1:1 #${print}`])
      ok(isLeft(serverFrom(text)), text)
    deepEqual(serverFrom(`[2001:db8::7]:22000#${showFingerprint('1'.repeat(64) as ContactId)}`), serverFrom(`[2001:db8::7]:22000#${print}`))
  })
})

describe('pins', () => {
  const name = fc.constantFrom('Me', '__proto__', 'Foo Bar', 'é', '1').map((text) => text as ContactName)
  const contact = fc.record({ server: fc.constantFrom('a', 'b').map((digit) => digit.repeat(64) as ContactId), name, id })

  it('keep whoever came first, until somebody accepts another', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.boolean(), contact), { maxLength: 30 }), (meetings) => {
      const model = new Map<string, ContactId>()
      let held = pins.none
      for (const [accepted, met] of meetings) {
        const key = `${met.server}/${met.name}`
        const known = model.get(key)
        equal(pins.judgeContact(held, met), known === undefined ? 'new' : known === met.id ? 'same' : 'changed')
        if (accepted || known === undefined) model.set(key, met.id)
        held = (accepted ? pins.acceptContact : pins.pinContact)(held, met)
        equal(pins.contact(held, met.server, met.name), model.get(key))
      }
      equal(held.contacts.size, model.size)
    }))
  })

  it('know servers by address, whatever the case of its letters', () => {
    fc.assert(fc.property(address, identity, identity, (at, first, second) => {
      const held = pins.pinServer(pins.none, at, first)
      const upper = { ...at, ip: at.ip.toUpperCase() } as Address
      equal(pins.judgeServer(pins.none, at, first), 'new')
      equal(pins.judgeServer(held, upper, first), 'same')
      equal(pins.judgeServer(held, at, second), first.id === second.id ? 'same' : 'changed')
      deepEqual(pins.server(pins.pinServer(held, upper, second), at), first)
      deepEqual(pins.server(pins.acceptServer(held, upper, second), at), second)
    }))
  })

  it('are the same after they were listed, and the list is the same whatever came first', () => {
    fc.assert(fc.property(fc.array(fc.tuple(address, identity)), fc.uniqueArray(contact, { selector: (met) => `${met.server}${met.name}` }), (servers, contacts) => {
      const pinned = (of: typeof contacts): pins.Pins =>
        of.reduce((all, met) => pins.pinContact(all, met), servers.reduce((all, [at, keys]) => pins.pinServer(all, at, keys), pins.none))
      const listed = pins.listed(pinned(contacts))
      ok(pins.Listed.is(listed))
      const again = pins.fromListed(listed)
      ok(again)
      deepEqual(pins.listed(again), listed)
      deepEqual(pins.listed(pinned([...contacts].reverse())), listed)
    }))
  })

  it('are at most so many, and those that there are stay', () => {
    const at = (n: number): pins.PinnedContact => ({ server: 'a'.repeat(64) as ContactId, name: `c${n}` as ContactName, id: 'b'.repeat(64) as ContactId })
    let held = pins.none
    for (let n = 0; n < 16_384; n++) held = pins.pinContact(held, at(n))
    equal(pins.pinContact(held, at(16_384)), held)
    equal(pins.judgeContact(held, at(16_384)), 'new')
    const other = 'c'.repeat(64) as ContactId
    equal(pins.contact(pins.acceptContact(held, { ...at(5), id: other }), at(5).server, at(5).name), other)
  })
})
