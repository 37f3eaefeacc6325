// `--json`: one JSON object a line for everything that happens. Codec and type under one name; `v` counts up when a field changes its
// meaning or goes, not when one is added.
import * as t from 'io-ts'
import { peer } from '../../core/index.js'
import { visibleJson } from './visible.js'

const Place = t.strict({ ip: t.string, port: t.number })

/** The first line: where this peer is reached, and its server. */
const Started = t.strict({ _tag: t.literal('Started'), own: Place, server: Place })
/** The answer to `help`. */
const Help = t.strict({ _tag: t.literal('Help'), text: t.string })

const Line = t.intersection([
  t.strict({ at: t.number, list: t.string, no: t.number, from: t.string, text: t.string }),
  /** a co-member gave it later; it came when it was sent again */
  t.exact(t.partial({ caughtUp: t.boolean, again: t.boolean })),
])

/** The answer to `history`: the oldest first, `at` in Unix milliseconds. */
const History = t.strict({ _tag: t.literal('History'), lines: t.readonlyArray(Line) })
/** What the server refused last, `at` in Unix milliseconds. */
const Refused = t.strict({ at: t.number, about: peer.About, code: t.number, name: t.string, sentence: t.string })
/** The answer to `explain`: nothing where nothing was refused; `behind`: what was in its way then, by the server's clock. */
const Explained = t.intersection([t.strict({ _tag: t.literal('Explained') }), t.exact(t.partial({ refused: Refused, behind: peer.LockRows }))])
/** A change was waited for here and is no more, and what has come of it is not known: it waits at the server still, or was done there. */
const StillWaits = t.strict({ _tag: t.literal('StillWaits'), ticket: t.number })
/** The disk has no room for the diary: what arrives waits until there is some. */
const NotStored = t.strict({ _tag: t.literal('NotStored'), sentence: t.string })

export const JsonEvent = t.union([Started, Help, History, Explained, StillWaits, NotStored, peer.Notice])
export type JsonEvent = t.TypeOf<typeof JsonEvent>

/** A line of `--json`: the event with the version of this schema and the Unix milliseconds at which it was written. */
export const JsonLine = t.intersection([t.strict({ v: t.literal(1), at: t.number }), JsonEvent])
export type JsonLine = t.TypeOf<typeof JsonLine>

export const jsonLine = (at: number, event: JsonEvent): string => visibleJson({ v: 1, at, ...event })
