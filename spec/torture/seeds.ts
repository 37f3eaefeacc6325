// As many ordeals as asked: `node seeds.js [how many] [first seed] [boundary]`. Each seed is a server's lives on a disk that fails in a house whose
// power fails (`spec/model/trial`); `boundary`: where it fails, once, instead of where the seed says. Ends with 1 at the first that breaks a
// promise, made small and told; otherwise prints how often everything happened.
import { wholeNumber } from '../../shell/cli/whole.js'
import { byHand } from '../given.js'
import { options, run, told, trialOf, type Trial } from '../model/trial.js'

const number = wholeNumber(0, 999_999_999)
const [count, first, at] = byHand("A server's lives on a disk that fails in a house whose power fails.")
  .argument('[count]', 'seeds', number, 100_000)
  .argument('[first]', 'the first of them', number, 1)
  .argument('[boundary]', 'where the disk fails, once, instead of where the seed says', number)
  .parse().processedArgs as [number, number, number | undefined]
const tally = new Map<string, number>()
const happened = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)

console.log(`seeds ${first} to ${first + count - 1}\n${JSON.stringify(options)}`)
const trial = (seed: number): Trial => (at === undefined ? trialOf(seed) : { ...trialOf(seed), crashes: [at] })
const started = performance.now()

for (let seed = first; seed < first + count; seed++) {
  try {
    run(trial(seed), happened)
  } catch (error) {
    console.log(`${String(error)}\n\nmade small: ${told(trial(seed))}\n\nagain: node .dist/spec/torture/seeds.js 1 ${seed}${at === undefined ? '' : ` ${at}`}`)
    process.exit(1)
  }
}

for (const [what, times] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${String(times).padStart(10)}  ${what}`)
console.log(`${count} seeds in ${((performance.now() - started) / 1000).toFixed(1)} s: 0 lost, 0 gaps, 0 different replies`)
