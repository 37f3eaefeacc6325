// A roll: entries found by name and read in the order in which they came. Contacts in order of registration, lists in order of
// creation, members in order of joining are all rolls. Persistent; every step O(log n).
import * as sequence from './sequence.js'
import * as table from './table.js'

/** `next` is the number that the next newcomer gets; numbers are never used twice. */
export interface Roll<K extends string, V> {
  readonly places: table.Table<K, number>
  readonly order: sequence.Sequence<V>
  readonly next: number
}

export const empty = <K extends string, V>(): Roll<K, V> => ({ places: table.empty(), order: sequence.empty(), next: 0 })

export const size = <K extends string, V>(roll: Roll<K, V>): number => roll.places.size

export const has = <K extends string, V>(roll: Roll<K, V>, key: K): boolean => table.get(roll.places, key) !== undefined

export const get = <K extends string, V>(roll: Roll<K, V>, key: K): V | undefined => {
  const place = table.get(roll.places, key)
  return place === undefined ? undefined : sequence.get(roll.order, place)
}

/** `key` keeps its place when it is there already, and comes last when it is not. */
export const set = <K extends string, V>(roll: Roll<K, V>, key: K, value: V): Roll<K, V> => {
  const place = table.get(roll.places, key)
  return place === undefined
    ? { places: table.set(roll.places, key, roll.next), order: sequence.set(roll.order, roll.next, value), next: roll.next + 1 }
    : { ...roll, order: sequence.set(roll.order, place, value) }
}

export const remove = <K extends string, V>(roll: Roll<K, V>, key: K): Roll<K, V> => {
  const place = table.get(roll.places, key)
  return place === undefined
    ? roll
    : { places: table.remove(roll.places, key), order: sequence.remove(roll.order, place), next: roll.next }
}

/** The value whose key came first of those that are there. */
export const oldest = <K extends string, V>(roll: Roll<K, V>): V | undefined => {
  const place = sequence.first(roll.order)
  return place === undefined ? undefined : sequence.get(roll.order, place)
}

/** The values in the order in which their keys came; as long as the roll. */
export const values = <K extends string, V>(roll: Roll<K, V>): ReadonlyArray<V> => sequence.values(roll.order)

/** Numbers that disagree between the two halves of a roll: always empty, unless this file is wrong. */
export const disagreements = <K extends string, V>(roll: Roll<K, V>, keyOf: (value: V) => K): ReadonlyArray<string> => [
  ...table.entries(roll.places).flatMap(([key, place]) => {
    const value = sequence.get(roll.order, place)
    return value !== undefined && keyOf(value) === key && place < roll.next ? [] : [`"${key}" has place ${place}, where something else stands`]
  }),
  ...(roll.places.size === roll.order.size ? [] : [`${roll.places.size} names, ${roll.order.size} places`]),
]
