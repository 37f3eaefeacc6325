// Who is there. The machine alone, on random rows of what it may be told; with production peers, channels and a server on a network that loses much; and
// what its judgements do to the directory and to grants. Wrong machines are caught by the same laws.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isRight } from 'fp-ts/lib/Either.js'
import { agenda, limits, presence, roll, self, server, table, type ContactName, type Instant, type ListName, type PublicKey } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { Campus } from '../model/campus.js'
import { Client } from '../model/client.js'
import { complete, free, start, village } from '../model/desk.js'
import { fair } from '../model/link.js'
import { Rows } from '../model/silence.js'
import { rule } from '../protocol.js'
import { Stage } from '../stories/stage.js'

type Machine = typeof presence.machine

const keyOf = (n: number): PublicKey => identity(n).seals

const given = (change: (step: ReturnType<Machine['reduce']>, before: presence.State, command: presence.Command) => ReturnType<Machine['reduce']>): Machine => ({
  ...presence.machine,
  reduce: (state, input) => change(presence.machine.reduce(state, input), state, input.command),
})

/** Nobody is known to have been heard, and all are looked at now. */
const longSilent = (state: presence.State): presence.State => {
  const there = table.entries(state.contacts).filter(([, { presence: is }]) => is !== 'away')
  return {
    ...state,
    judges: state.at,
    contacts: there.reduce((all, [key, one]) => table.set(all, key, { ...one, heard: 0 as Instant, look: state.at }), state.contacts),
    looks: agenda.from(there.map(([key]) => ({ at: state.at, id: key }))),
  }
}

/** Slips that somebody might make, and the law that catches each. */
const bugs: Readonly<Record<string, readonly [Machine, string]>> = {
  'presence not frozen': [given((step, _, { _tag }) => (_tag === 'Start' || _tag === 'Slept' ? { ...step, state: { ...step.state, judges: step.state.at } } : step)), 'V4'],
  'reports exclude': [given((step, _, { _tag }) => (_tag === 'Missed' ? { ...step, effects: step.effects.map((effect) => (effect._tag === 'Judge' ? { ...effect, presence: 'away' } : effect)) } : step)), 'V3'],
  'every report is taken': [{
    ...presence.machine,
    reduce: (state, input) => {
      const contacts = table.entries(state.contacts).reduce((all, [key, one]) => table.set(all, key, { ...one, missed: undefined }), state.contacts)
      return presence.machine.reduce({ ...state, contacts }, input)
    },
  }, 'V5'],
  'records not told': [given((step, before, { _tag }) => (_tag === 'Heard' ? { ...step, state: before, effects: [] } : step)), 'V3'],
  'silence counted from before the start': [given((step, _, { _tag }) => (_tag === 'Start' ? { ...step, state: longSilent(step.state) } : step)), 'V4'],
  'silence not looked at': [{ ...presence.machine, wakeAt: () => ({ _tag: 'None' }) }, 'V2'],
}

describe('who is there', () => {
  let rows: Rows

  before(() => {
    rows = new Rows(presence.machine)
  })

  it(rule('V1'), () => rows.hold('V1', { alive: 500 }))
  it(rule('V2'), () => rows.hold('V2', { 'away in silence': 500 }))
  it(rule('V3'), () => rows.hold('V3', { probed: 500, 'away unanswered': 50 }))
  it(rule('V4'), () => rows.hold('V4', { suspect: 200, away: 500 }))
  it(rule('V8'), () => rows.hold('V8', { suspect: 200 }))

  it(rule('V5'), () => {
    rows.hold('V5', { suspect: 200 })
    const stage = village()
    equal(stage.register(3, 'Dan'), 200)
    const { position } = stage.state
    const about = (n: number, of: number): readonly [number, unknown] => [stage.ask(n, { _tag: 'Suspect', id: identity(of).id }), stage.effects]
    deepEqual(about(0, 1), [200, [{ _tag: 'Doubt', key: keyOf(1) }]])
    deepEqual([about(0, 3), about(3, 0), about(0, 4)], [[459, []], [459, []], [459, []]])
    deepEqual([stage.operate({ _tag: 'Suspect', id: identity(1).id }), stage.state.position], [403, position])
  })

  for (const [what, [machine, number]] of Object.entries(bugs)) {
    it(`is not told by a machine with the slip "${what}"`, () => {
      const { rules } = new Rows(machine, 700)
      ok(rules.includes(number), `${rules.join()} only`)
    })
  }

  it('is judged of many a few hundred at once, so that nobody waits for it', () => {
    const contacts = Array.from({ length: 1000 }, (_, i) => ({ key: i.toString(16).padStart(64, '0') as PublicKey, presence: 'alive' as const }))
    let [state, steps, away] = [presence.machine.reduce(presence.initial, { at: 1 as Instant, by: self, command: { _tag: 'Start', contacts } }).state, 0, 0]
    for (let due = presence.machine.wakeAt(state); due._tag === 'Some'; due = presence.machine.wakeAt(state)) {
      const step = presence.machine.reduce(state, { at: due.value, by: self, command: presence.wake })
      ok(step.effects.length <= limits.judgedAtOnce)
      state = step.state
      away += step.effects.length
      steps += 1
    }
    deepEqual([away, steps], [1000, 4])
  })

  it('is judged by nobody who stood still and has heard nobody meanwhile', () => {
    const key = keyOf(0)
    const begun = presence.machine.reduce(presence.initial, { at: 0 as Instant, by: self, command: { _tag: 'Start', contacts: [{ key, presence: 'alive' }] } }).state
    const late = presence.machine.reduce(begun, { at: (limits.awayAfterMs + limits.stoodStillMs) as Instant, by: self, command: presence.wake })
    deepEqual([late.effects, presence.machine.wakeAt(late.state)], [[], { _tag: 'Some', value: 2 * limits.awayAfterMs + limits.stoodStillMs }])
    const punctual = presence.machine.reduce(begun, { at: (limits.awayAfterMs + limits.stoodStillMs - 1) as Instant, by: self, command: presence.wake })
    deepEqual(punctual.effects, [{ _tag: 'Judge', key, presence: 'away' }])
  })
})

