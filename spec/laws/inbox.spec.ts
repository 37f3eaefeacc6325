// What a peer has taken of messages, each once, beside a model that remembers everything.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { check, inbox, limits, roll, type ContactName, type ImId, type Instant, type ListName, type ProcessId } from '../../core/index.js'
import { blow, struck } from '../arbitraries/damage.js'
import { anyContactName, anyListName, record } from '../arbitraries/names.js'

const { ledger } = inbox

/** ms behind its end at which a root may be forgotten: for a week it can be sent again, and then be on its way for a lease */
const forgottenMs = limits.inboxMarginMs + limits.longestLeaseMs
const processes = ['a', 'b'].map((digit) => digit.repeat(16) as ProcessId)
const rootAt = (n: number): ImId => `${processes[n % 2] ?? ''}${n.toString(16).padStart(12, '0')}` as ImId

const root = (): fc.Arbitrary<ImId> => fc.nat(11).map(rootAt)
const until = (): fc.Arbitrary<inbox.Until> => record({ process: fc.constantFrom(...processes), at: fc.nat(20) as unknown as fc.Arbitrary<Instant> })
const line = (): fc.Arbitrary<inbox.Line> => record({ at: fc.nat() as unknown as fc.Arbitrary<Instant>, list: anyListName(), no: fc.nat(1000), from: anyContactName(), text: fc.string({ unit: 'grapheme' }) })

/** A mark about one root. */
type RootMark = Exclude<inbox.Mark, { readonly _tag: 'Forgotten' }>

const mark = (): fc.Arbitrary<RootMark> =>
  fc.oneof(
    { weight: 4, arbitrary: record({ _tag: fc.constant('Stored' as const), root: root(), until: until(), line: line() }) },
    { weight: 1, arbitrary: record({ _tag: fc.constant('Closed' as const), root: root(), until: until() }) },
    { weight: 4, arbitrary: record({ _tag: fc.constant('Shown' as const), root: root() }) },
  )

const marks = (): fc.Arbitrary<ReadonlyArray<RootMark>> => fc.array(mark(), { maxLength: 60, size: 'max' })

/** The marks that are set, in order, and where they lead. */
const lived = (all: ReadonlyArray<inbox.Mark>, from = inbox.empty): Life =>
  all.reduce<Life>((so, one) => following(so, one), { state: from, set: [] })

interface Life {
  readonly state: inbox.Inbox
  readonly set: ReadonlyArray<inbox.Mark>
}

/** With the mark, if it is set. */
const following = ({ state, set }: Life, one: inbox.Mark, room?: inbox.Room): Life => {
  const next = inbox.marked(state, one, room)
  return isLeft(next) ? { state, set } : { state: next.right, set: [...set, one] }
}

/** The newest instants that processes have shown, such that all that ended by these is over. */
const clocks = (ended: ReadonlyArray<number>) => (process: ProcessId): Instant | undefined => {
  const at = ended[processes.indexOf(process)] ?? 0
  return at === 0 ? undefined : ((at + forgottenMs) as Instant)
}

const anyEnded = (): fc.Arbitrary<ReadonlyArray<number>> => fc.array(fc.nat(20), { minLength: 2, maxLength: 2 })

/** The inbox that forgets what it may. */
const forgetful = (state: inbox.Inbox, clock: ReturnType<typeof clocks>): inbox.Inbox => {
  const forgotten = inbox.forgetting(state, clock)
  return forgotten === undefined ? state : lived([forgotten], state).state
}

/** What its records make of an empty inbox. */
const folded = (set: ReadonlyArray<inbox.Mark>): inbox.Inbox =>
  set.reduce((so, one) => {
    const read = check(ledger.record, asText(one))
    ok(isRight(read), isLeft(read) ? read.left : '')
    const next = ledger.fold(so, read.right)
    ok(isRight(next), isLeft(next) ? next.left : '')
    return next.right
  }, inbox.empty)

const asText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const partsOf = (state: inbox.Inbox): ReadonlyArray<unknown> => ledger.parts(state).map((part) => asText(part()))

