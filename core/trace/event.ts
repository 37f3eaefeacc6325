// An event of a traced process. A trace is JSON lines, one event each, that ShiViz reads as they are: `host` beside `clock`, `event` at the end, and of
// each host's clock every value from 1 on. Never a text, a key or a proof: what a datagram was, from whom and to whom, and what came of it.
import * as t from 'io-ts'
import { Count } from '../count.js'
import { HostName, Words } from './words.js'

/** How many events of each process are known to have happened before, this one among its own. */
const Clock = t.readonly(t.record(HostName, t.refinement(Count, (n) => n > 0, 'a count from 1')), 'Clock')
export type Clock = t.TypeOf<typeof Clock>

/** Of a datagram that nobody is known to have received: `closed`: of a process that is not there; `nowhere`: nobody is at that address, any more. Only a
 *  simulator knows. */
const Fate = t.keyof({ lost: null, cut: null, damaged: null, closed: null, nowhere: null, underway: null })

/** What ended a message, as the server has it. */
const End = t.keyof({ proof: null, expired: null, forced: null })

const perhaps = <P extends t.Props>(props: P) => t.exact(t.partial(props))

/** What may happen to a process. `im`: which message it is about, where it is about one. */
const Happening = t.union(
  [
    /** `places`: `ip:port` that it is reached at. `about`, `replay`: of the first of a run: what it shows, and the command that runs it again */
    t.intersection([
      t.strict({ kind: t.literal('start'), role: t.keyof({ server: null, member: null }), places: t.readonlyArray(Words) }),
      perhaps({ about: Words, replay: Words }),
    ]),
    t.strict({ kind: t.literal('end'), why: Words }),
    t.strict({ kind: t.literal('crash') }),
    /** `datagram`: the same in whichever trace has it. `to`, `from`: the name of a process, or a place */
    t.intersection([t.strict({ kind: t.literal('send'), datagram: Words, to: Words, label: Words }), perhaps({ im: Words, fate: Fate })]),
    t.intersection([t.strict({ kind: t.literal('receive'), datagram: Words, from: Words, label: Words }), perhaps({ im: Words })]),
    /** at the server: a message of that process, or place, locks a list; and does no more */
    t.strict({ kind: t.literal('lock'), list: Words, im: Words, by: Words }),
    t.intersection([t.strict({ kind: t.literal('unlock'), list: Words, im: Words }), perhaps({ why: End })]),
    /** a message is durably there, or will never be taken */
    t.strict({ kind: t.literal('stored'), im: Words }),
    t.strict({ kind: t.literal('closed'), im: Words }),
    /** `asleep`: its clock stands still too */
    t.strict({ kind: t.literal('pause'), why: t.keyof({ stopped: null, asleep: null }) }),
    t.strict({ kind: t.literal('resume') }),
    t.intersection([t.strict({ kind: t.literal('note'), label: Words }), perhaps({ im: Words })]),
    /** a promise was broken, here */
    t.strict({ kind: t.literal('broken'), rule: Words, label: Words }),
  ],
  'a happening',
)
export type Happening = t.TypeOf<typeof Happening>

/** ms, up to the last day that a calendar of ECMAScript has (ECMA-262, 21.4.1.1) */
const Time = t.refinement(Count, (ms) => ms <= 8.64e15, 'a time')

const Own = t.strict({
  /** since the epoch at a real process, since the beginning of the run in a simulation */
  time: Time,
  host: HostName,
  clock: Clock,
})

export const Event = t.readonly(t.intersection([Own, Happening]), 'Event')
export type Event = t.TypeOf<typeof Event>

export type EventOf<K extends Event['kind']> = Extract<Event, { readonly kind: K }>
