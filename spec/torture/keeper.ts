// A program that keeps a tally in a store, for those who let its calls fail: `keeper.js FOLDER`. Says on standard output what was acknowledged, and ends
// with 0 when all was, 75 when the store broke, 74 when it was not opened.
import { writeSync } from 'node:fs'
import { isLeft } from 'fp-ts/lib/Either.js'
import { openSqlite } from '../../shell/index.js'
import { noTally, tally } from '../model/tally.js'
import { counts, tallied } from '../stage/cabinet.js'

/** How often something is asked for again that found no room. */
const attempts = 200
const batches = 10

const say = (line: string): void => {
  try {
    writeSync(1, `${line}\n`)
  } catch {
    // it could be this call that was to fail: then less is claimed
  }
}

const end = (code: number, line: string): never => {
  say(line)
  process.exit(code)
}

const opened = await openSqlite(tally, process.argv[2] ?? '', { history: 0, now: () => 0 })(noTally)()
if (isLeft(opened)) end(74, `unopened ${opened.left._tag} ${opened.left.sentence}`)
else {
  const { store, restored } = opened.right
  let { state } = restored
  for (let index = 0; index < batches; index += 1) {
    const records = counts(index, 1 + ((index * 37) % 150))
    const next = tallied(records, state)
    for (let attempt = 0; ; attempt += 1) {
      const written = await store.append({ records, position: next.position })()
      if (!isLeft(written)) break
      say(`${written.left._tag} ${written.left.sentence}`)
      if (written.left._tag === 'Broken' || attempt === attempts) end(75, 'broken')
      await new Promise(setImmediate)
    }
    state = next
    say(`acknowledged ${state.position}`)
    if (index !== 5) continue
    const taken = await store.snapshot(state)()
    if (isLeft(taken)) say(`snapshot ${taken.left._tag} ${taken.left.sentence}`)
  }
  await store.close()
  end(0, 'closed')
}
