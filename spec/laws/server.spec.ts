// The server against the dumb model, in sequences of commands; and in every state there could be, reachable or not.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { classic, classicActor, operator, roll, self, server, table, trie, type ContactName, type Instant, type ListName } from '../../core/index.js'
import { anyState, actor, command, config, instant } from '../arbitraries/server.js'
import { address } from '../arbitraries/names.js'
import { Directory } from '../model/directory.js'
import { sequences, type Tally } from '../model/commands.js'
import { rule } from '../protocol.js'

/** What must be met: every success and every refusal of every command. */
const outcomes = [
  'Register 200', 'Register 455', 'Register 456',
  'Create 200', 'Create 457', 'Create 458',
  'QueryLists 200', 'QueryLists 413',
  'Join 200', 'Join 459', 'Join 460', 'Join 461', 'Join 463', 'Join 454',
  'Leave 200', 'Leave 459', 'Leave 460', 'Leave 464', 'Leave 463',
  'Exit 200', 'Exit 459', 'Exit 463',
  'ImStart 200', 'ImStart 459', 'ImStart 460', 'ImStart 464', 'ImStart 429', 'ImStart 413',
  'ImComplete 200', 'ImComplete 459', 'ImComplete 460', 'ImComplete 464', 'ImComplete 465',
  'Save file', 'Save 462', 'Malformed 400', 'Wake nobody', 'by somebody else 400',
]

const at = (ms: number): Instant => ms as Instant
const by = classicActor('192.168.2.7', 22000)
const name = (text: string): ContactName => text as ContactName
const listed = (text: string): ListName => text as ListName

/** The server after these requests, as text; each must be a request. */
const after = (requests: ReadonlyArray<string>, machine = server.machine()): { state: server.State; replies: ReadonlyArray<string> } =>
  requests.reduce<{ state: server.State; replies: ReadonlyArray<string> }>(
    ({ state, replies }, text) => {
      const request = classic.decodeRequest(text.replaceAll(' ', '-_-'))
      ok(!isLeft(request), text)
      const step = machine.reduce(state, { at: at(state.at + 1), by, command: request.right })
      const reply = step.response._tag === 'Some' ? classic.encodeReply(server.classicReply(step.response.value)) : ''
      return { state: step.state, replies: [...replies, reply.replace('-_-null', '')] }
    },
    { state: server.initial, replies: [] },
  )

const registered = ['register Me 192.0.2.1 22000', 'register Foo 192.0.2.2 22000', 'register Bar 192.0.2.3 22000', 'create l', 'create m', 'join l Me', 'join l Foo']

describe('the server in sequences of commands', () => {
  it(rule('C8'), () => {
    const tally: Tally = new Map()
    fc.assert(
      fc.property(config(), sequences(tally, 60), (bounds, commands) => {
        fc.modelRun(() => ({ model: new Directory(bounds), real: { reduce: server.reduce(bounds), state: server.initial } }), commands)
      }),
      { numRuns: 6000 },
    )
    deepEqual(outcomes.filter((outcome) => !tally.has(outcome)), [], 'outcomes that were never met')
    deepEqual([...tally.keys()].filter((met) => !outcomes.includes(met)), [], 'outcomes that nobody expected')
  })

  it('answers every command in every state, reachable or not', () => {
    fc.assert(
      fc.property(config(), anyState(), actor(), command(), instant(), (bounds, state, who, asked, when) => {
        const step = server.reduce(bounds)(state, { at: when, by: who, command: asked })
        ok(step.response._tag === 'Some' || step.effects.length > 0 || who._tag !== 'Classic' || asked._tag === 'Wake')
        ok(step.state.at >= state.at)
        server.violations(step.state)
        server.machine(bounds).wakeAt(step.state)
      }),
      { numRuns: 5000 },
    )
  })

  it('leaves the state that it was given as it was', () => {
    fc.assert(
      fc.property(fc.array(command(), { maxLength: 30 }), (commands) => {
        const reduce = server.reduce(server.defaults)
        const states = commands.reduce<ReadonlyArray<server.State>>(
          (all, asked) => [...all, reduce(all[all.length - 1] ?? server.initial, { at: at(all.length), by, command: asked }).state],
          [server.initial],
        )
        const pictures = commands.reduce<ReadonlyArray<string>>(
          (all, _, i) => [...all, server.saved(states[i] ?? server.initial)],
          [],
        )
        commands.reduce((state, asked, i) => {
          const next = reduce(state, { at: at(i + 1), by, command: asked }).state
          equal(server.saved(state), pictures[i])
          return next
        }, server.initial)
      }),
    )
  })
})

