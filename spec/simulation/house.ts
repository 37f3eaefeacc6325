// A simulated world: a server, members, a network between them, and the plan of what befalls them. Real time is known here and to the oracle, and
// to nobody else.
import { type Address, type PublicKey, type sealed } from '../../core/index.js'
import { dice } from '../model/link.js'
import { Clockwork } from './clockwork.js'
import { Network, type Datagram } from './network.js'
import { Oracle } from './oracle.js'
import { addressOfPlace } from './names.js'
import { Peer } from './peer.js'
import { prepare, Server, type Prepared } from './server.js'
import { bytesOfFrame, kindOfFrame } from './sizes.js'
import { Sometimes } from './sometimes.js'
import { Trace } from './trace.js'
import { Watch } from './watch.js'
import { boxFor, type BoxCiphers } from './boxes.js'
import type { Arms } from './bugs.js'
import type { Options, Skies, Span } from './options.js'
import type { Fault, Message, Plan } from './plan.js'

/** Where a wall clock stands when a run begins: it has to be above 0, and no more. */
const beganAt = 1_000_000_000

/** ms after the storm in which all must have come to its end: the longest lease, once more after a restart, and the time to notice. */
export const calmMs = 75_000

/** ms after the storm at which one more is begun, and its bytes: three parts. */
const calmAfterMs = 30_000
const calmBytes = 2100

/** Some is lost in the best of networks. */
const healed = (skies: Skies): Skies => ({ ...skies, loss: Math.min(skies.loss, 0.1), duplication: 0, corruption: 0, tail: 0, delayMs: [1, 10], reordering: false })

/** A frame, of which process it comes, and for which it is (`undefined`: for whichever there is); and its number, where somebody reads. */
interface Load {
  readonly frame: sealed.Frame
  readonly by: number
  readonly to: number | undefined
  readonly datagram: number
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
  /** faults that befall somebody who begins a message, by its number */
  readonly #strikes = new Map<number, Extract<Fault, { readonly _tag: 'Strike' }>>()
  /** how those who are to die come back */
  readonly #returns = new Map<number, { readonly goneMs: number; readonly jumpMs: number }>()
  #processes = 0
  #isStorm = true

