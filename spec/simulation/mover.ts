// A member's wish to be on the list or off it, and how it comes about: by plain orders, which are refused while a message goes round and given again, or
// by a ticket, which waits and is asked about. What was wanted, and which ticket there is, outlives its processes: a user writes it down.
//
//   wanted ──Enqueue──> done
//               └──> Queued ──Ticket: Served──> done, or wanted again
//                      └──wanted no more: Withdraw──> as it was
import type { sealed } from '../../core/index.js'
import { listName, nameOf } from './names.js'
import type { House } from './roles.js'

const alreadyMember = 461
const notMember = 464
const noSuchTicket = 410

/** ms between a refusal and the next try, and between two questions about a ticket */
const againMs = 700

type Kind = 'join' | 'leave'

interface Held {
  readonly number: number
  readonly kind: Kind
  /** it may have been withdrawn: whether it was, no answer has said */
  isDoubtful: boolean
}

/** What its process does for it. */
export interface Hands {
  readonly ask: (ticket: string, order: sealed.Order) => void
  /** in this process, if it lives then */
  readonly later: (ms: number, run: () => void) => void
  readonly moved: (isIn: boolean) => void
}

export class Mover {
  readonly #house: House
  readonly #who: number
  readonly #hands: Hands
  #isMember = true
  #wanted: 'in' | 'out' = 'in'
  #waits = false
  #held: Held | undefined

  constructor(house: House, who: number, hands: Hands) {
    this.#house = house
    this.#who = who
    this.#hands = hands
  }

  /** As far as it knows. */
  get isMember(): boolean { return this.#isMember }

  /** Wants to be on the list, or off it. `waits`: by a ticket, if messages are in the way. */
  want(wanted: 'in' | 'out', waits: boolean): void {
    this.#wanted = wanted
    this.#waits = waits
    if (this.#held === undefined || this.#isUnwanted(this.#held)) this.move()
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
    if (this.#isMember === (this.#wanted === 'in')) return
    const change: sealed.Change = { _tag: this.#wanted === 'in' ? 'Join' : 'Leave', list: listName, contact: nameOf(this.#who) }
    ask(this.#wanted === 'in' ? 'join' : 'leave', this.#waits ? { _tag: 'Enqueue', change } : change)
  }

  /** Whether that answer was for it. `undefined`: none came. */
  answered(ticket: string, answer: sealed.Answer | undefined): boolean {
    if (ticket === 'join' || ticket === 'leave') this.#tried(ticket, answer)
    else if (ticket === 'ticket' || ticket === 'withdraw') this.#told(ticket, answer)
    else return false
    return true
  }

  #isUnwanted({ kind }: Held): boolean {
    return (kind === 'join') !== (this.#wanted === 'in')
  }

  #again(): void {
    this.#hands.later(againMs, () => this.move())
  }

  #tried(kind: Kind, answer: sealed.Answer | undefined): void {
    if (answer?.body._tag === 'Queued') {
      // an earlier order may have waited too, without anybody knowing of it: of that nobody asks
      this.#held = { number: answer.body.ticket, kind, isDoubtful: false }
      this.#house.sometimes.hit('a change waited')
      return this.#isUnwanted(this.#held) ? this.move() : this.#again()
    }
    this.#came(kind, answer?.code)
  }

  /** Of an order that was given up, and done all the same, no other answer comes. */
  #came(kind: Kind, code: number | undefined): void {
    if (code === 200 || code === (kind === 'join' ? alreadyMember : notMember)) {
      this.#isMember = kind === 'join'
      this.#house.sometimes.hit(this.#isMember ? 'a member joined' : 'a member left')
      this.#hands.moved(this.#isMember)
      return this.move()
    }
    this.#house.sometimes.hit('a leave refused while a message went round')
    this.#again()
  }

  #told(ticket: 'ticket' | 'withdraw', answer: sealed.Answer | undefined): void {
    const held = this.#held
    if (held === undefined) return
    if (answer?.body._tag === 'Served') {
      this.#held = undefined
      return this.#came(held.kind, answer.body.code)
    }
    const isUnknown = answer?.code === noSuchTicket
    if (isUnknown && !held.isDoubtful) return this.#house.oracle.violated('Q5', this.#who, `ticket ${held.number} is not known, and was not withdrawn`)
    if (isUnknown || (ticket === 'withdraw' && answer?.code === 200)) {
      this.#held = undefined
      this.#house.sometimes.hit('a ticket withdrawn')
      return this.move()
    }
    this.#again()
  }
}
