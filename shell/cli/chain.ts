// What is in the way of a change: the messages that hold lists, whom they wait for, and the changes that wait for them, as a person reads it, a line each.
// Instants are of the server's clock, so that what is told is how far away from its present they are.
import { duration, localTime } from './moments.js'
import type { peer } from '../../core/index.js'

/** How names are shown. */
export interface Naming {
  readonly list: (name: string) => string
  readonly who: (name: string) => string
}

type Lock = peer.LockRows['locks'][number]
type Waiting = peer.LockRows['tickets'][number]
type Expired = peer.LockRows['expired'][number]
type Now = number | undefined

const sinceThen = (since: number, now: Now): string => (now === undefined ? `since ${localTime(since)}` : `for ${duration(Math.max(0, now - since))}`)

/** `in about 6 s at the latest`; rounded up, so that it is not said to be over before it is. */
export const atLatest = (instant: number, now: Now): string => {
  if (now === undefined) return `at ${localTime(instant)} at the latest`
  return instant <= now ? 'any moment' : `in about ${duration(Math.ceil((instant - now) / 1000) * 1000)} at the latest`
}

const names = (all: ReadonlyArray<string>, name: (one: string) => string): string => all.map(name).join(', ')

const lockLine = ({ list, who }: Naming, now: Now) => ({ list: held, initiator, since, ends, waits, im }: Lock): string =>
  [
    `${list(held)} is held by ${who(initiator)} ${sinceThen(since, now)}`,
    ends === undefined ? 'over when it is completed' : `over ${atLatest(ends, now)}`,
    ...(waits.length === 0 ? [] : [`no receipt yet: ${names(waits, who)}`]),
    im === undefined ? 'classic' : `im ${im}`,
  ].join('; ')

const wanted = ({ list: show, who }: Naming, { by, change, contact, list = '' }: Waiting): string => {
  const own = by === contact
  switch (change) {
    case 'Join': return own ? `join ${show(list)}` : `put ${who(contact)} on ${show(list)}`
    case 'Leave': return own ? `leave ${show(list)}` : `take ${who(contact)} off ${show(list)}`
    default: return own ? 'exit' : `let ${who(contact)} exit`
  }
}

const waitingLine = (naming: Naming, now: Now) => (row: Waiting): string =>
  [
    `ticket ${row.ticket}: ${naming.who(row.by)} waits ${sinceThen(row.since, now)} to ${wanted(naming, row)}`,
    ...(row.waits.length === 0 ? [] : [`in its way: ${names(row.waits, naming.list)}`]),
    ...(row.fenced === undefined ? [] : [`no new message starts there ${sinceThen(row.fenced, now)}`]),
  ].join('; ')

const more = (count: number | undefined, one: string, many: string): ReadonlyArray<string> => (count === undefined || count === 0 ? [] : [`and ${count} more ${count === 1 ? one : many}`])

/** The messages, and then who waits for them, oldest first, and how many more there are of each. */
export const chainLines = (naming: Naming, { locks, tickets, behind, now }: peer.LockRows): ReadonlyArray<string> => [
  ...locks.map(lockLine(naming, now)),
  ...more(behind?.locks, 'message holds a list', 'messages hold lists'),
  ...tickets.map(waitingLine(naming, now)),
  ...more(behind?.tickets, 'change waits', 'changes wait'),
]

/** The messages that ran out of time, oldest first. */
export const expiredLines = ({ list, who }: Naming, { expired }: peer.LockRows): ReadonlyArray<string> =>
  expired.map(({ list: held, initiator, since, ended, im }: Expired) =>
    `${list(held)}: the message of ${who(initiator)} ran out of time at ${localTime(ended)}, after ${duration(Math.max(0, ended - since))}; ${im === undefined ? 'classic' : `im ${im}`}`)
