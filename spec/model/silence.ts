// What a machine that judges who is there promises (V1 to V5, V8, V13), told by whoever has seen all that it was told: random rows of it, and what is wrong.
import { equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { limits, presence, self, type Host, type Instant, type ListName, type Port, type PublicKey } from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'

type Machine = typeof presence.machine
type Told = Exclude<presence.Command, { readonly _tag: 'Wake' }>
interface Move { readonly wait: number; readonly command: Told }

const keyOf = (n: number): PublicKey => identity(n).seals
const list = 'l' as ListName
const { awayAfterMs, helloSpanMs, knocksOfAll, knocksOfOne, probeMs, probes, probesAHello, suspectMs } = limits

const told = (): fc.Arbitrary<Told> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.record({ _tag: fc.constantFrom('Heard' as const, 'Heard' as const, 'Missed' as const), key: fc.nat(3).map(keyOf) }) },
    { weight: 12, arbitrary: fc.tuple(fc.nat(3), fc.nat(1)).map(([of, by]): Told => ({ _tag: 'Sought', key: keyOf(of), knock: { _tag: 'Knock', list, by: keyOf(by), ip: '10.0.0.1' as Host, port: 22000 as Port } })) },
    { weight: 2, arbitrary: fc.record({ _tag: fc.constantFrom('Known' as const, 'Gone' as const), key: fc.nat(3).map(keyOf) }) },
    { weight: 1, arbitrary: fc.constant<Told>({ _tag: 'Slept' }) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.nat(3)).map((all): Told => ({ _tag: 'Start', contacts: all.map((n) => ({ key: keyOf(n), presence: n === 0 ? 'away' : n === 1 ? 'suspect' : 'alive' })) })) },
  )

const moves = (): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.array(fc.record({ wait: fc.constantFrom(0, 1, 300, 999, 1000, 1001, 3000, 9999, 25_000, 74_000, 75_000, 80_000), command: told() }), { minLength: 10, maxLength: 60, size: 'max' })

/** What is known of one contact by whoever has seen all. */
interface Seen {
  presence: presence.Presence
  /** the newest record, or the start */
  heard: number
  missed: number
  /** since it was missed */
  asked: number[]
  /** that it was told of */
  knocks: { readonly by: PublicKey; readonly at: number }[]
}

/** One row of moves, and what was promised of it and is not so. */
class Row {
  readonly broken: { readonly rule: string; readonly what: string }[] = []
  readonly seen = new Map<string, number>()
  readonly #machine: Machine
  readonly #known = new Map<PublicKey, Seen>()
  #state = presence.initial
  #now = 1000
  #judges = 0

  constructor(machine: Machine) {
    this.#machine = machine
  }

  play(all: ReadonlyArray<Move>): this {
    this.#give({ _tag: 'Start', contacts: [0, 1, 2].map((n) => ({ key: keyOf(n), presence: 'alive' })) })
    for (const { wait, command } of all) {
      const until = this.#now + wait
      for (let due = this.#machine.wakeAt(this.#state); due._tag === 'Some' && due.value <= until; due = this.#machine.wakeAt(this.#state)) {
        this.#now = Math.max(this.#now, due.value)
        this.#give(presence.wake)
      }
      this.#now = until
      this.#give(command)
    }
    return this
  }

  #give(command: presence.Command): void {
    const step = this.#machine.reduce(this.#state, { at: this.#now as Instant, by: self, command })
    this.#state = step.state
    for (const { rule: number, what } of this.#machine.violations(step.state)) this.#promise(number, false, what)
    this.#learn(command)
    for (const effect of step.effects) {
      const known = this.#known.get(effect.key)
      if (known === undefined) this.#promise('V1', false, `${effect.key} is nobody's`)
      else if (effect._tag === 'Probe') this.#probed(known, effect)
      else if (effect._tag === 'Knock') this.#promise('V13', command._tag === 'Sought' && effect.key === command.key && effect.knock === command.knock, 'a knock of nobody')
      else this.#judged(known, effect.presence)
    }
    if (command._tag === 'Sought') this.#sought(this.#known.get(command.key), command.knock.by, step.effects.length === 1)
    if (command._tag === 'Heard' || command._tag === 'Known') this.#promise('V1', (this.#known.get(command.key)?.presence ?? 'alive') === 'alive', 'heard, and not alive')
    this.#look()
  }

