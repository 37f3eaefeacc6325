// im-start and im-complete of a contact with a key: a grant is given for one message, and taken back by a proof that everybody on its path has
// settled, `stored` or `closed` (`ring.md`, R4, R20, R21). What its receipts are worth is judged at the edge (`Ask.proven`).
//
//   im-start ──> ongoing ──im-complete: whole path, proven──────────────> ended, `proof`
//      │            ├──im-complete: a part of it, by the initiator──> ongoing, its report recorded
//      │            ├──Wake: its time is over────────────────────────────> ended, `expired`
//      │            └──Release by the operator───────────────────────────> ended, `forced`
//      └──nobody to send to, with keys or without────────────────────────> ended, `proof`
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { after } from '../time.js'
import { isAway } from './presence.js'
import { armed, endIn, found, having, isOverBudget, leaseOf, liveIn, over, remembered } from './leases.js'
import { fenceOn } from './fences.js'
import { later, refuse } from './refusal.js'
import { marked } from './rings.js'
import { answer, type Step } from './transitions.js'
import type { Granted, Im, Over, Report } from './im.js'
import { advanced, count, keyedOf, membersOf, type Keyed, type List, type RingMark, type State } from './state.js'
import type { ImId } from '../keys.js'
import type { ContactName } from '../names.js'
import type { Grant, Order } from '../wire/sealed/index.js'
import type { Config } from './config.js'
import type { Outcome } from './reply.js'

type Start = Order & { readonly _tag: 'ImStart' }
type Complete = Order & { readonly _tag: 'ImComplete' }

const patience: { readonly [K in Start['patience']]: number } = { once: 1, twice: 2, thrice: 3 }

/** Sixteen digits of the process, twelve of the position. */
const nameOf = ({ process, position }: State): ImId => `${process}${(position + 1).toString(16).padStart(12, '0')}` as ImId

const placeOf = (list: List, member: ContactName): number => membersOf(list).findIndex(({ name }) => name === member)

/** The message that is sent again, when it has ended, and where it still may be: members remember it for as long as they are asked to, and not for longer. A list that
 *  has counted less is another one of that name. `undefined`: it is a new one. */
const rootOf = (state: State, by: Keyed, { commit, again }: Start, list: List): Either<Outcome, Pick<Over, 'root' | 'no' | 'until'> | undefined> => {
  if (again === null) return right(undefined)
  const live = list.ims.find(({ initiator, granted }) => initiator === by.card.name && granted?.grant.root === again.root)?.granted
  if (live !== undefined) return live.grant.commit === commit ? left(later('StillGoing', live.ends)) : left(refuse.NotAllowed)
  const first = by.bound.past.over.find((one) => one.root === again.root && one.list === list.name)
  if (first === undefined || first.no > list.no || state.at > after(first.until, limits.inboxMarginMs)) return left(refuse.NoSuchMessage)
  return first.commit === commit ? right(first) : left(refuse.NotAllowed)
}

/** Whom it may be for: of the members with keys, but for the initiator, those named, or all. */
const meantOf = (state: State, list: List, { keyed }: RingMark, initiator: number, { again }: Start): ReadonlyArray<number> => {
  const members = membersOf(list)
  const others = keyed.filter((place) => place !== initiator)
  if (again === null || again.to.length === 0) return others
  const named = new Set(again.to.map((id) => keyedOf(state, id)?.card.name))
  return others.filter((place) => named.has(members[place]?.name))
}

/** Nobody whom it names is on the list, under the key that it names, and no classic member either: a proof of nobody would say that it was delivered. */
const isForNobody = ({ size }: List, { keyed }: RingMark, { again }: Start, meant: ReadonlyArray<number>): boolean =>
  again !== null && again.to.length > 0 && meant.length === 0 && keyed.length === size

/** What keeps a member from beginning a message in the list. */
const barred = (config: Config, state: State, by: Keyed, list: List): Outcome | undefined => {
  if (!table.has(by.lists, list.name)) return refuse.NotMember
  if (state.closing !== undefined) return refuse.Closing
  const fence = fenceOn(state, list)
  if (fence !== undefined) return later('Fenced', fence.opens)
  if (isOverBudget(by.bound.past, state.at)) return refuse.LockBudget
  if (count(list) >= config.maxMessages || by.bound.ongoing >= config.maxOwnMessages) return refuse.TooManyMessages
  return list.size > limits.ringMembers ? refuse.TooManyMembers : undefined
}

/** A message has the number of its root: a list counts what was said, however often it is sent again, so that nobody misses a number who has all of it. */
const numbered = ({ name, policy, owner, guests, members, size, epoch, no, fence, open }: List, ring: RingMark, grant: Grant, ims: List['ims']): List => ({
  name, policy, owner, guests, members, size, epoch, ring, no: Math.max(no, grant.no), ims, fence, open,
})

/** The state with that grant given, and ended at once if it is for nobody. Where classic members are on the ring it is for them too: a path of nobody is
 *  whole as it is, but the initiator says when it has sent them their copies (R29). */
