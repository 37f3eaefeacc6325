// What the dumb server does about changes that wait, and about what holds lists: scans, and the arithmetic written out.
import type { ContactName, ListName, sealed } from '../../core/index.js'
import { code, type Expected, type Keyed, type KnownList, type KnownTicket, type Ongoing, type World } from './known.js'

/** Whose messages are in its way. */
export const needs = ({ lists }: World, change: sealed.Change): ReadonlyArray<KnownList> =>
  lists.filter(({ name, members }) => {
    if (change._tag === 'Leave') return name === change.list
    return members.includes(change.contact) || (change._tag === 'Join' && name === change.list)
  })

const open = ({ lists, now }: World, { number }: KnownTicket, still: ReadonlyArray<KnownList>): void => {
  for (const list of lists) {
    if (list.fence?.ticket !== number || still.includes(list)) continue
    list.open = now + (now - list.fence.since)
    list.fence = undefined
  }
}

/** It is no more. */
export const drop = (world: World, ticket: KnownTicket): void => {
  open(world, ticket, [])
  world.tickets = world.tickets.filter((one) => one !== ticket)
}

const minute = 60_000

/** From when until when a message is stuck, if it ever is and that is not over: one that has gone on for a minute, and has more than another to go. */
const stuck = ({ now }: World, { since, ends = Infinity }: Ongoing): { readonly from: number; readonly to: number } | undefined =>
  since + minute < ends - minute && now < ends - minute ? { from: since + minute, to: ends - minute } : undefined

const stuckOf = (world: World, lists: ReadonlyArray<KnownList>): ReadonlyArray<{ readonly from: number; readonly to: number }> =>
  lists.flatMap(({ ongoing }) => ongoing.flatMap((im) => stuck(world, im) ?? []))

/** When its fences end, since a message in its way is stuck from then on. */
const lift = (world: World, lists: ReadonlyArray<KnownList>): number => Math.max(world.now, Math.min(...stuckOf(world, lists).map(({ from }) => from)))

/** When nothing is in its way any more, if nothing comes between: messages of its lists go on until their ends, and begin until its fence. */
const opens = (world: World, { change, number, since }: KnownTicket): number | undefined => {
  const own = needs(world, change)
  const last = Math.max(world.now, ...own.flatMap(({ ongoing }) => ongoing.map(({ ends = Infinity }) => ends)))
  if (last === Infinity) return undefined
  const [lifts, free] = [lift(world, own), Math.max(world.now, ...stuckOf(world, own).map(({ to }) => to))]
  return Math.max(last, ...own.map(({ fence, open: until, members }) => {
    const isOwn = fence?.ticket === number
    if (isOwn && lifts === Infinity) return 0
    return Math.max(free, isOwn ? lifts + (lifts - fence.since) : until, since + 2000) + Math.min(minute, 8000 + members.length * 55)
  }))
}

const queued = (world: World, ticket: KnownTicket): Expected => {
  const own = needs(world, ticket.change)
  const before = world.tickets.filter(({ number, change }) => number < ticket.number && needs(world, change).some((list) => own.includes(list)))
  return { code: 200, queued: [ticket.number, before.length + 1, opens(world, ticket)] }
}

export const enqueue = (world: World, by: Keyed, change: sealed.Change): Expected => {
  const same = world.tickets.find((one) => one.by === by.name && JSON.stringify(Object.entries(one.change).sort()) === JSON.stringify(Object.entries(change).sort()))
  if (same !== undefined) return queued(world, same)
  if (world.tickets.filter((one) => one.by === by.name).length >= 4 || world.tickets.length >= 1024) return code(432)
  const ticket: KnownTicket = { number: world.position + 1, by: by.name, change, since: world.now }
  world.tickets = [...world.tickets, ticket]
  return queued(world, ticket)
}

export const ask = (world: World, by: Keyed, number: number): Expected => {
  const waiting = world.tickets.find((one) => one.number === number && one.by === by.name)
  if (waiting !== undefined) return queued(world, waiting)
  const served = by.key.served.find((one) => one.ticket === number)
  return served === undefined ? code(410) : { code: 200, served: served.code }
}

export const withdraw = (world: World, by: Keyed | undefined, number: number): Expected => {
  const waiting = world.tickets.find((one) => one.number === number && (by === undefined || one.by === by.name))
  if (waiting === undefined) return by === undefined ? code(410) : ask(world, by, number)
  drop(world, waiting)
  return code(200)
}

