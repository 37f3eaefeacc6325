// Stores: what was acknowledged comes back, exactly, whatever ended the process; and what cannot come back exactly is refused, untouched.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { openMemory, openSqlite, type Open } from '../../shell/index.js'
import { dataFolder } from '../../shell/places.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { threaded } from '../../shell/stores/writer.js'
import { noTally, tally, type Count, type Tally } from '../model/tally.js'
import { cabinet, copied, counts, held, inFolder, opening, refusal, type Cabinet } from '../stage/cabinet.js'

type Deed = { readonly do: 'put'; readonly size: number } | { readonly do: 'snapshot' | 'close' | 'kill' }

const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), size: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 400 })) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('snapshot' as const, 'close' as const, 'kill' as const) }) },
  ),
  { maxLength: 25 },
)

const digest = (state: Tally): string => digestOf(tally, state)

/** Does all, with a restart behind it; each restart brings back what was acknowledged. `reopen` ends a store and says how the next is opened. */
const lived = async (first: Open<Count, Tally>, all: ReadonlyArray<Deed>, reopen: (now: Cabinet, how: 'close' | 'kill') => Promise<Open<Count, Tally>>): Promise<void> => {
  let now = await cabinet(first)
  let snapshot = 0
  for (const [index, deed] of [...all, { do: 'close' } as const].entries()) {
    const state = now.state()
    if (deed.do === 'put') held(await now.put(counts(index, deed.size)))
    else if (deed.do === 'snapshot') {
      held(await now.store.snapshot(state)())
      snapshot = state.position
    } else {
      now = await cabinet(await reopen(now, deed.do))
      const { restored } = now.opened
      equal(digest(restored.state), digest(state))
      deepEqual([restored.snapshot, restored.folded, restored.torn, restored.notes], [snapshot, state.position - snapshot, 0, []])
    }
  }
  await now.store.close()
}

describe('stores', () => {
  it('bring back what was acknowledged, from a folder, after an orderly end and after kill -9', () =>
    fc.assert(
      fc.asyncProperty(deeds, (all) =>
        inFolder(async (home) => {
          let folder = join(home, '0')
          await lived(opening(folder), all, async (now, how) => {
            const next = how === 'kill' ? await copied(folder, `${folder}0`) : folder
            await now.store.close()
            folder = next
            return opening(folder)
          })
        }),
      ),
      { numRuns: 40 },
    ))

  it('bring back what was acknowledged, from memory, while the program runs', () =>
    fc.assert(
      fc.asyncProperty(deeds, async (all) => {
        const open = openMemory(tally)
        await lived(open, all, async (now) => {
          equal(refusal(await open(noTally)())._tag, 'InUse')
          await now.store.close()
          return open
        })
      }),
    ))

  it('write in a thread of their own, and take a snapshot beside it', () =>
    inFolder(async (home) => {
      const open = opening(join(home, 'data'), { writer: threaded })
      const first = await cabinet(open)
      ok(first.opened.restored.isNew)
      for (let index = 0; index < 20; index += 1) held(await first.put(counts(index, 50)))
      const taken = first.store.snapshot(first.state())()
      for (let index = 20; index < 40; index += 1) held(await first.put(counts(index, 50)))
      held(await taken)
      await first.store.close()
      const second = await cabinet(open)
      deepEqual([second.opened.restored.isNew, second.opened.restored.snapshot, second.opened.restored.folded], [false, 1000, 1000])
      equal(digest(second.state()), digest(first.state()))
      await second.store.close()
      ok(isLeft(await first.put(counts(0, 1))), 'a closed store takes nothing')
    }))

  it('finish what was begun before they close', () =>
    inFolder(async (home) => {
      const open = opening(join(home, 'data'), { writer: threaded })
      const first = await cabinet(open)
      held(await first.put(counts(0, 100)))
      const taken = first.store.snapshot(first.state())()
      const put = first.put(counts(1, 100))
      const finished: string[] = []
      await Promise.all([
        taken.then((answer) => finished.push(answer._tag)),
        put.then((answer) => finished.push(answer._tag)),
        first.store.close().then(() => finished.push('closed')),
      ])
      deepEqual(finished, ['Right', 'Right', 'closed'])
      const second = await cabinet(opening(join(home, 'data')))
      deepEqual([digest(second.state()), second.opened.restored.snapshot], [digest(first.state()), 100])
      await second.store.close()
    }))

  it('know nothing any more of what is written by one that has died', () =>
    inFolder(async (home) => {
      const open = openSqlite(tally, join(home, 'data'), { history: 0, now: () => 0 })
      const { store } = held(await open(noTally)())
      held(await store.append({ records: counts(1, 1), position: 1 })())
      const writer = held(await threaded({ folder: home, position: 0, sum: '0'.repeat(64), form: 1, rules: 1 }))
      const after = await Promise.all([writer.append(1, undefined as unknown as string), writer.append(2, ''), writer.sumAt(1)])
      deepEqual(after.map((answer) => isLeft(answer) && answer.left._tag), ['Broken', 'Broken', 'Broken'])
      deepEqual(isLeft(await writer.append(3, '')) && isLeft(await writer.close()), true)
      await store.close()
    }))

  it('have their place among the user\'s data', () => {
    equal(dataFolder({ XDG_DATA_HOME: '/data' }), '/data/peal')
    equal(dataFolder({ XDG_DATA_HOME: 'data' }), join(homedir(), '.local/share/peal'))
  })

  it('are for their user alone', () =>
    inFolder(async (home) => {
      const folder = join(home, 'data')
      const { store, put, state } = await cabinet(opening(folder))
      held(await put(counts(1, 10)))
      held(await store.snapshot(state())())
      for (const name of await readdir(folder)) equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
      await store.close()
      equal((await stat(folder)).mode & 0o777, 0o700)
    }))
})