describe('the rules of membership and messages', () => {
  it(rule('C10'), () => {
    const { replies } = after([...registered, 'join l Bar', 'query-lists', 'im-start l Foo'])
    deepEqual(replies.slice(-2), [
      '200-_-{"num_lists": 2, "list_names": ["l", "m"]}',
      '200-_-{"num_contacts_in_list": 3, "contact_list": [{"name": "Foo", "ip": "192.0.2.2", "port": 22000}, {"name": "Me", "ip": "192.0.2.1", "port": 22000}, {"name": "Bar", "ip": "192.0.2.3", "port": 22000}]}',
    ])
  })

  it(rule('C11'), () => {
    const { replies } = after([...registered, 'im-start l Me', 'join l Bar', 'leave l Foo', 'exit Foo', 'im-complete l Me', 'join l Bar', 'leave l Foo', 'exit Foo'])
    deepEqual(replies.slice(-7), ['463', '463', '463', '200', '200', '200', '200'])
  })

  it(rule('C12'), () => {
    const { replies } = after([...registered, 'join m Me', 'im-start l Foo', 'join m Foo', 'exit Me', 'leave m Me', 'join m Bar'])
    deepEqual(replies.slice(-4), ['463', '463', '200', '200'])
  })

  it(rule('C13'), () => {
    const { state, replies } = after([...registered, 'im-start l Me', 'im-start l Foo', 'im-start l Me', 'im-complete l Me', 'im-complete l Me', 'im-complete l Me'])
    deepEqual(replies.slice(-3), ['200', '200', '465'])
    const oldestGone = after([...registered, 'im-start l Me', 'im-start l Foo', 'im-start l Me', 'im-complete l Me']).state
    deepEqual(roll.get(oldestGone.lists, listed('l'))?.ims.map(({ initiator }) => initiator), ['Foo', 'Me'])
    equal(state.ongoing, 1)
  })

  it('go on when the places of a list are used up', () => {
    const { state } = after(registered)
    const list = roll.get(state.lists, listed('l'))
    ok(list !== undefined)
    const foo = roll.get(state.contacts, name('Foo'))
    ok(foo !== undefined)
    const worn: server.State = {
      ...state,
      contacts: roll.set(state.contacts, name('Foo'), { ...foo, lists: table.set(foo.lists, list.name, trie.highestKey) }),
      lists: roll.set(state.lists, list.name, { ...list, members: trie.set(trie.remove(list.members, 1), { key: trie.highestKey, card: foo.card }) }),
    }
    deepEqual(server.violations(worn), [])
    const step = server.reduce(server.defaults)(worn, { at: at(100), by, command: { _tag: 'Join', list: list.name, contact: name('Bar') } })
    const joined = roll.get(step.state.lists, list.name)
    ok(joined !== undefined)
    deepEqual([server.membersOf(joined).map((card) => card.name), trie.last(joined.members)], [['Me', 'Foo', 'Bar'], 2])
    deepEqual(server.violations(step.state), [])
  })

  it(rule('C14'), () => {
    const machine = server.machine({ ...server.defaults, maxReplyBytes: 180 })
    const { state, replies } = after([...registered, 'join l Bar', 'im-start l Me', 'leave l Bar', 'im-start l Me'], machine)
    deepEqual(replies.slice(-3).map((reply) => reply.slice(0, 3)), ['413', '200', '200'])
    equal(state.ongoing, 1)
  })

  it(rule('C15'), () => {
    const { replies } = after([...registered, 'im-start l Me', 'im-start l Foo', 'im-start l Me'], server.machine({ ...server.defaults, maxMessages: 2 }))
    deepEqual(replies.slice(-3).map((reply) => reply.slice(0, 3)), ['200', '200', '429'])
  })
})

