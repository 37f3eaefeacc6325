// What a peer must not forget: what it has taken of others (`inbox`), what it has sent and what became of that, the lines of both, which are its
// history, what it keeps for others, and of which lists it takes nothing. Each mark is durable before anything that follows from it leaves.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { checkParts } from './check.js'
import { Count } from './count.js'
import * as inbox from './inbox.js'
import { Digest, ImId, Signature, Tag } from './keys.js'
import * as keep from './kept.js'
import type { Ledger } from './ledger.js'
import { limits } from './limits.js'
import { ContactName, ListName } from './names.js'
import * as roll from './roll.js'
import * as trie from './trie.js'
import { Instant } from './time.js'
import { Grant } from './wire/sealed/grant.js'

/** A classic member: its copy came home, or did not, or none was sent, and why not (R29). */
const Leaf = t.readonly(
  t.intersection([
    t.strict({ name: ContactName, outcome: t.union([t.literal('bounced'), t.literal('silent'), t.literal('notSent')]) }),
    t.exact(t.partial({ why: t.union([t.literal('notAllowed'), t.literal('tooLarge'), t.literal('late')]) })),
  ]),
)

/** Who has a message, who certainly has not, and of whom it is not known; each member with keys in one of the three (R19). `leaves`: the classic members,
 *  where there are some. JSON as it stands. */
export const Report = t.readonly(
  t.intersection([
    t.strict({
      delivered: t.readonlyArray(ContactName),
      undelivered: t.readonlyArray(ContactName),
      unknown: t.readonlyArray(ContactName),
    }),
    t.exact(t.partial({ leaves: t.readonlyArray(Leaf) })),
  ]),
  'Report',
)
export type Report = t.TypeOf<typeof Report>

/** An own message, with all that it takes to send it again. `clear`: the classic members to whom a copy leaves under this grant, where there are some;
 *  `ring`: where it is not kept yet. */
export const Sent = t.readonly(
  t.intersection([
    t.strict({ _tag: t.literal('Sent'), at: Instant, from: ContactName, grant: Grant, granted: Signature, salt: Tag, text: t.string }),
    t.exact(t.partial({ clear: t.readonlyArray(ContactName), ring: keep.Ring })),
  ]),
  'Sent',
)
export type Sent = t.TypeOf<typeof Sent>

/** A record of a diary. JSON as it stands. */
export const Mark = t.union(
  [
    ...inbox.Mark.types,
    Sent,
    t.readonly(t.strict({ _tag: t.literal('Reported'), im: ImId, report: Report })),
    /** messages of that list are not taken from here on, or taken again */
    t.readonly(t.strict({ _tag: t.literal('Muted'), list: ListName, muted: t.boolean })),
    /** of that list nothing that was missed is asked for, and nothing given, from here on; or both are again */
    t.readonly(t.strict({ _tag: t.literal('Apart'), list: ListName, apart: t.boolean })),
    /** this member is not on that list any more: what it misses of it is counted anew when it is on it again */
    t.readonly(t.strict({ _tag: t.literal('Left'), list: ListName })),
  ],
  'Mark',
)
export type Mark = t.TypeOf<typeof Mark>

/** An own message, and what was told of it last; `undefined`: nothing yet. */
export interface Own {
  readonly sent: Sent
  readonly report: Report | undefined
}

interface Entry extends trie.Leaf {
  readonly line: inbox.Line
}

export interface Diary {
  /** marks that there have been */
  readonly position: number
  readonly inbox: inbox.Inbox
  /** oldest first; at most `limits.ownRemembered` */
  readonly sent: roll.Roll<ImId, Own>
  /** oldest first; at most `limits.historyLines`, and of all their texts `limits.historyCharacters` */
  readonly lines: trie.Trie<Entry>
  readonly characters: number
  /** at most `limits.listsMuted` */
  readonly muted: roll.Roll<ListName, true>
  /** lists that are not caught up; at most `limits.listsApart` */
  readonly apart: roll.Roll<ListName, true>
  /** the place behind the lines of a list from before this member left it last; at most `limits.listsLeft` */
  readonly left: roll.Roll<ListName, number>
  /** what was taken, for co-members who were away */
  readonly kept: keep.Kept
}

