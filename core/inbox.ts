// What a peer has taken of messages, each once: the member's half of acceptance, as a store keeps it. A message is known by its root, the im under
// which it was begun, also when it is sent again under another.
//
//   open ──Stored──> stored ──Shown──> shown        stored: its line is in the history, and an ack may say so; shown: a screen had it
//     └────Closed──> closed                         closed: refused, and never shown afterwards
//
// Open is absence: nothing is written of it. What is settled stays so, until it is forgotten, which is a mark of its own. That happens to what is
// shown or closed only, and not before the clock of the server that granted the message has shown an instant well behind its end: from then on no
// copy is taken for being late, and none is sent again. (The bound that a peer has on that clock will not do: it may be found too high, and come
// down.)
//
// A mark means what it says, whatever the limits are: they are asked before one is set, and never when it is folded. So what was taken once is
// taken again by a program with less room.
import { isLeft, isRight, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { checkParts } from './check.js'
import { Count } from './count.js'
import { ImId, ProcessId, Signature, Tag } from './keys.js'
import { Ring } from './kept.js'
import type { Ledger } from './ledger.js'
import { limits } from './limits.js'
import { ContactName, ListName } from './names.js'
import * as roll from './roll.js'
import * as table from './table.js'
import { Instant, latest } from './time.js'
import { Grant } from './wire/sealed/grant.js'

/** A line of the history: a message, and when it was taken by this peer's clock. `no`: of the messages of its list, counted without gaps. */
export const Line = t.readonly(
  t.intersection([
    t.strict({ at: Instant, list: ListName, no: Count, from: ContactName, text: t.string }),
    /** `caughtUp`: a co-member gave it later: this peer was away when it went round; `again`: it was sent again, under a number that may be from before this
     *  peer was on the list */
    t.exact(t.partial({ caughtUp: t.literal(true), again: t.literal(true) })),
  ]),
  'Line',
)
export type Line = t.TypeOf<typeof Line>

/** When a message ends, by the clock of that process of the server. */
export const Until = t.readonly(t.strict({ process: ProcessId, at: Instant }), 'Until')
export type Until = t.TypeOf<typeof Until>

/** A message as it was sealed, but for its text, and its ring where that is not kept yet: what it takes to give it to somebody else. */
const Seals = t.readonly(t.intersection([t.strict({ grant: Grant, granted: Signature, signed: Signature, salt: Tag }), t.exact(t.partial({ ring: Ring }))]))

/** A record of an inbox. JSON as it stands. */
export const Mark = t.union(
  [
    t.readonly(t.intersection([t.strict({ _tag: t.literal('Stored'), root: ImId, until: Until, line: Line }), t.exact(t.partial({ seals: Seals }))])),
    t.readonly(t.strict({ _tag: t.literal('Closed'), root: ImId, until: Until })),
    t.readonly(t.strict({ _tag: t.literal('Shown'), root: ImId })),
    /** whatever is shown or closed, and ended by one of these, which are of different processes */
    t.readonly(t.strict({ _tag: t.literal('Forgotten'), ended: t.readonlyArray(Until) })),
  ],
  'Mark',
)
export type Mark = t.TypeOf<typeof Mark>

/** What is known of a root that is settled; `line` until it was shown. */
const Settled = t.readonly(t.strict({ status: t.keyof({ stored: null, shown: null, closed: null }), until: Until, line: t.union([t.null, Line]) }))
export type Settled = t.TypeOf<typeof Settled>

export interface Inbox {
  /** marks that there have been */
  readonly position: number
  /** in the order in which they were settled; absent: open */
  readonly roots: roll.Roll<ImId, Settled>
  /** of these, stored and not shown yet */
  readonly waiting: number
}

export const empty: Inbox = { position: 0, roots: roll.empty(), waiting: 0 }

/** Why a mark is not set. `Settled`: the root is stored, shown or closed; `NotStored`: it is not, or it was shown; `NoneEnded`: there is nothing to
 *  forget; `Full`: nothing more is taken now. */
export type Refusal = Contradiction | 'Full'

/** Why a mark cannot follow upon those before it. */
type Contradiction = 'Settled' | 'NotStored' | 'NoneEnded'

/** How much an inbox takes. */
export interface Room {
  readonly roots: number
  readonly lines: number
}

const usualRoom: Room = { roots: limits.inboxRoots, lines: limits.inboxLines }

type Of<T extends Mark['_tag']> = Extract<Mark, { readonly _tag: T }>

const settle = (inbox: Inbox, root: ImId, settled: Settled, more: number): Either<never, Inbox> =>
  right({ position: inbox.position + 1, roots: roll.set(inbox.roots, root, settled), waiting: inbox.waiting + more })

const shown = (inbox: Inbox, { root }: Of<'Shown'>): Either<Contradiction, Inbox> => {
  const known = roll.get(inbox.roots, root)
  return known?.status === 'stored' ? settle(inbox, root, { ...known, status: 'shown', line: null }, -1) : left('NotStored')
}

const forgotten = (inbox: Inbox, { ended }: Of<'Forgotten'>): Either<Contradiction, Inbox> => {
  const ends = table.from(ended.map(({ process }) => process), (i) => ended[i]?.at)
  const over = rootsOver(inbox, ({ process, at }) => at <= (table.get(ends, process) ?? -1))
  if (over.length === 0) return left('NoneEnded')
  return right({ ...inbox, position: inbox.position + 1, roots: over.reduce((roots, root) => roll.remove(roots, root), inbox.roots) })
}

/** The roots that may be forgotten, as `isOver` has it of their ends. */
const rootsOver = ({ roots }: Inbox, isOver: (until: Until) => boolean): ReadonlyArray<ImId> =>
  roll.names(roots).filter((root) => {
    const known = roll.get(roots, root)
    return known !== undefined && known.status !== 'stored' && isOver(known.until)
  })

/** The inbox behind a mark, however little room there is. */
const followed = (inbox: Inbox, mark: Mark): Either<Contradiction, Inbox> => {
  switch (mark._tag) {
    case 'Shown':
      return shown(inbox, mark)
    case 'Forgotten':
      return forgotten(inbox, mark)
    case 'Stored':
    case 'Closed': {
      const { root, until } = mark
      if (roll.has(inbox.roots, root)) return left('Settled')
      return mark._tag === 'Closed' ? settle(inbox, root, { status: 'closed', until, line: null }, 0) : settle(inbox, root, { status: 'stored', until, line: mark.line }, 1)
    }
  }
}

const isFull = ({ roots, waiting }: Inbox, { _tag }: Mark, room: Room): boolean =>
  (_tag === 'Stored' && waiting >= room.lines) || ((_tag === 'Stored' || _tag === 'Closed') && roll.size(roots) >= room.roots)

/** The inbox with that mark, if there is room for it. Refuses with Settled, NotStored, NoneEnded, Full. */
export const marked = (inbox: Inbox, mark: Mark, room = usualRoom): Either<Refusal, Inbox> => {
  const next = followed(inbox, mark)
  return isRight(next) && isFull(inbox, mark, room) ? left('Full') : next
}

/** What was stored and not shown, in that order: it is due on a screen, marked as perhaps shown before where the peer has restarted. */
export const unshown = ({ roots }: Inbox): ReadonlyArray<{ readonly root: ImId; readonly line: Line }> =>
  roll.names(roots).flatMap((root) => {
    const line = roll.get(roots, root)?.line
    return line === undefined || line === null ? [] : [{ root, line }]
  })

/** The mark that forgets what is shown or closed, and over; `undefined` where nothing is. `clock` says the newest instant that this process of the
 *  server has shown, `undefined` where nothing is known. Of a process that has ended it may say one of a later process, since the server's instants
 *  go on from one to the next. What is sent again at the last moment that it may be is on its way for one more lease. */
export const forgetting = (inbox: Inbox, clock: (process: ProcessId) => Instant | undefined): Of<'Forgotten'> | undefined => {
  const over = rootsOver(inbox, ({ process, at }) => (clock(process) ?? 0) >= at + limits.inboxMarginMs + limits.longestLeaseMs)
  const ends = over.reduce<table.Table<ProcessId, Instant>>((latestOf, root) => {
    const until = roll.get(inbox.roots, root)?.until
    return until === undefined ? latestOf : table.set(latestOf, until.process, latest(until.at, table.get(latestOf, until.process) ?? until.at))
  }, table.empty())
  return over.length === 0 ? undefined : { _tag: 'Forgotten', ended: table.entries(ends).map(([process, at]) => ({ process, at })) }
}

const Row = t.readonly(t.strict({ root: ImId, settled: Settled }))

const Part = t.union([
  t.readonly(t.strict({ _tag: t.literal('Head'), position: Count, roots: Count })),
  t.readonly(t.strict({ _tag: t.literal('Roots'), rows: t.readonlyArray(Row) })),
])
type Part = t.TypeOf<typeof Part>

const parts = ({ position, roots }: Inbox): ReadonlyArray<() => Part> => {
  const names = roll.names(roots)
  const rowOf = (root: ImId): ReadonlyArray<t.TypeOf<typeof Row>> => {
    const settled = roll.get(roots, root)
    return settled === undefined ? [] : [{ root, settled }]
  }
  return [
    () => ({ _tag: 'Head', position, roots: names.length }),
    ...Array.from({ length: Math.ceil(names.length / limits.rootsInPart) }, (_, i) => (): Part => ({
      _tag: 'Roots', rows: names.slice(i * limits.rootsInPart, (i + 1) * limits.rootsInPart).flatMap(rowOf),
    })),
  ]
}

const whole = (values: ReadonlyArray<unknown>): Either<string, Inbox> => {
  const read = checkParts<Part>(Part, values)
  if (isLeft(read)) return read
  const [head, ...rest] = read.right
  if (head?._tag !== 'Head') return left('part 1: it is not the head')
  const rows = rest.flatMap((part) => (part._tag === 'Roots' ? part.rows : []))
  if (rows.length !== head.roots || new Set(rows.map(({ root }) => root)).size !== head.roots || rest.some(({ _tag }) => _tag === 'Head')) {
    return left(`there are not ${head.roots} roots, each once`)
  }
  const lost = rows.find(({ settled: { status, line } }) => (status === 'stored') === (line === null))
  if (lost !== undefined) return left(`root ${lost.root} is ${lost.settled.status}, and ${lost.settled.line === null ? 'has no line' : 'has a line'}`)
  const waiting = rows.filter(({ settled }) => settled.status === 'stored').length
  const least = rows.reduce((marks, { settled }) => marks + (settled.status === 'shown' ? 2 : 1), 0)
  if (head.position < least) return left(`${least} marks lead to it, and the head says ${head.position}`)
  return right({ position: head.position, roots: roll.from(rows.map(({ root }) => root), (i) => rows[i]?.settled as Settled), waiting })
}

/** Of marks and parts as they are written, and of what marks mean: raised as the server's are (`server/ledger`). */
const version = 2
const rules = 2

const sentences: { readonly [K in Contradiction]: string } = {
  Settled: 'its root is settled already',
  NotStored: 'its root is not stored, or was shown',
  NoneEnded: 'nothing of it is there',
}

export const ledger: Ledger<Mark, Inbox> = {
  what: 'inbox',
  version,
  rules,
  record: Mark,
  position: ({ position }) => position,
  fold: (inbox, mark) => {
    const next = followed(inbox, mark)
    const about = mark._tag === 'Forgotten' ? '' : ` of ${mark.root}`
    return isLeft(next) ? left(`mark ${inbox.position + 1}, ${mark._tag}${about}: ${sentences[next.left]}`) : next
  },
  parts,
  whole,
}
