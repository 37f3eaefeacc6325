// Who may do what, in states that a server can reach: keys, ownership, requests executed at most once, what the classic wire sees, and rates.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import {
  classic, classicActor, keyed, limits, operator, roll, self, server, table, trie, utf8Length,
  type Actor, type Address, type ContactName, type Instant, type ListName, type Order, type Policy, type ProcessId,
} from '../../core/index.js'
import { identity, nonce, order } from '../arbitraries/keys.js'
import { address } from '../arbitraries/names.js'
import { roomy, unhurried } from '../arbitraries/server.js'
import { Directory } from '../model/directory.js'
import { mixedSequences, reached, type Tally } from '../model/commands.js'
import { isAllowed, rights } from '../model/rights.js'
import { rule } from '../protocol.js'

const free: server.Config = { ...server.defaults, classicRate: unhurried, keyRate: unhurried, registerRate: unhurried }
const home = { ip: '192.168.2.7', port: 22000 } as Address
const lan = classicActor(home.ip, home.port)
const name = (text: string): ContactName => text as ContactName
const listName = (text: string): ListName => text as ListName

/** A server that is asked step by step: each `ask` is the key's next request, each answer is a code. */
class Stage {
  state = server.initial
  effects: ReadonlyArray<server.Effect> = []
  now = 0
  readonly #config: server.Config
  readonly #boots = new Map<number, number>()
  readonly #seqs = new Map<number, number>()

  constructor(config: server.Config = free) {
    this.#config = config
  }

