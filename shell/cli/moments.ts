// Moments as an operator names them, a position of a journal or a time, and instants and durations as an operator reads them: in the time of this
// machine's zone, a text that `--until` takes again as it stands.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { epoch, Instant } from '../../core/index.js'
import { exitCodes } from './exitcodes.js'
import { failure, type Failure } from './failure.js'

/** Up to that record, or up to that instant, both included. */
export type Moment = { readonly _tag: 'Position'; readonly position: number } | { readonly _tag: 'Time'; readonly at: Instant }

const msOf = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** What a moment must be, in words. */
const momentRule =
  'a position is a whole number; a time is 2026-11-22T14:03:07.123 or a part of it from the left, today or yesterday, or 14:03 alone, ' +
  'in this machine\'s zone unless Z or +02:00 follows; 90s, 30m, 2h or 3d are so long ago'

const written =
  /^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)|(?<named>today|yesterday))?(?:(?:^|(?<!^)[T ])(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,3}))?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/

type Parts = Readonly<Record<string, string | undefined>>

const isDay = (year: number, month: number, day: number): boolean => {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Minutes east of Greenwich. */
const offsetOf = (zone: string): number => {
  const [hours = 0, minutes = 0] = zone === 'Z' ? [] : zone.slice(1).split(':').map(Number)
  return (zone.startsWith('-') ? -1 : 1) * (60 * hours + minutes)
}

/** Unix milliseconds; `undefined` where there is no such day or time of day. */
const instantOf = ({ year, month, day, named, hour = '0', minute = '0', second = '0', fraction = '', zone }: Parts, now: Date): number | undefined => {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (named === 'yesterday' ? 1 : 0))
  const [y, m, d] = year === undefined ? [today.getFullYear(), today.getMonth() + 1, today.getDate()] : [Number(year), Number(month), Number(day)]
  const time = [Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0'))] as const
  if (!isDay(y, m, d) || time[0] > 23 || time[1] > 59 || time[2] > 59) return undefined
  if (zone === undefined) return new Date(y, m - 1, d, ...time).getTime()
  return year === undefined ? undefined : Date.UTC(y, m - 1, d, ...time) - msOf.m * offsetOf(zone)
}

const timeOf = (text: string, now: Date): number | undefined => {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return now.getTime() - Number(count) * msOf[unit as keyof typeof msOf]
  const parts = text === '' ? undefined : written.exec(text)?.groups
  return parts === undefined ? undefined : instantOf(parts, now)
}

/** The moment that `text` names at `now` (Unix milliseconds), none where there is no text. Fails with what a moment must be. */
export const momentFrom = (text: string | undefined, now: number): Either<Failure, Moment | undefined> => {
  if (text === undefined) return right(undefined)
  const position = /^\d+$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(position)) return right({ _tag: 'Position', position })
  const at = timeOf(text, new Date(now))
  if (!Instant.is(at)) return left(failure(exitCodes.usage, `"${text}" is no position and no time: ${momentRule}`))
  if (at > now) return left(failure(exitCodes.usage, `${localTime(at)} is still to come: it is ${localTime(now)} now`))
  return right({ _tag: 'Time', at })
}

const digits = (value: number, length: number): string => String(value).padStart(length, '0')

/** `2026-11-22T14:03:07.123`, in the zone of this machine. */
export const localTime = (at: number): string => {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return `${at} ms`
  const day = [digits(date.getFullYear(), 4), digits(date.getMonth() + 1, 2), digits(date.getDate(), 2)].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => digits(value, 2)).join(':')
  return `${day}T${time}.${digits(date.getMilliseconds(), 3)}`
}

/** Where in the past a state is, in words; the first has no time. */
export const placed = ({ position, at }: { readonly position: number; readonly at: Instant }): string => `position ${position}${at === epoch ? '' : `, of ${localTime(at)}`}`

/** `412 ms`, `12 s`, `47 min 16 s`, `3 h 12 min`, `2 d 3 h`: the two units that say most, rounded down. */
export const duration = (ms: number): string => {
  if (ms < msOf.s) return `${ms} ms`
  const units = [['d', msOf.d], ['h', msOf.h], ['min', msOf.m], ['s', msOf.s]] as const
  const first = units.findIndex(([, length]) => ms >= length)
  const counts = units.map(([unit, length], i) => ({ unit, count: Math.floor((i === 0 ? ms : ms % (units[i - 1]?.[1] ?? 1)) / length) }))
  return counts.slice(first, first + 2).filter(({ count }, i) => i === 0 || count > 0).map(({ unit, count }) => `${count} ${unit}`).join(' ')
}
