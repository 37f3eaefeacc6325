// What the command line offers to set, and the defaults that are not the core's.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../../core/index.js'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** seconds: how long a server waits for ongoing messages at its end */
export const defaultDrainSeconds = limits.drainMs / 1000

/** days that a journal reaches back: long enough for "who did that last week" */
export const defaultHistoryDays = 30

const units: ReadonlyMap<string, number> = new Map([['s', 1000], ['m', 60_000], ['h', 3_600_000]])

/** ms of a time as it is typed: 90s, 10m, 2h, at most a thousand hours; 0 is none. */
export const spanFrom = (text: string): Either<string, number> => {
  const [, digits = '', unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? []
  const ms = text === '0' ? 0 : Number(digits) * (units.get(unit) ?? NaN)
  return ms >= 0 && ms <= 3_600_000_000 ? right(ms) : left('expected a time as 90s, 10m or 2h, or 0 for none.')
}
