// A simulated world: a server, members, a network between them, and the plan of what befalls them. Real time is known here and to the oracle, and
// to nobody else.
import { type Address, type channel, type PublicKey, type sealed } from '../../core/index.js'
import { dice } from '../model/link.js'
import { Air, type Sealed } from './air.js'
import { Clockwork } from './clockwork.js'
import { Fate } from './fate.js'
import { Network, type Datagram } from './network.js'
import { Oracle } from './oracle.js'
import { addressOfPlace, nameOf } from './names.js'
import { Peer } from './peer.js'
import { isExcusable, Perfidy } from './perfidy.js'
import { prepare, type Prepared } from './prepared.js'
import { Server } from './server.js'
import { bytesOfFrame, kindOfFrame } from './sizes.js'
import { Sometimes } from './sometimes.js'
import { Trace } from './trace.js'
import { Watch } from './watch.js'
import { boxFor, type BoxCiphers } from './boxes.js'
import type { Arms } from './bugs.js'
import type { Options, Skies, Span } from './options.js'
import type { Message, Plan } from './plan.js'
import type { Hint } from './roles.js'

/** Where a wall clock stands when a run begins: it has to be above 0, and no more. */
const beganAt = 1_000_000_000

/** ms after the storm in which all must have come to its end: the longest lease, once more after a restart, and the time to notice. */
export const calmMs = 75_000

/** ms after the storm at which one more is begun, and its bytes: three parts. */
const calmAfterMs = 30_000
const calmBytes = 2100

/** Some is lost in the best of networks. */
const healed = (skies: Skies): Skies => ({ ...skies, loss: Math.min(skies.loss, 0.1), duplication: 0, corruption: 0, tail: 0, delayMs: [1, 10], reordering: false })

/** Of the plain wire: a frame, of which process it comes, and for which it is, `undefined`: for whichever there is; and its number in the trace. */
interface Plain {
  readonly frame: sealed.Frame
  readonly by: number
  readonly to: number | undefined
  readonly datagram: number
}

type Load = Plain | Sealed

/** One byte of it is another; of a frame nothing is left that anybody would open. */
const damaged = (load: Load, chance: () => number): Load | undefined => {
  if (!('bytes' in load)) return undefined
  const at = Math.floor(chance() * load.bytes.length)
  return { ...load, bytes: load.bytes.with(at, (load.bytes[at] ?? 0) ^ (1 + Math.floor(chance() * 255))), datagram: undefined }
}

const directories = new Map<number, Prepared>()

/** A directory of so many members is the same in each run: it is prepared once. */
const preparedFor = (ciphers: ReadonlyArray<BoxCiphers>): Prepared => {
  const made = directories.get(ciphers.length) ?? prepare(ciphers, addressOfPlace)
  directories.set(ciphers.length, made)
  return made
}

export class House {
  readonly clockwork = new Clockwork()
  readonly sometimes = new Sometimes()
  readonly trace: Trace
  readonly options: Options
  readonly plan: Plan
  readonly arms: Arms
  readonly chance: () => number
  readonly ciphers: ReadonlyArray<BoxCiphers>
  readonly prepared: Prepared
  readonly network: Network<Load>
  readonly oracle: Oracle
  readonly server: Server
  readonly peers: ReadonlyArray<Peer>
  readonly #places = new Map<PublicKey, number>()
  readonly #fate: Fate
  readonly perfidy: Perfidy | undefined
  /** undefined: the wire is plain */
  readonly air: Air | undefined
  #processes = 0