  give(by: Actor, command: server.Command): server.Response | undefined {
    const step = server.reduce(this.#config)(this.state, { at: (this.now += 1) as Instant, by, command })
    this.state = step.state
    this.effects = step.effects
    deepEqual(server.violations(step.state), [])
    if (step.response._tag === 'Some') return step.response.value
    const [effect] = step.effects
    return effect?._tag === 'Bind' || effect?._tag === 'Part' ? effect.answer : undefined
  }

  code(response: server.Response | undefined): number {
    return response === undefined ? 0 : server.classicReply(response).code
  }

  register(n: number, contact: string, change: { nonce?: number; from?: Address; proof?: number | undefined } = {}): number {
    const asked: Order = { _tag: 'Register', contact: name(contact), signs: identity(n).signs, proof: '', nonce: nonce(change.nonce ?? n) }
    const shown = 'proof' in change ? change.proof : n
    const response = this.give(keyed(identity(n).seals), {
      _tag: 'Ask', boot: 0, seq: 0, order: asked, identity: shown === undefined ? undefined : identity(shown), address: change.from ?? home,
    })
    const reply = response?._tag === 'Answered' && response.outcome._tag === 'Right' ? response.outcome.right : undefined
    if (reply?._tag === 'Registered') {
      if (this.#boots.get(n) !== reply.boot) this.#seqs.set(n, 0)
      this.#boots.set(n, reply.boot)
    }
    return this.code(response)
  }

  boot(n: number): number {
    return this.#boots.get(n) ?? 0
  }

  asked(n: number, asked: Order, seq: number, boot = this.boot(n)): server.Response | undefined {
    return this.give(keyed(identity(n).seals), { _tag: 'Ask', boot, seq, order: asked, identity: undefined, address: home })
  }

  ask(n: number, asked: Order): number {
    const seq = (this.#seqs.get(n) ?? 0) + 1
    this.#seqs.set(n, seq)
    return this.code(this.asked(n, asked, seq))
  }

  operate(asked: Order): number {
    return this.code(this.give(operator, { _tag: 'Operate', order: asked }))
  }

  classic(text: string, by: Actor = lan): string {
    const request = classic.decodeRequest(text.replaceAll(' ', '-_-'))
    const response = this.give(by, request._tag === 'Left' ? request.left : request.right)
    return response === undefined ? 'nothing' : classic.encodeReply(server.classicReply(response)).replace('-_-null', '')
  }
}

const on = (_tag: 'Join' | 'Leave' | 'ImStart' | 'ImComplete' | 'Invite', list: string, contact: string): Order => ({ _tag, list: listName(list), contact: name(contact) })
const create = (list: string, policy: Policy = 'sealed'): Order => ({ _tag: 'Create', list: listName(list), policy })
const about = (_tag: 'Exit' | 'Forget', contact: string): Order => ({ _tag, contact: name(contact) })

/** Alice (0), who owns the list l, Bob (1) and Mallory (2) are on it; Carol is a classic contact on the open list o. */
const village = (config = free): Stage => {
  const stage = new Stage(config)
  for (const [n, contact] of ['Alice', 'Bob', 'Mallory'].entries()) equal(stage.register(n, contact), 200)
  equal(stage.ask(0, create('l')), 200)
  for (const [n, contact] of ['Alice', 'Bob', 'Mallory'].entries()) equal(stage.ask(n, on('Join', 'l', contact)), 200)
  equal(stage.ask(1, create('o', 'open')), 200)
  equal(stage.classic('register Carol 192.168.2.9 22000'), '200')
  equal(stage.classic('join o Carol'), '200')
  return stage
}

/** All that a directory says, but for what is kept of requests, and of their rates. */
const picture = (state: server.State): unknown => ({
  contacts: roll.values(state.contacts).map(({ card, lists, bound }) => ({
    name: card.name, ip: card.ip, port: card.port, lists: table.entries(lists).length,
    ...(bound === undefined ? {} : { id: bound.identity.id, boot: bound.boot, nonce: bound.nonce, ongoing: bound.ongoing, owns: bound.owns.size, invited: bound.invited.size }),
  })),
  lists: roll.values(state.lists).map((list) => ({ ...list, members: server.membersOf(list).map((card) => card.name), guests: table.entries(list.guests).map(([id]) => id as string).sort() })),
  listing: state.listing,
})

describe('who may do what', () => {
  it('is said by the core as the dumb model says it, in any sequence of commands by anybody', () => {
    const tally: Tally = new Map()
    fc.assert(
      fc.property(roomy(), mixedSequences(tally, 60), (bounds, commands) => {
        fc.modelRun(() => ({ model: new Directory(bounds), real: { reduce: server.reduce(bounds), state: server.initial } }), commands)
      }),
      { numRuns: 3000 },
    )
    const expected = {
      'Ask Register': [200, 403, 451, 452, 453, 455, 456], 'Ask Create': [200, 401, 409, 457, 458, 'nobody'], 'Ask Delete': [200, 401, 403, 409, 460, 'nobody'],
      'Ask QueryLists': [200, 401, 409], 'Ask Members': [200, 401, 409, 460, 464], 'Ask Invite': [200, 401, 403, 409, 459, 460, 'nobody'],
      'Ask Join': [200, 401, 403, 409, 423, 454, 460, 461, 463, 'nobody'], 'Ask Leave': [200, 401, 403, 409, 460, 463, 464, 'nobody'],
      'Ask Exit': [200, 401, 403, 409, 463, 'nobody'], 'Ask ImStart': [200, 401, 403, 409, 429, 460, 464, 'nobody'],
      'Ask ImComplete': [200, 401, 403, 409, 460, 464, 465, 'nobody'], 'Ask Save': [401, 403, 409, 'nobody'], 'Ask Forget': [401, 403, 409, 'nobody'],
      'Ask again': [200, 403, 423, 457, 460, 464],
      'Operate Create': [200, 457, 458], 'Operate Delete': [200, 460], 'Operate QueryLists': [200], 'Operate Members': [200, 460], 'Operate Invite': [200, 459, 460],
      'Operate Join': [200, 423, 454, 459, 460, 461, 463], 'Operate Leave': [200, 459, 460, 464], 'Operate Exit': [200, 459], 'Operate Forget': [200, 459],
      'Operate ImStart': [403, 459, 460, 464], 'Operate ImComplete': [459, 460, 464, 465], 'Operate Save': ['file', 462], 'Operate Register': [403],
      Moved: ['nobody'], Start: ['nobody'], 'by somebody else': [400, 403],
    }
    const wanted = Object.entries(expected).flatMap(([word, outcomes]) => outcomes.map((outcome) => `${word} ${outcome}`))
    deepEqual(wanted.filter((outcome) => !tally.has(outcome)), [], 'outcomes that were never met')
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
    const forAnyContact = ['Create', 'QueryLists', 'Members']
    const wrong = [
      ...orders.map((tag) => `${tag} by no contact`),
      ...orders.filter((tag) => !forAnyContact.includes(tag)).map((tag) => `${tag} by another contact`),
      'ImStart by the operator', 'Register by the operator',
    ]
    deepEqual(wrong.filter((word) => (met.get(word) ?? 0) < 10), [], 'wrong askers that were hardly met')
  })

  it(rule('A2'), () => {
    const stage = village()
    equal(stage.ask(1, on('ImStart', 'l', 'Bob')), 200)
    const before = picture(stage.state)
    const impersonations: ReadonlyArray<Order> = [
      about('Exit', 'Bob'), on('Leave', 'l', 'Bob'), on('Join', 'o', 'Bob'), on('ImStart', 'l', 'Bob'), on('ImComplete', 'l', 'Bob'), about('Forget', 'Bob'),
    ]
    for (const asked of impersonations) {
      equal(stage.ask(2, asked), 403, `${asked._tag} by Mallory for Bob`)
      equal(stage.ask(7, asked), 401, `${asked._tag} by a stranger's key for Bob`)
    }
    for (const text of ['exit Bob', 'leave o Bob', 'join o Bob', 'im-start o Bob', 'im-complete o Bob']) equal(stage.classic(text), '459', text)
    for (const text of ['leave l Carol', 'join l Carol', 'im-start l Carol', 'im-complete l Carol']) equal(stage.classic(text), '460', text)
    equal(stage.classic('register Bob 192.168.2.66 22000'), '455')
    equal(stage.operate(on('ImStart', 'l', 'Bob')), 403)
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

describe('requests of a key', () => {
  const seqs = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9).map((n) => n === 0)), { minLength: 1, maxLength: 60 })
  const start: Order = on('ImStart', 'l', 'Bob')

  /** Asks under those numbers, each a start of a message or one more that is refused; sees that each is executed at most once. */
  const atMostOnce = (numbers: ReadonlyArray<readonly [number, boolean]>, between: (stage: Stage) => void): void => {
    const stage = village({ ...free, maxOwnMessages: 5 })
    const outcomes = new Map<number, server.Outcome>()
    for (const [seq, isOldBoot] of numbers.map(([n, old]) => [n + 10, old] as const)) {
      const before = stage.state
      const response = stage.asked(1, start, seq, stage.boot(1) - (isOldBoot ? 1 : 0))
      const last = Math.max(0, ...outcomes.keys())
      const known = outcomes.get(seq)
      if (isOldBoot) equal(stage.code(response), 409)
      else if (seq < last) equal(response, undefined)
      else {
        ok(response?._tag === 'Answered' && response.seq === seq && response.process === stage.state.process && response.at === stage.state.at)
        if (known !== undefined) deepEqual(response.outcome, known)
        outcomes.set(seq, response.outcome)
      }
      if (isOldBoot || seq < last || known !== undefined) deepEqual(stage.state, { ...before, at: stage.state.at })
      else equal(stage.state.position, before.position + 1)
      between(stage)
    }
    const done = [...outcomes.values()].filter(({ _tag }) => _tag === 'Right').length
    deepEqual([stage.state.ongoing, done], [done, Math.min(5, outcomes.size)])
  }

  it(rule('A3'), () => {
    fc.assert(fc.property(seqs, (numbers) => atMostOnce(numbers, () => undefined)), { numRuns: 500 })
    const stage = new Stage()
    for (const asked of [create('l'), { _tag: 'QueryLists' } as const, about('Exit', 'Me')]) equal(stage.ask(0, asked), 401)
    equal(stage.register(0, 'Me'), 200)
    equal(stage.code(stage.asked(0, create('l'), 5)), 200)
    const before = stage.state.position
    deepEqual([5, 4, 1].map((seq) => stage.code(stage.asked(0, { _tag: 'QueryLists' }, seq))), [200, 200, 200])
    equal(stage.state.position, before)
    equal(stage.code(stage.asked(0, about('Exit', 'Me'), 6)), 200)
    deepEqual(stage.effects.map(({ _tag }) => _tag), ['Part'])
    equal(stage.code(stage.asked(0, about('Exit', 'Me'), 6)), 401)
  })

  it(rule('A4'), () => {
    let process = 0
    const restart = (stage: Stage): void => void stage.give(self, { _tag: 'Start', process: (process += 1).toString(16).padStart(16, '0') as ProcessId })
    fc.assert(fc.property(seqs, (numbers) => atMostOnce(numbers, restart)), { numRuns: 300 })
    const stage = village()
    stage.give(operator, { _tag: 'Close', ms: 0 })
    equal(stage.ask(0, create('after')), 503)
    restart(stage)
    equal(stage.ask(0, create('after')), 200)
  })

  it(rule('A5'), () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), address()), { minLength: 1, maxLength: 20 }), (registers) => {
        const stage = village()
        stage.ask(1, on('ImStart', 'l', 'Bob'))
        const past = new Map([[1, stage.boot(1)]])
        let newest = 1
        for (const [which, from] of registers) {
          const before = stage.state
          equal(stage.register(1, 'Bob', { nonce: 100 + which, from }), 200)
          deepEqual(stage.effects.map((effect) => (effect._tag === 'Bind' ? effect.key : effect._tag)), [identity(1).seals])
          const repeated = newest === 100 + which
          equal(stage.state.position, before.position + (repeated ? 0 : 1))
          equal(stage.boot(1), repeated ? past.get(newest) : stage.state.position)
          const contact = roll.get(stage.state.contacts, name('Bob'))
          deepEqual([contact?.card.ip, contact?.card.port], [from.ip, from.port])
          if (repeated) deepEqual(contact?.bound, roll.get(before.contacts, name('Bob'))?.bound)
          newest = 100 + which
          past.set(newest, stage.boot(1))
        }
        equal(stage.code(stage.asked(1, on('ImComplete', 'l', 'Bob'), 50, 2)), 409)
        equal(stage.ask(1, on('ImComplete', 'l', 'Bob')), 200)
      }),
      { numRuns: 200 },
    )
  })

  it(rule('A13'), () => {
    const hurried = { keyRate: { perSecond: 100, burst: 3 }, classicRate: { perSecond: 200, burst: 4 }, registerRate: { perSecond: 50, burst: 3 } }
    const kept = (state: server.State): unknown => [
      state.position, state.process, JSON.stringify(picture(state)).replace(/"ip":"[^"]*","port":\d+/g, ''),
      roll.values(state.contacts).map(({ bound }) => [JSON.stringify(bound?.last?.outcome ?? null).replace(/"ip":.*?}/g, ''), bound?.last?.seq]),
    ]
    const situation = roomy().map((bounds) => ({ ...bounds, maxReplyBytes: 60_000 })).chain((bounds) => fc.tuple(fc.constant({ ...bounds, ...hurried }), reached(bounds, 80)))
    let fast = 0
    fc.assert(
      fc.property(situation, ([bounds, { inputs }]) => {
        const reduce = server.reduce(bounds)
        const journal: typeof inputs[number][] = []
        const lived = inputs.reduce((state, input) => {
          const step = reduce(state, input)
          if (step.state.position > state.position) journal.push(input)
          if (step.response._tag === 'Some' && server.classicReply(step.response.value).code === 430) fast += 1
          return step.state
        }, server.initial)
        deepEqual(kept(journal.reduce((state, input) => reduce(state, input).state, server.initial)), kept(lived))
      }),
      { numRuns: 500 },
    )
    ok(fast > 100, `${fast} requests were too fast`)
  })
})

