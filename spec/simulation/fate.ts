// What befalls those who live in a house: they die and are back, stop and go on, sleep and wake up, move, leave and join, as the plan says.
import type { Clockwork } from './clockwork.js'
import type { Fault, Plan } from './plan.js'
import type { Peer } from './peer.js'
import type { Server } from './server.js'
import type { Sometimes } from './sometimes.js'
import type { Trace } from './trace.js'

/** What it needs of the house. */
export interface Stage {
  readonly plan: Plan
  readonly clockwork: Clockwork
  readonly sometimes: Sometimes
  readonly trace: Trace
  readonly chance: () => number
  readonly server: Server
  readonly peer: (who: number) => Peer
  readonly network: { readonly cut: (side: ReadonlyArray<number>, mutual: boolean, more: 1 | -1) => void; readonly clog: (who: number, until: number) => void }
  readonly rebind: (who: number) => void
  readonly disturbed: (who: number) => void
}

export class Fate {
  readonly #stage: Stage
  readonly #rebindMs: number
  /** faults that befall somebody who begins a message, by its number */
  readonly #strikes = new Map<number, Extract<Fault, { readonly _tag: 'Strike' }>>()
  /** how those who are to die come back */
  readonly #returns = new Map<number, { readonly goneMs: number; readonly jumpMs: number }>()
  #isStorm = true

  constructor(stage: Stage, rebindMs: number) {
    this.#stage = stage
    this.#rebindMs = rebindMs
  }

  get isStorm(): boolean {
    return this.#isStorm
  }

  begin(): void {
    const { plan } = this.#stage
    for (const fault of plan.faults) this.#set(fault)
    for (const who of plan.rebinders ?? []) this.#rebinding(who)
  }

  /** Nothing goes wrong from now on. */
  end(all: ReadonlyArray<Peer | Server>): void {
    this.#isStorm = false
    for (const one of all) {
      this.#proceed(one, Infinity, false)
      if (one.isDown) this.#rise(one, 0)
    }
  }

  /** Somebody begins that message. */
  began(peer: Peer, number: number): void {
    const strike = this.#strikes.get(number)
    if (strike !== undefined) this.#crash(peer, strike.effects, strike.goneMs, 0)
  }

  /** It is back when the plan, or the end of the storm, says so. */
  died(one: Peer | Server): void {
    // a server that ended because its disk was broken is started again by whoever runs it
    const { goneMs, jumpMs } = this.#returns.get(one.who) ?? { goneMs: 300, jumpMs: 0 }
    this.#returns.delete(one.who)
    this.#after(goneMs, () => this.#rise(one, jumpMs))
  }

  #one(who: number): Peer | Server {
    return who === 0 ? this.#stage.server : this.#stage.peer(who)
  }

  #after(ms: number, run: () => void): void {
    const { clockwork } = this.#stage
    clockwork.at(clockwork.now + ms, run)
  }

  #rebinding(who: number): void {
    this.#after(this.#rebindMs, () => {
      if (!this.#isStorm) return
      const { trace, clockwork, rebind } = this.#stage
      trace.moved(clockwork.now, who, this.#one(who).isDown)
      rebind(who)
      this.#rebinding(who)
    })
  }

  #set(fault: Fault): void {
    const { server, peer, clockwork, network, trace } = this.#stage
    if (fault._tag === 'Strike') {
      this.#strikes.set(fault.message, fault)
      return
    }
    const one = 'who' in fault && fault._tag !== 'Force' ? this.#one(fault.who) : undefined
    clockwork.at(fault.at + 1000, () => {
      if (!this.#isStorm) return
      trace.befell(clockwork.now, fault, (who) => this.#one(who).isDown)
      switch (fault._tag) {
        case 'Crash': return one === undefined ? undefined : this.#crash(one, fault.effects, fault.goneMs, fault.jumpMs)
        case 'Pause': {
          if (one === undefined) return
          if (one.isUp) trace.rested(clockwork.now, one.who, 'stopped')
          one.stop()
          this.#stage.disturbed(one.who)
          return this.#after(fault.ms, () => this.#proceed(one, Infinity, false))
        }
        case 'Sleep': return one === undefined ? undefined : this.#sleep(peer(one.who), fault.ms)
        case 'Cut': {
          network.cut(fault.side, fault.mutual, 1)
          return this.#after(fault.ms, () => this.#isStorm ? network.cut(fault.side, fault.mutual, -1) : undefined)
        }
        case 'Clog': return network.clog(fault.who, clockwork.now + fault.ms)
        case 'Force': return server.give(() => server.force(fault.who))
        case 'Unlock': return server.give(() => server.unlock())
        case 'Move': return this.#forAWhile(fault, (mover, isOn) => mover.want(isOn ? 'out' : 'in', fault))
        case 'Apart': return this.#forAWhile(fault, (one, isOn) => one.catchUp(!isOn))
        case 'Mute': return this.#forAWhile(fault, (muter, isOn) => muter.mute(isOn))
      }
    })
  }

  #forAWhile({ who, ms }: { readonly who: number; readonly ms: number }, set: (peer: Peer, isOn: boolean) => void): void {
    const peer = this.#stage.peer(who)
    peer.give(() => set(peer, true))
    this.#after(ms, () => peer.give(() => set(peer, false)))
  }

  #crash(one: Peer | Server, effects: number, goneMs: number, jumpMs: number): void {
    if (one.isDown) return
    this.#returns.set(one.who, { goneMs, jumpMs })
    one.condemn(effects)
    // where it does not come to that effect it dies all the same
    this.#after(2000, () => this.#returns.has(one.who) ? one.die() : undefined)
  }

  #rise(one: Peer | Server, jumpMs: number): void {
    if (!one.isDown) return
    this.#stage.trace.began(this.#stage.clockwork.now, one.who, true)
    if (one.who === 0) this.#stage.server.restart(jumpMs)
    else this.#stage.peer(one.who).restart()
  }

  #sleep(peer: Peer, ms: number): void {
    if (!peer.isUp) return
    const { trace, clockwork, sometimes } = this.#stage
    trace.rested(clockwork.now, peer.who, 'asleep')
    peer.stop()
    peer.sleep(true)
    sometimes.hit('slept')
    this.#after(ms, () => this.#proceed(peer, Math.floor(this.#stage.chance() * 8), true))
  }

  #proceed(one: Peer | Server, keep: number, isAwake: boolean): void {
    const sleeper = 'isAsleep' in one && one.isAsleep ? one : undefined
    if (sleeper !== undefined && isAwake && one.waiting > 0 && keep > 0) this.#stage.sometimes.hit('woke with datagrams waiting')
    sleeper?.sleep(false)
    this.#stage.disturbed(one.who)
    if (!one.isUp && !one.isDown) this.#stage.trace.rested(this.#stage.clockwork.now, one.who, undefined)
    one.proceed(() => sleeper?.wakeUp(), sleeper === undefined ? Infinity : keep)
  }
}
