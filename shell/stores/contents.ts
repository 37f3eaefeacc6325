// What stands in a store's folder, by name:
//
//   journal-P.db       the batches behind position P, until the next journal begins; its log beside it, `-wal`, is part of it
//   snapshot-P.jsonl   the state at position P
//   witness            how far the journal got
//   lock.db, holder    who has the folder
//
// A journal is written by one process, in one go: neither a restart nor a snapshot is followed by a write to an older one. So damage to what nobody
// reads at a start cannot spread, and what is no longer needed goes file by file, which takes no room on a full disk.
import { readdirSync } from 'node:fs'

export interface Contents {
  /** positions, lowest first */
  readonly snapshots: ReadonlyArray<number>
  /** positions at which journals begin, lowest first */
  readonly journals: ReadonlyArray<number>
  /** names of files that were being written when a process stopped */
  readonly leftovers: ReadonlyArray<string>
}

export const witnessName = 'witness'
/** What is being made, and a journal that is. */
export const newWitnessName = '.witness'
export const newJournalName = '.journal.db'
export const journalName = (position: number): string => `journal-${position}.db`
export const snapshotName = (position: number): string => `snapshot-${position}.jsonl`

/** What SQLite keeps beside a file of its own. */
export const companions = ['-wal', '-shm', '-journal'] as const

const positions = (names: ReadonlyArray<string>, nameOf: (position: number) => string): ReadonlyArray<number> =>
  names
    .map((name) => Number(/^[a-z]+-(\d{1,16})\./.exec(name)?.[1]))
    .filter((position, index) => Number.isSafeInteger(position) && nameOf(position) === names[index])
    .sort((a, b) => a - b)

/** Throws where the folder cannot be read. */
export const contents = (folder: string): Contents => {
  const names = readdirSync(folder)
  return {
    snapshots: positions(names, snapshotName),
    journals: positions(names, journalName),
    leftovers: names.filter((name) => /^\.(journal\.db|witness$|snapshot-\d+\.jsonl\.)/.test(name)),
  }
}
