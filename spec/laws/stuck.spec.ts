// Messages that go on and on: of classic programs that are no more, or whose users type slowly. Whoever waits for one waits; nobody else does (rule Q10).
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { limits, roll, self, server, type ListName } from '../../core/index.js'
import { listOf, pass, queued, ticketOf } from '../model/crowd.js'
import { complete, create, free, on, start, village, type Desk } from '../model/desk.js'
import { restarted, traffic } from '../model/traffic.js'
import { rule } from '../protocol.js'

const minute = limits.longestLeaseMs
const isFenced = (stage: Desk, list: string): boolean => listOf(stage, list).fence !== undefined

/** Dora and Ed have no keys either, and are on the open list o, as Carol is; Dora is on another one too. */
const company = (config = free): Desk => {
  const stage = village(config)
  for (const [i, who] of ['Dora', 'Ed'].entries()) {
    equal(stage.classic(`register ${who} 192.168.2.${20 + i} 22000`).slice(0, 3), '200')
    equal(stage.classic(`join o ${who}`).slice(0, 3), '200')
  }
  equal(stage.ask(1, create('p', 'open')), 200)
  equal(stage.classic('join p Dora').slice(0, 3), '200')
  return stage
}

describe('messages that are stuck', () => {
  it(rule('Q10'), () => {
    const stage = company()
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const began = stage.state.at
    stage.granted(1, start('l'))
    // Alice, who is on the busy list l, wants to be on o, whose Carol is no more; o is quiet but for that
    const { ticket, opens } = queued(stage, 0, on('Join', 'o', 'Alice'))
    ok((opens ?? 0) >= began + free.classicLeaseMs)
    pass(stage, stage.now + 2500)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o')], [true, true])
    const said = stage.asked(1, start('l'), stage.next(1))
    const outcome = said === undefined ? undefined : server.outcomeOf(said)
    deepEqual(outcome, { _tag: 'Left', left: { _tag: 'Fenced', opens: began + minute } })
    pass(stage, began + minute - 1)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o')], [true, true])
    pass(stage, began + minute + limits.fenceLookMs)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o'), ticketOf(stage, 0, ticket)], [false, false, 1])
    // messages begin, also when the open time is over; of the classic wire none behind the one that is stuck, and elsewhere they do
    for (let i = 0; i < 14; i += 1) {
      pass(stage, stage.now + 30_000)
      equal(stage.completed(1, complete(stage.granted(1, start('l')).im, [0, 2])), 'proof')
      deepEqual(['im-start o Dora', 'im-start p Dora', 'im-complete p Dora'].map((text) => stage.classic(text).slice(0, 3)), ['425', '200', '200'])
    }
    // and somebody else who waits for one of them is not held back by the older one
    stage.granted(1, start('l'))
    const other = queued(stage, 2, on('Leave', 'l', 'Mallory'))
    equal(other.place, 2)
    pass(stage, stage.now + 2500)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o')], [true, false])
    pass(stage, stage.now + 8500)
    deepEqual([isFenced(stage, 'l'), ticketOf(stage, 2, other.ticket), ticketOf(stage, 0, ticket)], [false, 'Done', 1])
    // a minute before its end they are fenced again, and so it is served then
    pass(stage, began + free.classicLeaseMs - minute - 1)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o')], [false, false])
    pass(stage, began + free.classicLeaseMs - minute + limits.fenceLookMs)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o'), stage.classic('im-start o Dora').slice(0, 3)], [true, true, '425'])
    pass(stage, began + free.classicLeaseMs)
    deepEqual([isFenced(stage, 'l'), isFenced(stage, 'o'), ticketOf(stage, 0, ticket)], [false, false, 'Done'])
  })

  it('have no end where leases are off, and are waited for until somebody ends them', () => {
    const config = { ...free, classicLeaseMs: 0 }
    const stage = company(config)
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const { ticket, opens } = queued(stage, 0, on('Join', 'o', 'Alice'))
    equal(opens, undefined)
    pass(stage, stage.now + 2500)
    deepEqual(stage.classic('im-start o Dora').slice(0, 3), '425')
    pass(stage, stage.now + minute)
    equal(isFenced(stage, 'o'), false)
    pass(stage, stage.now + 10 * minute)
    equal(isFenced(stage, 'o'), false)
    // taken back, and asked for again, it is not waited for as long as it takes to begin another one
    equal(stage.ask(0, { _tag: 'Withdraw', ticket }), 200)
    equal(stage.classic('im-start o Dora').slice(0, 3), '200')
    const again = queued(stage, 0, on('Join', 'o', 'Alice'))
    pass(stage, stage.now + limits.fenceAfterMs)
    deepEqual([isFenced(stage, 'o'), stage.classic('im-start o Ed')], [false, '425'])
    // it ends; the other goes on, and is none that is stuck
    equal(stage.classic('im-complete o Carol').slice(0, 3), '200')
    pass(stage, stage.now + 2 * limits.fenceLookMs)
    equal(isFenced(stage, 'o'), true)
    equal(stage.classic('im-complete o Dora').slice(0, 3), '200')
    deepEqual([isFenced(stage, 'o'), ticketOf(stage, 0, again.ticket)], [false, 'Done'])
  })

  it('are none where short ones follow each other without a gap: whoever waits for these is served', () => {
    const stage = company()
    const people = ['Carol', 'Dora', 'Ed']
    const begins = (i: number): boolean => stage.classic(`im-start o ${people[i % 3]}`).startsWith('200')
    equal(begins(0), true)
    const { ticket } = queued(stage, 0, on('Join', 'o', 'Alice'))
    const asked = stage.state.at
    // each types for 20 s, and begins 10 s before the one before has ended: there is never none
    for (let i = 1; ticketOf(stage, 0, ticket) !== 'Done'; i += 1) {
      ok(i < 10, 'nobody is served')
      pass(stage, asked + i * 10_000)
      begins(i)
      if (i > 1) stage.classic(`im-complete o ${people[(i - 2) % 3]}`)
    }
    ok(stage.state.at - asked <= 30_000, `${stage.state.at - asked} ms`)
  })

  it('are none without an end, where each types for minutes and begins before the one before has ended', () => {
    const stage = company()
    const people = ['Carol', 'Dora', 'Ed']
    const began: (number | undefined)[] = []
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const { ticket } = queued(stage, 0, on('Join', 'o', 'Alice'))
    const asked = stage.state.at
    for (let i = 1; ticketOf(stage, 0, ticket) !== 'Done'; i += 1) {
      pass(stage, asked + i * 70_000)
      began[i] = stage.classic(`im-start o ${people[i % 3]}`).startsWith('200') ? stage.state.at : undefined
      if (stage.state.at - (began[i - 2] ?? Infinity) >= 0 || i === 2) stage.classic(`im-complete o ${people[(i - 2) % 3]}`)
      ok(stage.state.at - asked <= free.classicLeaseMs, 'nobody is served')
    }
    ok(stage.state.at - asked <= 3 * minute, `${stage.state.at - asked} ms`)
  })

  it('hold no fence for longer than two minutes, and one lease more for each start of the server', () => {
    let [fences, lifted, longest] = [0, 0, 0]
    const machine = server.machine(free)
    fc.assert(
      fc.property(traffic(100, true), (run) => {
        const fenced = new Map<ListName, { readonly from: number; starts: number; readonly ticket: number }>()
        let state = run[0]?.before ?? server.initial
        const step = (input: (typeof run)[number]['input']): void => {
          state = machine.reduce(state, input).state
          if (input.command._tag === 'Start') for (const fence of fenced.values()) fence.starts += 1
          for (const name of [...fenced.keys(), ...roll.values(state.lists).map((list) => list.name)]) {
            const fence = roll.get(state.lists, name)?.fence
            const was = fenced.get(name)
            if (was !== undefined && fence?.since !== was.from) {
              fenced.delete(name)
              fences += 1
              if (state.queue.tickets.some(({ number }) => number === was.ticket)) lifted += 1
              longest = Math.max(longest, state.at - was.from - was.starts * minute)
            }
            if (fence !== undefined && !fenced.has(name)) fenced.set(name, { from: fence.since, starts: 0, ticket: fence.ticket })
          }
        }
        for (const { input } of run) {
          for (let due = machine.wakeAt(state); due._tag === 'Some' && due.value <= input.at; due = machine.wakeAt(state)) step({ at: due.value, by: self, command: server.wake })
          step(input)
        }
      }),
      { numRuns: 200 },
    )
    ok(longest > minute / 2 && longest <= 2 * minute + limits.fenceLookMs && lifted > 5 && fences > 100, `${longest} ms at most, ${fences} fences, ${lifted} lifted`)
  })

  it('are looked at again when the server starts anew', () => {
    const stage = company()
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    queued(stage, 0, on('Join', 'o', 'Alice'))
    pass(stage, stage.now + free.classicLeaseMs - minute + limits.fenceLookMs)
    equal(isFenced(stage, 'o'), true)
    restarted(stage, 'e')
    pass(stage, stage.now + limits.fenceLookMs)
    deepEqual([isFenced(stage, 'o'), isFenced(stage, 'l'), stage.ask(1, start('l'))], [false, false, 200])
  })
})
