// What a waiting change of members does to lists: while its messages are not over it reserves its lists against younger ones, and when it has waited for
// `limits.fenceAfterMs` they start no more messages, all of them together, until it is done (`ring.md`, R24). Whoever would have to wait for a message that
// is stuck, of a classic program that is no more for instance, is barred: it neither fences nor reserves, since everybody else would wait for that too. Only
// messages of the classic wire do not begin there meanwhile.
//
//   asked ──2 s──> its lists reserved, fenced for another, or in their open time? ──no──> fenced ──its end──> open, for as long as they were fenced
//              └──a message in its way is stuck──> waits on <──────────a message gets stuck──────┘
//
// Fences begin with a Wake, and nothing else; they end with one, or with their ticket.
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { after, earliest, latest, type Instant } from '../time.js'
import { isPast, isStuck, leaseOn, stuckOf, type Stuck } from './im.js'
import { leaseOf } from './leases.js'
import { needsAny, needsOf } from './needs.js'
import { withList, type List, type State } from './state.js'
import { stirredAt, type Ticket } from './tickets.js'
import type { ListName } from '../names.js'

const opened = (state: State, name: ListName, ticket: number): State => {
  const list = roll.get(state.lists, name)
  if (list?.fence?.ticket !== ticket) return state
  return withList(state, { ...list, fence: undefined, open: after(state.at, state.at - list.fence.since) })
}

/** The fences of that ticket on those lists are no more. */
const lifted = (state: State, { number }: Ticket, names: ReadonlyArray<ListName>): State => names.reduce((so, name) => opened(so, name, number), state)

/** The queue has changed, or who is on which list: fences are looked at soon. */
export const stirred = (state: State): State => {
  const queue = stirredAt(state.queue, state.at)
  return queue === state.queue ? state : { ...state, queue }
}

/** Those tickets are no more, in the same position. */
export const without = (state: State, isGone: (ticket: Ticket) => boolean): State => {
  const { tickets } = state.queue
  const gone = tickets.filter(isGone)
  if (gone.length === 0) return state
  const open = gone.reduce((so, ticket) => lifted(so, ticket, ticket.fenced), state)
  return stirred({ ...open, queue: { ...open.queue, tickets: tickets.filter((ticket) => !isGone(ticket)) } })
}

/** There is no such list any more, nor a fence of it. */
export const unfenced = (state: State, name: ListName): State => {
  const { tickets } = state.queue
  if (tickets.length === 0) return state
  const fewer = tickets.map((ticket) => (ticket.fenced.includes(name) ? { ...ticket, fenced: ticket.fenced.filter((one) => one !== name) } : ticket))
  return stirred({ ...state, queue: { ...state.queue, tickets: fewer } })
}

/** Whether a message of those lists is stuck now. */
const isBarred = ({ at }: State, lists: ReadonlyArray<List>): boolean => lists.some(({ ims }) => ims.some((im) => isStuck(im, at)))

/** When messages of those lists are stuck, as far as that is not over. */
const stuckIn = (lists: ReadonlyArray<List>, at: Instant): ReadonlyArray<Stuck> =>
  lists.flatMap(({ ims }) => ims.flatMap((im) => stuckOf(im) ?? [])).filter((stuck) => !isPast(stuck, at))

/** From when on a message of those lists is stuck, so that a ticket that fences and needs them has to let them go. `undefined`: all are over before. */
const barredFrom = ({ at }: State, lists: ReadonlyArray<List>): Instant | undefined => {
  const stuck = stuckIn(lists, at)
  return stuck.length === 0 ? undefined : latest(at, stuck.map(({ from }) => from).reduce(earliest))
}

/** When that list could be fenced for that ticket, which has to let it go at `lift`, and may have it back from `free` on. */
const fencedFrom = ({ fence, open }: List, { number, since }: Ticket, lift: Instant | undefined, free: Instant): Instant => {
  const opened = fence?.ticket === number && lift !== undefined ? after(lift, lift - fence.since) : open
  return [opened, free, after(since, limits.fenceAfterMs)].reduce(latest)
}

/** When that ticket is served at the latest, as far as can be told: if no other takes its lists meanwhile. `undefined`: a message in its way may last for
 *  ever. */
export const opensOf = (state: State, ticket: Ticket): Instant | undefined => {
  const needs = needsOf(state, ticket.change)
  const ims = needs.flatMap((list) => list.ims.map(leaseOn))
  const ends = ims.flatMap((lease) => (lease === undefined ? [] : [lease.ends]))
  if (ends.length < ims.length) return undefined
  const lift = barredFrom(state, needs)
  const free = stuckIn(needs, state.at).reduce((so, { until = so }) => latest(so, until), state.at)
  return needs.reduce((so, list) => {
    const isSteady = list.fence?.ticket === ticket.number && lift === undefined
    return isSteady ? so : latest(so, after(fencedFrom(list, ticket, lift, free), leaseOf(list.size, 0, 1)))
  }, ends.reduce(latest, state.at))
}

/** What stands between a list and a message: its fence. When it opens at the latest, if that can be told. */
export const fenceOn = (state: State, { fence }: List): { readonly opens: Instant | undefined } | undefined => {
  if (fence === undefined) return undefined
  const ticket = state.queue.tickets.find(({ number }) => number === fence.ticket)
  if (ticket === undefined) return { opens: undefined }
  return { opens: barredFrom(state, needsOf(state, ticket.change)) ?? opensOf(state, ticket) }
}

