// What has arrived, and is not taken yet: a relay in parts, a whole one that waits, and the ring that it waits for.
import type { Digest, ImId, PublicKey } from '../keys.js'
import type { Instant } from '../time.js'
import type { Ack, Relay } from '../wire/sealed/frame.js'
import type { Grant } from '../wire/sealed/grant.js'
import type { Assembly } from '../wire/sealed/parts.js'

/** What arrives in parts. */
export interface Arrival {
  readonly from: PublicKey
  readonly im: ImId
  readonly kind: Relay['kind']
  readonly assembly: Assembly
  readonly at: Instant
}

/** A relay with its whole body. */
export interface Whole extends Pick<Relay, 'im' | 'head'> {
  readonly kind: Ack['kind']
  readonly from: PublicKey
  readonly body: Uint8Array
  /** of that body */
  readonly parts: number
}

/** One that waits for its ring, for the server's time, or for a word that this member is on the list. */
export interface Parked {
  readonly whole: Whole
  readonly grant: Grant
}

/** A ring that is asked for. */
export interface Fetch {
  readonly ring: Digest
  /** whoever has sent a grant with it; the server is asked from the third time on */
  readonly from: PublicKey
  /** what these two have told, each for itself: one that tells wrong parts spoils its own */
  readonly assembly: Assembly
  readonly ofServer: Assembly
  readonly sends: number
  readonly next: Instant
}
