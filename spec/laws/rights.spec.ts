// Who may do what, in states that a server can reach.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { keyed, operator, roll, self, server, table, type Actor, type Address, type Instant, type Order } from '../../core/index.js'
import { identity, nonce, order } from '../arbitraries/keys.js'
import { roomy } from '../arbitraries/server.js'
import { mixedSequences, reached, type Tally } from '../model/commands.js'
import { about, create, Desk, free, home, listName, name, on, picture, village, complete, start } from '../model/desk.js'
import { Directory } from '../model/directory.js'
import { isAllowed, rights } from '../model/rights.js'
import { rule } from '../protocol.js'
import { skeletons } from '../../shell/skeleton.js'

describe('who may do what', () => {
  it('is said by the core as the dumb model says it, in any sequence of commands by anybody', () => {
    const tally: Tally = new Map()
    const expected = {
      'Ask Register': [200, 403, 451, 452, 453, 455, 456], 'Ask Create': [200, 401, 409, 457, 458, 'nobody'], 'Ask Delete': [200, 401, 403, 409, 460, 'nobody'],
      'Ask QueryLists': [200, 401, 409], 'Ask Members': [200, 401, 409, 460, 464], 'Ask Invite': [200, 401, 403, 409, 459, 460, 'nobody'],
      'Ask Join': [200, 401, 403, 409, 423, 454, 460, 461, 463, 'nobody'], 'Ask Leave': [200, 401, 403, 409, 460, 463, 464, 'nobody'],
      'Ask Exit': [200, 401, 403, 409, 463, 'nobody'], 'Ask ImStart': [200, 400, 401, 404, 409, 460, 464, 'nobody'],
      'Ask ImComplete': [200, 401, 404, 409, 'nobody'], 'Ask Suspect': [200, 401, 409, 459], 'Ask Where': [200, 401, 409, 460, 464], 'Operate Where': [403], 'Operate Suspect': [403], 'Ask Release': [401, 403, 409, 'nobody'], 'Ask Save': [401, 403, 409, 'nobody'], 'Ask Forget': [401, 403, 409, 'nobody'],
      'Ask Enqueue': [200, 401, 403, 409, 460, 464], 'Ask Withdraw': [401, 409, 410], 'Ask Ticket': [401, 409, 410], 'Ask Locks': [200, 401, 403, 409, 459, 460], 'Ask Unlock': [401, 403, 409],
      'Operate Enqueue': [403], 'Operate Withdraw': [410], 'Operate Ticket': [403], 'Operate Locks': [200, 459, 460], 'Operate Unlock': [460, 465],
      'Ask again': [200, 403, 423, 457, 460, 464],
      'Operate Create': [200, 457, 458], 'Operate Delete': [200, 460], 'Operate QueryLists': [200], 'Operate Members': [200, 460], 'Operate Invite': [200, 459, 460],
      'Operate Join': [200, 423, 454, 459, 460, 461, 463], 'Operate Leave': [200, 459, 460, 464], 'Operate Exit': [200, 459], 'Operate Forget': [200, 459],
      'Operate ImStart': [403], 'Operate ImComplete': [403], 'Operate Release': [459, 460, 464], 'Operate Save': ['file', 462], 'Operate Register': [403],
      Moved: ['nobody'], Judged: ['nobody'], Start: ['nobody'], Wake: ['nobody'], Seek: [200, 'nobody'], 'by somebody else': [400, 403],
    }
    const wanted = Object.entries(expected).flatMap(([word, outcomes]) => outcomes.map((outcome) => `${word} ${outcome}`))
    const missing = (): ReadonlyArray<string> => wanted.filter((outcome) => !tally.has(outcome))
    // some of these are met once in a thousand sequences
    for (let round = 0; round < 12 && (round === 0 || missing().length > 0); round++) {
      fc.assert(
        fc.property(roomy(), mixedSequences(tally, 60), (bounds, commands) => {
          fc.modelRun(() => ({ model: new Directory(bounds), real: { reduce: server.reduce(bounds), state: server.initial } }), commands)
        }),
        { numRuns: 3000 },
      )
    }
    deepEqual(missing(), [], 'outcomes that were never met')
  })

  it(rule('A1'), () => {
    const met = new Map<string, number>()
    const asking = fc.oneof(fc.constantFrom<Order>({ _tag: 'Register', contact: name('Me'), signs: identity(0).signs, proof: '', nonce: nonce(1) }), order())
    const situation = roomy().chain((bounds) => fc.tuple(fc.constant(bounds), reached(bounds, 40)))
    fc.assert(
      fc.property(situation, fc.array(fc.tuple(asking, fc.nat(5)), { minLength: 30, maxLength: 60 }), ([bounds, { model, state }], attempts) => {
        for (const [asked, n] of attempts) {
          const isOperator = n === 5
          const contact = model.keyed(identity(n).seals)
          if (asked._tag === 'Register' && !isOperator) continue
          if (isOperator || contact !== undefined ? isAllowed(asked, model.roles(asked, isOperator ? undefined : contact)) : false) continue
          const by: Actor = isOperator ? operator : keyed(identity(n).seals)
          const command: server.Command = isOperator
            ? { _tag: 'Operate', order: asked }
            : { _tag: 'Ask', boot: contact?.key.boot ?? 1, seq: (contact?.key.last?.seq ?? 0) + 1, order: asked, identity: undefined, address: home }
          const step = server.reduce(bounds)(state, { at: (state.at + 1) as Instant, by, command })
          ok(step.response._tag === 'Some')
          const { code } = server.classicReply(step.response.value)
          const isNowhere = (asked._tag === 'Delete' || asked._tag === 'Invite') && !roll.has(state.lists, asked.list)
          equal(code, contact === undefined && !isOperator ? 401 : isNowhere ? 460 : 403)
          deepEqual(picture(step.state), picture(state))
          deepEqual(step.effects, [])
          const word = `${asked._tag} by ${isOperator ? 'the operator' : contact === undefined ? 'no contact' : 'another contact'}`
          met.set(word, (met.get(word) ?? 0) + 1)
        }
      }),
      { numRuns: 300 },
    )
    const orders = Object.keys(rights).filter((tag) => tag !== 'Register')
    const forAnyContact = ['Create', 'QueryLists', 'Members', 'Suspect', 'Where', 'ImStart', 'ImComplete', 'Enqueue', 'Withdraw', 'Ticket', 'Locks']
    const wrong = [
      ...orders.map((tag) => `${tag} by no contact`),
      ...orders.filter((tag) => !forAnyContact.includes(tag)).map((tag) => `${tag} by another contact`),
      'ImStart by the operator', 'ImComplete by the operator', 'Suspect by the operator', 'Where by the operator', 'Register by the operator',
    ]
    deepEqual(wrong.filter((word) => (met.get(word) ?? 0) < 10), [], 'wrong askers that were hardly met')
  })

  it(rule('A2'), () => {
    const stage = village()
    const { im } = stage.granted(1, start('l'))
    equal(stage.register(3, 'Dan'), 200)
    const before = picture(stage.state)
    const impersonations: ReadonlyArray<Order> = [
      about('Exit', 'Bob'), on('Leave', 'l', 'Bob'), on('Join', 'o', 'Bob'), about('Forget', 'Bob'), on('Release', 'l', 'Bob'),
    ]
    for (const asked of impersonations) {
      equal(stage.ask(2, asked), 403, `${asked._tag} by Mallory for Bob`)
      equal(stage.ask(7, asked), 401, `${asked._tag} by a stranger's key for Bob`)
    }
    for (const text of ['exit Bob', 'leave o Bob', 'join o Bob', 'im-start o Bob', 'im-complete o Bob']) equal(stage.classic(text), '459', text)
    for (const text of ['leave l Carol', 'join l Carol', 'im-start l Carol', 'im-complete l Carol']) equal(stage.classic(text), '460', text)
    equal(stage.classic('register Bob 192.168.2.66 22000'), '455')
    for (const asked of [start('l'), complete(im, [0, 2])]) equal(stage.operate(asked), 403)
    // of the message itself another member can only prove that it is over, and a stranger not even ask
    equal(stage.completed(2, complete(im, []), true), 422)
    equal(stage.completed(3, complete(im, [0, 2]), true), 404)
    deepEqual(picture(stage.state), before)
  })

  it(rule('A6'), () => {
    const stage = village()
    equal(stage.register(0, 'Alicia'), 452)
    equal(stage.register(3, 'Bob'), 455)
    equal(stage.register(3, 'Carol'), 455)
    for (const squat of ['bob', 'BOB', 'Ｂｏｂ']) equal(stage.register(3, squat), 451, squat)
    for (const odd of ['Bob\u200b', ' Bob', 'Bob ', 'B  b', 'B\u202eob', 'Bo\u0301b', '\u0301', '\ufeffBob', 'B\u00a0b', 'B\u3164b', 'b'.repeat(33), 'x\u0323\u0324\u0325\u0326\u0327']) {
      equal(stage.register(3, odd), 453, JSON.stringify(odd))
    }
    equal(stage.register(3, 'Dave', { proof: undefined }), 403)
    equal(stage.register(3, 'Dave', { proof: 1 }), 403)
    for (const fine of ['Zoë', '李雷', 'Анна Петровна', 'نور', '😀']) {
      equal(stage.register(3, fine), 200, fine)
      equal(stage.ask(3, about('Exit', fine)), 200, fine)
    }
    equal(stage.ask(1, about('Exit', 'Bob')), 200)
    equal(stage.register(3, 'bob'), 200)
  })

  it('is not got round by characters that resemble others', () => {
    const alike: Readonly<Record<string, ReadonlyArray<string>>> = {
      Bob: ['bob', 'ВОВ', 'Βob', 'B0b', 'Воb', '𝐁𝐨𝐛', 'ℬob'],
      Ivan: ['lvan', 'ivan', 'IVAN', '1van', '|van', 'Іvаn', 'Ⅰvan'],
      admin: ['аdmin', 'adrnin', 'ADMIN', 'adm\u0456n', 'ａｄｍｉｎ'],
      'Вова': ['вова', 'ВОВА', 'Boва'],
      'Zoë': ['zoë', 'ΖΟË'],
    }
    for (const [known, others] of Object.entries(alike))
      for (const other of others) {
        const stage = new Desk({ ...free, skeletons })
        equal(stage.register(0, known), 200)
        equal(stage.register(1, other), 451, `${other} beside ${known}`)
      }
    const stage = new Desk({ ...free, skeletons, maxContacts: 100 })
    const different = ['Ray', 'Tay', 'Zay', 'Uay', 'Ned', 'Ved', 'Eve', 'Ada', 'Oda', 'Bob', 'Rob', 'Sue', 'Fue', 'Carol', 'Dave', 'Mallory', 'Вера', 'Анна', '李雷', '韩梅梅', 'نور', 'אדם']
    different.forEach((one, n) => equal(stage.register(n, one), 200, one))
  })

  it(rule('A10'), () => {
    const stage = village()
    const owner = (list: string): string | undefined => {
      const id = roll.get(stage.state.lists, listName(list))?.owner
      return id === undefined ? undefined : table.get(stage.state.keyed.ids, id)
    }
    equal(stage.ask(1, { _tag: 'Delete', list: listName('l') }), 403)
    equal(stage.ask(0, on('Leave', 'l', 'Mallory')), 200)
    equal(stage.ask(2, on('Join', 'l', 'Mallory')), 200)
    equal(stage.ask(0, about('Exit', 'Alice')), 200)
    equal(owner('l'), 'Bob')
    equal(stage.ask(1, about('Exit', 'Bob')), 200)
    deepEqual([owner('l'), owner('o')], ['Mallory', undefined])
    equal(stage.ask(2, { _tag: 'Delete', list: listName('o') }), 403)
    equal(stage.classic('exit Carol'), '200')
    equal(stage.ask(2, { _tag: 'Delete', list: listName('o') }), 200)
    equal(stage.ask(2, { _tag: 'Delete', list: listName('l') }), 200)
    equal(roll.size(stage.state.lists), 0)
    equal(stage.classic('query-lists'), '200-_-{"num_lists": 0, "list_names": []}')
  })

  it('lets nobody but the owner and its guests on a closed list, also by the operator', () => {
    const stage = village()
    equal(stage.ask(0, create('c', 'closed')), 200)
    equal(stage.ask(1, on('Join', 'c', 'Bob')), 423)
    equal(stage.operate(on('Join', 'c', 'Bob')), 423)
    equal(stage.operate(on('Join', 'c', 'Carol')), 403)
    equal(stage.ask(0, on('Join', 'c', 'Alice')), 200)
    equal(stage.ask(1, on('Invite', 'c', 'Bob')), 403)
    equal(stage.ask(0, on('Invite', 'c', 'Carol')), 403)
    equal(stage.ask(0, on('Invite', 'c', 'Bob')), 200)
    equal(stage.ask(1, on('Join', 'c', 'Bob')), 200)
    equal(stage.ask(2, { _tag: 'Members', list: listName('c') }), 464)
    equal(stage.operate({ _tag: 'Members', list: listName('c') }), 200)
    // its owner, who need not be on it, but is shown nobody's place as a member is
    equal(stage.ask(0, on('Leave', 'c', 'Alice')), 200)
    deepEqual([stage.ask(0, { _tag: 'Members', list: listName('c') }), stage.ask(0, { _tag: 'Where', list: listName('c'), ids: [identity(1).id] })], [200, 464])
  })

  it('shows co-members who is on a list and where, wherever a key has moved', () => {
    const stage = village()
    const there = { ip: '198.51.100.4', port: 4 } as Address
    equal(stage.ask(0, on('Join', 'o', 'Alice')), 200)
    stage.give(self, { _tag: 'Moved', key: identity(0).seals, address: there })
    const seen = stage.asked(0, { _tag: 'Members', list: listName('o') }, 99)
    const members = seen?._tag === 'Answered' ? server.sealedAnswer(seen.outcome).body : undefined
    deepEqual(members, {
      _tag: 'Members', owner: 'Bob', policy: 'open',
      members: [
        { name: 'Carol', ip: '192.168.2.9', port: 22000, presence: 'classic', keys: undefined },
        { name: 'Alice', ...there, presence: 'alive', keys: identity(0) },
      ],
    })
    ok(stage.classic('im-start o Carol').includes('"name": "Alice", "ip": "198.51.100.4", "port": 4'))
  })
})

