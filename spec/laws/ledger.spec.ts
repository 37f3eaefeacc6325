// The directory as a store keeps it: records that are text, parts that are the whole of it, and nothing accepted that no directory could be.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { limits, operator, roll, self, server, type Stamped } from '../../core/index.js'
import { blow, struck } from '../arbitraries/damage.js'
import { identity } from '../arbitraries/keys.js'
import { roomy } from '../arbitraries/server.js'
import { reached, type Reached } from '../model/commands.js'
import { about, create, Desk, free, on, village, start } from '../model/desk.js'

type Config = server.Config
type Directory = server.Directory
type Input = Stamped<server.Command>

const ledger = server.ledger(server.defaults)

const asText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const partsOf = (directory: Directory): ReadonlyArray<unknown> => ledger.parts(directory).map((part) => asText(part()))

const certain = <A>(result: Either<string, A>): A => {
  if (isLeft(result)) throw new Error(result.left)
  return result.right
}

const rated = (bounds: Config): Config => ({ ...bounds, keyRate: { perSecond: 100, burst: 5 } })

const situation = (length: number): fc.Arbitrary<readonly [Config, Reached]> => roomy().map(rated).chain((bounds) => fc.tuple(fc.constant(bounds), reached(bounds, length)))

/** What parts keep: what records make, and the newest instant, at which whoever waits is looked at. */
const keptOf = (state: server.State): server.State => {
  const kept = server.recorded(state)
  return { ...kept, at: state.at, queue: { ...kept.queue, due: kept.queue.tickets.length === 0 ? undefined : state.at } }
}

/** Without the places, which are counted anew: what they say is the order. */
const shown = (state: server.State): unknown => [
  { ...state, contacts: undefined, lists: undefined },
  roll.values(state.contacts).map((contact) => ({ ...contact, lists: contact.lists.size })),
  roll.values(state.lists).map((list) => ({ ...list, members: server.membersOf(list) })),
]

const isRebuilt = (directory: Directory): void => {
  const parts = partsOf(directory)
  const again = certain(ledger.whole(parts))
  deepEqual(server.violations(again.state), [])
  deepEqual(again.settings, directory.settings)
  deepEqual(shown(again.state), shown(keptOf(directory.state)))
  deepEqual(partsOf(again), parts)
}

/** 70 contacts, one list that all are on and 40 of two each, the first contact on all of them. */
const crowd = (): Desk => {
  const stage = new Desk({ ...free, maxContacts: 100, maxReplyBytes: 60_000 })
  for (let n = 0; n < 70; n++) equal(stage.register(n, `contact ${n}`), 200)
  equal(stage.ask(0, create('all')), 200)
  for (let n = 0; n < 70; n++) equal(stage.ask(n, on('Join', 'all', `contact ${n}`)), 200)
  for (let n = 1; n <= 40; n++) {
    equal(stage.ask(n, create(`list ${n}`)), 200)
    for (const who of [n, 0]) equal(stage.ask(who, on('Join', `list ${n}`, `contact ${who}`)), 200)
  }
  equal(stage.ask(7, start('all')), 200)
  return stage
}

