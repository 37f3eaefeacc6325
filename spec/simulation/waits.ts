// What the oracle knows of changes that wait: it reads the server's newest state after every step that changed it. How long each waits (I12), who is
// served before whom (Q1), for how much of the time the list starts no messages (Q3), and that no ticket is lost (Q5).
import { limits, roll, type server } from '../../core/index.js'
import { listName } from './names.js'
import type { House } from './roles.js'

/** ms that one step of the server's may be behind its clock, for rounding and for a clock that runs slow; and what it loses with a full disk. */
const graceMs = 100
const fullMs = 500

/** What had kept the server from its work, up to some moment. */
interface Trouble {
  readonly absentMs: number
  readonly starts: number
  readonly undone: number
}

/** A change that waits, or has waited. */
export interface Wait {
  readonly ticket: number
  readonly by: string
  readonly kind: server.State['queue']['tickets'][number]['change']['_tag']
  /** real ms */
  readonly since: number
  readonly before: Trouble
  until: number | undefined
  isWithdrawn: boolean
  /** ms: the longest lease until then */
  leaseMs: number
}

/** By the server's clock. `position`: of its end. */
interface Fence {
  readonly from: number
  readonly before: Trouble
  to: number | undefined
  position: number
}

export class Waits {
  readonly all = new Map<number, Wait>()
  /** ms of the server's clock for which the list was fenced, and how often; whole fences only */
  fencedMs = 0
  fences = 0
  readonly #house: House
  #fence: Fence | undefined
  #starts = 0
  #undone = 0

  constructor(house: House) {
    this.#house = house
  }

  /** Its owner wants it no more. */
  withdrawing(ticket: number): void {
    const wait = this.all.get(ticket)
    if (wait !== undefined) wait.isWithdrawn = true
  }

  /** A process of the server begins, with what its disk had. */
  started(state: server.State): void {
    const { sometimes } = this.#house
    this.#starts += 1
    this.#resume(state)
    if (state.queue.tickets.length > 0) sometimes.hit('a queue survived a restart')
    if (roll.values(state.contacts).some(({ bound }) => bound?.presence === 'away')) sometimes.hit('an absence survived a restart')
  }

  /** The server is back at what is durable. */
  undone(state: server.State): void {
    this.#undone += 1
    this.#resume(state)
  }

  /** A step of the server. */
  changed(before: server.State, after: server.State): void {
    const [oldest] = after.queue.tickets
    const list = before.lists === after.lists ? undefined : roll.get(after.lists, listName)
    if (oldest !== undefined) this.#timely(this.#known(after, oldest.number))
    if (before.queue.tickets !== after.queue.tickets) this.#moved(before, after)
    if (before.lists !== after.lists) this.#looked(after)
    // leases of messages that were over by then are nobody's to wait for
    if (oldest === undefined && list !== undefined && list.open <= after.at) this.#house.oracle.grants.forget()
  }

  /** All is well and quiet: nobody waits. */
  settled(state: server.State): void {
    const [first] = state.queue.tickets
    if (first !== undefined) this.#house.oracle.violated('I12', 0, `ticket ${first.number} still waits`)
    if (roll.get(state.lists, listName)?.fence !== undefined) this.#house.oracle.violated('Q3', 0, 'the list is still fenced')
  }

  get #trouble(): Trouble {
    return { absentMs: this.#house.server.absentMs, starts: this.#starts, undone: this.#undone }
  }

  /** What was durable when it was last there is so again. */
  #resume(state: server.State): void {
    for (const { number } of state.queue.tickets) this.#known(state, number).until = undefined
    const fence = roll.get(state.lists, listName)?.fence
    if (this.#fence === undefined) return
    if (fence?.since === this.#fence.from) this.#fence.to = undefined
    else if (this.#fence.to === undefined || this.#fence.position > state.position) this.#fence = undefined
  }

  #known(state: server.State, number: number): Wait {
    const known = this.all.get(number)
    if (known !== undefined) return known
    const ticket = state.queue.tickets.find((one) => one.number === number)
    const open = roll.get(state.lists, listName)?.open ?? 0
    // what made the fence before it long makes the time long for which there is none
    const before = this.#fence !== undefined && open > state.at ? this.#fence.before : this.#trouble
    const wait: Wait = { ticket: number, by: ticket?.by ?? '?', kind: ticket?.change._tag ?? 'Leave', since: this.#house.clockwork.now, before, until: undefined, isWithdrawn: false, leaseMs: 0 }
    this.all.set(number, wait)
    return wait
  }

  /** I12 */
  #timely({ ticket, since, before }: Wait): void {
    const { clockwork, oracle } = this.#house
    const { absentMs, starts, undone } = this.#trouble
    const lease = oracle.grants.longestMs
    const troubleMs = absentMs - before.absentMs + (starts - before.starts) * lease + (undone - before.undone) * fullMs
    const ms = clockwork.now - since
    if (ms > limits.fenceAfterMs + limits.fenceLookMs + 2 * lease + troubleMs + graceMs) oracle.violated('I12', 0, `ticket ${ticket} is the oldest, and waits for ${ms} ms, with leases of ${lease} ms`)
  }

  #moved(before: server.State, after: server.State): void {
    const { oracle, clockwork } = this.#house
    const left = new Set(after.queue.tickets.map(({ number }) => number))
    for (const { number } of after.queue.tickets) this.#known(after, number)
    for (const { number, by } of before.queue.tickets) {
      if (left.has(number)) continue
      const wait = this.#known(before, number)
      this.#timely(wait)
      wait.until = clockwork.now
      wait.leaseMs = oracle.grants.longestMs
      const contact = roll.get(after.contacts, by)
      const isServed = contact?.bound?.past.served.some(({ ticket }) => ticket === number) === true
      if (!isServed && contact !== undefined && !wait.isWithdrawn) oracle.violated('Q5', 0, `ticket ${number} of ${by} is gone, and was neither served nor withdrawn`)
      const overtaken = after.queue.tickets.find((older) => older.number < number)
      if (isServed && overtaken !== undefined) oracle.violated('Q1', 0, `ticket ${number} is served before ${overtaken.number}`)
    }
  }

  /** Q3: from the beginning of a fence to the beginning of the next one the list is open for half of the time at least. */
  #looked(after: server.State): void {
    const { sometimes, oracle } = this.#house
    const fence = roll.get(after.lists, listName)?.fence
    const last = this.#fence
    if (last !== undefined && last.to === undefined && fence?.since !== last.from) {
      last.to = after.at
      last.position = after.position
      this.fencedMs += last.to - last.from
    }
    if (fence === undefined || fence.since === last?.from) return
    sometimes.hit('a fence began')
    this.fences += 1
    if (last?.to !== undefined && fence.since - last.to < last.to - last.from) oracle.violated('Q3', 0, `the list was fenced for ${last.to - last.from} ms, and is again after ${fence.since - last.to}`)
    this.#fence = { from: fence.since, before: this.#trouble, to: undefined, position: 0 }
  }
}
