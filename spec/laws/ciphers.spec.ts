// The ciphers of the sealed wire: the program's, a second implementation on node:crypto, and the perfect box of the simulations.
import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { ciphers } from '../../shell/channel/ciphers.js'
import { ik } from '../../shell/channel/ik.js'
import { newSecrets, seed } from '../../shell/channel/secrets.js'
import { box } from '../model/box.js'
import { extended, hchacha20, seal } from '../second/aead.js'
import { blake2b } from '../second/blake2b.js'
import { second } from '../second/ciphers.js'
import { noise } from '../second/noise.js'
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { PublicKey } from '../../core/keys.js'
import type { Secrets } from '../../shell/channel/secrets.js'

interface Vector {
  readonly source: string
  readonly prologue: string
  readonly initStatic: string
  readonly initEphemeral: string
  readonly respStatic: string
  readonly respEphemeral: string
  readonly respPublic: string
  readonly handshakeHash?: string
  readonly messages: ReadonlyArray<{ readonly payload: string; readonly ciphertext: string }>
}

const { vectors } = JSON.parse(readFileSync(new URL('../../../spec/vectors/noise-ik.json', import.meta.url), 'utf8')) as {
  readonly vectors: ReadonlyArray<Vector>
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const hex = (of: Uint8Array | undefined): string => Buffer.from(of ?? []).toString('hex')
const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'))
const key = (of: Uint8Array): PublicKey => hex(of) as PublicKey
const none = new Uint8Array(0)

type InputOf<A> = A extends fc.Arbitrary<infer B> ? B : never

/** Whatever a cipher gave, in the same words for every implementation. */
const shown = (value: unknown): unknown => JSON.parse(JSON.stringify([value], (_, it: unknown) => (it instanceof Uint8Array ? hex(it) : it)))

/** Anybody's ciphers, each with its own kind of keys and begun handshakes, which nobody else looks into. */
type Any = Ciphers<unknown, unknown>
const any = <H, K>(of: Ciphers<H, K>): Any => of as unknown as Any

const secrets = { alice: { signing: bytes('a1'.repeat(32)), sealing: bytes('a2'.repeat(32)) }, bob: { signing: bytes('b1'.repeat(32)), sealing: bytes('b2'.repeat(32)) } }
const mallory = { signing: bytes('c1'.repeat(32)), sealing: bytes('c2'.repeat(32)) }
const pairs: ReadonlyArray<readonly [string, Any, Any, Any]> = [
  ['the program', any(ciphers(secrets.alice)), any(ciphers(secrets.bob)), any(ciphers(mallory))],
  ['the second implementation', any(second(secrets.alice)), any(second(secrets.bob)), any(second(mallory))],
  ['the program, to the second implementation', any(ciphers(secrets.alice)), any(second(secrets.bob)), any(second(mallory))],
  ['the second implementation, to the program', any(second(secrets.alice)), any(ciphers(secrets.bob)), any(ciphers(mallory))],
  ['a box', any(box('Alice')), any(box('Bob')), any(box('Mallory'))],
]

const payload = ascii('twelve bytes')
const ephemeral = { alice: bytes('e1'.repeat(32)), bob: bytes('e2'.repeat(32)) }

const session = (alice: Any, bob: Any) => {
  const begun = alice.begin(bob.own.seals, payload, ephemeral.alice)
  ok(begun)
  const accepted = bob.accept(begun.message, ephemeral.bob)
  ok(accepted)
  const keys = alice.finish(begun.begun, accepted.answer)
  ok(keys)
  return { ...begun, ...accepted, alice: keys, bob: accepted.keys }
}

/** That array, with each of its bytes altered in each of its bits, one at a time; and cut short, and longer. */
const altered = (original: Uint8Array): ReadonlyArray<Uint8Array> => [
  ...[...original].flatMap((byte, i) => Array.from({ length: 8 }, (_, bit) => original.with(i, byte ^ (1 << bit)))),
  ...Array.from({ length: original.length }, (_, length) => original.slice(0, length)),
  Uint8Array.of(...original, 0),
]

const some = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength })
const counter = () => fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1))