describe('the end of a server', () => {
  const machine = server.machine()
  const busy = after([...registered, 'im-start l Me']).state
  const told = machine.reduce(busy, { at: at(100), by: operator, command: { _tag: 'Close', ms: 5000 } })
  const request = (text: string, when: number) => {
    const decoded = classic.decodeRequest(text.replaceAll(' ', '-_-'))
    return machine.reduce(told.state, { at: at(when), by, command: isLeft(decoded) ? decoded.left : decoded.right })
  }

  it(rule('C16'), () => {
    deepEqual(told.effects, [])
    deepEqual(request('im-start l Foo', 200).response, { _tag: 'Some', value: server.refuse.Closing })
    const completed = request('im-complete l Me', 300)
    deepEqual(completed.effects, [{ _tag: 'Exit', why: { ongoing: 0 } }])
    deepEqual(completed.response, { _tag: 'Some', value: server.done })
    deepEqual(machine.wakeAt(told.state), { _tag: 'Some', value: 5100 })
    deepEqual(machine.reduce(told.state, { at: at(5099), by: self, command: server.wake }).effects, [])
    deepEqual(machine.reduce(told.state, { at: at(5100), by: self, command: server.wake }).effects, [{ _tag: 'Exit', why: { ongoing: 1 } }])
  })

  it('is the operator\'s to say, and after it nothing is done any more', () => {
    const forged = machine.reduce(busy, { at: at(100), by, command: { _tag: 'Close', ms: 0 } })
    deepEqual([forged.response, forged.state.closing, forged.effects], [{ _tag: 'Some', value: server.refuse.Malformed }, undefined, []])
    const over = machine.reduce(server.initial, { at: at(100), by: operator, command: { _tag: 'Close', ms: 5000 } }).state
    for (const asked of fc.sample(command(), 200)) {
      const step = machine.reduce(over, { at: at(101), by, command: asked })
      deepEqual([step.response, step.effects, roll.size(step.state.contacts)], [{ _tag: 'Some', value: server.refuse.Closing }, [], 0])
    }
    deepEqual(machine.wakeAt(over), { _tag: 'None' })
  })

  it('comes at once when nothing is ongoing, and when it is told so twice', () => {
    const close: server.Command = { _tag: 'Close', ms: 5000 }
    deepEqual(machine.reduce(server.initial, { at: at(1), by: operator, command: close }).effects, [{ _tag: 'Exit', why: { ongoing: 0 } }])
    deepEqual(machine.reduce(told.state, { at: at(200), by: operator, command: close }).effects, [{ _tag: 'Exit', why: { ongoing: 1 } }])
  })
})

