// Who sits where in a ring: a member is its place, and who somebody is follows from the keys.
import { memo } from '../memo.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import type { ContactId, PublicKey } from '../keys.js'
import type { KeyedSeat, Ring } from '../wire/sealed/ring.js'
import type { Config } from './config.js'

/** The key of a member with keys. */
export const keyAt = (ring: Ring | undefined, place: number): PublicKey | undefined => {
  const seat = ring?.members[place]
  return seat?._tag === 'Keyed' ? seat.seals : undefined
}

/** Asked several times of each message, in rings of hundreds. Of one key the first place. */
const placesOf = memo(({ members }: Ring): ReadonlyMap<PublicKey, number> => new Map(members.flatMap((seat, place) => (seat._tag === 'Keyed' ? [[seat.seals, place] as const] : [])).toReversed()))

/** The place of whoever has that key; -1 where nobody has. */
export const placeOf = (ring: Ring, key: PublicKey): number => placesOf(ring).get(key) ?? -1

export const nameAt = (ring: Ring | undefined, place: number): string => ring?.members[place]?.name ?? `member ${place}`

/** Asked of each member whenever a message begins. */
const idsBy = memo(({ hash }: Config['ciphers']) => memo(({ signs, seals }: KeyedSeat): ContactId => hash(bytesOf(signs + seals)) as string as ContactId))

/** Who somebody is follows from the keys. */
export const idOf = ({ ciphers }: Pick<Config, 'ciphers'>, seat: KeyedSeat): ContactId => idsBy(ciphers)(seat)
