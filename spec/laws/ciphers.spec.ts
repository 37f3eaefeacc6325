// The ciphers of the sealed wire: the program's, a second implementation on node:crypto, and the perfect box of the simulations.
import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { ciphers } from '../../shell/channel/ciphers.js'
import { ik } from '../../shell/channel/ik.js'
import { newSecrets, seed } from '../../shell/channel/secrets.js'
import { box } from '../model/box.js'
import { ascii, bytesOf, hexOf } from '../second/bytes.js'
import { second } from '../second/ciphers.js'
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { PublicKey } from '../../core/keys.js'
import type { Secrets } from '../../shell/channel/secrets.js'

const key = (of: Uint8Array): PublicKey => hexOf(of) as PublicKey
const none = new Uint8Array(0)

type InputOf<A> = A extends fc.Arbitrary<infer B> ? B : never

/** A Buffer has become `{ type, data }` before it is asked for. */
function inHex(this: unknown, name: string, it: unknown): unknown {
  const own = (this as Readonly<Record<string, unknown>>)[name]
  return own instanceof Uint8Array ? hexOf(own) : it
}

/** Whatever a cipher gave, in the same words for every implementation. */
const shown = (value: unknown): unknown => JSON.parse(JSON.stringify([value], inHex))

/** Anybody's ciphers, each with its own kind of keys and begun handshakes, which nobody else looks into. */
type Any = Ciphers<unknown, unknown>
const any = <H, K>(of: Ciphers<H, K>): Any => of as unknown as Any

const secrets = {
  alice: { signing: bytesOf('a1'.repeat(32)), sealing: bytesOf('a2'.repeat(32)) },
  bob: { signing: bytesOf('b1'.repeat(32)), sealing: bytesOf('b2'.repeat(32)) },
  mallory: { signing: bytesOf('c1'.repeat(32)), sealing: bytesOf('c2'.repeat(32)) },
}
/** Who speaks to whom, and who is neither. */
const pairs: ReadonlyArray<readonly [string, Any, Any, Any]> = [
  ['the program', any(ciphers(secrets.alice)), any(ciphers(secrets.bob)), any(ciphers(secrets.mallory))],
  ['the second implementation', any(second(secrets.alice)), any(second(secrets.bob)), any(second(secrets.mallory))],
  ['the program, to the second implementation', any(ciphers(secrets.alice)), any(second(secrets.bob)), any(second(secrets.mallory))],
  ['the second implementation, to the program', any(second(secrets.alice)), any(ciphers(secrets.bob)), any(ciphers(secrets.mallory))],
  ['a box', any(box('Alice')), any(box('Bob')), any(box('Mallory'))],
]

/** Bytes as a socket gives them: a window on a larger Buffer, whose `slice` would be no copy. */
const windowOn = (of: unknown): unknown => (of instanceof Uint8Array ? Buffer.concat([Uint8Array.of(1, 2, 3), of]).subarray(3) : of)
const plain = (of: unknown): unknown => (of instanceof Uint8Array ? new Uint8Array(of) : of)

/** The same ciphers, each call made twice, in plain arrays and in windows, and the arguments looked at afterwards. */
const pure = (of: Any): Any => {
  const twice =
    (name: string, f: (...given: ReadonlyArray<unknown>) => unknown) =>
    (...given: ReadonlyArray<unknown>): unknown => {
      const [before, windows] = [shown(given), given.map(windowOn)]
      const [result, again] = [f(...given), f(...windows)]
      deepEqual(shown(given), before, name)
      deepEqual(shown(windows.map(plain)), before, name)
      deepEqual(shown(again), shown(result), name)
      return result
    }
  const functions = Object.entries(of).filter(([name]) => name !== 'own')
  return { own: of.own, ...Object.fromEntries(functions.map(([name, f]) => [name, twice(name, f as () => unknown)])) } as Any
}

const payload = ascii('twelve bytes')
const ephemeral = { alice: bytesOf('e1'.repeat(32)), bob: bytesOf('e2'.repeat(32)) }

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

