// What who waits can count on, and what who sends can: rules Q1 to Q9.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { operator, roll, self, server, type Instant, type sealed } from '../../core/index.js'
import { Crowd, enqueue, listOf, pass, queued, ticketOf, ticks } from '../model/crowd.js'
import { about, complete, create, free, listName, name, on, start, village } from '../model/desk.js'
import { endOf, restarted, traffic } from '../model/traffic.js'
import { rule } from '../protocol.js'

const unlock = (list: string) => ({ _tag: 'Unlock', list: listName(list) }) as const

describe('who waits', () => {
  it(rule('Q1'), () => {
    const stage = village({ ...free, maxMembers: 3 })
    equal(stage.ask(0, enqueue(on('Leave', 'l', 'Alice'))), 200)
    equal(stage.ask(0, enqueue(on('Leave', 'l', 'Alice'))), 464)
    equal(stage.ask(0, enqueue(on('Join', 'l', 'Alice'))), 200)
    equal(stage.register(3, 'Dave'), 200)
    equal(stage.register(4, 'Erin'), 200)
    const { im, path } = stage.granted(1, start('l'))
    // Mallory's place is one that Erin and Dave both want; Dave was first
    const [dave, erin, mallory] = [queued(stage, 3, on('Join', 'l', 'Dave')), queued(stage, 4, on('Join', 'l', 'Erin')), queued(stage, 2, on('Leave', 'l', 'Mallory'))]
    deepEqual([dave.place, erin.place, mallory.place], [1, 2, 3])
    equal(stage.ask(2, on('Leave', 'l', 'Mallory')), 463)
    equal(stage.ask(0, enqueue(on('Leave', 'l', 'Mallory'))), 200)
    equal(stage.state.queue.tickets.length, 4)
    const { position } = stage.state
    equal(stage.completed(1, complete(im, path)), 'proof')
    deepEqual([stage.state.position, stage.state.queue.tickets.length, listOf(stage).epoch], [position + 1, 0, position + 1])
    deepEqual([ticketOf(stage, 3, dave.ticket), ticketOf(stage, 4, erin.ticket), ticketOf(stage, 2, mallory.ticket)], ['TooManyMembers', 'TooManyMembers', 'Done'])
    deepEqual(server.membersOf(listOf(stage)).map((card) => card.name), ['Bob', 'Alice'])
    // what needs a list that is still held waits, and what needs none of it does not
    equal(stage.ask(0, create('m')), 200)
    equal(stage.ask(0, on('Join', 'm', 'Alice')), 200)
    equal(stage.ask(3, on('Join', 'm', 'Dave')), 200)
    const [first, second] = [stage.granted(1, start('l')), stage.granted(3, start('m'))]
    const [exits, leaves] = [queued(stage, 0, about('Exit', 'Alice')), queued(stage, 3, on('Leave', 'm', 'Dave'))]
    equal(stage.completed(3, complete(second.im, second.path)), 'proof')
    deepEqual([ticketOf(stage, 3, leaves.ticket), ticketOf(stage, 0, exits.ticket)], ['Done', 1])
    equal(stage.completed(1, complete(first.im, first.path)), 'proof')
    equal(stage.ask(0, { _tag: 'Ticket', ticket: exits.ticket }), 401)
  })

  it(rule('Q2'), () => {
    const met = { waits: 0, fenced: 0, longest: 0, overlapped: 0 }
    fc.assert(
      fc.property(ticks, (all) => {
        const { waits, fences, met: { overlapped } } = new Crowd(all)
        for (const { ms, holds } of waits) {
          // three members and a short text: a lease of 8165 ms
          ok(ms <= 2000 + (2 + holds) * 8165, `${ms} ms, ${holds} starts`)
          met.longest = Math.max(met.longest, ms)
        }
        met.waits += waits.length
        met.fenced += fences.length
        met.overlapped += overlapped
      }),
      { numRuns: 200 },
    )
    ok(met.waits > 500 && met.fenced > 200 && met.longest > 2500 && met.overlapped > 5000, JSON.stringify(met))
  })

  it(rule('Q3'), () => {
    let pairs = 0
    fc.assert(
      fc.property(ticks, (all) => {
        const { fences } = new Crowd(all)
        fences.forEach(({ from, to }, i) => {
          const next = fences[i + 1]
          if (next === undefined || to === undefined) return
          pairs += 1
          ok(next.from - to >= to - from, JSON.stringify(fences))
        })
      }),
      { numRuns: 200 },
    )
    ok(pairs > 100, String(pairs))
  })

  it(rule('Q4'), () => {
    const stage = village()
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    equal(stage.ask(0, on('Join', 'o', 'Alice')), 463)
    const { until } = stage.granted(1, start('l'))
    const { opens } = queued(stage, 2, on('Leave', 'l', 'Mallory'))
    ok(opens !== undefined && opens >= until)
    queued(stage, 0, on('Join', 'o', 'Alice'))
    pass(stage, stage.now + 2500)
    // the older ticket's list, and not that which an older one needs
    deepEqual([listOf(stage).fence !== undefined, listOf(stage, 'o').fence], [true, undefined])
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 463)
    const seq = stage.next(1)
    const said = stage.asked(1, start('l'), seq)
    deepEqual(said?._tag === 'Answered' ? said.outcome : said, { _tag: 'Left', left: { _tag: 'Fenced', opens: until } })
    pass(stage, until)
    deepEqual(stage.code(stage.asked(1, start('l'), seq)), 425)
    deepEqual([stage.state.queue.tickets.length, listOf(stage).fence, listOf(stage).size], [1, undefined, 2])
    ok(listOf(stage).open > stage.state.at)
    // a fence on a list of Carol's wire says so in its code alone
    pass(stage, listOf(stage).open + 300)
    ok(listOf(stage, 'o').fence !== undefined)
    equal(stage.classic('im-start o Carol'), '425')
    equal(stage.classic('im-complete o Carol'), '200')
    deepEqual([stage.state.queue.tickets.length, stage.state.ongoing, listOf(stage, 'o').size], [0, 0, 2])
    const again = stage.asked(1, start('l'), stage.next(1))
    equal(stage.code(again), 200)
  })

  it(rule('Q5'), () => {
    let [waited, gone] = [0, 0]
    fc.assert(
      fc.property(traffic(60, true), (run) => {
        const machine = server.machine(free)
        for (const { before, input: { by, command }, after } of run) {
          for (const { number, by: whose } of before.queue.tickets) {
            if (after.queue.tickets.some((one) => one.number === number)) continue
            gone += 1
            const bound = roll.get(after.contacts, whose)?.bound
            const isWithdrawn = (command._tag === 'Ask' || command._tag === 'Operate') && command.order._tag === 'Withdraw' && command.order.ticket === number && (by._tag === 'Operator' || (by._tag === 'Key' && server.keyedBy(before, by.key)?.card.name === whose))
            equal(isWithdrawn || bound === undefined || bound.past.served.some(({ ticket }) => ticket === number), true)
          }
        }
        const last = run.at(-1)?.after
        if (last === undefined) return
        let state = last
        waited += state.queue.tickets.length
        for (let due = machine.wakeAt(state), n = 0; due._tag === 'Some'; due = machine.wakeAt(state), n++) {
          ok(n < 200)
          state = machine.reduce(state, { at: due.value > state.at ? due.value : state.at, by: self, command: server.wake }).state
        }
        deepEqual([state.queue.tickets, state.ongoing, roll.values(state.lists).filter(({ fence }) => fence !== undefined)], [[], 0, []])
      }),
      { numRuns: 500 },
    )
    ok(waited > 50 && gone > 200, `${waited} waited, ${gone} gone`)
    const stage = village()
    const { im, path } = stage.granted(1, start('l'))
    const { ticket } = queued(stage, 2, on('Leave', 'l', 'Mallory'))
    equal(stage.register(2, 'Mallory', { nonce: 77 }), 200)
    deepEqual([ticketOf(stage, 2, ticket), ticketOf(stage, 0, ticket)], [1, 410])
    for (const list of ['c', 'd', 'e', 'f']) equal(stage.ask(0, create(list, 'open')), 200)
    const others = ['c', 'd', 'e'].map((list) => queued(stage, 2, on('Join', list, 'Mallory')).ticket)
    equal(stage.ask(2, enqueue(on('Join', 'f', 'Mallory'))), 432)
    // asked for again, since an answer was lost: the same, also where there is room for no more
    deepEqual([queued(stage, 2, on('Leave', 'l', 'Mallory')).ticket, queued(stage, 2, on('Join', 'd', 'Mallory')).ticket], [ticket, others[1]])
    equal(stage.ask(2, { _tag: 'Withdraw', ticket: others[0] ?? 0 }), 200)
    equal(ticketOf(stage, 2, others[0] ?? 0), 410)
    // whoever is told nothing of it may withdraw it no more than see it; the operator may, and is in the journal for it
    const { position } = stage.state
    equal(stage.ask(0, { _tag: 'Withdraw', ticket: others[1] ?? 0 }), 410)
    const done = stage.state.position
    deepEqual([done, stage.operate({ _tag: 'Withdraw', ticket: others[1] ?? 0 }), stage.state.position], [position + 1, 200, done + 1])
    deepEqual([ticketOf(stage, 2, others[1] ?? 0), stage.operate({ _tag: 'Withdraw', ticket: others[1] ?? 0 })], [410, 410])
    equal(stage.completed(1, complete(im, path)), 'proof')
    deepEqual([ticket, ...others].map((one) => ticketOf(stage, 2, one)), ['Done', 410, 410, 'Done'])
    equal(stage.operate({ _tag: 'Withdraw', ticket }), 410)
  })

  it(rule('Q6'), () => {
    const stage = village()
    equal(stage.ask(0, create('c', 'closed')), 200)
    equal(stage.ask(0, on('Join', 'c', 'Alice')), 200)
    equal(stage.register(3, 'Dave'), 200)
    equal(stage.ask(0, on('Invite', 'c', 'Bob')), 200)
    equal(stage.ask(1, on('Join', 'c', 'Bob')), 200)
    const [l, c] = [stage.granted(1, start('l')), stage.granted(0, start('c'))]
    equal(stage.completed(1, complete(l.im, [2])), 'recorded')
    const { ticket } = queued(stage, 0, about('Exit', 'Alice'))
    const rows = (n: number | undefined, list: string | null, contact: string | null): unknown => {
      const order = { _tag: 'Locks', list: list === null ? null : listName(list), contact: contact === null ? null : name(contact) } as const
      const response = n === undefined ? stage.give(operator, { _tag: 'Operate', order }) : stage.asked(n, order, stage.next(n))
      const outcome = response === undefined ? undefined : server.outcomeOf(response)
      if (outcome?._tag !== 'Right' || outcome.right._tag !== 'Locks') return stage.code(response)
      const { locks, tickets } = outcome.right
      return [locks.map((lock) => [lock.list, lock.initiator, lock.im, lock.ends, lock.waits.join()]), tickets.map((one) => [one.ticket, one.by, one.waits.toSorted().join()])]
    }
    const [ofL, ofC] = [['l', 'Bob', l.im, l.until, 'Alice'], ['c', 'Alice', c.im, c.until, 'Bob']]
    deepEqual(rows(undefined, null, null), [[ofL, ofC], [[ticket, 'Alice', 'c,l']]])
    deepEqual(rows(1, null, null), [[ofL, ofC], [[ticket, 'Alice', 'c,l']]])
    deepEqual(rows(2, null, null), [[ofL], [[ticket, 'Alice', 'l']]])
    deepEqual(rows(3, 'l', null), [[ofL], [[ticket, 'Alice', 'l']]])
    deepEqual(rows(3, 'l', 'Dave'), [[ofL], [[ticket, 'Alice', 'l']]])
    deepEqual([rows(3, 'c', null), rows(3, 'l', 'Bob'), rows(3, 'x', null), rows(3, null, 'Nobody'), rows(3, null, null)], [403, 403, 460, 459, [[], []]])
    deepEqual(rows(0, null, 'Alice'), [[ofL, ofC], [[ticket, 'Alice', 'c,l']]])
  })

  it(rule('Q7'), () => {
    const ledger = server.ledger(free)
    const met = { waiting: 0, fences: 0, served: 0, open: 0 }
    fc.assert(
      fc.property(traffic(60, true), fc.nat(60), (run, at) => {
        const [first] = run
        const last = run.at(-1)?.after
        if (first === undefined || last === undefined) return
        const cut = run[at % run.length]?.before ?? first.before
        const parts = ledger.parts(server.directory(cut, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown)
        const restored = ledger.whole(parts)
        ok(isRight(restored), JSON.stringify(restored))
        const records = run.slice(at % run.length).filter(({ before, after }) => after.position > before.position)
        const folded = records.reduce<server.Directory>((directory, { input }) => {
          const entry = JSON.parse(JSON.stringify(server.entryOf(input))) as server.Entry
          const next = ledger.fold(directory, entry)
          ok(isRight(next), JSON.stringify(next))
          return next.right
        }, restored.right)
        deepEqual(server.recorded(folded.state).queue, server.recorded(last).queue)
        const pictures = [folded.state, last].map((state) => ledger.parts(server.directory({ ...state, at: last.at }, free)).map((part) => part()))
        deepEqual(pictures[0], pictures[1])
        met.waiting += last.queue.tickets.length
        met.fences += roll.values(last.lists).filter(({ fence }) => fence !== undefined).length
        met.open += roll.values(last.lists).filter(({ open }) => open > last.at).length
        met.served += roll.values(last.contacts).reduce((sum, { bound }) => sum + (bound?.past.served.length ?? 0), 0)
      }),
      { numRuns: 500 },
    )
    ok(met.waiting > 50 && met.fences > 10 && met.open > 3 && met.served > 100, JSON.stringify(met))
  })

  it(rule('Q8'), () => {
    const stage = village()
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const [bobs, alices] = [stage.granted(1, start('l')), stage.granted(0, start('l'))]
    const { ticket } = queued(stage, 2, on('Leave', 'l', 'Mallory'))
    deepEqual([stage.operate(unlock('x')), stage.ask(0, unlock('l'))], [460, 403])
    equal(stage.operate(unlock('l')), 200)
    deepEqual([stage.operate(unlock('l')), endOf(stage.state, 1, bobs.im), endOf(stage.state, 0, alices.im), ticketOf(stage, 2, ticket)], [465, 'forced', 'forced', 'Done'])
    equal(stage.operate(unlock('o')), 200)
    deepEqual([stage.state.ongoing, stage.classic('im-complete o Carol'), stage.completed(1, complete(bobs.im, bobs.path))], [0, '465', 'forced'])
    const live = stage.granted(1, start('l'))
    const position = stage.state.position
    equal(stage.operate(about('Forget', 'Alice')), 200)
    deepEqual([stage.state.position, stage.state.ongoing, endOf(stage.state, 1, live.im), listOf(stage).epoch, listOf(stage).size], [position + 1, 0, 'forced', position + 1, 1])
    equal(stage.operate(about('Forget', 'Alice')), 459)
  })

  it(rule('Q9'), () => {
    const stage = village()
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const machine = server.machine(free)
    const ends = stage.state.at + 600_000
    deepEqual(machine.wakeAt(stage.state), { _tag: 'Some', value: ends })
    pass(stage, ends - 1)
    equal(stage.classic('leave o Carol'), '463')
    restarted(stage, '1')
    const held = stage.state.at + 600_000
    deepEqual(machine.wakeAt(stage.state), { _tag: 'Some', value: held })
    pass(stage, held)
    deepEqual([stage.state.ongoing, stage.classic('im-complete o Carol'), stage.classic('leave o Carol')], [0, '465', '200'])
    deepEqual(stage.state.granted.expired.map(({ list, im, initiator, ended }) => [list, im, initiator, ended]), [['o', undefined, 'Carol', held]])
    const off = { ...free, classicLeaseMs: 0 }
    const endless = village(off)
    equal(endless.classic('im-start o Carol').slice(0, 3), '200')
    deepEqual([server.machine(free).wakeAt(endless.state), roll.get(endless.state.lists, listName('o'))?.ims.length], [{ _tag: 'None' }, 1])
    endless.now = 10 ** 12
    endless.give(self, server.wake)
    equal(endless.state.ongoing, 1)
    restarted(endless, '1', off)
    deepEqual(machine.wakeAt(endless.state), { _tag: 'None' })
    // leases are on again, and it has one from the start on, beside another of the sealed wire, and keeps it when they are off
    endless.granted(1, start('l'))
    restarted(endless, '2')
    restarted(endless, '3', off)
    const bounded = endless.state.at + 600_000
    deepEqual(server.violations(endless.state), [])
    pass(endless, bounded - 1)
    equal(roll.get(endless.state.lists, listName('o'))?.ims.length, 1)
    pass(endless, bounded)
    deepEqual([endless.state.ongoing, endless.classic('im-complete o Carol')], [0, '465'])
  })
})

