// What a peer keeps of the messages that it has taken, as their initiators sealed them, so that it can give them to co-members who were away: the newest
// of each list, within bounds. What it has sent itself is in its diary anyway. And the rings of both, which say who may have them: nobody else tells a
// later process who was on one.
import * as t from 'io-ts'
import { Host, Port } from './address.js'
import { Count } from './count.js'
import { PublicKey, type Digest, type ImId } from './keys.js'
import { limits } from './limits.js'
import * as roll from './roll.js'
import * as table from './table.js'
import { ContactName, ListName } from './names.js'
import type { Envelope } from './wire/sealed/envelope.js'

const Seat = t.union([
  t.readonly(t.strict({ _tag: t.literal('Keyed'), name: ContactName, signs: PublicKey, seals: PublicKey })),
  t.readonly(t.strict({ _tag: t.literal('Classic'), name: ContactName, ip: Host, port: Port })),
])

/** A ring, as a diary has it. JSON as it stands. */
export const Ring = t.readonly(t.strict({ list: ListName, epoch: Count, members: t.readonlyArray(Seat) }), 'Ring')
export type Ring = t.TypeOf<typeof Ring>

interface Shelf {
  /** by root, in the order in which they were taken; at most `limits.keptMessages` */
  readonly all: roll.Roll<ImId, Envelope>
  /** of all, at most `limits.keptBytes` */
  readonly bytes: number
}

export interface Kept {
  readonly lists: table.Table<ListName, Shelf>
  /** of all lists, at most `limits.keptBytesInAll` */
  readonly bytes: number
  /** by hash, the oldest first; and the seats of all of them: at most `limits.keptSeats`, or those of one */
  readonly rings: roll.Roll<Digest, Ring>
  readonly seats: number
}

export const empty: Kept = { lists: table.empty(), bytes: 0, rings: roll.empty(), seats: 0 }

const bare: Shelf = { all: roll.empty(), bytes: 0 }

const bytesOf = ({ grant: { size } }: Envelope): number => size + limits.envelopeBytes

/** Without the oldest, until what is left is within the bounds. */
const trimmed = (shelf: Shelf, messages: number, bytes: number): Shelf => {
  const oldest = roll.first(shelf.all)
  if (oldest === undefined || (roll.size(shelf.all) <= messages && shelf.bytes <= bytes)) return shelf
  return trimmed({ all: roll.remove(shelf.all, oldest.grant.root), bytes: shelf.bytes - bytesOf(oldest) }, messages, bytes)
}

/** Field by field, here and below: a copy of a copy by `...` has another shape in the engine each time, and all that reads it is slow (measured). */
const put = ({ lists, bytes, rings, seats }: Kept, list: ListName, shelf: Shelf): Kept => ({
  lists: roll.size(shelf.all) === 0 ? table.remove(lists, list) : table.set(lists, list, shelf),
  bytes: bytes + shelf.bytes - (table.get(lists, list) ?? bare).bytes,
  rings,
  seats,
})

/** Within the bound of all lists: the one with the most bytes gives way. */
const bounded = (kept: Kept): Kept => {
  if (kept.bytes <= limits.keptBytesInAll) return kept
  const [first, ...others] = table.entries(kept.lists)
  if (first === undefined) return kept
  const [list, shelf] = others.reduce((most, one) => (one[1].bytes > most[1].bytes || (one[1].bytes === most[1].bytes && one[0] < most[0]) ? one : most), first)
  return bounded(put(kept, list, trimmed(shelf, limits.keptMessages, Math.max(0, shelf.bytes - 1))))
}

/** With that message, whose root is in it once. */
export const withMessage = (kept: Kept, message: Envelope): Kept => {
  const { list, root } = message.grant
  const { all, bytes } = table.get(kept.lists, list) ?? bare
  if (roll.has(all, root)) return kept
  return bounded(put(kept, list, trimmed({ all: roll.set(all, root, message), bytes: bytes + bytesOf(message) }, limits.keptMessages, limits.keptBytes)))
}

const ringed = ({ lists, bytes }: Kept, rings: Kept['rings'], seats: number): Kept => ({ lists, bytes, rings, seats })

/** Without the oldest rings, until their seats are few enough. */
const roomy = (kept: Kept): Kept => {
  const [oldest] = kept.seats > limits.keptSeats && roll.size(kept.rings) > 1 ? roll.names(kept.rings) : []
  const members = oldest === undefined ? undefined : roll.get(kept.rings, oldest)?.members
  return oldest === undefined || members === undefined ? kept : roomy(ringed(kept, roll.remove(kept.rings, oldest), kept.seats - members.length))
}

/** With that ring, which is in it once; `undefined`: as it is. */
export const withRing = (kept: Kept, hash: Digest, ring: Ring | undefined): Kept =>
  ring === undefined || roll.has(kept.rings, hash) ? kept : roomy(ringed(kept, roll.set(kept.rings, hash, ring), kept.seats + ring.members.length))

/** Those of a list, in the order in which they were taken. */
export const ofList = ({ lists }: Kept, list: ListName): ReadonlyArray<Envelope> => {
  const shelf = table.get(lists, list)
  return shelf === undefined ? [] : roll.values(shelf.all)
}

/** All of them, one list after the other. */
export const messages = (kept: Kept): ReadonlyArray<Envelope> =>
  table.entries(kept.lists).map(([list]) => list).sort().flatMap((list) => ofList(kept, list))
