// The datagrams of a diagram, as arrows from where they were sent to where they were received; what was not received ends on its way, at a cross.
import { trace } from '../../core/index.js'
import { arrowhead, cross, element, line, text, title } from './svg.js'
import { widthOf, type Places, type Spot } from './places.js'
import { likeness } from './choose.js'
import type { Column, Sheet } from './sheet.js'

type Send = trace.EventOf<'send'>

/** One way of a datagram; without an end it did not arrive. */
interface Flight {
  readonly send: Send
  readonly from: Column
  readonly to: Column | undefined
  readonly y: number
  readonly arrival: number | undefined
  /** the network's repetition, or the sender's */
  readonly isAgain: boolean
  /** as how many it counts */
  readonly times: number
}

/** By what it is about: `relay [1]` is a message's. */
const classOf = (label: string): string => {
  const [word = ''] = label.split(/[ ?]/)
  if (word === 'relay' || word === 'home' || word === 'direct') return 'message'
  if (word === 'ack') return 'ack'
  return ['ping', 'pong', 'hello', 'welcome', 'who', 'whois', 'ring', 'superseded', 'retry'].includes(word) ? 'quiet' : 'order'
}

/** Of places and names the process's column. What was ever received shows whose a place is. */
const addressees = ({ woven: { events, causes }, columns }: Sheet): ((to: string) => Column | undefined) => {
  const known = new Map<string, string>()
  for (const event of events) if (event.kind === 'start') for (const place of event.places) known.set(place, trace.lifeOf(event.host).name)
  for (const [receipt, cause] of causes) {
    const send = events[cause]
    if (send?.kind === 'send') known.set(send.to, trace.lifeOf((events[receipt] as trace.Event).host).name)
  }
  return (to) => columns.get(known.get(to) ?? (trace.HostName.is(to) ? trace.lifeOf(to).name : to))
}

/** What is sent once more: of that message, from there to there, in the same words. */
const repeats = ({ woven: { events } }: Sheet): ReadonlySet<number> => {
  const before = new Set<string>()
  const again = new Set<number>()
  events.forEach((event, i) => {
    const like = likeness(event)
    if (like === undefined) return
    if (before.has(like)) again.add(i)
    before.add(like)
  })
  return again
}

/** Every way of every datagram whose sending or receipt is drawn. */
const flightsOf = (sheet: Sheet): ReadonlyArray<Flight> => {
  const { woven: { events, causes }, chosen: { indices, times }, columns, y } = sheet
  const addressee = addressees(sheet)
  const again = repeats(sheet)
  const receipts = new Map<number, number[]>()
  for (const [receipt, cause] of causes) receipts.set(cause, [...(receipts.get(cause) ?? []), receipt])
  const chosen = new Set(indices)
  const sends = [...new Set(indices.flatMap((index) => (events[index]?.kind === 'send' ? [index] : (causes.get(index) ?? []))))].sort((a, b) => a - b)
  return sends.flatMap((index): ReadonlyArray<Flight> => {
    const send = events[index]
    const from = send === undefined ? undefined : columns.get(trace.lifeOf(send.host).name)
    if (send?.kind !== 'send' || from === undefined) return []
    const arrivals = receipts.get(index) ?? []
    const flight = { send, from, to: addressee(send.to), y: y(index), isAgain: again.has(index), times: times.get(index) ?? 1 }
    if (arrivals.length === 0) return [{ ...flight, arrival: undefined }]
    return arrivals.filter((receipt) => chosen.has(receipt) || chosen.has(index)).map((receipt, i) => {
      const to = columns.get(trace.lifeOf((events[receipt] as trace.Event).host).name)
      return { ...flight, to, arrival: y(receipt), isAgain: flight.isAgain || i > 0 }
    })
  })
}

/** How far one comes that does not arrive, of its whole way. */
const reachOf = ({ fate }: Send): number => ({ closed: 0.93, nowhere: 0.93, cut: 0.5, lost: 0.66, damaged: 0.8, underway: 0.6 })[fate ?? 'lost']

