// Many simulated minutes, or one. `npm run simulate --` with
//
//   --seeds A..B [--jobs N]    all of these, in N processes; fails where a rule is broken, or an interesting path was never taken
//   --seed N [--trace [FILE]]  one: lived through twice, which must come to the same; with every datagram, at the terminal or in a file with its diagram
//   --found FILE [--trace]     one that was kept, likewise
//   --bug NAME                 with a deliberate bug; --bugs names them
//   --pictures                 draws the pictures of the documents again
//
// The first failure is made smaller, drawn, kept in `spec/found`, and the line that replays it is printed last.
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../../shell/cli/whole.js'
import { byHand } from '../given.js'
import { bugs, honest, type Arms } from './bugs.js'
import { climateOf } from './climate.js'
import { found, keep } from './found.js'
import { rough, type Options } from './options.js'
import { leave, told } from './picture.js'
import { pictures } from './pictures.js'
import { planOf, type Plan } from './plan.js'
import { run, type Result } from './run.js'
import { shrunk } from './shrink.js'
import { untrodden } from './sometimes.js'
import { counted, merge, newTally, quantile, type Failure, type Tally } from './tally.js'

/** Failures after which a process looks for no more. */
const failuresMost = 3
/** Runs that a shrinking may take. */
const shrinkTries = 600
/** Seeds after which a process says how far it is; and seeds, or ms, after which a line of that is printed. */
const saidEvery = 50
const printedEvery = 500
const printedEveryMs = 10_000
/** MB in which a process makes what it soon needs no more: a run leaves so much behind that the usual 16 are full at once. */
const youngMb = 64
/** What a function does, in the engine's own unit, before it is compiled with more care: four times the usual, since all of this code is warm, little of it
 *  is hot, and compiling was a quarter of a short campaign; until then it is compiled with little. (Measured: 300 seeds take 41 ms each, and 50 without.) */
const careful = 4 * 67_584
const engine = [`--min-semi-space-size=${youngMb}`, `--max-semi-space-size=${youngMb}`, `--interrupt-budget=${careful}`, '--always-sparkplug']

/** What a share says: so many seeds more are done, or what came of all of them. */
type Word = { readonly done: number } | { readonly tally: Tally }

interface Values {
  readonly seeds: readonly [from: number, to: number]; readonly seed?: number; readonly jobs: number; readonly found?: string; readonly bug?: string; readonly bugs: boolean
  readonly pictures: boolean; readonly trace: string | boolean; readonly share?: string; readonly keep: boolean
}

const spanOf = (text: string): Values['seeds'] => {
  const [from = NaN, to = from] = text.split('..').map((one) => (/^\d{1,9}$/.test(one) ? Number(one) : NaN))
  if (from <= to) return [from, to]
  throw new InvalidArgumentError('expected seeds, as 1..1000 or 7.')
}

const values = byHand('Many simulated minutes, or one.')
  .option('--seeds <A..B>', 'all of these', spanOf, [1, 1000] as const)
  .option('--jobs <N>', 'in so many processes', wholeNumber(1, 64), 2)
  .option('--seed <N>', 'one, lived through twice', wholeNumber(0, 999_999_999))
  .option('--found <FILE>', 'one that was kept, likewise')
  .option('--trace [FILE]', 'with every datagram, at the terminal or in that file, with its diagram', false)
  .addOption(new Option('--bug <NAME>', 'with a deliberate bug').choices(Object.keys(bugs)))
  .option('--bugs', 'show the names of the bugs', false)
  .option('--pictures', 'draw the pictures of the documents again', false)
  .option('--no-keep', 'do not keep what fails in spec/found')
  .addOption(new Option('--share <SEEDS>').hideHelp())
  .parse().opts<Values>()
const traceFile = typeof values.trace === 'string' ? values.trace : undefined

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const arms: Arms = values.bug === undefined ? honest : (bugs[values.bug] ?? honest)
const bugLine = values.bug === undefined ? '' : ` --bug '${values.bug}'`

const optionsOf = (seed: number): Options => (values.bug === undefined ? climateOf(seed).options : arms.options(rough))

/** A share of the seeds, in a process of its own. */
const share = (text: string): void => {
  const [from = 0, to = 0, step = 1] = text.split(',').map(Number)
  const tally = newTally()
  const say = (word: Word): void => void process.send?.(word)
  for (let seed = from; seed <= to && tally.failures.length < failuresMost; seed += step) {
    const options = optionsOf(seed)
    counted(tally, seed, run(planOf(seed, options), options, arms))
    if (tally.runs % saidEvery === 0) say({ done: saidEvery })
  }
  say({ tally })
}

/** Prints how far all of them are, now and then, where nobody takes it for the outcome. */
const progress = (all: number): ((more: number) => void) => {
  const began = performance.now()
  let done = 0
  let printed = { done: 0, at: began }
  return (more) => {
    done += more
    const now = performance.now()
    if (done - printed.done < printedEvery && now - printed.at < printedEveryMs) return
    printed = { done, at: now }
    process.stderr.write(`${done} of ${all} seeds, ${((now - began) / 1000).toFixed(0)} s\n`)
  }
}

const verdict = ({ broken, hash, house }: Result): string =>
  broken === undefined
    ? `all is well: ${house.oracle.reports.own.size} messages among ${house.plan.members}, ${house.oracle.steps} steps, trace ${hash}`
    : `${broken.rule} is broken by ${broken.who === 0 ? 'the server' : `m${broken.who}`} at ${broken.at} ms: ${broken.message}  (trace ${hash})`

const tell = (failure: Failure): void => print(`seed ${failure.seed}: ${failure.rule} is broken by ${failure.who === 0 ? 'the server' : `m${failure.who}`} at ${failure.at} ms: ${failure.what}`)

