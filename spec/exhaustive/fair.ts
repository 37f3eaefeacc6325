// What is promised of each step of the server at which members send, and others wait (`ring.md`, R22 to R24, I6, I8, I12), said without the server's help.
import { limits, roll, server, table, type Instant, type ListName } from '../../core/index.js'
import { Broken } from './promises.js'
import type { Errand, Errands } from './errand.js'

/** When each list may be fenced again at the earliest: as long after its last fence as that lasted. */
export type Watch = Readonly<Record<string, number>>

export const unwatched: Watch = {}

const ticketsOf = (state: server.State): ReadonlySet<number> => new Set(state.queue.tickets.map(({ number }) => number))
const membersIn = (state: server.State, name: ListName): ReadonlyArray<string> => {
  const list = roll.get(state.lists, name)
  return list === undefined ? [] : server.membersOf(list).map((card) => card.name)
}

type Ticket = server.State['queue']['tickets'][number]

const needs = (state: server.State, { change }: Ticket): ReadonlyArray<ListName> => {
  const own = change._tag === 'Leave' ? [] : table.entries(roll.get(state.contacts, change.contact)?.lists ?? table.empty<ListName, number>()).map(([name]) => name)
  return [...new Set([...(change._tag === 'Exit' ? [] : [change.list]), ...own])]
}

/** R23: members are others exactly where the epoch is a later one, and not while a message goes on that went on before. R24: who joins in one step
 *  joins in order of tickets. */
const moved = (before: server.State, after: server.State): void => {
  for (const list of roll.values(after.lists)) {
    const was = roll.get(before.lists, list.name)
    const [old, now] = [membersIn(before, list.name), membersIn(after, list.name)]
    const isMoved = old.join() !== now.join()
    if (was !== undefined && isMoved !== (list.epoch > was.epoch)) throw new Broken('I6', `the members of ${list.name} are ${isMoved ? '' : 'not '}others, in epoch ${list.epoch} after ${was.epoch}`)
    if (isMoved && was?.ims.some(({ id }) => list.ims.some((im) => im.id === id)) === true) throw new Broken('I6', `${list.name} moves while a message goes on`)
    const fresh = now.filter((name) => !old.includes(name))
    const wanted = before.queue.tickets.flatMap(({ by, change }) => (change._tag === 'Join' && change.list === list.name && fresh.includes(by) ? [by as string] : []))
    const joined = fresh.filter((name) => wanted.includes(name))
    if (joined.join() !== wanted.join()) throw new Broken('R24', `${joined.join(', ')} join in this order, and have waited in another`)
  }
}

/** R24: nobody who waits is overtaken by a younger one that needs one of its lists, if nothing was in its own way. */
const overtaken = (before: server.State, after: server.State, { command }: Errand): void => {
  if (command?._tag === 'Ask' && command.order._tag === 'Withdraw') return
  const left = ticketsOf(after)
  const served = before.queue.tickets.filter(({ number }) => !left.has(number))
  for (const older of after.queue.tickets) {
    const own = needs(after, older)
    const isHeld = own.some((name) => (roll.get(after.lists, name)?.ims.length ?? 0) > 0)
    if (!isHeld && served.some((younger) => younger.number > older.number && needs(before, younger).some((name) => own.includes(name)))) throw new Broken('R24', `ticket ${older.number} is overtaken`)
  }
}

/** R4, R24: no message begins behind a fence; each has the next number of its list, its epoch, and nobody who is away on its path. */
const granted = (before: server.State, after: server.State): void => {
  for (const list of roll.values(after.lists)) {
    const was = roll.get(before.lists, list.name)
    for (const im of list.ims.filter(({ id }) => was?.ims.some((one) => one.id === id) !== true)) {
      if (was?.fence !== undefined) throw new Broken('R24', `a message begins in ${list.name}, which is fenced`)
      const grant = im.granted?.grant
      if (grant?.no !== (was?.no ?? 0) + 1 || grant.epoch !== was?.epoch) throw new Broken('R4', `a grant of ${list.name} has another number or epoch`)
      const away = membersIn(after, list.name).flatMap((name, place) => (roll.get(after.contacts, name as never)?.bound?.presence === 'away' ? [place] : []))
      if (grant.path.some((place) => away.includes(place))) throw new Broken('R4', 'somebody who is away is on a path')
    }
  }
}