export const empty: Diary = { position: 0, inbox: inbox.empty, sent: roll.empty(), lines: trie.empty, characters: 0, muted: roll.empty(), apart: roll.empty(), left: roll.empty(), kept: keep.empty }

/** Without the oldest lines, until they are few enough. */
const trimmed = (lines: Diary['lines'], characters: number): Pick<Diary, 'lines' | 'characters'> => {
  const first = trie.first(lines)
  const last = trie.last(lines)
  const isLong = first !== undefined && last !== undefined && last - first.key >= limits.historyLines
  if (first === undefined || (!isLong && characters <= limits.historyCharacters) || first.key === last) return { lines, characters }
  return trimmed(trie.remove(lines, first.key), characters - first.line.text.length)
}

const written = ({ lines, characters }: Diary, line: inbox.Line): Pick<Diary, 'lines' | 'characters'> =>
  trimmed(trie.set(lines, { key: roll.nextPlace(lines), line }), characters + line.text.length)

const withSent = (sent: Diary['sent'], one: Sent): Diary['sent'] => {
  const next = roll.set(sent, one.grant.im, { sent: one, report: undefined })
  const [oldest] = roll.size(next) > limits.ownRemembered ? roll.names(next) : []
  return oldest === undefined ? next : roll.remove(next, oldest)
}

/** Why a mark cannot follow upon those before it, or there is no room for it. `Unsent`: nothing is known of that message. */
export type Refusal = inbox.Refusal | 'Unsent'

/** The diary one mark on. Field by field, here and below: a copy of a copy by `...` has another shape in the engine each time, and all that reads it is slow
 *  (measured). */
const onward = ({ position, inbox: messages, sent, lines: all, characters, muted, apart, left: parted, kept }: Diary, change: Partial<Diary>): Diary => ({
  position: position + 1, inbox: messages, sent, lines: all, characters, muted, apart, left: parted, kept, ...change,
})

const keptWith = (
  { kept }: Diary, { ring, grant, granted, signed, salt }: NonNullable<Extract<inbox.Mark, { readonly _tag: 'Stored' }>['seals']>, text: string,
): keep.Kept => keep.withMessage(keep.withRing(kept, grant.ring, ring), { grant, granted, signed, salt, text })

const ofInbox = (diary: Diary, mark: inbox.Mark, room: inbox.Room | undefined): Either<Refusal, Diary> => {
  const next = inbox.marked(diary.inbox, mark, room)
  if (isLeft(next)) return next
  const lines = mark._tag === 'Stored' ? written(diary, mark.line) : { lines: diary.lines, characters: diary.characters }
  const kept = mark._tag === 'Stored' && mark.seals !== undefined ? keptWith(diary, mark.seals, mark.line.text) : diary.kept
  return right(onward(diary, { inbox: next.right, lines: lines.lines, characters: lines.characters, kept }))
}

const turned = (lists: Diary['muted'], list: ListName, isOn: boolean): Diary['muted'] => (isOn ? roll.set(lists, list, true) : roll.remove(lists, list))

const departed = ({ left: before, lines: all }: Diary, list: ListName): Diary['left'] => {
  const next = roll.set(roll.remove(before, list), list, roll.nextPlace(all))
  const [oldest] = roll.size(next) > limits.listsLeft ? roll.names(next) : []
  return oldest === undefined ? next : roll.remove(next, oldest)
}

/** The diary behind a mark. Refuses as the inbox does, and with Unsent. */
export const marked = (diary: Diary, mark: Mark, room?: inbox.Room): Either<Refusal, Diary> => {
  switch (mark._tag) {
    case 'Sent': {
      const { ring, ...sent } = mark
      const { at, from, grant: { im, root, list, no }, text } = sent
      const again = roll.has(diary.sent, root)
      const lines = again ? { lines: diary.lines, characters: diary.characters } : written(diary, { at, list, no, from, text, ...(im === root ? {} : { again: true as const }) })
      return right(onward(diary, { lines: lines.lines, characters: lines.characters, sent: withSent(diary.sent, sent), kept: keep.withRing(diary.kept, sent.grant.ring, ring) }))
    }
    case 'Reported': {
      const own = roll.get(diary.sent, mark.im)
      return own === undefined ? left('Unsent') : right(onward(diary, { sent: roll.set(diary.sent, mark.im, { sent: own.sent, report: mark.report }) }))
    }
    case 'Muted': return right(onward(diary, { muted: turned(diary.muted, mark.list, mark.muted) }))
    case 'Apart': return right(onward(diary, { apart: turned(diary.apart, mark.list, mark.apart) }))
    case 'Left': return right(onward(diary, { left: departed(diary, mark.list) }))
    case 'Stored':
    case 'Closed':
    case 'Shown':
    case 'Forgotten': return ofInbox(diary, mark, room)
  }
}

