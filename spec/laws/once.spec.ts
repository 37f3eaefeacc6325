// Requests are executed at most once: production machines on both sides of a network that does what it likes, and a server that starts again.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { ContactName, ListName, server, type peer } from '../../core/index.js'
import { Campus, type Member } from '../model/campus.js'
import { fair, type Weather } from '../model/link.js'
import { rule } from '../protocol.js'

const names = ['Me', 'Myself', 'I'].filter(ContactName.is)
const lists = ['one', 'two'].filter(ListName.is)

/** The weather of the promise: 30 % lost, 50 % doubled, and everything overtakes everything. */
const rough: Weather = { loss: 0.3, duplication: 0.5, corruption: 0.05, delayMs: [1, 400], reordering: true }

const wish = (): fc.Arbitrary<peer.sealed.Wish> =>
  fc.oneof(
    fc.constantFrom<ListName>(...lists).chain((list) =>
      fc.constantFrom<peer.sealed.Wish>(
        { _tag: 'Create', list, policy: 'sealed' },
        { _tag: 'Create', list, policy: 'closed' },
        { _tag: 'Delete', list },
        { _tag: 'Members', list },
        { _tag: 'Join', list, contact: undefined },
        { _tag: 'Join', list, contact: undefined },
        { _tag: 'Leave', list, contact: undefined },
        { _tag: 'Invite', list, contact: 'I' as ContactName },
      ),
    ),
    fc.constant<peer.sealed.Wish>({ _tag: 'QueryLists' }),
  )

const isFinal = ({ _tag }: peer.Notice): boolean => _tag === 'Answered' || _tag === 'Unanswered'

const ready = ({ state }: Member): boolean => state.phase._tag === 'Idle' && !state.ended

/** Everybody registers, and then asks what is given, when there is room to ask; between the `restarts` the server runs on. */
const run = (campus: Campus, wishes: ReadonlyArray<readonly [who: number, peer.sealed.Wish, ms: number]>, restarts: ReadonlySet<number>): number => {
  let asked = 0
  campus.pass(3000)
  campus.members.forEach((member, i) => {
    if (!ready(member)) return
    asked += 1
    campus.ask(i, { _tag: 'Register', contact: names[i] ?? ('' as ContactName) })
  })
  campus.pass(2000)
  wishes.forEach(([who, wished, ms], i) => {
    if (restarts.has(i)) campus.restart()
    const member = campus.members[who]
    if (member !== undefined && ready(member) && member.state.registered !== undefined) {
      asked += 1
      campus.ask(who, wished)
    }
    campus.pass(ms)
  })
  campus.pass(60_000)
  return asked
}

const keyOf = ({ key, ask: { boot, seq, order } }: Campus['executions'][number]): string => (order._tag === 'Register' ? `${key} ${order.nonce}` : `${key} ${boot} ${seq}`)

/** No request twice; every answer that was given to one the same; every wish with one last word. */
const check = (campus: Campus, asked: number): void => {
  const executed = campus.executions.map(keyOf)
  equal(new Set(executed).size, executed.length, executed.join('\n'))
  const finals = campus.members.flatMap(({ notices }) => notices.filter(isFinal))
  equal(finals.length, asked)
  // each key has one process here
  deepEqual(campus.members.flatMap(({ notices }) => notices.filter(({ _tag }) => _tag === 'Superseded')), [])
  for (const { key, ask, outcome } of campus.executions) {
    if (outcome === undefined || ask.order._tag === 'Register') continue
    const codes = new Set(campus.answers.get(`${key} ${ask.boot} ${ask.seq}`))
    equal(codes.size, 1, `${ask.order._tag} was answered ${[...codes].join(' and ')}`)
    ok(codes.has(String(server.sealedAnswer(outcome).code)))
  }
}

describe('requests on a network that does what it likes', () => {
  it(rule('W16'), () => {
    const met = { unknown: 0, answered: 0, repeated: 0, restarted: 0 }
    fc.assert(
      fc.property(
        fc.nat(),
        fc.array(fc.tuple(fc.nat(2), wish(), fc.constantFrom(1, 50, 400, 2500)), { maxLength: 25 }),
        fc.array(fc.nat(8), { minLength: 1, maxLength: 3 }),
        (seed, wishes, restarts) => {
          const campus = new Campus(3, rough, seed)
          const asked = run(campus, wishes, new Set(restarts))
          check(campus, asked)
          const finals = campus.members.flatMap(({ notices }) => notices.filter(isFinal))
          met.unknown += finals.filter(({ _tag }) => _tag === 'Unanswered').length
          met.answered += finals.filter(({ _tag }) => _tag === 'Answered').length
          met.repeated += [...campus.answers.values()].filter(({ length }) => length > 1).length
          met.restarted += campus.life - 1
        },
      ),
      { numRuns: 250 },
    )
    ok(met.answered > 1000 && met.repeated > 200 && met.restarted > 100, JSON.stringify(met))
  })

  it('a network that loses everything leaves every client with an unknown outcome, and nobody with a wrong one', () => {
    const campus = new Campus(2, fair, 1)
    run(campus, [], new Set())
    campus.link.weather = { ...fair, loss: 1 }
    campus.ask(0, { _tag: 'Create', list: 'one' as ListName, policy: 'open' })
    campus.pass(60_000)
    deepEqual(campus.members[0]?.notices.filter(isFinal).map((notice) => (notice._tag === 'Unanswered' ? notice.outcome : notice._tag)), ['Answered', 'unknown'])
    equal(campus.executions.length, 2)
  })

  it('an answer that got lost is given again, the same, by a server that has started anew with the state that it had', () => {
    const campus = new Campus(1, fair, 2)
    run(campus, [], new Set())
    const before = campus.executions.length
    campus.ask(0, { _tag: 'Create', list: 'one' as ListName, policy: 'open' })
    // the request is on its way, its answer will not be
    campus.link.weather = { ...fair, loss: 1 }
    campus.pass(5)
    equal(campus.executions.length, before + 1)
    campus.restart()
    campus.link.weather = fair
    campus.pass(10_000)
    equal(campus.executions.length, before + 1)
    deepEqual(campus.members[0]?.notices.filter(isFinal).map((notice) => (notice._tag === 'Answered' ? notice.code : 0)), [200, 200])
  })
})
