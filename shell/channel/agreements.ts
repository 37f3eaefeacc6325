// The keys under which this program and one other can code something for each other at any time, without a session: what their two X25519 keys agree
// on for good. The agreement takes some fifty times as long as the code that is made with it, so that the keys of some are kept.
import sodium from 'sodium-native'
import { attempt } from './attempt.js'
import { limits } from '../limits.js'
import type { PublicKey } from '../../core/keys.js'

/** What is agreed on serves no other purpose, and what serves another is no key here. */
const domain = new Uint8Array(Buffer.from('peal receipt key 1', 'ascii'))

/** 32 bytes for each key: BLAKE2b-256 of the domain, keyed with the agreement (RFC 7748, section 6.1). On a key of low order the result is known to
 *  everybody; the secret itself takes its place, so that nobody else can make such a code. */
export const agreements = (secret: Uint8Array): ((with_: PublicKey) => Uint8Array) => {
  const kept = new Map<PublicKey, Uint8Array>()

  const agree = (with_: PublicKey): Uint8Array => {
    const agreement = attempt(() => {
      const made = new Uint8Array(32)
      sodium.crypto_scalarmult(made, secret, Buffer.from(with_, 'hex'))
      return made
    })
    const key = new Uint8Array(32)
    sodium.crypto_generichash(key, domain, agreement ?? secret)
    return key
  }

  /** The oldest goes where there are too many: a ring's members are asked for together, and come back together. */
  const keep = (with_: PublicKey, key: Uint8Array): Uint8Array => {
    const [oldest] = kept.keys()
    if (kept.size >= limits.agreementsKept && oldest !== undefined) kept.delete(oldest)
    kept.set(with_, key)
    return key
  }

  return (with_) => kept.get(with_) ?? keep(with_, agree(with_))
}
