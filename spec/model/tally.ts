// The smallest ledger that a store can keep: names with a count each.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { table } from '../../core/index.js'
import type { Ledger } from '../../core/ledger.js'

const Count = t.type({ name: t.string, add: t.number })
export type Count = t.TypeOf<typeof Count>

export interface Tally {
  readonly position: number
  readonly counts: table.Table<string, number>
}

export const noTally: Tally = { position: 0, counts: table.empty() }

const byName = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1)

const namesInPart = 50

const Part = t.array(t.tuple([t.string, t.number]))

const fold = ({ position, counts }: Tally, { name, add }: Count): Either<string, Tally> =>
  add === 0 ? left('nothing was added') : right({ position: position + 1, counts: table.set(counts, name, (table.get(counts, name) ?? 0) + add) })

const parts = ({ position, counts }: Tally): ReadonlyArray<() => unknown> => {
  const sorted = [...table.entries(counts)].sort(byName)
  const pieces = Array.from({ length: Math.ceil(sorted.length / namesInPart) }, (_, index) => () => sorted.slice(index * namesInPart, (index + 1) * namesInPart))
  return [() => position, ...pieces]
}

const whole = ([position, ...pieces]: ReadonlyArray<unknown>): Either<string, Tally> => {
  const entries = t.array(Part).decode(pieces)
  if (typeof position !== 'number' || isLeft(entries)) return left('it is no tally')
  return right({ position, counts: entries.right.flat().reduce((counts, [name, count]) => table.set(counts, name, count), noTally.counts) })
}

export const tally: Ledger<Count, Tally> = { what: 'tally', version: 1, rules: 1, record: Count, position: ({ position }) => position, fold, parts, whole }
