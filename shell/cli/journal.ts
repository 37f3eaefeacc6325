// `peal journal DIR`: what a server did, one line a record, from the folder that it keeps it in.
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import { columnsOf, type Columns } from './layout.js'
import { momentFrom, type Moment } from './moments.js'
import { begun, happenings, isBeyond, reached, recounted, type Past } from './past.js'
import { shown, tell } from './record.js'
import { verified } from './verifying.js'
import { visibleJson } from './visible.js'
import type { Failure } from './failure.js'
import type { Lines } from './output.js'

export interface JournalOptions {
  readonly folder: string
  readonly json: boolean
  /** the first record and the last one, as typed */
  readonly from: string | undefined
  readonly until: string | undefined
  readonly verify: boolean
}

/** Which records are told, and how. */
interface Telling {
  readonly from: Moment | undefined
  readonly until: Moment | undefined
  readonly json: boolean
  readonly columns: Columns
}

/** The last moment before: a record of it or behind it is told. */
const before = (moment: Moment): Moment =>
  moment._tag === 'Position' ? { ...moment, position: moment.position - 1 } : { ...moment, at: Math.max(0, moment.at - 1) as typeof moment.at }

/** The records of that part of the past, as lines. */
export function* told(past: Past, telling: Telling): Lines {
  const { from, until, json, columns } = telling
  const earlier = from === undefined ? undefined : before(from)
  const first = begun(past, earlier)
  if (isLeft(first)) return first
  let end = first.right.state
  for (const happened of happenings(past, first.right)) {
    if (isLeft(happened)) return happened
    const { after } = happened.right
    if (until !== undefined && isBeyond(until, after)) return right(undefined)
    end = after.state
    if (earlier !== undefined && !isBeyond(earlier, after)) continue
    const line = tell(happened.right)
    yield json ? visibleJson(line) : shown(line, columns)
  }
  return reached([from, until], end)
}

/** Tells, or verifies, what the folder keeps; the exit code, or why it could not. */
export const journal = async ({ folder, json, verify, ...options }: JournalOptions): Promise<Either<Failure, number>> => {
  const now = Date.now()
  const [from, until] = [momentFrom(options.from, now), momentFrom(options.until, now)]
  if (isLeft(from)) return from
  if (isLeft(until)) return until
  const telling = { from: from.right, until: until.right, json, columns: columnsOf(process.stdout) }
  return recounted(folder, (past) => (verify ? verified(past, telling) : told(past, telling)))
}
