// What a peer tells whoever watches it: the screen, `--json`, a test. Codec and type under one name; every `--json` line is one of these
// with `v` and `at` beside it. Names and texts are as others wrote them: whoever shows them makes control characters visible.
import * as t from 'io-ts'
import { notices as ofMessages } from '../delivery/notice.js'

const Address = t.strict({ ip: t.string, port: t.number })
/** `presence` and `fingerprint` on the sealed wire, the latter of members with keys; `rtt`: ms that this peer's datagrams take to it and back */
const Member = t.intersection([
  t.strict({ name: t.string, ip: t.string, port: t.number }),
  t.exact(t.partial({ presence: t.string, fingerprint: t.string, rtt: t.number })),
])
/** The request in question: its command word and arguments. */
export const About = t.strict({ word: t.string, args: t.readonlyArray(t.string) })
export type About = t.TypeOf<typeof About>
/** An ongoing message that holds its list: `im` of the sealed wire; `ends` at the latest, by the server's clock, where its time is bounded; `waits` for
 *  these members */
const Lock = t.intersection([
  t.strict({ list: t.string, initiator: t.string, since: t.number, waits: t.readonlyArray(t.string) }),
  t.exact(t.partial({ im: t.string, ends: t.number })),
])
/** A change of members that `by` waits for: of `contact`, in `list` where it is no exit; `fenced`: since when lists start no messages for it; `waits` for
 *  messages of these lists */
const Waiting = t.intersection([
  t.strict({ ticket: t.number, by: t.string, change: t.string, contact: t.string, since: t.number, waits: t.readonlyArray(t.string) }),
  t.exact(t.partial({ list: t.string, fenced: t.number })),
])
/** A message that ran out of time. */
const Expired = t.intersection([t.strict({ list: t.string, initiator: t.string, since: t.number, ended: t.number }), t.exact(t.partial({ im: t.string }))])
/** What holds lists, who waits for them, and what ran out of time, the oldest of each; `behind`: how many more there are; `now`: what the server's clock
 *  shows, perhaps a round trip more */
export const LockRows = t.intersection(
  [t.strict({ locks: t.readonlyArray(Lock), tickets: t.readonlyArray(Waiting), expired: t.readonlyArray(Expired) }), t.exact(t.partial({ behind: t.strict({ locks: t.number, tickets: t.number }), now: t.number }))],
  'LockRows',
)
export type LockRows = t.TypeOf<typeof LockRows>
/** Which message: the list, who began it, and its mark. */
const Which = t.strict({ list: t.string, initiator: t.string, im: t.string })