const leaseMs = (members: number): number => limits.leaseMs + members * (limits.leaseMemberMs + limits.leasePartMs)

/** I8: no message goes on for longer than a lease from now, nor at all once the server has woken behind its end. R22: a whole one from a start on. */
const leased = (after: server.State, { command, at }: Errand): void => {
  for (const { size, ims } of roll.values(after.lists)) {
    for (const { granted: has } of ims) {
      const rest = (has?.ends ?? Infinity) - at
      if (rest > leaseMs(size) || (command?._tag === 'Wake' && rest <= 0)) throw new Broken('I8', `a message goes on for ${rest} ms`)
      if (command?._tag === 'Start' && rest < leaseMs(size)) throw new Broken('R22', 'a message has less than its lease from a start on')
    }
  }
}

/** R21: as it ended first, so it has ended: by the operator, who is written down, by its time, or else by a proof. */
const over = (before: server.State, after: server.State, { command }: Errand): void => {
  const how = command?._tag === 'Operate' ? 'forced' : command?._tag === 'Wake' ? 'expired' : 'proof'
  for (const { bound, card } of roll.values(before.contacts)) {
    const was = bound?.past.over ?? []
    const now = roll.get(after.contacts, card.name)?.bound?.past.over
    if (now === undefined) continue
    for (const { im, end } of was) if (now.find((one) => one.im === im)?.end !== end) throw new Broken('R21', `a message that ended (${end}) has ended otherwise`)
    for (const { im, end } of now) if (!was.some((one) => one.im === im) && end !== how) throw new Broken('R21', `a message has ended (${end}), and not so (${how})`)
  }
  if (how === 'forced' && after.position === before.position && after.ongoing !== before.ongoing) throw new Broken('I6', 'what the operator ends is not written down')
}

/** R24: fences. Not before 2 s of waiting, nor in the open time, and all lists that are needed together. What is watched from then on. */
const fenced = (before: server.State, after: server.State, { at }: Errand, watch: Watch): Watch => {
  for (const { number, since, fenced: names } of after.queue.tickets) {
    const was = before.queue.tickets.find((one) => one.number === number)
    if (names.length === 0 || (was?.fenced.length ?? 0) > 0) continue
    if (at - since < limits.fenceAfterMs) throw new Broken('R24', `a list is fenced after ${at - since} ms`)
    if (was !== undefined && !needs(after, was).every((name) => names.includes(name))) throw new Broken('R24', 'a list that is needed is not fenced')
  }
  return roll.values(before.lists).reduce<Watch>((so, { name, fence }) => {
    const now = roll.get(after.lists, name)?.fence
    if (now !== undefined && now.ticket !== fence?.ticket && at < (so[name] ?? 0)) throw new Broken('I12', `${name} is fenced again ${(so[name] ?? 0) - at} ms too early`)
    return fence !== undefined && now?.ticket !== fence.ticket ? { ...so, [name]: at + (at - fence.since) } : so
  }, watch)
}

/** I12: how long the oldest may wait: 2 s, the longest lease twice, and what a start and a late wake add. */
const served = (errands: Errands, after: server.State, { at, command }: Errand): void => {
  const [oldest] = after.queue.tickets
  if (oldest === undefined || command?._tag !== 'Wake') return
  const longest = leaseMs(errands.contacts)
  const most = limits.fenceAfterMs + longest * (2 + errands.restarts) + errands.lates * 2500 + 2 * limits.fenceLookMs
  if (at - oldest.since > most) throw new Broken('I12', `the oldest has waited for ${at - oldest.since} ms`)
}

/** Throws `Broken`. */
export const judged = (errands: Errands, before: server.State, after: server.State, errand: Errand, watch: Watch): Watch => {
  moved(before, after)
  overtaken(before, after, errand)
  granted(before, after)
  leased(after, errand)
  over(before, after, errand)
  served(errands, after, errand)
  const next = fenced(before, after, errand, watch)
  const [broken] = [...server.violations(after), ...server.movedMembers(before, after)]
  if (broken !== undefined) throw new Broken(broken.rule, broken.what)
  return next
}

export const watchText = (watch: Watch, now: Instant): string => Object.entries(watch).filter(([, at]) => at > now).map(([name, at]) => `${name} ${at - now}`).sort().join()
