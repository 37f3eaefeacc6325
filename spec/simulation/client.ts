// A thin client of the server, for worlds without sessions: one request under way, sent again until it is answered, as the sealed peer does it. It
// knows the production order of requests (boot, seq), waits and parts, and nothing of what is asked.
import { isRight } from 'fp-ts/lib/Either.js'
import { limits, peer, sealed, type Instant, type ProcessId } from '../../core/index.js'

const { timer } = peer.sealed

/** What the client tells its process. */
export interface Listener {
  /** `isAgain`: an earlier send is unanswered */
  readonly send: (frame: sealed.Frame, isAgain: boolean) => void
  /** `undefined`: none came */
  readonly answered: (ticket: string, answer: sealed.Answer | undefined) => void
  readonly learned: (process: ProcessId, shown: Instant, since: Instant, sends?: number) => void
  readonly chance: () => number
}

interface Asked {
  readonly ticket: string
  readonly order: sealed.Order
}

interface Pending extends Asked {
  readonly boot: number
  readonly seq: number
  /** of the first send; `undefined`: before a sleep, so that its answer says nothing of time */
  since: Instant | undefined
  sends: number
  next: number
  /** the send after which the server last said that it cannot store anything */
  busy: number
  assembly: sealed.Assembly
}

const staleCode = 409
const strangerCode = 401
const busyCode = 507

export class Client {
  readonly #listener: Listener
  readonly #register: () => sealed.Order & { readonly _tag: 'Register' }
  #queue: Asked[] = []
  #pending: Pending | undefined
  #boot: number
  /** what a world was prepared with has the lowest */
  #seq = 9
  #estimate: peer.sealed.timer.Estimate | undefined
  #pings = new Map<string, Instant>()
  #pinged = 0
  /** when the server has to hear of it */
  #beat = { due: Infinity, sends: 0 }

  /** `boot`: of its register, 0 where that is still to be done. */
  constructor(listener: Listener, boot: number, register: () => sealed.Order & { readonly _tag: 'Register' }) {
    this.#listener = listener
    this.#boot = boot
    this.#register = register
  }

  get boot(): number {
    return this.#boot
  }

  ask(now: Instant, ticket: string, order: sealed.Order): void {
    // the same question is asked once
    if (ticket.startsWith('where ')) this.#queue = this.#queue.filter((one) => one.ticket !== ticket)
    this.#queue.push({ ticket, order })
    this.#begin(now)
  }

  register(now: Instant): void {
    this.#boot = 0
    this.#queue.unshift({ ticket: 'register', order: this.#register() })
    this.#begin(now)
  }

  /** Asks what the server's clock shows. */
  ping(now: Instant): void {
    const echo = (++this.#pinged).toString(16).padStart(16, '0')
    const isAgain = this.#pings.size > 0
    if (this.#pings.size > 8) this.#pings.clear()
    this.#pings.set(echo, now)
    this.#listener.send({ _tag: 'Ping', echo }, isAgain)
    if (this.#beat.due === Infinity) this.#beat = { due: now + limits.keepAliveMs, sends: 0 }
  }

  /** What was asked before a sleep is no measure of time any more. */
  slept(): void {
    if (this.#pending !== undefined) this.#pending.since = undefined
    this.#pings.clear()
  }

  get wakeAt(): number {
    return this.#pending?.next ?? (this.#boot > 0 ? this.#beat.due : Infinity)
  }

  wake(now: Instant): void {
    const pending = this.#pending
    if (pending === undefined) return this.#keepAlive(now)
    if (pending.next > now) return
    if (pending.sends < peer.sealed.paceOf(pending.order).sends) return this.#send(now, pending)
    this.#pending = undefined
    if (pending.order._tag === 'Register') this.register(now)
    else this.#listener.answered(pending.ticket, undefined)
    this.#begin(now)
  }

  #keepAlive(now: Instant): void {
    if (this.#boot === 0 || this.#beat.due > now) return
    const sends = this.#beat.sends + 1
    this.#beat = { due: now + timer.wait(this.#estimate, sends, this.#listener.chance()), sends }
    this.ping(now)
  }

  hear(now: Instant, frame: sealed.Reply | sealed.Pong): void {
    if (this.#beat.sends > 0) this.#beat = { due: now + limits.keepAliveMs, sends: 0 }
    if (frame._tag === 'Pong') return this.#clocked(frame)
    const pending = this.#pending
    if (pending === undefined || frame.boot !== pending.boot || frame.seq !== pending.seq) return
    if (pending.since !== undefined) this.#listener.learned(frame.process, frame.at, pending.since, pending.assembly.count === 0 ? pending.sends : undefined)
    const { assembly, whole } = sealed.gather(pending.assembly, frame.part)
    pending.assembly = assembly
    if (whole === undefined) return
    const answer = sealed.decodeAnswer(whole)
    if (!isRight(answer)) return
    this.#heard(now, pending, answer.right)
  }

  #clocked({ echo, clock }: sealed.Pong): void {
    const since = this.#pings.get(echo)
    if (since === undefined || clock === undefined) return
    this.#pings.clear()
    this.#listener.learned(clock.process, clock.at, since)
  }

  #heard(now: Instant, pending: Pending, answer: sealed.Answer): void {
    if (answer.code === busyCode) {
      pending.assembly = sealed.nothing
      pending.busy = pending.sends
      return
    }
    this.#pending = undefined
    if (pending.sends === 1 && pending.since !== undefined) this.#estimate = timer.sampled(this.#estimate, now - pending.since)
    if (answer.body._tag === 'Registered') this.#boot = answer.body.boot
    if ((answer.code === staleCode || answer.code === strangerCode) && pending.order._tag !== 'Register') {
      this.#queue.unshift({ ticket: pending.ticket, order: pending.order })
      return this.register(now)
    }
    this.#listener.answered(pending.ticket, answer)
    this.#begin(now)
  }

  #begin(now: Instant): void {
    if (this.#pending !== undefined) return
    const [asked] = this.#queue
    if (asked === undefined || (this.#boot === 0 && asked.order._tag !== 'Register')) return
    this.#queue.shift()
    const isRegister = asked.order._tag === 'Register'
    const pending: Pending = {
      ticket: asked.ticket, order: asked.order, boot: isRegister ? 0 : this.#boot, seq: isRegister ? 0 : ++this.#seq, since: now, sends: 0, next: now, busy: 0, assembly: sealed.nothing,
    }
    this.#pending = pending
    this.#send(now, pending)
  }

  #send(now: Instant, pending: Pending): void {
    const { boot, seq, order, assembly } = pending
    pending.sends += 1
    this.#beat = { due: now + limits.keepAliveMs, sends: 0 }
    pending.next = now + timer.wait(this.#estimate, pending.sends, this.#listener.chance(), peer.sealed.paceOf(order).highestMs)
    this.#listener.send({ _tag: 'Request', boot, seq, have: assembly.have, order }, pending.sends > 1 && pending.busy < pending.sends - 1)
  }
}