describe('the classic wire beside keys', () => {
  it(rule('A7'), () => {
    const stage = village()
    equal(stage.classic('query-lists'), '200-_-{"num_lists": 1, "list_names": ["o"]}')
    equal(stage.classic('create l'), '457')
    equal(stage.classic('register Alice 192.168.2.7 22000'), '455')
    equal(stage.classic('register alice 192.168.2.7 22000'), '200')
    equal(stage.classic('create p'), '200')
    equal(roll.get(stage.state.lists, listName('p'))?.owner, undefined)
    equal(stage.ask(0, on('Join', 'p', 'Alice')), 200)
    equal(stage.classic('join p Carol'), '200')
    ok(stage.classic('im-start p Carol').includes('"name": "Alice"'))
    equal(stage.ask(0, on('Leave', 'p', 'Alice')), 463)
    equal(stage.classic('im-complete p Carol'), '200')
    equal(stage.classic('leave p Alice'), '459')
    equal(server.saved(stage.state), '2\nCarol 192.168.2.9 22000\nalice 192.168.2.7 22000\n2\no\n1\nCarol 192.168.2.9 22000\np\n1\nCarol 192.168.2.9 22000')
  })

  const sources = {
    loopback: ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'],
    lan: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.255.1', '169.254.1.1', 'fe80::1%eth0', 'fd00::7', 'fc12:3::1', '::ffff:10.1.2.3'],
    open: ['192.0.2.7', '172.32.0.1', '172.15.0.1', '11.0.0.1', '1.10.0.1', '100.64.0.1', '2001:db8::1', '::ffff:8.8.8.8', 'fec0::1', '::', '2001:db8::127.0.0.1'],
  }

  it(rule('A8'), () => {
    const policies = ['off', 'loopback', 'lan', 'open'] as const
    for (const [p, policy] of policies.entries())
      for (const [s, kind] of (['loopback', 'lan', 'open'] as const).entries())
        for (const ip of sources[kind]) {
          const stage = village()
          const guarded = new Stage({ ...free, classic: policy })
          guarded.state = stage.state
          const answer = guarded.classic('create new', classicActor(ip, 9))
          equal(answer, s < p ? '200' : 'nothing', `${ip} where ${policy} is heard`)
          if (s >= p) equal(guarded.state, stage.state)
          if (s >= p) equal(guarded.classic('what', classicActor(ip, 9)), 'nothing')
        }
    const bare = new Stage({ ...free, classic: 'off' })
    bare.give(operator, { _tag: 'Close', ms: 0 })
    equal(bare.classic('query-lists'), 'nothing')
  })

  it(rule('A9'), () => {
    const bounds = { ...free, classic: 'open' as const, maxReplyBytes: 60_000 }
    const far = classicActor('198.51.100.9', 4000)
    const crowded = new Stage(bounds)
    for (let i = 0; i < 60; i++) {
      crowded.classic(`create list-${i}`)
      crowded.classic(`register c${i} 192.168.2.9 ${i + 1}`)
      crowded.classic(`join list-0 c${i}`)
    }
    const requests = ['query-lists', 'im-start list-0 c1', 'im-complete list-0 c1', 'join list-1 c1', 'leave list-1 c1', 'register x 10.0.0.1 1', 'create x', 'exit x', 'save x', 'exit nobody']
    const met = new Set<string>()
    for (const text of requests) {
      const before = crowded.state
      const answer = crowded.classic(text, far).replace(/^(\d{3})$/, '$1-_-null')
      const wire = text.replaceAll(' ', '-_-')
      met.add(answer.slice(0, 3))
      if (answer !== 'nothing') ok(answer.length <= limits.amplification * utf8Length(wire), `${text}: ${answer.length} bytes`)
      if (answer.startsWith('413')) deepEqual(crowded.state, { ...before, at: crowded.state.at })
    }
    ok(met.has('413') && met.has('200') && met.has('459'))
    const before = crowded.state
    equal(crowded.classic('x', far), 'nothing')
    deepEqual(crowded.state, { ...before, at: crowded.state.at })
    equal(crowded.classic('x'), '400')
    ok(crowded.classic('query-lists').length > 600)
  })
})

