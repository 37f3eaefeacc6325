// Stories of a contact that nobody tells that it is on a list, or off it: it was put there by a ticket that nobody asks about, by the operator, or by an
// order whose answer was lost. Production peers, channels and a server; whoever sends knows better, since it has the ring.
import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  channel, limits, operator, peer, roll, server, showAddress, table, type ContactName, type ListName, type Nonce, type Order, type sealed, type Tag,
} from '../../core/index.js'
import { Campus } from '../model/campus.js'
import { fair } from '../model/link.js'
import { boxed } from '../model/pair.js'
import { relayIn } from './post.js'
import { Stage } from './stage.js'

const list = 'list' as ListName
const office = '192.168.1.1:22000'
const [alice, bob, carol] = [0, 1, 2] as const
const nameOf = (who: number): ContactName => `Me${who}` as ContactName

const join: Order & sealed.Change = { _tag: 'Join', list, contact: nameOf(carol) }
const leave: Order & sealed.Change = { _tag: 'Leave', list, contact: nameOf(carol) }

class Scene {
  readonly campus = new Campus(3, fair, 7, { ...server.defaults, hash: boxed(0).hash })

  /** All three are on the list and have met. */
  constructor() {
    this.campus.pass(10)
    for (const who of [alice, bob, carol]) this.asks(who, { _tag: 'Register', contact: nameOf(who) })
    this.asks(alice, { _tag: 'Create', list, policy: 'sealed' })
    for (const who of [alice, bob, carol]) this.asks(who, { _tag: 'Join', list, contact: nameOf(who) })
    for (const who of [alice, bob, carol]) this.sends(who, `from ${who}`)
    this.pass(1000)
    deepEqual(this.shown(carol), ['from 0', 'from 1'])
  }

  member(who: number): Campus['members'][number] {
    const member = this.campus.members[who]
    ok(member)
    return member
  }

  pass(ms: number): void {
    this.campus.pass(ms)
  }

  asks(who: number, wish: peer.sealed.Wish): void {
    this.campus.ask(who, wish)
    this.pass(300)
  }

  /** A message begins; a second later it has come to its end, as a rule. */
  sends(who: number, text: string): void {
    this.campus.give(this.member(who), operator, { _tag: 'Send', list, text, salt: '5a'.repeat(16) as Tag, patience: 'once' })
    this.pass(1000)
  }

  /** While Alice's message goes on, since nothing comes to Bob, and ends when something does. */
  whileBusy(run: () => void): void {
    this.cut(({ to }) => to !== this.place(bob))
    this.sends(alice, 'this takes longer')
    equal(this.goingOn, 1)
    run()
    this.cut(() => true)
    this.pass(1500)
    equal(this.goingOn, 0)
  }

  /** The server does what is asked, and its answer does not come: whoever asked gives up. */
  losesAnswer(change: sealed.Change): void {
    this.cut(({ from, to }) => from !== office || to !== this.place(carol))
    this.asks(carol, change)
    this.pass(60_000)
    ok(this.member(carol).notices.some(({ _tag }) => _tag === 'Unanswered'))
    this.cut(() => true)
    this.pass(5000)
  }

  /** Another process of it, with what its disk has. */
  begins(who: number): void {
    const member = this.member(who)
    const { pins, courier } = member.state
    member.state = peer.sealed.initial({ nonce: '9'.repeat(32) as Nonce, seed: 99, pins, diary: courier.diary })
    member.sessions = channel.initial(Uint8Array.from({ length: 32 }, (_, i) => 200 - i))
    this.pass(10)
    this.asks(who, { _tag: 'Register', contact: nameOf(who) })
  }

  cut(passes: Campus['link']['passes']): void {
    this.campus.link.passes = passes
  }

  place(who: number): string {
    return showAddress(this.member(who).own)
  }

  get goingOn(): number {
    return this.campus.directory.ongoing
  }

  /** On the list, as the server has it. */
  isThere(who: number): boolean {
    const found = roll.get(this.campus.directory.lists, list)
    return found !== undefined && server.membersOf(found).some(({ name }) => name === nameOf(who))
  }