const fates = { closed: 'nobody listens there', nowhere: 'nobody is at that address', cut: 'cut off', lost: 'lost', damaged: 'damaged', underway: 'still on its way' } as const

interface Stroke {
  readonly x1: number
  readonly y1: number
  readonly x2: number
  readonly y2: number
}

/** px: how much lower one ends that does not arrive, or whose other end is not known */
const fall = 11
const stub = 90

const strokeOf = ({ send, from, to, y, arrival }: Flight): Stroke => {
  if (to === undefined || to.x === from.x) return { x1: from.x, y1: y, x2: from.x + stub, y2: arrival ?? y + fall }
  if (arrival !== undefined) return { x1: from.x, y1: y, x2: to.x, y2: arrival }
  return { x1: from.x, y1: y, x2: from.x + (to.x - from.x) * reachOf(send), y2: y + fall }
}

/** Along the arrow, above it, and where it is free. */
const spotsOf = ({ x1, y1, x2, y2 }: Stroke): ReadonlyArray<Spot> => {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  const upright = angle > 90 ? angle - 180 : angle < -90 ? angle + 180 : angle
  const radians = (upright * Math.PI) / 180
  return [0.5, 0.36, 0.64, 0.25, 0.75, 0.18, 0.82].flatMap((share) =>
    [3, -11].map((above) => ({ x: x1 + (x2 - x1) * share + above * Math.sin(radians), y: y1 + (y2 - y1) * share - above * Math.cos(radians), angle: upright, anchor: 'middle' as const })))
}

const wordsOf = ({ chosen: { letters } }: Sheet, { send, times }: Flight): string => {
  const letter = letters.size < 2 || send.im === undefined ? undefined : letters.get(send.im)
  return `${letter === undefined ? '' : `${letter}: `}${send.label}${times === 1 ? '' : `, ${times} times`}`
}

const ending = ({ send, arrival, to }: Flight, { x1, y1, x2, y2 }: Stroke): string => {
  if (arrival !== undefined && to !== undefined) return arrowhead(x2, y2, Math.atan2(y2 - y1, x2 - x1), { class: 'head plain' })
  if (send.fate === 'underway' || to === undefined) return arrowhead(x2, y2, Math.atan2(y2 - y1, x2 - x1), { class: 'head plain', 'fill-opacity': 0.45 })
  return element('g', { class: 'bad' }, cross(x2, y2, 5, { class: 'stroke thick' }))
}

const drawn = (sheet: Sheet, places: Places, flight: Flight): { readonly shaft: string; readonly label: string } => {
  const { send, isAgain, arrival, times } = flight
  const stroke = strokeOf(flight)
  const words = wordsOf(sheet, flight)
  const fate = arrival === undefined ? `: ${fates[send.fate ?? 'lost']}` : ''
  const full = `${trace.lifeOf(send.host).name} to ${send.to}: ${send.label}${send.im === undefined ? '' : ` (message ${send.im})`}${isAgain ? ', again' : ''}${times === 1 ? '' : `, ${times} times`}${fate}`
  const length = Math.hypot(stroke.x2 - stroke.x1, stroke.y2 - stroke.y1)
  const spot = widthOf(words) + 14 > length ? undefined : places.find(words, spotsOf(stroke))
  const name = classOf(send.label)
  return {
    shaft: element('g', { class: name }, title(full) + line(stroke.x1, stroke.y1, stroke.x2, stroke.y2, isAgain ? { class: 'again' } : {}) + ending(flight, stroke)),
    label: spot === undefined ? '' : text(words, { class: name, 'text-anchor': spot.anchor, transform: `translate(${spot.x.toFixed(1)} ${spot.y.toFixed(1)}) rotate(${spot.angle.toFixed(1)})` }),
  }
}

/** All arrows, and then all that is written along them. */
export const arrows = (sheet: Sheet, places: Places): string => {
  const all = flightsOf(sheet).map((flight) => drawn(sheet, places, flight))
  return all.map(({ shaft }) => shaft).join('') + all.map(({ label }) => label).join('')
}
