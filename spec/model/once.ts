// A server as dumb as it can be and still be right: of one key it executes each (boot, seq) at most once, repeats the newest answer, and
// says nothing to what is older. Codes and names come from a script; only registers, exits and boots mean anything to it.
import type { sealed } from '../../core/index.js'

export interface Executed {
  readonly boot: number
  readonly seq: number
  readonly order: sealed.Order
  readonly answer: sealed.Answer
}

const nothing: sealed.AnswerBody = { _tag: 'Nothing' }

export class Once {
  readonly executed: Executed[] = []
  #entry: { readonly nonce: string; readonly boot: number } | undefined
  #position = 0
  #newest = 0

  readonly #script: (order: sealed.Order, position: number) => sealed.Answer

  readonly #isFull: () => boolean

  /** `script` says what it answers to an order that its journal has at `position`; `isFull`, whether it can store none now. */
  constructor(script: (order: sealed.Order, position: number) => sealed.Answer, isFull: () => boolean = () => false) {
    this.#script = script
    this.#isFull = isFull
  }

  /** Another process registers with the same key. */
  supersede(): void {
    this.#entry = { nonce: 'another', boot: (this.#position += 1) }
  }

  #execute(boot: number, order: sealed.Order): sealed.Answer {
    this.#position += 1
    if (order._tag === 'Register') {
      if (this.#entry?.nonce !== order.nonce) this.#entry = { nonce: order.nonce, boot: this.#position }
      return { code: 200, body: { _tag: 'Registered', boot: this.#entry.boot } }
    }
    if (this.#entry === undefined && boot > 0) return { code: 401, body: nothing }
    if (this.#entry !== undefined && boot > 0 && boot !== this.#entry.boot) return { code: 409, body: nothing }
    if (order._tag === 'Exit') {
      if (this.#entry === undefined) return { code: 401, body: nothing }
      this.#entry = undefined
      return { code: 200, body: nothing }
    }
    return this.#script(order, this.#position)
  }

  /** The answer to a request; `undefined`: it is older than the newest one. An entry takes its last answer with it. */
  hear({ boot, seq, order }: sealed.Request): sealed.Answer | undefined {
    if (this.#isFull()) return { code: 507, body: nothing }
    const last = this.executed[this.executed.length - 1]
    if (seq < this.#newest) return undefined
    const isRepeated = last?.seq === seq && last.boot === boot
    const isGone = last?.order._tag === 'Exit' && last.answer.code === 200
    if (isRepeated) return isGone ? { code: 401, body: nothing } : last.answer
    this.#newest = seq
    const answer = this.#execute(boot, order)
    this.executed.push({ boot, seq, order, answer })
    return answer
  }
}
