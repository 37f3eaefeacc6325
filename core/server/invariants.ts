// What is true of every directory after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
// (That the members of a list stand still while its count is above 0 is a promise about two states: `movedMembers`.)
import { isLeft } from 'fp-ts/lib/Either.js'
import * as agenda from '../agenda.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { limits } from '../limits.js'
import { openNames } from './listing.js'
import { isInvited, isOwner } from './owners.js'
import { needsOf } from './needs.js'
import { areNumbered, leaseOn, markOf, type Im, type Past } from './im.js'
import { count, isKeyed, keyedOf, membersOf, type Contact, type Keyed, type List, type State } from './state.js'
import type { Ticket } from './tickets.js'
import type { ContactName, ListName } from '../names.js'
import type { Violation } from '../transition.js'

const violation = (rule: string, what: string): Violation => ({ rule, what })

const isMember = (state: State, list: ListName, name: ContactName): boolean => {
  const contact = roll.get(state.contacts, name)
  return contact !== undefined && table.has(contact.lists, list)
}

/** S10 from the list's side: its owner and its guests are contacts with keys that know of it. */
const ownership = (state: State, list: List): ReadonlyArray<Violation> => {
  const owner = list.owner === undefined ? undefined : keyedOf(state, list.owner)
  const isOwned = list.owner === undefined || (owner !== undefined && table.has(owner.bound.owns, list.name))
  const lost = table.entries(list.guests).filter(([id]) => {
    const guest = keyedOf(state, id)
    return guest === undefined || !table.has(guest.bound.invited, list.name)
  })
  return [
    ...(isOwned ? [] : [violation('S10', `the owner of "${list.name}" is not registered, or does not know of it`)]),
    ...lost.map(([id]) => violation('S10', `${id}, invited to "${list.name}", is not registered, or does not know of it`)),
  ]
}

/** S12: what a member may not be on a list of that policy. */
const strangeness = (list: List, contact: Contact | undefined): ReadonlyArray<Violation> => {
  if (contact === undefined || list.policy === 'open') return []
  if (!isKeyed(contact)) return [violation('S12', `"${contact.card.name}", without a key, is in "${list.name}", which is ${list.policy}`)]
  const isWelcome = list.policy === 'sealed' || isOwner(list, contact) || isInvited(list, contact)
  return isWelcome ? [] : [violation('S12', `"${contact.card.name}" was not invited to "${list.name}"`)]
}

/** S8 to S11 from the contact's side. */
const ofKeyed = (state: State, { card, bound }: Keyed): ReadonlyArray<Violation> => {
  const { identity, skeletons, boot } = bound
  const isFound = table.get(state.keyed.keys, identity.seals) === card.name && table.get(state.keyed.ids, identity.id) === card.name
  const own = roll.values(state.lists).reduce((sum, { ims }) => sum + ims.filter(({ initiator }) => initiator === card.name).length, 0)
  const estranged = [
    ...table.entries(bound.owns).filter(([name]) => roll.get(state.lists, name)?.owner !== identity.id),
    ...table.entries(bound.invited).filter(([name]) => {
      const list = roll.get(state.lists, name)
      return list === undefined || !table.has(list.guests, identity.id)
    }),
  ]
  return [
    ...(isFound ? [] : [violation('S8', `"${card.name}" is not found by its key or by its id`)]),
    ...(skeletons.length > 0 && skeletons.every((one) => table.get(state.keyed.skeletons, one) === card.name) ? [] : [violation('S9', `"${card.name}" is not found by its skeletons`)]),
    ...estranged.map(([name]) => violation('S10', `"${name}" does not know that it is "${card.name}"'s, or that it was invited`)),
    ...(boot >= 1 && boot <= state.position ? [] : [violation('S11', `"${card.name}" was registered at ${boot}, after ${state.position}`)]),
    ...ofPast(card.name, bound.past),
    ...(own === bound.ongoing ? [] : [violation('S13', `"${card.name}" has ${own} ongoing messages, ${bound.ongoing} are counted`)]),
  ]
}

/** S8, S9 and S11 over all contacts with keys: as many as there are in each index, each with a boot of its own. */
const ofKeys = (state: State): ReadonlyArray<Violation> => {
  const keyed = roll.values(state.contacts).filter(isKeyed)
  const skeletons = keyed.reduce((sum, { bound }) => sum + bound.skeletons.length, 0)
  const boots = new Set(keyed.map(({ bound }) => bound.boot))
  return [
    ...([state.keyed.keys.size, state.keyed.ids.size].every((size) => size === keyed.length) ? [] : [violation('S8', `${keyed.length} contacts have keys, other numbers are indexed`)]),
    ...(state.keyed.skeletons.size === skeletons ? [] : [violation('S9', `contacts with keys have ${skeletons} skeletons, ${state.keyed.skeletons.size} are indexed`)]),
    ...(boots.size === keyed.length ? [] : [violation('S11', 'two contacts were registered by one command')]),
    ...keyed.flatMap((contact) => ofKeyed(state, contact)),
  ]
}

