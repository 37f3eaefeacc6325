// A persistent map from strings to values, O(log n) whatever the strings are. The keys are ordered by a 30-bit hash, so that a step
// down the tree compares two numbers that lie beside each other instead of two strings that lie anywhere (at 100,000 keys memory is
// what costs). Names that share a hash, by chance or by malice, stand in a tree ordered by the names themselves: 16,384 crafted
// names cost a few comparisons more, not a scan. The order of a table is nobody's order: what users see is kept in a `Sequence`.
import sorted from 'sorted-btree'

const Tree = sorted.default
type Tree<K, V> = InstanceType<typeof Tree<K, V>>

interface Entry<K, V> { readonly key: K; readonly value: V }
type Slot<K, V> = Entry<K, V> | Tree<K, V>

interface Brand<K, V> { readonly Table: readonly [K, V] }

/** Opaque: use the functions beside it. A key may be any string, `__proto__` too. */
export interface Table<K extends string, V> extends Brand<K, V> {
  readonly size: number
}

interface Inner<K, V> { readonly size: number; readonly slots: Tree<number, Slot<K, V>> }

const open = <K extends string, V>(table: Table<K, V>): Inner<K, V> => table as unknown as Inner<K, V>
const seal = <K extends string, V>(size: number, slots: Tree<number, Slot<K, V>>): Table<K, V> =>
  ({ size, slots }) as unknown as Table<K, V>

const byNumber = (a: number, b: number): number => a - b
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** FNV-1a over UTF-16 units, folded to 30 bits so that the engine keeps it as a small integer. */
/* eslint-disable functional/no-let, functional/no-loop-statements -- measured: a fold over the characters costs five times this loop */
export const hash = (key: string): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193)
  return (h ^ (h >>> 15)) & 0x3fffffff
}
/* eslint-enable functional/no-let, functional/no-loop-statements */

const isCrowd = <K, V>(slot: Slot<K, V>): slot is Tree<K, V> => slot instanceof Tree

const none = seal<never, never>(0, new Tree<number, Slot<never, never>>(undefined, byNumber))

export const empty = <K extends string, V>(): Table<K, V> => none

export const get = <K extends string, V>(table: Table<K, V>, key: K): V | undefined => {
  const slot = open(table).slots.get(hash(key))
  if (slot === undefined) return undefined
  if (isCrowd(slot)) return slot.get(key)
  return slot.key === key ? slot.value : undefined
}

export const has = <K extends string, V>(table: Table<K, V>, key: K): boolean => get(table, key) !== undefined

/** `table` with `value` under `key`, also where there was one. */
export const set = <K extends string, V>(table: Table<K, V>, key: K, value: V): Table<K, V> => {
  const { size, slots } = open(table)
  const at = hash(key)
  const slot = slots.get(at)
  if (slot === undefined) return seal(size + 1, slots.with(at, { key, value }, true))
  if (isCrowd(slot)) return seal(slot.has(key) ? size : size + 1, slots.with(at, slot.with(key, value, true), true))
  if (slot.key === key) return seal(size, slots.with(at, { key, value }, true))
  const crowd = new Tree<K, V>(undefined, byText).with(slot.key, slot.value, true).with(key, value, true)
  return seal(size + 1, slots.with(at, crowd, true))
}

/** `table` without `key`; the same table where it was not in it. */
export const remove = <K extends string, V>(table: Table<K, V>, key: K): Table<K, V> => {
  const { size, slots } = open(table)
  const at = hash(key)
  const slot = slots.get(at)
  if (slot === undefined) return table
  if (!isCrowd(slot)) return slot.key === key ? seal(size - 1, slots.without(at)) : table
  if (!slot.has(key)) return table
  const rest = slot.without(key)
  return seal(size - 1, rest.size === 0 ? slots.without(at) : slots.with(at, rest, true))
}

/** The entries, in no order that means anything. As long as the table: for invariants and snapshots only. */
export const entries = <K extends string, V>(table: Table<K, V>): ReadonlyArray<readonly [K, V]> =>
  open(table).slots.valuesArray().flatMap((slot): ReadonlyArray<readonly [K, V]> => (isCrowd(slot) ? slot.toArray() : [[slot.key, slot.value]]))
