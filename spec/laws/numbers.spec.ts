// The numbers of a list's messages: one for each that was said, however often it is sent again, and none that anybody misses who was not on the list.
import { deepEqual, equal } from 'node:assert/strict'
import { limits } from '../../core/index.js'
import { rule } from '../protocol.js'
import { Stage } from '../stories/stage.js'

describe('numbers', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())

  /** What a member was told of messages of others: the number, and how many before it were missing; and of those that nobody gave. */
  const told = (name: string): ReadonlyArray<readonly [number, number] | 'gap'> =>
    stage.member(name).notices.flatMap((notice): ReadonlyArray<readonly [number, number] | 'gap'> => {
      if (notice._tag === 'Gap') return ['gap']
      return notice._tag === 'Taken' ? [[notice.no, notice.missed ?? 0]] : []
    })

  const aWhile = (): void => {
    for (let i = 0; i < 60; i += 1) stage.pass(1000)
  }

  /** Dave was away when the second message went round, and is back; nobody gives him what he has missed. */
  const missed = (): void => {
    stage = new Stage('alice', 'bob', 'carol', 'dave')
    stage.sends('alice', 'one')
    stage.pass(1000)
    stage.judges('dave', 'away')
    stage.sends('alice', 'two')
    stage.pass(1000)
    stage.judges('dave', 'alive')
  }

  it(rule('G13'), () => {
    missed()
    const first = stage.im('alice')
    stage.resends('alice', first)
    aWhile()
    stage.sends('bob', 'three')
    aWhile()
    // Bob and Carol have all of it, and Dave has too; nobody is told that anything is missing
    for (const name of ['carol', 'dave']) deepEqual(told(name).slice(-3), [[2, 0], [3, 0], [4, 0]], name)
    // what comes late fills the number that was missing
    missed()
    stage.sends('bob', 'three')
    stage.pass(1000)
    deepEqual(told('dave').at(-1), [4, 1])
    stage.resends('alice', stage.im('alice'))
    aWhile()
    deepEqual(told('dave').slice(-2), [[4, 1], [3, 0]])
    deepEqual(stage.history('dave').slice(-2), ['three', 'two'])
    stage.sends('carol', 'four')
    aWhile()
    for (const name of ['alice', 'bob', 'dave']) deepEqual(told(name).at(-1), [5, 0], name)
    stage.open = []
  })

  it(rule('K10'), () => {
    const nothing = (): void => undefined
    const anew = (): void => {
      stage.kill('dave')
      stage.restart('dave')
    }
    for (const between of [nothing, anew]) {
      stage = new Stage('alice', 'bob', 'carol', 'dave')
      for (const { name } of stage.members) stage.member(name).catchesUp()
      stage.sends('alice', 'one')
      stage.pass(1000)
      equal(stage.leaves('dave'), 200)
      between()
      for (const text of ['two', 'three']) {
        stage.sends('alice', text)
        stage.pass(1000)
      }
      equal(stage.joins('dave'), 200)
      between()
      stage.sends('bob', 'four')
      aWhile()
      deepEqual(told('dave').at(-1), [5, 0])
      deepEqual([stage.history('dave'), stage.member('dave').state.gaps], [['one', 'four'], []])
      // what goes round while he is away now is missed, and nothing else
      stage.sleep('dave')
      stage.judges('dave', 'away')
      stage.sends('alice', 'five')
      stage.pass(limits.perhapsAwayMs)
      stage.judges('dave', 'alive')
      stage.continue('dave')
      stage.member('dave').give(stage.now, { _tag: 'Resume' })
      aWhile()
      deepEqual([stage.history('dave'), told('dave').includes('gap')], [['one', 'four', 'five'], false])
      stage.open = []
    }
  })

  it('K10, where a process learned nothing of a leave, and the server has put it on the list', () => {
    stage = new Stage('alice', 'bob', 'carol', 'dave')
    for (const { name } of stage.members) stage.member(name).catchesUp()
    stage.sends('alice', 'one')
    aWhile()
    equal(stage.leaves('dave', false), 200)
    stage.sends('alice', 'two')
    aWhile()
    equal(stage.joins('dave'), 200)
    stage.sends('alice', 'three')
    aWhile()
    deepEqual([told('dave').slice(-2), stage.history('dave')], [[[2, 0], [4, 0]], ['one', 'three']])
    // whoever was on it all the time has missed what he has not got
    stage.judges('dave', 'away')
    stage.sends('alice', 'four')
    stage.pass(1000)
    stage.judges('dave', 'alive')
    equal(stage.joins('dave'), 461)
    stage.sends('alice', 'five')
    stage.pass(1000)
    deepEqual(told('dave').at(-1), [6, 1])
    stage.open = []
  })

  it('K10, of a message from before the leave that is sent again behind the join (seed 187)', () => {
    missed()
    const first = stage.im('alice')
    for (const { name } of stage.members) stage.member(name).catchesUp()
    equal(stage.leaves('dave'), 200)
    for (const text of ['three', 'four']) {
      stage.sends('bob', text)
      stage.pass(1000)
    }
    equal(stage.joins('dave'), 200)
    stage.resends('alice', first)
    aWhile()
    stage.kill('dave')
    stage.restart('dave')
    aWhile()
    stage.sends('bob', 'five')
    aWhile()
    deepEqual([told('dave').slice(-2), stage.history('dave')], [[[3, 0], [6, 0]], ['one', 'two', 'five']])
    stage.kill('dave')
    stage.restart('dave')
    aWhile()
    deepEqual([told('dave').includes('gap'), stage.member('dave').state.gaps], [false, []])
    stage.open = []
  })
})
