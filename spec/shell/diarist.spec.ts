// What keeps a peer's diary: marks in their order, those of a moment in one batch, nothing let go before it is durable, nothing lost where there is no room.
import { deepEqual, equal } from 'node:assert/strict'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { diary, type ImId, type Instant, type ProcessId } from '../../core/index.js'
import { openDiarist, type Diarist } from '../../shell/diarist.js'
import type { Store, Unwritten } from '../../shell/stores/store.js'

const mark = (n: number): diary.Mark => ({
  _tag: 'Closed', root: n.toString(16).padStart(28, '0') as ImId, until: { process: '0'.repeat(16) as ProcessId, at: 0 as Instant },
})
const persist = (n: number): { readonly _tag: 'Persist'; readonly record: diary.Mark } => ({ _tag: 'Persist', record: mark(n) })
const jot = (n: number): { readonly _tag: 'Jot'; readonly record: diary.Mark } => ({ _tag: 'Jot', record: mark(n) })

/** A store whose appends the test answers, one by one. */
const shelf = () => {
  const batches: Array<{ readonly positions: number; readonly count: number }> = []
  const answers: Array<(how: Either<Unwritten, void>) => void> = []
  let news = (): void => undefined
  let isClosed = false
  const store: Store<diary.Mark, diary.Diary> = {
    append: ({ records, position }) => () => {
      batches.push({ positions: position, count: records.length })
      return new Promise((resolve) => {
        answers.push(resolve)
        news()
      })
    },
    snapshot: () => async () => Promise.resolve(right(undefined)),
    close: async () => {
      isClosed = true
      return Promise.resolve()
    },
  }
  return {
    store, batches,
    isClosed: () => isClosed,
    /** Answers the append that is under way, or the next one. */
    answer: async (how: Either<Unwritten, void>): Promise<void> => {
      while (answers.length === 0) await new Promise<void>((resolve) => (news = resolve))
      answers.shift()?.(how)
    },
  }
}

const open = (store: Store<diary.Mark, diary.Diary>, told: string[]): Diarist =>
  openDiarist({
    opened: { store, restored: { state: diary.empty, snapshot: 0, folded: 0, torn: 0, isNew: true, notes: [], ms: 0 } },
    newest: () => diary.empty,
    full: ({ sentence }) => void told.push(sentence),
    broken: ({ sentence }) => void told.push(sentence),
  })

describe('what keeps a diary', () => {
  it('writes the marks of a moment as one batch behind the one before, and lets each Persist go when it is durable', async () => {
    const { store, batches, answer, isClosed } = shelf()
    const diarist = open(store, [])
    const went: string[] = []
    diarist.take([persist(1), { _tag: 'Announce' }, jot(2)])
    const first = diarist.kept()?.then(() => went.push('first'))
    diarist.take([persist(3)])
    diarist.take([jot(4), persist(5)])
    const [second, third] = [diarist.kept()?.then(() => went.push('second')), diarist.kept()?.then(() => went.push('third'))]
    deepEqual([batches, went], [[{ positions: 2, count: 2 }], []])
    await answer(right(undefined))
    await first
    deepEqual([batches.slice(1), went], [[{ positions: 5, count: 3 }], ['first']])
    await answer(right(undefined))
    await Promise.all([second, third])
    deepEqual(went, ['first', 'second', 'third'])
    diarist.take([persist(6)])
    await answer(right(undefined))
    diarist.take([jot(7)])
    const closed = diarist.close()
    await answer(right(undefined))
    await closed
    deepEqual([batches.slice(2), isClosed()], [[{ positions: 6, count: 1 }, { positions: 7, count: 1 }], true])
  })

  it('tries the same batch again where there is no room, says so once for each time, and loses nothing', async () => {
    const { store, batches, answer } = shelf()
    const told: string[] = []
    const diarist = open(store, told)
    const full = left({ _tag: 'Full', sentence: 'full' } as const)
    diarist.take([persist(1)])
    const kept = diarist.kept()
    await answer(full)
    diarist.take([persist(2)])
    await answer(full)
    deepEqual(diarist.stuck(), { _tag: 'Full', sentence: 'full' })
    await answer(right(undefined))
    await kept
    await answer(right(undefined))
    await diarist.kept()
    deepEqual([batches.map(({ positions }) => positions), told, diarist.stuck()], [[1, 1, 1, 2], ['full'], undefined])
    diarist.take([persist(3)])
    await answer(full)
    const closed = diarist.close()
    await answer(full)
    await closed
    equal(told.length, 2)
  })

  it('lets nothing go any more when the disk has failed', async () => {
    const { store, answer } = shelf()
    const told: string[] = []
    const diarist = open(store, told)
    diarist.take([persist(1)])
    let went = false
    void diarist.kept()?.then(() => (went = true))
    await answer(left({ _tag: 'Broken', sentence: 'broken' }))
    await diarist.close()
    deepEqual([told, went], [['broken'], false])
  })
})
