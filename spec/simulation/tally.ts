// What many runs come to together: how many failed, which paths were taken, how long reports took, and what was sent.
import type { Result } from './run.js'

export interface Failure {
  readonly seed: number
  readonly rule: string
  readonly who: number
  readonly at: number
  readonly what: string
}

export interface Tally {
  runs: number
  steps: number
  messages: number
  virtualMs: number
  faults: number
  failures: Failure[]
  counts: Record<string, number>
  sums: Record<string, { datagrams: number; bytes: number }>
  toll: Record<string, number>
  /** reports by the ms they took: of each power of the fourth root of two, how many */
  waits: Record<number, number>
}

export const newTally = (): Tally => ({ runs: 0, steps: 0, messages: 0, virtualMs: 0, faults: 0, failures: [], counts: {}, sums: {}, toll: {}, waits: {} })

const finenessOf = 4

export const counted = (tally: Tally, seed: number, { broken, counts, house }: Result): void => {
  tally.runs += 1
  tally.steps += house.oracle.steps
  tally.messages += house.oracle.own.size
  tally.virtualMs += house.clockwork.now
  tally.faults += house.plan.faults.length
  if (broken !== undefined) tally.failures.push({ seed, rule: broken.rule, who: broken.who, at: broken.at, what: broken.message })
  for (const [path, count] of counts) tally.counts[path] = (tally.counts[path] ?? 0) + count
  for (const [kind, { datagrams, bytes }] of house.network.sums) {
    const sum = (tally.sums[kind] ??= { datagrams: 0, bytes: 0 })
    sum.datagrams += datagrams
    sum.bytes += bytes
  }
  for (const [fate, count] of Object.entries(house.network.toll)) tally.toll[fate] = (tally.toll[fate] ?? 0) + (count as number)
  for (const { beganAt, reportedAt } of house.oracle.own.values()) {
    if (reportedAt === undefined) continue
    const step = Math.round(finenessOf * Math.log2(1 + reportedAt - beganAt))
    tally.waits[step] = (tally.waits[step] ?? 0) + 1
  }
}

const add = (into: Record<string, number>, more: Record<string, number>): void => {
  for (const [name, count] of Object.entries(more)) into[name] = (into[name] ?? 0) + count
}

export const merge = (into: Tally, more: Tally): void => {
  into.runs += more.runs
  into.steps += more.steps
  into.messages += more.messages
  into.virtualMs += more.virtualMs
  into.faults += more.faults
  into.failures.push(...more.failures)
  add(into.counts, more.counts)
  add(into.toll, more.toll)
  add(into.waits, more.waits)
  for (const [kind, { datagrams, bytes }] of Object.entries(more.sums)) {
    const sum = (into.sums[kind] ??= { datagrams: 0, bytes: 0 })
    sum.datagrams += datagrams
    sum.bytes += bytes
  }
}

/** The ms within which that share of the reports was there. */
export const quantile = ({ waits }: Tally, share: number): number => {
  const steps = Object.entries(waits).map(([step, count]) => [Number(step), count] as const).sort(([a], [b]) => a - b)
  const all = steps.reduce((sum, [, count]) => sum + count, 0)
  let left = share * all
  for (const [step, count] of steps) {
    left -= count
    if (left <= 0) return Math.round(2 ** (step / finenessOf) - 1)
  }
  return 0
}
