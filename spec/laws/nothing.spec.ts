// The word that there is nothing of what a member may have missed: to whom it is said, how often, and what whoever hears it makes of it (K9).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { limits, type delivery, type sealed } from '../../core/index.js'
import { rule } from '../protocol.js'
import { absence } from '../stories/absence.js'
import { list } from '../stories/office.js'
import { Stage } from '../stories/stage.js'

describe('the word that nothing was missed', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())
  const { away, wakes, caught, asked } = absence((made) => (stage = made), () => stage)

  it(rule('K9'), () => {
    const none = (from = 0, to = 2 ** 48 - 1): sealed.Frame => ({ _tag: 'MissedNone', list, from, to })
    /** Whom dave asks in that time, and how many ms after each other, as far as it is looked at. */
    const asksIn = (ms: number, every: number, ...but: ReadonlyArray<string>): { readonly whom: ReadonlyArray<string>; readonly apart: ReadonlyArray<number> } => {
      const asks: (readonly [string, number])[] = []
      for (let left = ms; left > 0; left -= every) {
        for (const line of stage.lines('dave>* missed?')) asks.push([line.split(/[> ]/)[1] ?? '', stage.now])
        stage.flow(...but)
        stage.pass(every, 'dave>* missed?', ...but)
      }
      return { whom: asks.map(([name]) => name), apart: asks.slice(1).map(([, at], i) => at - (asks[i]?.[1] ?? 0)) }
    }
    const gaps = (): ReadonlyArray<delivery.Gap> => stage.member('dave').state.gaps
    const others = ['alice', 'bob', 'carol']

    // nothing was missed: each is asked once, and once more later
    away()
    wakes()
    const { whom, apart } = asksIn(1000, 1)
    deepEqual([whom.toSorted(), apart], [others, [limits.missedApartMs, limits.missedApartMs]])
    deepEqual([asksIn(8000, 50).whom, gaps().length], [[], 1])
    deepEqual([asksIn(5000, 50).whom.toSorted(), gaps(), asksIn(30_000, 50).whom], [others, [], []])

    // whoever does not say so is asked as often as ever, one after the other
    away()
    wakes()
    const silent = asksIn(30_000, 50, '*>dave none')
    deepEqual([silent.whom.length, silent.apart.slice(1).filter((ms) => ms !== limits.missedWantedMs), gaps()], [others.length * limits.missedWantedSends, [], []])
    stage.open = []

    // what one has taken is not asked for again, and all that it has comes before its word that there is no more
    away('one', 'two')
    wakes()
    const { whom: both } = asksIn(20_000, 50)
    deepEqual([caught().map(({ text }) => text), both.length], [['one', 'two'], 2 + 2 * others.length])

    // a message that was on its way to all who are asked
    away()
    stage.judges('dave', 'away')
    stage.sends('alice', 'on its way')
    const held = stage.take('alice>bob ring')
    stage.stop('alice')
    stage.judges('dave', 'alive')
    wakes()
    asksIn(5000, 50)
    deepEqual([gaps().length, caught()], [1, []])
    stage.bring(held)
    asksIn(15_000, 50)
    deepEqual(caught().map(({ text }) => text), ['on its way'])
    stage.open = []

    // who lies speaks for itself only, and puts nothing off; of others, and of other numbers, it says nothing
    const says = (name: string, frame: sealed.Frame): void => {
      stage.slip(name, 'dave', frame)
      stage.deliver(`${name}>dave none`)
    }
    away('missed')
    wakes()
    const holder = asked()
    const asker = stage.member('dave')
    const { at } = gaps()[0] ?? { at: 0 }
    const before = gaps()
    for (const name of ['alice', 'bob', 'carol', 'mallory']) if (name !== holder) says(name, none())
    for (const frame of [none(at + 1), none(0, at), { ...none(), list: 'other' as typeof list }]) says(holder, frame)
    deepEqual(gaps(), before)
    says(holder, none())
    const due = gaps()[0]?.due
    stage.pass(limits.missedApartMs / 2, `dave>${holder} *`)
    says(holder, none())
    deepEqual([gaps()[0]?.asked, gaps()[0]?.due, asker.clock(stage.now) < (due ?? 0)], [stage.member(holder).key, due, true])
    stage.witness.rogues.clear()
    ok(asksIn(2000, 50, `dave>${holder} *`).whom.some((name) => name !== holder))
    deepEqual(caught().map(({ text }) => text), ['missed'])
    stage.open = []
  })

  it('says that there is nothing to members, as often as it would give something, and to nobody else', () => {
    away()
    const asksFor = (who: string, times: number): number => {
      stage.open = []
      for (let i = 0; i < times; i += 1) {
        stage.slip(who, 'carol', { _tag: 'MissedWanted', list, from: 0, to: 2 ** 48 - 1, partly: undefined })
        stage.deliver(`${who}>carol missed?`)
      }
      return stage.lines(`carol>${who} none`).length
    }
    deepEqual([asksFor('dave', 1), asksFor('dave', 1000)], [1, limits.missedRate.burst - 1])
    stage.pass(1000)
    equal(asksFor('dave', 1000), limits.missedRate.perSecond)
    const catchesUp = (on: boolean): void => stage.member('carol').give(stage.now, { _tag: 'CatchUp', list, on })
    catchesUp(false)
    stage.pass(1000)
    equal(asksFor('dave', 1), 0)
    catchesUp(true)
    equal(asksFor('dave', 1), 1)
    stage.open = []
    equal(stage.leaves('dave'), 200)
    stage.sends('alice', 'among three')
    stage.pass(1000)
    equal(asksFor('dave', 1), 0)
    stage.open = []
  })
})