describe('who is there, in the directory,', () => {
  const judge = (stage: ReturnType<typeof village>, n: number, is: presence.Presence): void => void stage.give(self, { _tag: 'Judged', key: keyOf(n), presence: is })
  const list = (state: server.State): unknown => {
    const one = roll.get(state.lists, 'l' as ListName)
    return one === undefined ? undefined : [server.membersOf(one).map((card) => card.name), one.epoch, one.ims]
  }

  it(rule('V6'), () => {
    const stage = village()
    const before = stage.state.position
    const members = list(stage.state)
    for (const is of ['away', 'away', 'suspect', 'suspect', 'alive', 'alive'] as const) judge(stage, 1, is)
    judge(stage, 7, 'away')
    equal(stage.state.position, before + 3)
    judge(stage, 1, 'away')
    const rows = (): unknown => {
      const response = stage.asked(0, { _tag: 'Members', list: 'l' as ListName }, stage.next(0))
      const outcome = response === undefined ? undefined : server.outcomeOf(response)
      return outcome?._tag === 'Right' && outcome.right._tag === 'Members' ? outcome.right.members.map(({ presence: is }) => is) : outcome
    }
    deepEqual([rows(), list(stage.state)], [['alive', 'away', 'alive'], members])
    deepEqual(server.presencesOf(stage.state).map(({ presence: is }) => is).sort(), ['alive', 'alive', 'away'])
    // a restart keeps it, and a register ends it
    const values = server.ledger(free).parts(server.directory(stage.state, server.settingsOf(free))).map((part) => JSON.parse(JSON.stringify(part())) as unknown)
    const whole = server.ledger(free).whole(values)
    ok(isRight(whole))
    equal(server.keyedBy(whole.right.state, keyOf(1))?.bound.presence, 'away')
    equal(stage.register(1, 'Bob', { nonce: 9 }), 200)
    deepEqual(rows(), ['alive', 'alive', 'alive'])
  })

  it(rule('V7'), () => {
    const stage = village()
    judge(stage, 2, 'suspect')
    const first = stage.granted(0, start('l'))
    deepEqual([first.path, stage.completed(0, complete(first.im, first.path))], [[1, 2], 'proof'])
    judge(stage, 2, 'away')
    const { im, path } = stage.granted(0, start('l'))
    deepEqual(path, [1])
    deepEqual(stage.completed(0, complete(im, path)), 'proof')
    // sent again, to all and by name: to whoever is there
    const again = (to: ReadonlyArray<number>): ReadonlyArray<number> => {
      const one = stage.granted(0, start('l', { again: { root: im, to: to.map((n) => identity(n).id) } }))
      if (one.path.length > 0) equal(stage.completed(0, complete(one.im, one.path)), 'proof')
      return one.path
    }
    deepEqual([again([]), again([2]), again([1, 2])], [[1], [], [1]])
    judge(stage, 2, 'alive')
    deepEqual([again([]), again([2])], [[1, 2], [2]])
    // it is of the next message that somebody who is away is left out: a grant never changes
    const { im: live, path: all } = stage.granted(1, start('l'))
    judge(stage, 0, 'away')
    deepEqual([all, stage.completed(1, complete(live, all))], [[0, 2], 'proof'])
  })
})

