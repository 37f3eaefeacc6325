// The oracle: it knows real time and all that everybody has done, and holds every step against the invariants of the ring protocol (I1 to I11). What
// it keeps is as much as it needs to judge a step by looking at that step alone.
//
// A member's side is here, but for the copies that it sends, which are in `copies`; the server's, of which messages are live and how they end, is in `grants`; what initiators are told is in `reports`.
import * as clock from '../../core/clock.js'
import { roll, sealed, type delivery, type diary, type ImId, type PublicKey, type server } from '../../core/index.js'
import { Grants } from './grants.js'
import { Absences } from './absences.js'
import { Copies } from './copies.js'
import { Broken } from './violation.js'
import { newPast, type Past } from './past.js'
import { Reports } from './reports.js'
import { Waits } from './waits.js'
import type { House, Peer, Server } from './roles.js'

type Taken = Extract<delivery.Notice, { readonly _tag: 'Taken' }>
type Relay = Extract<sealed.Frame, { readonly _tag: 'Relay' }>

export class Oracle {
  readonly grants: Grants
  readonly reports: Reports
  readonly waits: Waits
  readonly absences: Absences
  readonly #copies: Copies
  readonly #house: House
  readonly #texts = new Map<ImId, string>()
  readonly #pasts = new Map<number, Past>()
  readonly #answeredIms = new Set<ImId>()
  /** real ms at which somebody was last stopped or dead: nobody can be expected to be in time then */
  readonly #disturbed = new Map<number, number>()
  readonly #executed = new Set<string>()
  /** what came home last */
  readonly #homes = new Map<ImId, string>()
  steps = 0

  constructor(house: House) {
    this.#house = house
    this.grants = new Grants(house)
    this.reports = new Reports(house, this)
    this.waits = new Waits(house)
    this.absences = new Absences(house)
    this.#copies = new Copies(house, this)
  }

