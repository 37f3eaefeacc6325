// Each member's side of the exploration: what a member can be, numbered, and what each thing that happens to it makes of it. The production courier is
// run once for each pair of a state and a happening, however many whole states they occur in.
import { delivery, diary, self, table, roll, type ImId, type Instant } from '../../core/index.js'
import { begun, before, learned, opening, type Granted, type Member, type Scene } from './scene.js'

/** A member between two happenings. */
export interface Local {
  /** undefined: its process has stopped */
  readonly state: delivery.State | undefined
  /** effects that wait behind a write that is not durable yet; the first is that write */
  readonly queue: ReadonlyArray<delivery.Effect>
  /** what its disk has */
  readonly kept: diary.Diary
}

export type Happening =
  | { readonly _tag: 'Message'; readonly message: number }
  | { readonly _tag: 'Timer'; readonly timer: delivery.Timer }
  | { readonly _tag: 'Durable' }
  | { readonly _tag: 'Crash' }
  | { readonly _tag: 'Restart' }
  | { readonly _tag: 'Slept' }
  | { readonly _tag: 'Learned' }

/** What leaves a member: to another, to the server, or to whoever judges it. */
export type Out = Extract<delivery.Effect, { readonly _tag: 'Seal' | 'Request' | 'Announce' | 'Ping' }>

export interface Move {
  readonly to: number
  readonly out: ReadonlyArray<Out>
}

/** How long something took, how often it was tried, and what was heard of others: with a pace of zeros nothing is decided by it. */
const idle: ReadonlySet<string> = new Set(['ms', 'since', 'next', 'began', 'halfway', 'latest', 'sends', 'notes', 'why', 'by', 'body'])

const telling = (name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return idle.has(name) ? undefined : value
}

/** The value as text: the same for the same value, as far as anything is decided by it. */
export const textOf = (value: unknown): string => JSON.stringify(value, telling)

const sorted = (all: ReadonlyArray<number>): ReadonlyArray<number> => [...all].sort((a, b) => a - b)
const byMember = <A extends { readonly member: number }>(all: ReadonlyArray<A>): ReadonlyArray<A> => [...all].sort((a, b) => a.member - b.member)

const ofOwn = ({ phase, receipts, best, copies, given, poisoned, disputed }: delivery.Own): unknown => [
  phase, byMember(receipts), best, ...(phase === 'told' ? [] : [byMember(copies), sorted(given)]), poisoned, disputed,
]

/** What matters of a courier. */
const essence = ({ clock, diary: kept, lists, own, accepted, custody, arrivals, parked, pending, asked, fetches }: delivery.State): unknown => [
  clock, written(kept), table.entries(lists), roll.values(own).map(ofOwn), roll.values(accepted), roll.values(custody), arrivals, parked, pending, asked, fetches,
]

/** What matters of a diary. */
const written = ({ inbox, sent }: diary.Diary): unknown => [roll.values(inbox.roots).map(({ status }) => status), roll.values(sent).map(({ report }) => report)]

/** With what comes behind: nobody can tell whether a datagram, or a notice, that waits already waits once or twice; and a jot is as if it were lost. */
const waiting = (queue: ReadonlyArray<delivery.Effect>, more: ReadonlyArray<delivery.Effect>): ReadonlyArray<delivery.Effect> => {
  const known = new Set(queue.map(textOf))
  return [...queue, ...more.filter((effect) => effect._tag === 'Persist' || (effect._tag !== 'Jot' && !known.has(textOf(effect))))]
}

const durable = (kept: diary.Diary, record: diary.Mark): diary.Diary => {
  const next = diary.marked(kept, record)
  if (next._tag === 'Left') throw new Error(`the disk cannot take ${record._tag}: ${next.left}`)
  return next.right
}

/** Whether a member's disk says that it has the message, or has closed it. */
export const settledOn = ({ kept }: Local, im: ImId): 'stored' | 'closed' | undefined => {
  const known = roll.get(kept.inbox.roots, im)
  return known === undefined ? undefined : known.status === 'closed' ? 'closed' : 'stored'
}

/** What may be done to the driver's order of things, to see it found out. */
export interface Driver {
  /** effects behind a write leave before it is durable */
  readonly isHasty: boolean
}

export class Locals {
  readonly #scene: Scene
  readonly #member: Member
  readonly #granted: Granted
  readonly #driver: Driver
  readonly #reduce: ReturnType<typeof delivery.courier>
  readonly #numbers = new Map<string, number>()
  readonly #moves: Array<Map<string, Move>> = []
  readonly all: Local[] = []
  /** how often the production machine was run */
  runs = 0

  constructor(scene: Scene, member: Member, granted: Granted, driver: Driver) {
    this.#scene = scene
    this.#member = member
    this.#granted = granted
    this.#driver = driver
    this.#reduce = delivery.courier(member.config)
  }

