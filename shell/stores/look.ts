// What a folder holds, found out by reading alone: the newest snapshot and the batches behind it, verified and folded, as far as the witness says that
// they went. Where anything of that is not so, nothing is restored at all.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft, isRight, left, right, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import { batches, type Kept } from './batches.js'
import { contents, snapshotName, witnessName, type Contents } from './contents.js'
import { codeOf, notOpened, unopened } from './failures.js'
import { loadSnapshot } from './snapshot.js'
import { testimonyOf, type Testimony } from './witness.js'
import type { Ledger } from '../../core/ledger.js'
import type { Unopened } from './store.js'

/** What was restored, and where it stands. */
export interface Look<S> extends Testimony {
  readonly state: S
  /** position of the snapshot that it began with */
  readonly snapshot: number
  readonly folded: number
  readonly torn: number
  readonly notes: ReadonlyArray<string>
  readonly contents: Contents
}

/** The testimony; `undefined` where there is no witness. */
export const witnessed = (folder: string): Either<Unopened, Testimony | undefined> => {
  const path = join(folder, witnessName)
  try {
    const found = testimonyOf(readFileSync(path))
    return found === undefined ? left(unopened('Damaged', `${path} is damaged`)) : right(found)
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? right(undefined) : left(notOpened(path, error))
  }
}

/** The witness saw something else than a batch that goes on from `from`. */
const isContradicted = (witness: Testimony | undefined, from: Testimony, to: Testimony): boolean =>
  witness !== undefined && from.position < witness.position && witness.position <= to.position && (witness.position !== to.position || witness.sum !== to.sum)

/** The state behind a batch. */
const behind = <D, S>(ledger: Ledger<D, S>, folder: string, state: S, { records, position, rules }: Kept<D>): Either<Unopened, S> => {
  if (rules !== ledger.rules)
    return left(unopened(rules > ledger.rules ? 'Newer' : 'Older', `${folder}: what was done last was done by the rules ${rules}, and this program has the rules ${ledger.rules}. Start and stop the program of those rules once: it takes a snapshot when it ends`))
  let next = state
  for (const record of records) {
    const found = ledger.fold(next, record)
    if (isLeft(found)) return left(unopened('Damaged', `${folder}: the batch that ends at ${position} does not go on from the state before: ${found.left}`))
    next = found.right
  }
  return ledger.position(next) === position ? right(next) : left(unopened('Damaged', `${folder}: the batch that ends at ${position} leads to ${ledger.position(next)}`))
}

/** From one snapshot to the end. */
const from = <D, S>(ledger: Ledger<D, S>, folder: string, found: Contents, witness: Testimony | undefined, snapshot: number): Either<Unopened, Look<S>> => {
  const begun = loadSnapshot(ledger, folder, snapshot)
  if (isLeft(begun)) return begun
  const disagrees = (): Either<Unopened, never> => left(unopened('Damaged', `${folder}: the journal is not the one that reached ${witness?.position ?? 0}, as ${witnessName} has it`))
  let { state } = begun.right
  let reached: Testimony = begun.right
  if (witness?.position === reached.position && witness.sum !== reached.sum) return disagrees()
  const next = batches(ledger, folder, found.journals, reached)
  for (;;) {
    const step = next.next()
    if (step.done === true) {
      if (witness !== undefined && reached.position < witness.position)
        return left(unopened('Damaged', `${folder}: the journal ends at ${reached.position}, and it had reached ${witness.position}: what stood behind is lost`))
      const { position, sum } = reached
      const notes = witness === undefined && found.journals.length > 0 ? [`${join(folder, witnessName)} is missing: had the end of the journal been lost, nobody would know`] : []
      return right({ state, position, sum, snapshot, folded: position - snapshot, torn: step.value, notes, contents: found })
    }
    if (isLeft(step.value)) return step.value
    const batch = step.value.right
    if (isContradicted(witness, reached, batch)) return disagrees()
    const folded = behind(ledger, folder, state, batch)
    if (isLeft(folded)) return folded
    state = folded.right
    // not the batch itself: its records would be kept while the next are read
    reached = { position: batch.position, sum: batch.sum }
  }
}

/** Looks at a folder, and changes nothing in it; `undefined` where it holds no store. `older`: begins with the snapshot before the newest, where that is
 *  damaged. */
export const look = <D, S>(ledger: Ledger<D, S>, folder: string, older: boolean): Either<Unopened, Look<S> | undefined> => {
  const found = tryCatch(() => contents(folder), (error) => notOpened(folder, error))
  if (isLeft(found)) return found
  const witness = witnessed(folder)
  if (isLeft(witness)) return witness
  const newest = found.right.snapshots.at(-1)
  const before = found.right.snapshots.at(-2)
  if (newest === undefined) {
    const isNew = witness.right === undefined && found.right.journals.length === 0
    return isNew ? right(undefined) : left(unopened('Damaged', `${folder} holds a journal, and no snapshot that it could begin with`))
  }
  const restored = from(ledger, folder, found.right, witness.right, newest)
  if (isRight(restored) || restored.left._tag !== 'Damaged' || before === undefined) return restored
  if (isRight(loadSnapshot(ledger, folder, newest))) return restored
  const second = from(ledger, folder, found.right, witness.right, before)
  if (isLeft(second)) return restored
  const sentence = `${restored.left.sentence}. The one before it, ${snapshotName(before)}, and all that was done since are whole`
  if (!older) return left(unopened('Damaged', `${sentence}: --older-snapshot begins with it`))
  return right({ ...second.right, notes: [...second.right.notes, `${sentence}, and it began with that`] })
}
