// What the directory grants, and what takes it back: a proof, time, the operator, and nothing else.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import {
  agenda, keyed, limits, operator, roll, sealed, self, server, table, type ImId, type Instant, type Order, type ProcessId, type Tag,
} from '../../core/index.js'
import { commit, identity } from '../arbitraries/keys.js'
import { box } from '../model/box.js'
import { about, complete, create, Desk, free, listName, name, on, start, village } from '../model/desk.js'
import { liveIn, traffic, type Live, type Stride } from '../model/traffic.js'
import { rule } from '../protocol.js'

const isLive = (state: server.State, id: ImId): boolean => liveIn(state).some(({ granted }) => granted.grant.im === id)

const endOf = (state: server.State, n: number, id: ImId): string | undefined =>
  server.keyedBy(state, identity(n).seals)?.bound.past.over.find(({ im }) => im === id)?.end

const runs = () => traffic(60)

/** Twice as far in the past as any list was locked: a stage on which nothing is charged any more. */
const later = (stage: Desk): void => {
  stage.now += 2 * limits.lockSpanMs
}

/** The server has started again, as its next process. */
const restarted = (stage: Desk, process: string): void => {
  stage.give(self, { _tag: 'Start', process: process.repeat(16) as ProcessId, settings: server.settingsOf(free) })
}

const proofBy = ({ im, granted: { grant } }: Live, state: server.State, { by, command }: Stride['input']): boolean => {
  if (by._tag !== 'Key' || command._tag !== 'Ask' || command.order._tag !== 'ImComplete' || command.proven !== true) return false
  const list = roll.get(state.lists, grant.list)
  const places = list === undefined ? [] : server.membersOf(list).map((card) => card.name)
  const who = server.keyedBy(state, by.key)?.card.name
  const isConcerned = who === im.initiator || grant.path.some((place) => places[place] === who)
  const told = [...command.order.stored, ...command.order.closed].sort((a, b) => a - b)
  return isConcerned && command.order.im === grant.im && JSON.stringify(told) === JSON.stringify(grant.path)
}

const why = (live: Live, { before, input, after }: Stride): string | undefined => {
  const { by, command } = input
  if (command._tag === 'Wake' && (by._tag === 'Self' || by._tag === 'Operator') && after.at >= live.granted.ends) return 'expired'
  if (by._tag === 'Operator' && command._tag === 'Operate' && command.order._tag === 'Release') {
    const oldest = roll.get(before.lists, command.order.list)?.ims.find(({ initiator }) => initiator === live.im.initiator)
    return command.order.list === live.list && command.order.contact === live.im.initiator && oldest === live.im ? 'forced' : undefined
  }
  return proofBy(live, before, input) ? 'proof' : undefined
}