describe('the invariants of the queue name what is broken', () => {
  const stage = village()
  stage.granted(1, start('l'))
  queued(stage, 2, on('Leave', 'l', 'Mallory'))
  pass(stage, stage.now + 2100)
  const { state } = stage
  const [ticket] = state.queue.tickets
  ok(ticket !== undefined && listOf(stage).fence !== undefined)
  const withTickets = (...tickets: ReadonlyArray<(typeof state.queue.tickets)[number]>): server.State => ({ ...state, queue: { ...state.queue, tickets } })
  const withList = (change: Partial<server.List>): server.State => ({ ...state, lists: roll.set(state.lists, listName('l'), { ...listOf(stage), ...change }) })
  const ruined: ReadonlyArray<readonly [string, ReadonlyArray<server.State>]> = [
    ['S17', [
      withTickets(ticket, ticket), withTickets({ ...ticket, number: 99_999 }), withTickets({ ...ticket, since: 99_999_999 as Instant }), withTickets({ ...ticket, by: name('Carol') }),
      withTickets(...Array.from({ length: 5 }, (_, i) => ({ ...ticket, number: i + 1, fenced: [] }))),
    ]],
    ['S18', [withTickets({ ...ticket, change: on('Leave', 'o', 'Mallory') as sealed.Change }), withList({ ims: [] })]],
    ['S19', [withTickets(), withTickets({ ...ticket, fenced: [] }), withTickets({ ...ticket, fenced: [listName('o')] }), withList({ fence: undefined }), withList({ fence: { ticket: 1, since: 0 as Instant } })]],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(server.violations(state), [])
      broken.forEach((one, i) => ok(server.violations(one).some((violation) => violation.rule === number), `${i}: ${JSON.stringify(server.violations(one))}`))
    })
  }
})
