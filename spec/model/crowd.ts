// A list on which there is always a message: Alice's and Bob's follow each other without a gap, as far as they are granted, while Mallory comes and goes.
import fc from 'fast-check'
import { equal } from 'node:assert/strict'
import { roll, self, server, type Order, type sealed } from '../../core/index.js'
import { complete, free, listName, on, start, village, type Desk } from './desk.js'
import { liveIn, restarted } from './traffic.js'

export const enqueue = (change: Order): Order => ({ _tag: 'Enqueue', change: change as sealed.Change })

/** What the n-th key is told of its place in the queue; throws where it is told something else. */
export const queued = (stage: Desk, n: number, change: Order): sealed.AnswerBody & { readonly _tag: 'Queued' } => {
  const response = stage.asked(n, enqueue(change), stage.next(n))
  const outcome = response === undefined ? undefined : server.outcomeOf(response)
  if (outcome?._tag !== 'Right' || outcome.right._tag !== 'Queued') throw new Error(`not queued: ${JSON.stringify(outcome)}`)
  return outcome.right
}

/** What has become of that ticket: the name of a code, its place, or a code. */
export const ticketOf = (stage: Desk, n: number, ticket: number): string | number => {
  const response = stage.asked(n, { _tag: 'Ticket', ticket }, stage.next(n))
  const outcome = response === undefined ? undefined : server.outcomeOf(response)
  if (outcome?._tag !== 'Right') return stage.code(response)
  return outcome.right._tag === 'Served' ? outcome.right.code : outcome.right._tag === 'Queued' ? outcome.right.place : stage.code(response)
}

/** Time goes on until that instant; the clock is looked at when something is due, as a driver does. */
export const pass = (stage: Desk, until: number, look: () => void = () => undefined): void => {
  const machine = server.machine(free)
  for (let due = machine.wakeAt(stage.state); due._tag === 'Some' && due.value <= until; due = machine.wakeAt(stage.state)) {
    stage.now = Math.max(stage.now, due.value - 1)
    stage.give(self, server.wake)
    look()
  }
  stage.now = Math.max(stage.now, until)
}

export const listOf = (stage: Desk, list = 'l'): server.List => roll.get(stage.state.lists, listName(list)) as server.List

interface Tick {
  readonly ms: number
  readonly who: number
  /** those before come home when the next has begun */
  readonly ends: boolean
  /** Mallory wants to leave, or to come back */
  readonly comes: boolean
  readonly restarts: boolean
}

export const ticks: fc.Arbitrary<ReadonlyArray<Tick>> = fc.array(
  fc.record({ ms: fc.constantFrom(20, 150, 400, 900, 2500), who: fc.nat(1), ends: fc.nat(9).map((n) => n > 0), comes: fc.nat(3).map((n) => n === 0), restarts: fc.nat(60).map((n) => n === 0) }),
  { minLength: 60, maxLength: 120 },
)

/** What has happened there. */
export class Crowd {
  readonly stage = village()
  /** how long Mallory waited each time, and how often the server started meanwhile */
  readonly waits: { readonly ms: number; readonly holds: number }[] = []
  readonly fences: { readonly from: number; to: number | undefined }[] = []
  readonly met = { granted: 0, fenced: 0, overlapped: 0 }
  #waiting: { readonly asked: number; readonly ticket: number; holds: number } | undefined
  #isOn = true

  constructor(all: ReadonlyArray<Tick>) {
    for (const tick of all) this.#step(tick)
    pass(this.stage, this.stage.now + 200_000, () => this.#look())
    equal(this.#waiting, undefined)
  }

  #look(): void {
    const { fence } = listOf(this.stage)
    const last = this.fences.at(-1)
    if (last !== undefined && last.to === undefined && fence?.since !== last.from) last.to = this.stage.state.at
    if (fence !== undefined && this.fences.at(-1)?.from !== fence.since) this.fences.push({ from: fence.since, to: undefined })
    const waiting = this.#waiting
    if (waiting === undefined || this.stage.state.queue.tickets.some(({ number }) => number === waiting.ticket)) return
    this.waits.push({ ms: this.stage.state.at - waiting.asked, holds: waiting.holds })
    this.#isOn = !this.#isOn
    this.#waiting = undefined
  }

  #step({ ms, who, ends, comes, restarts }: Tick): void {
    const { stage } = this
    pass(stage, stage.now + ms, () => this.#look())
    const before = liveIn(stage.state)
    const code = stage.ask(who, start('l'))
    if (code === 200) this.met.granted += 1
    if (code === 425) this.met.fenced += 1
    const home = ends && code === 200 ? before : ends && code === 425 ? before.slice(0, 1) : []
    for (const { im, granted: { grant } } of home) stage.completed(im.initiator === 'Alice' ? 0 : 1, complete(grant.im, grant.path))
    this.#look()
    if (before.length > 0 && stage.state.ongoing > 0) this.met.overlapped += 1
    if (restarts) {
      restarted(stage, 'e')
      if (this.#waiting !== undefined) this.#waiting.holds += 1
    }
    if (!comes || this.#waiting !== undefined || stage.state.ongoing === 0) return
    const { ticket } = queued(stage, 2, on(this.#isOn ? 'Leave' : 'Join', 'l', 'Mallory'))
    this.#waiting = { asked: stage.state.at, ticket, holds: 0 }
    this.#look()
  }
}
