// Questions about an own message: whose receipts there are, what they prove, who is open.
import { sum, type Note } from '../wire/sealed/envelope.js'
import type { Tag } from '../keys.js'
import type { Order } from '../wire/sealed/order.js'
import { rowsOf } from './leaf.js'
import { nameAt } from './seats.js'
import { ringOf, type Own, type Receipt, type State } from './state.js'
import type { NoticeOf } from './notice.js'
import type { Report } from '../diary.js'

/** Field by field, as the state is changed. */
export const ownWith = (own: Own, change: Partial<Own>): Own => {
  const { grant, g, body, phase, began, halfway, latest, receipts, best, notes, copies, given, poisoned, disputed, before, leaves } = own
  return { grant, g, body, phase, began, halfway, latest, receipts, best, notes, copies, given, poisoned, disputed, before, leaves, ...change }
}

export const receiptOf = ({ receipts }: Own, member: number): Receipt | undefined => receipts.find((one) => one.member === member)

/** Whether its receipt for the server is at hand too, alone or in the sum that came home. */
const isProven = (own: Own, member: number): boolean => {
  const receipt = receiptOf(own, member)
  return receipt !== undefined && (receipt.tagS !== undefined || (!own.disputed && own.best?.visited.includes(member) === true))
}

/** The members of the path that have still to be asked. */
export const open = (own: Own): ReadonlyArray<number> => own.grant.path.filter((member) => !isProven(own, member))

/** With a member's receipt: a single one is kept beside the sum, and the first word about its status stays. */
export const credited = (own: Own, receipt: Receipt): Own => {
  const known = receiptOf(own, receipt.member)
  const better: Receipt = known === undefined ? receipt : { member: known.member, status: known.status, tagS: known.tagS ?? receipt.tagS, ms: known.ms }
  return ownWith(own, { receipts: [...own.receipts.filter((one) => one !== known), better] })
}

/** With evidence of others: of members of the path, and the latest word only, since nobody proves it. */
export const withNotes = (own: Own, notes: ReadonlyArray<Note>): Own => {
  const fresh = notes.filter(({ member }, i) => own.grant.path.includes(member) && !notes.slice(i + 1).some((later) => later.member === member))
  return fresh.length === 0 ? own : ownWith(own, { notes: [...own.notes.filter((known) => !fresh.some(({ member }) => member === known.member)), ...fresh] })
}

const at = (own: Own, status: Receipt['status']): ReadonlyArray<number> => own.grant.path.filter((member) => receiptOf(own, member)?.status === status && isProven(own, member))

/** What the server is told: the sum that came home, and the single receipts of the rest (R18). */
export const completion = (own: Own): Order => {
  const summed = own.disputed ? [] : (own.best?.visited ?? [])
  const singles = own.receipts.flatMap(({ member, tagS }): ReadonlyArray<Tag> => (tagS === undefined || summed.includes(member) ? [] : [tagS]))
  const tags = own.disputed || own.best === undefined ? singles : [own.best.tagS, ...singles]
  return { _tag: 'ImComplete', im: own.grant.im, stored: at(own, 'stored'), closed: at(own, 'closed'), tag: sum(tags) }
}

type Reported = NoticeOf<'Reported'>

const evidence = (state: State, own: Own, member: number): Reported['unknown'][number] => {
  const ring = ringOf(state, own.grant)
  const last: Note | undefined = own.notes.findLast((note) => note.member === member)
  const tried = own.copies.find((copy) => copy.member === member)
  const name = nameAt(ring, member)
  const by = last === undefined || last.by === own.grant.initiator ? {} : { by: nameAt(ring, last.by) }
  return { name, ...(last === undefined ? {} : { why: last.why, ...by }), ...(tried === undefined ? {} : { sends: tried.sends }) }
}

/** Each member with keys but the initiator in one of three classes (R19); the classic ones beside them. */
export const reportOf = (state: State, own: Own, isAgain: boolean): Reported => {
  const { grant, before, began, poisoned, leaves } = own
  const ring = ringOf(state, grant)
  const others = ring === undefined ? grant.path : ring.members.flatMap(({ _tag }, place) => (_tag === 'Keyed' && place !== grant.initiator ? [place] : []))
  const had = others.filter((place) => before.includes(nameAt(ring, place)) && receiptOf(own, place)?.status !== 'stored')
  const rest = others.filter((place) => !had.includes(place))
  const is = (status: Receipt['status']) => (place: number): boolean => receiptOf(own, place)?.status === status
  const isLeftOut = (place: number): boolean => !grant.path.includes(place)
  // whoever is left out of a second grant may have it by the first
  const isAway = (place: number): boolean => isLeftOut(place) && grant.root === grant.im
  const isOpen = (place: number): boolean => receiptOf(own, place) === undefined && !isAway(place)
  return {
    _tag: 'Reported', im: grant.im, root: grant.root, list: grant.list, no: grant.no, ms: state.at - began,
    delivered: [
      ...had.map((place) => ({ name: nameAt(ring, place), how: 'ring' as const })),
      ...rest.filter(is('stored')).map((place) => {
        const ms = receiptOf(own, place)?.ms
        return { name: nameAt(ring, place), ...(ms === undefined ? { how: 'ring' as const } : { how: 'direct' as const, ms }) }
      }),
    ],
    undelivered: [
      ...rest.filter(isAway).map((place) => ({ name: nameAt(ring, place), why: 'away' })),
      ...rest.filter(is('closed')).map((place) => ({ name: nameAt(ring, place), why: 'closed' })),
    ],
    unknown: rest.filter(isOpen).map((place) => (isLeftOut(place) ? { name: nameAt(ring, place), why: 'away' } : evidence(state, own, place))),
    leaves: rowsOf(leaves),
    poisoned,
    again: isAgain,
  }
}

const names = (all: ReadonlyArray<{ readonly name: string }>): Report['delivered'] => all.map(({ name }) => name) as ReadonlyArray<string> as Report['delivered']

/** As the diary has it. */
export const kept = ({ delivered, undelivered, unknown }: Reported, leaves: Own['leaves']): Report => ({
  delivered: names(delivered), undelivered: names(undelivered), unknown: names(unknown),
  ...(leaves.length === 0 ? {} : { leaves: rowsOf(leaves).map(({ ms: _, ...row }) => row) }),
})
