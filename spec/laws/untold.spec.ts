// Copies for a member that does not know that it is on the list: they wait for a word of the server, and no longer than their message goes on.
import { deepEqual, equal } from 'node:assert/strict'
import { delivery, limits, table, type ContactName, type Instant } from '../../core/index.js'
import { list } from '../stories/office.js'
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
    stage.member('bob').give(stage.now, { _tag: 'Joined', list })
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

describe('an order to join that waits', () => {
  it('says that its contact is not on the list, but where a message of the list has come since it was given', () => {
    const stage = new Stage('alice', 'bob')
    const { key, state } = stage.member('bob')
    const at = table.get(state.lists, list)?.at ?? 0
    const said = (since: number | undefined): string | undefined =>
      delivery.standing(key, state, { _tag: 'Join', list, contact: 'bob' as ContactName }, { code: 200, body: { _tag: 'Queued', ticket: 7, place: 1, opens: undefined } }, since as Instant | undefined)?._tag
    deepEqual([said(at + 1), said(at), said(undefined)], ['Left', undefined, undefined])
    // who asks who is on the list, and is told by an answer of before that message that it is not
    const asked = (since: number | undefined): string | undefined =>
      delivery.standing(key, state, { _tag: 'Members', list }, { code: 464, body: { _tag: 'Nothing' } }, since as Instant | undefined)?._tag
    deepEqual([asked(at), asked(at - 1), asked(undefined)], ['Left', undefined, 'Left'])
    stage.end()
  })
})
