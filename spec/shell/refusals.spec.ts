// Stores that are not opened: each says why, and nothing in the folder is other than before.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { openSqlite, read, type Unopened } from '../../shell/index.js'
import { batches } from '../../shell/stores/batches.js'
import { systemDisk } from '../../shell/stores/disk.js'
import { noTally, tally, type Count, type Tally } from '../model/tally.js'
import { Program } from '../stage/program.js'
import { inline } from '../stage/inline.js'
import { cabinet, copied, counts, held, inFolder, opening, refusal } from '../stage/cabinet.js'
import type { Ledger } from '../../core/ledger.js'

/** All bytes of a folder but the lock's, by name. */
const bytesOf = async (folder: string): Promise<ReadonlyArray<readonly [string, string]>> =>
  Promise.all((await readdir(folder)).filter((name) => !name.startsWith('lock.db')).sort().map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const))

/** A folder as a killed process leaves it: 30 records, a snapshot, 20 more, a snapshot, 10 more. */
const left = async (home: string, ledger: Ledger<Count, Tally> = tally): Promise<string> => {
  const folder = join(home, 'live')
  const { store, put, state } = await cabinet(openSqlite(ledger, folder, { history: 0, now: () => 0 }))
  for (const [index, size] of [30, 20, 10].entries()) {
    if (index > 0) held(await store.snapshot(state())())
    held(await put(counts(index, size)))
  }
  const taken = await copied(folder, join(home, 'left'))
  await store.close()
  // the log of a journal that is finished goes when SQLite comes to it; what it held stands in the file
  for (const name of ['journal-0.db-wal', 'journal-30.db-wal']) await rm(join(taken, name), { force: true })
  return taken
}

/** Why `folder` is not opened; it is as it was. */
const refused = async (folder: string, ledger: Ledger<Count, Tally> = tally): Promise<Unopened> => {
  const before = await bytesOf(folder)
  const why = refusal(await openSqlite(ledger, folder, { history: 0, now: () => 0 })(noTally)())
  deepEqual(await bytesOf(folder), before)
  return why
}

const flip = async (path: string, at: number): Promise<void> => {
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  await writeFile(path, bytes)
}

