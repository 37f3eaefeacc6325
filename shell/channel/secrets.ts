// What a program keeps to itself, drawn from the system's randomness.
import sodium from 'sodium-native'

/** 32 bytes each. */
export interface Secrets {
  /** the seed of an Ed25519 key (RFC 8032, section 5.1.5) */
  readonly signing: Uint8Array
  /** an X25519 key (RFC 7748, section 5) */
  readonly sealing: Uint8Array
}

/** 32 bytes that nobody can guess: what `draw` begins with. */
export const seed = (): Uint8Array => {
  const bytes = new Uint8Array(32)
  sodium.randombytes_buf(bytes)
  return bytes
}

/** The secrets of a new identity. */
export const newSecrets = (): Secrets => ({ signing: seed(), sealing: seed() })