describe('the invariants of the server name what is broken', () => {
  const { state } = after([...registered, 'im-start l Me', 'im-start l Foo'])
  const list = roll.get(state.lists, listed('l'))
  const me = roll.get(state.contacts, name('Me'))
  ok(list !== undefined && me !== undefined)
  const withList = (change: Partial<server.List>): server.State => ({ ...state, lists: roll.set(state.lists, list.name, { ...list, ...change }) })
  const ruined: ReadonlyArray<readonly [string, server.State]> = [
    ['S1', { ...state, ongoing: -1 }],
    ['S2', withList({ ims: list.ims.map((im) => ({ ...im, initiator: name('Bar') })) })],
    ['S3', { ...state, contacts: roll.remove(state.contacts, name('Foo')) }],
    ['S4', { ...state, contacts: roll.set(state.contacts, name('Me'), { ...me, lists: table.empty() }) }],
    ['S5', withList({ ims: [...list.ims].reverse() })],
    ['S6', { ...state, lists: { ...state.lists, order: trie.empty } }],
    ['S7', withList({ ims: list.ims.map((im) => ({ ...im, since: at(state.at + 1) })) })],
  ]
  for (const [number, broken] of ruined) {
    it(rule(number), () => {
      deepEqual(server.violations(state), [])
      ok(server.violations(broken).some((violation) => violation.rule === number))
    })
  }

  it('sees members that moved while a message was ongoing', () => {
    const moved = withList({ members: trie.set(list.members, { key: 9, card: { ...me.card, name: name('Bar') } }) })
    deepEqual(server.movedMembers(state, state), [])
    deepEqual(server.movedMembers(state, moved).map(({ rule: number }) => number), ['S2'])
  })
})

describe('the saved file', () => {
  it(rule('C18'), () => {
    fc.assert(
      fc.property(fc.array(command(), { maxLength: 60 }), (commands) => {
        const reduce = server.reduce(server.defaults)
        const state = commands.reduce((before, asked) => reduce(before, { at: before.at, by, command: asked }).state, server.initial)
        const restored = server.restore(server.defaults, server.saved(state))
        ok(!isLeft(restored))
        equal(server.saved(restored.right), server.saved(state))
        deepEqual(server.violations(restored.right), [])
      }),
    )
  })

  const whole = '2\nMe 192.0.2.1 22000\nFoo Bar ::1 22002\n1\nlist 1\n1\nFoo Bar ::1 22002'
  const damages: ReadonlyArray<readonly [what: string, text: string, line: number]> = [
    ['an empty file', '', 1],
    ['a count that is none', whole.replace('2\n', 'two\n'), 1],
    ['a contact without an address', whole.replace('Me 192.0.2.1 22000', 'Me'), 2],
    ['an address that is none', whole.replace('192.0.2.1', '192.0.2.256'), 2],
    ['a port that is none', whole.replace('22000', '65535'), 2],
    ['a contact that comes twice', whole.replace('Foo Bar ::1 22002', 'Me 192.0.2.1 22000'), 3],
    ['fewer contacts than it says', whole.replace('2\n', '3\n'), 4],
    ['more contacts than there are lines', whole.replace('2\n', '900000000\n'), 1],
    ['more members than there are lines', whole.replace('list 1\n1', 'list 1\n999999999'), 6],
    ['a list whose name is none', whole.replace('list 1', 'a-_-b'), 5],
    ['a member who is not registered', whole.replace(/Foo Bar ::1 22002$/, 'Nobody ::1 22002'), 7],
    ['a member with another address', whole.replace(/::1 22002$/, '::1 22004'), 7],
    ['a file that was cut', whole.slice(0, whole.lastIndexOf('\n')), 7],
    ['a file that goes on', `${whole}\nmore`, 8],
  ]
  for (const [what, text, line] of damages) {
    it(`is refused with line and reason: ${what}`, () => {
      const restored = server.restore(server.defaults, text)
      ok(isLeft(restored))
      equal(restored.left.line, line, restored.left.reason)
    })
  }

  it('may have the line ends of any editor', () => {
    ok(!isLeft(server.restore(server.defaults, `${whole.replaceAll('\n', '\r\n')}\r\n`)))
  })

  it('is refused when it holds more than the server takes', () => {
    const restored = server.restore({ ...server.defaults, maxContacts: 1 }, whole)
    ok(isLeft(restored) && restored.left.reason.includes('TooManyContacts') && restored.left.line === 3)
  })

  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('1', '2', 'a', ' ', '\n', '::1', '22000', '-') }), address(), (text, { ip, port }) => {
      server.restore(server.defaults, text)
      server.restore(server.defaults, `1\nx ${ip} ${port}\n${text}`)
    }))
  })
})
