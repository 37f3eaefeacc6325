// What a courier tells whoever watches it. Codec and type under one name, as the peer's other notices (`peer/notice`). Members are told by name.
import * as t from 'io-ts'

/** Why there is no receipt: evidence. `by`: who says so, where it is another; `sends`: how often this peer tried. */
const Missing = t.intersection([
  t.strict({ name: t.string }),
  t.exact(t.partial({ why: t.string, by: t.string, sends: t.number })),
])
const Got = t.intersection([t.strict({ name: t.string, how: t.union([t.literal('ring'), t.literal('direct')]) }), t.exact(t.partial({ ms: t.number }))])

/** A classic member: its copy was sent in clear and came home after `ms`, which nobody has proven; or it did not; or no copy was sent: `notAllowed`,
 *  `tooLarge`, `late`. */
const InClear = t.intersection([
  t.strict({ name: t.string, outcome: t.union([t.literal('bounced'), t.literal('silent'), t.literal('notSent')]) }),
  t.exact(t.partial({ why: t.string, ms: t.number })),
])

export const notices = {
  /** an own message has its grant, and leaves: `no` of its list, to `members` others, the classic ones that are sent it among them */
  Begun: t.strict({ _tag: t.literal('Begun'), im: t.string, root: t.string, list: t.string, no: t.number, members: t.number, until: t.number }),
  /** the copy that went round is home after `ms`, with the receipts of so many of the path */
  RoundHome: t.strict({ _tag: t.literal('RoundHome'), im: t.string, list: t.string, ms: t.number, receipts: t.number, path: t.number }),
  /** who of the members with keys has it, who has not, and of whom nobody knows; `leaves`: the classic members */
  Reported: t.strict({
    _tag: t.literal('Reported'),
    im: t.string,
    root: t.string,
    list: t.string,
    no: t.number,
    ms: t.number,
    delivered: t.readonlyArray(Got),
    undelivered: t.readonlyArray(Missing),
    unknown: t.readonlyArray(Missing),
    leaves: t.readonlyArray(InClear),
    /** envelopes whose receipts were no sum of receipts */
    poisoned: t.number,
    /** told before, and better known now */
    again: t.boolean,
  }),
  /** what ended it at the server: `proof`, `expired`, `forced`; `recorded`: it still goes on there, until its time is over */
  Released: t.strict({ _tag: t.literal('Released'), im: t.string, list: t.string, outcome: t.string }),
  /** an own message is not begun yet, and is asked for again by itself. `name`, `code`: the server's; `ms`: for so long at the latest, if that can be told; `again`:
   *  it is one that is sent again */
  Postponed: t.intersection([
    t.strict({ _tag: t.literal('Postponed'), list: t.string, code: t.number, name: t.string, again: t.boolean }),
    t.exact(t.partial({ ms: t.number })),
  ]),
  /** an own message was begun, and this process ends before anybody can say who has it */
  LeftUnderWay: t.strict({ _tag: t.literal('LeftUnderWay'), im: t.string, list: t.string }),
  /** an own message was not begun: the server's code, or that no answer came. `again`: it was this one, which was to be sent again */
  NotBegun: t.intersection([
    t.strict({ _tag: t.literal('NotBegun'), list: t.string, code: t.number, name: t.string, sentence: t.string }),
    t.exact(t.partial({ again: t.string })),
  ]),
  /** a message of another, in the history now. `missed`: of the list's messages before it so many were never seen here; `late`: it is older than one shown
   *  before; `repeated`: it may have been shown before a restart; `caughtUp`: it went round while this peer was away, and a co-member has given it */
  Taken: t.intersection([
    t.strict({ _tag: t.literal('Taken'), im: t.string, root: t.string, list: t.string, no: t.number, from: t.string, text: t.string }),
    t.exact(t.partial({ missed: t.number, late: t.boolean, repeated: t.boolean, caughtUp: t.boolean })),
  ]),
  /** of these numbers of a list so many are missing here, and no co-member that was asked gave them */
  Gap: t.strict({ _tag: t.literal('Gap'), list: t.string, from: t.number, to: t.number, missing: t.number }),
  /** a message of another was closed: `muted`, `full`, `tooLarge` */
  Closed: t.strict({ _tag: t.literal('Closed'), im: t.string, list: t.string, from: t.string, why: t.string }),
} as const

export type Notice = { readonly [K in keyof typeof notices]: t.TypeOf<(typeof notices)[K]> }[keyof typeof notices]
/** Whether a notice of the peer's is one of a courier's. */
export const isNotice = (notice: { readonly _tag: string }): notice is Notice => Object.hasOwn(notices, notice._tag)

export type NoticeOf<T extends Notice['_tag']> = Extract<Notice, { readonly _tag: T }>
