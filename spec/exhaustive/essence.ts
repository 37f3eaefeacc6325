// What of a member, or of a datagram, anything is decided by: as text, so that two of the same text are one. Left out is how long something took, how
// often it was tried, and who has said what of whom, which is told to people and looked at by nobody else; with a pace of zeros none of it is a reason.
import { isLeft } from 'fp-ts/lib/Either.js'
import type { delivery, diary} from '../../core/index.js';
import { roll, sealed, table, type ImId } from '../../core/index.js'

const brief = (text: string): string => text.slice(0, 6)

/** Of the name of a message: its last digits, which no two have in common. */
const digits = (im: string): string => im.slice(-2)

/** `best`: the sum of receipts is told by who is in it, unless it is none. */
const trailText = ({ visited, tagI, tagS }: sealed.Trail): string => `${visited.join('')}:${brief(tagI)}${brief(tagS)}`

const headText = (head: Uint8Array): string => {
  const trail = sealed.decodeTrail(head)
  return isLeft(trail) ? 'none' : trailText(trail.right)
}

/** `have` is as good as `stored` to whoever hears it: both are looked at in one place, and in the same way. */
const ackText = ({ im, kind, status, receipts }: Extract<sealed.Frame, { readonly _tag: 'Ack' }>): string =>
  `ack ${digits(im)} ${kind} ${status === 'have' ? 'stored' : status} ${receipts === undefined ? '' : brief(receipts.initiator) + brief(receipts.server)}`

export const frameText = (frame: sealed.Frame): string => {
  switch (frame._tag) {
    case 'Relay': return `relay ${digits(frame.im)} ${frame.kind} ${headText(frame.head)}`
    case 'Ack': return ackText(frame)
    case 'RingWanted': return `ring wanted ${brief(frame.ring)}`
    case 'RingTold': return `ring told ${brief(frame.ring)}`
    case 'MissedWanted':
    case 'MissedNone':
    case 'Request':
    case 'Reply':
    case 'Ping':
    case 'Pong':
    case 'Knock':
    case 'Superseded': return frame._tag
  }
}

export const orderText = (order: sealed.Order): string =>
  order._tag === 'ImComplete' ? `complete ${digits(order.im)} ${order.stored.join('')}/${order.closed.join('')} ${brief(order.tag)}` : JSON.stringify(order)

/** The names in a report decide who a resend is for, and whom the report of that one calls delivered after a restart: where the first report is bettered
 *  under the second grant, that is not told apart, and the disk keeps the first. What it would be otherwise is a scene of its own. */
const markText = (mark: diary.Mark): string => (mark._tag === 'Reported' ? `Reported ${digits(mark.im)}` : mark._tag === 'Sent' ? `Sent ${digits(mark.grant.im)}` : mark._tag === 'Stored' || mark._tag === 'Shown' || mark._tag === 'Closed' ? `${mark._tag} ${digits(mark.root)}` : mark._tag)

export type Waiting = Extract<delivery.Effect, { readonly _tag: 'Persist' | 'Seal' | 'Request' }>

export const waitingText = (effect: Waiting): string => {
  switch (effect._tag) {
    case 'Persist': return `Persist ${markText(effect.record)}`
    case 'Seal': return `${brief(effect.to.slice(12))} ${frameText(effect.frame)}`
    case 'Request': return orderText(effect.order)
  }
}

const sorted = (all: ReadonlyArray<number>): string => all.toSorted((a, b) => a - b).join('')

const receiptText = ({ member, status, tagS }: delivery.Receipt): string => `${member}${status[0] ?? ''}${tagS === undefined ? '' : brief(tagS)}`

/** One that was never sent is not passed over, but sent. */
const attemptText = ({ member, sends }: delivery.Attempt): string => `${member}${sends === 0 ? '!' : ''}`

const ownText = ({ grant, phase, receipts, best, copies, given, disputed }: delivery.Own): string => {
  const underWay = phase === 'told' ? '' : `${copies.map(attemptText).sort().join('')}-${sorted(given)}`
  return `${digits(grant.im)}${phase} ${receipts.map(receiptText).sort().join()} ${best === undefined ? '' : trailText(best)} ${underWay} ${disputed ? 'disputed' : ''}`
}

const custodyText = ({ grant, kind, trail, attempt, sentTo }: delivery.Custody): string => `${digits(grant.im)}${kind} ${trailText(trail)} ${attemptText(attempt)} ${sorted(sentTo)}`

/** They are looked at in the order in which they came: the first ring copy is the one that is passed on. */
const parkedText = ({ whole: { im, from, kind, head } }: delivery.Parked): string => `${digits(im)}${brief(from.slice(12))}${kind}${headText(head)}`

const knownText = ([name, { epoch, no, left, poisoned }]: readonly [string, delivery.Known]): string => `${name}${epoch} ${no} ${left ? 'left' : ''}${Math.min(poisoned, 2)}`

export const diaryText = ({ inbox, sent }: diary.Diary): string =>
  `${roll.names(inbox.roots).map((root) => `${digits(root)}${roll.get(inbox.roots, root)?.status ?? ''}`).sort().join()} ${roll.values(sent).map(({ sent: { grant }, report }) => `${digits(grant.im)}${report === undefined ? 'untold' : 'told'}`).sort().join()}`

/** Whatever is not named here does not come about in a scene: arrivals in parts, rings that are not known, a clock of another process. */
export const stateText = ({ clock, diary: kept, lists, own, accepted, custody, parked, pending, asked, fetches, arrivals }: delivery.State): string => {
  if (arrivals.length + fetches.length + pending.length > 0) throw new Error('something waits that no scene has')
  return [
    clock.map(({ at, since, heard }) => `${at} ${since} ${heard}`).join(), diaryText(kept), table.entries(lists).map(knownText).join(), roll.values(own).map(ownText).sort().join('|'),
    roll.values(accepted).map(({ grant, status, passed }) => `${digits(grant.im)}${status}${passed ? 'passed' : ''}`).sort().join(),
    roll.values(custody).map(custodyText).sort().join('|'), parked.map(parkedText).join(), asked === undefined ? '' : 'asked',
  ].join(';')
}

/** Whether a member's disk, or its memory, has the message, or has closed it. */
export const settledIn = (kept: diary.Diary, im: ImId): 'open' | 'stored' | 'closed' => {
  const known = roll.get(kept.inbox.roots, im)
  return known === undefined ? 'open' : known.status === 'closed' ? 'closed' : 'stored'
}