const notices = {
  /** a line is wanted: a command */
  Ready: t.strict({ _tag: t.literal('Ready') }),
  /** a line is wanted: the text of a message, to a ring of `members` where the server has said so already */
  TextWanted: t.intersection([
    t.strict({ _tag: t.literal('TextWanted'), list: t.string, initiator: t.string }),
    t.exact(t.partial({ members: t.number })),
  ]),
  /** the server answered; `code` 200 is success; `lists`, and `members` with the list's `policy` and `owner`, where it brought some */
  Answered: t.intersection([
    t.strict({ _tag: t.literal('Answered'), about: About, code: t.number, name: t.string, sentence: t.string }),
    t.exact(t.partial({ lists: t.readonlyArray(t.string), members: t.readonlyArray(Member), policy: t.string, owner: t.string })),
  ]),
  /** no answer came. `notExecuted`: it never reached the server, or is a read; `unknown`: it may have been executed or not */
  Unanswered: t.strict({
    _tag: t.literal('Unanswered'),
    about: About,
    outcome: t.union([t.literal('notExecuted'), t.literal('unknown')]),
    why: t.union([t.literal('silence'), t.literal('portClosed'), t.literal('busy'), t.literal('closing'), t.literal('superseded')]),
    sends: t.number,
  }),
  /** an answer to the request whose outcome was given up as unknown */
  AnsweredLate: t.strict({ _tag: t.literal('AnsweredLate'), about: About, code: t.number, name: t.string, sentence: t.string }),
  /** the contact is registered with an address that is not this peer's: its messages go to `registered.port` + 1 */
  ElsewhereRegistered: t.strict({ _tag: t.literal('ElsewhereRegistered'), contact: t.string, registered: Address, own: Address }),
  /** an own message has left, to the ring's next member; `members` in ring order */
  Sent: t.strict({ _tag: t.literal('Sent'), which: Which, text: t.string, to: t.string, members: t.readonlyArray(t.string) }),
  /** an own message is home: everybody before showed it. Now is the time for im-complete */
  Home: t.strict({ _tag: t.literal('Home'), which: Which, members: t.number, ms: t.number }),
  /** an own message is not home yet; it may be lost */
  Overdue: t.strict({ _tag: t.literal('Overdue'), which: Which, ms: t.number }),
  /** an own message came to nothing; its im-start holds the list until an im-complete, which the peer sends itself where `completing` */
  Dropped: t.strict({ _tag: t.literal('Dropped'), list: t.string, initiator: t.string, completing: t.boolean }),
  /** a message of another; `list` where its initiator said which; `unproven` where a sealed peer has it in clear */
  Shown: t.intersection([
    t.strict({ _tag: t.literal('Shown'), from: t.string, text: t.string }),
    t.exact(t.partial({ list: t.string, im: t.string, unproven: t.boolean })),
  ]),
  /** that message went on to the ring's next member */
  Passed: t.intersection([
    t.strict({ _tag: t.literal('Passed'), from: t.string, to: t.string, home: t.boolean }),
    t.exact(t.partial({ list: t.string, im: t.string })),
  ]),
  /** a message came home that this peer does not remember sending */
  HomeUnknown: t.strict({ _tag: t.literal('HomeUnknown'), initiator: t.string }),
  /** a message could not go on to `to` */
  NotPassed: t.strict({ _tag: t.literal('NotPassed'), to: t.string, why: t.string }),
  /** datagrams that were no reply or no message were ignored, `count` in all; said at the 1st, 10th, 100th ... */
  Ignored: t.strict({ _tag: t.literal('Ignored'), count: t.number, expected: t.string }),
  /** a change waits at the server, under that ticket: at `place` 1 it is the next of its lists; `opens`: when it is done at the latest, as far as the server
   *  can tell, by its clock, which shows `now` */
  Queued: t.intersection([t.strict({ _tag: t.literal('Queued'), about: About, ticket: t.number, place: t.number }), t.exact(t.partial({ opens: t.number, now: t.number }))]),
  /** what has come of a change that waited */
  Served: t.strict({ _tag: t.literal('Served'), about: About, ticket: t.number, code: t.number, name: t.string, sentence: t.string }),
  /** what holds lists, and who waits for them; asked, or behind a refusal (463) */
  Locks: t.intersection([t.strict({ _tag: t.literal('Locks'), about: About }), LockRows]),
  /** the input was not taken, and nothing was sent */
  NotTaken: t.strict({ _tag: t.literal('NotTaken'), name: t.string, sentence: t.string }),
  /** the peer ends while these contacts are still registered at the server */
  StillRegistered: t.strict({ _tag: t.literal('StillRegistered'), contacts: t.readonlyArray(t.string) }),
  /** the server's keys are known: pinned before, the user's word, accepted in place of the pinned ones, or trusted on first use */
  ServerMet: t.strict({
    _tag: t.literal('ServerMet'),
    fingerprint: t.string,
    how: t.union([t.literal('pinned'), t.literal('named'), t.literal('accepted'), t.literal('firstUse')]),
  }),
  /** the server did not say who it is, so often was it asked: the peer ends */
  Unmet: t.strict({ _tag: t.literal('Unmet'), sends: t.number }),
  /** the sealed server has not answered `sends` sends, or (`busy`) could not store anything; it is asked again */
  NoAnswerYet: t.intersection([t.strict({ _tag: t.literal('NoAnswerYet'), sends: t.number }), t.exact(t.partial({ busy: t.boolean }))]),
  /** not the server that it has to be, which the user named, or which is pinned or was met: the peer ends */
  OtherServer: t.strict({
    _tag: t.literal('OtherServer'),
    expected: t.string,
    found: t.string,
    source: t.union([t.literal('named'), t.literal('pinned'), t.literal('met')]),
  }),
  /** of an own message's members so many have it, and so many were required (`--require`) */
  TooFew: t.strict({ _tag: t.literal('TooFew'), list: t.string, have: t.number, members: t.number, required: t.number }),
  /** no message of the list is taken from now on, or each is again */
  Muted: t.strict({ _tag: t.literal('Muted'), list: t.string, muted: t.boolean }),
  /** what is missed of the list is asked of co-members from now on, and given to them, or neither is */
  CatchesUp: t.strict({ _tag: t.literal('CatchesUp'), list: t.string, on: t.boolean }),
  /** another process registered with this key: the peer ends */
  Superseded: t.strict({ _tag: t.literal('Superseded') }),
  /** a contact has another key than the pinned one; nothing is sent to it until the user accepts it */
  KeyChanged: t.strict({ _tag: t.literal('KeyChanged'), contact: t.string, was: t.string, is: t.string }),
  /** the user accepted a contact's other key, which is pinned now */
  KeyAccepted: t.strict({ _tag: t.literal('KeyAccepted'), contact: t.string, fingerprint: t.string }),
} as const

export const Notice = t.union([
  notices.Ready, notices.TextWanted, notices.Answered, notices.Unanswered, notices.AnsweredLate, notices.ElsewhereRegistered, notices.Sent,
  notices.Home, notices.Overdue, notices.Dropped, notices.Shown, notices.Passed, notices.HomeUnknown, notices.NotPassed, notices.Ignored,
  notices.NotTaken, notices.StillRegistered, notices.ServerMet, notices.Unmet, notices.NoAnswerYet, notices.OtherServer, notices.Superseded, notices.KeyChanged,
  notices.KeyAccepted, notices.Muted, notices.CatchesUp, notices.Queued, notices.Served, notices.Locks, ofMessages.Begun, ofMessages.RoundHome, ofMessages.Reported, ofMessages.Released, ofMessages.Postponed, notices.TooFew, ofMessages.LeftUnderWay, ofMessages.NotBegun, ofMessages.Taken, ofMessages.Gap, ofMessages.Closed,
])
export type Notice = t.TypeOf<typeof Notice>
export type Which = t.TypeOf<typeof Which>

/** What can stand in a `Notice` under this tag. */
export type NoticeOf<T extends Notice['_tag']> = Extract<Notice, { readonly _tag: T }>