describe('a store is refused', () => {
  it('while this process has it open', () =>
    inFolder(async (home) => {
      const { store } = await cabinet(opening(join(home, 'data')))
      const why = await refused(join(home, 'data'))
      deepEqual([why._tag, why.sentence], ['InUse', `${join(home, 'data')} is in use by process ${process.pid}`])
      await store.close()
      await (await cabinet(opening(join(home, 'data')))).store.close()
    }))

  it('while another process has it, and not when that was killed', () =>
    inFolder(async (home) => {
      const folder = join(home, 'data')
      const other = new Program(new URL('../stage/opener.js', import.meta.url), [folder], home, home)
      await other.line(/open/)
      const why = await refused(folder)
      equal(why._tag, 'InUse')
      match(why.sentence, /in use by process \d+$/)
      other.signal('SIGKILL')
      await other.ended
      const { opened, store } = await cabinet(opening(folder))
      equal(opened.restored.state.position, 5)
      await store.close()
    }))

  it('where a newer program wrote it', () =>
    inFolder(async (home) => {
      const folder = await left(home, { ...tally, version: 2 })
      const why = await refused(folder)
      equal(why._tag, 'Newer')
      match(why.sentence, /newer version of this program: it has the form 1\.2, and this program reads and writes 1\.1\. Take a program of the form 1\.2/)
    }))

  it('where an older program wrote it, to its writer as to its reader, with what to do about it', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      const newer = { ...tally, version: 2 }
      const older = /older version of this program: it has the form 1\.1, and this program reads and writes 1\.2\. Take a program of the form 1\.1/
      const why = await refused(folder, newer)
      equal(why._tag, 'Older')
      match(why.sentence, older)
      const { snapshots, damaged } = held(read(newer, folder))
      deepEqual([snapshots.length, damaged.map(({ _tag }) => _tag)], [0, ['Older', 'Older']])
      for (const { sentence } of damaged) match(sentence, older)
      const [snapshot] = held(read(tally, folder)).snapshots
      const behind = [...batches(newer, folder, [30], snapshot ?? { position: 0, sum: '' })]
      match(behind.map((batch) => (isLeft(batch) ? `${batch.left._tag} ${batch.left.sentence}` : 'read')).join(), older)
      await (await cabinet(opening(folder))).store.close()
    }))

  it('where no program wrote it, whatever version it claims', () =>
    inFolder(async (home) => {
      const folder = await left(home, { ...tally, version: 0 })
      equal((await refused(folder))._tag, 'Damaged')
    }))

  it('where its last batches are of other rules, with what to do about it', () =>
    inFolder(async (home) => {
      const folder = await left(home, { ...tally, rules: 7 })
      const why = await refused(folder)
      equal(why._tag, 'Newer')
      equal((await refused(folder, { ...tally, rules: 8 }))._tag, 'Older')
      match(why.sentence, /rules 7.*rules 1.*start and stop/is)
      const { store, state } = await cabinet(openSqlite({ ...tally, rules: 7 }, folder, { history: 0, now: () => 0 }))
      held(await store.snapshot(state())())
      await store.close()
      const after = await cabinet(opening(folder))
      equal(after.state().position, 60)
      await after.store.close()
    }))

  it('where it holds something else', () =>
    inFolder(async (home) => {
      const why = await refused(await left(home, { ...tally, what: 'inbox' }))
      equal(why._tag, 'Damaged')
      match(why.sentence, /holds an? inbox/)
    }))

  it('where others can read its folder', () =>
    inFolder(async (home) => {
      await mkdir(join(home, 'data'))
      await chmod(join(home, 'data'), 0o755)
      equal((await refused(join(home, 'data')))._tag, 'Exposed')
    }))

  it('where its newest snapshot is damaged, unless it is told to begin with the one before', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      await flip(join(folder, 'snapshot-50.jsonl'), 200)
      const why = await refused(folder)
      equal(why._tag, 'Damaged')
      match(why.sentence, /snapshot-50.*snapshot-30.*are whole.*--older-snapshot/)
      const { opened, store, put } = await cabinet(opening(folder, { from: 'older' }))
      const { state, snapshot, folded, notes } = opened.restored
      deepEqual([state.position, snapshot, folded, notes.length], [60, 30, 30, 1])
      held(await put(counts(9, 5)))
      await store.close()
      const again = await cabinet(opening(folder))
      deepEqual([again.opened.restored.state.position, again.opened.restored.notes], [65, []])
      ok((await readdir(folder)).includes('damaged-snapshot-50.jsonl'))
      await again.store.close()
    }))

  it('where both snapshots are damaged, or a batch since the older one is', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      await flip(join(folder, 'snapshot-50.jsonl'), 200)
      await flip(join(folder, 'snapshot-30.jsonl'), 200)
      const why = async (): Promise<readonly [string, boolean]> => {
        const { _tag, sentence } = refusal(await opening(folder, { from: 'older' })(noTally)())
        return [_tag, /older-snapshot/.test(sentence)]
      }
      deepEqual(await why(), ['Damaged', false])
      await flip(join(folder, 'snapshot-30.jsonl'), 200)
      await flip(join(folder, 'journal-30.db'), 2 * 4096 - 50)
      deepEqual(await why(), ['Damaged', false])
    }))

  it('where a journal is missing, or the end of one, or all snapshots', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      const away = join(home, 'away')
      for (const [name, pattern] of [['journal-50.db-wal', /ends at 50, and it had reached 60/], ['journal-50.db', /ends at 50/], ['snapshot', /no snapshot/]] as const) {
        const names = (await readdir(folder)).filter((one) => one.startsWith(name))
        await mkdir(away)
        for (const one of names) await rename(join(folder, one), join(away, one))
        const why = await refused(folder)
        equal(why._tag, 'Damaged')
        match(why.sentence, pattern)
        for (const one of names) await rename(join(away, one), join(folder, one))
        await rm(away, { recursive: true })
      }
      await truncate(join(folder, 'witness'), 0)
      match((await refused(folder)).sentence, /witness is damaged/)
    }))

  it('where its journal is whole, and not the one that the witness saw', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      const other = await copied(folder, join(home, 'other'))
      for (const [path, index] of [[folder, 5], [other, 6]] as const) {
        const { store, put } = await cabinet(opening(path))
        held(await put(counts(index, 10)))
        if (path === other) held(await put(counts(index, 10)))
        await store.close()
      }
      await copyFile(join(folder, 'witness'), join(other, 'witness'))
      const why = await refused(other)
      deepEqual([why._tag, /not the one that reached 70/.test(why.sentence)], ['Damaged', true])
    }))

  it('but not where only the witness is missing: that is said', () =>
    inFolder(async (home) => {
      const folder = await left(home)
      await rm(join(folder, 'witness'))
      const { opened, store } = await cabinet(opening(folder))
      deepEqual([opened.restored.state.position, opened.restored.notes.length], [60, 1])
      match(opened.restored.notes[0] ?? '', /witness is missing/)
      await store.close()
      await (await cabinet(opening(folder))).store.close()
    }))

  it('where the system says no', () =>
    inFolder(async (home) => {
      await writeFile(join(home, 'file'), '')
      equal(refusal(await opening(join(home, 'file', 'data'))(noTally)())._tag, 'Unreadable')
      const folder = join(home, 'data')
      const failing = { ...systemDisk, renameSync: () => { throw Object.assign(new Error('no space left'), { code: 'ENOSPC' }) } }
      equal(refusal(await opening(folder, { writer: inline(failing) })(noTally)())._tag, 'Full')
      ok(!isLeft(await opening(folder)(noTally)()), 'the lock was let go')
    }))
})
