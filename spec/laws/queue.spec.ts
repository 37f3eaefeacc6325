// What waits until messages are over, and what that costs those who send: as the dumb model says it, and as the rules promise it.
import { deepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { roll, server } from '../../core/index.js'
import { outcomeOf, sameDirectory } from '../model/commands.js'
import { Directory } from '../model/directory.js'
import { free } from '../model/desk.js'
import { beginnings, traffic } from '../model/traffic.js'

describe('the queue', () => {
  it('is served, fenced, told and left as the dumb model says it', () => {
    const tally = new Map<string, number>()
    const endless = { ...free, classicLeaseMs: 0 }
    const any = fc.constantFrom(free, free, endless).chain((config) => fc.tuple(fc.constant(config), traffic(80, true, config)))
    fc.assert(
      fc.property(any, ([config, run]) => {
        const reduce = server.reduce(config)
        const model = new Directory(config)
        for (const { by, command, at } of beginnings) model.step(by, command, at)
        for (const { before, input, after } of run) {
          const expected = model.step(input.by, input.command, input.at)
          deepEqual(sorted(outcomeOf(reduce(before, input))), sorted(expected), JSON.stringify(input))
          sameDirectory(model, after)
          deepEqual(server.violations(after), [])
          deepEqual(server.movedMembers(before, after), [])
          const { command } = input
          const word = command._tag === 'Ask' ? command.order._tag : command._tag === 'Operate' ? `the operator's ${command.order._tag}` : command._tag
          const met = `${word} ${expected === undefined ? 'nobody' : expected.queued !== undefined ? 'queued' : expected.served !== undefined ? 'served' : expected.code}`
          tally.set(met, (tally.get(met) ?? 0) + 1)
          for (const ticket of before.queue.tickets) {
            if (after.queue.tickets.some(({ number }) => number === ticket.number)) continue
            tally.set('gone', (tally.get('gone') ?? 0) + 1)
          }
        }
      }),
      { numRuns: 500 },
    )
    const wanted = [
      'Enqueue queued', 'Enqueue 200', 'Enqueue 403', 'Enqueue 464', 'Ticket queued', 'Ticket served', 'Ticket 410', 'Withdraw 200', 'Withdraw served', 'Withdraw 410',
      'Locks 200', 'Locks 403', 'Locks 459', 'Locks 460', 'the operator\'s Locks 200', 'the operator\'s Unlock 200', 'the operator\'s Unlock 465', 'the operator\'s Forget 200',
      'the operator\'s Withdraw 200', 'the operator\'s Withdraw 410', 'ImStart 425', 'ImStart 200', 'Wake nobody',
    ]
    deepEqual(wanted.filter((met) => (tally.get(met) ?? 0) < 3), [], JSON.stringify([...tally]))
  })

  it('comes back from a snapshot as it was', () => {
    const ledger = server.ledger(free)
    const partsOf = (state: server.State): ReadonlyArray<unknown> => ledger.parts(server.directory(state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown)
    let waiting = 0
    fc.assert(
      fc.property(traffic(80, true), (run) => {
        const last = run.at(-1)?.after
        if (last === undefined) return
        waiting += last.queue.tickets.length
        const again = ledger.whole(partsOf(last))
        ok(isRight(again), JSON.stringify(again))
        deepEqual(server.violations(again.right.state), [])
        deepEqual(partsOf(again.right.state), partsOf(last))
        deepEqual(server.recorded(again.right.state).queue, server.recorded(last).queue)
        deepEqual(server.recorded(again.right.state).granted, server.recorded(last).granted)
        deepEqual(roll.values(again.right.state.lists).map(({ fence, open }) => [fence, open]), roll.values(last.lists).map(({ fence, open }) => [fence, open]))
      }),
      { numRuns: 300 },
    )
    ok(waiting > 30, String(waiting))
  })
})

/** Rows of locks, and what a ticket waits for, stand in no order that means anything but that of time. */
const sorted = (expected: unknown): unknown => {
  if (typeof expected !== 'object' || expected === null || !('locks' in expected)) return expected
  const { locks, tickets, expired } = expected.locks as { locks: ReadonlyArray<{ since: number; list: string }>; tickets: ReadonlyArray<{ waits: ReadonlyArray<string> }>; expired: unknown }
  return {
    ...expected,
    locks: { locks: [...locks].sort((a, b) => a.since - b.since || (a.list < b.list ? -1 : 1)), tickets: tickets.map((one) => ({ ...one, waits: [...one.waits].sort() })), expired },
  }
}
