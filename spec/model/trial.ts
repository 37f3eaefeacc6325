// Ordeals by their seed: what is asked, what the disk does and where the power fails follow from one number, so that the same number is the same
// trial. One that fails is made small, and told.
//
//   seed ──> circumstances, crashes ──> lives: each broken off at its boundary, restarted from what the disk has, until all is asked and well
import fc from 'fast-check'
import { roomy } from '../arbitraries/server.js'
import { drafts } from './commands.js'
import { dice } from './link.js'
import { Ordeal, type Act, type Circumstances } from './ordeal.js'
import type { Faults, Happened } from './disk.js'

/** What a seed stands for. */
export interface Trial extends Circumstances {
  readonly seed: number
  /** at which boundary the power fails, of each life; those that come after run on */
  readonly crashes: ReadonlyArray<number>
}

/** Disks, from good to hopeless. */
const disks: ReadonlyArray<Faults> = [
  { batchTurns: [0, 0], full: 0, fullTurns: [0, 0], broken: 0, survival: 0.5 },
  { batchTurns: [0, 4], full: 0, fullTurns: [0, 0], broken: 0.1, survival: 0.5 },
  { batchTurns: [0, 3], full: 0.2, fullTurns: [1, 3], broken: 0, survival: 0.5 },
  { batchTurns: [0, 8], full: 0.1, fullTurns: [1, 40], broken: 0.05, survival: 0.8 },
  { batchTurns: [2, 12], full: 0.5, fullTurns: [1, 12], broken: 0.05, survival: 0.2 },
]

/** How trials are drawn: acts of a trial, lives with a crash at most, boundaries of a life among which it falls, ms before an act at most, drafts and
 *  configurations to pick from. */
export const options = { acts: [4, 36], lives: 3, boundaries: 100, msBefore: 400, drafts: 3000, configs: 40, disks } as const

// drawn once, and the same in every run: drawing them for each trial would take longer than the trials
const pool = fc.sample(drafts(), { numRuns: options.drafts, seed: 1 })
const configs = fc.sample(roomy(), { numRuns: options.configs, seed: 2 })

const act = (below: (n: number) => number): Act => {
  const kind = below(64)
  return {
    does: kind < 52 ? 'ask' : kind < 58 ? 'again' : kind < 62 ? 'copy' : kind < 63 ? 'save' : 'close',
    draft: pool[below(pool.length)] as Act['draft'],
    isHonest: below(5) > 0,
    who: below(4),
    ms: below(4) === 0 ? below(options.msBefore) : below(3),
    turns: below(3),
  }
}

/** The trial of that seed. */
export const trialOf = (seed: number): Trial => {
  const chance = dice(Math.imul(seed, 0x9e3779b1))
  const below = (n: number): number => Math.floor(chance() * n)
  const [least, most] = options.acts
  const pick = <A>(all: ReadonlyArray<A>): A => all[below(all.length)] as A
  return {
    seed,
    acts: Array.from({ length: least + below(most - least + 1) }, () => act(below)),
    configs: Array.from({ length: options.lives }, () => pick(configs)),
    faults: pick(disks),
    crashes: Array.from({ length: below(options.lives) + 1 }, () => below(options.boundaries)),
  }
}

/** Runs the trial; throws what the witness saw. How many boundaries each life had; `say` hears of each, and of all that goes in and out. */
export const run = ({ seed, crashes, ...circumstances }: Trial, happened: Happened, say?: (line: string) => void): ReadonlyArray<number> => {
  const lives: number[] = []
  const ordeal = new Ordeal(circumstances, dice(seed), happened, say)
  for (let life = 0; !ordeal.isOver(); life++) {
    let at = 0
    for (const boundary of ordeal.live()) {
      say?.(`  ${boundary}`)
      if (at++ !== crashes[life]) continue
      happened(`a crash ${boundary}`)
      break
    }
    lives.push(at)
    ordeal.crash()
  }
  ordeal.finish()
  return lives
}

const fails = (trial: Trial): unknown => {
  try {
    run(trial, () => undefined)
    return undefined
  } catch (error) {
    return error
  }
}

/** A trial that fails as well, from which no act and no crash can be taken away. */
const shrunk = (trial: Trial): Trial => {
  const less = [
    ...trial.crashes.map((_, i) => ({ ...trial, crashes: trial.crashes.toSpliced(i, 1) })),
    ...[16, 8, 4, 2, 1].flatMap((length) => trial.acts.map((_, i) => ({ ...trial, acts: trial.acts.toSpliced(i, length) }))),
    ...trial.acts.flatMap((one, i) => (one.turns > 0 ? [{ ...trial, acts: trial.acts.with(i, { ...one, turns: one.turns - 1 }) }] : [])),
    ...trial.crashes.flatMap((at, i) => (at > 0 ? [{ ...trial, crashes: trial.crashes.with(i, at - 1) }] : [])),
  ].find((one) => fails(one) !== undefined)
  return less === undefined ? trial : shrunk(less)
}

/** What a failed trial looks like, made small: its boundaries, where it was broken off, and what was wrong. */
export const told = (trial: Trial): string => {
  const small = shrunk(trial)
  const lines: string[] = []
  try {
    run(small, (what) => lines.push(`  ${what}`), (line) => lines.push(line))
  } catch (error) {
    lines.push(String(error))
  }
  return [`seed ${small.seed}: ${small.acts.length} acts, crashes at ${small.crashes.join(', ') || 'none'}, ${JSON.stringify(small.faults)}`, ...lines].join('\n')
}