describe('a directory in parts', () => {
  it('is whole again, and taken apart as before', () => {
    fc.assert(fc.property(situation(60), ([bounds, { state }]) => isRebuilt(server.directory(state, bounds))), { numRuns: 500 })
  })

  it('is in parts of so many rows, however many there are', () => {
    const { state } = crowd()
    const directory = server.directory(state, free)
    isRebuilt(directory)
    const rows = partsOf(directory).map((part) => (part as { readonly rows?: ReadonlyArray<unknown> }).rows?.length)
    deepEqual(rows, [undefined, limits.contactsInPart, limits.contactsInPart, 70 - 2 * limits.contactsInPart, ...Array.from({ length: 5 }, () => limits.listsInPart), 1])
  })

  it('keeps that the server was to end, and by when, and that the lists are too many to name', () => {
    const stage = village({ ...free, maxReplyBytes: 60 })
    equal(stage.ask(1, start('l')), 200)
    stage.give(operator, { _tag: 'Close', ms: 5000 })
    for (const list of ['long name of a list', 'another one']) equal(stage.ask(1, create(list, 'open')), 200)
    deepEqual([stage.state.closing, stage.state.listing], [stage.now - 2 + 5000, server.refuse.ReplyTooLarge])
    isRebuilt(server.directory(stage.state, free))
  })

  it('keeps what a key owes that is nobody\'s, and forgets it a minute later', () => {
    const stage = village()
    const owed = (): ReadonlyArray<number> => stage.state.keyed.debts.map(({ locked }) => locked.length)
    const leave = (n: number): void => {
      equal(stage.ask(n, about('Exit', stage.name(n))), 200)
      isRebuilt(server.directory(stage.state, free))
    }
    stage.now = stage.granted(1, start('l')).until
    stage.give(self, server.wake)
    leave(1)
    deepEqual(owed(), [1])
    stage.now += 60_000
    leave(2)
    deepEqual(owed(), [])
  })

  it('goes on as the one that it was', () => {
    fc.assert(
      fc.property(situation(40), fc.nat(40), ([bounds, { inputs }], cut) => {
        const reduce = server.reduce(bounds)
        const run = (state: server.State, some: ReadonlyArray<Input>): server.State => some.reduce((so, input) => reduce(so, input).state, state)
        const middle = run(server.initial, inputs.slice(0, cut))
        const again = certain(ledger.whole(partsOf(server.directory(middle, bounds)))).state
        const rest = inputs.slice(cut)
        if (middle.ended) return
        deepEqual(partsOf(server.directory(run(again, rest), bounds)), partsOf(server.directory(run(middle, rest), bounds)))
      }),
      { numRuns: 200 },
    )
  })

  it('is refused where two grants of a list have numbers out of order', () => {
    const stage = village()
    for (const n of [1, 2]) equal(stage.ask(n, start('l')), 200)
    const parts = partsOf(server.directory(stage.state, free))
    // of the list's own messages, and not of the outcomes that contacts remember
    const other: Readonly<Record<string, string>> = { '1': '2', '2': '1' }
    const swapped = parts.map((part) => {
      const text = JSON.stringify(part)
      return JSON.parse(text.includes('"_tag":"Lists"') ? text.replace(/("list":"l","no":)(\d)/g, (_, before: string, no: string) => `${before}${other[no] ?? no}`) : text) as unknown
    })
    ok(isRight(ledger.whole(parts)))
    deepEqual(ledger.whole(swapped), { _tag: 'Left', left: 'list "l": its messages have numbers that are out of order' })
  })

  it('is refused where no directory could be so, and never taken for another', () => {
    const tally = { refused: 0, taken: 0 }
    fc.assert(
      fc.property(situation(60), fc.array(blow(), { minLength: 20, maxLength: 20 }), ([bounds, { state }], blows) => {
        const parts = partsOf(server.directory(state, bounds))
        for (const one of blows) {
          const whole = ledger.whole(struck(parts, one) as ReadonlyArray<unknown>)
          tally[isLeft(whole) ? 'refused' : 'taken'] += 1
          if (isRight(whole)) isRebuilt(whole.right)
          else match(whole.left, /^(part \d+|there are|two|contact|list)/)
        }
      }),
      { numRuns: 300 },
    )
    ok(tally.refused > 1000 && tally.taken > 300, JSON.stringify(tally))
  })

  const stage = village()
  equal(stage.ask(0, create('c', 'closed')), 200)
  equal(stage.ask(0, on('Join', 'c', 'Alice')), 200)
  equal(stage.ask(0, on('Invite', 'c', 'Bob')), 200)
  const [bobs, mallorys] = [stage.granted(1, start('l')), stage.granted(2, start('l'))]
  const [first, second] = [bobs, mallorys].map(({ im }) => Number.parseInt(im.slice(16), 16)) as [number, number]
  const text = JSON.stringify(partsOf(server.directory(stage.state, free)))
  const [alice, bob, mallory] = [0, 1, 2].map((n) => identity(n))
  const wrongs: ReadonlyArray<readonly [string, string, RegExp]> = [
    ['"_tag":"Head"', '"_tag":"Hat"', /^part 1 of 3: .*not Part$/],
    ['"_tag":"Contacts"', '"_tag":"Lists"', /^part 2 of 3: .*rows/],
    ['"contacts":4', '"contacts":5', /^there are 4 contacts, and the head says 5$/],
    ['"lists":3', '"lists":2', /^there are 3 lists, and the head says 2$/],
    ['"name":"Bob"', '"name":"Alice"', /two contacts have the same name/],
    [`"id":"${bob?.id ?? ''}"`, `"id":"${alice?.id ?? ''}"`, /two contacts have the same id/],
    [`"seals":"${bob?.seals ?? ''}"`, `"seals":"${alice?.seals ?? ''}"`, /two contacts have the same key/],
    ['"skeletons":["bob"]', '"skeletons":["alice"]', /look alike/],
    ['"skeletons":["bob"]', '"skeletons":[]', /contact "Bob" has no skeleton/],
    ['"boot":2', '"boot":1', /two contacts have the same boot/],
    ['"boot":2', '"boot":99', /contact "Bob" was registered at 99, and the position is/],
    ['"port":22000', '"port":0', /^part 2 of 3: rows\.0\.port is not Port$/],
    ['"name":"o","policy"', '"name":"l","policy"', /two lists have the same name/],
    ['"Alice","Bob","Mallory"', '"Alice","Bob","Bob"', /list "l": it has a member or a guest twice/],
    ['"Alice","Bob","Mallory"', '"Alice","Bob","Nobody"', /list "l": its member "Nobody" is no contact/],
    ['"Alice","Bob","Mallory"', '"Alice","Bob","Carol"', /list "l": its member "Carol" may not be on it/],
    ['"members":["Alice"]', '"members":["Mallory"]', /list "c": its member "Mallory" may not be on it/],
    [`"guests":["${bob?.id ?? ''}"]`, `"guests":["${'0'.repeat(64)}"]`, /its owner or guest 0+ is no contact/],
    [`"owner":"${alice?.id ?? ''}"`, `"owner":"${'1'.repeat(64)}"`, /its owner or guest 1+ is no contact/],
    [`"id":${second},"initiator":"Mallory"`, `"id":${first},"initiator":"Mallory"`, /two messages have the same number/],
    [`"id":${first},"initiator":"Bob"`, `"id":${second + 1},"initiator":"Bob"`, /list "l": its message \d+ is out of order/],
    ['"initiator":"Bob"', '"initiator":"Carol"', /list "l": its message \d+ is by "Carol", no member/],
    ['"initiator":"Bob"', '"initiator":"Alice"', /list "l": its message \d+ has a grant that was not given for it/],
    [`"im":"${bobs.im}"`, `"im":"${mallorys.im}"`, /was not given for it/],
    [`"epoch":${bobs.epoch},"ring":"${bobs.ring}","initiator"`, `"epoch":${bobs.epoch - 1},"ring":"${bobs.ring}","initiator"`, /was not given for it/],
    ['"path":[0,2]', '"path":[0,1]', /was not given for it/],
    ['"path":[0,2]', '"path":[2,0]', /was not given for it/],
    ['"path":[0,2]', '"path":[]', /was not given for it/],
    [`"until":${bobs.until}}`, `"until":${bobs.until + 1}}`, /was not given for it/],
    [`"epoch":${bobs.epoch},"ring":"${bobs.ring}","no"`, `"epoch":0,"ring":"${bobs.ring}","no"`, /list "l": its epoch is 0, and the position is/],
    ['"locked":[]', '"locked":[{"from":5,"to":5}]', /times of locks that are out of order/],
    ['"debts":[]', `"debts":[{"key":"${'9'.repeat(64)}","locked":[]}]`, /a key owes time that is out of order/],
    ['"debts":[]', `"debts":[{"key":"${bob?.seals ?? ''}","locked":[{"from":5,"to":6}]}]`, /a key that owes time is there twice/],
  ]
  for (const [was, is, reason] of wrongs) {
    it(`is refused with ${is.slice(0, 40)} in place of ${was.slice(0, 40)}`, () => {
      ok(mallory !== undefined && text.includes(was), text)
      // what is said of a grant stands with the outcome that its initiator got first, and then with the message
      const at = /not given/.test(reason.source) ? text.lastIndexOf(was) : text.indexOf(was)
      const whole = ledger.whole(JSON.parse(text.slice(0, at) + is + text.slice(at + was.length)) as ReadonlyArray<unknown>)
      match(isLeft(whole) ? whole.left : 'whole', reason)
    })
  }

  it('is refused with its parts in another order, or without one of them', () => {
    const [head, contacts, lists] = JSON.parse(text) as ReadonlyArray<unknown>
    for (const parts of [[], [contacts, lists], [head, lists, contacts], [head, contacts], [head, head, contacts, lists], [head, contacts, lists, lists], [contacts, head, lists]]) {
      ok(isLeft(ledger.whole(parts)))
    }
    ok(isRight(ledger.whole([head, contacts, lists])))
  })
})