  /** On the list, as it knows. */
  isTold(who: number): boolean {
    return table.get(this.member(who).state.courier.lists, list)?.left === false
  }

  shown(who: number): ReadonlyArray<string> {
    return this.member(who).notices.flatMap((notice) => (notice._tag === 'Taken' ? [notice.text] : []))
  }

  /** Of the newest own message: who has it, and ms. */
  report(who: number): { readonly delivered: string; readonly others: number; readonly ms: number } {
    const last = this.member(who).notices.findLast((notice) => notice._tag === 'Reported')
    ok(last?._tag === 'Reported')
    return { delivered: last.delivered.map(({ name }) => name).toSorted().join(' '), others: last.undelivered.length + last.unknown.length, ms: last.ms }
  }

  codes(who: number): ReadonlyArray<number> {
    return this.member(who).notices.flatMap((notice) => (notice._tag === 'Answered' || notice._tag === 'Served' ? [notice.code] : []))
  }

  /** Whoever is on the list, and has not been told, takes the next message as soon as it has asked: nobody waits for a lease. */
  reaches(text: string): void {
    deepEqual([this.isThere(carol), this.isTold(carol)], [true, false])
    this.sends(alice, text)
    deepEqual([this.shown(carol).at(-1), this.isTold(carol), this.goingOn], [text, true, 0])
    const { ms, ...rest } = this.report(alice)
    deepEqual(rest, { delivered: 'Me1 Me2', others: 0 })
    ok(ms < limits.hopHighestMs, `${ms} ms`)
    this.sends(bob, `${text}, too`)
    deepEqual([this.shown(carol).at(-1), this.report(bob).others], [`${text}, too`, 0])
  }
}

describe('stories of whom nobody tells that it is on a list', () => {
  const left = (): Scene => {
    const scene = new Scene()
    scene.asks(carol, leave)
    deepEqual([scene.isThere(carol), scene.isTold(carol)], [false, false])
    return scene
  }

  it('its join waits, and nobody asks about the ticket: it asks who is on the list when a message of it comes, and takes that', () => {
    const scene = left()
    scene.whileBusy(() => {
      scene.asks(carol, { _tag: 'Enqueue', change: join })
      equal(scene.isThere(carol), false)
    })
    scene.reaches('hello')
  })

  it('its join waits, and its program ends: the next one takes what comes', () => {
    const scene = left()
    scene.whileBusy(() => {
      scene.asks(carol, { _tag: 'Enqueue', change: join })
      scene.begins(carol)
    })
    equal(scene.isThere(carol), true)
    scene.sends(alice, 'hello')
    deepEqual([scene.shown(carol).at(-1), scene.report(alice).others, scene.goingOn], ['hello', 0, 0])
  })

  it('the operator puts it there', () => {
    const scene = left()
    scene.campus.operate(join)
    scene.reaches('hello')
  })

  it('the answer to its join is lost, and it does not ask again', () => {
    const scene = left()
    scene.losesAnswer(join)
    scene.reaches('hello')
  })

  it('the answer to its join is lost, and it asks again: it is told that it is on the list, which is an answer', () => {
    const scene = left()
    scene.losesAnswer(join)
    scene.asks(carol, join)
    deepEqual([scene.codes(carol).at(-1), scene.isTold(carol)], [461, true])
    scene.sends(alice, 'hello')
    deepEqual([scene.shown(carol).at(-1), scene.report(alice).others, scene.goingOn], ['hello', 0, 0])
  })

  it('it has asked a moment ago, before it left: that question was about another time, and it asks again', () => {
    const scene = left()
    scene.campus.operate(join)
    scene.reaches('hello')
    scene.asks(carol, leave)
    scene.campus.operate(join)
    scene.reaches('hello again')
  })

  it('its question and a message are under way at once: the message waits for the answer, and for nothing else', () => {
    const scene = left()
    scene.campus.operate(join)
    // what she says to the server comes to nothing for a second, and is said again
    scene.cut(({ from, to }) => from !== scene.place(carol) || to !== office)
    scene.sends(alice, 'hello')
    scene.sends(bob, 'hello, too')
    deepEqual([scene.shown(carol).includes('hello'), scene.isTold(carol), scene.goingOn], [false, false, 2])
    scene.cut(() => true)
    scene.pass(limits.silentMs)
    deepEqual([scene.shown(carol).slice(-2).toSorted(), scene.isTold(carol), scene.goingOn], [['hello', 'hello, too'], true, 0])
    deepEqual([scene.report(alice).others, scene.report(bob).others], [0, 0])
  })

  it('it waits in vain where it was taken off again meanwhile, and says that it is busy until nobody asks any more', () => {
    const scene = left()
    scene.campus.operate(join)
    scene.cut(({ from, to }) => from !== scene.place(carol) || to !== office)
    scene.sends(alice, 'hello')
    scene.campus.operate({ _tag: 'Unlock', list })
    scene.campus.operate(leave)
    scene.cut(() => true)
    scene.pass(limits.longestLeaseMs)
    deepEqual([scene.shown(carol).includes('hello'), scene.isTold(carol), scene.report(alice).delivered, scene.goingOn], [false, false, 'Me1', 0])
  })
})

