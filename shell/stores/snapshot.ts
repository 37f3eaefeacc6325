// A snapshot: a state in a file of its own, of JSON lines.
//
//   {form, what, position, sum, at, parts}       what it is; `sum` is the journal's there, so that the batches behind it can be told
//   one line for each part
//   {digest, check}                              of the parts (which is the state's own digest), and of all of it
//
// It is written while the machine goes on: from an immutable state, a slice at a time, with turns of the loop between them.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft, left, right, toUnion, tryCatch, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { replaceFilled, type Fill } from '../files.js'
import { limits } from '../limits.js'
import { isSum, type Sum } from './chain.js'
import { snapshotName } from './contents.js'
import { notOpened, unopened } from './failures.js'
import { formOf, misfit } from './form.js'
import type { Ledger } from '../../core/ledger.js'
import type { Unopened } from './store.js'

const Sum = new t.Type<Sum>('Sum', isSum, (u, context) => (isSum(u) ? t.success(u) : t.failure(u, context)), t.identity)

const Head = t.type({
  form: t.number,
  what: t.string,
  /** the ledger's */
  position: t.number,
  /** the journal's, behind the batch that ends there */
  sum: Sum,
  /** when it was taken, in Unix milliseconds */
  at: t.number,
  /** how many lines follow */
  parts: t.number,
})
export type Head = t.TypeOf<typeof Head>

const Foot = t.type({ digest: Sum, check: Sum })

const checkOf = (head: string, digest: Sum): Sum => createHash('sha256').update(head).update(digest).digest('hex')

const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`

/** What a state is known by: of the same state always the same. */
export const digestOf = <D, S>({ parts }: Ledger<D, S>, state: S): Sum => {
  const hash = createHash('sha256')
  for (const part of parts(state)) hash.update(lineOf(part()))
  return hash.digest('hex')
}

/** Where a snapshot is taken, and when. */
export type Taken = Pick<Head, 'position' | 'sum' | 'at'>

/** Puts the state into a file of its own; rejects, leaving what there was, with the reason. */
export const writeSnapshot = <D, S>(ledger: Ledger<D, S>, folder: string, state: S, { position, sum, at }: Taken): Promise<void> => {
  const parts = ledger.parts(state)
  const head = lineOf({ form: formOf(ledger), what: ledger.what, position, sum, at, parts: parts.length })
  const hash = createHash('sha256')
  const fill: Fill = async (file) => {
    let slice = head
    let unsynced = 0
    let began = performance.now()
    for (const part of parts) {
      const line = lineOf(part())
      hash.update(line)
      slice += line
      unsynced += line.length
      if (performance.now() - began < limits.snapshotSliceMs) continue
      await file.writeFile(slice)
      slice = ''
      if (unsynced >= limits.snapshotSyncBytes) {
        await file.datasync()
        unsynced = 0
      }
      began = performance.now()
    }
    const digest = hash.digest('hex')
    await file.writeFile(slice + lineOf({ digest, check: checkOf(head, digest) }))
  }
  return replaceFilled(folder, snapshotName(position), fill, 0o600)
}

const json = (text: string): unknown => toUnion(tryCatch((): unknown => JSON.parse(text), () => undefined))

/** The first line and the last, which are the ends of the bytes given, where they are those of a snapshot. */
const frame = (first: string, last: string): (Head & { readonly digest: Sum }) | undefined => {
  const head = json(first)
  const foot = json(last)
  if (!Head.is(head) || !Foot.is(foot) || lineOf(foot) !== last || foot.check !== checkOf(first, foot.digest)) return undefined
  return { ...head, digest: foot.digest }
}

const newline = 0x0a
/** bytes: more than a first line, or a last one, has */
const lineBytes = 1024

/** Both ends of a file. */
const ends = (path: string): readonly [first: string, last: string] => {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const at = (from: number): Buffer => {
      const bytes = Buffer.alloc(lineBytes)
      return bytes.subarray(0, readSync(file, bytes, 0, lineBytes, from))
    }
    const first = at(0)
    const last = at(Math.max(0, size - lineBytes))
    return [first.toString('utf8', 0, first.indexOf(newline) + 1), last.toString('utf8', last.lastIndexOf(newline, -2) + 1)]
  } finally {
    closeSync(file)
  }
}

const damaged = (path: string, what: string): Unopened => unopened('Damaged', `${path} is damaged: ${what}`)

const isOf = <D, S>(ledger: Ledger<D, S>, path: string, position: number, head: Head): Unopened | undefined => {
  if (head.what !== ledger.what) return unopened('Damaged', `${path} holds a ${head.what} and no ${ledger.what}`)
  return misfit(ledger, path, head.form) ?? (head.position === position ? undefined : damaged(path, 'it is not the one that was written'))
}

/** A snapshot as its two ends describe it. */
export type Described = Head & { readonly digest: Sum }

/** What the ends of the snapshot at `position` say; what is between them may be damaged. */
export const describeSnapshot = <D, S>(ledger: Ledger<D, S>, folder: string, position: number): Either<Unopened, Described> => {
  const path = join(folder, snapshotName(position))
  const found = tryCatch(() => frame(...ends(path)), (error) => notOpened(path, error))
  if (isLeft(found)) return found
  if (found.right === undefined) return left(damaged(path, 'its first line or its last is not the one that was written'))
  const wrong = isOf(ledger, path, position, found.right)
  return wrong === undefined ? right(found.right) : left(wrong)
}

/** The lines between the first and the last. */
function* linesOf(bytes: Buffer, from: number, to: number): Generator<string> {
  for (let at = from; at < to; ) {
    const end = bytes.indexOf(newline, at) + 1
    yield bytes.toString('utf8', at, end)
    at = end
  }
}

/** The state of the snapshot at `position`: its bytes are those that were written, and it comes back as what it was. */
export const loadSnapshot = <D, S>(ledger: Ledger<D, S>, folder: string, position: number): Either<Unopened, Described & { readonly state: S }> => {
  const path = join(folder, snapshotName(position))
  const described = describeSnapshot(ledger, folder, position)
  if (isLeft(described)) return described
  const read = tryCatch(() => readFileSync(path), (error) => notOpened(path, error))
  if (isLeft(read)) return read
  const bytes = read.right
  const [from, to] = [bytes.indexOf(newline) + 1, bytes.lastIndexOf(newline, -2) + 1]
  const { digest } = described.right
  if (createHash('sha256').update(bytes.subarray(from, to)).digest('hex') !== digest) return left(damaged(path, 'it is not what was written'))
  const parts = Array.from(linesOf(bytes, from, to), json)
  if (parts.length !== described.right.parts) return left(damaged(path, `it has ${parts.length} parts of ${described.right.parts}`))
  const state = ledger.whole(parts)
  if (isLeft(state)) return left(damaged(path, state.left))
  if (digestOf(ledger, state.right) !== digest || ledger.position(state.right) !== position) return left(damaged(path, 'it does not come back as what was written'))
  return right({ ...described.right, state: state.right })
}