/** Where what is drawn is left: nothing there is kept. */
const drawings = '.dist/drawings'

/** Draws a run. */
const draw = (of: string, result: Result, replay: string, file = `${drawings}/${of.replace(/[^a-z0-9]+/gi, '-')}`): void => {
  const about = `${values.bug === undefined ? 'A simulated minute' : `The bug: ${values.bug}`}, ${of}`
  const name = basename(file).replace(/\.(trace|jsonl?|svg)$/, '')
  print(`drawn in ${leave(dirname(file), name, told(result, { about, replay }))}`)
}

/** Makes a failing plan smaller, and keeps it. */
const kept = (seed: number, plan: Plan, options: Options, rule: string): void => {
  const small = shrunk(plan, options, arms, rule, shrinkTries)
  const again = run(small, options, arms, true)
  print(`made smaller: ${small.members} members, ${small.messages.length} messages, ${small.faults.length} faults (of ${plan.members}, ${plan.messages.length}, ${plan.faults.length})`)
  print(verdict(again))
  if (values.bug !== undefined || !values.keep) return draw(`seed ${seed}, made smaller`, again, `npm run simulate -- --seed ${seed}${bugLine}`)
  const file = keep(seed, { rule, what: again.broken?.message ?? '', options, plan: small })
  draw(`seed ${seed}, made smaller`, again, `npm run simulate -- --found ${file}`, file.replace(/\.json$/, '.svg'))
  print(`kept in ${file}: npm run simulate -- --found ${file}`)
}

const one = (plan: Plan, options: Options, of: string, replay: string): Result => {
  const first = run(plan, options, arms, true)
  const second = run(plan, options, arms)
  if (values.trace === true) for (const line of first.lines) print(line)
  if (first.hash !== second.hash) throw new Error(`the same plan came to ${first.hash} and to ${second.hash}: something is left to chance`)
  print(verdict(first))
  if (traceFile !== undefined || first.broken !== undefined) draw(of, first, replay, traceFile)
  if (first.broken !== undefined) process.exitCode = 1
  return first
}

const shown = (tally: Tally, seconds: number): void => {
  const sum = (of: Record<string, { datagrams: number; bytes: number }>, what: 'datagrams' | 'bytes'): number => Object.values(of).reduce((all, each) => all + each[what], 0)
  print(`${tally.runs} seeds in ${seconds.toFixed(1)} s (${(tally.runs / seconds).toFixed(1)}/s): ${tally.messages} messages, ${tally.steps} steps, ${Math.round(tally.virtualMs / 3_600_000)} virtual hours, ${tally.faults} faults planned`)
  print(`datagrams ${sum(tally.sums, 'datagrams')}, bytes ${sum(tally.sums, 'bytes')}; ${Object.entries(tally.toll).map(([fate, count]) => `${fate} ${count}`).join(', ')}`)
  print(`report after ms: p50 ${quantile(tally, 0.5)}, p90 ${quantile(tally, 0.9)}, p99 ${quantile(tally, 0.99)}`)
  for (const [path, count] of Object.entries(tally.counts).sort(([, a], [, b]) => a - b)) print(`  ${String(count).padStart(9)}  ${path}`)
}

const campaign = async (from: number, to: number, jobs: number): Promise<void> => {
  print(`seeds ${from}..${to}${bugLine}, in ${jobs} processes`)
  const began = performance.now()
  const tally = newTally()
  const go = progress(to - from + 1)
  const shares = Array.from({ length: jobs }, (_, i) => new Promise<void>((resolve, reject) => {
    const args = ['--share', `${from + i},${to},${jobs}`, ...(values.bug === undefined ? [] : ['--bug', values.bug])]
    const child = fork(fileURLToPath(import.meta.url), args, { execArgv: engine })
    child.on('message', (said) => {
      const word = said as Word
      if ('done' in word) return go(word.done)
      merge(tally, word.tally)
      resolve()
    })
    child.once('exit', (code) => code === 0 ? undefined : reject(new Error(`a process ended with ${code ?? 'a signal'}`)))
  }))
  await Promise.all(shares)
  shown(tally, (performance.now() - began) / 1000)
  const failures = tally.failures.sort((a, b) => a.seed - b.seed)
  failures.forEach(tell)
  const [failure] = failures
  if (failure !== undefined) {
    kept(failure.seed, planOf(failure.seed, optionsOf(failure.seed)), optionsOf(failure.seed), failure.rule)
    print(`npm run simulate -- --seed ${failure.seed}${bugLine}`)
    process.exitCode = 1
    return
  }
  const missed = untrodden(new Map(Object.entries(tally.counts)))
  for (const path of missed) print(`never: ${path}`)
  if (missed.length > 0) process.exitCode = 1
}

const replay = (seed: number): void => {
  const options = optionsOf(seed)
  print(`seed ${seed}${values.bug === undefined ? ` (${climateOf(seed).name})` : bugLine}: ${JSON.stringify(options)}`)
  const replayed = `npm run simulate -- --seed ${seed}${bugLine}`
  one(planOf(seed, options), options, `seed ${seed}`, replayed)
  print(replayed)
}

const main = async (): Promise<void> => {
  if (values.share !== undefined) share(values.share)
  else if (values.pictures) {
    for (const { file, svg } of pictures()) {
      writeFileSync(file, svg)
      print(file)
    }
  } else if (values.bugs) Object.keys(bugs).forEach(print)
  else if (values.found !== undefined) {
    const { plan, options } = found(values.found)
    one(plan, options, basename(values.found), `npm run simulate -- --found ${values.found}`)
  } else if (values.seed !== undefined) replay(values.seed)
  else {
    const [from, to] = values.seeds
    await campaign(from, to, values.jobs)
  }
}

await main()
