// The public side of a pair of secret keys: what others may know, and what they know its owner by.
import { createRequire } from 'node:module'
import type { ContactId, Identity, PublicKey } from '../../core/index.js'
import type { Secrets } from './secrets.js'

interface Sodium {
  readonly crypto_sign_seed_keypair: (publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array) => void
  readonly crypto_scalarmult_base: (publicKey: Uint8Array, secretKey: Uint8Array) => void
  readonly crypto_generichash: (hash: Uint8Array, bytes: Uint8Array) => void
}

const sodium = createRequire(import.meta.url)('sodium-native') as Sodium

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The Ed25519 and the X25519 key, and their id: BLAKE2b-256 of both, Ed25519 first. */
export const own = ({ signing, sealing }: Secrets): Identity => {
  const [signs, secret, seals, id] = [new Uint8Array(32), new Uint8Array(64), new Uint8Array(32), new Uint8Array(32)]
  sodium.crypto_sign_seed_keypair(signs, secret, signing)
  sodium.crypto_scalarmult_base(seals, sealing)
  sodium.crypto_generichash(id, Buffer.concat([signs, seals]))
  return { id: hexOf(id) as ContactId, signs: hexOf(signs) as PublicKey, seals: hexOf(seals) as PublicKey }
}
