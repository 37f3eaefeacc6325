// What a frame is, and what a peer tells of messages, in a few words that tell neither a text nor a key.
import { isRight } from 'fp-ts/lib/Either.js'
import { decodeAnswer, type Answer } from '../wire/sealed/answer.js'
import { decodeTrail } from '../wire/sealed/envelope.js'
import type { Mark } from '../diary.js'
import type { Notice, NoticeOf } from '../delivery/notice.js'
import type { Frame, Relay } from '../wire/sealed/frame.js'
import type { Happening } from './event.js'
import type { Order } from '../wire/sealed/order.js'
import type { Part } from '../wire/sealed/parts.js'

/** `im`: the message that it is about. */
export interface Label {
  readonly label: string
  readonly im: string | undefined
}

const labelled = (label: string, im?: string): Label => ({ label, im })

const partOf = ({ index, count }: Part): string => (count === 1 ? '' : ` ${index + 1}/${count}`)

const spelled = (tag: string): string => tag.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase()

/** Where it has been. */
const visitedOf = ({ kind, head }: Relay): string => {
  const trail = decodeTrail(head)
  return kind === 'direct' || !isRight(trail) || trail.right.visited.length === 0 ? '' : ` [${trail.right.visited.join(' ')}]`
}

/** What an order is about, where that is neither a name nor a message. */
const aboutOf = (order: Order): string => {
  if (order._tag === 'Enqueue') return `: ${spelled(order.change._tag)}`
  return order._tag === 'Withdraw' || order._tag === 'Ticket' ? `: ticket ${order.ticket}` : ''
}

/** What an answer says; its code, where that is all or too much. */
const saidOf = ({ code, body }: Answer): string => {
  if (body._tag === 'Ended') return body.outcome
  if (body._tag === 'Queued') return `ticket ${body.ticket} at place ${body.place}`
  return body._tag === 'Served' ? `served ${body.code}` : String(code)
}

const answerOf = (seq: number, part: Part): Label => {
  const answer = part.count === 1 ? decodeAnswer(part.bytes) : undefined
  if (answer === undefined || !isRight(answer)) return labelled(`answer ${seq}${partOf(part)}`)
  const { body } = answer.right
  if (body._tag === 'Granted') return labelled(`grant ${seq}`, body.grant.im)
  return labelled(`answer ${seq}: ${saidOf(answer.right)}`)
}

export const labelOf = (frame: Frame): Label => {
  switch (frame._tag) {
    case 'Request': return labelled(`${spelled(frame.order._tag)} ${frame.seq}${aboutOf(frame.order)}`, frame.order._tag === 'ImComplete' ? frame.order.im : undefined)
    case 'Reply': return answerOf(frame.seq, frame.part)
    case 'Ping': return labelled('ping')
    case 'Pong': return labelled('pong')
    case 'Superseded': return labelled('superseded')
    case 'Relay': return labelled(`${frame.kind === 'ring' ? 'relay' : frame.kind}${visitedOf(frame)}${partOf(frame.part)}`, frame.im)
    case 'Ack': return labelled(`ack ${frame.kind === 'ring' ? '' : `${frame.kind} `}${frame.status}`, frame.im)
    case 'Knock': return labelled('knock')
    case 'RingWanted': return labelled('ring?')
    case 'RingTold': return labelled(`ring${partOf(frame.part)}`)
    case 'MissedWanted': return labelled(`missed? ${frame.from} to ${frame.to}`)
    case 'MissedNone': return labelled(`none missed ${frame.from} to ${frame.to}`)
  }
}

const noted = (label: string, im?: string): Happening => ({ kind: 'note', label, ...(im === undefined ? {} : { im }) })

/** What it is to a trace that a mark is durable. */
export const keptOf = (mark: Mark): Happening | undefined =>
  mark._tag === 'Stored' ? { kind: 'stored', im: mark.root } : mark._tag === 'Closed' ? { kind: 'closed', im: mark.root } : undefined

/** Of the copies for classic members. */
const inClear = ({ leaves }: NoticeOf<'Reported'>): string =>
  leaves.length === 0 ? '' : `, ${leaves.filter(({ outcome }) => outcome === 'bounced').length} of ${leaves.length} in clear came home`

/** What a notice about a message is to a trace, beside what the diary has of it. */
export const happeningOf = (notice: Notice): Happening | undefined => {
  switch (notice._tag) {
    case 'Begun':
    case 'Taken':
    case 'Closed': return undefined
    case 'RoundHome': return noted(`home with ${notice.receipts} of ${notice.path}`, notice.im)
    case 'Reported': return noted(`report: ${notice.delivered.length} have it, ${notice.undelivered.length} not, ${notice.unknown.length} unknown${inClear(notice)}`, notice.im)
    case 'Released': return noted(`ended: ${notice.outcome}`, notice.im)
    case 'Postponed': return noted(`not yet: ${notice.code}`)
    case 'LeftUnderWay': return noted('ends before its report', notice.im)
    case 'NotBegun': return noted(`not begun: ${notice.code}`)
    case 'Gap': return noted(`missed ${notice.from} to ${notice.to}, and nobody has it`)
  }
}
