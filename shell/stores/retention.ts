// Which snapshots are kept: the two newest, so that one can be damaged; and for the past's sake the first of each day, back to one that is as old
// as the journal is to reach.
import { limits } from '../limits.js'
import type { Head } from './snapshot.js'

type Snapshot = Pick<Head, 'position' | 'at'>

const dayOf = ({ at }: Snapshot): number => Math.floor(at / limits.snapshotKeptMs)

/** The positions of the snapshots to keep, highest first, of which the last is where the journal must begin. `now` and `history` in ms. What is
 *  kept today is chosen such that tomorrow's choice finds what it needs. */
export const retained = (snapshots: ReadonlyArray<Snapshot>, now: number, history: number): ReadonlyArray<number> => {
  const newestFirst = [...snapshots].sort((a, b) => b.position - a.position)
  const older = newestFirst.slice(2)
  const chosen = [...newestFirst.slice(0, 2), ...older.filter((one, index) => older[index + 1] === undefined || dayOf(older[index + 1] ?? one) !== dayOf(one))]
  const reaching = chosen.findIndex(({ at }) => at <= now - history)
  return chosen.slice(0, reaching === -1 ? chosen.length : Math.max(reaching + 1, 2)).map(({ position }) => position)
}
