// Whether what a data folder keeps is whole: `peal journal --verify`.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { left, right } from 'fp-ts/lib/Either.js'
import { server, type Instant, type ProcessId } from '../../core/index.js'
import { openSqlite } from '../../shell/index.js'
import { limits } from '../../shell/limits.js'
import { ledger, pastIn, type Past } from '../../shell/cli/past.js'
import { VerifyLine } from '../../shell/cli/pastline.js'
import { told } from '../../shell/cli/journal.js'
import { shown } from '../../shell/cli/replay.js'
import { verified } from '../../shell/cli/verifying.js'
import { histories, morning, morningPast } from '../model/chronicle.js'
import { free } from '../model/desk.js'
import { held, inFolder } from '../stage/cabinet.js'
import { inline } from '../stage/inline.js'
import { all, batchOf, described as snapshotOf, directories, nobody, pastOf } from '../model/past.js'

const plain = { json: false, columns: undefined }
const json = { ...plain, json: true }

describe('peal journal --verify', () => {
  it('finds any history whole', () => {
    fc.assert(fc.property(histories(), ({ first, records, keeping }) => {
      const { lines, failure } = all(verified(pastOf(first, records, keeping), json))
      equal(failure, undefined)
      const legs = lines.map((line) => JSON.parse(line) as VerifyLine)
      ok(legs.every(VerifyLine.is))
      equal(legs.reduce((sum, leg) => sum + leg.records, 0), records.length)
      deepEqual([legs[0]?.from, legs.at(-1)?.to], [0, records.length])
    }), { numRuns: 100 })
    const { lines } = all(verified(morningPast(), plain))
    deepEqual(lines.map((line) => line.replace(/[0-9a-f]{64}/, 'HASH')), [
      '0 to 6  6 records in 2 batches, and the snapshot there agrees (SHA-256 HASH)',
      '6 to 12  6 records in 2 batches, and the snapshot there agrees (SHA-256 HASH)',
      '12 to 14  2 records in 1 batch, to the end of the journal (SHA-256 HASH)',
      'whole: 3 snapshots, 14 records',
    ])
  })

  it('takes a snapshot for whole that was made when only questions had come since', () => {
    const known = directories(nobody(free), morning().records)
    const later = (position: number): server.Directory => {
      const { state, settings } = known[position] as server.Directory
      return { state: { ...state, at: (state.at + 5) as Instant }, settings }
    }
    const snapshots = [0, 6, 12].map((position) => snapshotOf(later(position)))
    equal(all(verified(morningPast({ snapshots, load: (position: number) => right(later(position)) }), plain)).failure, undefined)
  })

  it('finds a snapshot that the records do not lead to, and each gap', () => {
    const { records } = morning()
    const known = directories(nobody(free), records)
    const says = (damage: Partial<Past>): unknown => {
      const { lines, failure } = all(verified(morningPast(damage), json))
      return [lines.length, failure?.exit.code, failure?.sentence.replace(/[0-9a-f]{64}/g, 'HASH').replace(/; nothing was changed.*/, '')]
    }
    const other = known[5] as server.Directory
    const forged = { ...other, state: { ...other.state, position: 6 } }
    const there = (position: number): server.Directory => (position === 6 ? forged : (known[position] as server.Directory))
    deepEqual(says({ snapshots: [0, 6, 12].map((position) => snapshotOf(there(position))), load: (position) => right(there(position)) }),
      [0, 65, 'past: the records do not lead to the snapshot at position 6: their directory has the hash HASH, its own HASH'])
    deepEqual(says({ load: (position) => (position === 6 ? left({ _tag: 'Damaged', sentence: 'bits' }) : right(known[position] as server.Directory)) }), [0, 65, 'bits'])
    const unattested = { witness: right(undefined) }
    deepEqual(says({ ...unattested, *batches(after) {
      if (after === 0) yield right(batchOf(records.slice(0, 5), 5))
    } }), [0, 65, 'past: the records end at position 5, before the snapshot at 6'])
    deepEqual(says({ *batches() {
      yield right(batchOf(records.slice(0, 7), 7))
    } }), [0, 65, 'past: no batch of records ends at position 6, where a snapshot is'])
    deepEqual(says({ damaged: [{ _tag: 'Damaged', sentence: 'an end' }] }), [0, 65, 'an end'])
    deepEqual(says({ snapshots: [] }), [0, 65, 'past: there is no snapshot that a directory could begin with'])
  })

  it('goes on with what is kept where the server trims it meanwhile', () => {
    const known = directories(nobody(free), morning().records)
    const gone = left({ _tag: 'Unreadable', sentence: 'no such file' } as const)
    const listing = (...positions: ReadonlyArray<number>): Partial<Past> => ({ snapshots: positions.map((position) => snapshotOf(known[position] as server.Directory)) })
    const says = (damage: Partial<Past>): unknown => {
      const { lines, failure } = all(verified(morningPast(damage), plain))
      return [...lines.map((line) => line.replace(/[,(].*/, '').trim()), failure?.sentence]
    }
    const load = (missing: number) => (position: number): ReturnType<Past['load']> => (position === missing ? gone : right(known[position] as server.Directory))
    const now = (...positions: ReadonlyArray<number>): Past['again'] => () => right(morningPast(listing(...positions)))
    deepEqual(says({ load: load(0), again: now(6, 12) }), ['6 to 12  6 records in 2 batches', '12 to 14  2 records in 1 batch', 'whole: 2 snapshots', undefined])
    deepEqual(says({ load: load(6), again: now(0, 12) }), ['0 to 12  12 records in 4 batches', '12 to 14  2 records in 1 batch', 'whole: 2 snapshots', undefined])
    deepEqual(says({ load: load(12), again: now(6) }), ['0 to 6  6 records in 2 batches', '6 to 14  8 records in 3 batches', 'whole: 1 snapshot', undefined])
    deepEqual(says({ load: load(12), again: now(0, 6) }), ['0 to 6  6 records in 2 batches', '6 to 14  8 records in 3 batches', 'whole: 2 snapshots', undefined])
    deepEqual(says({ load: load(12), again: now(0) }), ['0 to 6  6 records in 2 batches', '0 to 14  14 records in 5 batches', 'whole: 1 snapshot', undefined])
    deepEqual(says({ load: load(6), again: now(0, 6, 12) }), ['no such file'], 'what is still listed is missed')
    let looks = 0
    const ever = (): Partial<Past> => ({ ...listing(looks % 2 === 0 ? 0 : 6), load: () => gone, again: () => {
      looks += 1
      return right(morningPast(ever()))
    } })
    deepEqual([says(ever()), looks], [['no such file'], limits.folderLooks - 1])
  })

  it('finds a folder whole that is trimmed between two of its lines', () =>
    inFolder(async (folder) => {
      const start = (n: number): server.Entry => ({ at: n as Instant, by: { _tag: 'Self' }, command: { _tag: 'Start', process: n.toString(16).padStart(16, '0') as ProcessId, settings: server.settingsOf(free) } })
      const opening = await openSqlite(ledger, folder, { history: 0, now: () => 0, writer: inline() })(nobody(free))()
      const { store, restored } = held(opening)
      let directory = restored.state
      const live = async (): Promise<void> => {
        const entry = start(directory.state.position + 1)
        directory = held(ledger.fold(directory, entry))
        held(await store.append({ records: [entry], position: directory.state.position })())
        held(await store.snapshot(directory)())
      }
      await live()
      await live()
      const lines = verified(held(pastIn(folder)), plain)
      const first = lines.next()
      for (let n = 0; n < 4; n += 1) await live()
      ok(first.done !== true)
      deepEqual([first.value, ...all(lines).lines].map((line) => line.replace(/ {2}.*/, '')), ['1 to 2', '5 to 6', '6 to 6', 'whole: 2 snapshots, 2 records'])
      await store.close()
    }))

  it('finds that the end is lost, or another one, where somebody says how far the journal went', () => {
    const { records } = morning()
    const ends = (damage: Partial<Past>): ReadonlyArray<unknown> =>
      [all(told(morningPast(damage), { ...plain, from: undefined, until: undefined })), all(shown(morningPast(damage), { ...plain, until: undefined, now: 0 })), all(verified(morningPast(damage), plain))].map(
        ({ failure }) => [failure?.exit.code, failure?.sentence.replace(/; nothing was changed.*/, '')],
      )
    const thrice = (...end: ReadonlyArray<unknown>): ReadonlyArray<unknown> => [end, end, end]
    const lost = { *batches(after: number) {
      for (let from = after; from < 12; from += 3) yield right(batchOf(records.slice(from, from + 3), from + 3))
    } }
    deepEqual(ends(lost), thrice(65, 'past: the journal ends at position 12, and it had reached 14: what stood behind is lost'))
    deepEqual(ends({ witness: right({ position: 14, sum: 'other' }) }), thrice(65, 'past: the journal is not the one that reached position 14'))
    deepEqual(ends({ witness: left({ _tag: 'Damaged', sentence: 'no testimony' }) }), thrice(65, 'no testimony'))
    deepEqual(ends({ witness: right({ position: 13, sum: 'other' }) }), thrice(undefined, undefined))
    const { lines } = all(verified(morningPast({ witness: right(undefined) }), plain))
    deepEqual(lines.slice(-2), ['nobody says how far the journal went: had its end been lost, it would not show', 'whole: 3 snapshots, 14 records'])
  })
})
