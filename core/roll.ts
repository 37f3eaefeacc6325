// A roll: values found by name, and read in the order in which their names came. Contacts in order of registration and lists in order
// of creation are rolls. Persistent; a step costs O(log n), reading one that is there a single descent.
import * as table from './table.js'
import * as trie from './trie.js'

interface Entry<V> {
  readonly place: number
  readonly value: V
}

/** A newcomer's place is the one behind the last. */
export interface Roll<K extends string, V> {
  readonly entries: table.Table<K, Entry<V>>
  readonly order: trie.Trie<K>
}

export const empty = <K extends string, V>(): Roll<K, V> => ({ entries: table.empty(), order: trie.empty })

export const size = <K extends string, V>({ entries }: Roll<K, V>): number => entries.size

export const has = <K extends string, V>({ entries }: Roll<K, V>, key: K): boolean => table.get(entries, key) !== undefined

export const get = <K extends string, V>({ entries }: Roll<K, V>, key: K): V | undefined => table.get(entries, key)?.value

/** The names in the order in which they came; as long as the roll. */
export const keys = <K extends string, V>({ order }: Roll<K, V>): ReadonlyArray<K> => trie.values(order)

/** The place behind the last. */
export const nextPlace = <V>(order: trie.Trie<V>): number => (trie.last(order) ?? -1) + 1

const added = <K extends string, V>({ entries, order }: Roll<K, V>, place: number, key: K, value: V): Roll<K, V> => ({
  entries: table.set(entries, key, { place, value }),
  order: trie.set(order, place, key),
})

/** The same names in the same order, at the first places: once in a billion newcomers the numbers are used up. */
const renumbered = <K extends string, V>(roll: Roll<K, V>): Roll<K, V> =>
  keys(roll).reduce((all, key, place) => added(all, place, key, get(roll, key) as V), empty<K, V>())

/** `key` keeps its place when it is there already, and comes last when it is not. */
export const set = <K extends string, V>(roll: Roll<K, V>, key: K, value: V): Roll<K, V> => {
  const entry = table.get(roll.entries, key)
  if (entry !== undefined) return { entries: table.set(roll.entries, key, { place: entry.place, value }), order: roll.order }
  const place = nextPlace(roll.order)
  return place > trie.highestKey ? set(renumbered(roll), key, value) : added(roll, place, key, value)
}

export const remove = <K extends string, V>(roll: Roll<K, V>, key: K): Roll<K, V> => {
  const entry = table.get(roll.entries, key)
  return entry === undefined
    ? roll
    : { entries: table.remove(roll.entries, key), order: trie.remove(roll.order, entry.place) }
}

/** The name that came first of those that are there. */
export const oldest = <K extends string, V>({ order }: Roll<K, V>): K | undefined => {
  const place = trie.first(order)
  return place === undefined ? undefined : trie.get(order, place)
}

/** The values in the order in which their names came; as long as the roll. */
export const values = <K extends string, V>(roll: Roll<K, V>): ReadonlyArray<V> => keys(roll).map((key) => get(roll, key) as V)

/** Where the two halves of a roll disagree: nowhere, unless this file is wrong. */
export const disagreements = <K extends string, V>({ entries, order }: Roll<K, V>): ReadonlyArray<string> => [
  ...table.entries(entries).flatMap(([key, { place }]) =>
    trie.get(order, place) === key ? [] : [`"${key}" has place ${place}, where something else stands`],
  ),
  ...(entries.size === trie.values(order).length ? [] : [`${entries.size} names, ${trie.values(order).length} places`]),
]
