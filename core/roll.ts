// A roll: values found by name, and read in the order in which their names came. Contacts in order of registration and lists in order
// of creation are rolls. Persistent; a step costs O(log n), reading one that is there a single descent.
import * as table from './table.js'
import * as trie from './trie.js'

interface Entry<V> {
  readonly place: number
  readonly value: V
}

/** A name at its place, which is the leaf's `key`. */
interface Place<K> extends trie.Leaf {
  readonly name: K
}

/** A newcomer's place is the one behind the last. */
export interface Roll<K extends string, V> {
  readonly entries: table.Table<K, Entry<V>>
  readonly order: trie.Trie<Place<K>>
}

export const empty = <K extends string, V>(): Roll<K, V> => ({ entries: table.empty(), order: trie.empty })

export const size = <K extends string, V>({ entries }: Roll<K, V>): number => entries.size

export const has = <K extends string, V>({ entries }: Roll<K, V>, name: K): boolean => table.has(entries, name)

export const get = <K extends string, V>({ entries }: Roll<K, V>, name: K): V | undefined => table.get(entries, name)?.value

/** The names of an `order`, first come first. */
export const inOrder = <K extends string>(order: trie.Trie<Place<K>>): ReadonlyArray<K> => trie.leaves(order).map(({ name }) => name)

/** The names in the order in which they came; as long as the roll. */
export const names = <K extends string, V>({ order }: Roll<K, V>): ReadonlyArray<K> => inOrder(order)

/** The value whose name came first. */
export const first = <K extends string, V>(roll: Roll<K, V>): V | undefined => {
  const place = trie.first(roll.order)
  return place === undefined ? undefined : get(roll, place.name)
}

/** The place behind the last. */
export const nextPlace = (order: trie.Trie<trie.Leaf>): number => (trie.last(order) ?? -1) + 1

const added = <K extends string, V>({ entries, order }: Roll<K, V>, place: number, name: K, value: V): Roll<K, V> => ({
  entries: table.set(entries, name, { place, value }),
  order: trie.set(order, { key: place, name }),
})

/** The same names in the same order, at the first places: once in a billion newcomers the numbers are used up. */
const renumbered = <K extends string, V>(roll: Roll<K, V>): Roll<K, V> =>
  names(roll).reduce((all, name, place) => added(all, place, name, get(roll, name) as V), empty<K, V>())

/** `name` keeps its place when it is there already, and comes last when it is not. */
export const set = <K extends string, V>(roll: Roll<K, V>, name: K, value: V): Roll<K, V> => {
  const entry = table.get(roll.entries, name)
  if (entry !== undefined) return { entries: table.set(roll.entries, name, { place: entry.place, value }), order: roll.order }
  const place = nextPlace(roll.order)
  return place > trie.highestKey ? set(renumbered(roll), name, value) : added(roll, place, name, value)
}

/** The roll with a value under each of these names, which are distinct. */
export const from = <K extends string, V>(all: ReadonlyArray<K>, valueAt: (place: number) => V): Roll<K, V> => ({
  entries: table.from(all, (place) => ({ place, value: valueAt(place) })),
  order: trie.from(all.map((name, key) => ({ key, name }))),
})

export const remove = <K extends string, V>(roll: Roll<K, V>, name: K): Roll<K, V> => {
  const entry = table.get(roll.entries, name)
  return entry === undefined ? roll : { entries: table.remove(roll.entries, name), order: trie.remove(roll.order, entry.place) }
}

/** The values in the order in which their names came; as long as the roll. */
export const values = <K extends string, V>(roll: Roll<K, V>): ReadonlyArray<V> => trie.leaves(roll.order).map(({ name }) => get(roll, name) as V)

/** Where the two halves of a roll disagree: nowhere, unless this file is wrong. */
export const disagreements = <K extends string, V>({ entries, order }: Roll<K, V>): ReadonlyArray<string> => [
  ...table.entries(entries).flatMap(([name, { place }]) =>
    trie.get(order, place)?.name === name ? [] : [`"${name}" has place ${place}, where something else stands`],
  ),
  ...(entries.size === trie.leaves(order).length ? [] : [`${entries.size} names, ${trie.leaves(order).length} places`]),
]