describe('grants', () => {
  it(rule('G1'), () => {
    const names = new Set<string>()
    let granted = 0
    fc.assert(
      fc.property(runs(), (run) => {
        names.clear()
        for (const { input: { by, command }, before, after } of run) {
          const fresh = liveIn(after).filter(({ granted: { grant } }) => !isLive(before, grant.im))
          ok(fresh.length <= 1)
          for (const { list, im, granted: { grant, lease, ends } } of fresh) {
            granted += 1
            ok(by._tag === 'Key' && command._tag === 'Ask' && command.order._tag === 'ImStart')
            const { order } = command
            const now = roll.get(after.lists, list) as server.List
            const places = server.membersOf(now).map((card) => card.name)
            const wanted = order.again?.to ?? []
            const path = places.flatMap((member, place) => {
              const bound = roll.get(after.contacts, member)?.bound
              const isMeant = wanted.length === 0 || (bound !== undefined && wanted.includes(bound.identity.id))
              return bound !== undefined && member !== im.initiator && isMeant ? [place] : []
            })
            const members = server.membersOf(now).map((card) => {
              const bound = roll.get(after.contacts, card.name)?.bound
              return bound === undefined ? { _tag: 'Classic' as const, ...card } : { _tag: 'Keyed' as const, name: card.name, signs: bound.identity.signs, seals: bound.identity.seals }
            })
            const ring = server.defaults.hash(sealed.ringBytes(sealed.encodeRing({ list, epoch: now.epoch, members })))
            const factor = { once: 1, twice: 2, thrice: 3 }[order.patience]
            const ms = Math.min(60_000, factor * (8000 + members.length * (50 + 5 * Math.ceil((order.size + 585) / 1024))))
            deepEqual([grant, lease, ends], [
              {
                im: `${before.process}${after.position.toString(16).padStart(12, '0')}`, root: order.again?.root ?? grant.im, list: order.list, no: (roll.get(before.lists, list)?.no ?? 0) + 1,
                epoch: now.epoch, ring, initiator: places.indexOf(im.initiator), path, commit: order.commit, size: order.size, until: after.at + ms,
              }, ms, after.at + ms,
            ])
            equal(places[grant.initiator], server.keyedBy(after, by.key)?.card.name)
            ok(!names.has(grant.im))
            names.add(grant.im)
          }
        }
      }),
      { numRuns: 1000 },
    )
    ok(granted > 1000, `${granted} grants`)
  })

  it(rule('G2'), () => {
    const met = new Map<string, number>()
    fc.assert(
      fc.property(runs(), (run) => {
        for (const step of run) {
          const due = liveIn(step.before).map((live) => [live, why(live, step)] as const)
          for (const [{ granted: { grant }, im }, reason] of due) {
            equal(isLive(step.after, grant.im), reason === undefined, `${grant.im} by ${JSON.stringify(step.input)}`)
            if (reason === undefined) continue
            met.set(reason, (met.get(reason) ?? 0) + 1)
            equal(roll.get(step.after.contacts, im.initiator)?.bound?.past.over.find((one) => one.im === grant.im)?.end, reason)
          }
        }
      }),
      { numRuns: 1500 },
    )
    for (const reason of ['proof', 'expired', 'forced']) ok((met.get(reason) ?? 0) > 30, `${reason}: ${met.get(reason) ?? 0}`)
  })

  it(rule('G4'), () => {
    const stage = village()
    const { im, path } = stage.granted(1, start('l'))
    deepEqual(path, [0, 2])
    const report = (): server.Granted['report'] => liveIn(stage.state)[0]?.granted.report
    equal(stage.completed(1, complete(im, [2])), 'recorded')
    deepEqual(report(), { stored: [2], closed: [] })
    for (const [n, asked] of [[0, complete(im, [2])], [2, complete(im, [], [0])], [1, complete(im, [1])], [1, complete(im, [0], [0])], [1, complete(im, [0, 1, 2])], [1, complete(im, [0, 9])]] as const) {
      equal(stage.completed(n, asked), 422, JSON.stringify(asked))
    }
    equal(stage.completed(1, complete(im, [0], [2]), false), 422)
    deepEqual([report(), stage.state.ongoing], [{ stored: [2], closed: [] }, 1])
    equal(stage.completed(1, complete(im, [])), 'recorded')
    deepEqual(report(), { stored: [], closed: [] })
    equal(stage.completed(0, complete(im, [0], [2])), 'proof')
    deepEqual([stage.state.ongoing, stage.ask(0, on('Leave', 'l', 'Alice'))], [0, 200])
  })

  it('for nobody have ended when they are given, and hold nobody', () => {
    const stage = village()
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 200)
    const { im, path, no } = stage.granted(1, start('o'))
    deepEqual([path, no, stage.state.ongoing, endOf(stage.state, 1, im)], [[], 1, 0, 'proof'])
    equal(stage.completed(1, complete(im, [])), 'proof')
    equal(stage.classic('leave o Carol'), '200')
    equal(stage.granted(1, start('o')).no, 2)
  })

  it('are refused in one order, with nothing changed', () => {
    const stage = village({ ...free, maxMessages: 2, maxOwnMessages: 1 })
    equal(stage.ask(0, start('l', { size: limits.textBytes })), 200)
    for (const [n, order, code] of [
      [1, start('nowhere', { size: limits.textBytes + 1 }), 400], [1, start('nowhere'), 460], [1, start('o'), 464], [0, start('l'), 429],
      [1, start('l', { again: { root: 'f'.repeat(28) as ImId, to: [] } }), 404], [7, start('l'), 401],
    ] as const) {
      const { ongoing, lists } = stage.state
      equal(stage.ask(n, order), code)
      deepEqual([stage.state.ongoing, stage.state.lists], [ongoing, lists])
    }
    stage.give(operator, { _tag: 'Close', ms: 5000 })
    equal(stage.ask(1, start('l')), 503)
  })

  it('name a ring of 512 at most, and one that can be told', () => {
    const many = (count: number, text: (n: number) => string): Desk => {
      const stage = new Desk({ ...free, maxContacts: 600, maxMembers: 600, maxReplyBytes: 60_000 })
      equal(stage.register(0, 'First'), 200)
      equal(stage.ask(0, create('l', 'open')), 200)
      const state = Array.from({ length: count }, (_, i) => text(i)).reduce((so, member) => {
        const reduce = server.reduce({ ...free, maxContacts: 600, maxMembers: 600 })
        const give = (before: server.State, command: server.Command): server.State => reduce(before, { at: before.at, by: operator, command }).state
        const known = give(so, { _tag: 'Register', contact: name(member), address: { ip: '192.0.2.1' as never, port: 4 as never } })
        return give(known, { _tag: 'Join', list: listName('l'), contact: name(member) })
      }, stage.state)
      stage.state = state
      equal(stage.ask(0, on('Join', 'l', 'First')), 200)
      return stage
    }
    equal(many(511, (n) => `c${n}`).ask(0, start('l')), 200)
    equal(many(512, (n) => `c${n}`).ask(0, start('l')), 454)
    equal(many(300, (n) => `${n}${'x'.repeat(240)}`).ask(0, start('l')), 413)
  })
})

