// A server and some sealed peers without sockets: production machines on both sides, perfect boxes for ciphers, a link for a network, virtual
// time. What the shell does between the machines is done here in the same order. The simulator grows from it.
import { deepEqual, ok } from 'node:assert/strict'
import {
  channel, classicActor, diary, keyed, operator, peer, pins, presence, sealed, self, server, showAddress, type Actor, type Address, type ContactId, type Instant, type Nonce, type Order, type ProcessId, type PublicKey,
} from '../../core/index.js'
import { boxed } from './pair.js'
import { Link, type Post, type Weather } from './link.js'

type Ciphers = channel.Ciphers<unknown, unknown>
type Sessions = channel.State<unknown, unknown>

const startsAt = 1_000_000
const home: Address = { ip: '192.168.1.1', port: 22000 } as Address

const seedOf = (number: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, byte) => (number * 37 + byte * 11) & 0xff)
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const digits = (number: number, length: number): string => number.toString(16).padStart(length, '0')

/** What a peer is made of. A new process of the same contact has the same ciphers. */
export interface Member {
  readonly ciphers: Ciphers
  readonly own: Address
  readonly machine: ReturnType<typeof peer.sealed.machine>
  state: peer.sealed.State
  readonly channel: ReturnType<typeof channel.machine<unknown, unknown>>
  sessions: Sessions
  readonly notices: peer.Notice[]
}

/** A request that changed the directory, and what became of it. */
export interface Execution {
  readonly key: PublicKey
  readonly ask: server.Ask
  readonly outcome: server.Outcome | undefined
  /** of the server: how often it had been started */
  readonly life: number
}

export class Campus {
  readonly link: Link
  readonly members: ReadonlyArray<Member>
  readonly executions: Execution[] = []
  /** every answer that the server gave, by key, boot and seq */
  readonly answers = new Map<string, string[]>()
  directory: server.State = server.initial
  /** what the server's machine beside the directory has judged, in order */
  readonly judged: { readonly at: number; readonly key: PublicKey; readonly presence: presence.Presence }[] = []
  watch = presence.initial
  /** a test may put a wrong one in its place */
  watcher = presence.machine
  now = startsAt
  life = 0
  readonly #config: server.Config
  readonly #reduce: ReturnType<typeof server.reduce>
  readonly #ciphers = boxed(999)
  readonly #framesOf = server.repliesOf(this.#ciphers.sign)
  #channel: ReturnType<typeof channel.machine<unknown, unknown>> = this.#serverChannel()
  #sessions: Sessions = channel.initial(seedOf(1))

  constructor(peers: number, weather: Weather, seed: number, config: server.Config = server.defaults) {
    this.link = new Link(weather, seed)
    this.#config = config
    this.#reduce = server.reduce(config)
    this.members = Array.from({ length: peers }, (_, i) => this.#member(i, seed))
    this.restart()
  }

  /** The server's process ends and another one begins, with the directory that the first one had; sessions are gone. */
  restart(): void {
    this.life += 1
    this.#channel = this.#serverChannel()
    this.#sessions = channel.initial(seedOf(1000 + this.life))
    this.#serve(self, { _tag: 'Start', process: digits(this.life, 16) as ProcessId, settings: server.settingsOf(this.#config) })
    for (const key of server.keysOf(this.directory)) this.#giveChannel({ _tag: 'Bind', key, via: undefined })
    this.watch = presence.initial
    this.#look({ _tag: 'Start', contacts: server.presencesOf(this.directory) })
  }

  /** Somebody types. */
  ask(who: number, wish: peer.sealed.Wish): void {
    this.give(this.#at(who), operator, { _tag: 'Ask', wish })
  }

  /** The operator gives an order. */
  operate(order: Order): void {
    this.#serve(operator, { _tag: 'Operate', order })
  }

  /** Lets time pass, with everything that is due in it. */
  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const wakes = this.#wakes()
      const next = Math.min(this.link.next, ...wakes.map(({ at }) => at))
      if (next > until) break
      this.now = Math.max(this.now, next)
      if (this.link.next <= next) this.#arrive(this.link.take())
      else wakes.find(({ at }) => at === next)?.wake()
    }
    this.now = until
  }