/** S14 of one message. */
const ofLease = (state: State, list: List, im: Im): ReadonlyArray<Violation> => {
  const lease = leaseOn(im)
  if (lease === undefined) return []
  const id = markOf(im)
  const isIndexed = table.get(state.granted.lists, id) === list.name && agenda.has(state.granted.ends, { at: lease.ends, id })
  const isTimely = im.leased === undefined || (im.granted === undefined && lease.ends >= im.since + lease.lease)
  return isIndexed && isTimely ? [] : [violation('S14', `im ${im.id} in "${list.name}" is not found by its name, or not by its end, or ends before its time`)]
}

/** S15 of one message. */
const ofGrant = (list: List, { id, initiator, since, granted }: Im): ReadonlyArray<Violation> => {
  if (granted === undefined) return []
  const { grant, lease, ends } = granted
  const isTheLists = grant.list === list.name && grant.epoch === list.epoch && grant.ring === list.ring?.digest && grant.no <= list.no
  const isOfMembers = membersOf(list)[grant.initiator]?.name === initiator && (grant.path.length > 0 || (list.ring?.keyed.length ?? 0) < list.size) && grant.path.every((place) => place !== grant.initiator && list.ring?.keyed.includes(place) === true)
  const isTimely = grant.until === since + lease && ends >= grant.until
  return isTheLists && isOfMembers && isTimely ? [] : [violation('S15', `im ${id} in "${list.name}" has a grant that is not of this list, ring and time`)]
}

/** S15 of a list. */
const ofEpoch = (state: State, list: List): ReadonlyArray<Violation> => {
  const grants = list.ims.flatMap(({ granted }) => (granted === undefined ? [] : [granted.grant]))
  const keyed = membersOf(list).flatMap(({ name }, place) => (isKeyed(roll.get(state.contacts, name)) ? [place] : []))
  const isMarked = list.ring === undefined || JSON.stringify(list.ring.keyed) === JSON.stringify(keyed)
  return list.epoch >= 1 && list.epoch <= state.position && areNumbered(grants, list.no) && isMarked ? [] : [violation('S15', `"${list.name}" has an epoch of later than now, another ring, or numbers out of order`)]
}

/** S14 from the side of the index. */
const ofLive = (state: State, lists: ReadonlyArray<List>): ReadonlyArray<Violation> => {
  const live = lists.reduce((sum, { ims }) => sum + ims.filter((im) => leaseOn(im) !== undefined).length, 0)
  const isCounted = live === state.granted.lists.size && live === agenda.size(state.granted.ends)
  return isCounted ? [] : [violation('S14', `${live} messages have a time, other numbers are indexed`)]
}

const areApart = (locked: Past['locked']): boolean => locked.every(({ from, to }, i) => from < to && from > (locked[i - 1]?.to ?? -1))

/** S16 from the side of the index. */
const ofOver = ({ contacts, granted }: State): ReadonlyArray<Violation> => {
  const all = roll.values(contacts).flatMap(({ card, bound }) => (bound?.past.over ?? []).map(({ im }) => ({ im, name: card.name })))
  const isIndexed = all.length === granted.over.size && all.every(({ im, name }) => table.get(granted.over, im) === name)
  return isIndexed ? [] : [violation('S16', 'ended messages that are remembered are not found by their names, or others are')]
}

/** S16 of keys that are nobody's. */
const ofDebts = ({ keys, debts }: State['keyed']): ReadonlyArray<Violation> => {
  const isBounded = debts.length <= limits.debtsRemembered && new Set(debts.map(({ key }) => key)).size === debts.length
  const areOwed = debts.every(({ key, locked }) => !table.has(keys, key) && locked.length > 0 && areApart(locked))
  return isBounded && areOwed ? [] : [violation('S16', 'more is remembered of keys that are nobody\'s than may be, or something of a contact\'s, or out of order')]
}

/** S16 */
const ofPast = (name: ContactName, past: Past): ReadonlyArray<Violation> => {
  const isBounded = past.over.length <= limits.endedRemembered && past.served.length <= limits.ticketsRemembered
  return areApart(past.locked) && isBounded ? [] : [violation('S16', `more is remembered of "${name}"'s messages or tickets than may be, or out of order`)]
}

/** S19 from the list's side. */
const ofFence = ({ at, queue }: State, { name, fence }: List): ReadonlyArray<Violation> => {
  if (fence === undefined) return []
  const ticket = queue.tickets.find(({ number }) => number === fence.ticket)
  return ticket?.fenced.includes(name) === true && fence.since <= at ? [] : [violation('S19', `"${name}" is fenced for ${fence.ticket}, which does not wait, or does not know of it`)]
}

/** S17, S18 and S19 of what waits. */
const ofTicket = (state: State, { number, by, change, since, fenced }: Ticket, before: Ticket | undefined): ReadonlyArray<Violation> => {
  const isOrdered = number > (before?.number ?? 0) && number <= state.position && since <= state.at
  const isHeld = needsOf(state, change).some((list) => count(list) > 0)
  const isKnown = new Set(fenced).size === fenced.length && fenced.every((name) => roll.get(state.lists, name)?.fence?.ticket === number)
  return [
    ...(isOrdered && isKeyed(roll.get(state.contacts, by)) ? [] : [violation('S17', `ticket ${number} is out of order, or "${by}" is no contact with a key`)]),
    ...(isHeld ? [] : [violation('S18', `ticket ${number} waits for nothing`)]),
    ...(isKnown ? [] : [violation('S19', `ticket ${number} fences lists that do not know of it`)]),
  ]
}

