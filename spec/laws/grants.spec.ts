// What the directory grants, and what takes it back: a proof, time, the operator, and nothing else.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import {
  agenda, limits, operator, roll, sealed, self, server, table, type ImId, type Instant, type Order, type PublicKey, type Tag,
} from '../../core/index.js'
import { commit, identity } from '../arbitraries/keys.js'
import { box } from '../model/box.js'
import { outcomeOf, sameDirectory } from '../model/commands.js'
import { Directory } from '../model/directory.js'
import { complete, create, Desk, free, listName, name, on, start, village } from '../model/desk.js'
import { beginnings, endOf, isLive, liveIn, traffic, whyEnded, type Live } from '../model/traffic.js'
import { rule } from '../protocol.js'

/** The number of a message that was for nobody, and ended as it began. */
const overOf = (state: server.State, root: string): number | undefined =>
  roll.values(state.contacts).flatMap(({ bound }) => bound?.past.over ?? []).find((one) => one.root === root)?.no

describe('grants', () => {
  it(rule('G1'), () => {
    const names = new Set<string>()
    const numbers = new Map<string, number>()
    let granted = 0
    fc.assert(
      fc.property(traffic(60), (run) => {
        names.clear()
        numbers.clear()
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
                im: `${before.process}${after.position.toString(16).padStart(12, '0')}`, root: order.again?.root ?? grant.im, list: order.list, no: order.again === null ? (roll.get(before.lists, list)?.no ?? 0) + 1 : numbers.get(order.again.root) ?? overOf(before, order.again.root),
                epoch: now.epoch, ring, initiator: places.indexOf(im.initiator), path, commit: order.commit, size: order.size, until: after.at + ms,
              }, ms, after.at + ms,
            ])
            equal(places[grant.initiator], server.keyedBy(after, by.key)?.card.name)
            ok(!names.has(grant.im))
            names.add(grant.im)
            numbers.set(grant.im, grant.no)
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
      fc.property(traffic(60), (run) => {
        for (const step of run) {
          const due = liveIn(step.before).map((live) => [live, whyEnded(live, step)] as const)
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

  it('are given, refused and taken back as the dumb model says it', () => {
    const tally = new Map<string, number>()
    const reduce = server.reduce(free)
    fc.assert(
      fc.property(traffic(60), (run) => {
        const model = new Directory(free)
        for (const { by, command, at } of beginnings) model.step(by, command, at)
        for (const { before, input, after } of run) {
          const expected = model.step(input.by, input.command, input.at)
          const outcome = outcomeOf(reduce(before, input))
          deepEqual(outcome, expected, JSON.stringify(input))
          sameDirectory(model, after)
          const { command } = input
          const met = `${command._tag === 'Ask' || command._tag === 'Operate' ? command.order._tag : command._tag} ${expected?.outcome ?? expected?.code ?? 'nobody'}`
          tally.set(met, (tally.get(met) ?? 0) + 1)
        }
      }),
      { numRuns: 300 },
    )
    const wanted = [
      'ImStart 200', 'ImStart 401', 'ImStart 403', 'ImStart 404', 'ImStart 429', 'ImStart 431', 'ImStart 433', 'ImStart 464', 'ImComplete proof', 'ImComplete recorded', 'ImComplete expired', 'ImComplete 404', 'ImComplete 422',
      'Release 200', 'Release 464', 'Release 465', 'Join 200', 'Join 463', 'Leave 200', 'Leave 463', 'Exit 200', 'Exit 463', 'Delete 463', 'Start nobody', 'Wake nobody',
    ]
    deepEqual(wanted.filter((met) => (tally.get(met) ?? 0) < 3), [], JSON.stringify([...tally]))
  })

  it('keep every invariant, and come back from a snapshot as they were', () => {
    const ledger = server.ledger(free)
    const partsOf = (state: server.State): ReadonlyArray<unknown> => ledger.parts(server.directory(state, free)).map((part) => JSON.parse(JSON.stringify(part())) as unknown)
    fc.assert(
      fc.property(traffic(60), (run) => {
        for (const { after } of run) deepEqual(server.violations(after), [])
        const last = run.at(-1)?.after
        if (last === undefined) return
        const again = ledger.whole(partsOf(last))
        ok(isRight(again), JSON.stringify(again))
        deepEqual(server.violations(again.right.state), [])
        deepEqual(partsOf(again.right.state), partsOf(last))
        deepEqual(server.recorded(again.right.state).granted, server.recorded(last).granted)
      }),
      { numRuns: 300 },
    )
  })

  it('for nobody have ended when they are given, and hold nobody', () => {
    const stage = village()
    equal(stage.classic('leave o Carol'), '200')
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 200)
    const { im, path, no } = stage.granted(1, start('o'))
    deepEqual([path, no, stage.state.ongoing, endOf(stage.state, 1, im)], [[], 1, 0, 'proof'])
    equal(stage.completed(1, complete(im, [])), 'proof')
    equal(stage.granted(1, start('o')).no, 2)
  })

  it('for classic members alone end when their initiator says so, or by their time, and hold the list until then', () => {
    const stage = village()
    equal(stage.ask(1, on('Join', 'o', 'Bob')), 200)
    const { im, path } = stage.granted(1, start('o'))
    deepEqual([path, stage.state.ongoing, stage.classic('leave o Carol')], [[], 1, '463'])
    equal(stage.ask(0, complete(im, [])), 404)
    equal(stage.ask(0, on('Join', 'o', 'Alice')), 463)
    equal(stage.completed(1, complete(im, [1])), 422)
    equal(stage.completed(1, complete(im, [])), 'proof')
    deepEqual([stage.state.ongoing, endOf(stage.state, 1, im)], [0, 'proof'])
    const late = stage.granted(1, start('o'))
    stage.now = late.until
    stage.give(self, server.wake)
    equal(stage.classic('leave o Carol'), '200')
    deepEqual([stage.state.ongoing, endOf(stage.state, 1, late.im)], [0, 'expired'])
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
  const withDebt = (key: PublicKey, from: number, to: number): server.State =>
    ({ ...state, keyed: { ...state.keyed, debts: [{ key, locked: [{ from: from as Instant, to: to as Instant }] }] } })
  const ruined: ReadonlyArray<readonly [string, ReadonlyArray<server.State>]> = [
    ['S14', [
      { ...state, granted: { ...state.granted, lists: table.empty() } }, { ...state, granted: { ...state.granted, ends: agenda.empty } },
      { ...state, granted: { ...state.granted, ends: agenda.add(state.granted.ends, { at: 9 as Instant, id: 'x' }) } }, withIm({ ends: 77_777_777 as Instant }),
    ]],
    ['S15', [
      withGrant({ epoch: 1 }), withGrant({ ring: commit(1) }), withGrant({ no: 9 }), withGrant({ initiator: 0 }), withGrant({ path: [] }), withGrant({ path: [1] }), withGrant({ until: 9 as Instant }),
      { ...state, lists: roll.set(state.lists, list.name, { ...list, epoch: 99 }) }, { ...state, lists: roll.set(state.lists, list.name, { ...list, no: 0 }) },
      { ...state, lists: roll.set(state.lists, list.name, { ...list, ring: list.ring && { ...list.ring, keyed: [0, 1, 2, 3] } }) },
    ]],
    ['S16', [withPast({ locked: [{ from: 5 as Instant, to: 5 as Instant }] }), withPast({ locked: [{ from: 5 as Instant, to: 9 as Instant }, { from: 8 as Instant, to: 12 as Instant }] }), withDebt(identity(1).seals, 5, 9), withDebt(identity(9).seals, 9, 5), { ...state, granted: { ...state.granted, over: table.set(state.granted.over, 'e'.repeat(28) as ImId, name('Bob')) } }]],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(server.violations(state), [])
      broken.forEach((one, i) => ok(server.violations(one).some((violation) => violation.rule === number), `${i}: ${JSON.stringify(server.violations(one))}`))
    })
  }
})