  give(member: Member, by: Actor, command: peer.sealed.Command): void {
    const step = member.machine.reduce(member.state, { at: this.now as Instant, by, command })
    member.state = step.state
    deepEqual(member.machine.violations(step.state), [])
    for (const effect of step.effects) {
      if (effect._tag === 'Announce') member.notices.push(effect.notice)
      if (effect._tag === 'Send' && effect.packet._tag === 'Who') this.#post(member.own, home, sealed.who)
      if (effect._tag !== 'Seal') continue
      const { to, address, frame, again } = effect
      this.#giveMember(member, { _tag: 'Seal', to, via: undefined, place: address, appointed: to === this.#ciphers.own.seals, frame, again })
    }
  }

  #at(who: number): Member {
    const member = this.members[who]
    ok(member)
    return member
  }

  #serverChannel(): ReturnType<typeof channel.machine<unknown, unknown>> {
    const process = digits(this.life, 16) as ProcessId
    return channel.machine({ ciphers: this.#ciphers, process, whois: channel.introduction(this.#ciphers), hellosASecond: 128 })
  }

  #member(i: number, seed: number): Member {
    const ciphers = boxed(i + 1)
    const prove = (to: ContactId): string =>
      hexOf(ciphers.sign(sealed.proofOf(ciphers.own.seals, to)))
    const config = peer.sealed.config({ own: ciphers.own, address: home, server: home, expected: undefined, acceptServer: false, idOf: ciphers.idOf, prove, ciphers })
    return {
      ciphers,
      own: { ip: `192.168.2.${i + 1}`, port: 22000 } as Address,
      machine: peer.sealed.machine(config),
      state: peer.sealed.initial({ nonce: digits(i + 1, 32) as Nonce, seed: seed + i, pins: pins.none, diary: diary.empty }),
      channel: channel.machine({ ciphers, process: undefined, whois: undefined, hellosASecond: 128 }),
      sessions: channel.initial(seedOf(10 + i)),
      notices: [],
    }
  }

  #wakes(): ReadonlyArray<{ readonly at: number; readonly wake: () => void }> {
    const due = (wake: { readonly _tag: 'None' } | { readonly _tag: 'Some'; readonly value: number }): number => (wake._tag === 'Some' ? wake.value : Infinity)
    return [
      { at: due(this.watcher.wakeAt(this.watch)), wake: () => this.#look(presence.wake) },
      { at: due(this.#channel.wakeAt(this.#sessions)), wake: () => this.#giveChannel(channel.wake) },
      ...this.members.flatMap((member) => [
        { at: due(member.machine.wakeAt(member.state)), wake: () => this.give(member, self, peer.sealed.wake) },
        { at: due(member.channel.wakeAt(member.sessions)), wake: () => this.#giveMember(member, channel.wake) },
      ]),
    ]
  }

  #post(from: channel.Place, to: channel.Place, bytes: Uint8Array): void {
    this.link.post(this.now, { from: showAddress(from), to: showAddress(to), bytes })
  }

  #arrive(datagram: Post<Uint8Array> | undefined): void {
    if (datagram === undefined) return
    const [, ip = '', port = '0'] = /^(.*):(\d+)$/.exec(datagram.from) ?? []
    const from = { ip, port: Number(port) }
    const command: channel.Command = { _tag: 'Arrive', bytes: datagram.bytes, from }
    if (datagram.to === showAddress(home)) return this.#giveChannel(command)
    const member = this.members.find(({ own }) => showAddress(own) === datagram.to)
    if (member === undefined) return
    const met = channel.introduced(member.ciphers, datagram.bytes)
    if (met === undefined) this.#giveMember(member, command)
    else this.give(member, classicActor(from.ip, from.port), { _tag: 'Met', ...met })
  }

  #giveMember(member: Member, command: channel.Command): void {
    const step = member.channel.reduce(member.sessions, { at: this.now as Instant, by: self, command })
    member.sessions = step.state
    deepEqual(member.channel.violations(step.state), [])
    for (const effect of step.effects) {
      if (effect._tag === 'Send') this.#post(member.own, effect.to, effect.packet)
      if (effect._tag === 'Deliver') this.give(member, keyed(effect.from), { _tag: 'Hear', frame: effect.frame })
      if ((effect._tag === 'Heard' || effect._tag === 'Lost') && effect.key !== this.#ciphers.own.seals) this.give(member, self, { _tag: effect._tag === 'Heard' ? 'NeighbourHeard' : 'NeighbourLost', key: effect.key })
    }
  }

  #giveChannel(command: channel.Command): void {
    const step = this.#channel.reduce(this.#sessions, { at: this.now as Instant, by: self, command })
    this.#sessions = step.state
    deepEqual(this.#channel.violations(step.state), [])
    for (const effect of step.effects) {
      if (effect._tag === 'Send') this.#post(home, effect.to, effect.packet)
      if (effect._tag === 'Moved') this.#serve(self, { _tag: 'Moved', key: effect.key, address: effect.place as Address })
      if (effect._tag === 'Heard') this.#look({ _tag: 'Heard', key: effect.key })
      if (effect._tag !== 'Deliver') continue
      const { from, via, place, frame } = effect
      if (frame._tag === 'Pong') this.#look({ _tag: 'Heard', key: from })
      if (frame._tag === 'RingWanted') this.#serve(keyed(from, { via, have: frame.have }), { _tag: 'Seek', ring: frame.ring })
      if (frame._tag !== 'Request') continue
      const ask = server.askOf(this.#ciphers, this.directory, from, place, frame)
      if (ask !== undefined) this.#serve(keyed(from, { via, have: frame.have }), ask)
    }
  }

  #look(command: presence.Command): void {
    const step = this.watcher.reduce(this.watch, { at: this.now as Instant, by: self, command })
    this.watch = step.state
    deepEqual(this.watcher.violations(step.state), [])
    for (const effect of step.effects) {
      const { key } = effect
      if (effect._tag === 'Knock') this.tell(key, effect.knock)
      else if (effect._tag === 'Probe') {
        this.tell(key, { _tag: 'Ping', echo: '00'.repeat(8) }, effect.again)
      } else {
        this.judged.push({ at: this.now, key, presence: effect.presence })
        this.#serve(self, { _tag: 'Judged', key, presence: effect.presence })
      }
    }
  }

  /** The server says something that nobody has asked for. */
  tell(key: PublicKey, frame: sealed.Frame, again = false): void {
    this.#giveChannel({ _tag: 'Seal', to: key, via: undefined, place: undefined, appointed: false, frame, again })
  }

  #serve(by: Actor, command: server.Command): void {
    const before = this.directory
    const step = this.#reduce(before, { at: this.now as Instant, by, command })
    this.directory = step.state
    deepEqual([...server.violations(step.state), ...server.movedMembers(before, step.state)], [])
    const told = step.effects.flatMap((effect) => (effect._tag === 'Bind' || effect._tag === 'Part' ? [effect.answer] : []))
    const response = step.response._tag === 'Some' ? step.response.value : told[0]
    if (by._tag === 'Key' && command._tag === 'Ask') this.#note(by.key, command, before, response)
    for (const effect of step.effects) {
      if (effect._tag === 'Bind') this.#giveChannel({ _tag: 'Bind', key: effect.key, via: by._tag === 'Key' ? by.back?.via : undefined })
      if ((effect._tag === 'Bind' || effect._tag === 'Part') && effect.answer !== undefined) this.#answer(by, effect.answer)
      if (effect._tag === 'Part') this.#giveChannel({ _tag: 'Part', key: effect.key })
      if (effect._tag === 'Bind') this.#look({ _tag: 'Known', key: effect.key })
      if (effect._tag === 'Part') this.#look({ _tag: 'Gone', key: effect.key })
      if (effect._tag === 'Doubt') this.#look({ _tag: 'Missed', key: effect.key })
      if (effect._tag === 'Sought') this.#look(effect)
    }
    if (step.response._tag === 'Some') this.#answer(by, step.response.value)
  }

  #answer(by: Actor, response: server.Response): void {
    if (by._tag !== 'Key') return
    for (const frame of this.#framesOf(response, by.back?.have ?? 0n))
      this.#giveChannel({ _tag: 'Seal', to: by.key, via: by.back?.via, place: undefined, appointed: false, frame, again: false })
  }

  #note(key: PublicKey, ask: server.Ask, before: server.State, response: server.Response | undefined): void {
    const outcome = response === undefined ? undefined : server.outcomeOf(response)
    if (this.directory.position > before.position) this.executions.push({ key, ask, outcome, life: this.life })
    if (outcome === undefined) return
    const name = `${key} ${ask.boot} ${ask.seq}`
    this.answers.set(name, [...(this.answers.get(name) ?? []), String(server.sealedAnswer(outcome).code)])
  }
}