  constructor(plan: Plan, options: Options, arms: Arms, isLegible = false) {
    this.plan = plan
    this.options = options
    this.arms = arms
    this.trace = new Trace(isLegible)
    this.chance = dice(plan.dice)
    this.ciphers = Array.from({ length: plan.members + 1 }, (_, who) => boxFor(who))
    this.ciphers.forEach(({ own }, who) => this.#places.set(own.seals, who))
    this.prepared = preparedFor(this.ciphers)
    this.network = new Network<Load>(this.clockwork, plan.skies, this.chance, plan.members + 1, (datagram) => this.#arrive(datagram), (load) => damaged(load, this.chance))
    this.network.fared = ({ datagram }, fate) => this.trace.fared(datagram, fate)
    this.oracle = new Oracle(this)
    this.air = options.wire === 'sealed' ? new Air(this, plan.members + 1, (from, to, load, kind, bytes) => !this.network.post({ from, to, load }, kind, bytes)) : undefined
    this.perfidy = plan.perfidy === undefined ? undefined : new Perfidy(plan.perfidy, this)
    const [own, ...others] = this.ciphers
    if (own === undefined) throw new Error('nobody is there')
    this.server = new Server(this, own, this.prepared.directory)
    this.peers = others.map((ciphers, i) => new Peer(this, i + 1, ciphers, this.prepared.boots[i + 1] ?? 0))
    this.#fate = new Fate({
      plan, clockwork: this.clockwork, sometimes: this.sometimes, trace: this.trace, chance: this.chance,
      server: this.server, peer: (who) => this.peer(who), network: this.network,
      rebind: (who) => this.air?.rebind(who),
      disturbed: (who) => this.oracle.disturbed(who),
    }, options.rebindMs)
  }

  /** Everybody begins, and what the plan has in mind is set. */
  begin(): void {
    for (const { who } of [this.server, ...this.peers]) this.trace.began(0, who, false)
    if (this.plan.perfidy !== undefined) this.trace.chronicle?.tell(0, 0, { kind: 'note', label: `lies: ${this.plan.perfidy}` })
    this.server.begin()
    for (const peer of this.peers) peer.begin(true)
    this.#fate.begin()
    this.plan.messages.forEach((message, i) => this.clockwork.at(message.at + 1000, () => this.#send(message, i)))
  }

  /** Nobody has a session with anybody from now on, and each process is as it was. */
  renew(): void {
    this.server.give(() => this.server.renew())
    for (const peer of this.peers) peer.give(() => peer.renew())
  }

  /** Nothing goes wrong from now on: the dead are back, the stopped go on, the network is well. */
  heal(): void {
    this.network.heal(healed(this.plan.skies))
    this.server.heal()
    this.#fate.end([this.server, ...this.peers])
    for (const peer of this.peers) {
      peer.give(() => {
        peer.mute(false)
        peer.want('in')
      })
    }
    this.clockwork.at(this.clockwork.now + calmAfterMs, () => this.#calm())
  }

  /** When the waves are down one more message is begun, which must reach everybody. */
  #calm(): void {
    const able = this.peers.filter((peer) => peer.isMember && this.keepsRules(peer.who))
    const peer = able[Math.floor(this.chance() * able.length)]
    this.oracle.reports.isCalm = true
    peer?.give(() => peer.compose(calmBytes, 1000))
  }

  /** Whether all who take part keep to the rules: then nobody is blamed for breaking them. */
  get isHonest(): boolean {
    return this.plan.rogues.length === 0 && this.perfidy === undefined
  }

  isForgiven(rule: string): boolean {
    return this.perfidy !== undefined && isExcusable(rule)
  }

  /** Whether that one keeps to the rules. */
  keepsRules(who: number): boolean {
    return !this.plan.rogues.some((rogue) => rogue.who === who)
  }

  peer(who: number): Peer {
    const peer = this.peers[who - 1]
    if (peer === undefined) throw new Error(`no member ${who}`)
    return peer
  }

  placeOf(key: PublicKey): number {
    return this.#places.get(key) ?? -1
  }

  addressOf(who: number): Address {
    return addressOfPlace(who)
  }

  /** The clock that a process begins with: its machine's wall clock, or `shown`. */
  watchOf(who: number, real: number, shown = this.wallOf(who, real)): Watch {
    return new Watch(shown, real, this.plan.rates[who] ?? 1)
  }

  /** What a machine's wall clock shows, which runs on in its sleep, and is not another's. */
  wallOf(who: number, real: number): number {
    return beganAt + who * 977_777 + real * (this.plan.rates[who] ?? 1)
  }

  nextProcess(): string {
    this.#processes += 1
    return this.#processes.toString(16).padStart(16, '0')
  }

  diaryMs(): number {
    const { stall, stallMs, diaryMs } = this.options
    return this.#fate.isStorm && stall > 0 && this.chance() < stall ? this.#draw(stallMs) : this.#draw(diaryMs)
  }

  diskMs(): number {
    return this.#draw(this.options.diskMs)
  }

  /** A frame leaves; an answer of the server's is for the process, on the sealed wire by the session, that asked. */
  send(from: number, key: PublicKey, frame: sealed.Frame, asker?: number, hint?: Hint): void {
    if (this.air !== undefined) return from === 0 ? this.server.say(key, frame, asker) : this.peer(from).say(key, frame, hint)
    const to = this.placeOf(key)
    if (to < 0) return
    const kind = kindOfFrame(frame)
    this.trace.note(kind.length + frame._tag.length * 64, this.clockwork.now, from * 512 + to, frame._tag === 'Relay' ? frame.head.length : 0)
    // nobody's name is put together for nobody to read
    const datagram = this.trace.chronicle === undefined ? 0 : this.trace.sent(this.clockwork.now, from, nameOf(to), frame)
    this.network.post({ from, to, load: { frame, by: from === 0 ? 0 : this.peer(from).number, to: asker, datagram } }, kind, bytesOfFrame(frame))
  }

  get isSealed(): boolean {
    return this.air !== undefined
  }

  bornAt(who: number): void {
    this.air?.born(who)
  }

  /** A sealed datagram leaves. */
  post(from: number, to: channel.Place, bytes: Uint8Array): void {
    this.air?.post(from, to, bytes)
  }

  /** Somebody has died: it is back when the plan, or the heal, says so. */
  died(who: number): void {
    const one = who === 0 ? this.server : this.peer(who)
    this.trace.died(this.clockwork.now, one.who)
    this.oracle.died(one)
    this.#fate.died(one)
  }

  #draw([least, most]: Span): number {
    return least === most ? least : least + Math.floor(this.chance() * (most - least + 1))
  }

  #arrive({ from, to, load }: Datagram<Load>): void {
    if ('bytes' in load) return this.#landed(from, to, load)
    const { frame, by, to: asker, datagram } = load
    const key = this.ciphers[from]?.own.seals
    if (key === undefined) return
    const receiver = to === 0 ? this.server : this.peer(to)
    this.trace.fared(datagram, receiver.isDown ? 'closed' : 'lost')
    if (receiver.isDown) return this.#refuse(from, to)
    receiver.give(() => {
      this.trace.note(2, this.clockwork.now, from * 512 + to, frame._tag.length)
      this.trace.heard(this.clockwork.now, datagram, from, to, frame)
      if (to === 0) this.server.hear(by, key, this.addressOf(from), frame)
      else if (asker === undefined || asker === this.peer(to).number) this.peer(to).hear(key, frame)
    })
  }

