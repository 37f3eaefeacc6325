// What of the server's state anything is decided by, as text: instants by how far they are from now, positions and names by their order. So two ways to the
// same queue are one, whenever it was.
import { roll, table, type Instant, type server } from '../../core/index.js'

const apart = (at: Instant, now: Instant, least = -Infinity): number => Math.max(least, at - now)

const positionsIn = (state: server.State): ReadonlyMap<string, number> => {
  const lists = roll.values(state.lists)
  const contacts = roll.values(state.contacts)
  const names = [
    ...lists.flatMap(({ epoch, ims }) => [String(epoch), ...ims.map(({ id }) => String(id))]),
    ...state.queue.tickets.map(({ number }) => String(number)),
    ...contacts.flatMap(({ bound }) => [...(bound?.past.over ?? []).map(({ im }) => String(parseInt(im.slice(16), 16))), ...(bound?.past.served ?? []).map(({ ticket }) => String(ticket))]),
  ]
  return new Map([...new Set(names)].sort((a, b) => Number(a) - Number(b)).map((name, i) => [name, i]))
}

/** A minute, after which it is not charged to whoever locked a list. */
const chargedMs = 60_000

export const textOf = (state: server.State, now: Instant): string => {
  const positions = positionsIn(state)
  const at = (position: number | string): number => positions.get(String(position)) ?? -1
  const lists = roll.values(state.lists).map(({ name, members: _, epoch, no, ims, fence, open, size, ring }) => [
    name, at(epoch), no, size, ring === undefined ? 0 : 1, apart(open, now, 0), fence === undefined ? 0 : [at(fence.ticket), apart(fence.since, now)],
    ims.map(({ id, initiator, since, granted }) => [at(id), initiator, apart(since, now), granted?.grant.path, granted === undefined ? 0 : [apart(granted.ends, now), granted.lease], granted?.grant.no]),
  ])
  const contacts = roll.values(state.contacts).map(({ card, lists: on, bound }) => [
    card.name, table.entries(on).toSorted(([a], [b]) => (a < b ? -1 : 1)), bound?.presence, bound?.ongoing,
    bound?.past.over.map(({ im, end }) => [at(parseInt(im.slice(16), 16)), end]),
    bound?.past.locked.filter(({ to }) => to > now - chargedMs).map(({ from, to }) => [apart(from, now, -chargedMs), apart(to, now)]),
    bound?.past.served.map(({ ticket, code }) => [at(ticket), code]),
  ])
  const { tickets, due, looked } = state.queue
  const waiting = tickets.map(({ number, by, change, since, fenced, held }) => [at(number), by, change, apart(since, now), fenced, held])
  return JSON.stringify([lists, contacts, waiting, due === undefined ? 'never' : apart(due, now), apart(looked, now, -1000), state.process.slice(0, 2), apart(state.at, now)])
}