describe('the receipts of an im-complete', () => {
  const own = box('the server')
  const stage = village()
  const carried = stage.granted(1, start('l'))
  const other = stage.granted(0, start('l'))
  const seals = [0, 1, 2].map((n) => identity(n).seals)
  const receipt = (grant: sealed.Grant, place: number, status: 'stored' | 'closed'): Tag =>
    own.share(seals[place] ?? ('0'.repeat(64) as never), sealed.receiptBytes(own.hash(sealed.grantBytes(grant)), status))
  const tagOf = (grant: sealed.Grant, stored: ReadonlyArray<number>, closed: ReadonlyArray<number>): Tag =>
    sealed.sum([...stored.map((place) => receipt(grant, place, 'stored')), ...closed.map((place) => receipt(grant, place, 'closed'))])
  const request = (order: Order, n = 1): sealed.Request => ({ _tag: 'Request', boot: stage.boot(n), seq: 1000, have: 0n, order })
  const judged = (order: Order, n = 1): boolean | undefined => server.askOf(own, stage.state, identity(n).seals, undefined, request(order, n))?.proven
  const by = (stored: ReadonlyArray<number>, closed: ReadonlyArray<number>, tag: Tag): Order => ({ ...(complete(carried.im, stored, closed) as Order & { _tag: 'ImComplete' }), tag })

  it(rule('G3'), () => {
    const split = fc.constantFrom<readonly [ReadonlyArray<number>, ReadonlyArray<number>]>([[0, 2], []], [[0], [2]], [[2], [0]], [[], [0, 2]], [[0], []], [[], [2]], [[], []])
    fc.assert(
      fc.property(split, split, fc.nat(127), ([stored, closed], [others, shut], bit) => {
        const right = tagOf(carried, stored, closed)
        equal(judged(by(stored, closed, right)), true)
        equal(judged(by(others, shut, right)), JSON.stringify([others, shut]) === JSON.stringify([stored, closed]))
        equal(judged(by(stored, closed, tagOf(other, stored, closed))), stored.length + closed.length === 0)
        const digit = right[bit >> 2] ?? ''
        const flipped = right.slice(0, bit >> 2) + (Number.parseInt(digit, 16) ^ (1 << (bit & 3))).toString(16) + right.slice((bit >> 2) + 1)
        equal(judged(by(stored, closed, flipped as Tag)), false)
      }),
    )
    // of a member twice, of one who is not there, of the initiator itself: what they sum up to is no proof of the path
    equal(judged(by([0, 2, 7], [], tagOf(carried, [0, 2], []))), false)
    for (const [stored, closed] of [[[0, 0], []], [[1], []], [[0, 1, 2], []], [[0], [0]]] as const) {
      const order = by(stored, closed, tagOf(carried, stored, closed))
      equal(stage.completed(1, order, judged(order)), 422, JSON.stringify([stored, closed]))
    }
    equal(judged(by([0, 2], [], tagOf(carried, [0, 2], [])), 7), undefined)
    equal(judged({ ...(by([], [], '0'.repeat(32) as Tag) as Order & { _tag: 'ImComplete' }), im: 'e'.repeat(28) as ImId }), undefined)
    equal(server.askOf(own, stage.state, seals[1] as never, undefined, { ...request(by([0, 2], [], tagOf(carried, [0, 2], []))), seq: 0 })?.proven, undefined)
    const order = by([0], [2], tagOf(carried, [0], [2]))
    equal(stage.completed(2, order, judged(order, 2)), 'proof')
  })
})

