// What the oracle knows of grants: it reads the server's newest state after every step that changed it, and never asks it about anything else.
//
//   im-start ──> live ──> ended: proof (I7: nobody on its path is open), expired (I8: within a lease), forced
import { limits, roll, server, type ImId, type sealed } from '../../core/index.js'
import type { House, Known } from './roles.js'
import { listName, nameOf, whoIs } from './names.js'

/** ms that a full disk or a broken one may keep the server from noting an end, and some for rounding. */
const graceMs = 1500

/** Whether a message ends later than it did a moment ago: a start gives it a whole lease. */
const isPutOff = (last: server.List, list: server.List): boolean =>
  list.ims.some(({ id, granted }) => (granted?.ends ?? 0) > (last.ims.find((one) => one.id === id)?.granted?.ends ?? Infinity))

export class Grants {
  readonly known = new Map<ImId, Known>()
  readonly live = new Map<ImId, Known>()
  /** ms: the longest lease of those that were live since `forget` */
  longestMs = 0
  readonly #house: House
  #startedAt = 0
  /** the position of the newest start, which is tried again while nothing can be written; 0 before it */
  #startedIn = 0
  /** of the server: when it was last seen to be stopped or full */
  #hinderedAt = 0
  #list: server.List | undefined
  /** by epoch: an answer may be seen when the members are others already */
  readonly #seats = new Map<number, ReadonlyArray<number>>()

  constructor(house: House) {
    this.#house = house
  }

  hindered(): void {
    this.#hinderedAt = this.#house.clockwork.now
  }

  /** A process of the server begins, with what its disk had. */
  started(state: server.State): void {
    this.#startedAt = this.#house.clockwork.now
    this.#startedIn = 0
    this.undone(state)
    if (this.live.size > 0) this.#house.sometimes.hit('held after a restart')
  }

  /** The server is back at what is durable: what no answer had told of may be undone. */
  undone(state: server.State): void {
    this.hindered()
    const list = roll.get(state.lists, listName)
    this.#list = list
    this.#seats.clear()
    if (list !== undefined) this.#seatsOf(list)
    const there = new Map((list?.ims ?? []).flatMap((im) => (im.granted === undefined ? [] : [[im.granted.grant.im, im] as const])))
    for (const [im, known] of this.live) {
      if (there.has(im)) known.isHeld = true
      else this.#gone(im, known)
    }
    // what was granted and ended again, and is not durable, has not been at all
    for (const [im, known] of this.known) if (!known.isLive && Number.parseInt(im.slice(16), 16) > state.position) this.#gone(im, known)
    for (const im of there.keys()) {
      const known = this.known.get(im)
      if (known !== undefined && !known.isLive) {
        known.isLive = true
        known.isHeld = true
        this.live.set(im, known)
        this.longestMs = Math.max(this.longestMs, known.lease)
      }
    }
  }

  forget(): void {
    this.longestMs = [...this.live.values()].reduce((most, { lease }) => Math.max(most, lease), 0)
  }

  /** A step of the server. */
  changed(before: server.State, after: server.State): void {
    this.#startedIn ||= after.position
    if (before.lists === after.lists) return
    const list = roll.get(after.lists, listName)
    const last = this.#list
    if (list === last || list === undefined || last === undefined) return
    if (after.position === this.#startedIn && isPutOff(last, list)) this.#startedAt = this.#house.clockwork.now
    this.#list = list
    this.#seatsOf(list)
    this.#stillness(last, list)
    if (list.ims !== last.ims) this.#compare(list, after)
  }

  /** I6 */
  #stillness(last: server.List, list: server.List): void {
    if (list.epoch === last.epoch && list.members === last.members) return
    const { oracle } = this.#house
    if (last.ims.some((im) => list.ims.includes(im)) && (list.epoch !== last.epoch || list.size !== last.size)) oracle.violated('I6', 0, `the members changed while ${last.ims.length} messages went round`)
    if (list.epoch < last.epoch) oracle.violated('I6', 0, 'an epoch went back')
  }

