// One run: a plan is lived through, first the storm and then the calm, and the oracle has its say. Nothing of it depends on anything but the plan, the
// options and the deliberate bug, if any.
import { honest, type Arms } from './bugs.js'
import { calmMs, House } from './house.js'
import type { trace } from '../../core/index.js'
import { Broken } from './violation.js'
import type { Options } from './options.js'
import type { Plan } from './plan.js'

export interface Result {
  /** `undefined`: all was well */
  readonly broken: Broken | undefined
  readonly hash: string
  readonly lines: ReadonlyArray<string>
  /** empty where nobody reads */
  readonly events: ReadonlyArray<trace.Event>
  readonly counts: ReadonlyMap<string, number>
  readonly house: House
}

/** Steps after which the machines are asked about themselves: that costs as much as their states are large. */
const soundEvery = 2000

const live = (house: House): void => {
  house.begin()
  let sound = soundEvery
  const looked = (): boolean => {
    if (house.oracle.steps < sound) return false
    sound = house.oracle.steps + soundEvery
    house.oracle.sound()
    return false
  }
  house.clockwork.pass(house.plan.stormMs + 2000, looked)
  house.heal()
  house.clockwork.pass(house.clockwork.now + calmMs, looked)
  house.oracle.reports.settled()
}

export const run = (plan: Plan, options: Options, arms: Arms = honest, isLegible = false): Result => {
  const house = new House(plan, options, arms, isLegible)
  const { trace: { chronicle }, sometimes: { counts } } = house
  const result = (broken: Broken | undefined): Result => {
    if (broken !== undefined) chronicle?.broken(house.clockwork.now, broken.who, broken.rule, broken.message)
    return { broken, hash: house.trace.hash, lines: house.trace.lines, events: chronicle?.events ?? [], counts, house }
  }
  try {
    live(house)
    return result(undefined)
  } catch (error) {
    if (error instanceof Broken) return result(error)
    // a machine that throws has broken a promise too: it is total
    return result(new Broken('total', -1, house.clockwork.now, error instanceof Error ? (error.stack ?? error.message) : String(error)))
  }
}
