// What initiators are told, held against what is so (I5), and whether each is told at all (R19).
import { roll, server, type delivery, type ImId } from '../../core/index.js'
import { listName, nameOf, whoIs } from './names.js'
import type { House, Oracle, Peer } from './roles.js'

/** ms, for rounding */
const graceMs = 1000

type Reported = Extract<delivery.Notice, { readonly _tag: 'Reported' }>

/** An own message, as the oracle has seen it. */
interface Told {
  readonly who: number
  readonly im: ImId
  readonly beganAt: number
  reportedAt: number | undefined
  report: Reported | undefined
  readonly isCalm: boolean
  /** the process that began it has died */
  isOrphan: boolean
}

export class Reports {
  /** own messages whose grant is durable with their initiator, by im */
  readonly own = new Map<ImId, Told>()
  /** whether nothing goes wrong any more, so that whatever is begun reaches everybody */
  isCalm = false
  readonly #house: House
  readonly #oracle: Oracle
  /** `im who`: certainly not stored under that im; stored under it */
  readonly #undelivered = new Set<string>()
  readonly #stored = new Set<string>()
  /** messages that somebody wants to begin, and has not been told of */
  readonly #composing = new Map<number, number>()

  constructor(house: House, oracle: Oracle) {
    this.#house = house
    this.#oracle = oracle
  }

  /** The im of an own message of whoever that is, the `n`-th that it has begun. */
  ownOf(who: number, n: number): ImId | undefined {
    const all = [...this.own.values()].filter((one) => one.who === who)
    return all[n % Math.max(1, all.length)]?.im
  }

  composing(who: number, more: 1 | -1): void {
    this.#composing.set(who, (this.#composing.get(who) ?? 0) + more)
  }

  /** Its process has died: nobody waits for what it wanted. */
  forgotten(who: number): void {
    this.#composing.delete(who)
    for (const one of this.own.values()) if (one.who === who) one.isOrphan = true
  }

  began(im: ImId, who: number): void {
    if (!this.own.has(im)) this.own.set(im, { who, im, beganAt: this.#house.clockwork.now, reportedAt: undefined, report: undefined, isCalm: this.isCalm, isOrphan: false })
  }

  /** I5: that member has it, under that im. */
  stored(im: ImId, who: number): void {
    if (this.#undelivered.has(`${im} ${who}`)) this.#oracle.violated('I5', who, `${im} is stored where it was said never to be`)
    this.#stored.add(`${im} ${who}`)
  }

  /** I5 */
  reported({ who }: Peer, notice: Reported): void {
    const { delivered, undelivered, unknown, poisoned, again } = notice
    const [im, root] = [notice.im as ImId, notice.root as ImId]
    const known = this.#oracle.grants.known.get(im)
    if (known === undefined) return this.#oracle.violated('I10', who, `${im} is reported, and was never granted`)
    const told = [...delivered, ...undelivered, ...unknown]
    const isNameless = told.some(({ name }) => name.startsWith('member ')) || (told.length === 0 && this.own.get(im)?.isOrphan === true)
    const others = known.seats.filter((_, place) => (isNameless ? known.grant.path.includes(place) : place !== known.grant.initiator))
    // a process that was restarted may not know any more who was on the ring: then it tells places of the path
    const all = told.map(({ name }) => (name.startsWith('member ') ? (known.seats[Number(name.slice(7))] ?? -1) : whoIs(name)))
    if (all.length !== others.length || others.some((one) => !all.includes(one))) this.#oracle.violated('I5', who, `${im} is reported of ${all.join(' ')}, and the ring is ${others.join(' ')}`)
    for (const { name } of delivered) {
      const member = whoIs(name)
      const status = roll.get(this.#house.peer(member).shelf.durable.inbox.roots, root)?.status
      if (status !== 'stored' && status !== 'shown' && this.#house.keepsRules(member)) this.#oracle.violated('I5', member, `${im} is reported delivered, and is ${status ?? 'open'} there`)
    }
    for (const { name } of undelivered) {
      const member = whoIs(name)
      if (this.#house.keepsRules(member) && this.#stored.has(`${im} ${member}`)) this.#oracle.violated('I5', member, `${im} is reported undelivered, and was stored there`)
      this.#undelivered.add(`${im} ${member}`)
    }
    if (poisoned > 0) this.#house.sometimes.hit('an envelope poisoned')
    if (poisoned > 0 && this.#house.isHonest) this.#oracle.violated('R16', who, `an envelope of ${im} is called poisoned, and all are honest`)
    if (again) this.#house.sometimes.hit('told better later')
    this.#house.sometimes.hit(unknown.length + undelivered.length === 0 ? 'reported in full' : delivered.length > 0 ? 'reported in part' : 'reported none')
    const own = this.own.get(im)
    if (own === undefined) return
    own.reportedAt ??= this.#house.clockwork.now
    own.report = notice
  }

  /** When all is well and quiet: everything has ended (I8), and everybody knows what became of it. */
  settled(): void {
    // a request that was late by a minute may have begun one just now
    for (const { grant, lease, grantedAt } of this.#oracle.grants.live.values()) {
      if (this.#house.clockwork.now > grantedAt + lease + graceMs) this.#oracle.violated('I8', 0, `${grant.im} is still live`)
    }
    for (const { who, im, reportedAt, report, isCalm } of this.own.values()) {
      if (!this.#house.keepsRules(who)) continue
      // whoever has another address without knowing it is not to be found before it says something, and whose process died before it could write that it
      // hears the list again still does not
      const isMuted = (member: number): boolean => this.#house.peers.some(({ who, shelf }) => who === member && roll.has(shelf.durable.muted, listName))
      const isExpected = (member: number): boolean => this.#house.keepsRules(member) && this.#house.plan.rebinders?.includes(member) !== true && !isMuted(member)
      const missing = isCalm ? [...(report?.undelivered ?? []), ...(report?.unknown ?? [])].filter(({ name }) => isExpected(whoIs(name))) : []
      if (missing.length > 0) this.#oracle.violated('R17', who, `${im} did not reach ${missing.map(({ name }) => name).join(' ')}, and all is well`)
      // where it died just before it would have told, the report stands in its history
      const isWritten = roll.get(this.#house.peer(who).shelf.durable.sent, im)?.report !== undefined
      if (reportedAt === undefined && !isWritten) this.#oracle.violated('R19', who, `nothing was ever told of ${im}`)
    }
    for (const [who, count] of this.#composing) if (count !== 0) this.#oracle.violated('R19', who, `${count} messages were neither begun nor refused`)
    const list = roll.get(this.#house.server.state.newest.lists, listName)
    const there = new Set(list === undefined ? [] : server.membersOf(list).map(({ name }) => name))
    // whoever has left by an order that was never answered believes that it is still on it
    for (const { who, isMember } of this.#house.peers) {
      if (!isMember && !there.has(nameOf(who)) && this.#house.isHonest) this.#oracle.violated('I12', who, 'it wants to be on the list, and is not')
    }
    this.#oracle.absences.settled()
    this.#oracle.waits.settled(this.#house.server.state.newest)
    this.#oracle.sound()
  }
}