  #landed(from: number, to: number, load: Sealed): void {
    const { air } = this
    if (air?.isThere(to, load) !== true) return this.trace.fared(load.datagram, 'nowhere')
    const receiver = to === 0 ? this.server : this.peer(to)
    this.trace.fared(load.datagram, receiver.isDown ? 'closed' : 'lost')
    if (receiver.isDown) return this.#refuse(from, to)
    receiver.give(() => {
      this.trace.note(2, this.clockwork.now, from * 512 + to, load.bytes.length)
      this.trace.heard(this.clockwork.now, load.datagram, from, to, load.cargo)
      air.arrived(from, to, load)
      receiver.arrive(load.bytes, load.source)
    })
  }

  /** Nobody listens there: the system of whoever sent it hears so, sometimes. */
  #refuse(from: number, to: number): void {
    const key = this.ciphers[to]?.own.seals
    if (from === 0 || key === undefined || this.chance() >= this.plan.skies.refusals || this.chance() < this.network.skies.loss) return
    this.clockwork.at(this.clockwork.now + 1, () => this.peer(from).give(() => this.peer(from).portClosed(key)))
  }

  #send({ from, bytes, again }: Message, number: number): void {
    const peer = this.peer(from)
    const earlier = again === undefined ? undefined : this.oracle.reports.ownOf(from, again)
    peer.give(() => {
      if (!peer.isMember) return
      if (earlier === undefined) peer.compose(bytes, number)
      else {
        this.sometimes.hit('sent again')
        peer.resend(earlier)
      }
    })
    this.#fate.began(peer, number)
  }
}