const ofQueue = (state: State): ReadonlyArray<Violation> => {
  const { tickets } = state.queue
  const owners = [...new Set(tickets.map(({ by }) => by))]
  const isBounded = tickets.length <= limits.tickets && owners.every((name) => tickets.filter(({ by }) => by === name).length <= limits.ticketsPerContact)
  return [...(isBounded ? [] : [violation('S17', 'more wait than may')]), ...tickets.flatMap((ticket, i) => ofTicket(state, ticket, tickets[i - 1]))]
}

const ofList = (state: State, list: List): ReadonlyArray<Violation> => [
  ...list.ims.flatMap((im) => [...ofLease(state, list, im), ...ofGrant(list, im)]),
  ...ofFence(state, list),
  ...ofEpoch(state, list),
  ...membersOf(list).flatMap((card) => {
    const contact = roll.get(state.contacts, card.name)
    if (contact === undefined) return [violation('S3', `list "${list.name}" names "${card.name}", who is not registered`)]
    const place = table.get(contact.lists, list.name)
    if (place === undefined || trie.get(list.members, place)?.card !== card) {
      return [violation('S4', `"${card.name}" is in "${list.name}", but not at the place that its index says`)]
    }
    return contact.card === card ? [] : [violation('S3', `list "${list.name}" has an old address of "${card.name}"`)]
  }),
  ...list.ims.flatMap((im, i) => [
    ...(isMember(state, list.name, im.initiator) ? [] : [violation('S2', `im ${im.id} in "${list.name}" is by "${im.initiator}", no member`)]),
    ...(im.id > (list.ims[i - 1]?.id ?? 0) && im.id <= state.position ? [] : [violation('S5', `im ${im.id} in "${list.name}" is out of order`)]),
    ...(im.since <= state.at ? [] : [violation('S7', `im ${im.id} began in the future`)]),
  ]),
  ...(membersOf(list).length === list.size ? [] : [violation('S4', `"${list.name}" has other members than the ${list.size} it counts`)]),
  ...ownership(state, list),
  ...membersOf(list).flatMap(({ name }) => strangeness(list, roll.get(state.contacts, name))),
]

const ofContact = (state: State, { card, lists }: Contact): ReadonlyArray<Violation> =>
  table.entries(lists).flatMap(([name, place]) => {
    const list = roll.get(state.lists, name)
    return list !== undefined && trie.get(list.members, place)?.card.name === card.name ? [] : [violation('S4', `"${card.name}" is not in "${name}", against its index`)]
  })

/** Too long to be said, or exactly the names of the open lists. */
const isListed = ({ listing, lists }: State): boolean =>
  isLeft(listing) || (listing.right._tag === 'Lists' && JSON.stringify(listing.right.names) === JSON.stringify(openNames(lists)))

/** Every broken promise of a directory; empty unless we are wrong. */
export const violations = (state: State): ReadonlyArray<Violation> => {
  const lists = roll.values(state.lists)
  const ongoing = lists.reduce((sum, list) => sum + count(list), 0)
  return [
    ...(ongoing === state.ongoing ? [] : [violation('S1', `${ongoing} ims are ongoing, ${state.ongoing} are counted`)]),
    ...(isListed(state) ? [] : [violation('S6', 'the answer to query-lists names other lists than there are')]),
    ...roll.disagreements(state.contacts).map((what) => violation('S6', `contacts: ${what}`)),
    ...roll.disagreements(state.lists).map((what) => violation('S6', `lists: ${what}`)),
    ...lists.flatMap((list) => ofList(state, list)),
    ...ofLive(state, lists),
    ...(state.granted.expired.length <= limits.expiredRemembered ? [] : [violation('S14', 'more is remembered of what ran out of time than may be')]),
    ...ofQueue(state),
    ...roll.values(state.contacts).flatMap((contact) => ofContact(state, contact)),
    ...ofKeys(state),
    ...ofOver(state),
    ...ofDebts(state.keyed),
  ]
}

const names = (list: List): string => JSON.stringify(membersOf(list).map(({ name }) => name))

/** S2 as a promise about a step: a list of whose messages one goes on has the members that it had, in their order, in the epoch that it was in. When all
 *  have ended with the step, by whatever ended them, what waited for that has been done in it. */
export const movedMembers = (before: State, afterwards: State): ReadonlyArray<Violation> =>
  roll.values(before.lists).flatMap((list) => {
    if (count(list) === 0) return []
    const now = roll.get(afterwards.lists, list.name)
    const ongoing = new Set(now?.ims.map(({ id }) => id))
    if (now !== undefined && !list.ims.some(({ id }) => ongoing.has(id))) return []
    return now !== undefined && now.epoch === list.epoch && names(now) === names(list) ? [] : [violation('S2', `"${list.name}" moved while ${count(list)} were ongoing`)]
  })
