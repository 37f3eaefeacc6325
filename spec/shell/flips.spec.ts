// Bits that are not what was written: never a wrong state, never a lost batch. `spec/torture/flips` does the same for longer.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { look } from '../../shell/stores/look.js'
import { digestOf } from '../../shell/stores/snapshot.js'
import { tally } from '../model/tally.js'
import { cabinet, counts, held, inFolder, opening } from '../stage/cabinet.js'
import { flips, shapes } from '../torture/flipping.js'
import { Random } from './random.js'

describe('a folder that a killed process left', () => {
  it('is opened as it was where a bit of it flipped, or refused and left alone', () =>
    inFolder(async (home) => {
      const seed = Date.now()
      const outcomes = [...flips(await shapes(home), 3000, Random(seed))]
      equal(outcomes.length, 5)
      deepEqual(outcomes.flatMap(([, { wrong }]) => wrong), [], `seed ${seed}`)
      for (const [name, { opened, refused }] of outcomes) ok(opened > 50 && refused > 50, `${name}: ${refused} refused, ${opened} opened`)
    }))

  it('is opened as it was where a file of it is gone, or refused', () =>
    inFolder(async (home) => {
      const refused: string[] = []
      for (const { folder, digest } of await shapes(home))
        for (const name of await readdir(folder)) {
          await rename(join(folder, name), join(home, 'away'))
          const found = look(tally, folder, false)
          if (isLeft(found)) refused.push(name)
          else ok(found.right !== undefined && digestOf(tally, found.right.state) === digest, `${folder} without ${name}`)
          await rename(join(home, 'away'), join(folder, name))
        }
      ok(refused.includes('journal-0.db-wal') && refused.includes('journal-0.db'))
    }))

  it('is cut where its last batch was torn, which is said, and goes on from there', () =>
    inFolder(async (home) => {
      const torn = (await shapes(home)).at(-1)
      ok(torn !== undefined)
      const { opened, store, put, state } = await cabinet(opening(torn.folder))
      deepEqual([digestOf(tally, opened.restored.state), opened.restored.torn > 0, opened.restored.notes], [torn.digest, true, []])
      held(await put(counts(3, 7)))
      await store.close()
      const again = await cabinet(opening(torn.folder))
      deepEqual([digestOf(tally, again.state()), again.opened.restored.torn], [digestOf(tally, state()), 0])
      await again.store.close()
    }))
})
