// Noise_IK_25519_ChaChaPoly_BLAKE2b once more, from The Noise Protocol Framework, revision 34, with node:crypto: what the program's handshake is
// compared with. A handshake is a value here; each step gives the next one.
import { createHash, createHmac } from 'node:crypto'
import { nonceOf, open, orUndefined, seal } from './aead.js'
import { publicOf, shared } from './curves.js'
import type { Agreed, Ik } from '../../shell/channel/ik.js'

/** Section 5.2: the symmetric state; `key` until the next mixKey, and how often it was used. */
interface Symmetric {
  readonly chaining: Uint8Array
  readonly hash: Uint8Array
  readonly key: Uint8Array
  readonly uses: number
}

/** What the initiator keeps between its two messages. */
export interface Initiated {
  readonly symmetric: Symmetric
  readonly ephemeral: Uint8Array
}

const hashOf = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => createHash('blake2b512').update(Buffer.concat(parts)).digest()
const hmac = (key: Uint8Array, ...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  createHmac('blake2b512', key).update(Buffer.concat(parts)).digest()

/** Section 4.3 */
const hkdf = (chaining: Uint8Array, material: Uint8Array): readonly [Uint8Array, Uint8Array] => {
  const key = hmac(chaining, material)
  const first = hmac(key, Uint8Array.of(1))
  return [first, hmac(key, first, Uint8Array.of(2))]
}

const mixHash = (state: Symmetric, bytes: Uint8Array): Symmetric => ({ ...state, hash: hashOf(state.hash, bytes) })

const mixKey = (state: Symmetric, material: Uint8Array): Symmetric => {
  const [chaining, key] = hkdf(state.chaining, material)
  return { ...state, chaining, key: key.subarray(0, 32), uses: 0 }
}

/** What is written or read with a key goes into the hash as ciphertext. */
const used = (state: Symmetric, sealed: Uint8Array): Symmetric => mixHash({ ...state, uses: state.uses + 1 }, sealed)

const encrypt = (state: Symmetric, plain: Uint8Array): readonly [Symmetric, Uint8Array] => {
  const sealed = seal(state.key, nonceOf(state.uses), plain, state.hash)
  return [used(state, sealed), sealed]
}

const decrypt = (state: Symmetric, sealed: Uint8Array): readonly [Symmetric, Uint8Array] => [
  used(state, sealed),
  open(state.key, nonceOf(state.uses), sealed, state.hash),
]

/** Sections 5.3 and 7.1: the name, the prologue, and the pre-message `<- s`. The name is shorter than a hash, so zeroes fill it up. */
const start = (prologue: Uint8Array, responder: Uint8Array): Symmetric => {
  const hash = Buffer.alloc(64)
  hash.write('Noise_IK_25519_ChaChaPoly_BLAKE2b', 'ascii')
  return mixHash(mixHash({ chaining: hash, hash, key: new Uint8Array(0), uses: 0 }, prologue), responder)
}

/** Section 5.2, Split: the initiator sends with the first key. */
const split = (state: Symmetric, isInitiator: boolean): Agreed => {
  const [first, second] = hkdf(state.chaining, new Uint8Array(0)).map((key) => new Uint8Array(key.subarray(0, 32))) as [Uint8Array, Uint8Array]
  return { keys: isInitiator ? { tx: first, rx: second } : { tx: second, rx: first }, hash: new Uint8Array(state.hash) }
}

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** The handshakes of whoever has that static secret, under that prologue. */
export const noise = (prologue: Uint8Array, secret: Uint8Array): Ik<Initiated> => {
  const own = publicOf('x25519', secret)
  return {
    begin: (to, payload, ephemeral) =>
      orUndefined(() => {
        const e = publicOf('x25519', ephemeral)
        const es = mixKey(mixHash(start(prologue, to), e), shared(ephemeral, to))
        const [s, ownSealed] = encrypt(es, own)
        const [symmetric, payloadSealed] = encrypt(mixKey(s, shared(secret, to)), payload)
        return { message: joined(e, ownSealed, payloadSealed), begun: { symmetric, ephemeral: new Uint8Array(ephemeral) } }
      }),

    accept: (message, payload, ephemeral) =>
      orUndefined(() => {
        const theirs = message.subarray(0, 32)
        const es = mixKey(mixHash(start(prologue, own), theirs), shared(secret, theirs))
        const [s, from] = decrypt(es, message.subarray(32, 80))
        const [first, received] = decrypt(mixKey(s, shared(secret, from)), message.subarray(80))

        const e = publicOf('x25519', ephemeral)
        const se = mixKey(mixKey(mixHash(first, e), shared(ephemeral, theirs)), shared(ephemeral, from))
        const [second, sealed] = encrypt(se, payload)
        return { from, payload: received, answer: joined(e, sealed), ...split(second, false) }
      }),

    finish: ({ symmetric, ephemeral }, answer) =>
      orUndefined(() => {
        const theirs = answer.subarray(0, 32)
        const se = mixKey(mixKey(mixHash(symmetric, theirs), shared(ephemeral, theirs)), shared(secret, theirs))
        const [second, payload] = decrypt(se, answer.subarray(32))
        return { payload, ...split(second, true) }
      }),
  }
}
