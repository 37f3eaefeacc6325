// How long a message may go round, whom it is charged to, and which members a grant means.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { agenda, limits, roll, self, server } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { about, complete, create, Desk, free, on, start, village } from '../model/desk.js'
import { endOf, isLive, liveIn, restarted, traffic } from '../model/traffic.js'
import { rule } from '../protocol.js'

describe('leases', () => {
  it(rule('G5'), () => {
    const machine = server.machine(free)
    let [longest, ended] = [0, 0]
    fc.assert(
      fc.property(traffic(60), (run) => {
        const [first] = run
        if (first === undefined) return
        let [state, started] = [first.before, 0]
        for (const { input } of run) {
          // the clock is looked at when something is due, as a driver does
          for (let due = machine.wakeAt(state); due._tag === 'Some' && due.value <= input.at; due = machine.wakeAt(state)) {
            const before = state.ongoing
            state = machine.reduce(state, { at: due.value, by: self, command: server.wake }).state
            ended += before - state.ongoing
            ok(state.ongoing < before || state.ended)
          }
          for (const { im, granted: { lease } } of liveIn(state)) {
            ok(input.at < Math.max(im.since, started) + lease, `${im.id} goes on at ${input.at}`)
            longest = Math.max(longest, input.at - im.since)
          }
          state = machine.reduce(state, input).state
          if (input.command._tag === 'Start' && input.by._tag === 'Self') started = state.at
        }
      }),
      { numRuns: 1000 },
    )
    ok(longest > 8000 && ended > 200, `${longest} ms, ${ended} ended by their time`)
  })

  it(rule('G6'), () => {
    const stage = village()
    const { im, until } = stage.granted(1, start('l'))
    const lease = liveIn(stage.state)[0]?.granted.lease ?? 0
    const machine = server.machine(free)
    deepEqual(machine.wakeAt(stage.state), { _tag: 'Some', value: until })
    stage.now = until - 3
    restarted(stage, '1')
    const [held] = liveIn(stage.state)
    ok(held !== undefined)
    equal(held.granted.ends, stage.now + lease)
    deepEqual([held.granted.grant.until, machine.wakeAt(stage.state)], [until, { _tag: 'Some', value: stage.now + lease }])
    stage.give(self, server.wake)
    ok(isLive(stage.state, im))
    const before = stage.state.position
    stage.now = held.granted.ends - 1
    stage.give(self, server.wake)
    deepEqual([isLive(stage.state, im), stage.state.position, endOf(stage.state, 1, im)], [false, before + 1, 'expired'])
    deepEqual(machine.wakeAt(stage.state), { _tag: 'None' })
    // what is not due is no record
    stage.give(self, server.wake)
    equal(stage.state.position, before + 1)
  })

  it('end together in one record, each charged to its own initiator', () => {
    const stage = village()
    const [bobs, alices] = [stage.granted(1, start('l')), stage.granted(0, start('l'))]
    stage.now = alices.until
    const { position } = stage.state
    stage.give(self, server.wake)
    deepEqual([stage.state.position, stage.state.ongoing, agenda.size(stage.state.granted.ends), stage.state.granted.lists.size], [position + 1, 0, 0, 0])
    deepEqual([endOf(stage.state, 1, bobs.im), endOf(stage.state, 0, alices.im)], ['expired', 'expired'])
    const spans = [0, 1].map((n) => server.keyedBy(stage.state, identity(n).seals)?.bound.past.locked.map(({ from, to }) => to - from))
    deepEqual(spans, [[8165], [8165]])
  })

  it('end some at a time where many end together, so that others are answered meanwhile', () => {
    const stage = new Desk({ ...free, maxOwnMessages: 1000 })
    for (const [n, who] of ['alice', 'bob'].entries()) stage.register(n, who)
    stage.ask(0, create('l'))
    for (const [n, who] of ['alice', 'bob'].entries()) stage.ask(n, on('Join', 'l', who))
    for (let n = 0; n < limits.endsAtOnce + 44; n++) stage.granted(1, start('l'))
    const { position } = stage.state
    stage.now += 60_000
    stage.give(self, server.wake)
    deepEqual([stage.state.position, stage.state.ongoing, server.machine(free).wakeAt(stage.state)._tag], [position + 1, 44, 'Some'])
    equal(stage.ask(1, on('Leave', 'l', 'bob')), 463)
    stage.give(self, server.wake)
    deepEqual([stage.state.ongoing, server.machine(free).wakeAt(stage.state)._tag, stage.ask(1, on('Leave', 'l', 'bob'))], [0, 'None', 200])
  })

  it(rule('G7'), () => {
    const met = { refused: 0, granted: 0, together: 0, back: 0 }
    const starts = fc.array(fc.record({ wait: fc.constantFrom(0, 1, 5000, 9000, 20_000, 59_000, 70_000), patience: fc.constantFrom('once' as const, 'twice' as const, 'thrice' as const), isProven: fc.nat(4).map((n) => n === 0), leaves: fc.constantFrom('not' as const, 'not' as const, 'by itself' as const, 'by the operator' as const) }), { minLength: 5, maxLength: 25 })
    fc.assert(
      fc.property(starts, (all) => {
        const stage = village()
        const machine = server.machine(free)
        const lost: { readonly from: number; readonly to: number }[] = []
        for (const { wait, patience, isProven, leaves } of all) {
          const until = stage.now + wait
          for (let due = machine.wakeAt(stage.state); due._tag === 'Some' && due.value <= until; due = machine.wakeAt(stage.state)) {
            stage.now = due.value - 1
            for (const { im, granted } of liveIn(stage.state)) if (granted.ends <= due.value) lost.push({ from: im.since, to: granted.ends })
            stage.give(self, server.wake)
          }
          stage.now = Math.max(stage.now, until)
          // whoever comes back under its key, whatever its name, has what it had
          if (leaves !== 'not' && (leaves === 'by the operator' || liveIn(stage.state).length === 0)) {
            const called = stage.name(1)
            equal(leaves === 'by itself' ? stage.ask(1, about('Exit', called)) : stage.operate(about('Forget', called)), 200)
            const other = called === 'Bob' ? 'Bobby' : 'Bob'
            equal(stage.register(1, other, { nonce: (met.back += 1) }), 200)
            equal(stage.ask(1, on('Join', 'l', other)), 200)
          }
          // every millisecond of the minute before the request, each once
          const at = stage.now + 1
          let ms = 0
          for (let t = at - 60_000; t < at; t++) if (lost.some(({ from, to }) => from <= t && t < to)) ms += 1
          const isFull = liveIn(stage.state).length >= 4
          const response = stage.asked(1, start('l', { patience }), stage.next(1))
          const code = stage.code(response)
          equal(code, ms > 20_000 ? 431 : isFull ? 429 : 200, `${ms} ms`)
          met[code === 431 ? 'refused' : 'granted'] += 1
          if (liveIn(stage.state).length > 1) met.together += 1
          const newest = liveIn(stage.state).at(-1)?.granted.grant
          if (code === 200 && isProven && newest !== undefined) equal(stage.completed(1, complete(newest.im, newest.path)), 'proof')
        }
      }),
      { numRuns: 60 },
    )
    ok(met.refused > 50 && met.granted > 50 && met.together > 20 && met.back > 100, JSON.stringify(met))
  })
})

