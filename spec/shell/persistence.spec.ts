// What a server does with its store: batches one behind the other, and snapshots beside them, of which one that failed is none.
import { deepEqual } from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { self, server, type Instant, type ProcessId } from '../../core/index.js'
import { openPersistence, type Persistence } from '../../shell/persistence.js'
import type { Store, Unwritten } from '../../shell/index.js'

const settings = server.settingsOf(server.defaults)

type Word = 'done' | Unwritten['_tag']

/** What keeps a directory, before a store that says what it is told to, and all that the two have said. */
class Clerk {
  readonly said: string[] = []
  /** what the store says to the next of each */
  appends: Word[] = []
  snapshots: Word[] = []
  readonly persistence: Persistence
  #state = server.initial

  constructor(every: number) {
    const { said } = this
    const answer = (word: Word = 'done'): Either<Unwritten, void> => (word === 'done' ? right(undefined) : left({ _tag: word, sentence: word }))
    const store: Store<server.Entry, server.Directory> = {
      append: ({ position }) => () => {
        said.push(`append ${position}`)
        return Promise.resolve(answer(this.appends.shift()))
      },
      snapshot: ({ state: { position } }) => () => {
        said.push(`snapshot ${position}`)
        return Promise.resolve(answer(this.snapshots.shift()))
      },
      close: () => {
        said.push('close')
        return Promise.resolve()
      },
    }
    this.persistence = openPersistence({
      store, settings, every, snapshot: 0,
      kept: () => this.#state,
      tell: ({ _tag }) => said.push(_tag),
      broken: ({ _tag }) => said.push(_tag),
      trouble: (what, { message }) => said.push(`${what}: ${message}`),
    })
  }

  /** One record more, which is durable unless the store says something else. */
  async write(): Promise<void> {
    const start = { at: 1 as Instant, by: self, command: { _tag: 'Start', process: '0'.repeat(16) as ProcessId, settings } } as const
    const { state } = server.reduce(server.defaults)(this.#state, start)
    if ((this.appends[0] ?? 'done') === 'done') this.#state = state
    this.persistence.append({ _tag: 'Append', records: [start], position: state.position })
    await setImmediate()
  }
}

describe('a server, before its store,', () => {
  it('takes a snapshot when so many records are there, and a last one for those since', async () => {
    const clerk = new Clerk(2)
    for (let n = 0; n < 3; n += 1) await clerk.write()
    await clerk.persistence.close()
    deepEqual(clerk.said, ['append 1', 'Written', 'append 2', 'Written', 'snapshot 2', 'append 3', 'Written', 'snapshot 3', 'close'])
  })

  it('takes none at the end where nothing has come since', async () => {
    const clerk = new Clerk(2)
    for (let n = 0; n < 2; n += 1) await clerk.write()
    await clerk.persistence.close()
    deepEqual(clerk.said.slice(-3), ['Written', 'snapshot 2', 'close'])
  })

  it('counts a snapshot that failed as none, and tries the next when as many records are there again, or at the end', async () => {
    const clerk = new Clerk(2)
    clerk.snapshots = ['Full']
    for (let n = 0; n < 4; n += 1) await clerk.write()
    deepEqual(clerk.said.filter((line) => line.startsWith('snapshot')), ['snapshot 2', 'snapshot: Full', 'snapshot 4'])
    const last = new Clerk(2)
    last.snapshots = ['Full']
    for (let n = 0; n < 2; n += 1) await last.write()
    await last.persistence.close()
    deepEqual(last.said.slice(-4), ['snapshot 2', 'snapshot: Full', 'snapshot 2', 'close'])
  })

  it('begins no snapshot where the store is broken', async () => {
    const clerk = new Clerk(2)
    await clerk.write()
    clerk.appends = ['Broken']
    await clerk.write()
    await clerk.persistence.close()
    deepEqual(clerk.said, ['append 1', 'Written', 'append 2', 'Broken', 'close'])
  })

  it('goes on where there was no room', async () => {
    const clerk = new Clerk(9)
    clerk.appends = ['Full']
    await clerk.write()
    await clerk.write()
    deepEqual(clerk.said, ['append 1', 'journal: Full', 'Unwritten', 'append 1', 'Written'])
  })
})