describe('the invariants of keys name what is broken', () => {
  const stage = village()
  equal(stage.ask(0, create('c', 'closed')), 200)
  equal(stage.ask(0, on('Invite', 'c', 'Bob')), 200)
  equal(stage.ask(0, on('Join', 'c', 'Alice')), 200)
  const { state } = stage
  const contact = (text: string): server.Contact => roll.get(state.contacts, name(text)) as server.Contact
  const list = (text: string): server.List => roll.get(state.lists, listName(text)) as server.List
  const withBound = (text: string, change: Partial<server.Bound>): server.State => {
    const one = contact(text)
    ok(one.bound !== undefined)
    return { ...state, contacts: roll.set(state.contacts, one.card.name, { ...one, bound: { ...one.bound, ...change } }) }
  }
  const withList = (text: string, change: Partial<server.List>): server.State => ({ ...state, lists: roll.set(state.lists, listName(text), { ...list(text), ...change }) })
  const ruined: ReadonlyArray<readonly [string, server.State]> = [
    ['S8', { ...state, keyed: { ...state.keyed, keys: table.remove(state.keyed.keys, identity(0).seals) } }],
    ['S9', { ...state, keyed: { ...state.keyed, skeletons: table.set(state.keyed.skeletons, 'zed', name('Alice')) } }],
    ['S10', withList('l', { owner: identity(9).id })],
    ['S11', withBound('Bob', { boot: contact('Alice').bound?.boot ?? 0 })],
    ['S12', withList('c', { owner: identity(1).id })],
    ['S13', withBound('Bob', { ongoing: 1 })],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(server.violations(state), [])
      ok(server.violations(broken).some((violation) => violation.rule === number), JSON.stringify(server.violations(broken)))
    })
  }
})
