// What survives: the production server behind `durable`, first with a store that says what the test says, then on the model disk, with the power
// failing before and after everything that it does.
import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  classicActor, durability, keyed, limits, operator, type presence, roll, self, server, type Actor, type Address, type Instant, type Order, type ProcessId,
} from '../../core/index.js'
import { identity, nonce } from '../arbitraries/keys.js'
import { about, create, free, home, name, on, village, start as begin } from '../model/desk.js'
import { run, told, trialOf } from '../model/trial.js'
import { rule } from '../protocol.js'

const machine = durability.durable(server.machine(free), server.journaling)
type Effect = ReturnType<typeof machine.reduce>['effects'][number]
type Append = Extract<Effect, { readonly _tag: 'Append' }>

const lan = (): Actor => classicActor('192.168.2.9', 22000)
const start = (digit: string): server.Command => ({ _tag: 'Start', process: digit.repeat(16) as ProcessId, settings: server.settingsOf(free) })
const moved = (n: number, port: number): server.Command => ({ _tag: 'Moved', key: identity(n).seals, address: { ...home, port } as Address })
const register = (n: number, contact: string, port: number = home.port, again = n): server.Command => ({
  _tag: 'Ask', boot: 0, seq: 0, identity: identity(n), address: { ...home, port } as Address,
  order: { _tag: 'Register', contact: name(contact), signs: identity(n).signs, proof: '', nonce: nonce(again) },
})
const portOf = ({ contacts }: server.State, contact: string): number | undefined => roll.get(contacts, name(contact))?.card.port

/** What went in, in the words in which it comes out: who, and the code or the effect. */
const inShort = (effect: Effect): string => {
  if (effect._tag === 'Append') return `append ${effect.records.map(({ command }) => (command._tag === 'Ask' || command._tag === 'Operate' ? command.order._tag : command._tag)).join()}`
  const code = effect.response._tag === 'Some' ? [server.classicReply(effect.response.value).code] : []
  return [effect.by._tag, ...effect.effects.map(({ _tag }) => _tag), ...code].join(' ')
}

/** A server with some contacts, whose store says what the test says. Alice is 0, Bob 1, Mallory 2. */
class Clerk {
  now = 1000
  state: durability.Durable<server.State, server.Command, server.Response, server.Effect> = durability.kept(village().state)
  /** what came out since it was last looked at */
  out: Effect[] = []
  readonly #seqs = new Map<number, number>()

  give(by: Actor, command: server.Command | durability.Written | durability.Unwritten): this {
    const step = machine.reduce(this.state, { at: this.now as Instant, by, command })
    this.state = step.state
    this.out.push(...step.effects)
    if (this.state.held < 100) deepEqual(machine.violations(this.state), [])
    return this
  }

