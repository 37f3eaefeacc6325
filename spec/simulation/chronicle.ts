// What happened in a run, as the events of a trace with exact clocks: the simulator knows which datagram each receipt is of.
import { trace, type delivery, type diary, type sealed, type server } from '../../core/index.js'
import { nameOf } from './names.js'

type Happening = trace.Happening
type Counts = Map<trace.HostName, number>
export type Fate = NonNullable<trace.EventOf<'send'>['fate']>

/** What a datagram carries: a frame; or what it is itself, where it is about sessions. */
export type Cargo = sealed.Frame | string

interface Life {
  readonly host: trace.HostName
  readonly clock: Counts
}

const labelOf = (cargo: Cargo): trace.Label => (typeof cargo === 'string' ? { label: cargo, im: undefined } : trace.labelOf(cargo))

const clockOf = (clock: Counts): trace.Clock => Object.fromEntries(clock)

export class Chronicle {
  readonly #events: trace.Event[] = []
  /** of each process its newest life */
  readonly #lives = new Map<number, Life>()
  /** of each datagram where its sending is */
  readonly #sends: number[] = []
  /** those that were received */
  readonly #arrived = new Set<number>()
  #directory: server.State | undefined

  get events(): ReadonlyArray<trace.Event> {
    return this.#events.map((event) => {
      if (event.kind !== 'send' || !this.#arrived.has(Number(event.datagram)) || event.fate === undefined) return event
      const { time, host, clock, kind, datagram, to, label, im } = event
      return { time, host, clock, kind, datagram, to, label, ...(im === undefined ? {} : { im }) }
    })
  }

  /** A process begins; it knows what the one before it knew. */
  begins(at: number, who: number): void {
    const before = this.#lives.get(who)
    const name = trace.hostNameOf(nameOf(who))
    const life = before === undefined ? 1 : trace.lifeOf(before.host).life + 1
    this.#lives.set(who, { host: trace.inLife(name, life), clock: new Map(before?.clock) })
    this.tell(at, who, { kind: 'start', role: who === 0 ? 'server' : 'member', places: [] })
  }

  tell(at: number, who: number, happening: Happening): void {
    const { host, clock } = this.#lives.get(who) as Life
    clock.set(host, (clock.get(host) ?? 0) + 1)
    this.#events.push({ time: at, host, clock: clockOf(clock), ...happening })
  }

  /** The datagram's number. `to`: a name or a place. */
  sent(at: number, from: number, to: string, cargo: Cargo): number {
    const datagram = this.#sends.push(this.#events.length) - 1
    const { label, im } = labelOf(cargo)
    this.tell(at, from, { kind: 'send', datagram: String(datagram), to, label, fate: 'lost', ...(im === undefined ? {} : { im }) })
    return datagram
  }

  /** What has become of it; that of a copy that arrives counts for nothing. */
  fared(datagram: number, fate: Fate): void {
    const index = this.#sends[datagram] ?? -1
    const send = this.#events[index]
    if (send?.kind === 'send') this.#events[index] = { ...send, fate }
  }

  heard(at: number, datagram: number, from: number, to: number, cargo: Cargo): void {
    const { clock } = this.#lives.get(to) as Life
    const send = this.#events[this.#sends[datagram] ?? -1]
    this.#arrived.add(datagram)
    for (const [host, count] of Object.entries(send?.clock ?? {}) as Array<[trace.HostName, number]>) clock.set(host, Math.max(clock.get(host) ?? 0, count))
    const { label, im } = labelOf(cargo)
    this.tell(at, to, { kind: 'receive', datagram: String(datagram), from: nameOf(from), label, ...(im === undefined ? {} : { im }) })
  }

  /** What the server's directory is from now on. */
  served(at: number, directory: server.State): void {
    const changes = trace.changedLocks(this.#directory ?? directory, directory)
    this.#directory = directory
    for (const change of changes) this.tell(at, 0, change)
  }

  /** What a member says of messages; that it has one was told when that was durable. */
  announced(at: number, who: number, notice: delivery.Notice): void {
    const happening = trace.happeningOf(notice)
    if (happening !== undefined) this.tell(at, who, happening)
  }

  kept(at: number, who: number, mark: diary.Mark): void {
    const happening = trace.keptOf(mark)
    if (happening !== undefined) this.tell(at, who, happening)
  }

  /** A promise was broken; by nobody in particular, where `who` is nobody. */
  broken(at: number, who: number, rule: string, what: string): void {
    this.tell(at, this.#lives.has(who) ? who : 0, { kind: 'broken', rule, label: trace.wordsOf(what) })
  }
}
