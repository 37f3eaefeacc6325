// A village without a network: one server and some peers, the production machines, joined by a bag of datagrams from which anyone may be
// delivered next. Nothing is lost here and no time passes; every datagram goes through the wire's bytes. The simulator grows from it.
import { deepEqual } from 'node:assert/strict'
import { isLeft } from 'fp-ts/lib/Either.js'
import {
  classic, classicActor, decodeUtf8, operator, peer, server, showAddress, type Actor, type Address, type ContactName, type Instant, type Malformed,
} from '../../core/index.js'
import type { Either } from 'fp-ts/lib/Either.js'

/** A datagram under way. */
interface Datagram {
  readonly from: Address
  readonly to: string
  readonly bytes: Uint8Array
  readonly isMessage: boolean
}

interface Inhabitant {
  readonly own: Address
  state: peer.State
  readonly notices: peer.Notice[]
}

const decoded = <A>(bytes: Uint8Array, decode: (text: string) => Either<Malformed, A>): A | Malformed => {
  const text = decodeUtf8(bytes)
  const packet = isLeft(text) ? text : decode(text.right)
  return isLeft(packet) ? packet.left : packet.right
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const above = ({ ip, port }: Address): string => showAddress({ ip, port: port + 1 })

export class Village {
  readonly at: Address = { ip: '192.168.2.1', port: 22000 } as Address
  directory: server.State = server.initial
  readonly inhabitants: ReadonlyArray<Inhabitant>
  readonly #machine: ReturnType<typeof server.machine>
  readonly #paced: boolean
  #underWay: ReadonlyArray<Datagram> = []
  #now = 0
  #marks = 0

  constructor(peers: number, config: server.Config = server.defaults, paced = false) {
    this.#machine = server.machine(config)
    this.#paced = paced
    this.inhabitants = Array.from({ length: peers }, (_, i) => ({
      own: { ip: '192.168.2.2', port: 22000 + 2 * i } as Address,
      state: peer.initial,
      notices: [],
    }))
  }

  get underWay(): number {
    return this.#underWay.length
  }

  /** Something is typed at that peer's prompt. */
  type(who: number, wish: peer.Wish, text?: string): void {
    this.#marks += 1
    this.#give(who, operator, { _tag: 'Ask', wish, text, im: String(this.#marks).padStart(16, '0') })
  }

  /** Delivers one of the datagrams under way: `choice` says which. A message, twice if it is to be duplicated; the classic wire cannot tell
   *  a repeated request or reply from a new one. */
  deliver(choice: number, duplicated = false): void {
    const at = choice % this.#underWay.length
    const datagram = this.#underWay[at]
    if (datagram === undefined) return
    if (!duplicated || !datagram.isMessage) this.#underWay = this.#underWay.filter((_, i) => i !== at)
    this.#arrive(datagram)
  }

  /** Delivers everything, also what that sets off, in the order in which it was sent. */
  settle(): void {
    while (this.#underWay.length > 0) this.deliver(0)
  }

  /** Registers and joins: `contacts[i]` at peer i, then each list with its members. */
  populate(contacts: ReadonlyArray<ContactName>, lists: ReadonlyArray<{ readonly list: string; readonly members: ReadonlyArray<ContactName> }>): void {
    const done = (who: number, wish: peer.Wish): void => {
      this.type(who, wish)
      this.settle()
    }
    contacts.forEach((contact, i) => done(i, { _tag: 'Register', contact, ip: undefined, port: undefined }))
    for (const { list, members } of lists) {
      done(0, { _tag: 'Create', list: list as never })
      for (const contact of members) done(0, { _tag: 'Join', list: list as never, contact })
    }
  }

  #arrive({ from, to, bytes }: Datagram): void {
    if (to === showAddress(this.at)) return this.#serve(from, bytes)
    const by = classicActor(from.ip, from.port)
    this.inhabitants.forEach(({ own }, who) => {
      if (to === showAddress(own)) this.#give(who, by, { _tag: 'Hear', packet: decoded(bytes, classic.decodeReply) })
      if (to === above(own)) this.#give(who, by, { _tag: 'Receive', packet: decoded(bytes, classic.decodeRelay) })
    })
  }

  #serve(from: Address, bytes: Uint8Array): void {
    this.#now += 1
    const step = this.#machine.reduce(this.directory, {
      at: this.#now as Instant,
      by: classicActor(from.ip, from.port),
      command: decoded(bytes, classic.decodeRequest),
    })
    deepEqual(server.movedMembers(this.directory, step.state), [])
    this.directory = step.state
    deepEqual(this.#machine.violations(this.directory), [])
    if (step.response._tag === 'None') return
    this.#post({ from: this.at, to: showAddress(from), bytes: bytesOf(classic.encodeReply(server.classicReply(step.response.value))), isMessage: false })
  }

  #give(who: number, by: Actor, command: peer.Command): void {
    const inhabitant = this.inhabitants[who]
    if (inhabitant === undefined) return
    const machine = peer.machine(peer.config(inhabitant.own, this.at, this.#paced))
    const step = machine.reduce(inhabitant.state, { at: 0 as Instant, by, command })
    inhabitant.state = step.state
    deepEqual(machine.violations(step.state), [])
    for (const effect of step.effects) {
      if (effect._tag === 'Announce') inhabitant.notices.push(effect.notice)
      if (effect._tag === 'Send') this.#post({ from: inhabitant.own, to: showAddress(effect.to), bytes: bytesOf(this.#encoded(effect.packet)), isMessage: effect.packet._tag === 'Relay' })
    }
  }

  #encoded(packet: peer.Packet): string {
    return packet._tag === 'Request' ? classic.encodeRequest(packet.request) : classic.encodeRelay(packet.relay)
  }

  #post(datagram: Datagram): void {
    this.#underWay = [...this.#underWay, datagram]
  }
}
