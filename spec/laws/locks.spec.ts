// What is told of locks and of who waits for them where there are more than one answer has room for.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isRight } from 'fp-ts/lib/Either.js'
import { limits, operator, sealed, server, type Order } from '../../core/index.js'
import { queued } from '../model/crowd.js'
import { about, create, Desk, free, listName, on, start } from '../model/desk.js'

const all: Order = { _tag: 'Locks', list: null, contact: null }

/** So many lists of the longest names, with these contacts on each. */
const town = (lists: number, contacts: number): { readonly stage: Desk; readonly names: ReadonlyArray<string> } => {
  const stage = new Desk({ ...free, maxOwnMessages: 1000 })
  const names = Array.from({ length: lists }, (_, i) => `${i}`.padEnd(limits.nameBytes, 'x'))
  for (let n = 0; n < contacts; n++) equal(stage.register(n, `Contact ${n}`), 200)
  for (const name of names) {
    equal(stage.ask(0, create(name)), 200)
    for (let n = 0; n < contacts; n++) equal(stage.ask(n, on('Join', name, `Contact ${n}`)), 200)
  }
  return { stage, names }
}

/** Each of them begins so many messages on each list. */
const busy = ({ stage, names }: ReturnType<typeof town>, contacts: number, each: number): void => {
  for (let i = 0; i < each; i++) for (const name of names) for (let n = 0; n < contacts; n++) stage.granted(n, start(name))
}

type Told = sealed.AnswerBody & { readonly _tag: 'Locks' | 'OldestLocks' }

/** What is told, as it is on the wire. */
const told = (response: server.Response | undefined): { readonly body: Told; readonly bytes: number } => {
  if (response === undefined) throw new Error('no answer')
  const bytes = sealed.encodeAnswer(server.sealedAnswer(server.outcomeOf(response)))
  ok(sealed.partsOf(bytes, 0n) !== undefined, `${bytes.length} bytes`)
  const answer = sealed.decodeAnswer(bytes)
  if (!isRight(answer)) throw new Error(JSON.stringify(answer.left))
  const { body } = answer.right
  if (body._tag !== 'Locks' && body._tag !== 'OldestLocks') throw new Error(body._tag)
  return { body, bytes: bytes.length }
}

describe('locks of which an answer has no room for all', () => {
  it('are told as far as there is room, the oldest, with how many more there are, to the operator and to contacts', () => {
    const here = town(10, 4)
    busy(here, 4, 10)
    const { stage } = here
    const { ticket } = queued(stage, 2, about('Exit', 'Contact 2'))
    for (const response of [stage.give(operator, { _tag: 'Operate', order: all }), stage.asked(1, all, stage.next(1))]) {
      const { body, bytes } = told(response)
      if (body._tag !== 'OldestLocks') throw new Error(`all ${body.locks.length} are told`)
      ok(bytes > 0.9 * limits.sealedAnswerBytes, `${bytes} bytes`)
      deepEqual([body.locks.length + body.behind.locks, body.behind.tickets, body.tickets.map((one) => one.ticket)], [400, 0, [ticket]])
      const since = body.locks.map((lock) => Number(lock.since))
      deepEqual(since, since.toSorted((a, b) => a - b))
      ok(Math.max(...since) < stage.now - body.behind.locks, 'the newest are left out')
    }
    // of one list there is room for all
    const { body } = told(stage.give(operator, { _tag: 'Operate', order: { ...all, list: listName(here.names[0] ?? '') } }))
    deepEqual([body._tag, body.locks.length], ['Locks', 40])
  })

  it('leave half of the room to who waits, where that needs so much, and the other way round', () => {
    const contacts = 14
    const here = town(16, contacts)
    busy(here, 4, 4)
    const { stage } = here
    const tickets = Array.from({ length: contacts }, (_, n) => queued(stage, n, about('Exit', `Contact ${n}`)).ticket)
    const { body, bytes } = told(stage.give(operator, { _tag: 'Operate', order: all }))
    if (body._tag !== 'OldestLocks') throw new Error('all are told')
    deepEqual([body.tickets.length + body.behind.tickets, body.locks.length + body.behind.locks], [contacts, 256])
    ok(body.behind.tickets > 0 && body.behind.locks > 0 && body.tickets.length >= 6 && body.locks.length >= 60 && bytes > 0.85 * limits.sealedAnswerBytes, JSON.stringify(body.behind))
    deepEqual(body.tickets.map((one) => one.ticket), tickets.slice(0, body.tickets.length))
  })
})
