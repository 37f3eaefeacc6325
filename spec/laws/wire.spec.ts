// The classic wire, both directions: what is encoded decodes to the same, and whatever else comes in is told apart without a throw.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { classic, ContactName, decodeUtf8, Host, isIpv4, isIpv6, ListName, ring, utf8Length, type Malformed } from '../../core/index.js'
import { isIP } from 'node:net'
import { address, anyContactName, anyListName, host, port } from '../arbitraries/names.js'
import { hostileBytes, reply, request } from '../arbitraries/wire.js'
import { rule } from '../protocol.js'
import { textOf } from '../../shell/text.js'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const strict = (input: Uint8Array): string | undefined => {
  try {
    return utf8.decode(input)
  } catch {
    return undefined
  }
}

const members = fc.array(fc.record({ name: anyContactName(), ip: host(), port: port() }), { minLength: 1, maxLength: 4 })

describe('UTF-8', () => {
  it('is what the platform says it is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 }).map(bytes)
    // the bytes at which encodings begin to be overlong, surrogates, or above U+10FFFF
    const nearlyUtf8 = fc.array(fc.constantFrom(0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5), { maxLength: 6 }).map((all) => Uint8Array.from(all))
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 40 }), text, hostileBytes(), nearlyUtf8), (input) => {
      const ours = decodeUtf8(input)
      equal(isRight(ours) ? ours.right : undefined, strict(input))
      deepEqual(textOf(input), ours)
    }), { numRuns: 20_000 })
  })

  it('has as many bytes as are counted', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => equal(utf8Length(text), bytes(text).length)))
  })
})

describe('addresses', () => {
  it('are IPv4 and IPv6 as the platform reads them', () => {
    const almost = fc.string({ unit: fc.constantFrom('1', '25', '0', 'f', ':', '::', '.', 'g', '256'), maxLength: 20 })
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), almost), (text) => {
      equal(isIpv4(text), isIP(text) === 4, text)
      equal(isIpv6(text), isIP(text) === 6, text)
    }), { numRuns: 20_000 })
  })

  it('may be host names, but no number that almost is an address', () => {
    deepEqual(['localhost', 'a-b.example', 'x_y'].map(Host.is), [true, true, true])
    deepEqual(['10.120.70.256', '10.120.70', '1', '', 'a b', '-a', 'a..b', 'a'.repeat(64)].map(Host.is), [false, false, false, false, false, false, false, false])
  })
})

describe('names', () => {
  it(rule('C6'), () => {
    const good = ['Me', 'a b', '-_', '_-', '__proto__', 'x'.repeat(255), 'Ω'.repeat(127), '🔔']
    const bad = ['', '-_-', 'a-_-b', 'a-_', '-_'.repeat(2), 'x'.repeat(256), 'Ω'.repeat(128), 'a\nb', '\u001b[31m', '\u007f', '\u0085', '\ud800']
    deepEqual(good.filter((name) => name !== '-_').map(ContactName.is), good.slice(1).map(() => true))
    deepEqual([...bad, '-_'].map(ContactName.is), [...bad, '-_'].map(() => false))
    deepEqual(bad.map(ListName.is), bad.map(() => false))
  })
})

describe('requests', () => {
  it(rule('C1'), () => {
    fc.assert(fc.property(request(), (sent) => {
      const received = classic.decodeRequest(classic.encodeRequest(sent))
      deepEqual(received, { _tag: 'Right', right: sent })
    }), { numRuns: 5000 })
    equal(classic.encodeRequest({ _tag: 'Join', list: 'l' as ListName, contact: 'Me' as ContactName }), 'join-_-l-_-Me')
  })

  it(rule('C7'), () => {
    fc.assert(fc.property(address(), fc.constantFrom('"', "'", '\'"'), ({ ip, port: number }, quote) => {
      const received = classic.decodeRequest(['register', 'Me', `${quote}${ip}${quote}`, `${quote}${number}${quote}`].join('-_-'))
      ok(isRight(received) && received.right._tag === 'Register')
      deepEqual(received.right.address, { ip, port: number })
    }))
  })

  it('say where they are wrong and what was expected', () => {
    const wrong = (text: string): readonly [number, string] | undefined => {
      const decoded = classic.decodeRequest(text)
      return isLeft(decoded) ? [decoded.left.at, decoded.left.expected.split(':')[0] ?? ''] : undefined
    }
    deepEqual(wrong('jion-_-l-_-Me'), [0, 'one of register, create, query-lists, join, leave, exit, im-start, im-complete, save'])
    deepEqual(wrong('join-_-l'), [2, 'join'])
    deepEqual(wrong('join-_-l-_-Me-_-x'), [4, 'join'])
    deepEqual(wrong('register-_-Me-_-999.0.0.1-_-22000'), [2, 'an IPv4 or IPv6 address'])
    deepEqual(wrong('register-_-Me-_-192.0.2.1-_-0'), [3, 'a port from 1 to 65534'])
    deepEqual(wrong('create-_-'), [1, "a list's name"])
    deepEqual(wrong('query-lists-_-x'), [2, 'query-lists'])
  })
})

describe('replies', () => {
  it(rule('C2'), () => {
    fc.assert(fc.property(reply(), (sent) => deepEqual(classic.decodeReply(classic.encodeReply(sent)), { _tag: 'Right', right: sent })), { numRuns: 3000 })
    fc.assert(fc.property(reply(), (sent) => ok(/^[\x20-\x7e]*$/.test(classic.encodeReply(sent)), 'all ASCII')))
  })

  it('have one code and one sentence each, and none of ours in the range of the original', () => {
    const all = Object.values(classic.codes).map(({ code }) => code)
    equal(new Set(all).size, all.length)
    deepEqual(all.filter((code) => code >= 455 && code <= 465), [455, 456, 457, 458, 459, 460, 461, 462, 463, 464, 465])
    for (const [name, { code }] of Object.entries(classic.codes)) equal(classic.codeName(code), name)
  })
})