  #compare(list: server.List, state: server.State): void {
    const there = new Set<ImId>()
    for (const { granted } of list.ims) {
      if (granted === undefined) continue
      there.add(granted.grant.im)
      if (!this.live.has(granted.grant.im)) this.#begun(list, granted)
    }
    for (const [im, known] of this.live) if (!there.has(im)) this.#ended(im, known, state)
    if (state.ongoing !== list.ims.length) this.#house.oracle.violated('I6', 0, `${list.ims.length} messages go round, ${state.ongoing} are counted`)
  }

  /** A grant for nobody, which has ended as it was given. */
  empty(grant: sealed.Grant): void {
    const seats = this.#seats.get(grant.epoch) ?? []
    if (this.known.has(grant.im) || grant.path.length > 0) return
    this.known.set(grant.im, { grant, lease: 0, grantedAt: this.#house.clockwork.now, seats, initiator: seats[grant.initiator] ?? -1, isLive: false, end: 'proof', isHeld: false })
  }

  #seatsOf(list: server.List): ReadonlyArray<number> {
    const known = this.#seats.get(list.epoch)
    if (known !== undefined) return known
    const seats = server.membersOf(list).map(({ name }) => whoIs(name))
    this.#seats.set(list.epoch, seats)
    return seats
  }

  #begun(list: server.List, { grant, lease }: server.Granted): void {
    const seats = this.#seatsOf(list)
    const known: Known = { grant, lease, grantedAt: this.#house.clockwork.now, seats, initiator: seats[grant.initiator] ?? -1, isLive: true, end: undefined, isHeld: false }
    if (this.known.has(grant.im)) this.#house.oracle.violated('I11', 0, `${grant.im} was granted twice`)
    const root = this.known.get(grant.root)?.grant
    if (root !== undefined && root.no !== grant.no) this.#house.oracle.violated('G13', 0, `${grant.im} has the number ${grant.no}, and its root ${root.no}`)
    if (grant.root === grant.im && grant.no !== (this.#list?.no ?? 0)) this.#house.oracle.violated('G13', 0, `${grant.im} has the number ${grant.no}, and the list counts ${this.#list?.no ?? 0}`)
    this.known.set(grant.im, known)
    this.live.set(grant.im, known)
    this.longestMs = Math.max(this.longestMs, lease)
  }

  #ended(im: ImId, known: Known, state: server.State): void {
    known.isLive = false
    this.live.delete(im)
    const initiator = roll.get(state.contacts, nameOf(known.initiator))
    known.end = initiator?.bound?.past.over.findLast((one) => one.im === im)?.end
    const { sometimes, oracle, clockwork } = this.#house
    if (known.end === 'proof') {
      sometimes.hit('proved')
      for (const place of known.grant.path) {
        const who = known.seats[place] ?? -1
        if (this.#house.keepsRules(who) && !oracle.isSettled(who, known.grant.root)) oracle.violated('I7', who, `${im} was ended by a proof, and it is open there`)
      }
    }
    if (known.end === 'expired') sometimes.hit('expired')
    if (known.end === 'forced') sometimes.hit('forced')
    const late = clockwork.now - Math.max(known.grantedAt, this.#startedAt) - known.lease * limits.clockDrift
    if (known.end === 'expired' && late > graceMs && clockwork.now - this.#hinderedAt > graceMs) oracle.violated('I8', 0, `${im} ended ${Math.round(late)} ms behind its lease`)
  }

  /** Its im-start was not durable: it has never been. */
  #gone(im: ImId, known: Known): void {
    known.isLive = false
    this.live.delete(im)
    if (this.#house.oracle.wasTold(im)) this.#house.oracle.violated('I4', 0, `${im} was told to its initiator, and is not durable`)
    this.known.delete(im)
    this.#house.sometimes.hit('the server died between a grant and its answer')
  }
}