describe('stories of whom nobody tells that it has left a list', () => {
  const gone = (how: (scene: Scene) => void, believes = true): Scene => {
    const scene = new Scene()
    how(scene)
    deepEqual([scene.isThere(carol), scene.isTold(carol)], [false, believes])
    return scene
  }
  /** `believes`: that it is on the list; whoever heard nothing for that long asks who is on it, and finds out */
  const ways: ReadonlyArray<readonly [name: string, how: (scene: Scene) => void, believes?: boolean]> = [
    ['its leave waits, and nobody asks about the ticket', (scene) => scene.whileBusy(() => scene.asks(carol, { _tag: 'Enqueue', change: leave }))],
    ['the operator takes it off', (scene) => scene.campus.operate(leave)],
    ['the answer to its leave is lost', (scene) => scene.losesAnswer(leave), false],
  ]

  for (const [name, how, believes] of ways) {
    it(`${name}: nothing is sent to it, and it begins nothing`, () => {
      const scene = gone(how, believes)
      scene.sends(alice, 'without her')
      deepEqual([scene.shown(carol).includes('without her'), scene.report(alice).delivered, scene.report(alice).others, scene.goingOn], [false, 'Me1', 0, 0])
      scene.sends(carol, 'may I?')
      const refused = scene.member(carol).notices.findLast((notice) => notice._tag === 'NotBegun')
      deepEqual([refused?._tag === 'NotBegun' && refused.code, scene.shown(alice).includes('may I?')], [464, false])
    })

    it(`${name}: when it asks to leave it is told that it has, and takes nothing of before`, () => {
      const scene = gone(how, believes)
      scene.asks(carol, leave)
      deepEqual([scene.codes(carol).at(-1), scene.isTold(carol)], [464, false])
    })
  }

  it('a copy that is sent to it all the same it does not take, since nobody tells it a ring that it is not on; one of before its leave is late once it knows', () => {
    const stage = new Stage('alice', 'bob', 'carol', 'dave')
    stage.sends('dave', 'before')
    stage.deliver('dave>alice ring')
    stage.deliver('alice>bob ring')
    const hers = stage.take('bob>carol ring')
    stage.kill('dave')
    stage.loseAll()
    stage.office.unlock()
    equal(stage.leaves('carol', false), 200)
    stage.judges('dave', 'away')
    stage.sends('alice', 'after')
    const late = stage.take('alice>bob ring')
    stage.bring(late)
    stage.flow('bob>carol*')
    stage.loseAll()
    stage.slip('bob', 'carol', { ...relayIn(late), kind: 'direct' })
    stage.pass(5000, 'bob>carol ring', 'bob>carol home')
    deepEqual([stage.screen('carol'), stage.screen('bob'), stage.report('alice').delivered], [[], ['before', 'after'], 'bob'])
    stage.loseAll()
    equal(stage.answer('bob', 'carol', { ...relayIn(late), kind: 'direct' }), 'busy')
    stage.member('carol').give(stage.now, { _tag: 'Left', list })
    equal(stage.answer('bob', 'carol', relayIn(hers)), 'late')
    deepEqual(stage.screen('carol'), [])
  })
})
