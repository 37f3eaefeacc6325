// Events as lines, and lines as events. Total in both directions.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { check } from '../check.js'
import { parse } from '../wire/classic/json.js'
import { Event } from './event.js'
import { wordsOf } from './words.js'

/** An im in a line: its end, which is what differs. */
const shortOf = (im: string | undefined): string => (im === undefined ? '' : ` ${im.slice(-6)}`)

const told = (event: Event): string => {
  switch (event.kind) {
    case 'start': return `starts: a ${event.role}`
    case 'end': return `ends: ${event.why}`
    case 'crash': return 'crashes'
    case 'send': return `${event.label}${shortOf(event.im)} -> ${event.to}`
    case 'receive': return `${event.label}${shortOf(event.im)} <- ${event.from}`
    case 'lock': return `lock ${event.list}${shortOf(event.im)} for ${event.by}`
    case 'unlock': return `unlock ${event.list}${shortOf(event.im)}${event.why === undefined ? '' : `: ${event.why}`}`
    case 'stored':
    case 'closed': return `${event.kind}${shortOf(event.im)}`
    case 'pause': return event.why
    case 'resume': return 'goes on'
    case 'note': return `${event.label}${shortOf(event.im)}`
    case 'broken': return `${event.rule} is broken: ${event.label}`
  }
}

/** What happened, in words without quotes. */
export const sentenceOf = (event: Event): string => wordsOf(told(event))

/** The event's line, without its end. */
export const encodeEvent = (event: Event): string => {
  const { time, host, clock, ...happening } = event
  return JSON.stringify({ time, host, clock, ...happening, event: sentenceOf(event) })
}

const Line = t.strict({ event: t.string }, 'a line with an event')

/** What its line says of it once more is not part of the event. */
const withoutSentence = (event: Event): Event => Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'event')) as unknown as Event

/** The event of a line; or what is wrong with it, in words. */
export const decodeEvent = (line: string): Either<string, Event> => {
  const json = parse(line, 0)
  if (isLeft(json)) return left('it is not JSON')
  const whole = check(Line, json.right)
  if (isLeft(whole)) return whole
  const event = check(Event, json.right)
  if (isLeft(event)) return event
  const { host, clock } = event.right
  return Object.hasOwn(clock, host) ? right(withoutSentence(event.right)) : left('its clock does not count its own host')
}
