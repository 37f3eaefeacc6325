// The server's process: the production machine inside `durable`, on a model disk, and what the driver does around them.
//
//   frames ──> Ask, Seek ──> durable ──> Append ──> disk ──> Written ──> Release ──> frames
import {
  durability, keyed, limits, operator, presence, type sealed, self, server, type Actor, type Address, type channel, type Identity, type Instant, type ProcessId, type PublicKey, type Stamped,
} from '../../core/index.js'
import type { Append, Release } from '../../core/durable.js'
import { Disk } from '../model/disk.js'
import { Life } from './life.js'
import { listName, nameOf } from './names.js'
import { configOf } from './prepared.js'
import { Silences } from './silences.js'
import { stationOf, type Station } from './station.js'
import type { Watch } from './watch.js'
import type { House } from './roles.js'

type Ciphers = House['ciphers'][number]
type Machine = ReturnType<typeof durability.durable<server.State, server.Command, server.Response, server.Effect>>
type State = Parameters<Machine['reduce']>[0]
type Effect = Append<server.Command> | Release<server.Response, server.Effect> | {
      readonly _tag: 'Answer'
      readonly by: Actor
      readonly response: server.Response | undefined
      /** what it does to sessions: the asker's stay, the others' of its key end; all of its key's end */
      readonly binds: PublicKey | undefined
      readonly parts: PublicKey | undefined
    }