describe('the hashes and ciphers of the second implementation', () => {
  it('hash as RFC 7693 does: its example, and its self-test of keys and lengths (appendix E)', () => {
    equal(
      hex(blake2b(64, ascii('abc'))),
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
    const sequence = (length: number): Uint8Array => {
      let [a, b] = [Math.imul(0xdead4bad, length) >>> 0, 1]
      return Uint8Array.from({ length }, () => {
        ;[a, b] = [b, (a + b) >>> 0]
        return b >>> 24
      })
    }
    const hashes = [20, 32, 48, 64].flatMap((out) =>
      [0, 3, 128, 129, 255, 1024].flatMap((length) => [blake2b(out, sequence(length)), blake2b(out, sequence(length), sequence(out))]),
    )
    equal(hex(blake2b(32, Buffer.concat(hashes))), 'c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475')
  })

  it('extend a nonce as draft-irtf-cfrg-xchacha-03 does (section 2.2.1 and appendix A.3.1)', () => {
    const from0 = Uint8Array.from({ length: 32 }, (_, i) => i)
    equal(hex(hchacha20(from0, bytes('000000090000004a0000000031415927'))), '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc')
    const under = extended(Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i), Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i))
    const text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
    equal(hex(seal(under.key, under.nonce, ascii(text), bytes('50515253c0c1c2c3c4c5c6c7'))).slice(-32), 'c0875924c1c7987947deafd8780acf49')
  })
})

for (const [name, handshakes] of [['the program', ik], ['the second implementation', noise]] as const)
  describe(`Noise_IK_25519_ChaChaPoly_BLAKE2b of ${name}`, () => {
    for (const vector of vectors)
      it(`makes the handshake and the transport messages of ${vector.source}`, () => {
        const initiator = handshakes(bytes(vector.prologue), bytes(vector.initStatic))
        const responder = handshakes(bytes(vector.prologue), bytes(vector.respStatic))
        const [first, answer, ...transport] = vector.messages
        ok(first && answer && transport.length > 0)

        const begun = initiator.begin(bytes(vector.respPublic), bytes(first.payload), bytes(vector.initEphemeral))
        equal(hex(begun?.message), first.ciphertext)
        const accepted = responder.accept(bytes(first.ciphertext), bytes(answer.payload), bytes(vector.respEphemeral))
        equal(hex(accepted?.payload), first.payload)
        equal(hex(accepted?.answer), answer.ciphertext)
        // each takes only what its own kind has begun, which the compiler does not see through the union
        const finish = initiator.finish as (begun: unknown, answer: Uint8Array) => ReturnType<typeof initiator.finish>
        const finished = finish(begun?.begun, bytes(answer.ciphertext))
        equal(hex(finished?.payload), answer.payload)
        ok(accepted && finished)

        deepEqual(finished.keys, { tx: accepted.keys.rx, rx: accepted.keys.tx })
        deepEqual(finished.hash, accepted.hash)
        if (vector.handshakeHash !== undefined) equal(hex(finished.hash), vector.handshakeHash)
        transport.forEach((message, i) => {
          const { keys } = i % 2 === 0 ? finished : accepted
          for (const made of [ciphers(secrets.alice), second(secrets.alice)])
            equal(hex(made.seal(keys, Math.floor(i / 2), none, bytes(message.payload))), message.ciphertext)
        })
      })

    it('agrees on nothing under another prologue', () => {
      const begun = handshakes(ascii('one'), secrets.alice.sealing).begin(bytes(ciphers(secrets.bob).own.seals), payload, ephemeral.alice)
      ok(begun)
      ok(handshakes(ascii('one'), secrets.bob.sealing).accept(begun.message, none, ephemeral.bob))
      equal(handshakes(ascii('other'), secrets.bob.sealing).accept(begun.message, none, ephemeral.bob), undefined)
    })
  })

