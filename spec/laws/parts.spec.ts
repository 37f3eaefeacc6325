// A body in parts: it comes together however they arrive, and from nothing else.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { sealed } from '../../core/index.js'
import { body } from '../arbitraries/frames.js'

describe('a body in parts', () => {
  const partsOf = (bytes: Uint8Array, have = 0n): ReadonlyArray<sealed.Part> => sealed.partsOf(bytes, have) ?? []

  it('is cut into parts that say which they are, 1024 bytes each but the last', () => {
    fc.assert(fc.property(body(), (bytes) => {
      const parts = partsOf(bytes)
      equal(parts.length, Math.max(1, Math.ceil(bytes.length / 1024)))
      parts.forEach(({ index, count }, i) => deepEqual([index, count], [i, parts.length]))
      ok(parts.slice(0, -1).every((it) => it.bytes.length === 1024))
      deepEqual(Buffer.concat(parts.map((it) => it.bytes)).equals(bytes), true)
    }), { numRuns: 300 })
    deepEqual(partsOf(new Uint8Array()), [{ index: 0, count: 1, bytes: new Uint8Array() }])
    equal(partsOf(new Uint8Array(65_536)).length, 64)
    equal(sealed.partsOf(new Uint8Array(65_537), 0n), undefined)
  })

  it('comes together once, in whatever order its parts arrive, twice or at first not at all', () => {
    const delivery = fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 100, size: 'max' })
    fc.assert(fc.property(body(), delivery, (bytes, deliveries) => {
      const wholes: Array<Uint8Array> = []
      const arrive = (assembly: sealed.Assembly, part: sealed.Part): sealed.Assembly => {
        const next = sealed.gather(assembly, part)
        equal(next.assembly.have & assembly.have, assembly.have, 'what has arrived stays')
        equal((next.assembly.have >> BigInt(part.index)) & 1n, 1n)
        equal(next.assembly.bytes, next.assembly.pieces.reduce((sum, piece) => sum + (piece?.length ?? 0), 0))
        if (next.whole !== undefined) wholes.push(next.whole)
        return next.assembly
      }
      const all = partsOf(bytes)
      const first = deliveries.reduce((assembly, [n, isLost]) => (isLost ? assembly : arrive(assembly, all[n % all.length] as sealed.Part)), sealed.nothing)
      const missing = partsOf(bytes, first.have)
      deepEqual(missing.map(({ index }) => index), all.map(({ index }) => index).filter((index) => ((first.have >> BigInt(index)) & 1n) === 0n))
      const last = [...missing].reverse().reduce(arrive, first)
      all.reduce(arrive, last)
      equal(wholes.length, 1)
      ok(Buffer.from(wholes[0] ?? []).equals(bytes))
      deepEqual(partsOf(bytes, last.have), [])
    }), { numRuns: 500 })
  })

  it('is not changed by a part that has arrived, that is of another body, or that is none', () => {
    const bytes = Uint8Array.from({ length: 2049 }, (_, i) => i)
    const [first, second] = partsOf(bytes) as [sealed.Part, sealed.Part]
    const { assembly } = sealed.gather(sealed.nothing, first)
    const wrong: ReadonlyArray<sealed.Part> = [
      { ...first, bytes: new Uint8Array(1024) },
      { ...second, count: 2 },
      { ...second, count: 4 },
      { ...second, bytes: new Uint8Array(1023) },
      { index: 2, count: 3, bytes: new Uint8Array(0) },
      { index: 2, count: 3, bytes: new Uint8Array(1025) },
      { index: 3, count: 3, bytes: new Uint8Array(1) },
      { index: 3, count: 3, bytes: new Uint8Array(1024) },
      { index: 0.5, count: 3, bytes: new Uint8Array(1024) },
      { index: -1, count: 3, bytes: new Uint8Array(1024) },
    ]
    for (const part of wrong) equal(sealed.gather(assembly, part).assembly, assembly)
    for (const part of [{ ...first, count: 65 }, { index: 0, count: 0, bytes: new Uint8Array() }]) equal(sealed.gather(sealed.nothing, part).assembly, sealed.nothing)
  })
})
