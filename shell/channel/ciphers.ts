// The ciphers of the sealed wire, on libsodium (`sodium-native`) and `noise-handshake`.
import sodium from 'sodium-native'
import { attempt } from './attempt.js'
import { ik, pairOf, type Begun, type Keys } from './ik.js'
import { agreements } from './agreements.js'
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { ContactId, Digest, PublicKey, Tag } from '../../core/keys.js'
import type { Secrets } from './secrets.js'

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'ascii'))
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, 'hex')
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
const keyOf = (bytes: Uint8Array): PublicKey => hexOf(bytes) as PublicKey

/** Who speaks another protocol, or another version of it, gets another hash in message 1 already. Who of the two began needs no word here: the
 *  pattern gives each role its own messages, and each direction its own key. */
const prologue = ascii('peal sealed 1')

const headerBytes = 16
const tagBytes = 16
/** Noise message 1 with 12 bytes of payload, and message 2 with none */
const messageBytes = 108
const answerBytes = 48
const none = new Uint8Array(0)

const labels = { bytes: ascii('peal draw bytes'), next: ascii('peal draw next'), mac1: ascii('peal mac1'), retry: ascii('peal retry') }

const hash = (length: number, bytes: Uint8Array, key?: Uint8Array): Uint8Array => {
  const made = new Uint8Array(length)
  sodium.crypto_generichash(made, bytes, key)
  return made
}

/** BLAKE2b-256, which needs no secret. */
export const digest = (bytes: Uint8Array): Digest => hexOf(hash(32, bytes)) as Digest

const labelOf = (label: 'mac1' | 'retry', key: PublicKey): Uint8Array => hash(32, Buffer.concat([labels[label], bytesOf(key)]))

/** New bytes, of any content: from Node's pool, because memory of their own takes longer than sealing them. */
const fresh = (length: number): Uint8Array => {
  const { buffer, byteOffset } = Buffer.allocUnsafe(length)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Written anew for each datagram. */
const nonce = new Uint8Array(12)
const counters = new DataView(nonce.buffer)

/** Four zero bytes and the counter, 64 bits, little-endian (Noise, section 12.3). */
const nonceOf = (counter: number): Uint8Array => {
  counters.setUint32(4, counter, true)
  counters.setUint32(8, counter / 2 ** 32, true)
  return nonce
}

/** Sealed in place: native code takes longer to reach a small array in the engine's heap, which the header and most frames are, than to seal it. */
const seal: Ciphers<Begun, Keys>['seal'] = ({ tx }, counter, header, plain) => {
  const datagram = fresh(header.length + plain.length + tagBytes)
  datagram.set(header)
  datagram.set(plain, header.length)
  const body = datagram.subarray(header.length)
  const associated = datagram.subarray(0, header.length)
  sodium.crypto_aead_chacha20poly1305_ietf_encrypt(body, body.subarray(0, plain.length), associated, null, nonceOf(counter), tx)
  return datagram
}

const open: Ciphers<Begun, Keys>['open'] = ({ rx }, counter, datagram) => {
  if (datagram.length < headerBytes + tagBytes) return undefined
  return attempt(() => {
    const plain = fresh(datagram.length - headerBytes - tagBytes)
    const header = datagram.subarray(0, headerBytes)
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(plain, null, datagram.subarray(headerBytes), header, nonceOf(counter), rx)
    return plain
  })
}

const enclose: Ciphers<Begun, Keys>['enclose'] = (key, nonce24, plain, associated) => {
  const sealed = new Uint8Array(plain.length + tagBytes)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, plain, associated, null, nonce24, key)
  return sealed
}

const disclose: Ciphers<Begun, Keys>['disclose'] = (key, nonce24, sealed, associated) => {
  if (sealed.length < tagBytes) return undefined
  return attempt(() => {
    const plain = new Uint8Array(sealed.length - tagBytes)
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(plain, null, sealed, associated, nonce24, key)
    return plain
  })
}

const idOf: Ciphers<Begun, Keys>['idOf'] = (signs, seals) => hexOf(hash(32, bytesOf(signs + seals))) as ContactId

/** The ciphers of whoever has those secrets. The same arguments give the same bytes, and stay as they are; nothing throws for what a
 *  stranger sent. */
export const ciphers = (secrets: Secrets): Ciphers<Begun, Keys> => {
  const handshakes = ik(prologue, secrets.sealing)
  const signing = { publicKey: new Uint8Array(32), secretKey: new Uint8Array(64) }
  sodium.crypto_sign_seed_keypair(signing.publicKey, signing.secretKey, secrets.signing)
  const signs = keyOf(signing.publicKey)
  const seals = keyOf(pairOf(secrets.sealing).publicKey)
  const agreed = agreements(secrets.sealing)
  /** asked for at every hello that arrives, also in a flood of them */
  const own = { mac1: labelOf('mac1', seals), retry: labelOf('retry', seals) }

  return {
    own: { id: idOf(signs, seals), signs, seals },

    draw: (seed) => ({ bytes: hash(32, labels.bytes, seed), next: hash(32, labels.next, seed) }),

    begin: (to, payload, ephemeral) => handshakes.begin(bytesOf(to), payload, ephemeral),
    accept: (message, ephemeral) => {
      if (message.length !== messageBytes) return undefined
      const accepted = handshakes.accept(message, none, ephemeral)
      return accepted && { from: keyOf(accepted.from), payload: accepted.payload, answer: accepted.answer, keys: accepted.keys }
    },
    finish: (begun, answer) => (answer.length === answerBytes ? handshakes.finish(begun, answer)?.keys : undefined),

    seal,
    open,

    mac: (key, bytes) => {
      const made = fresh(16)
      sodium.crypto_generichash(made, bytes, key)
      return made
    },
    hash: digest,
    share: (with_, bytes) => {
      const made = fresh(16)
      sodium.crypto_generichash(made, bytes, agreed(with_))
      return hexOf(made) as Tag
    },
    label: (label, key) => (key === seals ? own[label] : labelOf(label, key)),
    enclose,
    disclose,

    sign: (bytes) => {
      const signature = new Uint8Array(64)
      sodium.crypto_sign_detached(signature, bytes, signing.secretKey)
      return signature
    },
    verify: (by, bytes, signature) => signature.length === 64 && sodium.crypto_sign_verify_detached(signature, bytes, bytesOf(by)),
    idOf,
  }
}
