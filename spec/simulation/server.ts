// The server's process: the production machine inside `durable`, on a model disk, and what the driver does around them.
//
//   frames ──> Ask, Seek ──> durable ──> Append ──> disk ──> Written ──> Release ──> frames
import {
  durability, keyed, operator, sealed, self, server, type Actor, type Address, type Identity, type ProcessId, type PublicKey, type Stamped,
} from '../../core/index.js'
import type { Append, Release } from '../../core/durable.js'
import { Disk } from '../model/disk.js'
import { Life } from './life.js'
import { listName, nameOf } from './names.js'
import type { Watch } from './watch.js'
import type { House } from './roles.js'

type Ciphers = House['ciphers'][number]
type Machine = ReturnType<typeof durability.durable<server.State, server.Command, server.Response, server.Effect>>
type State = Parameters<Machine['reduce']>[0]
type Effect = Append<server.Command> | Release<server.Response, server.Effect> | { readonly _tag: 'Answer'; readonly by: Actor; readonly response: server.Response }

/** A directory that anybody may begin with: a state of a machine does not change. */
export interface Prepared {
  readonly directory: server.Directory
  readonly boots: ReadonlyArray<number>
}

/** No simulated minute is to fail for being a busy one. */
const unhurried = { perSecond: 1e6, burst: 1e6 }

const configOf = (ciphers: Ciphers): server.Config => ({ ...server.defaults, hash: ciphers.hash, keyRate: unhurried, registerRate: unhurried })

export class Server extends Life<Effect> {
  readonly ciphers: Ciphers
  state: State
  readonly disk: Disk<server.Entry, server.Directory>
  readonly #house: House
  readonly #config: server.Config
  readonly #machine: Machine
  readonly #repliesOf: ReturnType<typeof server.repliesOf>
  /** the position at which the disk begins */
  readonly #base: number
  #process = ''
  #wallMs = 0
  #underWay: ReadonlyArray<server.Entry> = []

