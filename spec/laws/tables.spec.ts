// The tables of the core against a Map: whatever is done to them, in whatever order, also when the names are crafted to collide.
import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { roll, table } from '../../core/index.js'
import { collidingNames } from '../arbitraries/collisions.js'

/** Names of which many share a hash, and names that are properties of every object. */
const key = (): fc.Arbitrary<string> => fc.constantFrom(...collidingNames(8), '__proto__', 'constructor', 'hasOwnProperty', '', 'a', 'b', 'c')

const change = (): fc.Arbitrary<readonly [string, number | undefined]> => fc.tuple(key(), fc.option(fc.nat(99), { nil: undefined }))

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
          deepEqual(roll.oldest(next), [...map.values()][0])
          equal(roll.size(next), map.size)
          deepEqual(roll.disagreements(next, ([named]) => named), [])
          return next
        }, roll.empty<string, readonly [string, number]>())
      }),
    )
  })
})
