// A sealed peer and a server with a line between them that loses, doubles, delays and overtakes: every wish gets exactly one last word, and
// what the peer says was answered is what the server answered to that very request, which it executed once.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { classicActor, keyed, operator, peer, pins, sealed, self, type Instant, type ListName } from '../../core/index.js'
import { fate, sealedAnswer, sealedCommand } from '../arbitraries/sealed.js'
import { Client, firstProcess, home, me, theServer } from '../model/client.js'
import { Once } from '../model/once.js'
import { rule } from '../protocol.js'

interface Trip { readonly bytes: Uint8Array; readonly at: number; readonly to: 'server' | 'peer' }

const script = (order: sealed.Order, position: number): sealed.Answer => {
  if (order._tag === 'QueryLists') return { code: 200, body: { _tag: 'Lists', names: Array.from({ length: position }, (_, i) => `list ${i} of ${'many '.repeat(i % 40)}lists` as ListName) } }
  return { code: position % 3 === 0 ? 457 : 200, body: { _tag: 'Nothing' } }
}

const decoded = (bytes: Uint8Array): sealed.Frame => {
  const frame = sealed.decodeFrame(bytes)
  if (isLeft(frame)) throw new Error(frame.left.expected)
  return frame.right
}

/** A peer, a server, and the datagrams between them. */
class Line {
  readonly client = new Client()
  readonly server = new Once(script, () => this.#isFull())
  readonly trips: Trip[] = []
  #drawn = 0
  #posted = 0
  #seen = 0

  readonly #fates: ReadonlyArray<ReadonlyArray<number>>
  readonly #fullAt: ReadonlyArray<boolean>
  #heard = 0

  /** `fullAt`: for each request that arrives, one after the other and from the beginning again, whether the server has room for it. */
  constructor(fates: ReadonlyArray<ReadonlyArray<number>>, fullAt: ReadonlyArray<boolean> = []) {
    this.#fates = fates
    this.#fullAt = fullAt
  }

  #isFull(): boolean {
    return this.#fullAt[this.#heard++ % this.#fullAt.length] ?? false
  }

  post(to: Trip['to'], frame: sealed.Frame): void {
    for (const late of this.#fates[this.#drawn++ % this.#fates.length] ?? []) this.trips.push({ bytes: sealed.encodeFrame(frame), at: this.client.now + late, to })
  }

  /** What the peer has sealed since leaves. */
  flush(): void {
    const seals = this.client.all('Seal')
    seals.slice(this.#posted).forEach(({ frame }) => this.post('server', frame))
    this.#posted = seals.length
  }

  arrive({ bytes, to }: Trip): void {
    const frame = decoded(bytes)
    if (to === 'peer') return void this.client.hear(frame)
    const clock = { at: this.client.serverNow as Instant, process: firstProcess }
    if (frame._tag === 'Ping') return this.post('peer', { _tag: 'Pong', echo: frame.echo, clock })
    if (frame._tag !== 'Request') return
    const answer = this.server.hear(frame)
    if (answer === undefined) return
    const parts = sealed.partsOf(sealed.encodeAnswer(answer), frame.have)
    parts?.forEach((part) => this.post('peer', { _tag: 'Reply', boot: frame.boot, seq: frame.seq, ...clock, part }))
  }

  /** Time passes: datagrams arrive and the peer wakes, each at its time. */
  pass(ms: number): void {
    const end = this.client.now + ms
    for (;;) {
      this.flush()
      this.check()
      const due = this.trips.reduce<number>((first, { at }) => Math.min(first, at), Infinity)
      const next = Math.max(this.client.now, Math.min(due, this.client.wakeAt()))
      if (next > end) break
      this.client.serverNow += next - this.client.now
      this.client.now = next
      if (due > next) this.client.wake()
      else this.arrive(this.trips.splice(this.trips.findIndex(({ at }) => at === due), 1)[0] as Trip)
    }
    this.client.pass(end - this.client.now)
  }

  /** What is true at every moment. */
  check(): void {
    const { state, now, serverNow } = this.client
    const hi = peer.sealed.clock.hi(state.courier.clock, firstProcess, now as Instant)
    ok(hi === undefined || hi >= serverNow, `the server's clock shows ${serverNow}, the bound is ${String(hi)}`)
    const notices = this.client.notices()
    for (const notice of notices.slice(this.#seen)) {
      if (notice._tag !== 'Answered' && notice._tag !== 'AnsweredLate') continue
      const executed = this.server.executed.filter(({ seq }) => seq === state.seq)
      equal(executed.length, 1, `request ${state.seq} was executed ${executed.length} times`)
      const [{ answer, order }] = executed as [(typeof executed)[number]]
      const isGone = order._tag === 'Exit' && answer.code === 401 && notice.code === 200
      ok(notice.code === answer.code || isGone, `${order._tag}: answered ${answer.code}, told ${notice.code}`)
      if (notice._tag === 'Answered' && answer.body._tag === 'Lists') deepEqual(notice.lists, answer.body.names)
    }
    this.#seen = notices.length
  }
}

const orders: ReadonlyArray<peer.sealed.Wish> = [
  { _tag: 'Register', contact: me }, { _tag: 'Create', list: 'l' as ListName, policy: 'open' }, { _tag: 'QueryLists' },
  { _tag: 'Join', list: 'l' as ListName, contact: me }, { _tag: 'Exit', contact: me },
]

describe('a line that loses, doubles, delays and overtakes', () => {
  it('lets every wish of a sealed peer have one last word, and a true one', () => {
    const met = new Set<string>()
    const happening = fc.tuple(fc.constantFrom('ask', 'ask', 'ask', 'ask', 'sleep', 'closed'), fc.constantFrom(...orders), fc.nat(40_000))
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 12 }), fc.array(fate(), { minLength: 1, maxLength: 60 }), (happenings, fates) => {
        const line = new Line(fates)
        const { client } = line
        let wished = 0
        for (const [what, wish, ms] of happenings) {
          if (client.state.ended) break
          if (what === 'sleep') client.sleep(ms)
          if (what === 'closed') client.give({ _tag: 'PortClosed' }, self)
          if (what === 'ask') {
            wished += 1
            client.ask(wish)
          }
          line.pass(ms)
        }
        line.pass(120_000)
        const tags = client.tags()
        const refused = tags.filter((tag) => tag === 'NotTaken').length
        equal(tags.filter((tag) => tag === 'Answered' || tag === 'Unanswered').length, wished - refused)
        ok(client.state.ended || client.state.phase._tag === 'Idle')
        equal(new Set(line.server.executed.map(({ seq }) => seq)).size, line.server.executed.length)
        for (const notice of client.notices()) {
          met.add(notice._tag)
          if (notice._tag === 'Unanswered') equal(notice.outcome, notice.about.word === 'query-lists' ? 'notExecuted' : 'unknown')
        }
        client.exits().forEach((why) => met.add(`ended: ${String(why)}`))
      }),
      { numRuns: 1500 },
    )
    const wanted = ['Answered', 'AnsweredLate', 'Unanswered', 'NotTaken', 'ended: undefined']
    deepEqual(wanted.filter((tag) => !met.has(tag)), [], 'never met')
    deepEqual([...met].filter((tag) => tag === 'Superseded'), [])
  })

