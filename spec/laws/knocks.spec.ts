// Members that are looked for: what the server tells whom, how often, and what a peer makes of it, whoever says so.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { keyed, limits, operator, presence, self, server, table, type ContactName, type Host, type Instant, type ListName, type Port, type PublicKey, type sealed, type Tag } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { Campus } from '../model/campus.js'
import { about, create, listName, on, village } from '../model/desk.js'
import { fair, type Post } from '../model/link.js'
import { boxed } from '../model/pair.js'
import { Rows } from '../model/silence.js'
import { rule } from '../protocol.js'
import { Stage } from '../stories/stage.js'

const list = 'list' as ListName
const keyOf = (n: number): PublicKey => identity(n).seals

const knockOf = (by: PublicKey, ip: string, port = 22000, of = list): sealed.Knock => ({ _tag: 'Knock', list: of, by, ip: ip as Host, port: port as Port })

describe('members who are looked for', () => {
  it(rule('V12'), () => {
    const stage = village()
    equal(stage.register(3, 'Dan'), 200)
    const where = (n: number, of: string, ...ids: ReadonlyArray<number>): unknown => {
      const response = stage.asked(n, { _tag: 'Where', list: listName(of), ids: ids.map((id) => identity(id).id) }, stage.next(n))
      const outcome = response === undefined ? undefined : server.outcomeOf(response)
      const told = outcome?._tag === 'Right' && outcome.right._tag === 'Members' ? outcome.right.members.map(({ name, ip, port }) => `${name} ${ip} ${port}`) : stage.code(response)
      return [told, stage.effects.map((effect) => (effect._tag === 'Sought' ? [effect.key, effect.knock.by, effect.knock.ip, effect.knock.port, effect.knock.list] : effect._tag))]
    }
    const { position } = stage.state
    const knock = (of: number): unknown => [keyOf(of), keyOf(0), '192.168.2.7', 22000, 'l']
    deepEqual(where(0, 'l', 2, 1), [['Bob 192.168.2.7 22000', 'Mallory 192.168.2.7 22000'], [knock(1), knock(2)]])
    // not whoever asks, nobody who is on another list, nobody who is none
    deepEqual(where(0, 'l', 0, 3, 4), [[], []])
    deepEqual([where(3, 'l', 0), where(0, 'nowhere', 1)], [[464, []], [460, []]])
    equal(stage.operate({ _tag: 'Where', list: listName('l'), ids: [identity(1).id] }), 403)
    equal(stage.state.position, position)
    // whoever is away is told where it was, and looked for by nobody
    void stage.give(self, { _tag: 'Judged', key: keyOf(1), presence: 'away' })
    deepEqual(where(0, 'l', 1), [['Bob 192.168.2.7 22000'], []])
    // nor is one without a key, or one that has left
    equal(stage.ask(0, on('Join', 'o', 'Alice')), 200)
    deepEqual(where(0, 'o', 1, 2), [[], []])
    equal(stage.ask(2, about('Exit', 'Mallory')), 200)
    deepEqual([where(0, 'l', 2), stage.ask(0, create('p'))], [[[], []], 200])
  })

  it(rule('V13'), () => {
    new Rows(presence.machine).hold('V13', { knocked: 1000, 'not knocked': 1000 })
    const boundless = new Rows({
      ...presence.machine,
      reduce: (state, input) => (input.command._tag === 'Sought' ? { state, response: { _tag: 'None' }, effects: [{ _tag: 'Knock', key: input.command.key, knock: input.command.knock }] } : presence.machine.reduce(state, input)),
    }, 200)
    ok(boundless.rules.includes('V13'))
    // of many who knock at one door only so many are told of, and nothing is kept of them for longer than it counts
    const key = keyOf(0)
    const at = (state: presence.State, ms: number, by: number): ReturnType<typeof presence.machine.reduce> =>
      presence.machine.reduce(state, { at: ms as Instant, by: self, command: { _tag: 'Sought', key, knock: knockOf(by.toString(16).padStart(64, '0') as PublicKey, '10.0.0.1') } })
    const begun = presence.machine.reduce(presence.initial, { at: 0 as Instant, by: self, command: { _tag: 'Start', contacts: [{ key, presence: 'alive' }] } }).state
    const ofOne = [1, 2, 3, 4].reduce((so, ms) => ({ state: at(so.state, ms, 7).state, told: so.told + at(so.state, ms, 7).effects.length }), { state: begun, told: 0 })
    equal(ofOne.told, limits.knocksOfOne)
    let [state, told] = [presence.machine.reduce(presence.initial, { at: 0 as Instant, by: self, command: { _tag: 'Start', contacts: [{ key, presence: 'alive' }] } }).state, 0]
    for (let n = 0; n < 1000; n += 1) {
      const step = at(state, 1 + n, n)
      state = step.state
      told += step.effects.length
      deepEqual(presence.machine.violations(state), [])
    }
    equal(told, limits.knocksOfAll)
    deepEqual([at(state, limits.helloSpanMs, 5000).effects.length, at(state, limits.helloSpanMs + 1, 5000).effects.length], [0, 1])
    const heard = presence.machine.reduce(state, { at: (2 * limits.helloSpanMs) as Instant, by: self, command: { _tag: 'Heard', key } }).state
    deepEqual(table.entries(heard.contacts).map(([, { knocks }]) => knocks), [[]])
  })

  it(rule('R31'), () => {
    const stage = new Stage('alice', 'bob', 'carol')
    const [alice, { key }] = [stage.member('alice'), stage.member('bob')]
    const settle = (): void => {
      stage.pass(4000, 'alice>bob*')
      stage.office.unlock()
      stage.pass(9000, 'alice>bob*')
      stage.lose('alice>bob*')
    }
    /** What leaves for bob, or about him, before anything else happens; then he gets a direct copy, which is lost. */
    const passesOver = (text: string): ReadonlyArray<string> => {
      stage.sends('alice', text)
      const lines = stage.lines().filter((line) => line === 'alice>bob Ping' || line === 'alice>server Where')
      settle()
      return lines
    }
    stage.sends('alice', 'first')
    stage.unmet('alice', 'bob')
    settle()
    // the direct copies were silent too: twice 10 s, of which half have passed
    deepEqual(passesOver('second'), ['alice>server Where', 'alice>bob Ping'])
    const [avoided] = [table.get(alice.state.neighbours, key)]
    ok(avoided !== undefined && avoided.avoided > alice.clock(stage.now) && avoided.span >= limits.unreachableMs)
    deepEqual(passesOver('third'), [])
    // anything of him, a ping too, and he is the next hop again
    alice.give(stage.now, { _tag: 'Heard', key })
    stage.sends('alice', 'fourth')
    deepEqual(stage.lines('alice>bob*'), ['alice>bob ring'])
    stage.flow()
    equal(stage.report('alice').delivered, 'bob carol')
  })
})

