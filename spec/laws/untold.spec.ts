// Copies for a member that does not know that it is on the list: they wait for a word of the server, and no longer than their message goes on.
import { deepEqual, equal } from 'node:assert/strict'
import { limits } from '../../core/index.js'
import { Stage } from '../stories/stage.js'

describe('a copy for a member that does not know that it is on the list', () => {
  let stage = new Stage('alice')
  afterEach(() => stage.end())

  /** Bob has left, and was put back without a word; a message for him waits, and so does his question. */
  const untold = (): void => {
    stage = new Stage('alice', 'bob', 'carol')
    equal(stage.leaves('bob'), 200)
    equal(stage.joins('bob', false), 200)
    stage.sends('alice', 'hello')
    stage.pass(200, 'bob>server Members')
    deepEqual([stage.member('bob').state.parked.length, stage.screen('bob')], [1, []])
  }

  const learns = (): void => {
    const { now: shown, state: { process } } = stage.office
    stage.member('bob').give(stage.now, { _tag: 'Learned', process, shown, since: stage.member('bob').clock(stage.now) })
  }

  it('is looked at again when he is told, and not whenever he learns the time', () => {
    untold()
    for (const line of stage.lines('bob>*')) stage.lose(line)
    learns()
    deepEqual([stage.lines('bob>*'), stage.member('bob').state.parked.length], [[], 1])
    stage.member('bob').give(stage.now, { _tag: 'Joined', list: 'list' as never })
    deepEqual([stage.screen('bob'), stage.member('bob').state.parked], [['hello'], []])
    stage.open = []
  })

  it('is let go when its message is over', () => {
    untold()
    stage.pass(limits.leaseMs * 2, 'bob>server Members')
    learns()
    deepEqual([stage.member('bob').state.parked, stage.screen('bob')], [[], []])
    stage.open = []
  })
})
