// The lines of `--json` of the programs that look into a server's past. Codec and type under one name; `v` counts up when a field changes its
// meaning or goes, not when one is added. Names are those of then.
import * as t from 'io-ts'
import { server } from '../../core/index.js'

const By = t.union([
  t.strict({ _tag: t.literal('Classic'), ip: t.string, port: t.number }),
  /** the contact that had the key then, and the fingerprint of its id */
  t.strict({ _tag: t.literal('Key'), key: t.string, contact: t.string, fingerprint: t.string }),
  t.strict({ _tag: t.literal('Operator') }),
  t.strict({ _tag: t.literal('Self') }),
])
export type By = t.TypeOf<typeof By>

const Place = t.strict({ ip: t.string, port: t.number })
const Member = t.strict({ name: t.string, ip: t.string, port: t.number })
const About = t.strict({ word: t.string, args: t.readonlyArray(t.string) })
/** An ongoing message that was in the way. */
const Held = t.strict({ list: t.string, initiator: t.string, since: t.number })
export type Held = t.TypeOf<typeof Held>

/** A line of `peal journal --json`. */
export const JournalLine = t.intersection([
  t.strict({
    v: t.literal(1),
    position: t.number,
    /** Unix milliseconds */
    at: t.number,
    by: By,
    about: About,
  }),
  t.exact(
    t.partial({
      /** of what a key asked: which of its requests it was */
      request: t.strict({ boot: t.number, seq: t.number }),
      /** what was answered, where something was */
      code: t.number,
      name: t.string,
      sentence: t.string,
      /** the ring of an im-start: the initiator, then the others in order of joining */
      members: t.readonlyArray(Member),
      /** of an im-start by a key: the message (`root`: that it sends again, or itself), the bytes of its text, to whom, and until when at most */
      grant: t.strict({ im: t.string, root: t.string, no: t.number, size: t.number, path: t.readonlyArray(t.string), until: t.number }),
      /** of an im-complete by a key: what has ended the message, or that its report is recorded */
      outcome: t.string,
      /** messages whose time was over */
      expired: t.readonlyArray(t.strict({ list: t.string, initiator: t.string, im: t.string, since: t.number })),
      /** changes of members that waited, and whose turn has come with it */
      served: t.readonlyArray(t.strict({ ticket: t.number, by: t.string, about: About, code: t.number, name: t.string, sentence: t.string })),
      /** lists that start no messages for such a change from now on, and those that do again */
      fenced: t.readonlyArray(t.string),
      opened: t.readonlyArray(t.string),
      /** of a register by a key: under which its requests are known from now on */
      boot: t.number,
      /** of a register: where */
      place: Place,
      /** where an ongoing message was in the way: the oldest of each list that was held */
      held: t.readonlyArray(Held),
      /** of a start: what is in force from now on, and which of it is new */
      settings: server.Settings,
      changed: t.readonlyArray(t.string),
    }),
  ),
])
export type JournalLine = t.TypeOf<typeof JournalLine>

const lines = {
  /** the first: which position it is, the instant of the newest record in it, what it is seen from, and how many of the others follow */
  Directory: t.strict({
    _tag: t.literal('Directory'), position: t.number, at: t.number, seen: t.number, process: t.string, settings: server.Settings,
    contacts: t.number, lists: t.number, ongoing: t.number,
  }),
  /** in order of registration; `fingerprint` of one with a key */
  Contact: t.intersection([
    t.strict({ _tag: t.literal('Contact'), name: t.string, ip: t.string, port: t.number }),
    t.exact(t.partial({ fingerprint: t.string })),
  ]),
  /** in order of creation, its members in order of joining; `owner` where it is somebody's */
  List: t.intersection([
    t.strict({ _tag: t.literal('List'), name: t.string, policy: t.string, members: t.readonlyArray(t.string), guests: t.readonlyArray(t.string), ongoing: t.number }),
    t.exact(t.partial({ owner: t.string })),
  ]),
  /** oldest first; `ms` from its im-start to the instant that the directory is seen from; `until` it ends at the latest, on the sealed wire */
  Ongoing: t.intersection([
    t.strict({ _tag: t.literal('Ongoing'), list: t.string, initiator: t.string, im: t.number, since: t.number, ms: t.number }),
    t.exact(t.partial({ until: t.number })),
  ]),
} as const

/** A directory, or something in it. */
const Shown = t.union([lines.Directory, lines.Contact, lines.List, lines.Ongoing])
export type Shown = t.TypeOf<typeof Shown>
export type ShownOf<K extends Shown['_tag']> = Extract<Shown, { readonly _tag: K }>

/** A line of `peal replay --json`. */
export const ReplayLine = t.intersection([t.strict({ v: t.literal(1) }), Shown])
export type ReplayLine = t.TypeOf<typeof ReplayLine>

/** A line of `peal journal --verify --json`: folded from one position to another, which is a kept snapshot's, or the end of the journal. */
export const VerifyLine = t.strict({
  v: t.literal(1),
  from: t.number,
  to: t.number,
  records: t.number,
  batches: t.number,
  /** of the directory there, SHA-256 in hexadecimal digits */
  hash: t.string,
  snapshot: t.boolean,
})
export type VerifyLine = t.TypeOf<typeof VerifyLine>
