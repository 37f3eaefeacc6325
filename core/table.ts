// A persistent map from strings to values, O(log n) whatever the strings are. Keys are found by a 30-bit hash in a trie. Names that share a
// hash, by chance or by malice, stand in a tree ordered by the names themselves: 16,384 crafted names cost a few comparisons more, not
// a scan. The order of a table is nobody's order: what users see is kept in a `Roll`.
import sorted from 'sorted-btree'
import * as trie from './trie.js'

const Crowd = sorted.default
type Crowd<K, V> = InstanceType<typeof Crowd<K, V>>

interface Entry<K, V> {
  readonly key: K
  readonly value: V
}
type Slot<K, V> = Entry<K, V> | Crowd<K, V>

/** Use the functions beside it. A key may be any string, `__proto__` too. */
export interface Table<K extends string, V> {
  readonly size: number
  readonly slots: trie.Trie<Slot<K, V>>
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** FNV-1a over UTF-16 units, folded to 30 bits so that the engine keeps it as a small integer. */
/* eslint-disable functional/no-let, functional/no-loop-statements -- measured: a fold over the characters costs five times this loop */
export const hash = (key: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193)
  return (h ^ (h >>> 15)) & trie.highestKey
}
/* eslint-enable functional/no-let, functional/no-loop-statements */

const isCrowd = <K, V>(slot: Slot<K, V>): slot is Crowd<K, V> => slot instanceof Crowd

const none = { size: 0, slots: trie.empty } as const

export const empty = <K extends string, V>(): Table<K, V> => none

export const get = <K extends string, V>({ slots }: Table<K, V>, key: K): V | undefined => {
  const slot = trie.get(slots, hash(key))
  if (slot === undefined) return undefined
  if (isCrowd(slot)) return slot.get(key)
  return slot.key === key ? slot.value : undefined
}

export const has = <K extends string, V>(table: Table<K, V>, key: K): boolean => get(table, key) !== undefined

/** `table` with `value` under `key`, also where there was one. */
export const set = <K extends string, V>({ size, slots }: Table<K, V>, key: K, value: V): Table<K, V> => {
  const at = hash(key)
  const slot = trie.get(slots, at)
  if (slot === undefined) return { size: size + 1, slots: trie.set(slots, at, { key, value }) }
  if (isCrowd(slot)) return { size: slot.has(key) ? size : size + 1, slots: trie.set(slots, at, slot.with(key, value, true)) }
  if (slot.key === key) return { size, slots: trie.set(slots, at, { key, value }) }
  const crowd = new Crowd<K, V>(undefined, byText).with(slot.key, slot.value, true).with(key, value, true)
  return { size: size + 1, slots: trie.set(slots, at, crowd) }
}

/** `table` without `key`; the same table where it was not in it. */
export const remove = <K extends string, V>(table: Table<K, V>, key: K): Table<K, V> => {
  const { size, slots } = table
  const at = hash(key)
  const slot = trie.get(slots, at)
  if (slot === undefined) return table
  if (!isCrowd(slot)) return slot.key === key ? { size: size - 1, slots: trie.remove(slots, at) } : table
  if (!slot.has(key)) return table
  const rest = slot.without(key)
  return { size: size - 1, slots: rest.size === 0 ? trie.remove(slots, at) : trie.set(slots, at, rest) }
}

/** The entries, in no order that means anything; as long as the table. */
export const entries = <K extends string, V>({ slots }: Table<K, V>): ReadonlyArray<readonly [K, V]> =>
  trie.values(slots).flatMap((slot): ReadonlyArray<readonly [K, V]> => (isCrowd(slot) ? slot.toArray() : [[slot.key, slot.value]]))