describe('leases', () => {
  it(rule('G5'), () => {
    const machine = server.machine(free)
    let [longest, ended] = [0, 0]
    fc.assert(
      fc.property(runs(), (run) => {
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
    ok(longest > 8000 && ended > 500, `${longest} ms, ${ended} ended by their time`)
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
    equal(held?.granted.ends, stage.now + lease)
    deepEqual([held?.granted.grant.until, machine.wakeAt(stage.state)], [until, { _tag: 'Some', value: stage.now + lease }])
    stage.give(self, server.wake)
    ok(isLive(stage.state, im))
    const before = stage.state.position
    stage.now = (held?.granted.ends ?? 0) - 1
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

  it(rule('G7'), () => {
    const met = { refused: 0, granted: 0, together: 0 }
    const starts = fc.array(fc.record({ wait: fc.constantFrom(0, 1, 5000, 9000, 20_000, 59_000, 70_000), patience: fc.constantFrom('once' as const, 'twice' as const, 'thrice' as const), isProven: fc.nat(4).map((n) => n === 0) }), { minLength: 5, maxLength: 25 })
    fc.assert(
      fc.property(starts, (all) => {
        const stage = village()
        const machine = server.machine(free)
        const lost: { readonly from: number; readonly to: number }[] = []
        for (const { wait, patience, isProven } of all) {
          const until = stage.now + wait
          for (let due = machine.wakeAt(stage.state); due._tag === 'Some' && due.value <= until; due = machine.wakeAt(stage.state)) {
            stage.now = due.value - 1
            for (const { im, granted } of liveIn(stage.state)) if (granted.ends <= due.value) lost.push({ from: im.since, to: granted.ends })
            stage.give(self, server.wake)
          }
          stage.now = Math.max(stage.now, until)
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
    ok(met.refused > 50 && met.granted > 50 && met.together > 20, JSON.stringify(met))
  })
})

describe('epochs', () => {
  it(rule('G8'), () => {
    const seen = { moved: 0, still: 0, again: 0 }
    fc.assert(
      fc.property(runs(), (run) => {
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
    ok(seen.moved > 500 && seen.again > 20, JSON.stringify(seen))
    const stage = village()
    const restored = server.restore(free, server.saved(stage.state), 1_000_000)
    ok(isRight(restored) && roll.values(restored.right.lists).every(({ epoch }) => epoch > 1_000_000))
    deepEqual(server.violations(restored.right), [])
  })
})

describe('a message', () => {
  it(rule('G9'), () => {
    const stage = village()
    const first = stage.granted(1, start('l', { commit: commit(3) }))
    const again = (root: ImId, change: Partial<Order & { readonly _tag: 'ImStart' }> = {}): Order => start('l', { commit: commit(3), again: { root, to: [] }, ...change })
    // what goes on is not sent again
    equal(stage.ask(1, again(first.im)), 404)
    equal(stage.completed(1, complete(first.im, [0], [2])), 'proof')
    equal(stage.ask(1, again(first.im, { commit: commit(4) })), 403)
    equal(stage.ask(2, again(first.im)), 404)
    equal(stage.ask(1, again(first.im, { list: listName('o') })), 464)
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 200)
    equal(stage.ask(1, again(first.im, { list: listName('o') })), 404)
    const [alice, mallory] = [identity(0).id, identity(2).id]
    const second = stage.granted(1, again(first.im, { again: { root: first.im, to: [mallory, identity(9).id, identity(1).id] } }))
    deepEqual([second.root, second.path, second.im === first.im, second.no], [first.im, [2], false, 2])
    // who is not in it proves nothing, and who is in it alone is the whole path
    equal(stage.completed(0, complete(second.im, [2])), 422)
    equal(stage.completed(2, complete(second.im, [2])), 'proof')
    const nobody = stage.granted(1, again(first.im, { again: { root: first.im, to: [identity(9).id] } }))
    deepEqual([nobody.path, stage.state.ongoing], [[], 0])
    // by the root, and not by the grant that sent it again
    equal(stage.ask(1, again(second.im)), 404)
    stage.now = first.until + limits.inboxMarginMs - 1
    const last = stage.granted(1, again(first.im, { again: { root: first.im, to: [alice] } }))
    equal(stage.completed(1, complete(last.im, [0])), 'proof')
    // its time does not begin anew with the last grant
    equal(stage.ask(1, again(first.im)), 404)
  })

  it(rule('G10'), () => {
    const stage = village()
    const ims = Array.from({ length: 17 }, (_, i) => {
      const { im, until } = stage.granted(1, start('l'))
      if (i % 3 === 0) equal(stage.completed(1, complete(im, [0, 2])), 'proof')
      if (i % 3 === 1) equal(stage.operate(on('Release', 'l', 'Bob')), 200)
      if (i % 3 === 2) stage.now = until
      stage.give(self, server.wake)
      later(stage)
      return im
    })
    const outcomes = (): ReadonlyArray<string | number> => ims.map((im) => stage.completed(1, complete(im, [0]), false))
    const expected = ims.map((_, i) => (i === 0 ? 404 : ['proof', 'forced', 'expired'][i % 3] ?? ''))
    deepEqual(outcomes(), expected)
    // also by the next process, and by the next process of the contact
    const again = server.ledger(free).whole(server.ledger(free).parts(server.directory(stage.state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown))
    ok(isRight(again))
    stage.state = again.right.state
    restarted(stage, '2')
    equal(stage.register(1, 'Bob', { nonce: 77 }), 200)
    deepEqual(outcomes(), expected)
    const { im } = stage.granted(0, start('l'))
    equal(stage.register(3, 'Dan'), 200)
    deepEqual([stage.completed(3, complete(im, [])), stage.completed(1, complete('d'.repeat(28) as ImId, []))], [404, 404])
  })

  it(rule('G11'), () => {
    const own = box('the server')
    const stage = village()
    const seq = stage.next(1)
    const bytes = (response: server.Response | undefined): ReadonlyArray<string> =>
      server.repliesOf(own.sign)(response as server.Response, 0n).flatMap((frame) => (frame._tag === 'Reply' ? [Buffer.from(frame.part.bytes).toString('hex')] : []))
    const first = bytes(stage.asked(1, start('l'), seq))
    const answer = sealed.decodeAnswer(new Uint8Array(Buffer.from(first.join(''), 'hex')))
    ok(isRight(answer) && answer.right.body._tag === 'Granted')
    ok(own.verify(own.own.signs, sealed.grantBytes(answer.right.body.grant), new Uint8Array(Buffer.from(answer.right.body.signature, 'hex'))))
    const { ongoing } = stage.state
    deepEqual(bytes(stage.asked(1, start('l', { size: 7 }), seq)), first)
    const whole = server.ledger(free).whole(server.ledger(free).parts(server.directory(stage.state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown))
    ok(isRight(whole))
    stage.state = whole.right.state
    restarted(stage, '5')
    deepEqual([bytes(stage.asked(1, start('l'), seq)), stage.state.ongoing], [first, ongoing])
  })

  it(rule('G12'), () => {
    const stage = village()
    const ask = (n: number, ring: sealed.Grant['ring']): server.Response | undefined => stage.give(keyed(identity(n).seals), { _tag: 'Seek', ring })
    const { ring, epoch, im } = stage.granted(1, start('l'))
    const told = ask(2, ring)
    ok(told?._tag === 'Told')
    equal(free.hash(sealed.ringBytes(sealed.encodeRing(told.ring))), ring)
    deepEqual([told.ring.epoch, told.ring.members.map((one) => one.name)], [epoch, ['Alice', 'Bob', 'Mallory']])
    // in parts, those that are missing
    const frames = server.repliesOf(box('the server').sign)(told, 0n)
    deepEqual(frames.map((frame) => frame._tag === 'RingTold' && frame.ring === ring && frame.part.count), [1])
    deepEqual(server.repliesOf(box('the server').sign)(told, 1n), [])
    equal(stage.register(3, 'Dan'), 200)
    const { position } = stage.state
    deepEqual([ask(3, ring), ask(7, ring), ask(2, commit(1))], [undefined, undefined, undefined])
    equal(stage.state.position, position)
    // still when the message is over, until somebody joins or leaves
    equal(stage.completed(1, complete(im, [0, 2])), 'proof')
    ok(ask(0, ring) !== undefined)
    equal(stage.ask(2, on('Leave', 'l', 'Mallory')), 200)
    deepEqual([ask(0, ring), ask(2, ring)], [undefined, undefined])
    const slow = village({ ...free, keyRate: { perSecond: 1, burst: 9 } })
    const { ring: other } = slow.granted(1, start('l'))
    const answers = Array.from({ length: 12 }, () => slow.give(keyed(identity(2).seals), { _tag: 'Seek', ring: other }) !== undefined)
    deepEqual(answers, [...Array.from({ length: 9 }, () => true), false, false, false])
  })

  it('keeps the lists of its members as they are, and the operator from deleting it', () => {
    const stage = village()
    const { im } = stage.granted(1, start('l'))
    deepEqual([stage.operate({ _tag: 'Delete', list: listName('l') }), stage.operate(about('Forget', 'Mallory')), stage.ask(2, about('Exit', 'Mallory'))], [463, 463, 463])
    equal(stage.operate(on('Release', 'l', 'Bob')), 200)
    deepEqual([endOf(stage.state, 1, im), stage.operate({ _tag: 'Delete', list: listName('l') })], ['forced', 200])
  })
})

describe('the invariants of grants name what is broken', () => {
  const stage = village()
  stage.granted(1, start('l'))
  const { state } = stage
  const list = roll.get(state.lists, listName('l')) as server.List
  const bob = roll.get(state.contacts, name('Bob')) as server.Contact
  const withIm = (change: Partial<server.Granted>): server.State =>
    ({ ...state, lists: roll.set(state.lists, list.name, { ...list, ims: list.ims.map((im) => ({ ...im, granted: im.granted && { ...im.granted, ...change } })) }) })
  const withGrant = (change: Partial<sealed.Grant>): server.State => withIm({ grant: { ...(liveIn(state)[0] as Live).granted.grant, ...change } })
  const withPast = (past: Partial<server.Bound['past']>): server.State => {
    ok(bob.bound !== undefined)
    return { ...state, contacts: roll.set(state.contacts, name('Bob'), { ...bob, bound: { ...bob.bound, past: { ...bob.bound.past, ...past } } }) }
  }
  const ruined: ReadonlyArray<readonly [string, ReadonlyArray<server.State>]> = [
    ['S14', [
      { ...state, granted: { ...state.granted, lists: table.empty() } }, { ...state, granted: { ...state.granted, ends: agenda.empty } },
      { ...state, granted: { ...state.granted, ends: agenda.add(state.granted.ends, { at: 9 as Instant, id: 'x' }) } }, withIm({ ends: 77_777_777 as Instant }),
    ]],
    ['S15', [
      withGrant({ epoch: 1 }), withGrant({ ring: commit(1) }), withGrant({ no: 9 }), withGrant({ initiator: 0 }), withGrant({ path: [] }), withGrant({ path: [1] }), withGrant({ until: 9 as Instant }),
      { ...state, lists: roll.set(state.lists, list.name, { ...list, epoch: 99 }) }, { ...state, lists: roll.set(state.lists, list.name, { ...list, no: 0 }) },
    ]],
    ['S16', [withPast({ locked: [{ from: 5 as Instant, to: 5 as Instant }] }), withPast({ locked: [{ from: 5 as Instant, to: 9 as Instant }, { from: 8 as Instant, to: 12 as Instant }] })]],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(server.violations(state), [])
      broken.forEach((one, i) => ok(server.violations(one).some((violation) => violation.rule === number), `${i}: ${JSON.stringify(server.violations(one))}`))
    })
  }
})
