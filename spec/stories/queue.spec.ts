// Stories of those who wait for a list, and of those whom that keeps from sending (F10 to F13, F30 of the attacks on the first design).
import { deepEqual, equal, ok } from 'node:assert/strict'
import { limits, roll, type ContactName, type ListName, type Order, type sealed } from '../../core/index.js'
import { commit } from '../arbitraries/keys.js'
import { rule } from '../protocol.js'
import { list } from './office.js'
import { Mixed } from './mixed.js'
import { Stage } from './stage.js'

const leaving = (who: string, of = list): sealed.Change => ({ _tag: 'Leave', list: of, contact: who as ContactName })
const joining = (who: string, of = list): sealed.Change => ({ _tag: 'Join', list: of, contact: who as ContactName })
const starting = (of = list, patience: 'once' | 'thrice' = 'once'): Order => ({ _tag: 'ImStart', list: of, commit: commit(0), size: 5, patience, again: null })
const other = 'other' as ListName

describe('stories of the queue', () => {
  let stage = new Stage('alice')
  const four = (): Stage => (stage = new Stage('alice', 'bob', 'carol', 'dave'))
  afterEach(() => stage.end())

  const waits = (who: string, change: sealed.Change): number => {
    const { code, body } = stage.asks(who, { _tag: 'Enqueue', change })
    if (code !== 200 || body._tag !== 'Queued') throw new Error(`${who} does not wait: ${code} ${body._tag}`)
    return body.ticket
  }
  /** its place, the code of what came of it, or that of a refusal */
  const becomes = (who: string, ticket: number): string => {
    const { code, body } = stage.asks(who, { _tag: 'Ticket', ticket })
    return body._tag === 'Queued' ? `place ${body.place}` : body._tag === 'Served' ? `served ${body.code}` : String(code)
  }
  const fenced = (of = list): boolean => roll.get(stage.office.state.lists, of)?.fence !== undefined

  it('F10: who waits is answered at once, and what it waits for is its own message, which comes to its end', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const ticket = waits('alice', leaving('alice'))
    equal(becomes('alice', ticket), 'place 1')
    stage.flow()
    deepEqual([stage.office.end(im), becomes('alice', ticket), stage.office.list.size], ['proof', 'served 200', 3])
    deepEqual(stage.screen('dave'), ['hello'])
  })

  it('F11: all lists that a waiter needs are fenced together, and open together', () => {
    four()
    equal(stage.order('alice', { _tag: 'Create', list: other, policy: 'sealed' }), 200)
    for (const who of ['alice', 'bob']) equal(stage.order(who, joining(who, other)), 200)
    // bob's list is busy all the time; carol wants to be on the other one, which is not
    equal(stage.order('dave', starting(list)), 200)
    const ticket = waits('carol', joining('carol', other))
    stage.pass(1900)
    deepEqual([fenced(), fenced(other)], [false, false])
    stage.pass(400)
    deepEqual([fenced(), fenced(other), stage.order('alice', starting(other)), stage.order('alice', starting())], [true, true, 425, 425])
    stage.pass(8000)
    deepEqual([fenced(), fenced(other), becomes('carol', ticket)], [false, false, 'served 200'])
    equal(stage.order('alice', starting(other)), 200)
  })

  it('F11: two who want to stop a list, one by messages that come to nothing and one by coming and going, keep nobody from sending', () => {
    stage = new Stage('alice', 'bob', 'mallory', 'trent')
    const waited: number[] = []
    const sent = { at: 0, begun: 0 }
    let [fences, ticket, isOn] = [0, 0, true]
    const begun = (): number => stage.member('alice').notices.filter(({ _tag }) => _tag === 'Begun').length
    for (let second = 0; second < 600; second += 1) {
      stage.order('mallory', starting(list, 'thrice'))
      if (ticket === 0 || !becomes('trent', ticket).startsWith('place')) {
        if (becomes('trent', ticket) === 'served 200') isOn = !isOn
        const { body } = stage.asks('trent', { _tag: 'Enqueue', change: isOn ? leaving('trent') : joining('trent') })
        if (body._tag === 'Queued') ticket = body.ticket
        else isOn = !isOn
      }
      if (fenced()) fences += 1
      if (stage.member('alice').state.asked === undefined && stage.now - sent.at > 3000) {
        sent.at = stage.now
        sent.begun = begun()
        stage.says('alice', `number ${second}`)
      }
      stage.pass(1000)
      if (begun() > sent.begun) {
        waited.push(stage.now - sent.at)
        sent.begun = Infinity
      }
    }
    ok(fences > 15, `${fences} s with a fence`)
    deepEqual(stage.member('alice').notices.filter(({ _tag }) => _tag === 'NotBegun'), [])
    // a lease of three times the usual at the most, and then it is open for as long
    ok(Math.max(...waited) <= 26_000, `${Math.max(...waited)} ms`)
    const prompt = waited.filter((ms) => ms <= 1000).length
    ok(prompt > waited.length / 2 && waited.length > 60, `${prompt} of ${waited.length} at once`)
  })

  it('F12: nothing makes a fence last longer than the leases that were given before it', () => {
    four()
    const im = stage.sends('alice', 'hello', 'thrice')
    const [live] = stage.office.live
    stage.kill('alice')
    stage.loseAll()
    const ticket = waits('bob', leaving('bob'))
    stage.pass(2300)
    equal(fenced(), true)
    for (let i = 0; stage.office.isLive(im); i += 1) {
      ok(i < 60)
      for (const who of ['carol', 'dave']) equal(stage.order(who, starting(list, 'thrice')), 425)
      equal(stage.order('carol', { _tag: 'Withdraw', ticket }), 410)
      stage.pass(500)
    }
    ok(stage.office.now - (live?.ends ?? 0) <= 500)
    deepEqual([stage.office.end(im), becomes('bob', ticket), fenced()], ['expired', 'served 200', false])
  })

  it('F13: a server that starts with another clock keeps the queue and its fence, and holds what goes on', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const [live] = stage.office.live
    stage.kill('alice')
    stage.loseAll()
    const ticket = waits('carol', leaving('carol'))
    stage.pass(2300)
    equal(fenced(), true)
    stage.restartServer(3_600_000)
    stage.pass(1000)
    deepEqual([fenced(), becomes('carol', ticket), stage.office.isLive(im)], [true, 'place 1', true])
    stage.restartServer(-7_200_000)
    deepEqual([fenced(), stage.order('dave', starting())], [true, 425])
    stage.pass((live?.lease ?? 0) + 3_600_000 + 3_600_000)
    deepEqual([fenced(), becomes('carol', ticket), stage.office.end(im)], [false, 'served 200', 'expired'])
    // whatever the clock said meanwhile, the list starts messages again
    equal(stage.order('dave', starting()), 200)
  })

  it(rule('R24'), () => {
    four()
    const im = stage.sends('alice', 'hello')
    stage.kill('alice')
    stage.loseAll()
    const ticket = waits('carol', leaving('carol'))
    stage.pass(2300)
    equal(fenced(), true)
    stage.says('dave', 'a moment later')
    stage.pass(2000)
    deepEqual(stage.member('dave').notices.map(({ _tag }) => _tag), ['Postponed'])
    stage.pass(6000)
    deepEqual([stage.office.end(im), becomes('carol', ticket)], ['expired', 'served 200'])
    stage.pass(9000)
    deepEqual([stage.report('dave'), stage.screen('bob')], [{ delivered: 'bob', undelivered: '', unknown: 'alice' }, ['a moment later']])
  })

  it('costs a server some tens of refusals where a fence lasts for a minute, and a message begins soon behind it, whenever it is lifted', () => {
    const fencedFor = (ms: number): { readonly refusals: number; readonly lateMs: number } => {
      const mixed = new Mixed(['alice', 'bob', 'carol'], ['Old'])
      stage = mixed
      stage.flow()
      equal(stage.office.classic(`im-start-_-${list}-_-Old`).slice(0, 3), '200')
      stage.pass(limits.classicLeaseMs - 60_000)
      waits('bob', leaving('bob'))
      stage.pass(limits.fenceAfterMs + limits.fenceLookMs)
      equal(fenced(), true)
      stage.says('carol', 'a moment later')
      const began = stage.office.state.position
      stage.pass(ms)
      const refusals = stage.office.state.position - began
      stage.office.classic(`im-complete-_-${list}-_-Old`)
      equal(fenced(), false)
      const over = stage.now
      while (!stage.member('carol').notices.some(({ _tag }) => _tag === 'Begun')) stage.pass(10)
      stage.end()
      return { refusals, lateMs: stage.now - over }
    }
    for (const [ms, refusals, lateMs] of [[200, 2, 500], [2000, 8, 750], [20_000, 25, 5000], [55_000, 45, 1250]] as const) {
      const all = fencedFor(ms)
      ok(all.refusals > 0 && all.refusals <= refusals && all.lateMs <= lateMs, `${ms} ms: ${JSON.stringify(all)}`)
    }
  })

  it('F30: an operator unlocks a list: its messages have ended so, what waited is done, and no member takes an old one in the new epoch', () => {
    four()
    const im = stage.sends('alice', 'hello')
    const late = stage.take('alice>bob ring')
    const second = stage.sends('carol', 'another')
    stage.lose('carol>*')
    const ticket = waits('dave', leaving('dave'))
    stage.office.unlock()
    deepEqual([stage.office.end(im), stage.office.end(second), becomes('dave', ticket), stage.office.list.size], ['forced', 'forced', 'served 200', 3])
    stage.sends('carol', 'in a new epoch')
    stage.flow()
    deepEqual(stage.screen('bob'), ['in a new epoch'])
    stage.bring(late)
    deepEqual(stage.screen('bob'), ['in a new epoch'])
  })
})