/** That list starts no message now. */
export const fenced = (world: World, { fence }: KnownList): Expected | undefined => {
  const ticket = world.tickets.find(({ number }) => number === fence?.ticket)
  if (fence === undefined || ticket === undefined) return fence === undefined ? undefined : { code: 425, opens: undefined }
  const lifts = lift(world, needs(world, ticket.change))
  return { code: 425, opens: lifts === Infinity ? opens(world, ticket) : lifts }
}

/** That list starts no message of the classic wire now: it is fenced, or somebody has waited for a message of its that is stuck. */
export const barred = (world: World, list: KnownList): Expected | undefined => {
  const waiting = world.tickets.filter(({ change, since }) => world.now - since >= 2000 && needs(world, change).includes(list))
  const isStuck = stuckOf(world, [list]).some(({ from }) => from <= world.now)
  const isLong = waiting.some(({ change, since }) => world.now - since >= 2000 + minute && needs(world, change).every((other) => other === list || other.ongoing.length === 0))
  const isHeldUp = isStuck ? waiting.length > 0 : isLong
  return fenced(world, list) ?? (isHeldUp ? { code: 425, opens: undefined } : undefined)
}

/** Whether fences have begun or ended: looked for whenever time has passed. */
export const fence = (world: World): boolean => {
  const before = JSON.stringify(world.lists.map((list) => list.fence))
  const isBlocked = (own: ReadonlyArray<KnownList>): boolean => stuckOf(world, own).some(({ from }) => from <= world.now)
  for (const ticket of world.tickets) {
    const own = needs(world, ticket.change)
    open(world, ticket, isBlocked(own) || own.some((list) => list.fence === undefined && list.open > world.now) ? [] : own)
  }
  const reserved = new Set<KnownList>()
  for (const { number, change, since } of world.tickets) {
    const own = needs(world, change)
    if (isBlocked(own)) continue
    const isFree = (list: KnownList): boolean => list.fence === undefined && list.open <= world.now
    const isFencing = own.some((list) => list.fence?.ticket === number)
    const begins = isFencing ? own.filter(isFree) : own.every((list) => isFree(list) && !reserved.has(list)) && world.now - since >= 2000 ? own : []
    for (const list of begins) list.fence = { ticket: number, since: world.now }
    for (const list of own) reserved.add(list)
  }
  return before !== JSON.stringify(world.lists.map((list) => list.fence))
}

const waiting = (list: KnownList, { grant }: Ongoing): ReadonlyArray<ContactName> =>
  grant === undefined ? [] : grant.path.filter((place) => ![...(grant.said?.stored ?? []), ...(grant.said?.closed ?? [])].includes(place)).map((place) => list.members[place] ?? ('?' as ContactName)).slice(0, 16)

/** Who holds what, as far as whoever asks may know; rows in any order. */
export const locks = (world: World, by: Keyed | undefined, list: ListName | null, contact: ContactName | null): Expected => {
  const named = world.lists.find(({ name }) => name === list)
  if (contact !== null && !world.contacts.some(({ name }) => name === contact)) return code(459)
  if (list !== null && named === undefined) return code(460)
  const isMine = ({ members }: KnownList): boolean => by !== undefined && members.includes(by.name)
  if (by !== undefined && contact !== null && contact !== by.name) return code(403)
  if (by !== undefined && named !== undefined) {
    const { id } = by.key.identity
    if (!isMine(named) && named.owner !== id && named.policy === 'closed' && !named.guests.includes(id)) return code(403)
  }
  const whose = contact ?? (list === null ? by?.name : undefined)
  const isAll = list === null && whose === undefined
  const about = world.lists.filter((one) => isAll || one === named || (whose !== undefined && one.members.includes(whose)))
  const rows = about.flatMap((one) => one.ongoing.map((im) => ({ list: one.name, im: im.grant?.im, initiator: im.by, since: im.since, ends: im.ends, waits: waiting(one, im) })))
  const tickets = world.tickets.filter((ticket) => ticket.by === (contact ?? by?.name) || needs(world, ticket.change).some((one) => about.includes(one))).map(({ number, change, by: holder, since }) => {
    const fences = world.lists.filter((one) => one.fence?.ticket === number).map((one) => one.fence?.since ?? 0)
    const held = needs(world, change).filter((one) => one.ongoing.length > 0 && (by === undefined || about.includes(one) || isMine(one)))
    return { ticket: number, by: holder, change, since, fenced: fences.length === 0 ? undefined : Math.min(...fences), waits: held.map(({ name }) => name).sort() }
  })
  const expired = world.expired.filter((one) => about.some(({ name }) => name === one.list))
  return { code: 200, locks: { locks: rows.sort((a, b) => a.since - b.since || (a.list < b.list ? -1 : 1)), tickets, expired } as unknown as sealed.LockRows }
}

