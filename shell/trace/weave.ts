// Traces of several processes woven into one: each event behind all that it followed from, and with the clock that says so.
//
//   a receipt follows from the sending of the same datagram        a life from the one before it        an event from the one before it in its process
//
// Real processes count their own events only, and their clocks do not agree: what they know of each other is found here, by the datagrams. Where the same
// bytes were sent more than once (as the classic wire does) the first receipt is of the first sending, and so on; one more than that is a repetition of the last.
import { trace } from '../../core/index.js'

type Event = trace.Event
type HostName = trace.HostName

export interface Woven {
  /** in an order that nothing contradicts, by time where it is free */
  readonly events: ReadonlyArray<Event>
  /** of each receipt the index of its sending, where that is known */
  readonly causes: ReadonlyMap<number, number>
}

/** The same events, of names that no other trace has used. */
const renamed = (events: ReadonlyArray<Event>, taken: Set<string>): ReadonlyArray<Event> => {
  const names = new Map<string, HostName>()
  for (const { host } of events) {
    const { name } = trace.lifeOf(host)
    if (names.has(name)) continue
    let free = name
    for (let i = 2; taken.has(free); i++) free = trace.hostNameOf(`${name}~${i}`)
    names.set(name, free)
  }
  for (const name of names.values()) taken.add(name)
  if ([...names].every(([was, is]) => was === is)) return events
  const host = (was: HostName): HostName => {
    const { name, life } = trace.lifeOf(was)
    return trace.inLife(names.get(name) ?? name, life)
  }
  const other = (was: string): string => (trace.HostName.is(was) ? host(was) : was)
  return events.map((event): Event => {
    const own = { ...event, host: host(event.host) }
    if (own.kind === 'send') return { ...own, to: other(own.to) }
    return own.kind === 'receive' ? { ...own, from: other(own.from) } : own
  })
}

/** One process's events in their order, and how many of them are woven in. */
interface Strand {
  readonly host: HostName
  readonly events: Event[]
  readonly clock: Map<HostName, number>
  next: number
}

const strandsOf = (all: ReadonlyArray<Event>): ReadonlyArray<Strand> => {
  const strands = new Map<HostName, Strand>()
  for (const event of all) {
    const strand = strands.get(event.host) ?? { host: event.host, events: [], clock: new Map<HostName, number>(), next: 0 }
    strands.set(event.host, strand)
    strand.events.push(event)
  }
  return [...strands.values()]
}

/** Of each receipt its sending. */
const sendingsOf = (all: ReadonlyArray<Event>): ReadonlyMap<Event, Event> => {
  const sends = new Map<string, Event[]>()
  for (const event of all) {
    if (event.kind !== 'send') continue
    const before = sends.get(event.datagram)
    if (before === undefined) sends.set(event.datagram, [event])
    else before.push(event)
  }
  const receipts = new Map<string, number>()
  const sendings = new Map<Event, Event>()
  for (const event of all) {
    if (event.kind !== 'receive') continue
    const of = sends.get(event.datagram)
    const count = receipts.get(event.datagram) ?? 0
    receipts.set(event.datagram, count + 1)
    const send = of?.[Math.min(count, of.length - 1)]
    if (send !== undefined) sendings.set(event, send)
  }
  return sendings
}

const raise = (clock: Map<HostName, number>, by: Iterable<readonly [HostName, number]>): void => {
  for (const [host, count] of by) clock.set(host, Math.max(clock.get(host) ?? 0, count))
}

/** Weaves traces into one. Total: what contradicts itself (the clocks of a datagram that was received before it was sent) is left unconnected. */
export const weave = (traces: ReadonlyArray<ReadonlyArray<Event>>): Woven => {
  const taken = new Set<string>()
  const all = traces.flatMap((events) => renamed(events, taken))
  const strands = strandsOf(all)
  const byHost = new Map(strands.map((strand) => [strand.host, strand]))
  const sendings = sendingsOf(all)
  const places = new Map<Event, number>()
  const known = new Map<Event, ReadonlyArray<readonly [HostName, number]>>()
  const events: Event[] = []
  const causes = new Map<number, number>()

  const earlier = ({ host, next }: Strand): Strand | undefined => {
    const { name, life } = trace.lifeOf(host)
    return next > 0 || life === 1 ? undefined : byHost.get(trace.inLife(name, life - 1))
  }
  const isFree = (strand: Strand, event: Event): boolean => {
    const send = sendings.get(event)
    if (send !== undefined && !places.has(send)) return false
    const before = earlier(strand)
    return before === undefined || before.next === before.events.length
  }
  const take = (strand: Strand, event: Event): void => {
    const send = sendings.get(event)
    const cause = send === undefined ? undefined : places.get(send)
    if (cause !== undefined) causes.set(events.length, cause)
    raise(strand.clock, (send === undefined ? undefined : known.get(send)) ?? earlier(strand)?.clock ?? [])
    strand.next += 1
    strand.clock.set(strand.host, strand.next)
    const clock = [...strand.clock]
    if (event.kind === 'send') known.set(event, clock)
    places.set(event, events.length)
    events.push({ ...event, clock: Object.fromEntries(clock) })
  }
  const first = (among: (strand: Strand, event: Event) => boolean): readonly [Strand, Event] | undefined => {
    let best: readonly [Strand, Event] | undefined
    for (const strand of strands) {
      const event = strand.events[strand.next]
      if (event !== undefined && (best === undefined || event.time < best[1].time) && among(strand, event)) best = [strand, event]
    }
    return best
  }
  for (let next = first(isFree) ?? first(() => true); next !== undefined; next = first(isFree) ?? first(() => true)) take(...next)
  return { events, causes }
}
