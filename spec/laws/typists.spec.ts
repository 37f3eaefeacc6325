// Classic members who type for longer than a minute, while somebody waits for their list and sealed messages go on: whoever waits is served, however they
// time what they do. Each is a case in which it once was not.
import { equal, ok } from 'node:assert/strict'
import { limits } from '../../core/index.js'
import { listOf, pass, queued, ticketOf } from '../model/crowd.js'
import { complete, create, on, start, village, type Desk } from '../model/desk.js'

const minute = limits.longestLeaseMs
const people = ['Carol', 'Dora', 'Ed'] as const

const says = (stage: Desk, text: string): string => stage.classic(text).slice(0, 3)

/** Dora and Ed have no keys either, and are on the open list o, as Carol is, who begins. */
const company = (): Desk => {
  const stage = village()
  for (const [i, who] of ['Dora', 'Ed'].entries()) {
    equal(says(stage, `register ${who} 192.168.2.${20 + i} 22000`), '200')
    equal(says(stage, `join o ${who}`), '200')
  }
  return stage
}

describe('slow typists', () => {
  it('who begin again in the moment in which they end keep nobody waiting for ever', () => {
    const stage = company()
    equal(says(stage, 'im-start o Carol'), '200')
    pass(stage, stage.now + 50_000)
    equal(says(stage, 'im-start o Dora'), '200')
    const { ticket } = queued(stage, 0, on('Join', 'o', 'Alice'))
    const asked = stage.state.at
    for (let i = 2; ticketOf(stage, 0, ticket) !== 'Done'; i += 1) {
      ok(stage.state.at - asked <= 4 * minute, 'nobody is served')
      pass(stage, stage.now + 55_000)
      says(stage, `im-complete o ${people[(i - 2) % 3]}`)
      says(stage, `im-start o ${people[i % 3]}`)
    }
  })

  it('who begin in the open time, while sealed messages go on, keep nobody waiting for ever', () => {
    const stage = company()
    for (const [n, who] of [[1, 'Bob'], [2, 'Mallory']] as const) equal(stage.ask(n, on('Join', 'o', who)), 200)
    equal(says(stage, 'im-start o Carol'), '200')
    const { ticket } = queued(stage, 0, on('Join', 'o', 'Alice'))
    const asked = stage.now
    let [typist, began, isTyping, next, turn] = [0, stage.now, true, 0, 1]
    let sealed: { readonly by: number; readonly end: ReturnType<typeof complete> } | undefined
    while (ticketOf(stage, 0, ticket) !== 'Done') {
      ok(stage.now - asked <= 4 * minute, 'nobody is served')
      pass(stage, stage.now + 500)
      if (stage.now >= next) {
        turn = 3 - turn
        const answer = stage.asked(turn, start('o'), stage.next(turn))
        const grant = answer?._tag === 'Answered' && answer.outcome._tag === 'Right' && answer.outcome.right._tag === 'Granted' ? answer.outcome.right.grant : undefined
        if (sealed !== undefined) equal(stage.completed(sealed.by, sealed.end), 'proof')
        sealed = grant === undefined ? undefined : { by: turn, end: complete(grant.im, grant.path) }
        next = stage.now + (grant === undefined ? 0 : 4000)
      }
      if (isTyping && sealed !== undefined && stage.now - began >= minute + 3000) {
        equal(says(stage, `im-complete o ${people[typist]}`), '200')
        isTyping = false
      }
      if (isTyping || listOf(stage, 'o').open - stage.now >= 1500) continue
      typist = (typist + 1) % 3
      if (says(stage, `im-start o ${people[typist]}`) !== '200') continue
      began = stage.now
      isTyping = true
    }
  })

  it('are looked at when they get stuck, also by whoever waits for a list that another one has reserved', () => {
    const stage = company()
    for (const list of ['a', 'b', 'c']) {
      equal(stage.ask(0, create(list, 'open')), 200)
      for (const who of people) equal(says(stage, `join ${list} ${who}`), '200')
      for (const [n, who] of [[1, 'Bob'], [2, 'Mallory']] as const) equal(stage.ask(n, on('Join', list, who)), 200)
    }
    const began = stage.now
    const at = (seconds: number): void => pass(stage, began + seconds * 1000)
    equal(says(stage, 'im-start b Dora'), '200')
    at(50)
    equal(says(stage, 'im-start a Carol'), '200')
    queued(stage, 1, on('Leave', 'a', 'Bob'))
    at(53)
    queued(stage, 2, { _tag: 'Exit', contact: 'Mallory' as never })
    at(56)
    equal(says(stage, 'im-start c Ed'), '200')
    queued(stage, 1, on('Leave', 'c', 'Bob'))
    at(59)
    equal(listOf(stage, 'c').fence, undefined, 'it is reserved for Mallory, who was there before Bob')
    at(61)
    ok(listOf(stage, 'c').fence !== undefined, 'Mallory waits for a message that is stuck, and reserves nothing')
  })
})

describe('a fence', () => {
  it('is lifted where its contact has joined a list that is in its open time: messages that begin there would make it last', () => {
    const stage = company()
    for (const list of ['m', 'v']) {
      equal(stage.ask(1, create(list, 'open')), 200)
      for (const [n, who] of [[1, 'Bob'], [2, 'Mallory']] as const) equal(stage.ask(n, on('Join', list, who)), 200)
    }
    const isFenced = (list: string): boolean => listOf(stage, list).fence !== undefined
    // m is fenced until Bob's message is over, and then open for as long
    const first = stage.granted(1, start('m', { patience: 'thrice' }))
    queued(stage, 2, on('Leave', 'm', 'Mallory'))
    pass(stage, stage.now + 23_500)
    equal(stage.completed(1, complete(first.im, first.path)), 'proof')
    const { until } = stage.granted(1, start('v', { patience: 'thrice' }))
    const { ticket } = queued(stage, 0, on('Join', 'v', 'Alice'))
    pass(stage, stage.now + 2500)
    equal(isFenced('v'), true)
    equal(stage.ask(0, on('Join', 'm', 'Alice')), 200)
    const { open } = listOf(stage, 'm')
    ok(open > stage.now + limits.fenceLookMs && open < until, `${open} ${stage.now} ${until}`)
    pass(stage, stage.now + limits.fenceLookMs + 1)
    equal(isFenced('v'), false)
    equal(stage.ask(1, start('m', { patience: 'thrice' })), 200)
    pass(stage, open + limits.fenceLookMs)
    ok(isFenced('v') && isFenced('m'), 'both together, when the open time is over')
    pass(stage, stage.now + 25_000)
    equal(ticketOf(stage, 0, ticket), 'Done')
  })
})
