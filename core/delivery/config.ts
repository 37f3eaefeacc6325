// What a courier is made with: who it is, what its keys do, and at which pace it works.
import { limits } from '../limits.js'
import type { Address } from '../address.js'
import type { Digest, Identity, PublicKey, Tag } from '../keys.js'

/** Pure functions, given the same arguments the same result. `shell/channel` has the real ones; a test has a perfect box. */
export interface Ciphers {
  /** BLAKE2b-256 */
  readonly hash: (bytes: Uint8Array) => Digest
  /** Ed25519, 64 bytes: by this contact's own key */
  readonly sign: (bytes: Uint8Array) => Uint8Array
  readonly verify: (by: PublicKey, bytes: Uint8Array, signature: Uint8Array) => boolean
  /** a MAC under the key that this contact shares with whoever has that X25519 key (static-static), which both can make and nobody else */
  readonly share: (other: PublicKey, bytes: Uint8Array) => Tag
}

/** Waits in ms, and counts. The defaults are those of `limits`; an exhaustive check takes zeros, so that each timer may be due at any time. */
export interface Pace {
  readonly hopFirstMs: number
  readonly hopLowestMs: number
  readonly hopHighestMs: number
  readonly silentMs: number
  readonly silentSends: number
  readonly busyRestarts: number
  readonly refusalsApartMs: number
  readonly unreachableMs: number
  readonly reportBeforeMs: number
  /** co-members that are asked for what was missed; 0: nobody ever is */
  readonly askedForMissed: number
  readonly missedPatienceMs: number
}

export const pace: Pace = {
  hopFirstMs: limits.hopFirstMs,
  hopLowestMs: limits.hopLowestMs,
  hopHighestMs: limits.hopHighestMs,
  silentMs: limits.silentMs,
  silentSends: limits.silentSends,
  busyRestarts: limits.busyRestarts,
  refusalsApartMs: limits.refusalsApartMs,
  unreachableMs: limits.unreachableMs,
  reportBeforeMs: limits.reportBeforeMs,
  askedForMissed: limits.askedForMissed,
  missedPatienceMs: limits.missedPatienceMs,
}

export interface Config {
  readonly own: Identity
  /** of this peer, as classic members are told it: what they send home comes to the port above */
  readonly address: Address
  readonly ciphers: Ciphers
  readonly pace: Pace
  /** bytes of the longest text that is taken; a longer one is closed */
  readonly maxTextBytes: number
}

export const config = (asked: Pick<Config, 'own' | 'address' | 'ciphers'>): Config => ({ ...asked, pace, maxTextBytes: limits.textBytes })
