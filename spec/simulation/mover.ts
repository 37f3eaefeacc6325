// A member's wish to be on the list or off it, and how it comes about: by plain orders, which are refused while a message goes round and given again, or
// by a ticket, which waits and is asked about, or is not. What was wanted, and which ticket there is, outlives its processes: a user writes it down. What
// a ticket was for only the process knows that has it.
//
//   wanted ──Enqueue──> done
//               ├──> Queued ──Ticket: Served──> done, or wanted again
//               │      └──wanted no more: Withdraw──> as it was
//               └──> Queued, detached: it is on the list some time, and nobody tells it
import type { Instant, sealed } from '../../core/index.js'
import { listName, nameOf } from './names.js'
import type { House } from './roles.js'

const alreadyMember = 461
const notMember = 464
const noSuchTicket = 410

/** ms between a refusal and the next try, and between two questions about a ticket */
const againMs = 700
const ticketMs = 1000

type Kind = 'join' | 'leave'
type Move = Extract<sealed.Change, { readonly _tag: 'Join' | 'Leave' }>

interface Held {
  readonly number: number
  readonly kind: Kind
  /** when it was ordered, by the clock of the process that did */
  readonly since: Instant | undefined
  /** it may have been withdrawn: whether it was, no answer has said */
  isDoubtful: boolean
  /** the process that has it still lives */
  isKnown: boolean
}

/** How somebody wants to be on the list, or off it: by tickets, if messages are in the way; and whether nobody asks what came of one. */
export interface Way {
  readonly waits: boolean
  readonly detached: boolean
}

/** What its process does for it. */
export interface Hands {
  readonly now: () => Instant
  readonly ask: (ticket: string, order: sealed.Order) => void
  /** in this process, if it lives then */
  readonly later: (ms: number, run: () => void) => void
  /** its courier hears what came of that, if it is news; `since`: when its process has ordered it */
  readonly heard: (change: Move, answer: sealed.Answer, since: Instant | undefined) => void
}

export class Mover {
  readonly #house: House
  readonly #who: number
  readonly #hands: Hands
  /** `undefined`: nobody has said what came of the last order */
  #isMember: boolean | undefined = true
  #wanted: 'in' | 'out' = 'in'
  #way: Way = { waits: false, detached: false }
  #held: Held | undefined
  #orderedAt: Instant | undefined
  #isAsking = false
  /** a join waits, or was done when nobody asked any more */
  #isDetached = false

  constructor(house: House, who: number, hands: Hands) {
    this.#house = house
    this.#who = who
    this.#hands = hands
  }

  /** As far as it knows. */
  get isMember(): boolean { return this.#isMember === true }

  want(wanted: 'in' | 'out', way: Way): void {
    this.#wanted = wanted
    this.#way = way
    if (this.#held === undefined || this.#isUnwanted(this.#held)) this.move()
  }

  /** Its process has died. */
  died(): void {
    if (this.#held !== undefined) this.#held.isKnown = false
    // what came of an order that was under way nobody says any more
    if (this.#isAsking) this.#doubt()
    this.#isAsking = false
  }

  /** It has asked by itself who is on the list, and is. */
  found(): void {
    this.#isMember = true
    this.#isDetached = false
  }

  /** Does what there is to do now. */
  move(): void {
    const { ask } = this.#hands
    const held = this.#held
    if (held !== undefined) {
      const isUnwanted = this.#isUnwanted(held)
      held.isDoubtful ||= isUnwanted
      if (isUnwanted) this.#house.oracle.waits.withdrawing(held.number)
      return ask(isUnwanted ? 'withdraw' : 'ticket', { _tag: isUnwanted ? 'Withdraw' : 'Ticket', ticket: held.number })
    }
    const isWanted = this.#wanted === 'in'
    if (isWanted === (this.#isDetached || this.#isMember)) return
    const change = this.#change(isWanted ? 'join' : 'leave')
    this.#orderedAt = this.#hands.now()
    this.#isAsking = true
    ask(isWanted ? 'join' : 'leave', this.#way.waits ? { _tag: 'Enqueue', change } : change)
  }

  /** Whether that answer was for it. `undefined`: none came. */
  answered(ticket: string, answer: sealed.Answer | undefined): boolean {
    if (ticket === 'join' || ticket === 'leave') {
      this.#isAsking = false
      this.#tried(ticket, answer)
    } else if (ticket === 'ticket' || ticket === 'withdraw') this.#told(ticket, answer)
    else return false
    return true
  }

  #isUnwanted({ kind }: Held): boolean {
    return (kind === 'join') !== (this.#wanted === 'in')
  }

  #change(kind: Kind): Move {
    return { _tag: kind === 'join' ? 'Join' : 'Leave', list: listName, contact: nameOf(this.#who) }
  }

  /** What came of its last order nobody has said; an order to leave may wait, too, and undo what a join that waits does before it. */
  #doubt(): void {
    this.#isMember = undefined
    this.#isDetached = false
  }

  #again(ms: number): void {
    this.#hands.later(ms, () => this.move())
  }

  #tried(kind: Kind, answer: sealed.Answer | undefined): void {
    if (answer !== undefined) this.#hands.heard(this.#change(kind), answer, this.#orderedAt)
    if (answer?.body._tag === 'Queued') return this.#queued(kind, answer.body.ticket)
    this.#came(kind, answer?.code)
  }

  #queued(kind: Kind, number: number): void {
    const held: Held = { number, kind, since: this.#orderedAt, isDoubtful: false, isKnown: true }
    const { sometimes } = this.#house
    sometimes.hit('a change waited')
    if (kind === 'join' && this.#way.detached && !this.#isUnwanted(held)) {
      sometimes.hit('a join that nobody asked about')
      this.#isDetached = true
      return
    }
    // an earlier order may have waited too, without anybody knowing of it: of that nobody asks
    this.#held = held
    return this.#isUnwanted(held) ? this.move() : this.#again(ticketMs)
  }

  /** Of an order that was given up, and done all the same, no other answer comes. */
  #came(kind: Kind, code: number | undefined): void {
    if (code === 200 || code === (kind === 'join' ? alreadyMember : notMember)) {
      this.#isMember = kind === 'join'
      this.#isDetached = false
      this.#house.sometimes.hit(this.#isMember ? 'a member joined' : 'a member left')
      return this.move()
    }
    if (code === undefined) this.#doubt()
    else this.#house.sometimes.hit('a leave refused while a message went round')
    this.#again(againMs)
  }

  #told(ticket: 'ticket' | 'withdraw', answer: sealed.Answer | undefined): void {
    const held = this.#held
    if (held === undefined) return
    if (answer?.body._tag === 'Served') {
      this.#held = undefined
      const { code } = answer.body
      if (held.isKnown) this.#hands.heard(this.#change(held.kind), { code, body: answer.body }, held.since)
      return this.#came(held.kind, code)
    }
    const isUnknown = answer?.code === noSuchTicket
    if (isUnknown && !held.isDoubtful) return this.#house.oracle.violated('Q5', this.#who, `ticket ${held.number} is not known, and was not withdrawn`)
    if (isUnknown || (ticket === 'withdraw' && answer?.code === 200)) {
      this.#held = undefined
      this.#house.sometimes.hit('a ticket withdrawn')
      return this.move()
    }
    this.#again(ticketMs)
  }
}
