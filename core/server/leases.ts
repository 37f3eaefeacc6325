// How messages end, and what initiators of sealed ones are charged. A sealed message locks its list until a proof, its time, or the operator ends it, and by
// nothing that anyone merely says (`ring.md`, R21 to R25); a classic one until its initiator says so, or its time or the operator ends it.
//
//   granted ──since──────────────until                 the lock's time, when nothing else ends it
//             started again: hold ──start + lease──    nobody is cut short by a server that was away
import * as agenda from '../agenda.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { after, earliest, latest, type Instant } from '../time.js'
import { isStuck, leaseOn, markOf, noPast, type End, type Expired, type Granted, type Im, type Lease, type Past, type Report, type Span } from './im.js'
import { stirredAt } from './tickets.js'
import { changed, isKeyed, ringing, type Bound, type Index, type Keyed, type List, type Live, type State } from './state.js'
import type { ImId, PublicKey } from '../keys.js'
import type { ListName } from '../names.js'

/** Of a message of `size` bytes in a ring of so many, at `patience` times the usual. In ms. */
export const leaseOf = (members: number, size: number, patience: number): number => {
  const parts = Math.ceil((size + limits.envelopeBytes) / limits.partBytes)
  return Math.min(limits.longestLeaseMs, patience * (limits.leaseMs + members * (limits.leaseMemberMs + limits.leasePartMs * parts)))
}

/** Two spans that touch are one. */
const merged = (spans: ReadonlyArray<Span>, span: Span): ReadonlyArray<Span> => {
  const apart = spans.filter(({ from, to }) => to < span.from || from > span.to)
  const touching = spans.filter(({ from, to }) => to >= span.from && from <= span.to)
  const one = touching.reduce((so, { from, to }) => ({ from: earliest(so.from, from), to: latest(so.to, to) }), span)
  return [...apart, one].toSorted((a, b) => a.from - b.from)
}

const spanBefore = (at: Instant): number => at - limits.lockSpanMs

/** Without what nobody looks at any more. */
const recent = (locked: Past['locked'], at: Instant): Past['locked'] => locked.filter(({ to }) => to > spanBefore(at))

/** Charged with a lease that has run out. */
const charged = (locked: Past['locked'], { ends, lease }: Granted, at: Instant): Past['locked'] =>
  merged(recent(locked, at), { from: (ends - lease) as Instant, to: ends })

/** With what that key owes, which is a contact's no more. Of too many the oldest is forgotten: who has so many keys needs to come back with none. */
export const indebted = (debts: Index['debts'], { identity, past }: Bound, at: Instant): Index['debts'] => {
  const all = debts.filter(({ locked }) => recent(locked, at).length > 0)
  const locked = recent(past.locked, at)
  return locked.length === 0 ? all : [...all.slice(1 - limits.debtsRemembered), { key: identity.seals, locked }]
}

/** What that key, which is a contact's from now on, has of an earlier one. */
export const pastOf = (debts: Index['debts'], key: PublicKey): Past => {
  const debt = debts.find((one) => one.key === key)
  return debt === undefined ? noPast : { ...noPast, locked: debt.locked }
}

/** Whether a contact's messages have had as much time as they may have that came to nothing (R25). */
export const isOverBudget = ({ locked }: Past, at: Instant): boolean =>
  locked.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, at) - Math.max(from, spanBefore(at))), 0) > limits.lockBudgetMs

/** What is remembered of a message that has ended so. */
export const remembered = (past: Past, { grant, rootUntil }: Pick<Granted, 'grant' | 'rootUntil'>, end: End, report: Report | undefined): Past => {
  const { im, root, list, no, commit } = grant
  return { over: [...past.over.slice(1 - limits.endedRemembered), { im, root, list, no, commit, until: rootUntil, end, report }], locked: past.locked, served: past.served }
}

/** Found is what that contact remembers from now on: one message more, and the oldest no more if that makes too many. */
export const found = (over: Live['over'], { card, bound }: Keyed, past: Past): Live['over'] => {
  const [oldest, newest] = [bound.past.over[0], past.over.at(-1)]
  const rest = oldest === undefined || past.over[0] === oldest ? over : table.remove(over, oldest.im)
  return newest === undefined ? rest : table.set(rest, newest.im, card.name)
}

/** What has become of a message of a list that the asker is on, whoever's it was. */
export const endIn = (state: State, { bound, lists }: Keyed, id: ImId): End | undefined => {
  const own = bound.past.over.find(({ im }) => im === id)
  if (own !== undefined) return own.end
  const name = table.get(state.granted.over, id)
  const ended = name === undefined ? undefined : roll.get(state.contacts, name)?.bound?.past.over.find(({ im }) => im === id)
  return ended !== undefined && table.has(lists, ended.list) ? ended.end : undefined
}

/** The contact with so many ongoing messages more, and with that past. */
export const having = ({ card, lists, bound }: Keyed, more: number, past: Past): Keyed => {
  const { identity, skeletons, boot, nonce, presence, last, owns, invited, ongoing, orders, questions } = bound
  return { card, lists, bound: { identity, skeletons, boot, nonce, presence, last, owns, invited, ongoing: ongoing + more, past, orders, questions } }
}

/** With the end of that message, in that list, if its time is bounded. */
export const armed = (live: Live, list: ListName, im: Im): Live => {
  const lease = leaseOn(im)
  if (lease === undefined) return live
  const id = markOf(im)
  return { lists: table.set(live.lists, id, list), ends: agenda.add(live.ends, { at: lease.ends, id }), expired: live.expired, over: live.over }
}