/** The lines of the history, oldest first. */
export const lines = (diary: Diary): ReadonlyArray<inbox.Line> => trie.leaves(diary.lines).map(({ line }) => line)

/** Those of the history that were written since this member is on their list; of one that it has left, none. */
export const linesSince = (diary: Diary): ReadonlyArray<inbox.Line> =>
  trie.leaves(diary.lines).flatMap(({ key, line }) => (key >= (roll.get(diary.left, line.list) ?? 0) ? [line] : []))

const Row = t.readonly(t.strict({ sent: Sent, report: t.union([t.null, Report]) }))
type Row = t.TypeOf<typeof Row>

const Message = t.readonly(t.strict({ grant: Grant, granted: Signature, signed: Signature, salt: Tag, text: t.string }))

const Part = t.union([
  t.readonly(t.strict({ _tag: t.literal('Head'), position: Count, sent: Count, lines: Count })),
  /** a part of the inbox, as that one writes it */
  t.readonly(t.strict({ _tag: t.literal('Inbox'), part: t.unknown })),
  t.readonly(t.strict({ _tag: t.literal('Sent'), rows: t.readonlyArray(Row) })),
  t.readonly(t.strict({ _tag: t.literal('Lines'), lines: t.readonlyArray(inbox.Line) })),
  t.readonly(t.strict({ _tag: t.literal('Muted'), lists: t.readonlyArray(ListName) })),
  t.readonly(t.strict({ _tag: t.literal('Apart'), lists: t.readonlyArray(ListName) })),
  /** `lines`: so many, of all lists, are from before it was left */
  t.readonly(t.strict({ _tag: t.literal('Left'), lists: t.readonlyArray(t.readonly(t.strict({ list: ListName, lines: Count }))) })),
  /** messages as they were sealed, one list after the other, of each in the order in which they were taken */
  t.readonly(t.strict({ _tag: t.literal('Kept'), messages: t.readonlyArray(Message) })),
  /** the rings of these, and of own ones, the oldest first: one a part, since they may be large */
  t.readonly(t.strict({ _tag: t.literal('Rings'), rings: t.readonlyArray(t.readonly(t.strict({ hash: Digest, ring: keep.Ring }))) })),
])
type Part = t.TypeOf<typeof Part>

/** So many at a time. */
const inSlices = <A>(all: ReadonlyArray<A>, most: number, part: (slice: ReadonlyArray<A>) => Part): ReadonlyArray<() => Part> =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, i) => () => part(all.slice(i * most, (i + 1) * most)))

const parts = (diary: Diary): ReadonlyArray<() => Part> => {
  const own = roll.values(diary.sent)
  const all = lines(diary)
  const first = trie.first(diary.lines)?.key ?? roll.nextPlace(diary.lines)
  return [
    () => ({ _tag: 'Head', position: diary.position, sent: own.length, lines: all.length }),
    ...inbox.ledger.parts(diary.inbox).map((part) => (): Part => ({ _tag: 'Inbox', part: part() })),
    ...inSlices(own, limits.rootsInPart, (slice) => ({ _tag: 'Sent', rows: slice.map(({ sent, report }) => ({ sent, report: report ?? null })) })),
    ...inSlices(all, limits.rootsInPart, (slice) => ({ _tag: 'Lines', lines: slice })),
    ...inSlices(roll.names(diary.muted), limits.listsMuted, (lists) => ({ _tag: 'Muted', lists })),
    ...inSlices(roll.names(diary.apart), limits.listsApart, (lists) => ({ _tag: 'Apart', lists })),
    ...inSlices(roll.names(diary.left), limits.rootsInPart, (slice) => ({
      _tag: 'Left', lists: slice.map((list) => ({ list, lines: Math.max(0, (roll.get(diary.left, list) ?? 0) - first) })),
    })),
    ...inSlices(keep.messages(diary.kept), limits.rootsInPart, (slice) => ({ _tag: 'Kept', messages: slice })),
    ...inSlices(roll.names(diary.kept.rings), 1, (slice) => ({
      _tag: 'Rings', rings: slice.map((hash) => ({ hash, ring: roll.get(diary.kept.rings, hash) as keep.Ring })),
    })),
  ]
}

