// The ciphers, as the core sees them: pure functions, given the same arguments the same result. `shell/channel` has the real ones; a test has a
// perfect box. `H` is a handshake that was begun, `K` the keys of a session: both opaque here.
import type { ContactId, Digest, PublicKey, Tag } from '../keys.js'

/** Message 2 has been made, and the session's keys with it. */
export interface Accepted<K> {
  /** the initiator's static key, authenticated */
  readonly from: PublicKey
  /** the 12 bytes of message 1 */
  readonly payload: Uint8Array
  /** Noise message 2: 48 bytes */
  readonly answer: Uint8Array
  readonly keys: K
}

export interface Ciphers<H, K> {
  /** this program's own keys */
  readonly own: { readonly id: ContactId; readonly signs: PublicKey; readonly seals: PublicKey }

  /** 32 bytes that nobody can guess, and the seed that follows; the old seed cannot be found from either (fast key erasure). */
  readonly draw: (seed: Uint8Array) => { readonly bytes: Uint8Array; readonly next: Uint8Array }

  /** Noise_IK message 1 to `to`: 32 + 48 + 28 = 108 bytes, payload 12. `ephemeral`: 32 drawn bytes. `undefined` where `to` is no key (a low-order point). */
  readonly begin: (to: PublicKey, payload: Uint8Array, ephemeral: Uint8Array) => { readonly message: Uint8Array; readonly begun: H } | undefined
  /** Reads message 1 and answers it. `undefined`: forged, damaged, or not for this key. */
  readonly accept: (message: Uint8Array, ephemeral: Uint8Array) => Accepted<K> | undefined
  /** Reads message 2; `begun` stays as it was. `undefined`: forged, damaged, or no answer to it. */
  readonly finish: (begun: H, answer: Uint8Array) => K | undefined

  /** ChaCha20-Poly1305 (RFC 8439) under the sending key, nonce = `counter` (0 .. 2^53 - 1), never twice under one key: a new array of `header`
   *  (16 bytes, as they are: the associated data), the ciphertext, and 16 bytes of tag. */
  readonly seal: (keys: K, counter: number, header: Uint8Array, plain: Uint8Array) => Uint8Array
  /** The plain bytes of a datagram sealed by the other side, `header` (associated data) being its first 16 bytes; `undefined`: not sealed so. */
  readonly open: (keys: K, counter: number, datagram: Uint8Array) => Uint8Array | undefined

  /** Keyed BLAKE2b of 16 bytes. `key`: 16 to 64 bytes. */
  readonly mac: (key: Uint8Array, bytes: Uint8Array) => Uint8Array
  /** The key of mac1 towards, and of retries from, whoever has that static key: BLAKE2b-256 of a label and the key. */
  readonly label: (label: 'mac1' | 'retry', key: PublicKey) => Uint8Array
  /** BLAKE2b-256. */
  readonly hash: (bytes: Uint8Array) => Digest
  /** The code of those bytes that this program and `with_` can make, and nobody else: keyed BLAKE2b of 16 bytes, under the hash of what their two
   *  X25519 keys agree on for good. The same from either side. With a key of low order, on which nobody can agree, it is a code that only this
   *  program can make. */
  readonly share: (with_: PublicKey, bytes: Uint8Array) => Tag
  /** XChaCha20-Poly1305: `nonce` 24 bytes, `plain` 16, result 32. */
  readonly enclose: (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array) => Uint8Array
  readonly disclose: (key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array) => Uint8Array | undefined

  /** Ed25519 (RFC 8032), 64 bytes: by this program's own key. */
  readonly sign: (bytes: Uint8Array) => Uint8Array
  readonly verify: (by: PublicKey, bytes: Uint8Array, signature: Uint8Array) => boolean
  /** BLAKE2b-256 of the two keys' 64 bytes, Ed25519 first. */
  readonly idOf: (signs: PublicKey, seals: PublicKey) => ContactId
}
