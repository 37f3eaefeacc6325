// What a peer must not forget, as a store keeps it: the diary is its marks, folded, and its parts, put together.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { check, diary, kept, limits, roll, type ContactName, type Digest, type Host, type Port, type ImId, type Instant, type ListName, type ProcessId, type sealed, type Signature, type Tag } from '../../core/index.js'
import { blow, struck } from '../arbitraries/damage.js'
import { anyContactName, anyListName, record } from '../arbitraries/names.js'

const { ledger } = diary
const process = 'a'.repeat(16) as ProcessId
const rootAt = (n: number): ImId => `${process}${n.toString(16).padStart(12, '0')}` as ImId

const instant = (): fc.Arbitrary<Instant> => fc.nat() as unknown as fc.Arbitrary<Instant>
const text = (): fc.Arbitrary<string> => fc.string({ unit: 'grapheme', maxLength: 20 })
const names = (): fc.Arbitrary<ReadonlyArray<ContactName>> => fc.array(anyContactName(), { maxLength: 3 })

/** An own message of that number, sent again under a later one where `again` is another. */
const sent = (): fc.Arbitrary<diary.Sent> =>
  fc.record({ n: fc.nat(5), again: fc.nat(5), at: instant(), from: anyContactName(), list: anyListName(), no: fc.nat(9), text: text() }).map(({ n, again, at, from, list, no, text: said }) => ({
    _tag: 'Sent', at, from, text: said, salt: '0'.repeat(32) as Tag, granted: '1'.repeat(128) as Signature,
    grant: {
      im: rootAt(n), root: rootAt(Math.min(n, again)), list, no, epoch: 1, ring: String(n).repeat(64) as Digest, initiator: 0, path: [1],
      commit: '3'.repeat(64) as Digest, size: 1, until: at,
    },
  }))

/** Nobody is on it but some who are in clear: their keys would say no more. */
const ring = (): fc.Arbitrary<{ readonly ring?: kept.Ring }> =>
  fc.oneof(fc.constant({}), fc.tuple(anyListName(), fc.nat(9), fc.array(anyContactName(), { maxLength: 3 })).map(([list, epoch, all]) => ({
    ring: { list, epoch, members: all.map((name) => ({ _tag: 'Classic' as const, name, ip: '192.0.2.1' as Host, port: 22_000 as Port })) },
  })))

/** A message with its seals, as it went round or was caught up. */
const taken = (): fc.Arbitrary<diary.Mark> =>
  fc.tuple(sent(), fc.boolean(), ring()).map(([{ grant, granted, salt, from, at, text: said }, isLate, seat]) => ({
    _tag: 'Stored', root: grant.root, until: { process, at: grant.until }, line: { at, list: grant.list, no: grant.no, from, text: said, ...(isLate ? { caughtUp: true as const } : {}) },
    seals: { grant, granted, signed: granted, salt, ...seat },
  }))

const mark = (): fc.Arbitrary<diary.Mark> =>
  fc.oneof(
    fc.tuple(sent(), ring()).map(([one, seat]) => ({ ...one, ...seat })),
    record({ _tag: fc.constant('Reported' as const), im: fc.nat(5).map(rootAt), report: record({ delivered: names(), undelivered: names(), unknown: names() }) }),
    record({
      _tag: fc.constant('Stored' as const), root: fc.nat(9).map(rootAt), until: record({ process: fc.constant(process), at: instant() }),
      line: record({ at: instant(), list: anyListName(), no: fc.nat(9), from: anyContactName(), text: text() }),
    }),
    taken(),
    record({ _tag: fc.constant('Apart' as const), list: anyListName(), apart: fc.boolean() }),
    record({ _tag: fc.constant('Left' as const), list: anyListName() }),
    record({ _tag: fc.constant('Closed' as const), root: fc.nat(9).map(rootAt), until: record({ process: fc.constant(process), at: instant() }) }),
    record({ _tag: fc.constant('Shown' as const), root: fc.nat(9).map(rootAt) }),
    record({ _tag: fc.constant('Muted' as const), list: anyListName(), muted: fc.boolean() }),
  )

const marks = (): fc.Arbitrary<ReadonlyArray<diary.Mark>> => fc.array(mark(), { maxLength: 60, size: 'max' })

interface Life {
  readonly state: diary.Diary
  readonly set: ReadonlyArray<diary.Mark>
}