  constructor(plan: Plan, options: Options, arms: Arms, isLegible = false) {
    this.plan = plan
    this.options = options
    this.arms = arms
    this.trace = new Trace(isLegible)
    this.chance = dice(plan.dice)
    this.ciphers = Array.from({ length: plan.members + 1 }, (_, who) => boxFor(who))
    this.ciphers.forEach(({ own }, who) => this.#places.set(own.seals, who))
    this.prepared = preparedFor(this.ciphers)
    this.network = new Network<Load>(this.clockwork, plan.skies, this.chance, plan.members + 1, (datagram) => this.#arrive(datagram), () => undefined)
    this.network.fared = ({ datagram }, fate) => this.trace.fared(datagram, fate)
    this.oracle = new Oracle(this)
    const [own, ...others] = this.ciphers
    if (own === undefined) throw new Error('nobody is there')
    this.server = new Server(this, own, this.prepared.directory)
    this.peers = others.map((ciphers, i) => new Peer(this, i + 1, ciphers, this.prepared.boots[i + 1] ?? 0))
  }

  /** Everybody begins, and what the plan has in mind is set. */
  begin(): void {
    for (const { who } of [this.server, ...this.peers]) this.trace.began(0, who, false)
    this.server.begin()
    for (const peer of this.peers) peer.begin(true)
    for (const fault of this.plan.faults) this.#set(fault)
    this.plan.messages.forEach((message, i) => this.clockwork.at(message.at + 1000, () => this.#send(message, i)))
  }

  /** Nothing goes wrong from now on: the dead are back, the stopped go on, the network is well. */
  heal(): void {
    this.#isStorm = false
    this.network.heal(healed(this.plan.skies))
    this.server.heal()
    for (const one of [this.server, ...this.peers]) {
      this.#proceed(one, Infinity, false)
      if (one.isDown) this.#rise(one, 0)
    }
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
    return this.plan.rogues.length === 0
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
    return this.#isStorm && stall > 0 && this.chance() < stall ? this.#draw(stallMs) : this.#draw(diaryMs)
  }

  diskMs(): number {
    return this.#draw(this.options.diskMs)
  }

  /** A frame leaves; an answer of the server's is for the process that asked. */
  send(from: number, key: PublicKey, frame: sealed.Frame, asker?: number): void {
    const to = this.placeOf(key)
    if (to < 0) return
    const datagram = this.trace.sent(this.clockwork.now, from, to, frame)
    this.network.post({ from, to, load: { frame, by: from === 0 ? 0 : this.peer(from).number, to: asker, datagram } }, kindOfFrame(frame), bytesOfFrame(frame))
  }

  /** Somebody has died: it is back when the plan, or the heal, says so. */
  died(who: number): void {
    const one = who === 0 ? this.server : this.peer(who)
    this.trace.died(this.clockwork.now, one.who)
    this.oracle.died(one)
    // a server that ended because its disk was broken is started again by whoever runs it
    const { goneMs, jumpMs } = this.#returns.get(one.who) ?? { goneMs: 300, jumpMs: 0 }
    this.#returns.delete(one.who)
    this.clockwork.at(this.clockwork.now + goneMs, () => this.#rise(one, jumpMs))
  }

  #draw([least, most]: Span): number {
    return least === most ? least : least + Math.floor(this.chance() * (most - least + 1))
  }

  #arrive({ from, to, load: { frame, by, to: asker, datagram } }: Datagram<Load>): void {
    const key = this.ciphers[from]?.own.seals
    if (key === undefined) return
    const receiver = to === 0 ? this.server : this.peer(to)
    this.trace.fared(datagram, receiver.isDown ? 'closed' : 'lost')
    if (receiver.isDown) return this.#refuse(from, to)
    receiver.give(() => {
      this.trace.heard(this.clockwork.now, datagram, from, to, frame)
      if (to === 0) this.server.hear(from, by, key, frame)
      else if (asker === undefined || asker === this.peer(to).number) this.peer(to).hear(key, frame)
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
    const strike = this.#strikes.get(number)
    const earlier = again === undefined ? undefined : this.oracle.reports.ownOf(from, again)
    peer.give(() => {
      if (!peer.isMember) return
      if (earlier === undefined) peer.compose(bytes, number)
      else {
        this.sometimes.hit('sent again')
        peer.resend(earlier)
      }
    })
    if (strike !== undefined) this.#crash(peer, strike.effects, strike.goneMs, 0)
  }

  #set(fault: Fault): void {
    const at = 'at' in fault ? fault.at + 1000 : 0
    const one = 'who' in fault && fault._tag !== 'Force' ? (fault.who === 0 ? this.server : this.peer(fault.who)) : undefined
    const then = (ms: number, run: () => void): void => this.clockwork.at(this.clockwork.now + ms, run)
    if (fault._tag === 'Strike') this.#strikes.set(fault.message, fault)
    else this.clockwork.at(at, () => {
      if (!this.#isStorm) return
      this.trace.befell(this.clockwork.now, fault, (who) => (who === 0 ? this.server : this.peer(who)).isDown)
      switch (fault._tag) {
        case 'Crash': return one === undefined ? undefined : this.#crash(one, fault.effects, fault.goneMs, fault.jumpMs)
        case 'Pause': {
          if (one === undefined) return
          if (one.isUp) this.trace.rested(this.clockwork.now, one.who, 'stopped')
          one.stop()
          this.oracle.disturbed(one.who)
          return then(fault.ms, () => this.#proceed(one, Infinity, false))
        }
        case 'Sleep': return one === undefined ? undefined : this.#sleep(this.peer(one.who), fault.ms)
        case 'Cut': {
          this.network.cut(fault.side, fault.mutual, 1)
          return then(fault.ms, () => this.#isStorm ? this.network.cut(fault.side, fault.mutual, -1) : undefined)
        }
        case 'Clog': return this.network.clog(fault.who, this.clockwork.now + fault.ms)
        case 'Force': return this.server.give(() => this.server.force(fault.who))
        case 'Move': return this.#forAWhile(fault, (peer, isOn) => peer.want(isOn ? 'out' : 'in'))
        case 'Mute': return this.#forAWhile(fault, (peer, isOn) => peer.mute(isOn))
      }
    })
  }

  #forAWhile({ who, ms }: { readonly who: number; readonly ms: number }, set: (peer: Peer, isOn: boolean) => void): void {
    const peer = this.peer(who)
    peer.give(() => set(peer, true))
    this.clockwork.at(this.clockwork.now + ms, () => peer.give(() => set(peer, false)))
  }

  #crash(one: Peer | Server, effects: number, goneMs: number, jumpMs: number): void {
    if (one.isDown) return
    this.#returns.set(one.who, { goneMs, jumpMs })
    one.condemn(effects)
    // where it does not come to that effect it dies all the same
    this.clockwork.at(this.clockwork.now + 2000, () => this.#returns.has(one.who) ? one.die() : undefined)
  }

  #rise(one: Peer | Server, jumpMs: number): void {
    if (!one.isDown) return
    this.trace.began(this.clockwork.now, one.who, true)
    if (one instanceof Peer) one.restart()
    else one.restart(jumpMs)
  }

  #sleep(peer: Peer, ms: number): void {
    if (!peer.isUp) return
    this.trace.rested(this.clockwork.now, peer.who, 'asleep')
    peer.stop()
    peer.sleep(true)
    this.sometimes.hit('slept')
    this.clockwork.at(this.clockwork.now + ms, () => this.#proceed(peer, Math.floor(this.chance() * 8), true))
  }

  #proceed(one: Peer | Server, keep: number, isAwake: boolean): void {
    const isAsleep = one instanceof Peer && one.isAsleep
    if (isAsleep && isAwake && one.waiting > 0 && keep > 0) this.sometimes.hit('woke with datagrams waiting')
    if (isAsleep) one.sleep(false)
    this.oracle.disturbed(one.who)
    if (!one.isUp && !one.isDown) this.trace.rested(this.clockwork.now, one.who, undefined)
    one.proceed(() => isAsleep && one instanceof Peer ? one.wakeUp() : undefined, isAsleep ? keep : Infinity)
  }
}
