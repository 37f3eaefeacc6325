// The channel of one process: the production machine of the sealed wire between what a process says and the network, as the shell has it. Another
// process begins with another station: no session outlives it.
//
//   frame ──> Seal ──> channel ──> bytes ──> network ──> bytes ──> Arrive ──> channel ──> Deliver, Moved, Heard, Lost
import { channel, limits, roll, self, type delivery, type Instant, type sealed, type ProcessId, type PublicKey } from '../../core/index.js'
import type { BoxCiphers } from './boxes.js'
import type { Hint, House } from './roles.js'
import type { Sometimes } from './sometimes.js'

type Place = channel.Place
type Machine = ReturnType<typeof channel.machine<unknown, unknown>>

/** What a station tells its process, and the network. */
export interface Ears {
  readonly now: () => Instant
  readonly deliver: (delivered: channel.Deliver) => void
  readonly moved: (key: PublicKey, place: Place) => void
  readonly heard: (key: PublicKey) => void
  readonly lost: (key: PublicKey) => void
}

interface Making {
  readonly ciphers: BoxCiphers
  /** from 0 to 1 */
  readonly chance: () => number
  /** a server's */
  readonly process: ProcessId | undefined
  /** whether it counts as being under load, so that it asks for a cookie before it agrees upon anything */
  readonly isBurdened: boolean
  readonly sometimes: Sometimes
  readonly send: (to: Place, bytes: Uint8Array) => void
}

const helloByte = 0xf8

const opaque = (ciphers: BoxCiphers): channel.Ciphers<unknown, unknown> => ciphers as unknown as channel.Ciphers<unknown, unknown>

export class Station {
  readonly #machine: Machine
  readonly #ears: Ears
  readonly #send: (to: Place, bytes: Uint8Array) => void
  readonly #met: Set<PublicKey>
  /** the rings whose members it knows */
  #rings: delivery.State['rings'] | undefined
  readonly #sometimes: Sometimes
  #state: channel.State<unknown, unknown>

  constructor({ ciphers, chance, process, isBurdened, sometimes, send }: Making, ears: Ears) {
    this.#machine = channel.machine({ ciphers: opaque(ciphers), process, whois: undefined, hellosASecond: isBurdened ? 0 : limits.hellosASecond })
    this.#ears = ears
    this.#send = send
    this.#met = new Set([ciphers.own.seals])
    this.#sometimes = sometimes
    this.#state = channel.initial(Uint8Array.from({ length: 32 }, () => Math.floor(chance() * 256)))
  }

  /** When it wants to be woken, by its process's clock; Infinity: not at all. */
  get wakeAt(): number {
    const wake = this.#machine.wakeAt(this.#state)
    return wake._tag === 'Some' ? wake.value : Infinity
  }

  wake(): void {
    if (this.wakeAt <= this.#ears.now()) this.#give(channel.wake)
  }

  arrive(bytes: Uint8Array, from: Place): void {
    this.#give({ _tag: 'Arrive', bytes, from })
  }

  /** A frame to whoever has that key. `place`: where it is said to be; `appointed`: by our own user. */
  ask(to: PublicKey, frame: sealed.Frame, place: Place | undefined, appointed: boolean, again: boolean): void {
    const neighbour = channel.neighbourOf(this.#state, to)
    const current = neighbour === undefined ? undefined : channel.currentOf(this.#state, neighbour)
    const isOld = current !== undefined && current.isInitiator && this.#ears.now() - current.born >= limits.rekeyAfterMs
    const effects = this.#give({ _tag: 'Seal', to, via: undefined, place, appointed, frame, again })
    if (isOld && effects.some((effect) => effect._tag === 'Send' && effect.packet[0] === helloByte)) this.#sometimes.hit('a session renewed')
  }

  /** An answer, by the session that the question came by. */
  answer(to: PublicKey, frame: sealed.Frame, via: number | undefined): void {
    this.#give({ _tag: 'Seal', to, via, place: undefined, appointed: false, frame, again: false })
  }

  bind(key: PublicKey, via: number | undefined): void {
    this.#give({ _tag: 'Bind', key, via })
  }

  /** The members of rings are neighbours, and no guests. */
  introduce(rings: delivery.State['rings']): void {
    if (rings === this.#rings) return
    this.#rings = rings
    for (const { members } of roll.values(rings)) {
      for (const seat of members) {
        if (seat._tag !== 'Keyed' || this.#met.has(seat.seals)) continue
        this.#met.add(seat.seals)
        this.bind(seat.seals, undefined)
      }
    }
  }

  part(key: PublicKey): void {
    this.#give({ _tag: 'Part', key })
  }

  slept(): void {
    this.#give({ _tag: 'Slept' })
  }

  violations(): ReturnType<Machine['violations']> {
    return this.#machine.violations(this.#state)
  }

  #give(command: channel.Command): ReadonlyArray<channel.Effect> {
    const step = this.#machine.reduce(this.#state, { at: this.#ears.now(), by: self, command })
    this.#state = step.state
    for (const effect of step.effects) {
      if (effect._tag === 'Send') this.#send(effect.to, effect.packet)
      else if (effect._tag === 'Deliver') this.#ears.deliver(effect)
      else if (effect._tag === 'Moved') this.#ears.moved(effect.key, effect.place)
      else if (effect._tag === 'Heard') this.#ears.heard(effect.key)
      else this.#ears.lost(effect.key)
    }
    return step.effects
  }
}

/** The station of a process that begins on that machine, where the wire is sealed. `process`: a server's. */
export const stationOf = (house: House, who: number, ciphers: BoxCiphers, process: ProcessId | undefined, ears: Ears): Station | undefined => {
  if (!house.isSealed) return undefined
  const { chance, sometimes, plan } = house
  house.bornAt(who)
  const isBurdened = plan.burdened?.includes(who) === true
  return new Station({ ciphers, chance, process, isBurdened, sometimes, send: (to, bytes) => house.post(who, to, bytes) }, ears)
}

/** Where whoever has that key is said to be: the server by a member's own user, and others by the server. */
export const hintOf = ({ server, addressOf }: House, { to, address, again }: Pick<delivery.Seal, 'to' | 'again'> & { readonly address?: delivery.Seal['address'] }): Hint =>
  to === server.own.seals ? { place: addressOf(0), isAppointed: true, isAgain: again } : { place: address, isAppointed: false, isAgain: again }