for (const [name, alice, bob, other] of pairs)
  describe(`the ciphers of ${name}`, () => {
    const made = session(alice, bob)
    const header = Uint8Array.from({ length: 16 }, (_, i) => i)
    const datagram = alice.seal(made.alice, 7, header, ascii('Hello, ring'))

    it('make a handshake of 108 and 48 bytes, in which each side learns the other', () => {
      equal(made.message.length, 108)
      equal(made.answer.length, 48)
      equal(made.from, alice.own.seals)
      deepEqual(made.payload, payload)
      equal(bob.idOf(alice.own.signs, made.from), alice.own.id)
    })

    it('carry any datagram either way, under any header and counter, in 32 bytes more', () => {
      fc.assert(
        fc.property(counter(), some(16), some(0, 1200), (at, head, plain) => {
          for (const [from, to, tx, rx] of [[alice, bob, made.alice, made.bob], [bob, alice, made.bob, made.alice]] as const) {
            const sealed = from.seal(tx, at, head, plain)
            equal(sealed.length, 16 + plain.length + 16)
            deepEqual(sealed.slice(0, 16), head)
            deepEqual(to.open(rx, at, sealed), plain)
          }
        }),
      )
    })

    it('refuse message 1 with any bit altered, cut short, or longer', () => {
      for (const forged of altered(made.message)) equal(bob.accept(forged, ephemeral.bob), undefined)
    })

    it('refuse message 1 that is for another key', () => equal(other.accept(made.message, ephemeral.bob), undefined))

    it('refuse message 2 with any bit altered, cut short, or longer, and take the true one after it', () => {
      for (const forged of altered(made.answer)) equal(alice.finish(made.begun, forged), undefined)
      deepEqual(alice.finish(made.begun, made.answer), made.alice)
    })

    it('refuse message 2 that answers another handshake', () => {
      const anew = alice.begin(bob.own.seals, payload, ephemeral.bob)
      ok(anew)
      equal(alice.finish(anew.begun, made.answer), undefined)
    })

    it('refuse a datagram with any bit altered, its header included, cut short, or longer', () => {
      for (const forged of altered(datagram)) equal(bob.open(made.bob, 7, forged), undefined)
    })

    it('refuse a datagram under another counter or another key, its own sending key included', () => {
      for (const at of [0, 6, 8, 7 + 2 ** 32, 2 ** 53 - 1]) equal(bob.open(made.bob, at, datagram), undefined)
      equal(alice.open(made.alice, 7, datagram), undefined)
      const anew = session(other, bob)
      equal(bob.open(anew.bob, 7, datagram), undefined)
    })

    it('enclose 16 bytes in 32, and disclose them to that key, nonce and address only', () => {
      const [secret, nonce, cookie, address] = [seed(), bytes('0a'.repeat(24)), bytes('0b'.repeat(16)), ascii('192.0.2.1:22000')]
      const enclosed = alice.enclose(secret, nonce, cookie, address)
      equal(enclosed.length, 32)
      deepEqual(bob.disclose(secret, nonce, enclosed, address), cookie)
      for (const forged of altered(enclosed)) equal(bob.disclose(secret, nonce, forged, address), undefined)
      for (const forged of altered(address)) equal(bob.disclose(secret, nonce, enclosed, forged), undefined)
      equal(bob.disclose(secret, bytes('0c'.repeat(24)), enclosed, address), undefined)
      equal(bob.disclose(seed(), nonce, enclosed, address), undefined)
    })

    it('sign in 64 bytes what nobody else signed, and nothing that was altered', () => {
      const text = ascii('delivered')
      const signature = alice.sign(text)
      equal(signature.length, 64)
      ok(bob.verify(alice.own.signs, text, signature))
      equal(bob.verify(bob.own.signs, text, signature), false)
      for (const forged of altered(signature)) equal(bob.verify(alice.own.signs, text, forged), false)
      for (const forged of altered(text)) equal(bob.verify(alice.own.signs, forged, signature), false)
    })

    it('draw bytes and a next seed that differ from each other, from the seed, and from those of other seeds', () => {
      const seeds = [seed(), seed()]
      const drawn = seeds.flatMap((it) => [it, alice.draw(it).bytes, alice.draw(it).next])
      ok(drawn.every((it) => it.length === 32))
      equal(new Set(drawn.map(hex)).size, 6)
      equal(new Set((['mac1', 'retry'] as const).flatMap((it) => [alice.own, bob.own].map(({ seals }) => hex(alice.label(it, seals))))).size, 4)
      notDeepEqual(alice.mac(seeds[0] ?? none, payload), alice.mac(seeds[1] ?? none, payload))
      equal(alice.mac(seed(), none).length, 16)
    })

    it('begin nothing towards a key that is none', () => equal(alice.begin(key(new Uint8Array(32)), payload, ephemeral.alice), undefined))

    it('give the same for the same, and leave what they are given as it was', () => {
      const given: ReadonlyArray<readonly [keyof Any, ReadonlyArray<unknown>]> = [
        ['draw', [seed()]],
        ['begin', [bob.own.seals, payload, seed()]],
        ['finish', [made.begun, made.answer]],
        ['finish', [made.begun, made.answer.with(40, 0)]],
        ['seal', [made.alice, 3, header, payload]],
        ['mac', [seed(), datagram]],
        ['label', ['mac1', bob.own.seals]],
        ['enclose', [seed(), seed().slice(0, 24), payload, header]],
        ['sign', [datagram]],
        ['verify', [alice.own.signs, datagram, alice.sign(datagram)]],
      ]
      const asked: ReadonlyArray<readonly [Any, keyof Any, ReadonlyArray<unknown>]> = [
        ...given.map(([what, args]) => [alice, what, args] as const),
        [bob, 'accept', [made.message, seed()]],
        [bob, 'accept', [made.message.with(50, 0), seed()]],
        [bob, 'open', [made.bob, 7, datagram]],
        [bob, 'open', [made.bob, 8, datagram]],
        [bob, 'disclose', [seed(), seed().slice(0, 24), datagram, header]],
      ]
      for (const [whose, what, args] of asked) {
        const before = shown(args)
        const f = whose[what] as (...args: ReadonlyArray<unknown>) => unknown
        const results = [f(...args), f(...structuredClone(args))].map(shown)
        deepEqual(results[0], results[1], what)
        deepEqual(shown(args), before, what)
      }
    })
  })

