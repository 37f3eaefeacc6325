// One peer without a network or a clock: what it is given, what it then says and sends, and time that passes as the test says.
import { deepEqual, ok } from 'node:assert/strict'
import { classic, classicActor, operator, peer, self, type Actor, type Address, type Instant } from '../../core/index.js'

export const own = { ip: '192.0.2.2', port: 22002 } as Address
export const home = { ip: '192.0.2.1', port: 22000 } as Address
export const fromServer = classicActor(home.ip, home.port)

/** A peer under test: what it was told and when, what it said and sent. */
export class Subject {
  state = peer.initial
  notices: peer.Notice[] = []
  sent: Array<{ to: { ip: string; port: number }; packet: peer.Packet }> = []
  exits: Array<peer.Fault | undefined> = []
  now = 0
  readonly #machine: ReturnType<typeof peer.machine>

  constructor(paced = false) {
    this.#machine = peer.machine(peer.config(own, home, paced))
  }

  give(asked: peer.Command, by: Actor = operator): this {
    const step = this.#machine.reduce(this.state, { at: this.now as Instant, by, command: asked })
    this.state = step.state
    for (const effect of step.effects) {
      if (effect._tag === 'Announce') this.notices.push(effect.notice)
      if (effect._tag === 'Send') this.sent.push({ to: effect.to, packet: effect.packet })
      if (effect._tag === 'Exit') this.exits.push(effect.why)
    }
    deepEqual(this.#machine.violations(this.state), [])
    return this
  }

  ask(wish: peer.Wish, text?: string): this {
    return this.give({ _tag: 'Ask', wish, text, im: `im-${this.now}-${this.sent.length}` })
  }

  hear(code: number, body: classic.ReplyBody = classic.nothing): this {
    return this.give({ _tag: 'Hear', packet: { code, body } }, fromServer)
  }

  receive(relay: classic.Relay): this {
    return this.give({ _tag: 'Receive', packet: relay }, classicActor('192.0.2.9', 22005))
  }

  /** Time passes; whenever the machine wants to be woken it is. */
  pass(ms: number): this {
    const end = this.now + ms
    for (let next = this.#machine.wakeAt(this.state); next._tag === 'Some' && next.value <= end; next = this.#machine.wakeAt(this.state)) {
      this.now = next.value
      this.give(peer.wake, self)
    }
    this.now = end
    return this
  }

  tags(): ReadonlyArray<string> {
    return this.notices.map(({ _tag }) => _tag)
  }

  words(): ReadonlyArray<string> {
    return this.sent.map(({ packet }) => (packet._tag === 'Request' ? classic.words[packet.request._tag] : 'relay'))
  }

  last<T extends peer.Notice['_tag']>(tag: T): peer.NoticeOf<T> {
    const found = [...this.notices].reverse().find(({ _tag }) => _tag === tag)
    ok(found !== undefined, `no ${tag} among ${this.tags().join(' ')}`)
    return found as peer.NoticeOf<T>
  }
}
