// Flips many bits in the folders of killed processes: `flips.js [COUNT [SEED]]`. Ends with 1 when anything was opened that is not what was acknowledged.
import { numbersGiven } from '../given.js'
import { Random } from '../shell/random.js'
import { inFolder } from '../stage/cabinet.js'
import { flips, shapes } from './flipping.js'

const [count, seed] = numbersGiven('Flips bits in the folders of killed processes.', ['count', 100_000], ['seed', 1])

await inFolder(async (home) => {
  console.log(`${count} flips, seed ${seed}`)
  const all = await shapes(home)
  const began = performance.now()
  const outcomes = [...flips(all, count, Random(seed))]
  for (const [name, { opened, refused, longest }] of outcomes)
    console.log(`${name.padEnd(30)} ${String(refused).padStart(6)} refused, ${String(opened).padStart(6)} opened as they were; longest look ${longest.toFixed(1)} ms`)
  const wrong = outcomes.flatMap(([, outcome]) => outcome.wrong)
  console.log(`${((performance.now() - began) / count).toFixed(2)} ms each; ${wrong.length} wrong`)
  for (const one of wrong.slice(0, 20)) console.log(one)
  if (wrong.length > 0) {
    console.log(`again: node .dist/spec/torture/flips.js ${count} ${seed}`)
    process.exitCode = 1
  }
})