/** The marks that are set, in order, and where they lead. */
const lived = (all: ReadonlyArray<diary.Mark>): Life =>
  all.reduce<Life>(({ state, set }, one) => {
    const next = diary.marked(state, one)
    return isLeft(next) ? { state, set } : { state: next.right, set: [...set, one] }
  }, { state: diary.empty, set: [] })

const asText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const partsOf = (state: diary.Diary): ReadonlyArray<unknown> => ledger.parts(state).map((part) => asText(part()))

/** What its records make of an empty diary. */
const folded = (set: ReadonlyArray<diary.Mark>): diary.Diary =>
  set.reduce((so, one) => {
    const read = check(ledger.record, asText(one))
    ok(isRight(read), isLeft(read) ? read.left : '')
    const next = ledger.fold(so, read.right)
    ok(isRight(next), isLeft(next) ? next.left : '')
    return next.right
  }, diary.empty)

describe('a diary', () => {
  it('is its marks, folded, and its parts, put together', () => {
    const met = { reported: 0, again: 0, lines: 0, muted: 0, kept: 0, apart: 0, rings: 0 }
    fc.assert(
      fc.property(marks(), (all) => {
        const { state, set } = lived(all)
        equal(state.position, set.length)
        deepEqual(folded(set), state)
        const parts = partsOf(state)
        const whole = ledger.whole(parts)
        ok(isRight(whole), isLeft(whole) ? whole.left : '')
        deepEqual(partsOf(whole.right), parts)
        deepEqual([diary.lines(whole.right), whole.right.characters, roll.values(whole.right.sent), whole.right.inbox, roll.names(whole.right.muted)], [diary.lines(state), state.characters, roll.values(state.sent), state.inbox, roll.names(state.muted)])
        met.muted += roll.size(state.muted)
        met.apart += roll.size(state.apart)
        met.rings += roll.size(state.kept.rings)
        deepEqual([roll.values(whole.right.kept.rings), whole.right.kept.seats], [roll.values(state.kept.rings), state.kept.seats])
        met.kept += kept.messages(state.kept).length
        deepEqual([kept.messages(whole.right.kept), whole.right.kept.bytes, roll.names(whole.right.apart)], [kept.messages(state.kept), state.kept.bytes, roll.names(state.apart)])
        met.reported += roll.values(state.sent).filter(({ report }) => report !== undefined).length
        met.again += set.filter((one) => one._tag === 'Sent' && one.grant.root !== one.grant.im).length
        met.lines += diary.lines(state).length
      }),
      { numRuns: 300 },
    )
    ok(met.reported > 0 && met.again > 0 && met.lines > 0 && met.muted > 0 && met.apart > 0 && met.kept > 0 && met.rings > 0)
  })

  it('goes on from its parts as from its marks', () => {
    fc.assert(
      fc.property(marks(), marks(), (before, later) => {
        const { state } = lived(before)
        const whole = ledger.whole(partsOf(state))
        ok(isRight(whole))
        for (const one of later) equal(isRight(diary.marked(whole.right, one)), isRight(diary.marked(state, one)))
        const both = [state, whole.right].map((from) => later.reduce((so, one) => {
          const next = diary.marked(so, one)
          return isRight(next) ? next.right : so
        }, from))
        deepEqual(both.map(partsOf).map(asText)[0], both.map(partsOf).map(asText)[1])
      }),
      { numRuns: 200 },
    )
  })

  it('keeps no more lines, characters and own messages than it may, the newest', () => {
    const line = (n: number, said: string): diary.Mark => ({
      _tag: 'Stored', root: rootAt(n), until: { process, at: 0 as Instant }, line: { at: n as Instant, list: 'l' as ListName, no: n, from: 'a' as ContactName, text: said },
    })
    const shown = (n: number): diary.Mark => ({ _tag: 'Shown', root: rootAt(n) })
    const many = lived(Array.from({ length: limits.historyLines + 5 }, (_, n) => [line(n, 'x'), shown(n)]).flat()).state
    deepEqual([diary.lines(many).length, diary.lines(many)[0]?.no], [limits.historyLines, 5])
    const long = 'x'.repeat(limits.historyCharacters / 4)
    const wide = lived(Array.from({ length: 6 }, (_, n) => line(n, long))).state
    deepEqual([diary.lines(wide).map(({ no }) => no), wide.characters], [[2, 3, 4, 5], limits.historyCharacters])
  })

  it('keeps of each list for others no more messages and bytes than it may, the newest, and of all lists no more bytes', () => {
    const one = (n: number, list: string, size: number): sealed.Envelope => ({
      grant: { im: rootAt(n), root: rootAt(n), list: list as ListName, no: n, epoch: 1, ring: '2'.repeat(64) as Digest, initiator: 0, path: [1], commit: '3'.repeat(64) as Digest, size, until: 0 as Instant },
      granted: '1'.repeat(128) as Signature, signed: '1'.repeat(128) as Signature, salt: '0'.repeat(32) as Tag, text: '',
    })
    const numbers = (of: kept.Kept, list: string): ReadonlyArray<number> => kept.ofList(of, list as ListName).map(({ grant }) => grant.no)
    const many = Array.from({ length: limits.keptMessages + 3 }, (_, n) => one(n, 'a', 1)).reduce(kept.withMessage, kept.empty)
    deepEqual([numbers(many, 'a').length, numbers(many, 'a')[0]], [limits.keptMessages, 3])
    const large = limits.keptBytes / 4 - limits.envelopeBytes
    const wide = Array.from({ length: 6 }, (_, n) => one(n, 'a', large)).reduce(kept.withMessage, kept.empty)
    deepEqual([numbers(wide, 'a'), wide.bytes], [[2, 3, 4, 5], limits.keptBytes])
    const lists = 'abcdefghij'.split('')
    const all = lists.flatMap((list, i) => Array.from({ length: 4 }, (_, n) => one(4 * i + n, list, large))).reduce(kept.withMessage, kept.empty)
    deepEqual([all.bytes, kept.messages(all).reduce((sum, { grant: { size } }) => sum + size + limits.envelopeBytes, 0)], [limits.keptBytesInAll, limits.keptBytesInAll])
    deepEqual(lists.map((list) => numbers(all, list).length > 0), lists.map(() => true))
  })

  it('keeps the rings of these, within a bound of their members, and the newest whatever its size', () => {
    const hash = (n: number): Digest => n.toString(16).padStart(64, '0') as Digest
    const of = (members: number): kept.Ring => ({
      list: 'l' as ListName, epoch: 1,
      members: Array.from({ length: members }, () => ({ _tag: 'Classic' as const, name: 'a' as ContactName, ip: '192.0.2.1' as Host, port: 22_000 as Port })),
    })
    const many = Array.from({ length: 5 }, (_, n) => n).reduce((so, n) => kept.withRing(so, hash(n), of(limits.keptSeats / 4)), kept.empty)
    deepEqual([roll.names(many.rings), many.seats], [[1, 2, 3, 4].map(hash), limits.keptSeats])
    equal(kept.withRing(many, hash(2), of(3)), many)
    const large = kept.withRing(many, hash(9), of(limits.keptSeats + 1))
    deepEqual([roll.names(large.rings), large.seats], [[hash(9)], limits.keptSeats + 1])
  })

  it('takes a report of what a program with less room has forgotten, and no other contradiction', () => {
    const report: diary.Mark = { _tag: 'Reported', im: rootAt(1), report: { delivered: [], undelivered: [], unknown: [] } }
    const next = ledger.fold(diary.empty, report)
    ok(isRight(next))
    deepEqual([next.right.position, roll.size(next.right.sent)], [1, 0])
    const wrong = ledger.fold(diary.empty, { _tag: 'Shown', root: rootAt(1) })
    ok(isLeft(wrong))
    match(wrong.left, /^mark 1, Shown: NotStored$/)
  })

  it('is put together of nothing that is damaged where it can be told', () => {
    fc.assert(
      fc.property(marks().filter((all) => lived(all).set.length > 0), blow(), (all, one) => {
        const { state } = lived(all)
        const parts = partsOf(state)
        const damaged = struck(parts, one)
        const whole = ledger.whole(damaged as ReadonlyArray<unknown>)
        if (isRight(whole)) ok(partsOf(whole.right).length > 0)
      }),
    )
    const parts = partsOf(lived([]).state)
    for (const missing of [[], parts.slice(1), [parts[0]], [parts[0], parts[0], ...parts.slice(1)]]) ok(isLeft(ledger.whole(missing)))
  })
})