describe('the two implementations', () => {
  it('sign as RFC 8032 does (section 7.1, test 1)', () => {
    const signing = bytes('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
    for (const of of [ciphers({ ...secrets.alice, signing }), second({ ...secrets.alice, signing })]) {
      equal(of.own.signs, 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
      equal(
        hex(of.sign(none)),
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      )
    }
  })

  it('are the same, for any secrets and any bytes', () => {
    const input = fc.record({
      secrets: fc.record({ signing: some(32), sealing: some(32) }),
      theirs: fc.record({ signing: some(32), sealing: some(32) }),
      ephemerals: fc.tuple(some(32), some(32)),
      payload: some(12),
      key: some(16, 64),
      key32: some(32),
      nonce: some(24),
      header: some(16),
      bytes: some(0, 300),
      counter: counter(),
    })
    const doings = (make: (of: Secrets) => Any, by: InputOf<typeof input>): unknown => {
      const [own, their] = [make(by.secrets), make(by.theirs)]
      const begun = own.begin(their.own.seals, by.payload, by.ephemerals[0])
      const accepted = begun && their.accept(begun.message, by.ephemerals[1])
      const keys = begun && accepted && own.finish(begun.begun, accepted.answer)
      const sealed = keys === undefined ? undefined : own.seal(keys, by.counter, by.header, by.bytes)
      const enclosed = own.enclose(by.key32, by.nonce, by.bytes, by.header)
      const signature = own.sign(by.bytes)
      return shown([
        own.own, own.draw(by.key32), begun?.message, accepted, keys, sealed,
        sealed && their.open(accepted?.keys, by.counter, sealed), sealed && their.open(accepted?.keys, 5, sealed),
        own.mac(by.key, by.bytes), own.label('mac1', their.own.seals), own.label('retry', their.own.seals),
        enclosed, own.disclose(by.key32, by.nonce, enclosed, by.header), own.disclose(by.key32, by.nonce, by.bytes, by.header),
        signature, own.verify(own.own.signs, by.bytes, signature), own.verify(their.own.signs, by.bytes, signature), own.idOf(own.own.signs, their.own.seals),
        own.accept(by.bytes.slice(0, 108), by.ephemerals[0]),
      ])
    }
    fc.assert(fc.property(input, (by) => deepEqual(doings((of) => any(ciphers(of)), by), doings((of) => any(second(of)), by))), { numRuns: 30 })
  })

  it('begin nothing towards a key of low order (RFC 7748, section 6.1)', () => {
    const lowOrder = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ]
    for (const of of [ciphers(secrets.alice), second(secrets.alice)])
      for (const point of lowOrder) equal(of.begin(point as PublicKey, payload, ephemeral.alice), undefined, point)
  })

  it('draw new secrets each time', () => {
    const drawn = Array.from({ length: 8 }, newSecrets).flatMap(({ signing, sealing }) => [hex(signing), hex(sealing)])
    equal(new Set(drawn).size, 16)
    ok(drawn.every((it) => it.length === 64))
  })
})

describe('a box', () => {
  it('is another for another name, and the same for the same', () => {
    const names = fc.oneof(fc.nat(9999), fc.string({ maxLength: 10 }))
    fc.assert(fc.property(names, names, (one, other) => equal(box(one).own.id === box(other).own.id, String(one) === String(other))))
  })
})