  /** The next request of that key, or the one with that number. */
  ask(n: number, order: Order, seq = (this.#seqs.get(n) ?? 100) + 1): this {
    this.#seqs.set(n, seq)
    const contact = roll.values(this.state.kept.contacts).find(({ bound }) => bound?.identity.seals === identity(n).seals)
    return this.give(keyed(identity(n).seals), { _tag: 'Ask', boot: contact?.bound?.boot ?? 0, seq, order, identity: undefined, address: undefined })
  }

  operate(order: Order): this {
    return this.give(operator, { _tag: 'Operate', order })
  }

  /** What came out since the last look. */
  look(): ReadonlyArray<string> {
    return this.out.splice(0).map(inShort)
  }

  written(): this {
    return this.give(self, durability.written)
  }

  full(): this {
    return this.give(self, durability.unwritten)
  }

  wakeAt(): number | undefined {
    const at = machine.wakeAt(this.state)
    return at._tag === 'Some' ? at.value : undefined
  }
}

const lists: Order = { _tag: 'QueryLists' }

describe('a machine that holds its steps', () => {
  it(rule('D1'), () => {
    const clerk = new Clerk().ask(1, lists).operate({ _tag: 'Save', file: 'a' })
    deepEqual(clerk.look(), ['Key 200', 'Operator WriteFile'])
    clerk.ask(0, create('new', 'open'))
    deepEqual(clerk.look(), ['append Create'])
    clerk.ask(1, lists).operate({ _tag: 'Save', file: 'b' }).give(lan(), { _tag: 'QueryLists' }).give(keyed(identity(3).seals), register(3, 'Dave')).ask(2, lists)
    deepEqual(clerk.look(), [])
    clerk.written()
    const [, first] = clerk.out.filter(({ _tag }) => _tag === 'Release')
    ok(JSON.stringify(first).includes('"new"'), 'what was asked behind the new list does not know it')
    deepEqual(clerk.look(), ['append Register', 'Key 200', 'Key 200', 'Operator WriteFile', 'Classic 200'])
    clerk.written()
    deepEqual(clerk.look(), ['Key Bind', 'Key 200'])
  })

  it(rule('D2'), () => {
    const clerk = new Clerk()
    const before = clerk.state.newest.position
    clerk.ask(0, create('a')).ask(1, create('b')).ask(1, lists).ask(2, create('c')).ask(0, create('d'))
    const [first] = clerk.out as Append[]
    deepEqual([first?.position, clerk.look()], [before + 1, ['append Create']])
    clerk.written()
    const [second] = clerk.out as Append[]
    equal(second?.position, before + 4)
    deepEqual(second.records.map(({ by, command }) => [by, command._tag === 'Ask' && command.order]), [[1, create('b')], [2, create('c')], [0, create('d')]].map(([n, order]) => [keyed(identity(n as number).seals), order]))
    clerk.look()
    deepEqual(clerk.written().look(), ['Key 200', 'Key 200', 'Key 200', 'Key 200'])
    equal(clerk.state.held, 0)
    deepEqual(clerk.written().full().look(), [], 'a word that nobody waited for')
    deepEqual(clerk.ask(0, create('e')).look(), ['append Create'])
    for (const by of [operator, lan(), keyed(identity(0).seals)]) deepEqual(clerk.give(by, durability.written).give(by, durability.unwritten).look(), [], `the store's word by ${by._tag}`)
    deepEqual(clerk.written().look(), ['Key 200'])
  })

  it(rule('D3'), () => {
    const clerk = new Clerk().ask(0, create('a')).ask(1, lists).operate(lists).ask(2, create('a')).ask(0, lists).give(lan(), { _tag: 'QueryLists' }).ask(1, about('Exit', 'Bob'))
    clerk.look()
    deepEqual(clerk.written().look(), ['append Create,Exit', 'Key 200', 'Key 200', 'Operator 200'])
    deepEqual(clerk.written().look(), ['Key 457', 'Key 200', 'Classic 200', 'Key Part'])
  })

  it(rule('D6'), () => {
    const clerk = new Clerk()
    const before = clerk.state.kept
    clerk.ask(0, create('a', 'open')).ask(1, lists).operate(create('b')).ask(2, create('c')).operate({ _tag: 'Save', file: 'x' }).give(lan(), { _tag: 'QueryLists' }).ask(2, lists)
    equal(clerk.state.held, 7)
    clerk.look()
    clerk.full()
    const saved = clerk.out.flatMap((effect) => (effect._tag === 'Release' ? effect.effects : [])).map((effect) => effect._tag === 'WriteFile' && effect.content)
    deepEqual(clerk.look(), ['Key 507', 'Key 507', 'Operator 507', 'Key 507', 'Operator WriteFile', 'Classic 507', 'Key 507'])
    deepEqual(saved, [server.saved(before)])
    deepEqual([roll.names(clerk.state.newest.lists), clerk.state.newest.position], [roll.names(before.lists), before.position])
    ok(clerk.state.newest === clerk.state.kept)
    deepEqual(machine.violations(clerk.state), [])
  })

  it(rule('D7'), () => {
    const clerk = new Clerk().ask(0, create('a'), 7).full()
    deepEqual(clerk.look(), ['append Create', 'Key 507'])
    clerk.now += 50
    clerk.ask(0, create('a'), 7)
    const [refused] = clerk.out
    ok(refused?._tag === 'Release' && refused.response._tag === 'Some' && refused.response.value._tag === 'Answered')
    deepEqual([refused.response.value.seq, refused.response.value.at], [7, clerk.now])
    deepEqual(clerk.look(), ['Key 507'])
    clerk.now += limits.storeRetryMs
    deepEqual(clerk.ask(0, create('a'), 7).written().ask(0, create('a'), 7).look(), ['append Create', 'Key 200', 'Key 200'])
    equal(roll.names(clerk.state.kept.lists).filter((list) => list === 'a').length, 1)
    clerk.now += 50
    clerk.give(keyed(identity(3).seals), { ...register(3, 'Dave'), boot: 5 } as server.Ask).full()
    const answer = clerk.out.flatMap((effect) => (effect._tag === 'Release' && effect.response._tag === 'Some' ? [effect.response.value] : []))
    deepEqual(answer.map((one) => one._tag === 'Answered' && one.boot), [0])
  })

  it(rule('D8'), () => {
    const clerk = new Clerk().give(self, start('7')).give(self, moved(0, 1)).give(self, moved(1, 2)).full()
    deepEqual(clerk.look(), ['append Start'])
    equal(clerk.wakeAt(), 1000 + limits.storeRetryMs)
    for (clerk.now = 1001; clerk.now < 1000 + limits.storeRetryMs; clerk.now += 10) {
      deepEqual(clerk.ask(2, create('a')).ask(2, lists).give(lan(), { _tag: 'QueryLists' }).give(self, moved(0, clerk.now)).give(self, server.wake).look(), ['Key 507', 'Key 200', 'Classic 200'])
    }
    equal(clerk.state.newest.process, '0'.repeat(16))
    clerk.now = 1000 + limits.storeRetryMs
    equal(clerk.wakeAt(), clerk.now)
    deepEqual(clerk.give(self, server.wake).look(), ['append Start,Moved,Moved'])
    equal(clerk.wakeAt(), undefined)
    clerk.full().look()
    clerk.now += limits.storeRetryMs
    // a new process of the key comes first: where it is now is newer than what was put off
    deepEqual(clerk.give(keyed(identity(0).seals), register(0, 'Alice', 9, 77)).look(), ['append Start,Moved,Moved,Register'])
    deepEqual(clerk.written().look(), ['Key Bind'])
    deepEqual([clerk.state.kept.process, portOf(clerk.state.kept, 'Alice'), portOf(clerk.state.kept, 'Bob')], ['7'.repeat(16), 9, 2])
  })

  it('does nothing again that is needless by what came later, also where that changes nothing', () => {
    const judged = (is: presence.Presence): server.Command => ({ _tag: 'Judged', key: identity(0).seals, presence: is })
    const clerk = new Clerk().give(self, judged('away')).full()
    deepEqual(clerk.look(), ['append Judged'])
    clerk.now += 1
    clerk.give(self, judged('alive')).give(self, moved(1, 5)).give(self, moved(1, 6))
    clerk.now += limits.storeRetryMs
    deepEqual(clerk.give(self, server.wake).look(), ['append Moved'])
    deepEqual(server.presencesOf(clerk.state.newest).map(({ presence: is }) => is).filter((is) => is !== 'alive'), [])
  })

  it('has no message end by its time before that is noted, and tries it again while there is no room', () => {
    const clerk = new Clerk().ask(1, begin('l')).written()
    const ends = clerk.wakeAt() ?? 0
    ok(ends > clerk.now)
    clerk.look()
    clerk.now = ends
    deepEqual(clerk.give(self, server.wake).look(), ['append Wake'])
    deepEqual([clerk.state.newest.ongoing, clerk.state.kept.ongoing, clerk.wakeAt()], [0, 1, undefined])
    // who asks now could have seen it, and waits
    deepEqual(clerk.ask(0, on('Leave', 'l', 'Alice')).look(), [])
    deepEqual(clerk.full().look(), ['Key 507'])
    deepEqual([clerk.state.newest.ongoing, clerk.wakeAt()], [1, ends + limits.storeRetryMs])
    deepEqual(clerk.give(self, server.wake).look(), [])
    clerk.now += limits.storeRetryMs
    deepEqual(clerk.give(self, server.wake).look(), ['append Wake'])
    deepEqual(clerk.ask(0, on('Leave', 'l', 'Alice')).written().written().look(), ['append Leave', 'Key 200'])
    deepEqual([clerk.state.kept.ongoing, clerk.wakeAt()], [0, undefined])
  })

  it(rule('D9'), () => {
    const ringing = (): Clerk => {
      const clerk = new Clerk().ask(1, begin('l')).written()
      clerk.look()
      return clerk
    }
    const close: server.Command = { _tag: 'Close', ms: 5000 }
    deepEqual(ringing().give(operator, close).written().look(), ['append Close'])
    deepEqual(ringing().give(operator, close).full().look(), ['append Close', 'Operator Exit'])
    deepEqual(ringing().ask(0, create('a')).full().give(operator, close).look(), ['append Create', 'Key 507', 'Operator Exit'])
    deepEqual(ringing().ask(0, create('a')).give(operator, close).full().look(), ['append Create', 'Key 507', 'Operator Exit'])
    deepEqual(ringing().ask(0, create('a')).full().give(operator, { _tag: 'Close', ms: 0 }).look(), ['append Create', 'Key 507', 'Operator Exit'])
  })

  it(rule('D10'), () => {
    const clerk = new Clerk().ask(0, create('a'))
    for (let i = 1; i < limits.stepsHeld; i++) clerk.give(lan(), { _tag: 'QueryLists' })
    deepEqual([clerk.state.held, clerk.look()], [limits.stepsHeld, ['append Create']])
    const far = classicActor('198.51.100.7', 4000)
    deepEqual(clerk.ask(1, lists).ask(1, create('b')).give(lan(), { _tag: 'QueryLists' }).look(), ['Key 507', 'Key 507', 'Classic 507'])
    deepEqual(clerk.give(far, { _tag: 'QueryLists' }).give(far, { _tag: 'Malformed', at: 0, expected: '' }).look(), [])
    equal(clerk.state.held, limits.stepsHeld)
    deepEqual(clerk.operate(lists).give(self, moved(1, 5)).look(), [], 'what the program itself notes is never too much')
    const before = clerk.state.held
    clerk.written()
    deepEqual([clerk.out.length, clerk.state.held], [before, 1])
    deepEqual(new Clerk().ask(0, create('a')).give(far, { _tag: 'QueryLists' }).full().look(), ['append Create', 'Key 507'])
  })
})

/** What has to happen in these tests, each before and after where it has two sides. */
const sometimes = [
  ...['an append', 'an answer', 'Bind', 'Part', 'WriteFile', 'Exit'].flatMap((what) => [`a crash before ${what}`, `a crash after ${what}`]),
  ...['Written', 'Full', 'Broken'].flatMap((word) => [`a batch ${word}`, `a crash before a batch is said to be ${word}`]),
  'a batch cut off and there', 'a batch cut off and gone',
  'a crash after a snapshot was begun', 'a crash after a part of a snapshot', 'a crash after a snapshot',
  'a snapshot Written', 'a snapshot Full', 'a snapshot cut off in the middle', 'a snapshot cut off before it was in its place', 'a snapshot cut off when it was in its place',
  'restored from nothing', 'restored from a snapshot', 'one record appended', 'several records appended at once',
  ...['Key', 'Classic', 'Operator'].flatMap((who) => [`told ${who} of a record`, `told ${who} of a question`, `told ${who} of a question while a batch is under way`, `told ${who} 507`]),
  'told to close', 'the same reply again', 'the same reply again, soon after a restart', 'all ended well',
]

describe('a server on a disk that fails, in a house whose power fails', () => {
  const tally = new Map<string, number>()
  const happened = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)

  it(rule('D4'), () => {
    for (let seed = 1; seed <= 10; seed++) {
      const whole = { ...trialOf(seed), crashes: [] }
      const [boundaries = 0] = run(whole, happened)
      for (let at = 0; at < boundaries; at++) {
        const trial = { ...whole, crashes: [at] }
        try {
          run(trial, happened)
        } catch (error) {
          throw new Error(`${told(trial)}\nagain: node .dist/spec/torture/seeds.js 1 ${seed} ${at}`, { cause: error })
        }
      }
    }
  })

  it(rule('D5'), () => {
    const first = Math.floor(Math.random() * 2 ** 31)
    for (let seed = first; seed < first + 1500; seed++) {
      try {
        run(trialOf(seed), happened)
      } catch (error) {
        throw new Error(`${told(trialOf(seed))}\nagain: node .dist/spec/torture/seeds.js 1 ${seed}`, { cause: error })
      }
    }
    deepEqual(sometimes.filter((what) => !tally.has(what)), [], 'what never happened')
  })

  it('is the same trial for the same seed', () => {
    const lines = (): ReadonlyArray<string> => {
      const all: string[] = []
      for (let seed = 1; seed <= 20; seed++) run(trialOf(seed), (what) => all.push(what), (line) => all.push(line))
      return all
    }
    deepEqual(lines(), lines())
  })
})
