// The perfect box of the simulations, by its name.
import { equal } from 'node:assert/strict'
import fc from 'fast-check'
import { box } from '../model/box.js'

describe('a box', () => {
  it('is another for another name, and the same for the same', () => {
    const names = fc.oneof(fc.nat(9999), fc.string({ maxLength: 10 }))
    fc.assert(fc.property(names, names, (one, other) => equal(box(one).own.id === box(other).own.id, String(one) === String(other))))
  })
})