const given = (state: State, by: Keyed, list: List, ring: RingMark, granted: Granted): Step => {
  const { grant, rootUntil } = granted
  const { bound: { past }, card: { name: initiator } } = by
  const told: Outcome = right({ _tag: 'Granted', grant })
  if (grant.path.length === 0 && ring.keyed.length === list.size) {
    const now = remembered(past, { grant, rootUntil }, 'proof', { stored: [], closed: [] })
    const lists = roll.set(state.lists, list.name, numbered(list, ring, grant, list.ims))
    return answer(advanced(state, roll.set(state.contacts, initiator, having(by, 0, now)), lists, 0, { ...state.granted, over: found(state.granted.over, by, now) }), told)
  }
  const im: Im = { id: state.position + 1, initiator, since: state.at, granted, leased: undefined }
  const lists = roll.set(state.lists, list.name, numbered(list, ring, grant, [...list.ims, im]))
  return answer(advanced(state, roll.set(state.contacts, initiator, having(by, 1, past)), lists, 1, armed(state.granted, list.name, im)), told)
}

/** A grant for one message. Refuses with Malformed (a text that is too long), NoSuchList, NotMember, Closing, Fenced, LockBudget, TooManyMessages (of the
 *  list, of the contact), TooManyMembers and ReplyTooLarge (a ring that nobody could be told), NoSuchMessage, NotAllowed and
 *  NoSuchContact (sent again: not remembered, another text, none of those named). */
export const imStart = (config: Config, state: State, by: Keyed, order: Start): Step => {
  const { size, commit } = order
  if (size > limits.textBytes) return answer(state, refuse.Malformed)
  const list = roll.get(state.lists, order.list)
  if (list === undefined) return answer(state, refuse.NoSuchList)
  const bar = barred(config, state, by, list)
  if (bar !== undefined) return answer(state, bar)
  const ring = marked(config, state, list)
  if (ring === undefined) return answer(state, refuse.ReplyTooLarge)
  const root = rootOf(state, by, order, list)
  if (isLeft(root)) return answer(state, root.left)
  const im = nameOf(state)
  const initiator = placeOf(list, by.card.name)
  const meant = meantOf(state, list, ring, initiator, order)
  if (isForNobody(list, ring, order, meant)) return answer(state, refuse.NoSuchContact)
  const members = membersOf(list)
  const lease = leaseOf(list.size, size, patience[order.patience])
  const until = after(state.at, lease)
  const grant: Grant = {
    im, root: root.right?.root ?? im, list: list.name, no: root.right?.no ?? list.no + 1, epoch: list.epoch, ring: ring.digest, initiator,
    path: meant.filter((place) => !isAway(state, members[place]?.name)), commit, size, until,
  }
  return given(state, by, list, ring, { grant, lease, ends: until, rootUntil: root.right?.until ?? until, report: undefined })
}

const ascending = ({ stored, closed }: Report): ReadonlyArray<number> => [...stored, ...closed].toSorted((a, b) => a - b)

/** Of a path: all of it, a part of it, or what cannot be true of it: each is on it, and settled once. */
type Extent = 'whole' | 'part' | 'wrong'

const extentOf = ({ path }: Grant, report: Report): Extent => {
  const all = ascending(report)
  if (all.length === path.length) return all.every((place, i) => place === path[i]) ? 'whole' : 'wrong'
  const on = new Set(path)
  return all.every((place, i) => place !== all[i - 1] && on.has(place)) ? 'part' : 'wrong'
}

/** Of an ongoing message, by a member of its list. */
const completed = (state: State, list: List, im: Im, granted: Granted, place: number, report: Report): Step => {
  const { grant } = granted
  const extent = extentOf(grant, report)
  if (extent === 'whole') {
    const ended: State = { ...over(state, list, im, 'proof', report), position: state.position + 1 }
    return answer(ended, right({ _tag: 'Ended', outcome: 'proof' }))
  }
  if (extent === 'wrong' || place !== grant.initiator) return answer(state, refuse.BadProof)
  const ims = list.ims.map((other) => (other === im ? { ...im, granted: { ...granted, report } } : other))
  return answer({ ...state, position: state.position + 1, lists: roll.set(state.lists, list.name, { ...list, ims }) }, right({ _tag: 'Ended', outcome: 'recorded' }))
}

/** What a message has come to: ended by it, recorded, or as it ended before, whoever of its list asks. Refuses with NoSuchMessage (nothing is known of it, or the contact is
 *  no member of its list) and BadProof. */
export const imComplete = (state: State, by: Keyed, order: Complete, proven: boolean): Step => {
  const ended = endIn(state, by, order.im)
  if (ended !== undefined) return answer(state, right({ _tag: 'Ended', outcome: ended }))
  const live = liveIn(state, order.im)
  if (live === undefined || !table.has(by.lists, live.list.name)) return answer(state, refuse.NoSuchMessage)
  const { list, im, granted } = live
  const place = placeOf(list, by.card.name)
  if (!proven || (place !== granted.grant.initiator && !granted.grant.path.includes(place))) return answer(state, refuse.BadProof)
  return completed(state, list, im, granted, place, { stored: order.stored, closed: order.closed })
}
