// The tables of the core against a Map: whatever is done to them, in whatever order, also when the names are crafted to collide.
import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { roll, table, trie } from '../../core/index.js'
import { collidingNames } from '../arbitraries/collisions.js'

/** A trie of numbers that stand for themselves, or for others. */
type Numbers = trie.Trie<{ readonly key: number; readonly value: number }>

/** Names of which many share a hash, and names that are properties of every object. */
const key = (): fc.Arbitrary<string> => fc.constantFrom(...collidingNames(8), '__proto__', 'constructor', 'hasOwnProperty', '', 'a', 'b', 'c')

const change = (): fc.Arbitrary<readonly [string, number | undefined]> => fc.tuple(key(), fc.option(fc.nat(99), { nil: undefined }))

describe('a trie', () => {
  const number = (): fc.Arbitrary<number> => fc.oneof(fc.nat(40), fc.constantFrom(0, 31, 32, 1024, trie.highestKey, trie.highestKey - 1, 1 << 25), fc.nat(trie.highestKey))

  it('is a map of numbers, in their order, that keeps its old versions', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number(), fc.option(fc.nat(99), { nil: undefined })), { maxLength: 80, size: 'max' }), (changes) => {
        const map = new Map<number, number>()
        const inOrder = (): ReadonlyArray<number> => [...map].sort(([a], [b]) => a - b).map(([, value]) => value)
        const versions: Array<readonly [Numbers, ReadonlyArray<number>]> = []
        changes.reduce<Numbers>((all, [key, value]) => {
          const next = value === undefined ? trie.remove(all, key) : trie.set(all, { key, value })
          if (value === undefined) map.delete(key)
          else map.set(key, value)
          for (const [present, expected] of map) equal(trie.get(next, present)?.value, expected)
          equal(trie.get(next, key)?.value, map.get(key))
          equal(trie.first(next)?.key, map.size === 0 ? undefined : Math.min(...map.keys()))
          equal(trie.last(next), map.size === 0 ? undefined : Math.max(...map.keys()))
          versions.push([next, inOrder()])
          return next
        }, trie.empty)
        for (const [version, expected] of versions) deepEqual(trie.leaves(version).map(({ value }) => value), expected)
      }),
    )
  })

  it('has one form for the same entries, whatever was done to reach it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(number(), { maxLength: 30 }), fc.uniqueArray(number(), { maxLength: 30 }), (kept, gone) => {
        const straight = kept.reduce<Numbers>((all, key) => trie.set(all, { key, value: key }), trie.empty)
        const crowded = [...gone, ...kept].reduce<Numbers>((all, key) => trie.set(all, { key, value: key }), trie.empty)
        deepEqual(gone.filter((key) => !kept.includes(key)).reduce<Numbers>((all, key) => trie.remove(all, key), crowded), straight)
      }),
    )
  })

  it('is the same made at once as leaf by leaf', () => {
    fc.assert(
      fc.property(fc.uniqueArray(number(), { maxLength: 60, size: 'max' }), (numbers) => {
        const leaves = numbers.toSorted((a, b) => a - b).map((key) => ({ key, value: key }))
        deepEqual(trie.from(leaves), leaves.reduce<Numbers>((all, leaf) => trie.set(all, leaf), trie.empty))
      }),
    )
  })
})

describe('a table', () => {
  it('is a Map that keeps its old versions', () => {
    fc.assert(
      fc.property(fc.array(change(), { maxLength: 60, size: 'max' }), (changes) => {
        const map = new Map<string, number>()
        const versions = changes.reduce<ReadonlyArray<table.Table<string, number>>>((all, [name, value]) => {
          const last = all[all.length - 1] ?? table.empty()
          const next = value === undefined ? table.remove(last, name) : table.set(last, name, value)
          if (value === undefined) map.delete(name)
          else map.set(name, value)
          deepEqual(new Map(table.entries(next)), map)
          equal(next.size, map.size)
          for (const [present, expected] of map) equal(table.get(next, present), expected)
          equal(table.has(next, name), map.has(name))
          return [...all, next]
        }, [])
        const replayed = new Map<string, number>()
        changes.forEach(([name, value], i) => {
          if (value === undefined) replayed.delete(name)
          else replayed.set(name, value)
          deepEqual(new Map(table.entries(versions[i] ?? table.empty())), replayed)
        })
      }),
    )
  })

  it('is the same made at once as entry by entry, however many there are, and whatever collides or comes again', () => {
    const name = fc.oneof({ weight: 1, arbitrary: key() }, { weight: 3, arbitrary: fc.string() })
    fc.assert(
      fc.property(fc.array(name, { maxLength: 80, size: 'max' }), (names) => {
        const one = names.reduce((all, each, i) => table.set(all, each, i), table.empty<string, number>())
        const all = table.from(names, (i) => i)
        deepEqual([all.size, table.entries(all)], [one.size, table.entries(one)])
        const apart = [...new Map(names.map((each) => [table.hash(each), each])).values()]
        deepEqual(table.from(apart, (i) => i), apart.reduce((so, each, i) => table.set(so, each, i), table.empty<string, number>()))
        deepEqual(roll.from(apart, (i) => i), apart.reduce((so, each, i) => roll.set(so, each, i), roll.empty<string, number>()))
      }),
    )
    const crowd = collidingNames(16_384)
    const all = table.from(crowd, (i) => i)
    equal(all.size, crowd.length)
    crowd.forEach((each, i) => equal(table.get(all, each), i))
  })

  it('finds each of 16,384 names that were crafted to share a hash', () => {
    const names = collidingNames(16_384)
    equal(new Set(names).size, 16_384)
    equal(new Set(names.map(table.hash)).size, 1)
    const full = names.reduce((all, name, i) => table.set(all, name, i), table.empty<string, number>())
    equal(full.size, names.length)
    names.forEach((name, i) => equal(table.get(full, name), i))
    const half = names.slice(0, 8192).reduce((all, name) => table.remove(all, name), full)
    equal(half.size, 8192)
  })
})

describe('a roll', () => {
  it('goes on when its numbers are used up', () => {
    const names = ['a', 'b', 'c', 'd']
    const nearTheEnd = { entries: table.set(table.empty<string, { place: number; value: string }>(), 'a', { place: trie.highestKey - 1, value: 'a' }), order: trie.set<{ readonly key: number; readonly name: string }>(trie.empty, { key: trie.highestKey - 1, name: 'a' }) }
    const worn = names.reduce((all, name) => roll.set(all, name, name), nearTheEnd)
    deepEqual([roll.values(worn), trie.last(worn.order)], [names, 3])
    deepEqual(roll.disagreements(worn), [])
  })

  it('keeps the order in which names came, and the place of a name that comes again', () => {
    fc.assert(
      fc.property(fc.array(change(), { maxLength: 60, size: 'max' }), (changes) => {
        const map = new Map<string, readonly [string, number]>()
        changes.reduce((all, [name, value]) => {
          const next = value === undefined ? roll.remove(all, name) : roll.set(all, name, [name, value] as const)
          if (value === undefined) map.delete(name)
          else map.set(name, [name, value])
          deepEqual(roll.values(next), [...map.values()])
          deepEqual(roll.get(next, name), map.get(name))
          equal(roll.size(next), map.size)
          deepEqual(roll.disagreements(next), [])
          return next
        }, roll.empty<string, readonly [string, number]>())
      }),
    )
  })
})
