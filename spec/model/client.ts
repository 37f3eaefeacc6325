// One sealed peer without a network, a cipher or a clock: what it is given, what it then says and sends, and time that passes as the test says.
import { deepEqual, ok } from 'node:assert/strict'
import {
  ContactId, Nonce, ProcessId, PublicKey, classicActor, keyed, operator, diary, peer, pins, sealed, self, type Actor, type Address, type ContactName,
  type Identity, type Instant,
} from '../../core/index.js'
import { box } from './box.js'

const branded = <A>(is: (value: unknown) => value is A, text: string): A => {
  ok(is(text), text)
  return text
}

/** 32 bytes that are all the same. */
const key = (byte: number): PublicKey => branded(PublicKey.is, byte.toString(16).padStart(2, '0').repeat(32))

/** Whose keys these are, as if it were a hash of them: half of each. */
export const idOf = (signs: PublicKey, seals: PublicKey): ContactId => branded(ContactId.is, signs.slice(0, 32) + seals.slice(0, 32))

export const identity = (byte: number): Identity => ({ id: idOf(key(byte), key(byte + 1)), signs: key(byte), seals: key(byte + 1) })

export const me = 'Me' as ContactName
export const own = identity(0x10)
export const theServer = identity(0x20)
export const home = { ip: '192.0.2.1', port: 22000 } as Address
/** the peer's own */
export const reached = { ip: '192.0.2.2', port: 22002 } as Address
export const nonce = branded(Nonce.is, '00112233445566778899aabbccddeeff')
export const firstProcess = branded(ProcessId.is, '00000000000000a1')
export const pinnedServer = pins.pinServer(pins.none, home, theServer)

export interface Settings {
  readonly pinned?: pins.Pins
  readonly expected?: ContactId
  readonly acceptServer?: boolean
  readonly seed?: number
  readonly kept?: diary.Diary
}

type Of<T extends { readonly _tag: string }, K extends T['_tag']> = Extract<T, { readonly _tag: K }>

/** A sealed peer under test. With the server pinned, as by default, it is ready at once. */
export class Client {
  state: peer.sealed.State
  effects: peer.sealed.Effect[] = []
  now = 0
  /** the server's clock, which goes on while this peer sleeps */
  serverNow = 1_000_000
  readonly #machine: ReturnType<typeof peer.sealed.machine>

  constructor({ pinned = pinnedServer, expected, acceptServer = false, seed = 7, kept = diary.empty }: Settings = {}) {
    const prove = (server: ContactId): string => server + server
    this.#machine = peer.sealed.machine(peer.sealed.config({ own, address: reached, server: home, expected, acceptServer, idOf, prove, ciphers: box(1) }))
    this.state = peer.sealed.initial({ nonce, seed, pins: pinned, diary: kept })
    this.pass(0)
  }

  give(command: peer.sealed.Command, by: Actor = operator): this {
    const step = this.#machine.reduce(this.state, { at: this.now as Instant, by, command })
    this.state = step.state
    this.effects.push(...step.effects)
    deepEqual(this.#machine.violations(this.state), [])
    for (const effect of step.effects) if (effect._tag === 'Announce') ok(peer.Notice.is(effect.notice), effect.notice._tag)
    return this
  }

  ask(wish: peer.sealed.Wish): this {
    return this.give({ _tag: 'Ask', wish })
  }

  hear(frame: sealed.Frame, from = theServer): this {
    return this.give({ _tag: 'Hear', frame }, keyed(from.seals))
  }

  /** The server says who it is. */
  met(server: Identity, proven = true, by: Actor = classicActor(home.ip, home.port)): this {
    return this.give({ _tag: 'Met', server, proven }, by)
  }

  /** The answer to the newest request, whole, from a process of the server. */
  answer(code: number, body: sealed.AnswerBody = { _tag: 'Nothing' }): this {
    return this.replies(this.requests().length - 1, { code, body }).reduce<this>((client, frame) => client.hear(frame), this)
  }

  /** What the server sends as the answer to the request that left as number `index` from 0. */
  replies(index: number, answer: sealed.Answer, process = firstProcess): ReadonlyArray<sealed.Reply> {
    const request = this.requests()[index]
    ok(request !== undefined, `no request ${index}`)
    const parts = sealed.partsOf(sealed.encodeAnswer(answer), request.have)
    ok(parts !== undefined)
    return parts.map((part) => ({ _tag: 'Reply', boot: request.boot, seq: request.seq, at: this.serverNow as Instant, process, part }))
  }

  /** The contact is registered, with that boot. */
  registered(boot = 5): this {
    return this.ask({ _tag: 'Register', contact: me }).answer(200, { _tag: 'Registered', boot })
  }

  wakeAt(): number {
    const wake = this.#machine.wakeAt(this.state)
    return wake._tag === 'Some' ? wake.value : Infinity
  }

  wake(): this {
    return this.give(peer.sealed.wake, self)
  }

  /** Time passes; whenever the machine wants to be woken it is. */
  pass(ms: number): this {
    const end = this.now + ms
    while (this.wakeAt() <= end) {
      const next = Math.max(this.now, this.wakeAt())
      this.serverNow += next - this.now
      this.now = next
      this.wake()
    }
    this.serverNow += end - this.now
    this.now = end
    return this
  }

  /** Everything sleeps but the server. */
  sleep(ms: number): this {
    this.serverNow += ms
    return this.give({ _tag: 'Slept' }, self)
  }

  all<K extends peer.sealed.Effect['_tag']>(tag: K): ReadonlyArray<Of<peer.sealed.Effect, K>> {
    return this.effects.filter((effect): effect is Of<peer.sealed.Effect, K> => effect._tag === tag)
  }

  notices(): ReadonlyArray<peer.Notice> {
    return this.all('Announce').map(({ notice }) => notice)
  }

  tags(): ReadonlyArray<string> {
    return this.notices().map(({ _tag }) => _tag)
  }

  requests(): ReadonlyArray<sealed.Request> {
    return this.all('Seal').flatMap(({ frame }) => (frame._tag === 'Request' ? [frame] : []))
  }

  exits(): ReadonlyArray<peer.Fault | undefined> {
    return this.all('Exit').map(({ why }) => why)
  }

  /** How often the server was asked who it is. */
  asksWho(): number {
    return this.all('Send').filter(({ packet }) => packet._tag === 'Who').length
  }

  last<T extends peer.Notice['_tag']>(tag: T): peer.NoticeOf<T> {
    const found = [...this.notices()].reverse().find(({ _tag }) => _tag === tag)
    ok(found !== undefined, `no ${tag} among ${this.tags().join(' ')}`)
    return found as peer.NoticeOf<T>
  }
}