const firstProcess = '1'.padStart(16, '0')

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
  #station: Station | undefined
  #wallMs = 0
  #underWay: ReadonlyArray<server.Entry> = []
  /** who is there: of this process */
  #watch: presence.State = presence.initial
  readonly #watcher: typeof presence.machine
  #silences = new Silences(0)

  constructor(house: House, ciphers: Ciphers, first: server.Directory) {
    super(0, house.clockwork, house.watchOf(0, 0, Math.max(first.state.at, house.wallOf(0, 0))))
    this.#house = house
    this.ciphers = ciphers
    this.#config = configOf(ciphers)
    this.#machine = durability.durable(house.arms.server(server.machine(this.#config)), server.journaling)
    this.#watcher = house.arms.presence(presence.machine)
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
    this.renew()
    this.#offer(self, { _tag: 'Start', process: this.#process as ProcessId, settings: server.settingsOf(this.#config) })
    const contacts = server.presencesOf(this.state.newest)
    this.#watch = presence.initial
    // the first one has run for a while, and has just heard everybody
    const isWarm = this.#process === firstProcess
    this.#silences = new Silences(isWarm ? this.now - limits.awayAfterMs : this.now)
    this.#look({ _tag: 'Start', contacts }, (isWarm ? this.now - limits.awayAfterMs : this.now) as Instant)
    if (isWarm) for (const { key } of contacts) this.#look({ _tag: 'Heard', key })
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

  /** It knows its contacts, and has no session with any of them. */
  renew(): void {
    this.#station = stationOf(this.#house, 0, this.ciphers, this.#process as ProcessId, {
      now: () => this.now,
      deliver: ({ from, via, place, frame }) => this.hear(via, from, place, frame),
      moved: (key, place) => this.#offer(self, { _tag: 'Moved', key, address: place as Address }),
      heard: (key) => this.#look({ _tag: 'Heard', key }),
      lost: () => undefined,
    })
    if (this.#station === undefined) return
    for (const key of server.keysOf(this.state.newest)) this.#station.bind(key, undefined)
  }

  arrive(bytes: Uint8Array, from: channel.Place): void {
    this.#station?.arrive(bytes, from)
  }

  say(to: PublicKey, frame: sealed.Frame, via: number | undefined): void {
    this.#station?.answer(to, frame, via)
  }

  /** `via`: by which session, on the plain wire by which process of that member. `place`: where that is, if it has shown so. */
  hear(via: number, from: PublicKey, place: channel.Place | undefined, frame: sealed.Frame): void {
    const back = { via, have: frame._tag === 'Request' || frame._tag === 'RingWanted' ? frame.have : 0n }
    this.#look({ _tag: 'Heard', key: from })
    switch (frame._tag) {
      case 'Ping': return this.#house.send(0, from, { _tag: 'Pong', echo: frame.echo, clock: { at: this.now, process: this.#process as ProcessId } }, via)
      case 'RingWanted': {
        this.#house.sometimes.hit('a ring asked of the server')
        const forged = this.#house.perfidy?.ringOf(frame.ring)
        if (forged !== undefined) return this.#answer(keyed(from, back), forged)
        return this.#offer(keyed(from, back), { _tag: 'Seek', ring: frame.ring })
      }
      case 'Request': {
        const ask = server.askOf(this.ciphers, this.state.newest, from, place, frame)
        return ask === undefined ? undefined : this.#offer(keyed(from, back), ask)
      }
      case 'Reply':
      case 'Pong':
      case 'Superseded':
      case 'Knock':
      case 'MissedWanted':
      case 'MissedNone':
      case 'Relay':
      case 'Ack':
      case 'RingTold':
    }
  }

  /** The operator ends the oldest message of that member. */
  force(who: number): void {
    this.#offer(operator, { _tag: 'Operate', order: { _tag: 'Release', list: listName, contact: nameOf(who) } })
  }

  /** The operator ends all messages. */
  unlock(): void {
    if (this.state.newest.ongoing > 0) this.#house.sometimes.hit('a list was unlocked by force')
    this.#offer(operator, { _tag: 'Operate', order: { _tag: 'Unlock', list: listName } })
  }

  heal(): void {
    this.disk.heal()
  }

  violations(): ReadonlyArray<{ readonly rule: string; readonly what: string }> {
    return [...this.#machine.violations(this.state), ...(this.#station?.violations() ?? [])]
  }

  protected wakeAt(): number {
    const [own, others] = [this.#machine.wakeAt(this.state), this.#watcher.wakeAt(this.#watch)]
    return Math.min(this.#station?.wakeAt ?? Infinity, own._tag === 'Some' ? own.value : Infinity, others._tag === 'Some' ? others.value : Infinity)
  }

  protected wake(): void {
    this.#station?.wake()
    this.#look(presence.wake)
    const wake = this.#machine.wakeAt(this.state)
    if (wake._tag === 'Some' && wake.value <= this.now) this.#offer(self, this.#machine.wake)
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
        if (effect.binds !== undefined) this.#station?.bind(effect.binds, effect.by._tag === 'Key' ? effect.by.back?.via : undefined)
        if (effect.response !== undefined) this.#answer(effect.by, effect.response)
        if (effect.parts !== undefined) this.#station?.part(effect.parts)
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

  #look(command: presence.Command, at: Instant = this.now): void {
    const step = this.#watcher.reduce(this.#watch, { at, by: self, command })
    this.#watch = step.state
    if (command._tag === 'Heard' || command._tag === 'Known') this.#silences.heard(command.key, at)
    for (const effect of step.effects) {
      if (effect._tag === 'Knock') {
        this.#house.sometimes.hit('a member knocked at')
        this.#house.send(0, effect.key, effect.knock)
        continue
      }
      this.#silences.judge(effect, at)
      if (effect._tag === 'Probe') this.#house.send(0, effect.key, { _tag: 'Ping', echo: '0'.repeat(16) })
      else {
        this.#house.sometimes.hit(`a member judged ${effect.presence}`)
        this.#offer(self, { _tag: 'Judged', key: effect.key, presence: effect.presence })
      }
    }
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
    for (const effect of effects) {
      if (effect._tag === 'Bind') this.#look({ _tag: 'Known', key: effect.key })
      if (effect._tag === 'Part') this.#look({ _tag: 'Gone', key: effect.key })
      if (effect._tag === 'Doubt') this.#look({ _tag: 'Missed', key: effect.key })
      if (effect._tag === 'Sought') this.#look(effect)
    }
    const bare = (one: server.Response): Effect => ({ _tag: 'Answer', by, response: one, binds: undefined, parts: undefined })
    const answers = effects.flatMap((effect): ReadonlyArray<Effect> => {
      if (effect._tag === 'Bind') return [{ _tag: 'Answer', by, response: effect.answer, binds: effect.key, parts: undefined }]
      return effect._tag === 'Part' ? [{ _tag: 'Answer', by, response: effect.answer, binds: undefined, parts: effect.key }] : []
    })
    this.enqueue(response._tag === 'Some' ? [...answers, bare(response.value)] : answers)
  }

  #answer(by: Actor, response: server.Response): void {
    if (by._tag !== 'Key') return
    this.#house.oracle.answered(this, by.key, response)
    const said = this.#house.perfidy?.said(response, by.key) ?? response
    for (const frame of this.#repliesOf(said, by.back?.have ?? 0n)) this.#house.send(0, by.key, frame, by.back?.via)
  }

  #happened(what: string): void {
    if (what.startsWith('a batch cut off')) this.#house.trace.note(7, this.clockwork.now, 0, what.length)
  }
}