describe('relays', () => {
  const mark = { list: 'l', im: '0123456789abcdef' }

  it(rule('C21'), () => {
    const strange = '{ "pointer":2,"x":{"pointer":99,"y":[1.0,12345678901234567890,"\\"pointer\\": 7"]}, "num_contacts_in_list" : 2,"2":0,\n"contact_list":[{"name":"Me","ip":"::1","port":1,"pointer":5},{"name":"I","ip":"::1","port":3}],"text_message":"\\u041f pointer\\": 3","\\u0070ointer" :  2 ,"z":1e0}'
    const received = classic.decodeRelay(strange)
    ok(isRight(received))
    equal(classic.encodeRelay(received.right), strange)
    equal(classic.encodeRelay(classic.advanced(received.right)), strange.replace(':  2 ,', ':  3 ,'))
    fc.assert(fc.property(members, fc.string({ unit: 'binary', maxLength: 40 }), fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }), (ringOf, text, extra) => {
      const sent = JSON.stringify({ ...extra, num_contacts_in_list: ringOf.length, contact_list: ringOf, text_message: text, pointer: 2, peal: mark })
      const decoded = classic.decodeRelay(sent)
      if (bytes(sent).length > 2048) return ok(isLeft(decoded))
      ok(isRight(decoded))
      deepEqual(JSON.parse(classic.encodeRelay(classic.advanced(decoded.right))), { ...(JSON.parse(sent) as object), pointer: 3 })
    }))
  })

  it('are, when new, what an original would write: ASCII, with blanks after commas and colons', () => {
    const relay = classic.newRelay([classic.ringMember('Яна', { ip: '192.0.2.1' as Host, port: 22000 as never })], 'é\u007f', mark)
    equal(classic.encodeRelay(relay), '{"num_contacts_in_list": 1, "contact_list": [{"name": "\\u042f\\u043d\\u0430", "ip": "192.0.2.1", "port": 22000}], "text_message": "\\u00e9\\u007f", "pointer": 2, "peal": {"list": "l", "im": "0123456789abcdef"}}')
    deepEqual(classic.decodeRelay(classic.encodeRelay(relay)), { _tag: 'Right', right: relay })
  })

  it('are refused with a pointer outside the ring, a wrong number of members, or none', () => {
    const relay = (change: object): boolean =>
      isRight(classic.decodeRelay(JSON.stringify({ num_contacts_in_list: 1, contact_list: [{ name: 'Me', ip: '::1', port: 1 }], text_message: '', pointer: 2, ...change })))
    ok(relay({}))
    for (const change of [{ pointer: 1 }, { pointer: 3 }, { pointer: 2.5 }, { pointer: '2' }, { num_contacts_in_list: 2 }, { num_contacts_in_list: 0, contact_list: [] }, { text_message: 1 }, { contact_list: [{ name: 'Me', ip: '::1', port: 65535 }] }]) {
      ok(!relay(change), JSON.stringify(change))
    }
  })

  it('visit every index once on the way round', () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 40 }), (n) => {
      const visits = Array.from({ length: n - 1 }, (_, i) => ring.nextIndex(ring.firstPointer + i, n))
      deepEqual([1, ...visits], [...Array.from({ length: n - 1 }, (_, i) => i + 1), 0])
      ok(ring.isHome(n + 1, n) && !ring.isHome(n, n))
    }))
  })
})

describe('hostile datagrams', () => {
  it(rule('C3'), () => {
    const isMalformed = (value: Malformed): boolean => value.expected.length > 0 && value.at >= 0
    fc.assert(fc.property(hostileBytes(), (input) => {
      const text = decodeUtf8(input)
      if (isLeft(text)) return ok(isMalformed(text.left))
      for (const decode of [classic.decodeRequest, classic.decodeReply, classic.decodeRelay]) {
        const packet = decode(text.right)
        if (isLeft(packet)) ok(isMalformed(packet.left))
      }
    }), { numRuns: 100_000 })
  })

  it('are met in every kind: some decode, some do not', () => {
    const met = { request: 0, reply: 0, relay: 0, malformed: 0, notUtf8: 0 }
    for (const input of fc.sample(hostileBytes(), 5000)) {
      const text = decodeUtf8(input)
      if (isLeft(text)) met.notUtf8 += 1
      else if (isRight(classic.decodeRequest(text.right))) met.request += 1
      else if (isRight(classic.decodeReply(text.right))) met.reply += 1
      else if (isRight(classic.decodeRelay(text.right))) met.relay += 1
      else met.malformed += 1
    }
    deepEqual(Object.entries(met).filter(([, count]) => count === 0), [])
  })

  it('never crash JSON nested as deep as a datagram is long', () => {
    for (const text of ['['.repeat(2048), '{"a":'.repeat(400), `200-_-${'['.repeat(60_000)}`, `${'[1,'.repeat(500)}1${']'.repeat(500)}`]) {
      ok(isLeft(classic.decodeRelay(text)))
      classic.decodeReply(text)
    }
  })
})

describe('what an original would die of', () => {
  it('is never sent: the anyName arbitraries survive the framing', () => {
    fc.assert(fc.property(anyListName(), anyContactName(), (list, contact) => {
      deepEqual(classic.decodeRequest(`join-_-${list}-_-${contact}`), { _tag: 'Right', right: { _tag: 'Join', list, contact } })
    }), { numRuns: 3000 })
  })
})