  it(rule('W17'), () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...orders), { maxLength: 6 }), fc.array(fate(), { minLength: 1, maxLength: 30 }), fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (wishes, fates, fullAt) => {
        const line = new Line(fates, fullAt)
        for (const wish of wishes) {
          if (line.client.state.ended) break
          line.client.ask(wish)
          line.pass(60_000)
        }
        ok(line.client.notices().every((notice) => notice._tag !== 'Answered' || notice.code !== 507))
        equal(new Set(line.server.executed.map(({ seq }) => seq)).size, line.server.executed.length)
        for (const notice of line.client.notices()) met.add(notice._tag === 'Unanswered' ? notice.why : notice._tag)
      }),
      { numRuns: 500 },
    )
    deepEqual(['Answered', 'busy', 'silence', 'NoAnswerYet'].filter((tag) => !met.has(tag)), [], 'never met')
  })

  it('ends a sealed peer whose key is registered elsewhere at its next request', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(fc.array(fate(), { minLength: 1, maxLength: 60 }), (fates) => {
        const line = new Line([[1], [1], ...fates])
        const { client } = line
        client.ask({ _tag: 'Register', contact: me })
        line.pass(2)
        equal(client.state.registered, me)
        line.server.supersede()
        client.ask({ _tag: 'Create', list: 'l' as ListName, policy: 'open' })
        line.pass(120_000)
        const { why } = client.last('Unanswered')
        const isTold = why === 'superseded' || client.tags().includes('Superseded')
        deepEqual([client.exits(), client.tags().filter((tag) => tag === 'Unanswered').length], [isTold ? [client.state.fault] : [], 1])
        met.add(why)
      }),
      { numRuns: 300 },
    )
    ok(met.has('superseded'))
  })
})

describe('a sealed peer in any sequence of commands', () => {
  it('has a step for each, keeps its invariants, and never awaits anything for ever', () => {
    const met = new Set<string>()
    const given = fc.oneof({ weight: 2, arbitrary: sealedCommand() }, sealedAnswer())
    const pinned = fc.boolean().map((known) => (known ? {} : { pinned: pins.none }))
    fc.assert(
      fc.property(pinned, fc.array(fc.tuple(given, fc.oneof({ weight: 9, arbitrary: fc.nat(3000) }, fc.constant(60_000))), { maxLength: 60, size: 'max' }), (settings, commands) => {
        const client = new Client(settings)
        for (const [command, ms] of commands) {
          client.pass(ms)
          if ('code' in command) {
            if (client.requests().length > 0) client.answer(command.code, command.body)
          } else client.give(command, command._tag === 'Met' ? classicActor(home.ip, home.port) : command._tag === 'Hear' ? keyed(theServer.seals) : operator)
        }
        client.pass(120_000)
        ok(client.state.ended || client.state.phase._tag === 'Idle')
        ok(client.exits().length === (client.state.ended ? 1 : 0))
        client.tags().forEach((tag) => met.add(tag))
      }),
      { numRuns: 5000 },
    )
    const all = [
      'Ready', 'Answered', 'Unanswered', 'AnsweredLate', 'Ignored', 'NotPassed', 'NotTaken', 'StillRegistered', 'ServerMet', 'Unmet', 'OtherServer', 'Superseded',
      'KeyChanged', 'KeyAccepted',
    ]
    deepEqual(all.filter((tag) => !met.has(tag)), [], 'notices that were never met')
  })

  it('a register whose outcome is unknown leaves no boot behind, since a request under an older one would be refused as that of an older process', () => {
    const client = new Client().registered(5).ask({ _tag: 'Exit', contact: undefined }).pass(60_000).ask({ _tag: 'Register', contact: me }).pass(60_000)
    deepEqual([client.state.registered, client.state.boot, client.last('Unanswered').outcome], [undefined, 0, 'unknown'])
    client.ask({ _tag: 'Create', list: 'l' as ListName, policy: 'open' }).answer(409)
    deepEqual([client.last('Answered').code, client.tags().includes('Superseded'), client.exits()], [409, false, []])
  })
})
