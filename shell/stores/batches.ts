// The batches of a folder's journals, verified one by one: each goes on where the one before ended, carries the right sum, and holds records.
import { join } from 'node:path'
import { isLeft, left, right, toError, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { check } from '../../core/check.js'
import { sumOf, type Row, type Sum } from './chain.js'
import { journalName } from './contents.js'
import { unopened } from './failures.js'
import { misfit } from './form.js'
import { readJournal, type Found } from './journal.js'
import type { Ledger } from '../../core/ledger.js'
import type { Batch, Unopened } from './store.js'

/** A batch that is in a journal. */
export interface Kept<D> extends Batch<D> {
  /** by which its records are folded */
  readonly rules: number
  readonly sum: Sum
}

/** Where the chain has got to. */
export interface Reached {
  readonly position: number
  readonly sum: Sum
}

/** What is wrong with a row that should be the next; or its records. */
const decoded = <D, S>({ record }: Ledger<D, S>, { position, sum }: Reached, row: Row): string | ReadonlyArray<D> => {
  if (row.position <= position || row.sum !== sumOf(sum, row.position, row.rules, row.text)) return `the batch that ends at ${row.position} is not the one that was written`
  const json = tryCatch((): unknown => JSON.parse(Buffer.from(row.text.buffer, row.text.byteOffset, row.text.length).toString('utf8')), toError)
  if (isLeft(json) || !Array.isArray(json.right)) return `the batch that ends at ${row.position} is no list of records`
  if (json.right.length !== row.position - position) return `the batch that ends at ${row.position} has ${json.right.length} records and goes on from ${position}`
  const records: D[] = []
  for (const item of json.right as ReadonlyArray<unknown>) {
    const found = check(record, item)
    if (isLeft(found)) return `the batch that ends at ${row.position} holds what is no record: ${found.left}`
    records.push(found.right)
  }
  return records
}

function* within<D, S>(ledger: Ledger<D, S>, path: string, { version, rows }: Found, from: Reached): Generator<Either<Unopened, Kept<D>>, Reached | undefined> {
  const wrong = misfit(ledger, path, version)
  if (wrong !== undefined) {
    yield left(wrong)
    return undefined
  }
  let reached = from
  const next = rows(from.position)
  for (;;) {
    const step = tryCatch(() => next.next(), toError)
    if (isLeft(step)) {
      yield left(unopened('Damaged', `${path} is damaged behind ${reached.position}: ${step.left.message}`))
      return undefined
    }
    if (step.right.done === true) return reached
    const row = step.right.value
    const records = decoded(ledger, reached, row)
    if (typeof records === 'string') {
      yield left(unopened('Damaged', `${path} is damaged behind ${reached.position}: ${records}`))
      return undefined
    }
    reached = { position: row.position, sum: row.sum }
    yield right({ records, position: row.position, rules: row.rules, sum: row.sum })
  }
}

/** The batches behind `from`, which is where a snapshot stands or a batch ends, oldest first, and at the end the frames that were torn. Stops behind
 *  the first thing that is wrong. `journals` as the folder has them. */
export function* batches<D, S>(ledger: Ledger<D, S>, folder: string, journals: ReadonlyArray<number>, from: Reached): Generator<Either<Unopened, Kept<D>>, number> {
  const first = journals.findLastIndex((position) => position <= from.position)
  const needed = journals.slice(Math.max(first, 0))
  let reached = from
  let torn = 0
  for (const [index, start] of needed.entries()) {
    const path = join(folder, journalName(start))
    if (index === 0 ? start > reached.position : start !== reached.position) {
      yield left(unopened('Damaged', `${path} goes on from ${start}, and what stands before it ends at ${reached.position}`))
      return torn
    }
    const journal = readJournal(folder, start)
    if (isLeft(journal)) {
      yield journal
      return torn
    }
    torn = journal.right.log.torn
    const end = yield* within(ledger, path, journal.right, reached)
    if (end === undefined) return torn
    reached = end
  }
  return torn
}