const rolled = (rows: ReadonlyArray<Row>): Diary['sent'] =>
  roll.from(rows.map(({ sent }) => sent.grant.im), (i) => {
    const { sent, report } = rows[i] as Row
    return { sent, report: report ?? undefined }
  })

const whole = (values: ReadonlyArray<unknown>): Either<string, Diary> => {
  const read = checkParts<Part>(Part, values)
  if (isLeft(read)) return read
  const [head, ...rest] = read.right
  if (head?._tag !== 'Head' || rest.some(({ _tag }) => _tag === 'Head')) return left('part 1: it is not the head, or not the only one')
  const before = inbox.ledger.whole(rest.flatMap((part) => (part._tag === 'Inbox' ? [part.part] : [])))
  if (isLeft(before)) return left(`the inbox: ${before.left}`)
  const rows = rest.flatMap((part) => (part._tag === 'Sent' ? part.rows : []))
  const all = rest.flatMap((part) => (part._tag === 'Lines' ? part.lines : []))
  if (rows.length !== head.sent || new Set(rows.map(({ sent }) => sent.grant.im)).size !== head.sent) return left(`there are not ${head.sent} own messages, each once`)
  if (all.length !== head.lines) return left(`there are ${all.length} lines, and the head says ${head.lines}`)
  const muted = rest.flatMap((part) => (part._tag === 'Muted' ? part.lists : []))
  const apart = rest.flatMap((part) => (part._tag === 'Apart' ? part.lists : []))
  const gone = rest.flatMap((part) => (part._tag === 'Left' ? part.lists : []))
  if (![muted, apart, gone.map(({ list }) => list)].every((lists) => new Set(lists).size === lists.length)) return left('a list is muted twice, twice not caught up, or left twice')
  const astray = gone.find((one) => one.lines > all.length)
  if (astray !== undefined) return left(`"${astray.list}" was left behind ${astray.lines} lines, and there are ${all.length}`)
  const rings = rest.flatMap((part) => (part._tag === 'Rings' ? part.rings : []))
  const least = before.right.position + rows.length + rows.filter(({ report }) => report !== null).length + muted.length + apart.length + gone.length
  if (head.position < least) return left(`${least} marks lead to it, and the head says ${head.position}`)
  return right({
    position: head.position,
    inbox: before.right,
    sent: rolled(rows),
    lines: trie.from(all.map((line, key) => ({ key, line }))),
    characters: all.reduce((sum, { text }) => sum + text.length, 0),
    muted: roll.from(muted, () => true),
    apart: roll.from(apart, () => true),
    left: roll.from(gone.map(({ list }) => list), (i) => gone[i]?.lines ?? 0),
    kept: rest.flatMap((part) => (part._tag === 'Kept' ? part.messages : [])).reduce(keep.withMessage, rings.reduce((kept, { hash, ring }) => keep.withRing(kept, hash, ring), keep.empty)),
  })
}

/** Of marks and parts as they are written, and of what marks mean. Parts of the inbox are among them: what raises its numbers raises these. */
const version = 3
const rules = 2

/** A mark means what it says, however little room there is now. */
const anyRoom: inbox.Room = { roots: Infinity, lines: Infinity }

/** What is kept of a report about a message that a program with less room has forgotten: nothing. */
const ofForgotten = (diary: Diary): Diary => onward(diary, {})

export const ledger: Ledger<Mark, Diary> = {
  what: 'diary',
  version,
  rules,
  record: Mark,
  position: ({ position }) => position,
  fold: (diary, mark) => {
    const next = marked(diary, mark, anyRoom)
    if (!isLeft(next)) return next
    return mark._tag === 'Reported' ? right(ofForgotten(diary)) : left(`mark ${diary.position + 1}, ${mark._tag}: ${next.left}`)
  },
  parts,
  whole,
}
