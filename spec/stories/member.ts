// A member of a story: the production courier, a disk, a clock that stands still while the machine sleeps, and the process round them, which can be
// stopped, put to sleep, killed and begun anew from what its disk has.
import { equal } from 'node:assert/strict'
import { isRight } from 'fp-ts/lib/Either.js'
import { delivery, diary, limits, self, type Address, type Instant } from '../../core/index.js'
import { box } from '../model/box.js'
import { own as serverBox } from './office.js'
import type { Asking, Datagram } from './post.js'

/** running; stopped, as a debugger does, its clock going on; asleep, its clock standing still; dead. */
export type Mode = 'running' | 'stopped' | 'asleep' | 'dead'

/** Whatever a member does that others can see, or that outlasts it. */
export interface Doing {
  readonly before: (member: Member, step: delivery.Step, command: delivery.Command | undefined) => void
  readonly durable: (member: Member, mark: diary.Mark, isTaken: boolean) => void
  readonly leaves: (member: Member, effect: Exclude<delivery.Effect, { readonly _tag: 'Persist' | 'Jot' }>) => void
}

export class Member {
  readonly name: string
  readonly ciphers: ReturnType<typeof box>
  config: delivery.Config
  #machine: ReturnType<typeof delivery.courier>
  readonly #doing: Doing
  state: delivery.State
  /** effects that have not happened yet: the first is a write that is not durable */
  queue: ReadonlyArray<delivery.Effect> = []
  /** what the disk has */
  kept: diary.Diary = diary.empty
  /** whether a write is durable at once, or when the story says so; whether jots arrive there at all */
  disk: 'fast' | 'slow' = 'fast'
  jots = true
  mode: Mode = 'running'
  /** what arrived while it did not run */
  buffer: Datagram[] = []
  /** its clock is the world's and so much more */
  skew: number
  /** its processes until now */
  life = 0
  sleeps = 0
  boot = 0
  seq = 0
  errands: Asking[] = []
  isAsking = false
  /** when the request that is not answered leaves again */
  askAt = Infinity
  readonly notices: delivery.Notice[] = []

  constructor(name: string, place: number, doing: Doing) {
    this.name = name
    this.#doing = doing
    this.ciphers = box(name)
    const usual = delivery.config({ own: this.ciphers.own, address: { ip: `192.168.1.${place + 2}`, port: 22000 } as Address, ciphers: this.ciphers })
    this.config = { ...usual, pace: { ...usual.pace, askedForMissed: 0 } }
    this.#machine = delivery.courier(this.config)
    this.skew = 7777 * (place + 1)
    this.state = delivery.initial(place)
  }

  /** From now on it asks co-members for what it has missed. */
  catchesUp(): void {
    this.config = { ...this.config, pace: delivery.pace }
    this.#machine = delivery.courier(this.config)
  }

  get key(): typeof this.ciphers.own.seals {
    return this.ciphers.own.seals
  }

  get wakeAt(): number {
    const at = this.#machine.wakeAt(this.state)
    equal(at._tag === 'None' ? Infinity : at.value, Math.min(...delivery.timers(this.state).map((one) => one.at)), 'it is woken when the first of its timers is due')
    return this.mode !== 'running' || at._tag === 'None' ? Infinity : at.value - this.skew
  }

  clock(now: number): Instant {
    return Math.floor(now + this.skew) as Instant
  }

  give(now: number, command: delivery.Command): void {
    const step = this.#machine.reduce(this.state, { at: this.clock(now), by: self, command })
    this.#take(step, command)
  }

  /** A timer that is armed, whether its time has come or not. */
  fire(now: number, timer: delivery.Timer): void {
    this.#take(delivery.fire(this.config)({ ...this.state, at: Math.max(this.state.at, this.clock(now)) as Instant }, timer), undefined)
  }

  #take(step: delivery.Step, command: delivery.Command | undefined): void {
    this.#doing.before(this, step, command)
    this.state = step.state
    const broken = this.#machine.violations(step.state)
    if (broken.length > 0) throw new Error(`${this.name}: ${JSON.stringify(broken)}`)
    this.queue = [...this.queue, ...step.effects]
    this.drain()
  }

  /** Effects happen in order, up to a write that is not durable yet. */
  drain(): void {
    for (;;) {
      const [first, ...rest] = this.queue
      if (first === undefined || (first._tag === 'Persist' && this.disk === 'slow')) return
      this.queue = rest
      this.#happen(first)
    }
  }

  #happen(effect: delivery.Effect): void {
    if (effect._tag === 'Jot' && !this.jots) return
    if (effect._tag === 'Persist' || effect._tag === 'Jot') this.#write(effect.record)
    else this.#doing.leaves(this, effect)
  }

  #write(mark: diary.Mark): void {
    const next = diary.marked(this.kept, mark, { roots: limits.inboxRoots, lines: limits.inboxLines })
    if (isRight(next)) this.kept = next.right
    this.#doing.durable(this, mark, isRight(next))
  }

  /** The oldest write becomes durable. */
  written(): void {
    const [first, ...rest] = this.queue
    if (first?._tag !== 'Persist') throw new Error(`${this.name} writes nothing`)
    this.queue = rest
    this.#happen(first)
    this.drain()
  }

  /** A new process, with what the disk has. */
  begin(now: number, boot: number, rows: ReadonlyArray<{ readonly key: Member['key']; readonly address: Address }>): void {
    this.life += 1
    this.state = delivery.initial(this.life * 100 + this.name.length, this.kept)
    this.queue = []
    this.buffer = []
    this.errands = []
    this.isAsking = false
    this.askAt = Infinity
    this.boot = boot
    this.seq = 0
    this.mode = 'running'
    this.give(now, { _tag: 'Met', server: serverBox.own })
    this.give(now, { _tag: 'Located', rows: rows.filter(({ key }) => key !== this.key) })
  }
}