describe('rates and bounds', () => {
  it(rule('A11'), () => {
    const rate = { perSecond: 10, burst: 5 }
    const asking: Record<string, (stage: Stage, i: number) => boolean> = {
      orders: (stage) => stage.ask(0, create('l')) !== 430,
      questions: (stage) => stage.ask(0, { _tag: 'QueryLists' }) !== 430,
      classic: (stage) => stage.classic('query-lists') !== '430',
      registrations: (stage, i) => stage.register(i + 1, `name ${i}`) !== 430,
    }
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(asking)), fc.array(fc.constantFrom(0, 0, 1, 20, 50, 99, 400, 2000), { minLength: 20, maxLength: 60 }), (what, waits) => {
        const stage = new Stage({ ...free, keyRate: rate, classicRate: rate, registerRate: what === 'registrations' ? rate : unhurried })
        if (what !== 'registrations') equal(stage.register(0, 'Me'), 200)
        const admitted: number[] = []
        waits.forEach((wait, i) => {
          stage.now += wait
          if (asking[what]?.(stage, i)) admitted.push(stage.now)
          else ok(admitted.filter((at) => at > stage.now - 500).length >= 5, 'refused though fewer than the burst were asked')
        })
        admitted.forEach((from, i) =>
          admitted.slice(i).forEach((to, more) => ok(more + 1 <= rate.burst + ((to - from) * rate.perSecond) / 1000 + 1e-6, `${more + 1} in ${to - from} ms`)),
        )
      }),
      { numRuns: 400 },
    )
    const near = new Stage({ ...free, classicRate: rate, registerRate: rate })
    for (let i = 0; i < 50; i++) equal(near.classic(`register c${i} 192.168.2.9 1`, classicActor('127.0.0.1', 4000)), '200')
  })

  it('store a refusal that came too fast with its request, so that a late copy is not executed', () => {
    const stage = new Stage({ ...free, keyRate: { perSecond: 1, burst: 1 } })
    equal(stage.register(0, 'Me'), 200)
    equal(stage.ask(0, create('l')), 200)
    equal(stage.ask(0, create('m')), 430)
    stage.now += 10_000
    equal(stage.code(stage.asked(0, create('m'), 2)), 430)
    equal(roll.size(stage.state.lists), 1)
  })

  it(rule('A12'), () => {
    const stage = new Stage({ ...server.defaults, classic: 'open', maxMembers: 3, maxContacts: 30, maxLists: 5 })
    for (let i = 0; i < 9000; i++) stage.classic(`register n${i} 10.0.0.1 1`, classicActor(`2001:db8:${(i >> 4).toString(16)}:${(i & 15).toString(16)}::9`, 4000))
    ok(trie.leaves(stage.state.sources.requests).length > 3000)
    ok(trie.leaves(stage.state.sources.requests).length <= limits.sourceBuckets)
    ok(trie.leaves(stage.state.sources.registrations).length <= limits.sourceBuckets)
    equal(roll.size(stage.state.contacts), 30)
    for (let i = 0; i < 20; i++) stage.classic(`create l${i}`)
    equal(roll.size(stage.state.lists), 5)
    deepEqual([0, 1, 2, 3].map((i) => stage.classic(`join l0 n${i}`)), ['200', '200', '200', '454'])
    const keys = new Stage({ ...free, maxMembers: 2, maxOwnMessages: 2 })
    for (let n = 0; n < 5; n++) equal(keys.register(n, `k${n}`), 200)
    equal(keys.ask(0, create('c', 'closed')), 200)
    deepEqual([1, 2, 3].map((n) => keys.ask(0, on('Invite', 'c', `k${n}`))), [200, 200, 454])
    equal(keys.ask(0, on('Join', 'c', 'k0')), 200)
    deepEqual([1, 2, 3].map(() => keys.ask(0, on('ImStart', 'c', 'k0'))), [200, 200, 429])
    for (let i = 0; i < 40; i++) {
      equal(keys.register(9, 'guest'), 200)
      equal(keys.ask(9, about('Exit', 'guest')), 200)
    }
    deepEqual([keys.state.keyed.keys.size, keys.state.keyed.ids.size, keys.state.keyed.skeletons.size], [5, 5, 5])
  })

  it('count an IPv6 network as one source', () => {
    const stage = new Stage({ ...free, classic: 'open', classicRate: { perSecond: 1, burst: 2 } })
    const from = (ip: string): string => stage.classic('create l', classicActor(ip, 9))
    deepEqual(['2001:db8::1', '2001:db8:0:0:5::9', '2001:db8::7:8:9:a', '2001:db8:0:1::1'].map(from), ['200', '457', '430', '457'])
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
