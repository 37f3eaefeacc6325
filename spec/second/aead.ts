// ChaCha20-Poly1305 (RFC 8439) of node:crypto, and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) on top of it.
import { createCipheriv, createDecipheriv } from 'node:crypto'

const tagBytes = 16
const algorithm = 'chacha20-poly1305'

/** Four zero bytes and the counter, 64 bits, little-endian (Noise, section 12.3). */
export const nonceOf = (counter: number): Uint8Array => {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64LE(BigInt(counter), 4)
  return nonce
}

/** What `f` gives, or `undefined` where it throws. */
export const orUndefined = <A>(f: () => A): A | undefined => {
  try {
    return f()
  } catch {
    return undefined
  }
}

/** Ciphertext and 16 bytes of tag; `nonce`: 12 bytes. */
export const seal = (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array => {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(associated, { plaintextLength: plain.length })
  return new Uint8Array(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]))
}

/** Throws where it was not sealed so. */
export const open = (key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array => {
  const length = sealed.length - tagBytes
  const cipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(associated, { plaintextLength: length })
  cipher.setAuthTag(sealed.subarray(length))
  return new Uint8Array(Buffer.concat([cipher.update(sealed.subarray(0, length)), cipher.final()]))
}

const rotated = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** RFC 8439, section 2.1 */
const quarterRound = (x: Uint32Array, a: number, b: number, c: number, d: number): void => {
  const at = (i: number): number => x[i] ?? 0
  x[a] = at(a) + at(b)
  x[d] = rotated(at(d) ^ at(a), 16)
  x[c] = at(c) + at(d)
  x[b] = rotated(at(b) ^ at(c), 12)
  x[a] = at(a) + at(b)
  x[d] = rotated(at(d) ^ at(a), 8)
  x[c] = at(c) + at(d)
  x[b] = rotated(at(b) ^ at(c), 7)
}

/** HChaCha20 (the draft's section 2.2): a key of 32 bytes from a key and 16 bytes. */
export const hchacha20 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => {
  const input = Buffer.concat([Buffer.from('expand 32-byte k', 'ascii'), key, bytes])
  const x = new Uint32Array(Array.from({ length: 16 }, (_, i) => input.readUInt32LE(4 * i)))
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 4; i += 1) quarterRound(x, i, 4 + i, 8 + i, 12 + i)
    for (let i = 0; i < 4; i += 1) quarterRound(x, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4))
  }
  const output = Buffer.alloc(32)
  for (let i = 0; i < 4; i += 1) {
    output.writeUInt32LE(x[i] ?? 0, 4 * i)
    output.writeUInt32LE(x[12 + i] ?? 0, 16 + 4 * i)
  }
  return new Uint8Array(output)
}

/** The draft's section 2.3, for `nonce` of 24 bytes: what `seal` and `open` are to be given instead. */
export const extended = (key: Uint8Array, nonce: Uint8Array): { readonly key: Uint8Array; readonly nonce: Uint8Array } => ({
  key: hchacha20(key, nonce.subarray(0, 16)),
  nonce: Buffer.concat([new Uint8Array(4), nonce.subarray(16)]),
})
