// The directory as a store keeps it: records that are text, parts that are the whole of it, and nothing accepted that no directory could be.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { check, roll, server } from '../../core/index.js'
import { roomy } from '../arbitraries/server.js'
import { reached, type Reached } from '../model/commands.js'

const { skeletons } = server.defaults
const ledger = server.ledger(skeletons)

type Config = server.Config
type Directory = server.Directory

const asText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const partsOf = (directory: Directory): ReadonlyArray<unknown> => ledger.parts(directory).map((part) => asText(part()))

/** What parts keep: all but rates of questions and sources, and whether the process has ended. */
const keptOf = (state: server.State): server.State => ({
  ...state,
  sources: server.initial.sources,
  ended: false,
  contacts: roll.values(state.contacts).reduce(
    (all, one) => (one.bound === undefined ? all : roll.set(all, one.card.name, { ...one, bound: { ...one.bound, questions: 0 } })),
    state.contacts,
  ),
})

const situation = (length: number): fc.Arbitrary<readonly [Config, Reached]> =>
  roomy().map((bounds): Config => ({ ...bounds, keyRate: { perSecond: 100, burst: 5 } })).chain((bounds) => fc.tuple(fc.constant(bounds), reached(bounds, length)))

describe('a directory in parts', () => {
  it('is whole again, and taken apart as before', () => {
    fc.assert(
      fc.property(situation(60), ([bounds, { state }]) => {
        const directory = server.directory(state, bounds)
        const parts = partsOf(directory)
        const again = ledger.whole(parts)
        ok(isRight(again), isLeft(again) ? again.left : '')
        deepEqual(server.violations(again.right.state), [])
        deepEqual(again.right.settings, server.settingsOf(bounds))
        deepEqual(shown(again.right.state), shown(keptOf(state)))
        deepEqual(partsOf(again.right), parts)
      }),
      { numRuns: 500 },
    )
  })
})

/** Without the places, which are counted anew: who is where in which order is what they say. */
const shown = (state: server.State): unknown => [
  { ...state, contacts: undefined, lists: undefined },
  roll.values(state.contacts).map((contact) => ({ ...contact, lists: contact.lists.size })),
  roll.values(state.lists).map((list) => ({ ...list, members: server.membersOf(list) })),
]

describe('a record', () => {
  it('is text and back whatever it is, and does then what the command does', () => {
    fc.assert(
      fc.property(situation(40), ([bounds, { inputs, state }]) => {
        const reduce = server.reduce(bounds)
        const again = inputs.reduce((so, input) => {
          const entry = check(ledger.record, asText(server.entryOf(input)))
          ok(isRight(entry), isLeft(entry) ? entry.left : '')
          deepEqual(entry.right, server.entryOf(input))
          return reduce(so, server.inputOf(entry.right)).state
        }, server.initial)
        deepEqual(again, inputs.reduce((so, input) => reduce(so, input).state, server.initial))
        equal(again.position > 0 || state.position === 0, true)
      }),
      { numRuns: 500 },
    )
  })
})
