// What a peer keeps of the messages that it has taken, as their initiators sealed them, so that it can give them to co-members who were away: the newest
// of each list, within bounds. What it has sent itself is in its diary anyway.
import { limits } from './limits.js'
import * as roll from './roll.js'
import * as table from './table.js'
import type { ImId } from './keys.js'
import type { ListName } from './names.js'
import type { Envelope } from './wire/sealed/envelope.js'

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
}

export const empty: Kept = { lists: table.empty(), bytes: 0 }

const bare: Shelf = { all: roll.empty(), bytes: 0 }

const bytesOf = ({ grant: { size } }: Envelope): number => size + limits.envelopeBytes

/** Without the oldest, until what is left is within the bounds. */
const trimmed = (shelf: Shelf, messages: number, bytes: number): Shelf => {
  const oldest = roll.first(shelf.all)
  if (oldest === undefined || (roll.size(shelf.all) <= messages && shelf.bytes <= bytes)) return shelf
  return trimmed({ all: roll.remove(shelf.all, oldest.grant.root), bytes: shelf.bytes - bytesOf(oldest) }, messages, bytes)
}

const put = ({ lists, bytes }: Kept, list: ListName, shelf: Shelf): Kept => ({
  lists: roll.size(shelf.all) === 0 ? table.remove(lists, list) : table.set(lists, list, shelf),
  bytes: bytes + shelf.bytes - (table.get(lists, list) ?? bare).bytes,
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

/** Those of a list, in the order in which they were taken. */
export const ofList = ({ lists }: Kept, list: ListName): ReadonlyArray<Envelope> => {
  const shelf = table.get(lists, list)
  return shelf === undefined ? [] : roll.values(shelf.all)
}

/** All of them, one list after the other. */
export const messages = (kept: Kept): ReadonlyArray<Envelope> =>
  table.entries(kept.lists).map(([list]) => list).sort().flatMap((list) => ofList(kept, list))
