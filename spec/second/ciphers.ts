// The ciphers of the sealed wire a second time, on node:crypto alone and from the documents, for the program's to be compared with.
import { extended, nonceOf, open, orUndefined, seal } from './aead.js'
import { blake2b } from './blake2b.js'
import { ascii, bytesOf, hexOf } from './bytes.js'
import { publicOf, shared, sign, verify } from './curves.js'
import { noise, type Initiated } from './noise.js'
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { ContactId, Digest, PublicKey, Tag } from '../../core/keys.js'
import type { Keys } from '../../shell/channel/ik.js'
import type { Secrets } from '../../shell/channel/secrets.js'

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(parts))

const idOf = (signs: PublicKey, seals: PublicKey): ContactId => hexOf(blake2b(32, joined(bytesOf(signs), bytesOf(seals)))) as ContactId

/** The ciphers of whoever has those secrets. */
export const second = (secrets: Secrets): Ciphers<Initiated, Keys> => {
  const handshakes = noise(ascii('peal sealed 1'), secrets.sealing)
  const signs = hexOf(publicOf('ed25519', secrets.signing)) as PublicKey
  const seals = hexOf(publicOf('x25519', secrets.sealing)) as PublicKey
  return {
    own: { id: idOf(signs, seals), signs, seals },
    draw: (seed) => ({ bytes: blake2b(32, ascii('peal draw bytes'), seed), next: blake2b(32, ascii('peal draw next'), seed) }),

    begin: (to, payload, ephemeral) => handshakes.begin(bytesOf(to), payload, ephemeral),
    accept: (message, ephemeral) => {
      const accepted = message.length === 108 ? handshakes.accept(message, new Uint8Array(0), ephemeral) : undefined
      return accepted && { from: hexOf(accepted.from) as PublicKey, payload: accepted.payload, answer: accepted.answer, keys: accepted.keys }
    },
    finish: (begun, answer) => (answer.length === 48 ? handshakes.finish(begun, answer)?.keys : undefined),

    seal: ({ tx }, counter, header, plain) => joined(header, seal(tx, nonceOf(counter), plain, header)),
    open: ({ rx }, counter, datagram) => {
      if (datagram.length < 32) return undefined
      return orUndefined(() => open(rx, nonceOf(counter), datagram.subarray(16), datagram.subarray(0, 16)))
    },

    mac: (key, bytes) => blake2b(16, bytes, key),
    hash: (bytes) => hexOf(blake2b(32, bytes)) as Digest,
    share: (with_, bytes) => {
      const agreed = orUndefined(() => shared(secrets.sealing, bytesOf(with_))) ?? secrets.sealing
      return hexOf(blake2b(16, bytes, blake2b(32, ascii('peal receipt key 1'), agreed))) as Tag
    },
    label: (label, key) => blake2b(32, joined(ascii(`peal ${label}`), bytesOf(key))),
    enclose: (key, nonce, plain, associated) => {
      const under = extended(key, nonce)
      return seal(under.key, under.nonce, plain, associated)
    },
    disclose: (key, nonce, sealed, associated) => {
      if (sealed.length < 16) return undefined
      const under = extended(key, nonce)
      return orUndefined(() => open(under.key, under.nonce, sealed, associated))
    },

    sign: (bytes) => sign(secrets.signing, bytes),
    verify: (by, bytes, signature) => verify(bytesOf(by), bytes, signature),
    idOf,
  }
}