describe('an inbox', () => {
  it('takes each root once, shows it once, and never what it closed', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(marks(), (all) => {
        const known = new Map<ImId, 'stored' | 'shown' | 'closed'>()
        const due: ImId[] = []
        all.reduce((state, one) => {
          const was = known.get(one.root)
          const isRight = one._tag === 'Shown' ? was === 'stored' : was === undefined
          const next = inbox.marked(state, one)
          met.add(`${one._tag} ${isLeft(next) ? next.left : 'set'} ${was ?? 'open'}`)
          equal(isLeft(next), !isRight)
          if (isLeft(next)) return state
          if (one._tag === 'Stored') due.push(one.root)
          if (one._tag === 'Shown') due.splice(due.indexOf(one.root), 1)
          known.set(one.root, one._tag === 'Stored' ? 'stored' : one._tag === 'Closed' ? 'closed' : 'shown')
          deepEqual(inbox.unshown(next.right).map((it) => it.root), due)
          deepEqual([next.right.waiting, next.right.position, roll.size(next.right.roots)], [due.length, state.position + 1, known.size])
          deepEqual(roll.names(next.right.roots).map((it) => roll.get(next.right.roots, it)?.status), [...known.values()])
          return next.right
        }, inbox.empty)
      }),
      { numRuns: 500 },
    )
    for (const one of ['Stored Settled stored', 'Stored Settled shown', 'Stored Settled closed', 'Closed Settled stored', 'Shown NotStored open', 'Shown NotStored closed', 'Shown NotStored shown']) ok(met.has(one), one)
  })

  it('is its marks, folded, and its parts, put together', () => {
    fc.assert(
      fc.property(marks(), (all) => {
        const { state, set } = lived(all)
        deepEqual(folded(set), state)
        const parts = partsOf(state)
        const whole = ledger.whole(parts)
        ok(isRight(whole), isLeft(whole) ? whole.left : '')
        deepEqual([whole.right, partsOf(whole.right)], [state, parts])
        for (const one of all) {
          const again = ledger.fold(state, one)
          if (isLeft(again)) match(again.left, /^mark \d+, \w+ of [0-9a-f]{28}: its root is/)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('forgets only what is over by the clock that granted it, and means the same without it', () => {
    const met = { forgotten: 0, kept: 0 }
    fc.assert(
      fc.property(marks(), marks(), anyEnded(), (before, later, ended) => {
        const { state } = lived(before)
        const now = clocks(ended)
        const short = forgetful(state, now)
        const isOver = (of: ImId): boolean => {
          const known = roll.get(state.roots, of)
          return known !== undefined && known.status !== 'stored' && (now(known.until.process) ?? 0) >= known.until.at + forgottenMs
        }
        deepEqual(roll.names(short.roots), roll.names(state.roots).filter((of) => !isOver(of)))
        equal(inbox.forgetting(short, now), undefined)
        met.forgotten += roll.size(state.roots) - roll.size(short.roots)
        met.kept += roll.size(short.roots)
        const isOne = roll.names(state.roots).some(isOver)
        deepEqual([short.position, short.waiting, inbox.unshown(short)], [state.position + (isOne ? 1 : 0), state.waiting, inbox.unshown(state)])
        // no copy of what is over is taken any more, and what was shown is not shown again
        const rest = later.filter(({ root: of }) => !isOver(of))
        deepEqual(partsOf(forgetful(lived(rest, short).state, now)).slice(1), partsOf(forgetful(lived(rest, state).state, now)).slice(1))
        deepEqual(lived(rest, short).set, lived(rest, state).set)
      }),
      { numRuns: 500 },
    )
    ok(met.forgotten > 200 && met.kept > 200, JSON.stringify(met))
  })

  it('is its marks, folded, also where it forgot, and was full', () => {
    const met = { forgotten: 0, full: 0, again: 0 }
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 6, arbitrary: mark() }, { weight: 1, arbitrary: anyEnded() }), { maxLength: 60, size: 'max' }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), (all, roots, lines) => {
        const known = new Set<ImId>()
        const { state, set } = all.reduce<Life>((so, one) => {
          const wanted = '_tag' in one ? one : inbox.forgetting(so.state, clocks(one))
          if (wanted === undefined) return so
          const next = inbox.marked(so.state, wanted, { roots, lines })
          if (isLeft(next) && next.left === 'Full') met.full += 1
          if (wanted._tag === 'Forgotten') met.forgotten += 1
          if (isRight(next) && (wanted._tag === 'Stored' || wanted._tag === 'Closed')) met.again += known.size < known.add(wanted.root).size ? 0 : 1
          return following(so, wanted, { roots, lines })
        }, { state: inbox.empty, set: [] })
        ok(roll.size(state.roots) <= roots && state.waiting <= lines)
        const again = folded(set)
        deepEqual([partsOf(again), again.waiting], [partsOf(state), state.waiting])
      }),
      { numRuns: 1000 },
    )
    ok(met.forgotten > 200 && met.full > 200 && met.again > 50, JSON.stringify(met))
  })

  it('takes in a fold whatever was taken, also where there is less room now', () => {
    const close = (n: number): inbox.Mark => ({ _tag: 'Closed', root: rootAt(n), until: { process: processes[0] as ProcessId, at: 1 as Instant } })
    const full: inbox.Inbox = { position: limits.inboxRoots, roots: roll.from(Array.from({ length: limits.inboxRoots }, (_, i) => rootAt(i)), () => ({ status: 'closed', until: { process: processes[0] as ProcessId, at: 1 as Instant }, line: null })), waiting: 0 }
    deepEqual([isLeft(inbox.marked(full, close(99_999))), isRight(ledger.fold(full, close(99_999)))], [true, true])
    deepEqual(ledger.fold(full, { _tag: 'Forgotten', ended: [] }), { _tag: 'Left', left: `mark ${limits.inboxRoots + 1}, Forgotten: nothing of it is there` })
  })

  it('has room for so many roots, and for so many lines that are not shown', () => {
    const end: inbox.Until = { process: processes[0] as ProcessId, at: 1 as Instant }
    const short: inbox.Line = { at: 0 as Instant, list: 'l' as ListName, no: 1, from: 'Me' as ContactName, text: '' }
    const settled = (n: number, status: 'stored' | 'closed'): inbox.Inbox => ({
      position: n,
      roots: roll.from(Array.from({ length: n }, (_, i) => rootAt(i)), () => ({ status, until: end, line: status === 'stored' ? short : null })),
      waiting: status === 'stored' ? n : 0,
    })
    const stored: inbox.Mark = { _tag: 'Stored', root: rootAt(99_999), until: end, line: short }
    const closed: inbox.Mark = { _tag: 'Closed', root: rootAt(99_999), until: end }
    const refusal = (state: inbox.Inbox, one: inbox.Mark): string => {
      const next = inbox.marked(state, one)
      return isLeft(next) ? next.left : 'set'
    }
    deepEqual([limits.inboxLines - 1, limits.inboxLines].map((n) => refusal(settled(n, 'stored'), stored)), ['set', 'Full'])
    equal(refusal(settled(limits.inboxLines, 'stored'), closed), 'set')
    deepEqual([limits.inboxRoots - 1, limits.inboxRoots].map((n) => [stored, closed].map((one) => refusal(settled(n, 'closed'), one))), [['set', 'set'], ['Full', 'Full']])
    equal(refusal(forgetful(settled(limits.inboxRoots, 'closed'), () => (forgottenMs + 1) as Instant), stored), 'set')
    deepEqual(ledger.parts(settled(40, 'closed')).length, 1 + Math.ceil(40 / limits.rootsInPart))
  })

  it('is not taken from parts that no inbox has', () => {
    const [head, rows] = partsOf(lived([{ _tag: 'Stored', root: rootAt(1), until: { process: processes[0] as ProcessId, at: 1 as Instant }, line: { at: 0 as Instant, list: 'l' as ListName, no: 1, from: 'Me' as ContactName, text: '' } }, { _tag: 'Shown', root: rootAt(1) }]).state)
    deepEqual(ledger.whole([{ ...(head as object), position: 1 }, rows]), { _tag: 'Left', left: '2 marks lead to it, and the head says 1' })
    const tally = { refused: 0, taken: 0 }
    fc.assert(
      fc.property(marks(), fc.array(blow(), { minLength: 20, maxLength: 20 }), (all, blows) => {
        const parts = partsOf(lived(all).state)
        for (const one of blows) {
          const whole = ledger.whole(struck(parts, one) as ReadonlyArray<unknown>)
          tally[isLeft(whole) ? 'refused' : 'taken'] += 1
          if (isLeft(whole)) match(whole.left, /^(part \d+|there are|root|\d+ marks)/)
          else {
            equal(whole.right.waiting, inbox.unshown(whole.right).length)
            deepEqual(ledger.whole(partsOf(whole.right)), whole)
          }
        }
      }),
      { numRuns: 300 },
    )
    ok(tally.refused > 1000 && tally.taken > 100, JSON.stringify(tally))
  })
})
