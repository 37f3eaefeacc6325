// Snapshots: which are kept, what goes with those that are not, and that the loop turns while one is made.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fs from 'node:fs'
import { mkdir, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { read } from '../../shell/index.js'
import { limits } from '../../shell/limits.js'
import { retained } from '../../shell/stores/retention.js'
import { digestOf, loadSnapshot, writeSnapshot } from '../../shell/stores/snapshot.js'
import { tally, type Tally } from '../model/tally.js'
import { cabinet, counts, held, inFolder, opening, tallied } from '../stage/cabinet.js'

const day = 24 * 60 * 60 * 1000

/** Snapshots taken one behind the other, with so much time between them. */
const snapshots = fc.array(fc.oneof(fc.integer({ min: 1, max: day / 2 }), fc.integer({ min: 1, max: 4 * day })), { maxLength: 120 }).map((waits) => {
  let at = 0
  return waits.map((wait, position) => ({ position, at: (at += wait) }))
})

const history = fc.integer({ min: 0, max: 40 * day })

const namesOf = async (folder: string, kind: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder)).filter((name) => name.startsWith(kind) && /\.(db|jsonl)$/.test(name)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))

describe('snapshots', () => {
  it('are kept while the past needs them: the two newest, and the first of each day of the history, whenever one looks', () =>
    fc.assert(
      fc.property(snapshots, history, (all, ms) => {
        let present: typeof all = []
        for (const one of all) {
          const known = [...present, one]
          const chosen = new Set(retained(known, one.at, ms))
          present = known.filter(({ position }) => chosen.has(position))
          deepEqual(present.slice(-2), known.slice(-2), 'the two newest stay')
          const past = all.filter(({ at }) => at <= one.at - ms)
          ok(past.length === 0 || present.some(({ at }) => at <= one.at - ms), 'the journal reaches back')
          const older = present.slice(0, -2)
          equal(new Set(older.map(({ at }) => Math.floor(at / day))).size, older.length, 'one a day')
          ok(older.filter(({ at }) => at <= one.at - ms).length <= 1, 'nothing beyond the past that is wanted')
          for (const { at } of all.filter((other) => other.position <= one.position && other.at > one.at - ms))
            ok(present.some((other) => Math.floor(other.at / day) === Math.floor(at / day)), 'each day of the history has one')
        }
      }),
    ))

  it('take the journals before the oldest along when they go', () =>
    inFolder(async (folder) => {
      let now = 0
      const { store, put, state } = await cabinet(opening(folder, { history: 3 * day, now: () => now }))
      for (let index = 0; index < 40; index += 1) {
        held(await put(counts(index, 10)))
        now += day / 4
        held(await store.snapshot(state())())
      }
      const found = await namesOf(folder, 'snapshot')
      deepEqual(found, ['280', '320', '360', '390', '400'].map((position) => `snapshot-${position}.jsonl`))
      deepEqual((await namesOf(folder, 'journal'))[0], 'journal-280.db')
      equal((await namesOf(folder, 'journal')).length, 13)
      await store.close()
      const reader = held(read(tally, folder))
      for (const { position, digest } of reader.snapshots) {
        const behind = [...reader.batches(position)].map(held)
        const begun = held(reader.load(position))
        equal(digestOf(tally, begun), digest)
        deepEqual(digestOf(tally, tallied(behind.flatMap(({ records }) => records), begun)), digestOf(tally, state()))
      }
    }))

  it('are read while a server writes, and batches up to the first damage', () =>
    inFolder(async (folder) => {
      const { store, put, state } = await cabinet(opening(folder))
      for (let index = 0; index < 30; index += 1) {
        held(await put(counts(index, 1 + (index % 60))))
        if (index % 10 === 9) held(await store.snapshot(state())())
        const reader = held(read(tally, folder))
        const last = reader.snapshots.at(-1)?.position ?? 0
        equal(digestOf(tally, tallied([...reader.batches(last)].flatMap((batch) => held(batch).records), held(reader.load(last)))), digestOf(tally, state()))
      }
      const reader = held(read(tally, folder))
      ok([...reader.batches(7)].every(isLeft), 'no snapshot stands there')
      await store.close()
      ok(isLeft(read(tally, join(folder, 'nothing'))))
    }))

  it('take nothing along when they go where an older one cannot be read: it may be whole', () =>
    inFolder(async (folder) => {
      const { store, put, state } = await cabinet(opening(folder))
      const older = join(folder, 'snapshot-0.jsonl')
      const aside = join(folder, 'aside')
      const taken = async (index: number): Promise<void> => {
        held(await put(counts(index, 10)))
        held(await store.snapshot(state())())
      }
      await rename(older, aside)
      await mkdir(older)
      for (let index = 0; index < 4; index += 1) await taken(index)
      deepEqual([await namesOf(folder, 'snapshot'), await namesOf(folder, 'journal')], [[0, 10, 20, 30, 40].map((position) => `snapshot-${position}.jsonl`), [0, 10, 20, 30, 40].map((position) => `journal-${position}.db`)])
      await rmdir(older)
      await rename(aside, older)
      await taken(4)
      deepEqual([await namesOf(folder, 'snapshot'), await namesOf(folder, 'journal')], [['snapshot-40.jsonl', 'snapshot-50.jsonl'], ['journal-40.db', 'journal-50.db']])
      await store.close()
    }))

  it('are listed again where one goes while they are looked at', () =>
    inFolder(async (folder) => {
      const { store, put, state } = await cabinet(opening(folder))
      for (let index = 0; index < 3; index += 1) {
        held(await put(counts(index, 10)))
        held(await store.snapshot(state())())
      }
      await store.close()
      const path = join(folder, 'snapshot-20.jsonl')
      const { openSync: original } = fs
      fs.openSync = (...all: Parameters<typeof original>) => {
        if (all[0] === path) fs.rmSync(path, { force: true })
        return original(...all)
      }
      syncBuiltinESMExports()
      try {
        const { snapshots: found, damaged } = held(read(tally, folder))
        deepEqual([found.map(({ position }) => position), damaged], [[30], []])
      } finally {
        fs.openSync = original
        syncBuiltinESMExports()
      }
    }))

  it('are taken on opening where too many journals stand behind the last', () =>
    inFolder(async (folder) => {
      for (let index = 0; index <= limits.journalFiles + 1; index += 1) {
        const { store, put } = await cabinet(opening(folder))
        held(await put(counts(index, 1)))
        await store.close()
      }
      deepEqual(await namesOf(folder, 'snapshot'), ['snapshot-0.jsonl', `snapshot-${limits.journalFiles}.jsonl`])
    }))

  it('leave turns of the loop to others while they are made', () =>
    inFolder(async (folder) => {
      /** Each part takes as long as a slice may. */
      const slow = { ...tally, parts: (state: Tally) => Array.from({ length: 60 }, (_, index) => () => {
        const until = performance.now() + limits.snapshotSliceMs
        while (performance.now() < until);
        return index === 0 ? tally.parts(state).map((part) => part()) : index
      }) }
      const { store, put, state } = await cabinet(opening(folder))
      held(await put(counts(1, 10)))
      await store.close()
      let turns = 0
      const taken = writeSnapshot(slow, folder, state(), { position: 1, sum: '', at: 0 })
      let isDone = false
      void taken.then(() => (isDone = true))
      const turn = (): void => {
        turns += 1
        if (!isDone) setImmediate(turn)
      }
      turn()
      await taken
      ok(turns >= 60, `${turns} turns`)
    }))

  it('are refused whatever byte of one is another', () =>
    inFolder(async (folder) => {
      const state = tallied(counts(1, 100))
      await writeSnapshot(tally, folder, state, { position: 100, sum: 'ab'.repeat(32), at: 1234 })
      const path = join(folder, 'snapshot-100.jsonl')
      const bytes = await readFile(path)
      equal(digestOf(tally, held(loadSnapshot(tally, folder, 100)).state), digestOf(tally, state))
      for (let at = 0; at < bytes.length; at += 1) {
        const changed = Buffer.from(bytes)
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << at % 8), at)
        await writeFile(path, changed)
        ok(isLeft(loadSnapshot(tally, folder, 100)), `byte ${at}`)
      }
      for (let length = 0; length < bytes.length; length += 7) {
        await writeFile(path, bytes.subarray(0, length))
        ok(isLeft(loadSnapshot(tally, folder, 100)), `${length} bytes`)
      }
    }))

  it('go on where one could not be written', () =>
    inFolder(async (folder) => {
      const { store, put, state } = await cabinet(opening(folder))
      held(await put(counts(1, 10)))
      const wrong = await store.snapshot(tallied(counts(1, 5)))()
      ok(isLeft(wrong), 'no batch ends there')
      held(await put(counts(2, 10)))
      ok(isRight(await store.snapshot(state())()))
      await store.close()
      equal((await cabinet(opening(folder))).opened.restored.snapshot, 20)
    }))
})