const unarmed = (live: Live, im: Im): Live => {
  const lease = leaseOn(im)
  if (lease === undefined) return live
  const id = markOf(im)
  return { lists: table.remove(live.lists, id), ends: agenda.remove(live.ends, { at: lease.ends, id }), expired: live.expired, over: live.over }
}

/** The message ongoing no more, in the same position. */
export const over = (before: State, list: List, im: Im, end: End, report: Report | undefined = im.granted?.report): State => {
  const state = isStuck(im, before.at) ? changed(before, { queue: stirredAt(before.queue, before.at) }) : before
  const lists = roll.set(state.lists, list.name, ringing(list, list.ims.filter((other) => other !== im)))
  const { granted, initiator } = im
  const live = unarmed(state.granted, im)
  if (granted === undefined) return changed(state, { lists, granted: live, ongoing: state.ongoing - 1 })
  const contact = roll.get(state.contacts, initiator)
  const past = (before: Past): Past => remembered(end === 'expired' ? { ...before, locked: charged(before.locked, granted, state.at) } : before, granted, end, report)
  if (!isKeyed(contact)) return changed(state, { lists, granted: live, ongoing: state.ongoing - 1 })
  const now = past(contact.bound.past)
  const contacts = roll.set(state.contacts, initiator, having(contact, -1, now))
  const { lists: lives, ends, expired: gone } = live
  return changed(state, { contacts, lists, granted: { lists: lives, ends, expired: gone, over: found(live.over, contact, now) }, ongoing: state.ongoing - 1 })
}

/** The ongoing message of that name and the list that it is in. */
export const liveIn = (state: State, id: ImId): { readonly list: List; readonly im: Im; readonly granted: Granted } | undefined => {
  const name = table.get(state.granted.lists, id)
  const list = name === undefined ? undefined : roll.get(state.lists, name)
  const im = list?.ims.find(({ granted }) => granted?.grant.im === id)
  return list === undefined || im?.granted === undefined ? undefined : { list, im, granted: im.granted }
}

const expiredOne = (state: State, id: ImId): State => {
  const name = table.get(state.granted.lists, id)
  const list = name === undefined ? undefined : roll.get(state.lists, name)
  const im = list?.ims.find((one) => markOf(one) === id)
  if (list === undefined || im === undefined) return state
  const { initiator, since, granted } = im
  const past: Expired = { list: list.name, im: granted?.grant.im, initiator, since, ended: state.at }
  const rest = over(state, list, im, 'expired')
  const { lists, ends, expired: before, over: told } = rest.granted
  return changed(rest, { granted: { lists, ends, expired: [...before.slice(1 - limits.expiredRemembered), past], over: told } })
}

/** What is due has ended, or the first of it: the rest is due at once. The same state where nothing is. One position, however many. */
export const expired = (state: State): State => {
  const due = agenda.dueAt(state.granted.ends, state.at, limits.endsAtOnce)
  if (due.length === 0) return state
  const rest = due.reduce((so, { id }) => expiredOne(so, id as ImId), state)
  return changed(rest, { position: state.position + 1 })
}

const heldOn = <L extends Lease>(at: Instant, lease: L): L => ({ ...lease, ends: latest(lease.ends, after(at, lease.lease)) })

/** `classicMs`: the lease of one that began without any; 0: none. */
const heldFrom = (at: Instant, classicMs: number, im: Im): Im => {
  const { granted, leased } = im
  if (granted !== undefined) return { ...im, granted: heldOn(at, granted) }
  if (leased !== undefined) return { ...im, leased: heldOn(at, leased) }
  return classicMs === 0 ? im : { ...im, leased: { lease: classicMs, ends: after(at, classicMs) } }
}

/** The lists of ongoing messages whose time is bounded, or is to be from now on. */
const heldLists = (state: State, classicMs: number): ReadonlyArray<ListName> => {
  const isEndless = classicMs > 0 && state.ongoing > agenda.size(state.granted.ends)
  if (!isEndless) return [...new Set(table.entries(state.granted.lists).map(([, name]) => name))]
  return roll.values(state.lists).flatMap(({ name, ims }) => (ims.length === 0 ? [] : [name]))
}

/** A process has started: what is ongoing has a whole lease from now on, since nobody could end it meanwhile (R22); and what began while leases of the
 *  classic wire were off, one of `classicMs`, unless they are off now (Q9). */
export const heldOver = (state: State, classicMs: number): State => {
  const names = heldLists(state, classicMs)
  if (names.length === 0) return state
  const lists = names.reduce((so, name) => {
    const list = roll.get(so, name)
    return list === undefined ? so : roll.set(so, name, ringing(list, list.ims.map((im) => heldFrom(state.at, classicMs, im))))
  }, state.lists)
  const ends = names.flatMap((list) =>
    (roll.get(lists, list)?.ims ?? []).flatMap((im) => {
      const lease = leaseOn(im)
      return lease === undefined ? [] : [{ list, at: lease.ends, id: markOf(im) }]
    }),
  )
  const { expired, over } = state.granted
  const granted = {
    lists: ends.reduce((so, { id, list }) => (table.has(so, id) ? so : table.set(so, id, list)), state.granted.lists),
    ends: agenda.from(ends.map(({ at, id }) => ({ at, id }))),
    expired, over,
  }
  return changed(state, { lists, granted, queue: stirredAt(state.queue, state.at) })
}
