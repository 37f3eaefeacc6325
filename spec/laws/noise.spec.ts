// What others have computed: the published examples of every algorithm of the sealed wire, made again by the program and by the second
// implementation. The handshake's come from three programs (`spec/vectors/noise-ik.json`), each with its own prologue, two with the same keys.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { ciphers } from '../../shell/channel/ciphers.js'
import { ik } from '../../shell/channel/ik.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import { hchacha20 } from '../second/aead.js'
import { blake2b } from '../second/blake2b.js'
import { ascii, bytesOf, hexOf } from '../second/bytes.js'
import { second } from '../second/ciphers.js'
import { noise } from '../second/noise.js'
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { Ik, Keys } from '../../shell/channel/ik.js'
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

const none = new Uint8Array(0)
const counted = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i)

/** The sequence of RFC 7693, appendix E, that gives keys and messages. */
const sequence = (length: number): Uint8Array => {
  let [a, b] = [Math.imul(0xdead4bad, length) >>> 0, 1]
  return Uint8Array.from({ length }, () => {
    ;[a, b] = [b, (a + b) >>> 0]
    return b >>> 24
  })
}

const laws = <H, C>(name: string, handshakes: (prologue: Uint8Array, secret: Uint8Array) => Ik<H>, make: (of: Secrets) => Ciphers<C, Keys>): Mocha.Suite =>
  describe(`the published examples, as ${name} makes them:`, () => {
    for (const vector of vectors)
      it(`a handshake and the transport messages after it, from ${vector.source}`, () => {
        const initiator = handshakes(bytesOf(vector.prologue), bytesOf(vector.initStatic))
        const responder = handshakes(bytesOf(vector.prologue), bytesOf(vector.respStatic))
        const [first, answer, ...transport] = vector.messages
        ok(first && answer && transport.length > 0)

        const begun = initiator.begin(bytesOf(vector.respPublic), bytesOf(first.payload), bytesOf(vector.initEphemeral))
        ok(begun)
        equal(hexOf(begun.message), first.ciphertext)
        const accepted = responder.accept(begun.message, bytesOf(answer.payload), bytesOf(vector.respEphemeral))
        ok(accepted)
        equal(hexOf(accepted.payload), first.payload)
        equal(hexOf(accepted.answer), answer.ciphertext)
        const finished = initiator.finish(begun.begun, accepted.answer)
        ok(finished)
        equal(hexOf(finished.payload), answer.payload)

        deepEqual(finished.keys, { tx: accepted.keys.rx, rx: accepted.keys.tx })
        deepEqual(finished.hash, accepted.hash)
        if (vector.handshakeHash !== undefined) equal(hexOf(finished.hash), vector.handshakeHash)
        const { seal } = make(newSecrets())
        transport.forEach((message, i) => {
          const { keys } = i % 2 === 0 ? finished : accepted
          equal(hexOf(seal(keys, Math.floor(i / 2), none, bytesOf(message.payload))), message.ciphertext)
        })
      })

    it('no handshake under another prologue', () => {
      const [alice, bob] = [newSecrets(), newSecrets()]
      const begun = handshakes(ascii('one'), alice.sealing).begin(bytesOf(make(bob).own.seals), none, newSecrets().sealing)
      ok(begun)
      ok(handshakes(ascii('one'), bob.sealing).accept(begun.message, none, newSecrets().sealing))
      equal(handshakes(ascii('other'), bob.sealing).accept(begun.message, none, newSecrets().sealing), undefined)
    })

    it('an enclosure of draft-irtf-cfrg-xchacha-03 (appendix A.3.1): its tag', () => {
      const text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
      const enclosed = make(newSecrets()).enclose(counted(0x80, 32), counted(0x40, 24), ascii(text), bytesOf('50515253c0c1c2c3c4c5c6c7'))
      equal(hexOf(enclosed.slice(-16)), 'c0875924c1c7987947deafd8780acf49')
    })

    it('a key and a signature of RFC 8032 (section 7.1, test 1)', () => {
      const signing = bytesOf('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
      const { own, sign } = make({ ...newSecrets(), signing })
      equal(own.signs, 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
      equal(
        hexOf(sign(none)),
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      )
    })
  })

laws('the program', ik, ciphers)
laws('the second implementation', noise, second)

describe('what the second implementation brings with it', () => {
  it('hashes as RFC 7693 does: its example, and its self-test of keys and lengths (appendix E)', () => {
    equal(
      hexOf(blake2b(64, ascii('abc'))),
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
    const hashes = [20, 32, 48, 64].flatMap((out) =>
      [0, 3, 128, 129, 255, 1024].flatMap((length) => [blake2b(out, sequence(length)), blake2b(out, sequence(length), sequence(out))]),
    )
    equal(hexOf(blake2b(32, Buffer.concat(hashes))), 'c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475')
  })

  it('makes the key of draft-irtf-cfrg-xchacha-03, section 2.2.1', () => {
    const made = hchacha20(counted(0, 32), bytesOf('000000090000004a0000000031415927'))
    equal(hexOf(made), '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc')
  })
})
