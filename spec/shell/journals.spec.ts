// What SQLite wrote, read without SQLite: the same rows, and an end that is told from damage.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import fs, { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { read } from '../../shell/index.js'
import { journalName } from '../../shell/stores/contents.js'
import { systemDisk, type Connection } from '../../shell/stores/disk.js'
import { readJournal } from '../../shell/stores/journal.js'
import { readLog } from '../../shell/stores/log.js'
import { journalOf, table } from '../../shell/stores/pages.js'
import { openScribe } from '../../shell/stores/scribe.js'
import { noTally, tally } from '../model/tally.js'
import { cabinet, counts, held, inFolder, opening, refusal } from '../stage/cabinet.js'

/** Bytes of a text, from nothing to several overflow pages, with the lengths at which SQLite begins to cut. */
const lengths = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 3950, max: 4100 }), fc.integer({ min: 4400, max: 4700 }), fc.integer({ min: 8000, max: 30_000 }))

const inserts = fc.array(fc.oneof({ weight: 12, arbitrary: fc.record({ step: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 40 })), length: lengths }) }, { weight: 1, arbitrary: fc.constant('carry over' as const) }), {
  maxLength: 120,
})

const begun = (path: string): Connection => {
  const connection = systemDisk.connect(path)
  connection.run(`pragma page_size = 4096; pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0; ${table}; pragma user_version = 65539`)
  return connection
}

const optional = (path: string): Buffer => {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

const rowsIn = (path: string, after: number): ReadonlyArray<readonly unknown[]> =>
  Array.from(journalOf(readFileSync(path), readLog(optional(`${path}-wal`))).rows(after), ({ position, rules, sum, text }) => [position, rules, sum, Buffer.from(text).toString()])

describe('a journal', () => {
  it('holds for us what it holds for SQLite', () =>
    fc.assert(
      fc.asyncProperty(inserts, fc.integer({ min: 0, max: 119 }), (all, behind) =>
        inFolder((folder) => {
          const path = join(folder, 'j.db')
          const connection = begun(path)
          let position = 0
          for (const [index, one] of all.entries())
            if (one === 'carry over') connection.rows('pragma wal_checkpoint(passive)')
            else {
              position += one.step
              connection.rows('insert into batches values (?, ?, ?, ?)', position, index % 3, `sum ${index}`, 'é'.repeat(one.length % 7) + 'x'.repeat(one.length))
            }
          const theirs = connection.rows('select position, rules, sum, records from batches order by position').map(({ position: at, rules, sum, records }) => [at, rules, sum, records])
          deepEqual(rowsIn(path, 0), theirs)
          const after = Number(theirs[behind % Math.max(theirs.length, 1)]?.[0] ?? 0)
          deepEqual(rowsIn(path, after), theirs.filter(([at]) => Number(at) > after))
          equal(journalOf(readFileSync(path), readLog(optional(`${path}-wal`))).version, 65539)
          connection.close()
          return Promise.resolve()
        }),
      ),
      { numRuns: 60 },
    ))

  it('has an end that is torn where the last commit is not whole, and damage where another stands behind', () =>
    inFolder((folder) => {
      const path = join(folder, 'j.db')
      const connection = begun(path)
      for (let index = 1; index <= 9; index += 1) connection.rows('insert into batches values (?, ?, ?, ?)', index, 1, 's', 'x'.repeat(9000))
      const file = readFileSync(path)
      const log = readFileSync(`${path}-wal`)
      const frames = (log.length - 32) / 4120
      const rowsOf = (bytes: Buffer): number => [...journalOf(file, readLog(bytes)).rows(0)].length
      deepEqual([rowsOf(log), readLog(log).torn, readLog(log).isDamaged], [9, 0, false])
      const ends = Array.from({ length: frames }, (_, index) => index).filter((index) => log.readUInt32BE(32 + index * 4120 + 4) !== 0)
      const lastCommit = ends.at(-2) ?? 0
      for (let cut = 32 + (lastCommit + 1) * 4120 + 16; cut < log.length; cut += 1000) {
        const { torn, isDamaged } = readLog(log.subarray(0, cut))
        deepEqual([rowsOf(log.subarray(0, cut)), torn, isDamaged], [8, Math.ceil((cut - 32) / 4120) - lastCommit - 1, false])
      }
      for (let at = 40; at < log.length; at += 3001) {
        const flipped = Buffer.from(log)
        flipped.writeUInt8(flipped.readUInt8(at) ^ 4, at)
        const frame = Math.floor((at - 32) / 4120)
        const { torn, isDamaged } = readLog(flipped)
        ok(torn > 0)
        equal(isDamaged, frame <= lastCommit, `byte ${at}`)
      }
      equal(readLog(Buffer.concat([log.subarray(0, 20), Buffer.of(1), log.subarray(21)])).pages.size, 0)
      connection.close()
      return Promise.resolve()
    }))

  it('is read as it is behind all that happens meanwhile, also where its log is carried over and begins anew', () =>
    inFolder(async (folder) => {
      const { store, put, state } = await cabinet(opening(folder))
      const path = join(folder, journalName(0))
      for (let index = 0; index < 4; index += 1) held(await put(counts(index, 100)))
      const { readFileSync: original } = fs
      let interruptions = 0
      fs.readFileSync = ((...all: Parameters<typeof original>) => {
        const bytes = original(...all)
        if (all[0] === path && interruptions < 3) {
          interruptions += 1
          const connection = systemDisk.connect(path)
          connection.rows('pragma wal_checkpoint(passive)')
          connection.rows('insert into batches values (?, ?, ?, ?)', 1000 + interruptions, 1, '', '')
          connection.close()
        }
        return bytes
      }) as typeof original
      syncBuiltinESMExports()
      try {
        const found = held(readJournal(folder, 0))
        deepEqual(Array.from(found.rows(0), ({ position }) => position), [100, 200, 300, 400, 1001, 1002, 1003])
      } finally {
        fs.readFileSync = original
        syncBuiltinESMExports()
      }
      equal(state().position, 400)
      await store.close()
    }))

  it('is not believed where a batch is whole and means nothing', () =>
    inFolder(async (home) => {
      for (const [index, text] of ['[{"name":"a","add":1}]', '[{"name":"a","add":1},{"name":"b"}]', '{"0":1,"1":2,"length":2}', '[', '[null,null]'].entries()) {
        const folder = join(home, String(index))
        await cabinet(opening(folder)).then(({ store }) => store.close())
        const [snapshot] = held(read(tally, folder)).snapshots
        ok(snapshot !== undefined)
        const scribe = held(openScribe(systemDisk, { folder, position: 0, sum: snapshot.sum, form: snapshot.form, rules: 1 }))
        held(scribe.append(2, text))
        held(scribe.close())
        const found = [...held(read(tally, folder)).batches(0)]
        deepEqual(found.map((batch) => isLeft(batch) && batch.left._tag), ['Damaged'], text)
        match(refusal(await opening(folder)(noTally)()).sentence, /is damaged behind 0: the batch that ends at 2/)
      }
    }))
})
