// Requests of a key: each executed at most once, a register by its nonce, and what a journal of them is worth.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isNone } from 'fp-ts/lib/Option.js'
import { operator, roll, self, server, type Address, type ContactName, type ListName, type Order, type ProcessId } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { address } from '../arbitraries/names.js'
import { roomy } from '../arbitraries/server.js'
import { reached } from '../model/commands.js'
import { about, complete, create, Desk, free, home, name, start, village } from '../model/desk.js'
import { rule } from '../protocol.js'

describe('requests of a key', () => {
  const seqs = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9).map((n) => n === 0)), { minLength: 1, maxLength: 60 })
  const begin: Order = start('l')

  /** Asks under those numbers, each a start of a message or one more that is refused; sees that each is executed at most once. */
  const atMostOnce = (numbers: ReadonlyArray<readonly [number, boolean]>, between: (stage: Desk) => void): void => {
    const stage = village({ ...free, maxOwnMessages: 5 })
    const outcomes = new Map<number, server.Outcome>()
    for (const [seq, isOldBoot] of numbers.map(([n, old]) => [n + 10, old] as const)) {
      const before = stage.state
      const response = stage.asked(1, begin, seq, stage.boot(1) - (isOldBoot ? 1 : 0))
      const last = Math.max(0, ...outcomes.keys())
      const known = outcomes.get(seq)
      if (isOldBoot) equal(stage.code(response), 409)
      else if (seq < last) equal(response, undefined)
      else {
        ok(response?._tag === 'Answered' && response.seq === seq && response.process === stage.state.process && response.at === stage.state.at)
        if (known !== undefined) deepEqual(response.outcome, known)
        outcomes.set(seq, response.outcome)
      }
      if (isOldBoot || seq < last || known !== undefined) deepEqual(stage.state, { ...before, at: stage.state.at })
      else equal(stage.state.position, before.position + 1)
      between(stage)
    }
    const done = [...outcomes.values()].filter(({ _tag }) => _tag === 'Right').length
    deepEqual([stage.state.ongoing, done], [done, Math.min(5, outcomes.size)])
  }

  it(rule('A3'), () => {
    fc.assert(fc.property(seqs, (numbers) => atMostOnce(numbers, () => undefined)), { numRuns: 500 })
    const stage = new Desk()
    for (const asked of [create('l'), { _tag: 'QueryLists' } as const, about('Exit', 'Me')]) equal(stage.ask(0, asked), 401)
    equal(stage.register(0, 'Me'), 200)
    equal(stage.code(stage.asked(0, create('l'), 5)), 200)
    const before = stage.state.position
    deepEqual([5, 4, 1].map((seq) => stage.code(stage.asked(0, { _tag: 'QueryLists' }, seq))), [200, 200, 200])
    equal(stage.state.position, before)
    equal(stage.code(stage.asked(0, about('Exit', 'Me'), 6)), 200)
    deepEqual(stage.effects.map(({ _tag }) => _tag), ['Part'])
    equal(stage.code(stage.asked(0, about('Exit', 'Me'), 6)), 401)
  })

  it(rule('A4'), () => {
    let process = 0
    const restart = (stage: Desk): void => void stage.give(self, { _tag: 'Start', process: (process += 1).toString(16).padStart(16, '0') as ProcessId, settings: server.settingsOf(free) })
    fc.assert(fc.property(seqs, (numbers) => atMostOnce(numbers, restart)), { numRuns: 300 })
    const stage = village()
    stage.give(operator, { _tag: 'Close', ms: 0 })
    equal(stage.ask(0, create('after')), 503)
    restart(stage)
    equal(stage.ask(0, create('after')), 200)
  })

  it(rule('A5'), () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), address()), { minLength: 1, maxLength: 20 }), (registers) => {
        const stage = village()
        const { im } = stage.granted(1, start('l'))
        const past = new Map([[1, stage.boot(1)]])
        let newest = 1
        for (const [which, from] of registers) {
          const before = stage.state
          equal(stage.register(1, 'Bob', { nonce: 100 + which, from }), 200)
          const repeated = newest === 100 + which
          // a repeated one ends no session: the other ones may be this process's own
          deepEqual(stage.effects.map((effect) => (effect._tag === 'Bind' ? effect.key : effect._tag)), repeated ? [] : [identity(1).seals])
          const was = roll.get(before.contacts, name('Bob'))?.card
          const stays = repeated && was?.ip === from.ip && was.port === from.port
          equal(stage.state.position, before.position + (stays ? 0 : 1))
          equal(stage.boot(1), repeated ? past.get(newest) : stage.state.position)
          const contact = roll.get(stage.state.contacts, name('Bob'))
          deepEqual([contact?.card.ip, contact?.card.port], [from.ip, from.port])
          if (repeated) deepEqual(contact?.bound, roll.get(before.contacts, name('Bob'))?.bound)
          newest = 100 + which
          past.set(newest, stage.boot(1))
        }
        equal(stage.code(stage.asked(1, complete(im, [0, 2]), 50, 2, true)), 409)
        equal(stage.completed(1, complete(im, [0, 2])), 'proof')
      }),
      { numRuns: 200 },
    )
  })

  it(rule('A13'), () => {
    const hurried = { keyRate: { perSecond: 100, burst: 3 }, classicRate: { perSecond: 200, burst: 4 }, registerRate: { perSecond: 50, burst: 3 } }
    const situation = roomy().map((bounds) => ({ ...bounds, maxReplyBytes: 60_000 })).chain((bounds) => fc.tuple(fc.constant({ ...bounds, ...hurried }), reached(bounds, 80)))
    let [fast, moves] = [0, 0]
    fc.assert(
      fc.property(situation, ([bounds, { inputs }]) => {
        const reduce = server.reduce(bounds)
        const journal: typeof inputs[number][] = []
        const lived = inputs.reduce((state, input) => {
          const step = reduce(state, input)
          if (step.state.position > state.position) journal.push(input)
          else deepEqual(server.recorded(step.state), server.recorded(state))
          ok(step.state.position - state.position <= 1)
          if (step.response._tag === 'Some' && server.classicReply(step.response.value).code === 430) fast += 1
          if (journal.at(-1) === input && input.command._tag === 'Moved') moves += 1
          return step.state
        }, server.initial)
        deepEqual(server.recorded(journal.reduce((state, input) => reduce(state, input).state, server.initial)), server.recorded(lived))
      }),
      { numRuns: 500 },
    )
    ok(fast > 100, `${fast} requests were too fast`)
    ok(moves > 100, `${moves} moves`)
  })

  it(rule('A14'), () => {
    const stage = village({ ...free, keyRate: { perSecond: 1, burst: 20 } })
    const [places, before] = [Array.from({ length: 40 }, (_, i) => ({ ...home, port: 30_000 + i }) as Address), stage.state.position]
    const seen = (): number | undefined => roll.get(stage.state.contacts, name('Bob'))?.card.port
    const shown = places.map((place, i) => {
      // a register that is repeated is answered however fast it comes
      if (i % 2 === 0) equal(stage.register(1, 'Bob', { from: place }), 200)
      else stage.give(self, { _tag: 'Moved', key: identity(1).seals, address: place })
      return seen() === place.port
    })
    const moved = shown.filter((isShown) => isShown).length
    deepEqual([moved, shown.lastIndexOf(true)], [stage.state.position - before, moved - 1])
    ok(moved > 10 && moved <= 20, `${moved} moves`)
    equal(stage.ask(1, create('x')), 430)
    equal(stage.ask(0, create('x')), 200)
    stage.now += 60_000
    stage.give(self, { _tag: 'Moved', key: identity(1).seals, address: home })
    equal(seen(), home.port)
  })

  it('cost what they cost, whatever comes between: orders and questions each for themselves', () => {
    const stage = village({ ...free, keyRate: { perSecond: 1, burst: 12 } })
    const asks = (what: Order, times: number): ReadonlyArray<number> => Array.from({ length: times }, () => stage.ask(1, what))
    const lists: Order = { _tag: 'QueryLists' }
    stage.now += 60_000
    deepEqual([asks(lists, 12), asks(create('l'), 12)].map((codes) => codes.every((code) => code !== 430)), [true, true])
    deepEqual([stage.ask(1, lists), stage.ask(1, create('l')), stage.ask(1, lists)], [430, 430, 430])
  })

  it('of the operator end the server at once where nothing is to be waited for, and are no record then', () => {
    const stage = village()
    equal(stage.ask(1, start('l')), 200)
    const before = stage.state
    stage.give(operator, { _tag: 'Close', ms: 0 })
    deepEqual(stage.effects, [{ _tag: 'Exit', why: { ongoing: 1 } }])
    deepEqual([stage.state.ended, stage.state.position], [true, before.position])
    // what was done is not refused for being asked again; what is new is
    const last = server.keyedBy(before, identity(1).seals)?.bound.last?.seq ?? 0
    deepEqual([last, last + 1].map((seq) => stage.code(stage.asked(1, start('l'), seq))), [200, 503])
    // of a server that ends, a stranger hears what he would have heard
    equal(stage.code(stage.asked(3, create('x'), 1)), 401)
  })

  it('get from a server that has ended what they get from one that runs, where nothing changes by it, and otherwise 503', () => {
    const any = fc.constantFrom<Order>(start('l'), { _tag: 'Release', list: 'l' as ListName, contact: 'Bob' as ContactName }, create('x'), { _tag: 'Leave', list: 'l' as ListName, contact: 'Bob' as ContactName }, about('Exit', 'Bob'), { _tag: 'QueryLists' })
    const met = new Set<string>()
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), any, fc.integer({ min: -2, max: 2 }), fc.integer({ min: -1, max: 1 }), (orders, order, ahead, other) => {
        const stage = village()
        for (const one of orders) stage.ask(1, one)
        const bound = server.keyedBy(stage.state, identity(1).seals)?.bound
        const asked = { _tag: 'Ask', boot: (bound?.boot ?? 5) + (other < 0 ? 1 : 0), seq: Math.max(0, (bound?.last?.seq ?? 1) + ahead), order, identity: undefined, address: undefined } as const
        const said = (state: server.State): string => {
          const { response, state: next } = server.reduce(free)(state, { at: state.at, by: { _tag: 'Key', key: identity(1).seals }, command: asked })
          const outcome = isNone(response) ? 'nothing' : JSON.stringify(server.sealedAnswer(server.outcomeOf(response.value)))
          return next.position === state.position ? outcome : 'done'
        }
        const running = said(stage.state)
        const late = said({ ...stage.state, ended: true })
        const isNew = running === 'done' || (order._tag === 'QueryLists' && running.includes('"code":200'))
        match(late, isNew ? /503/ : /./)
        if (!isNew) equal(late, running)
        met.add(late)
      }),
    )
    ok(met.size > 4, [...met].join())
  })

  it('registers of a server that has ended get what they got', () => {
    const stage = village()
    const state = { ...stage.state, ended: true }
    const bound = server.keyedBy(state, identity(1).seals)?.bound
    const said = (nonce: unknown, contact: string): unknown => {
      const order = { _tag: 'Register', contact, nonce, signs: identity(1).signs, proof: '' } as unknown as Order
      const { response } = server.reduce(free)(state, { at: state.at, by: { _tag: 'Key', key: identity(1).seals }, command: { _tag: 'Ask', boot: 0, seq: 9, order, identity: identity(1), address: home } })
      return isNone(response) ? undefined : server.sealedAnswer(server.outcomeOf(response.value))
    }
    deepEqual(said(bound?.nonce, 'Bob'), { code: 200, body: { _tag: 'Registered', boot: bound?.boot } })
    deepEqual([said('other', 'Bob'), said(bound?.nonce, 'Bobby')].map((it) => (it as { readonly code: number }).code), [503, 503])
  })
})