describe('who is there, on a network,', () => {
  const wished = (campus: Campus): void => campus.members.forEach((_, i) => campus.ask(i, { _tag: 'Register', contact: `Me${i}` as ContactName }))
  const away = (campus: Campus): ReadonlyArray<unknown> => campus.judged.filter(({ presence: is }) => is === 'away')

  /** So many peers, well known to their server, which starts again under that loss; and then a while. */
  const restarted = (peers: number, loss: number, seed: number, machine: Machine = presence.machine): Campus => {
    const campus = new Campus(peers, fair, seed)
    campus.pass(10)
    wished(campus)
    campus.pass(20_000)
    equal(server.keysOf(campus.directory).length, peers)
    campus.link.weather = { ...fair, loss, delayMs: [1, 40] }
    campus.pass(90_000)
    campus.watcher = machine
    campus.restart()
    campus.pass(160_000)
    return campus
  }

  it(rule('V10'), function () {
    this.timeout(120_000)
    const campus = restarted(100, 0.3, 20261122)
    deepEqual([away(campus), table.entries(campus.watch.contacts).filter(([, { heard }]) => heard > campus.now - 75_000).length], [[], 100])
    for (let seed = 0; seed < 10; seed++) deepEqual(away(restarted(5, seed === 0 ? 0 : 0.3, seed)), [], `${seed}`)
    ok(away(restarted(5, 0, 1, bugs['silence counted from before the start']?.[0])).length > 0)
  })

  it('somebody who is not there any more is away 75 s after the last record, and alive again with the next', () => {
    const campus = new Campus(2, fair, 3)
    campus.pass(10)
    wished(campus)
    campus.pass(100_000)
    deepEqual(campus.judged, [])
    campus.link.weather = { ...fair, loss: 1 }
    campus.pass(101_000)
    deepEqual(campus.judged.map(({ presence: is }) => is), ['away', 'away'])
    campus.link.weather = fair
    campus.pass(10_000)
    deepEqual(campus.judged.slice(2).map(({ presence: is }) => is), ['alive', 'alive'])
    deepEqual(server.presencesOf(campus.directory).map(({ presence: is }) => is), ['alive', 'alive'])
  })

  it(rule('V9'), () => {
    const client = new Client()
    const pings = (): ReadonlyArray<boolean> => client.all('Seal').flatMap(({ frame, again }) => (frame._tag === 'Ping' ? [again] : []))
    client.pass(100_000)
    deepEqual(pings(), [], 'nobody is registered')
    client.registered()
    const began = client.now
    // what was under way before is taken up, and the time is asked for
    const asked = pings().length
    client.pass(24_999)
    equal(pings().length, asked)
    client.pass(1)
    deepEqual(pings().slice(asked), [false])
    const sent: number[] = []
    for (let known = asked + 1; sent.length < 9; client.pass(1)) {
      if (pings().length > known) sent.push(client.now)
      known = pings().length
    }
    deepEqual(pings().slice(asked + 1), Array.from({ length: 9 }, () => true))
    const waits = sent.map((at, i) => at - (sent[i - 1] ?? began + 25_000))
    ok(waits.every((ms) => ms >= 30 && ms <= 2501) && waits.slice(-3).every((ms) => ms >= 2000), waits.join())
    const echo = client.all('Seal').flatMap(({ frame }) => (frame._tag === 'Ping' ? [frame.echo] : [])).at(-1) ?? ''
    client.hear({ _tag: 'Pong', echo, clock: undefined })
    const before = pings().length
    client.pass(24_999)
    equal(pings().length, before)
    // whatever is sent to the server is as good
    client.ask({ _tag: 'QueryLists' }).answer(200, { _tag: 'Lists', names: [] })
    client.pass(24_999)
    equal(pings().length, before)
    client.pass(1)
    deepEqual(pings().slice(before), [false])
  })

  it(rule('V11'), () => {
    const stage = new Stage('alice', 'bob', 'carol', 'dave')
    const { key } = stage.member('bob')
    const spoilt = (): void => {
      stage.sends('alice', 'hello')
      stage.unmet('alice', 'bob')
      stage.flow()
    }
    // it gets a direct copy, is there, and is tried again by the next message
    spoilt()
    stage.pass(3000)
    spoilt()
    stage.pass(5000)
    spoilt()
    deepEqual(stage.office.doubted, [key])
    stage.pass(2001)
    spoilt()
    deepEqual(stage.office.doubted, [key, key])
    stage.office.judge(key, 'away')
    stage.kill('bob')
    const im = stage.sends('alice', 'without')
    stage.flow()
    const told = stage.member('alice').notices.findLast((notice) => notice._tag === 'Reported')
    deepEqual([told?.undelivered, told?.unknown, told?.delivered.map(({ name }) => name), stage.office.end(im)], [[{ name: 'bob', why: 'away' }], [], ['carol', 'dave'], 'proof'])
    stage.end()
  })
})