  constructor(house: House, ciphers: Ciphers, first: server.Directory) {
    super(0, house.clockwork, house.watchOf(0, 0, Math.max(first.state.at, house.wallOf(0, 0))))
    this.#house = house
    this.ciphers = ciphers
    this.#config = configOf(ciphers)
    this.#machine = durability.durable(house.arms.server(server.machine(this.#config)), server.journaling)
    const { full, broken, survival } = house.options
    const faults = { batchTurns: [0, 0] as const, full, fullTurns: [1, 4] as const, broken, survival }
    this.#base = first.state.position
    this.#repliesOf = server.repliesOf(ciphers.sign)
    const ledger = server.ledger(this.#config)
    this.disk = new Disk({ ...ledger, position: (directory) => ledger.position(directory) - this.#base }, first, faults, house.chance, (what) => this.#happened(what))
    this.state = durability.kept(first.state)
  }

  get own(): Identity {
    return this.ciphers.own
  }

  get now(): ReturnType<Watch['read']> {
    return this.watch.read(this.clockwork.now)
  }

  get durablePosition(): number {
    return this.#base + this.disk.history.length
  }

  /** A process begins. */
  begin(): void {
    this.#process = this.#house.nextProcess()
    this.#house.oracle.started(this)
    this.#offer(self, { _tag: 'Start', process: this.#process as ProcessId, settings: server.settingsOf(this.#config) })
    this.arm()
  }

  /** Another process, with what the disk has, on a machine whose wall clock has been moved. */
  restart(jumpMs: number): void {
    if (!this.isDown) return
    this.#wallMs += jumpMs
    const { state } = this.disk.restore()
    this.rise(this.#house.watchOf(0, this.clockwork.now, Math.max(state.at, this.#house.wallOf(0, this.clockwork.now) + this.#wallMs)))
    this.state = durability.kept(state)
    this.begin()
  }

  /** `life`: which process of that member says so. */
  hear(who: number, life: number, from: PublicKey, frame: sealed.Frame): void {
    const back = { via: life, have: frame._tag === 'Request' || frame._tag === 'RingWanted' ? frame.have : 0n }
    switch (frame._tag) {
      case 'Ping': return this.#house.send(0, from, { _tag: 'Pong', echo: frame.echo, clock: { at: this.now, process: this.#process as ProcessId } }, life)
      case 'RingWanted': {
        this.#house.sometimes.hit('a ring asked of the server')
        return this.#offer(keyed(from, back), { _tag: 'Seek', ring: frame.ring })
      }
      case 'Request': {
        const ask = server.askOf(this.ciphers, this.state.newest, from, this.#house.addressOf(who), frame)
        return ask === undefined ? undefined : this.#offer(keyed(from, back), ask)
      }
      case 'Reply':
      case 'Pong':
      case 'Superseded':
      case 'Relay':
      case 'Ack':
      case 'RingTold':
    }
  }

  /** The operator ends the oldest message of that member. */
  force(who: number): void {
    this.#offer(operator, { _tag: 'Operate', order: { _tag: 'Release', list: listName, contact: nameOf(who) } })
  }

  heal(): void {
    this.disk.heal()
  }

  violations(): ReadonlyArray<{ readonly rule: string; readonly what: string }> {
    return this.#machine.violations(this.state)
  }

  protected wakeAt(): number {
    const wake = this.#machine.wakeAt(this.state)
    return wake._tag === 'Some' ? wake.value : Infinity
  }

  protected wake(): void {
    this.#offer(self, this.#machine.wake)
  }

  protected lose(): void {
    const before = this.disk.history.length
    this.disk.crash()
    if (this.disk.history.length > before) this.#house.oracle.executed(this.#underWay)
    this.#house.died(this.who)
  }

  protected carryOut(effect: Effect): boolean {
    switch (effect._tag) {
      case 'Append':
        this.#underWay = effect.records.map(server.entryOf)
        this.disk.append({ records: this.#underWay, position: effect.position - this.#base })
        this.#sync()
        return false
      case 'Release':
        this.#tell(effect)
        return false
      case 'Answer':
        this.#answer(effect.by, effect.response)
        return false
    }
  }

  #offer(by: Actor, command: Stamped<server.Command>['command'] | durability.Written | durability.Unwritten): void {
    const before = this.state.newest
    const step = this.#machine.reduce(this.state, { at: this.now, by, command })
    this.state = step.state
    this.#house.trace.chronicle?.served(this.clockwork.now, step.state.newest)
    this.#house.oracle.served(this, before, command._tag === 'Unwritten')
    this.enqueue(step.effects)
  }

  #sync(): void {
    const { life } = this
    this.clockwork.at(this.clockwork.now + this.#house.diskMs(), () => this.inside(life, () => {
      const word = this.disk.sync()
      if (word === 'Broken') return this.die()
      if (word === 'Full') this.#house.sometimes.hit('the server was busy')
      if (word === 'Written') this.#house.oracle.executed(this.#underWay)
      if (word !== undefined) this.#offer(self, word === 'Written' ? durability.written : durability.unwritten)
    }))
  }

  /** An answer is an effect of its own: it can be lost with a death just before it. */
  #tell({ by, effects, response }: Release<server.Response, server.Effect>): void {
    const answers = effects.flatMap((effect) => ((effect._tag === 'Bind' || effect._tag === 'Part') && effect.answer !== undefined ? [effect.answer] : []))
    const all = response._tag === 'Some' ? [...answers, response.value] : answers
    this.enqueue(all.map((one) => ({ _tag: 'Answer', by, response: one }) as const))
  }

  #answer(by: Actor, response: server.Response): void {
    if (by._tag !== 'Key') return
    this.#house.oracle.answered(this, by.key, response)
    for (const frame of this.#repliesOf(response, by.back?.have ?? 0n)) this.#house.send(0, by.key, frame, by.back?.via)
  }

  #happened(what: string): void {
    if (what.startsWith('a batch cut off')) this.#house.trace.note(7, this.clockwork.now, 0, what.length)
  }
}

/** The directory of a list that all of these are on, and the boots of their registers, the server's 0 first. */
export const prepare = (ciphers: ReadonlyArray<Ciphers>, addressOfMember: (who: number) => Address): Prepared => {
  const [own, ...members] = ciphers
  if (own === undefined) throw new Error('nobody is there')
  const config = configOf(own)
  const machine = server.machine(config)
  let state = server.initial
  const give = (by: Actor, command: server.Command): void => {
    state = machine.reduce(state, { at: 0 as server.State['at'], by, command }).state
  }
  give(self, { _tag: 'Start', process: 'ffffffffffffffff' as ProcessId, settings: server.settingsOf(config) })
  const boots = [0]
  members.forEach(({ own: identity, sign }, i) => {
    const who = i + 1
    const proof = Buffer.from(sign(sealed.proofOf(identity.seals, own.own.id))).toString('hex')
    const order: sealed.Order = { _tag: 'Register', contact: nameOf(who), signs: identity.signs, proof, nonce: who.toString(16).padStart(32, '0') as never }
    give(keyed(identity.seals), { _tag: 'Ask', boot: 0, seq: 0, order, identity, address: addressOfMember(who) })
    const boot = server.keyedBy(state, identity.seals)?.bound.boot ?? 0
    boots.push(boot)
    if (who === 1) give(keyed(identity.seals), { _tag: 'Ask', boot, seq: 0, order: { _tag: 'Create', list: listName, policy: 'sealed' }, identity: undefined, address: undefined })
    give(keyed(identity.seals), { _tag: 'Ask', boot, seq: 1, order: { _tag: 'Join', list: listName, contact: nameOf(who) }, identity: undefined, address: undefined })
  })
  return { directory: server.directory(state, server.settingsOf(config)), boots }
}
