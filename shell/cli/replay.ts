// `peal replay DIR`: the directory as it was at a position or at a time, from the folder that a server keeps.
import { isLeft, right, type Either } from 'fp-ts/lib/Either.js'
import type { server } from '../../core/index.js'
import { described, shownOf } from './directory.js'
import { columnsOf, type Columns } from './layout.js'
import { momentFrom, type Moment } from './moments.js'
import { begun, happenings, isBeyond, reached, recounted, type Past } from './past.js'
import { visibleJson } from './visible.js'
import type { Failure } from './failure.js'
import type { ReplayLine } from './pastline.js'
import type { Lines } from './output.js'

export interface ReplayOptions {
  readonly folder: string
  readonly json: boolean
  /** as typed; `undefined`: the newest */
  readonly until: string | undefined
}

/** Which directory is shown, from which instant (Unix milliseconds) where it is the newest, and how. */
interface Showing {
  readonly until: Moment | undefined
  readonly now: number
  readonly json: boolean
  readonly columns: Columns
}

const newest: Moment = { _tag: 'Position', position: Infinity }

/** The last directory of the past that is not later than the moment. */
const directoryAt = (past: Past, moment: Moment): Either<Failure, server.Directory> => {
  const first = begun(past, moment)
  if (isLeft(first)) return first
  let directory = first.right
  for (const happened of happenings(past, directory)) {
    if (isLeft(happened)) return happened
    if (isBeyond(moment, happened.right.after)) break
    directory = happened.right.after
  }
  return right(directory)
}

/** The directory as it was, as lines. */
export function* shown(past: Past, { until, now, json, columns }: Showing): Lines {
  const directory = directoryAt(past, until ?? newest)
  if (isLeft(directory)) return directory
  const end = reached([until], directory.right.state)
  if (isLeft(end)) return end
  const seen = until === undefined ? now : until._tag === 'Time' ? until.at : directory.right.state.at
  if (!json) yield* described(directory.right, seen, columns)
  else for (const line of shownOf(directory.right, seen)) yield visibleJson({ v: 1, ...line } satisfies ReplayLine)
  return end
}

/** Shows the directory that the folder keeps; the exit code, or why it could not. */
export const replay = async ({ folder, json, until: text }: ReplayOptions): Promise<Either<Failure, number>> => {
  const now = Date.now()
  const until = momentFrom(text, now)
  return isLeft(until) ? until : recounted(folder, (past) => shown(past, { until: until.right, now, json, columns: columnsOf(process.stdout) }))
}
