// The server's directory in a store: commands go in as records, and what comes back is the directory that they made.
import { deepEqual, equal } from 'node:assert/strict'
import { join } from 'node:path'
import fc from 'fast-check'
import { server, type Instant } from '../../core/index.js'
import { openMemory, openSqlite, type Open } from '../../shell/index.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { roomy } from '../arbitraries/server.js'
import { reached } from '../model/commands.js'
import { copied, held, inFolder } from '../stage/cabinet.js'
import { inline } from '../stage/inline.js'

const ledger = server.ledger(server.defaults)

type Opening = Open<server.Entry, server.Directory>

/** The records that a server's commands leave, beginning with its start. */
const lives = roomy().chain((config) =>
  fc.record({
    config: fc.constant(config),
    entries: reached(config, 80).map(({ inputs }) => {
      const process = '0123456789abcdef' as server.State['process']
      const start = { at: 0 as Instant, by: { _tag: 'Self' }, command: { _tag: 'Start', process, settings: server.settingsOf(config) } } as const
      const { reduce } = server.machine(config)
      return [start, ...inputs].reduce<{ state: server.State; entries: ReadonlyArray<server.Entry> }>(
        (so, input) => {
          const { state } = reduce(so.state, input)
          return { state, entries: state.position > so.state.position ? [...so.entries, server.entryOf(input)] : so.entries }
        },
        { state: server.initial, entries: [] },
      ).entries
    }),
    cuts: fc.array(fc.record({ size: fc.integer({ min: 1, max: 12 }), then: fc.constantFrom('go on', 'go on', 'snapshot', 'restart') }), { minLength: 10, maxLength: 40 }),
  }),
)

const behind = (directory: server.Directory, entries: ReadonlyArray<server.Entry>): server.Directory => entries.reduce((so, entry) => held(ledger.fold(so, entry)), directory)

/** Lives it all; `restarted` ends a store and says how the next is opened. */
const lived = async ({ config, entries, cuts }: { config: server.Config; entries: ReadonlyArray<server.Entry>; cuts: ReadonlyArray<{ size: number; then: string }> }, first: Opening, restarted: (end: () => Promise<void>) => Promise<Opening>): Promise<void> => {
  const empty = server.directory(server.initial, config)
  let opened = held(await first(empty)())
  let directory = opened.restored.state
  let done = 0
  for (const { size, then } of cuts) {
    const records = entries.slice(done, done + size)
    directory = behind(directory, records)
    done += records.length
    if (records.length > 0) held(await opened.store.append({ records, position: ledger.position(directory) })())
    if (then === 'snapshot') held(await opened.store.snapshot(directory)())
    if (then !== 'restart') continue
    opened = held(await (await restarted(opened.store.close))(empty)())
    const { state } = opened.restored
    equal(digestOf(ledger, state), digestOf(ledger, directory))
    deepEqual([server.violations(state.state), state.settings], [[], directory.settings])
    directory = state
  }
  await opened.store.close()
}

describe('a directory', () => {
  it('comes back from a folder after kill -9', () =>
    fc.assert(
      fc.asyncProperty(lives, (life) =>
        inFolder((home) => {
          let folder = join(home, '0')
          const opening = (): Opening => openSqlite(ledger, folder, { history: 0, now: () => 0, writer: inline() })
          return lived(life, opening(), async (end) => {
            const next = await copied(folder, `${folder}0`)
            await end()
            folder = next
            return opening()
          })
        }),
      ),
      { numRuns: 30 },
    ))

  it('comes back from memory', () =>
    fc.assert(
      fc.asyncProperty(lives, (life) => {
        const open = openMemory(ledger)
        return lived(life, open, async (end) => {
          await end()
          return open
        })
      }),
      { numRuns: 50 },
    ))
})