for (const [name, alice, bob, other] of pairs)
  describe(`the ciphers of ${name}`, () => {
    const header = Uint8Array.from({ length: 16 }, (_, i) => i)
    let made: ReturnType<typeof session>
    let datagram: Uint8Array

    before(() => {
      made = session(alice, bob)
      datagram = alice.seal(made.alice, 7, header, ascii('Hello, ring'))
    })

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

    it('refuse message 1 with a payload that is not of 12 bytes', () => {
      for (const other of [none, payload.slice(1), Uint8Array.of(...payload, 0)]) {
        const begun = alice.begin(bob.own.seals, other, ephemeral.alice)
        ok(begun)
        equal(bob.accept(begun.message, ephemeral.bob), undefined)
      }
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
      const [secret, nonce, cookie, address] = [seed(), bytesOf('0a'.repeat(24)), bytesOf('0b'.repeat(16)), ascii('192.0.2.1:22000')]
      const enclosed = alice.enclose(secret, nonce, cookie, address)
      equal(enclosed.length, 32)
      deepEqual(bob.disclose(secret, nonce, enclosed, address), cookie)
      for (const forged of altered(enclosed)) equal(bob.disclose(secret, nonce, forged, address), undefined)
      for (const forged of altered(address)) equal(bob.disclose(secret, nonce, enclosed, forged), undefined)
      equal(bob.disclose(secret, bytesOf('0c'.repeat(24)), enclosed, address), undefined)
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

    it('give two the same code for the same bytes, and anybody else, and for any other bytes, another', () => {
      const text = ascii('stored')
      const code = alice.share(bob.own.seals, text)
      equal(code.length, 32)
      equal(bob.share(alice.own.seals, text), code)
      const others = [other.share(bob.own.seals, text), other.share(alice.own.seals, text), alice.share(other.own.seals, text), alice.share(alice.own.seals, text)]
      equal(new Set([code, ...others, ...altered(text).map((forged) => alice.share(bob.own.seals, forged))]).size, 4 + altered(text).length)
    })

    it('hash in 32 bytes, and anything else to something else', () => {
      const text = ascii('a ring')
      equal(alice.hash(text), bob.hash(text))
      equal(alice.hash(text).length, 64)
      equal(new Set([text, ...altered(text)].map(alice.hash)).size, 1 + altered(text).length)
    })

    it('draw bytes and a next seed that differ from each other, from the seed, and from those of other seeds', () => {
      const seeds = [seed(), seed()]
      const drawn = seeds.flatMap((it) => [it, alice.draw(it).bytes, alice.draw(it).next])
      ok(drawn.every((it) => it.length === 32))
      equal(new Set(drawn.map(hexOf)).size, 6)
      equal(new Set((['mac1', 'retry'] as const).flatMap((it) => [alice.own, bob.own].map(({ seals }) => hexOf(alice.label(it, seals))))).size, 4)
      notDeepEqual(alice.mac(seeds[0] ?? none, payload), alice.mac(seeds[1] ?? none, payload))
      equal(alice.mac(seed(), none).length, 16)
    })

    it('begin nothing towards a key that is none', () => equal(alice.begin(key(new Uint8Array(32)), payload, ephemeral.alice), undefined))

    it('give the same for the same, and leave what they are given as it was, also when they refuse', () => {
      const [one, two] = [pure(alice), pure(bob)]
      const { begun, message, answer, alice: tx, bob: rx } = session(one, two)
      equal(two.accept(message.with(50, ~(message[50] ?? 0)), seed()), undefined)
      equal(one.finish(begun, answer.with(40, ~(answer[40] ?? 0))), undefined)
      const sealed = one.seal(tx, 3, header, payload)
      deepEqual(two.open(rx, 3, sealed), payload)
      equal(two.open(rx, 4, sealed), undefined)
      const [secret, nonce] = [seed(), seed().slice(0, 24)]
      const enclosed = one.enclose(secret, nonce, payload, header)
      deepEqual(two.disclose(secret, nonce, enclosed, header), payload)
      equal(two.disclose(secret, nonce, enclosed, payload), undefined)
      ok(two.verify(one.own.signs, sealed, one.sign(sealed)))
      equal(two.verify(two.own.signs, sealed, one.sign(sealed)), false)
      ok([one.draw(secret), one.mac(secret, sealed), one.hash(sealed), one.share(two.own.seals, sealed), one.label('mac1', two.own.seals), one.idOf(two.own.signs, two.own.seals)])
    })
  })

describe('the two implementations', () => {
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
        own.mac(by.key, by.bytes), own.hash(by.bytes), own.share(their.own.seals, by.bytes), own.share(hexOf(by.key32) as PublicKey, by.bytes), own.label('mac1', their.own.seals), own.label('retry', their.own.seals),
        enclosed, own.disclose(by.key32, by.nonce, enclosed, by.header), own.disclose(by.key32, by.nonce, by.bytes, by.header),
        signature, own.verify(own.own.signs, by.bytes, signature), own.verify(their.own.signs, by.bytes, signature), own.idOf(own.own.signs, their.own.seals),
        own.accept(by.bytes.slice(0, 108), by.ephemerals[0]),
      ])
    }
    fc.assert(fc.property(input, (by) => deepEqual(doings((of) => any(ciphers(of)), by), doings((of) => any(second(of)), by))), { numRuns: 30 })
  })

  const lowOrder = [
    '00'.repeat(32),
    `01${'00'.repeat(31)}`,
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    `ec${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
    `ee${'ff'.repeat(30)}7f`,
  ].map((point) => point as PublicKey)

  it('share no code with a key of low order, on which anybody would agree', () => {
    for (const point of lowOrder) {
      const codes = [secrets.alice, secrets.bob].flatMap((of) => [ciphers(of), second(of)]).map((of) => of.share(point, payload))
      deepEqual([codes[0] === codes[1], codes[2] === codes[3], new Set(codes).size], [true, true, 2], point)
    }
  })

  it('begin nothing towards a key of low order (RFC 7748, section 6.1)', () => {
    for (const of of [ciphers(secrets.alice), second(secrets.alice)])
      for (const point of lowOrder) equal(of.begin(point, payload, ephemeral.alice), undefined, point)
  })

  it('take no message 2 with a payload, which the pattern would allow', () => {
    const begun = ciphers(secrets.alice).begin(ciphers(secrets.bob).own.seals, payload, ephemeral.alice)
    const again = second(secrets.alice).begin(ciphers(secrets.bob).own.seals, payload, ephemeral.alice)
    ok(begun && again)
    const accepted = ik(ascii('peal sealed 1'), secrets.bob.sealing).accept(begun.message, payload, ephemeral.bob)
    ok(accepted)
    equal(ciphers(secrets.alice).finish(begun.begun, accepted.answer), undefined)
    equal(second(secrets.alice).finish(again.begun, accepted.answer), undefined)
  })

  it('draw new secrets each time', () => {
    const drawn = Array.from({ length: 8 }, newSecrets).flatMap(({ signing, sealing }) => [hexOf(signing), hexOf(sealing)])
    equal(new Set(drawn).size, 16)
    ok(drawn.every((it) => it.length === 64))
  })
})