  /** How it begins; the initiator has its grant, and what it sends first is on its way. */
  first(): Move {
    const state = this.#begin(diary.empty, before)
    const commands = this.#member.place === 0 ? opening(this.#granted) : []
    const local: Local = { state, queue: [], kept: diary.empty }
    return commands.reduce<Move>(
      (so, command) => {
        const step = this.#step(this.at(so.to), before, command)
        return { to: this.#number(step.local), out: [...so.out, ...step.out] }
      },
      { to: this.#number(local), out: [] },
    )
  }

  at(number: number): Local {
    return this.all[number] as Local
  }

  /** The timers that are armed there. */
  timers(number: number): ReadonlyArray<delivery.Timer> {
    const { state } = this.at(number)
    return state === undefined ? [] : delivery.timers(state).map(({ timer }) => timer)
  }

  /** What that happening makes of it. `command`: of a message */
  move(number: number, at: Instant, happening: Happening, command?: () => delivery.Command): Move {
    const name = `${at} ${happening._tag === 'Message' ? happening.message : happening._tag === 'Timer' ? textOf(happening.timer) : happening._tag}`
    const known = this.#moves[number]?.get(name)
    if (known !== undefined) return known
    const { local, out } = this.#happen(this.at(number), at, happening, command)
    const move: Move = { to: this.#number(local), out }
    this.#moves[number]?.set(name, move)
    return move
  }

  #happen(local: Local, at: Instant, happening: Happening, command?: () => delivery.Command): { readonly local: Local; readonly out: ReadonlyArray<Out> } {
    switch (happening._tag) {
      case 'Crash': return { local: { state: undefined, queue: [], kept: local.kept }, out: [] }
      case 'Restart': return this.#step({ state: this.#begin(local.kept, at), queue: [], kept: local.kept }, at, { _tag: 'Resume' })
      case 'Durable': return this.#written(local)
      case 'Slept': return this.#step(local, at, { _tag: 'Slept' })
      case 'Learned': return this.#step(local, at, learned(at))
      case 'Timer': return this.#carry(local, local.state === undefined ? undefined : this.#fired(local.state, at, happening.timer))
      case 'Message': return command === undefined ? { local, out: [] } : this.#step(local, at, command())
    }
  }

  #begin(kept: diary.Diary, at: Instant): delivery.State {
    const state = begun(this.#granted, kept, this.#scene.muted.includes(this.#member.place))
    return this.#reduce.reduce(state, { at, by: self, command: learned(at) }).state
  }

  #fired(state: delivery.State, at: Instant, timer: delivery.Timer): delivery.Step {
    this.runs += 1
    return delivery.fire(this.#member.config)({ ...state, at: Math.max(at, state.at) as Instant }, timer)
  }

  #step(local: Local, at: Instant, command: delivery.Command): { readonly local: Local; readonly out: ReadonlyArray<Out> } {
    if (local.state === undefined) return { local, out: [] }
    this.runs += 1
    return this.#carry(local, this.#reduce.reduce(local.state, { at, by: self, command }))
  }

  #carry(local: Local, step: delivery.Step | undefined): { readonly local: Local; readonly out: ReadonlyArray<Out> } {
    if (step === undefined) return { local, out: [] }
    const broken = this.#reduce.violations(step.state)
    if (broken.length > 0) throw new Error(`member ${this.#member.place}: ${textOf(broken)}`)
    return this.#drain({ state: step.state, queue: waiting(local.queue, step.effects), kept: local.kept })
  }

  /** The write at the head of the queue is durable. */
  #written(local: Local): { readonly local: Local; readonly out: ReadonlyArray<Out> } {
    const [head, ...rest] = local.queue
    if (head?._tag !== 'Persist') return { local, out: [] }
    return this.#drain({ ...local, queue: rest, kept: durable(local.kept, head.record) })
  }

  /** Effects leave in order, up to the next write. */
  #drain(local: Local): { readonly local: Local; readonly out: ReadonlyArray<Out> } {
    const isHeld = (effect: delivery.Effect): boolean => effect._tag === 'Persist'
    const stop = local.queue.findIndex(isHeld)
    const count = stop < 0 || this.#driver.isHasty ? local.queue.length : stop
    const leaving = local.queue.slice(0, count)
    const out = leaving.filter((effect): effect is Out => effect._tag !== 'Persist' && effect._tag !== 'Jot')
    return { local: { ...local, queue: this.#driver.isHasty ? local.queue.filter(isHeld) : local.queue.slice(count) }, out }
  }

  #number(local: Local): number {
    const name = textOf([local.state === undefined ? null : essence(local.state), local.queue, written(local.kept)])
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.all.length
    this.#numbers.set(name, number)
    this.all.push(local)
    this.#moves.push(new Map())
    return number
  }
}