describe('epochs', () => {
  it(rule('G8'), () => {
    const seen = { moved: 0, still: 0, again: 0 }
    fc.assert(
      fc.property(traffic(60), (run) => {
        const newest = new Map<string, number>()
        for (const { before, after } of run) {
          for (const list of roll.values(after.lists)) {
            const was = roll.get(before.lists, list.name)
            const isSame = was !== undefined && JSON.stringify(server.membersOf(was).map((card) => card.name)) === JSON.stringify(server.membersOf(list).map((card) => card.name))
            if (isSame) equal(list.epoch, was.epoch)
            else ok(list.epoch > (newest.get(list.name) ?? 0) && list.epoch === after.position)
            seen[isSame ? 'still' : was === undefined && newest.has(list.name) ? 'again' : 'moved'] += 1
            newest.set(list.name, list.epoch)
          }
          deepEqual(server.movedMembers(before, after), [])
        }
      }),
      { numRuns: 1000 },
    )
    ok(seen.moved > 200 && seen.again > 2, JSON.stringify(seen))
    const stage = village()
    const restored = server.restore(free, server.saved(stage.state), 1_000_000)
    ok(isRight(restored) && roll.values(restored.right.lists).every(({ epoch }) => epoch > 1_000_000))
    deepEqual(server.violations(restored.right), [])
  })
})