  #learn(command: presence.Command): void {
    switch (command._tag) {
      case 'Wake':
      case 'Sought':
      case 'Missed': return
      case 'Gone': return void this.#known.delete(command.key)
      case 'Slept': return this.#frozen()
      case 'Start':
        this.#known.clear()
        for (const { key, presence: is } of command.contacts) this.#known.set(key, { presence: is, heard: this.#now, missed: -Infinity, asked: [], knocks: [] })
        return this.#frozen()
      case 'Known':
      case 'Heard': {
        const known = this.#known.get(command.key)
        if (known !== undefined) Object.assign(known, { heard: this.#now, asked: [], ...(command._tag === 'Known' ? { knocks: [] } : {}) })
        else if (command._tag === 'Known') this.#known.set(command.key, { presence: 'alive', heard: this.#now, missed: -Infinity, asked: [], knocks: [] })
      }
    }
  }

  #sought(known: Seen | undefined, by: PublicKey, isTold: boolean): void {
    const recent = (known?.knocks ?? []).filter(({ at }) => this.#now - at < helloSpanMs)
    const may = known !== undefined && known.presence !== 'away' && recent.length < knocksOfAll && recent.filter((one) => one.by === by).length < knocksOfOne
    this.#promise('V13', isTold === may, `a knock is ${isTold ? '' : 'not '}told behind ${recent.length} others`)
    if (isTold) known?.knocks.push({ by, at: this.#now })
    this.#met(isTold ? 'knocked' : 'not knocked')
  }

  #frozen(): void {
    this.#judges = this.#now + awayAfterMs
  }

  #probed(known: Seen, { again }: presence.Probe): void {
    const last = known.asked.at(-1)
    this.#promise('V3', known.presence === 'suspect' && (last === undefined || this.#now >= last + probeMs) && again === (known.asked.length > 0 && known.asked.length % probesAHello === 0), 'a probe that nobody needs')
    known.asked.push(this.#now)
    this.#met('probed')
  }

  #judged(known: Seen, is: presence.Presence): void {
    this.#promise('V1', is !== known.presence, `${is} once more`)
    if (is !== 'alive') this.#promise('V4', this.#now >= this.#judges, `${is} ${this.#judges - this.#now} ms too soon after a start or a sleep`)
    if (is === 'suspect') {
      this.#promise('V5', this.#now >= known.missed + suspectMs, `suspect again after ${this.#now - known.missed} ms`)
      Object.assign(known, { missed: this.#now, asked: [] })
    }
    if (is === 'away') {
      const isSilent = this.#now >= known.heard + awayAfterMs
      const isUnanswered = known.presence === 'suspect' && known.asked.length === probes && this.#now >= (known.asked.at(-1) ?? 0) + probeMs
      this.#promise('V3', isSilent || isUnanswered, `away ${this.#now - known.heard} ms after the last record, and ${known.asked.length} probes`)
      this.#met(isSilent ? 'away in silence' : 'away unanswered')
    }
    if (is === 'alive') this.#promise('V1', this.#now === known.heard, 'alive unheard')
    this.#met(is)
    known.presence = is
  }

  /** What has to be so, and was due. */
  #look(): void {
    for (const { presence: is, heard } of this.#known.values()) {
      if (this.#now > Math.max(heard + awayAfterMs, this.#judges)) this.#promise('V2', is === 'away', `${is} after ${this.#now - heard} ms of silence`)
    }
  }

  #met(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }

  #promise(number: string, holds: boolean, what: string): void {
    if (!holds) this.broken.push({ rule: number, what })
  }
}

/** Rows of moves on that machine. */
export class Rows {
  readonly seen = new Map<string, number>()
  readonly #broken = new Map<string, string>()

  constructor(machine: Machine, numRuns = 1500) {
    for (const row of fc.sample(moves(), { numRuns, seed: 20261122 })) {
      const { broken, seen } = new Row(machine).play(row)
      for (const { rule: number, what } of broken) if (!this.#broken.has(number)) this.#broken.set(number, `${what}: ${JSON.stringify(row)}`)
      for (const [what, times] of seen) this.seen.set(what, (this.seen.get(what) ?? 0) + times)
    }
  }

  get rules(): ReadonlyArray<string> {
    return [...this.#broken.keys()].sort()
  }

  hold(number: string, least: Readonly<Record<string, number>>): void {
    equal(this.#broken.get(number), undefined)
    for (const [what, times] of Object.entries(least)) ok((this.seen.get(what) ?? 0) >= times, `${what}: ${this.seen.get(what) ?? 0}`)
  }
}
