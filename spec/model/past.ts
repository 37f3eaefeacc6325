// The past of a server as a data folder keeps it, in memory: records in batches, and snapshots between them.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { server, type Stamped } from '../../core/index.js'
import { ledger, type Past } from '../../shell/cli/past.js'
import { digestOf, type Described } from '../../shell/stores/snapshot.js'
import type { Kept } from '../../shell/stores/batches.js'
import type { Failure } from '../../shell/cli/failure.js'

/** The directory of nobody, at that position. */
export const nobody = (config: server.Config, position = 0): server.Directory => ({ state: { ...server.initial, position }, settings: server.settingsOf(config) })

/** The directories before, between and behind the records. */
export const directories = (first: server.Directory, records: ReadonlyArray<server.Entry>): ReadonlyArray<server.Directory> =>
  records.reduce((all, entry) => {
    const after = ledger.fold(all[all.length - 1] ?? first, entry)
    if (isLeft(after)) throw new Error(after.left)
    return [...all, after.right]
  }, [first])

/** Which of these inputs a journal holds. */
export const recorded = (config: server.Config, inputs: ReadonlyArray<Stamped<server.Command>>): ReadonlyArray<server.Entry> => {
  const reduce = server.reduce(config)
  let state = server.initial
  return inputs.flatMap((input) => {
    const before = state
    state = reduce(before, input).state
    return state.position > before.position ? [server.entryOf(input)] : []
  })
}

export interface Keeping {
  /** records of a batch, one at least */
  readonly together: number
  /** batches between two snapshots, one at least */
  readonly apart: number
}

/** What the ends of its snapshot say. */
export const described = (directory: server.Directory): Described =>
  ({ form: 1, what: ledger.what, position: directory.state.position, sum: '', at: directory.state.at, parts: ledger.parts(directory).length, digest: digestOf(ledger, directory) })

/** Records as they are kept together; `position`: behind the last. */
export const batchOf = (records: ReadonlyArray<server.Entry>, position: number): Kept<server.Entry> => ({ records, position, rules: ledger.rules, sum: '' })

/** That past, kept so. `damage` changes what is read. */
export const pastOf = (first: server.Directory, records: ReadonlyArray<server.Entry>, { together, apart }: Keeping, damage: Partial<Past> = {}): Past => {
  const all = directories(first, records)
  const { position: start } = first.state
  const positions = all.map(({ state }) => state.position).filter((position) => (position - start) % (together * apart) === 0)
  const past: Past = {
    folder: 'past',
    witness: right({ position: start + records.length, sum: '' }),
    snapshots: positions.map((position) => described(all[position - start] ?? first)),
    damaged: [],
    load: (position) => {
      const directory = all[position - start]
      return directory === undefined ? left({ _tag: 'Damaged', sentence: `no snapshot at ${position}` }) : right(directory)
    },
    *batches(after) {
      for (let from = after - start; from < records.length; from += together) {
        const batch = records.slice(from, from + together)
        yield right(batchOf(batch, start + from + batch.length))
      }
    },
    again: () => right(past),
    ...damage,
  }
  return past
}

/** All that is told, and the sentence with which it ends early. */
export const all = <A>(lines: Generator<A, Either<Failure, void>>): { readonly lines: ReadonlyArray<A>; readonly failure: Failure | undefined } => {
  const told: A[] = []
  let next = lines.next()
  for (; next.done !== true; next = lines.next()) told.push(next.value)
  return { lines: told, failure: isLeft(next.value) ? next.value.left : undefined }
}
