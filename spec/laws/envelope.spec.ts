// What travels round a ring, as bytes: each value has one encoding, and no other bytes are that value; bounds; and the sizes that the protocol's text names.
import { deepEqual, equal, notDeepEqual, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { isRight, type Either } from 'fp-ts/lib/Either.js'
import { encodeUtf8, limits, sealed, type ContactName, type Digest, type ImId, type Instant, type ListName, type PublicKey, type Signature, type Tag } from '../../core/index.js'
import { grant, hostileFrame } from '../arbitraries/frames.js'
import { envelope, ring, trail } from '../arbitraries/ring.js'
import { root } from '../protocol.js'

const digits = (bytes: number): string => 'ab'.repeat(bytes)
const upTo = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

interface Codec<A> {
  readonly of: fc.Arbitrary<A>
  readonly encode: (value: A) => Uint8Array
  readonly decode: (bytes: Uint8Array) => Either<unknown, A>
}

const codec = <A>(of: fc.Arbitrary<A>, encode: (value: A) => Uint8Array, decode: (bytes: Uint8Array) => Either<unknown, A>): Codec<unknown> => ({ of, encode, decode }) as unknown as Codec<unknown>

const codecs: ReadonlyArray<readonly [string, Codec<unknown>]> = [
  ['a ring', codec(ring(), sealed.encodeRing, sealed.decodeRing)],
  ['an envelope', codec(envelope(), sealed.encodeEnvelope, sealed.decodeEnvelope)],
  ['a trail', codec(trail(8).map((one) => ({ ...one, notes: one.notes.slice(0, 4) })), sealed.encodeTrail, sealed.decodeTrail)],
]

const grantOf = (members: number, size = 5, list = 'list'): sealed.Grant => ({
  im: digits(14) as ImId, root: digits(14) as ImId, list: list as ListName, no: 7, epoch: 5, ring: digits(32) as Digest, initiator: 0, path: upTo(members).slice(1), commit: digits(32) as Digest, size,
  until: 1_700_000_000_000 as Instant,
})

const envelopeOf = (members: number, text = 'hello', list = 'list'): Uint8Array =>
  sealed.encodeEnvelope({ grant: grantOf(members, encodeUtf8(text).length, list), granted: digits(64) as Signature, signed: digits(64) as Signature, salt: digits(16) as Tag, text })

const tags = { tagI: digits(16) as Tag, tagS: digits(16) as Tag }
const note: sealed.Note = { member: 511, why: 'silent', by: 510 }

describe('what goes round a ring', () => {
  for (const [name, { of, encode, decode }] of codecs) {
    it(`${name} is what was encoded, and its bytes are the only ones`, () => {
      fc.assert(
        fc.property(of, (value) => {
          const bytes = encode(value)
          const decoded = decode(bytes)
          ok(isRight(decoded))
          deepEqual(decoded.right, value)
          deepEqual(encode(decoded.right), bytes)
        }),
        { numRuns: 300 },
      )
    })

    it(`${name} with a byte changed, cut or added is another one or none, and nothing is thrown`, () => {
      const seen = { none: 0, another: 0 }
      fc.assert(
        fc.property(of, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (value, at, change, cut) => {
          const bytes = encode(value)
          const changed = bytes.map((byte, i) => (i === at % bytes.length ? byte ^ change : byte))
          for (const other of [changed, bytes.subarray(0, cut % bytes.length), Uint8Array.from([...bytes, change])]) {
            const decoded = decode(other)
            seen[isRight(decoded) ? 'another' : 'none'] += 1
            if (!isRight(decoded)) continue
            notDeepEqual(decoded.right, value)
            deepEqual(encode(decoded.right), other)
          }
        }),
        { numRuns: 300 },
      )
      ok(seen.none > 300 && seen.another > 50, JSON.stringify(seen))
    })

    it(`${name} of any bytes at all is one or none`, () => {
      fc.assert(
        fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), hostileFrame()), (bytes) => {
          const decoded = decode(bytes)
          if (isRight(decoded)) deepEqual(encode(decoded.right), bytes)
        }),
        { numRuns: 500 },
      )
    })
  }

  it('a grant, a message, a receipt and a commit are signed as what they are, and as nothing else', () => {
    fc.assert(
      fc.property(grant(), (value) => {
        const g = digits(32) as Digest
        const all = [sealed.grantBytes(value), sealed.messageBytes(g), sealed.receiptBytes(g, 'stored'), sealed.receiptBytes(g, 'closed'), sealed.commitBytes(digits(16) as Tag, 'text'), sealed.ringBytes(new Uint8Array(0))]
        const texts = all.map((bytes) => Buffer.from(bytes).toString('latin1'))
        deepEqual(texts.map((text) => /^peal (grant|message|receipt|commit|ring) 1/.exec(text)?.[1]), ['grant', 'message', 'receipt', 'receipt', 'commit', 'ring'])
        equal(new Set(texts).size, all.length)
      }),
      { numRuns: 50 },
    )
    deepEqual([sealed.messageBytes(digits(32) as Digest).length, sealed.receiptBytes(digits(32) as Digest, 'stored').length], [14 + 32, 14 + 33])
  })

  it('a ring of 512 members has places for all, and a place behind them is none', () => {
    const whole = sealed.encodeTrail({ visited: upTo(512), ...tags, notes: [] })
    ok(isRight(sealed.decodeTrail(whole)))
    equal(whole.length, 98)
    equal(isRight(sealed.decodeTrail(sealed.encodeTrail({ visited: [512], ...tags, notes: [] }))), false)
    const members = upTo(512).map((i) => ({ _tag: 'Keyed' as const, name: `member${i}` as ContactName, signs: digits(32) as PublicKey, seals: digits(32) as PublicKey }))
    const bytes = sealed.encodeRing({ list: 'list' as ListName, epoch: 5, members })
    deepEqual([bytes.length, sealed.partsOf(bytes, 0n)?.length], [38_303, 38])
  })

  it('the longest text in the largest ring is 64 parts, and one byte more is none', () => {
    const longest = envelopeOf(512, 'x'.repeat(limits.textBytes), 'l'.repeat(255))
    ok(longest.length - limits.textBytes <= limits.envelopeBytes, `${longest.length - limits.textBytes}`)
    equal(sealed.partsOf(longest, 0n)?.length, limits.partsPerBody)
    ok(isRight(sealed.decodeEnvelope(longest)))
    equal(isRight(sealed.decodeEnvelope(envelopeOf(3, 'x'.repeat(limits.textBytes + 1)))), false)
  })

  it('a trail fits into the head of a relay, with the first notes that have room', () => {
    fc.assert(
      fc.property(trail(512), fc.nat(8), (value, count) => {
        const full = { ...value, notes: upTo(count).map(() => note) }
        const bytes = sealed.encodeTrail(full)
        const decoded = sealed.decodeTrail(bytes)
        ok(bytes.length <= limits.relayHeadBytes && isRight(decoded))
        const { visited, notes } = decoded.right
        deepEqual([visited, notes], [full.visited, full.notes.slice(0, notes.length)])
        ok(notes.length === count || bytes.length + 5 > limits.relayHeadBytes)
      }),
      { numRuns: 200 },
    )
  })

  it('no relay is longer than a datagram, and sizes are those of the protocol', () => {
    const datagram = (members: number, visited: ReadonlyArray<number>, notes: ReadonlyArray<sealed.Note>, text?: string): number => {
      const [part] = sealed.partsOf(envelopeOf(members, text), 0n) ?? []
      ok(part !== undefined)
      const frame: sealed.Frame = { _tag: 'Relay', im: digits(14) as ImId, kind: 'ring', head: sealed.encodeTrail({ visited, ...tags, notes }), part }
      return sealed.encodeFrame(frame).length + limits.recordBytes
    }
    const rings = [5, 100, 512]
    const leaving = rings.map((members) => datagram(members, [], []))
    const home = rings.map((members) => datagram(members, upTo(members).slice(1), []))
    const room = rings.map((members) => limits.partBytes - (envelopeOf(members).length - 5))
    const granted = rings.map((members) => sealed.grantBytes(grantOf(members)).length - 'peal grant 1'.length)
    deepEqual([leaving, home, room, granted], [[368, 384, 432], [368, 400, 496], [753, 741, 690], [123, 135, 186]])
    ok(datagram(512, upTo(512), upTo(8).map(() => note), 'x'.repeat(5000)) <= limits.sealedDatagramBytes)
    const text = readFileSync(new URL('spec/PROTOCOL.md', root), 'utf8').replace(/\s+/g, ' ')
    for (const sentence of [
      `is ${leaving[0]} bytes at 5 members, ${leaving[1]} at 100 and ${leaving[2]} at 512 when it leaves its initiator, and ${home[0]}, ${home[1]} and ${home[2]} when it is home again`,
      `One datagram holds ${room[0]}, ${room[1]} and ${room[2]} bytes of text`,
      `with a list name of 4 bytes ${granted[0]} at 5 members, ${granted[1]} at 100, ${granted[2]} at 512`,
      'An ack is 64 bytes, with receipts 96',
    ]) ok(text.includes(sentence), sentence)
    const ack = (receipts: sealed.Receipts | undefined): number => sealed.encodeFrame({ _tag: 'Ack', im: digits(14) as ImId, kind: 'direct', status: 'stored', have: 1n, receipts }).length + limits.recordBytes
    deepEqual([ack(undefined), ack({ initiator: tags.tagI, server: tags.tagS })], [64, 96])
  })

  it('a sum of tags is the same in any order, and each tag takes itself away again', () => {
    const tag = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex') as Tag)
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 8 }), tag, (all, one) => {
        equal(sealed.sum(all.toReversed()), sealed.sum(all))
        equal(sealed.xor(sealed.sum([...all, one]), one), sealed.sum(all))
      }),
    )
  })
})