/** Whether that list starts no message of the classic wire, which can get stuck: somebody waits for one that is, or has waited for longer than a fence that
 *  one has ended, and for no other list. Else there could be one whenever a fence may begin, for ever. */
export const isHeldUp = (state: State, { name, ims }: List): boolean => {
  const own: ReadonlySet<ListName> = new Set([name])
  const waiting = state.queue.tickets.filter(({ change, since }) => after(since, limits.fenceAfterMs) <= state.at && needsAny(state, change, own))
  const isLong = ({ change, since }: Ticket): boolean =>
    after(since, limits.fenceAfterMs + limits.longestLeaseMs) <= state.at && needsOf(state, change).every((list) => list.name === name || list.ims.length === 0)
  return ims.some((im) => isStuck(im, state.at)) ? waiting.length > 0 : waiting.some(isLong)
}

/** While tickets are looked at, from the oldest to the youngest. */
interface Looking {
  readonly state: State
  /** by older ones */
  readonly reserved: table.Table<ListName, true>
  /** when a fence may begin next */
  readonly due: Instant | undefined
}

const sooner = (due: Instant | undefined, at: Instant): Instant => (due === undefined ? at : earliest(due, at))

const withTicket = (state: State, ticket: Ticket): State => ({
  ...state,
  queue: { ...state.queue, tickets: state.queue.tickets.map((one) => (one.number === ticket.number ? ticket : one)) },
})

const fencedBy = (state: State, ticket: Ticket, lists: ReadonlyArray<List>): State => {
  const fence = { ticket: ticket.number, since: state.at }
  const fenced = lists.reduce((so, list) => withList(so, { ...list, fence }), state)
  return withTicket(fenced, { ...ticket, fenced: [...ticket.fenced, ...lists.map(({ name }) => name)] })
}

/** Whether a ticket has to wait for a list that it could not fence now: its contact has joined it meanwhile. */
const isOpenIn = ({ at }: State, lists: ReadonlyArray<List>): boolean => lists.some(({ fence, open }) => fence === undefined && open > at)

/** The lists that a ticket fences and needs no more are open, and all of them where they would be fenced for the messages of others: one is stuck, or begins
 *  in the open time of another list. */
const released = (state: State, ticket: Ticket): State => {
  if (ticket.fenced.length === 0) return state
  const needs = needsOf(state, ticket.change)
  const names = new Set(isBarred(state, needs) || isOpenIn(state, needs) ? [] : needs.map(({ name }) => name))
  const idle = ticket.fenced.filter((name) => !names.has(name))
  return idle.length === 0 ? state : withTicket(lifted(state, ticket, idle), { ...ticket, fenced: ticket.fenced.filter((name) => names.has(name)) })
}

/** What comes of a look at a ticket. */
type Look = Pick<Looking, 'state' | 'due'>

/** One that is barred: until no message is stuck. */
const lookedPast = (state: State, needs: ReadonlyArray<List>): Look => {
  const ends = stuckIn(needs, state.at).map(({ until }) => until)
  return { state, due: ends.includes(undefined) ? undefined : ends.reduce<Instant>((so, until = so) => latest(so, until), state.at) }
}

/** A ticket that fences lists already: those that it needs since are fenced too, but for one that was opened just now: that is looked at again. */
const lookedAgain = (state: State, ticket: Ticket, needs: ReadonlyArray<List>): Look => {
  const fresh = needs.filter(({ fence, open }) => fence === undefined && open <= state.at)
  return { state: fresh.length === 0 ? state : fencedBy(state, ticket, fresh), due: isOpenIn(state, needs) ? state.at : barredFrom(state, needs) }
}

/** A ticket that fences nothing yet. */
const lookedFirst = (state: State, ticket: Ticket, needs: ReadonlyArray<List>, reserved: Looking['reserved']): Look => {
  const lift = barredFrom(state, needs)
  if (needs.some(({ name, fence }) => fence !== undefined || table.has(reserved, name))) return { state, due: lift }
  const due = needs.reduce((so, { open }) => latest(so, open), after(ticket.since, limits.fenceAfterMs))
  return due > state.at ? { state, due: sooner(lift, due) } : { state: fencedBy(state, ticket, needs), due: lift }
}

/** Fences that may begin begin, and those that must end end, in the same position; the lists of the same state where none does. */
export const looked = (before: State): State => {
  if (before.queue.tickets.length === 0) return before
  const open = before.queue.tickets.reduce(released, before)
  const all = open.queue.tickets.reduce<Looking>(({ state, reserved, due }, ticket) => {
    const needs = needsOf(state, ticket.change)
    const barred = isBarred(state, needs)
    const next = barred ? lookedPast(state, needs) : ticket.fenced.length === 0 ? lookedFirst(state, ticket, needs, reserved) : lookedAgain(state, ticket, needs)
    return {
      state: next.state,
      reserved: barred ? reserved : needs.reduce((so, { name }) => table.set(so, name, true as const), reserved),
      due: next.due === undefined ? due : sooner(due, next.due),
    }
  }, { state: open, reserved: table.empty(), due: undefined })
  const { queue } = all.state
  const due = all.due === undefined ? undefined : latest(all.due, after(before.at, limits.fenceLookMs))
  return { ...all.state, queue: { tickets: queue.tickets, due, looked: before.at } }
}