describe('a peer that is knocked at', () => {
  /** Two members of a list who have spoken, and what alice posts from then on. */
  const acquainted = (): { readonly campus: Campus; readonly posted: (Post<Uint8Array> & { readonly at: number })[] } => {
    const campus = new Campus(2, fair, 11, { ...server.defaults, hash: boxed(0).hash })
    campus.pass(10)
    campus.members.forEach((_, i) => campus.ask(i, { _tag: 'Register', contact: `Me${i}` as ContactName }))
    campus.pass(1000)
    campus.ask(0, { _tag: 'Create', list, policy: 'sealed' })
    for (const i of [0, 1]) {
      campus.pass(1000)
      campus.ask(i, { _tag: 'Join', list, contact: `Me${i}` as ContactName })
    }
    campus.pass(1000)
    const [alice] = campus.members
    ok(alice)
    campus.give(alice, operator, { _tag: 'Send', list, text: 'hello', salt: '5a'.repeat(16) as Tag, patience: 'once', inClear: true })
    campus.pass(20_000)
    const posted: (Post<Uint8Array> & { readonly at: number })[] = []
    campus.link.passes = (post) => {
      if (post.from.startsWith('192.168.2.1:')) posted.push({ ...post, at: campus.now })
      return true
    }
    return { campus, posted }
  }
  const key = (campus: Campus, n: number): PublicKey => campus.members[n]?.ciphers.own.seals ?? keyOf(n)
  const office = '192.168.1.1:22000'

  it(rule('W18'), () => {
    const { campus, posted } = acquainted()
    for (let n = 0; n < 3000; n += 1) {
      campus.tell(key(campus, 0), knockOf(key(campus, 1), `10.0.0.${1 + (n % 7)}`, 22000 + (n % 3)))
      campus.pass(20)
    }
    const out = posted.filter(({ to }) => to !== office)
    const hellos = out.filter(({ bytes }) => bytes[0] === 0xf8)
    ok(hellos.length > 10)
    for (const { at, to } of hellos) {
      const span = hellos.filter((one) => one.at >= at && one.at < at + limits.helloSpanMs)
      ok(span.length <= limits.hellosToAppointed && span.filter((one) => one.to === to).length <= limits.hellosToHinted, `${span.length} hellos from ${at} on`)
    }
    // whatever else leaves goes to the member itself, by the session that there is
    deepEqual(new Set(out.filter(({ bytes }) => bytes[0] !== 0xf8).map(({ to }) => to)), new Set(['192.168.2.2:22000']))
  })

  it(rule('R30'), () => {
    const { campus, posted } = acquainted()
    const to = (): ReadonlyArray<string> => posted.splice(0).flatMap((one) => (one.to === office ? [] : [`${one.to} ${one.bytes[0]?.toString(16) ?? ''}`]))
    // at another place than before, and again where a session is that may be over: of a member that is known
    campus.tell(key(campus, 0), knockOf(key(campus, 1), '192.168.2.2'))
    campus.pass(100)
    deepEqual(to().slice(0, 2), ['192.168.2.2:22000 fb', '192.168.2.2:22000 f8'])
    campus.pass(20_000)
    posted.splice(0)
    // a stranger's: who the members are is asked, and that is all
    const questions = (): number => posted.filter((one) => one.to === office).length
    campus.tell(key(campus, 0), knockOf(keyOf(9), '10.0.0.9'))
    campus.pass(2000)
    deepEqual([questions() > 0, to()], [true, []])
    // a co-member's word is nobody's: only the server knocks
    const [alice] = campus.members
    ok(alice)
    const before = alice.state.courier
    campus.give(alice, keyed(key(campus, 1)), { _tag: 'Hear', frame: knockOf(key(campus, 1), '10.0.0.1') })
    equal(alice.state.courier, before)
    // as often as an honest server would, of one and of all
    campus.pass(20_000)
    posted.splice(0)
    for (let n = 0; n < 10; n += 1) campus.tell(key(campus, 0), knockOf(key(campus, 1), '192.168.2.2'))
    campus.pass(1)
    equal(to().filter((one) => one.endsWith('fb')).length, limits.knocksOfOne)
    campus.pass(20_000)
    for (let n = 0; n < 100; n += 1) campus.tell(key(campus, 0), knockOf(n.toString(16).padStart(64, '0') as PublicKey, '10.0.0.9'))
    campus.pass(10)
    equal(alice.state.courier.knocks.length, limits.knocksOfAll)
  })
})