  violated(rule: string, who: number, what: string): void {
    if (this.#house.isForgiven(rule)) return
    throw new Broken(rule, who, this.#house.clockwork.now, what)
  }

  wasTold(im: ImId): boolean {
    return this.#answeredIms.has(im)
  }

  isSettled(who: number, root: ImId): boolean {
    return roll.has(this.#house.peer(who).shelf.durable.inbox.roots, root)
  }

  #past(who: number): Past {
    const known = this.#pasts.get(who)
    if (known !== undefined) return known
    const made = newPast()
    this.#pasts.set(who, made)
    return made
  }

  /** A process of a member begins. */
  born(peer: Peer): void {
    this.#pasts.set(peer.who, newPast())
    this.reports.forgotten(peer.who)
    this.absences.born(peer)
  }

  died(one: Peer | Server): void {
    for (const { who, reportedAt } of this.reports.own.values()) if (who === one.who && reportedAt === undefined) this.#house.sometimes.hit('the initiator died before its report')
    this.disturbed(one.who)
  }

  disturbed(who: number): void {
    this.#disturbed.set(who, this.#house.clockwork.now)
    if (who === 0) this.grants.hindered()
  }

  // the server

  started(one: Server): void {
    this.grants.started(one.state.newest)
    this.waits.started(one.state.newest)
  }

  served(one: Server, before: server.State, isGivingUp: boolean): void {
    this.steps += 1
    for (const side of [this.grants, this.waits]) {
      if (isGivingUp) side.undone(one.state.newest)
      else side.changed(before, one.state.newest)
    }
  }

  /** I11: these records are durable. */
  executed(entries: ReadonlyArray<server.Entry>): void {
    for (const { by, command } of entries) {
      if (by._tag !== 'Key' || command._tag !== 'Ask' || command.order._tag === 'Register') continue
      const numbers = `${by.key} ${command.boot} ${command.seq}`
      if (this.#executed.has(numbers)) this.violated('I11', this.#house.placeOf(by.key), `request ${command.boot}/${command.seq} was executed twice`)
      this.#executed.add(numbers)
    }
  }

  answered(one: Server, key: PublicKey, response: server.Response): void {
    if (response._tag === 'Told') return this.#house.sometimes.hit('a ring told by the server')
    if (response._tag !== 'Answered') return
    const { outcome } = response
    if (outcome._tag === 'Left') {
      if (outcome.left._tag === 'LockBudget') this.#house.sometimes.hit('the budget spent')
      if (outcome.left._tag === 'Fenced') this.#house.sometimes.hit('a start was fenced')
      if (outcome.left._tag === 'BadProof') {
        this.#house.sometimes.hit('a false proof refused')
        if (this.#house.isHonest) this.violated('R18', this.#house.placeOf(key), 'honest receipts do not add up')
      }
      return
    }
    if (outcome.right._tag === 'Ended' && outcome.right.outcome === 'recorded') this.#house.sometimes.hit('recorded')
    if (outcome.right._tag !== 'Granted') return
    const { im } = outcome.right.grant
    this.grants.empty(outcome.right.grant)
    if (this.#answeredIms.has(im)) this.#house.sometimes.hit('an answer repeated')
    this.#answeredIms.add(im)
    if (Number.parseInt(im.slice(16), 16) > one.durablePosition) this.violated('I4', 0, `${im} is told, and not durable`)
  }

  // members

  /** A step of a member: what it has decided, at this moment. */
  stepped(peer: Peer, command: delivery.Command, effects: ReadonlyArray<delivery.Effect>): void {
    this.steps += 1
    if (!this.#house.keepsRules(peer.who)) return
    const past = this.#past(peer.who)
    if (command._tag === 'Left' || command._tag === 'Joined') past.hasLeft = command._tag === 'Left'
    if (command._tag === 'Resume') this.#house.sometimes.hit('resumed')
    if (command._tag === 'Compose' || command._tag === 'Resend') this.reports.composing(peer.who, 1)
    if (command._tag === 'Hear') this.#heard(peer, past, command.frame)
    this.absences.stepped(peer, past, command, effects, this.#texts)
    for (const effect of effects) {
      if (effect._tag === 'Announce' && effect.notice._tag === 'Taken' && effect.notice.caughtUp !== true && effect.notice.repeated !== true) this.#accepted(peer, past, effect.notice, command)
      if (effect._tag === 'Persist' && effect.record._tag === 'Sent') past.epoch = Math.max(past.epoch, effect.record.grant.epoch)
      if (effect._tag === 'Seal' && effect.frame._tag === 'Relay' && effect.frame.kind !== 'home' && effect.frame.kind !== 'missed') this.#timely(peer, effect.frame.im)
      if (effect._tag === 'Ping') this.#untimely(peer, past)
    }
  }

  /** R12: nothing is sent of what may be over. */
  #timely(peer: Peer, im: ImId): void {
    if (!this.#isTimely(peer, im)) this.violated('R12', peer.who, `${im} is sent when its time may be over`)
  }

  /** Whoever does not know whether its time is over may not pass it on, and asks. */
  #untimely(peer: Peer, past: Past): void {
    for (const [im, known] of past.passed) if (!this.#isTimely(peer, im)) known.since = this.#house.clockwork.now
  }

  #isTimely({ state, now }: Peer, im: ImId): boolean {
    const until = this.grants.known.get(im)?.grant.until
    const hi = state === undefined ? undefined : clock.hi(state.clock, sealed.processOf({ im }), now)
    return until === undefined || (hi !== undefined && hi < until)
  }

  #heard({ who }: Peer, past: Past, frame: Extract<delivery.Command, { readonly _tag: 'Hear' }>['frame']): void {
    const { sometimes } = this.#house
    if (frame._tag === 'Relay') {
      if (frame.kind === 'ring') past.heard.add(frame.im)
      if (frame.part.count > 1) sometimes.hit('in parts')
      if (frame.kind === 'home') this.#home(frame)
      if (this.grants.known.get(frame.im)?.isLive === false) sometimes.hit('a copy came when its time was over')
    }
    if (frame._tag === 'Ack') {
      if (frame.status === 'busy') sometimes.hit('answered busy')
      if (frame.status === 'late') sometimes.hit('noticed late')
      if (frame.status === 'part' && (frame.have & (frame.have + 1n)) !== 0n) sometimes.hit('a part lost')
      const known = past.passed.get(frame.im)
      if (known !== undefined && (frame.status === 'busy' || frame.status === 'part')) known.since = this.#house.clockwork.now
    }
    if (frame._tag === 'RingWanted') sometimes.hit('a ring asked of a member')
    if (frame._tag === 'RingTold' && who > 0) sometimes.hit('a ring told by a member')
  }

  #home({ im, head }: Relay): void {
    const text = Buffer.from(head).toString('latin1')
    const before = this.#homes.get(im)
    if (before !== undefined && before !== text) this.#house.sometimes.hit('two envelopes home')
    this.#homes.set(im, text)
  }

  /** I1, I2, I10: the moment at which a member takes a message. */
  #accepted({ who }: Peer, past: Past, notice: Taken, command: delivery.Command): void {
    const kind = command._tag === 'Hear' && command.frame._tag === 'Relay' ? command.frame.kind : undefined
    this.#house.sometimes.hit(kind === 'ring' ? 'accepted from the ring' : kind === 'direct' ? 'accepted directly' : 'accepted after a wait')
    const [im, root, text] = [notice.im as ImId, notice.root as ImId, notice.text]
    const known = this.grants.known.get(im)
    if (known === undefined) return this.violated('I10', who, `${im} was taken, and never granted`)
    if (!known.isLive && known.end !== 'forced') this.violated('I1', who, `${im} was taken when it was over (${known.end ?? 'gone'})`)
    if (known.grant.epoch < past.epoch) this.violated('I2', who, `${im} of epoch ${known.grant.epoch} was taken by whoever knows of ${past.epoch}`)
    if (past.hasLeft) this.violated('I2', who, `${im} was taken after its leave`)
    past.epoch = Math.max(past.epoch, known.grant.epoch)
    if (this.#texts.get(root) !== text) this.violated('I10', who, `${im} says what its initiator has not said`)
    this.reports.stored(im, who)
    past.taken.add(im)
  }

  /** A mark is durable. */
  kept(peer: Peer, mark: diary.Mark): void {
    if (mark._tag === 'Sent') {
      const { grant: { im, root }, text } = mark
      if (im === root) this.#texts.set(root, text)
      this.reports.began(im, peer.who)
    }
    if (mark._tag === 'Stored') this.absences.stored(peer, mark)
    if (mark._tag === 'Closed') this.#house.sometimes.hit('closed while muted')
  }

  /** An effect is carried out. */
  done(peer: Peer, effect: delivery.Effect): void {
    if (!this.#house.keepsRules(peer.who)) return
    switch (effect._tag) {
      case 'Seal': return this.#sealed(peer, effect)
      case 'Announce': return this.#announced(peer, effect.notice)
      case 'Request': {
        if (effect.ticket.startsWith('found ')) this.#house.sometimes.hit('receipts brought by the finder')
        return
      }
      case 'Persist': {
        // what is under way already counts as said: its text is compared when another takes it
        if (effect.record._tag === 'Sent' && effect.record.grant.im === effect.record.grant.root) this.#texts.set(effect.record.grant.root, effect.record.text)
        return
      }
      case 'Send': return this.violated('R29', peer.who, 'it sends in clear, and all have keys')
      case 'Ping':
      case 'Jot':
    }
  }

  #sealed(peer: Peer, { frame, to }: delivery.Seal): void {
    if (frame._tag === 'Ack') {
      if (frame.kind === 'home') return
      const known = this.grants.known.get(frame.im)
      const isWord = frame.status === 'stored' || frame.status === 'have' || frame.status === 'closed'
      if (isWord && known !== undefined && !this.isSettled(peer.who, known.grant.root)) this.violated('I4', peer.who, `it says ${frame.status} of ${frame.im}, and that is not durable`)
      if (frame.status === 'have' && known !== undefined && known.grant.root !== known.grant.im) this.#house.sometimes.hit('had when sent again')
      return
    }
    if (frame._tag === 'Relay') this.#copies.sent(peer, this.#past(peer.who), { to: this.#house.placeOf(to), frame, disturbedAt: this.#disturbed.get(peer.who) ?? 0 })
  }

  #announced(peer: Peer, notice: delivery.Notice): void {
    const { sometimes } = this.#house
    if (notice._tag === 'Taken') {
      const root = notice.root as ImId
      if (!this.isSettled(peer.who, root)) this.violated('I3', peer.who, `${notice.im} is on the screen, and not in the history`)
      const { shown } = this.#past(peer.who)
      if (shown.has(root)) this.violated('I3', peer.who, `${root} is on the screen twice`)
      shown.add(root)
    }
    if (notice._tag === 'Begun' || notice._tag === 'NotBegun') this.reports.composing(peer.who, -1)
    if (notice._tag === 'RoundHome') sometimes.hit(notice.receipts === notice.path ? 'home with everybody' : 'home with some')
    if (notice._tag === 'Reported') this.reports.reported(peer, notice)
  }

  /** What the machines say of themselves. */
  sound(): void {
    for (const one of [this.#house.server, ...this.#house.peers]) {
      if (one.isDown || !this.#house.keepsRules(one.who)) continue
      const [first] = one.violations()
      if (first !== undefined) this.violated(first.rule, one.who, first.what)
    }
  }
}
