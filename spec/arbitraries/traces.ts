// Traces: whatever a process may have written, of the strangest names; and histories of several processes, of which datagrams are lost and repeated.
import fc from 'fast-check'
import { trace } from '../../core/index.js'

const nasty = ['<script>alert(1)</script>', '"]]>', "' onload='x", '&amp;&#0;', '\u202eevil', '{"a":1}', '__proto__', 'constructor', 'a#2', '-->', '\u0000\u001b[31m', 'é\u0301\ud800', '</svg>']

/** What somebody may call a thing, made harmless by nobody yet. */
export const strange = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 12 }))

const words = strange.map(trace.wordsOf)

interface Deed {
  readonly who: number
  readonly to: number
  readonly ms: number
  readonly what: 'send' | 'crash' | 'note' | 'lock' | 'unlock' | 'stored' | 'pause' | 'resume' | 'broken'
  /** copies that arrive, and by how many deeds late each is */
  readonly late: ReadonlyArray<number>
  readonly label: string
  readonly im: string | undefined
}

const deed: fc.Arbitrary<Deed> = fc.record({
  who: fc.nat(4),
  to: fc.nat(4),
  ms: fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, fc.nat(4000)),
  what: fc.oneof({ weight: 8, arbitrary: fc.constant('send' as const) }, fc.constantFrom('crash', 'note', 'lock', 'unlock', 'stored', 'pause', 'resume', 'broken')),
  late: fc.array(fc.nat(6), { maxLength: 2 }),
  label: fc.oneof(fc.constantFrom('relay [1]', 'ack stored', 'im-start 3', 'ping', 'answer 3: 200'), words),
  im: fc.option(fc.constantFrom('00000000000000010000000000aa', '00000000000000010000000000bb'), { nil: undefined }),
})

interface Pending {
  readonly due: number
  readonly send: trace.EventOf<'send'>
  readonly to: number
}

/** What happened, in its order; of each process only its own count is in its clocks, as it writes them. */
export const history: fc.Arbitrary<ReadonlyArray<trace.Event>> = fc
  .tuple(fc.uniqueArray(strange.map(trace.hostNameOf), { minLength: 5, maxLength: 5 }), fc.array(deed, { maxLength: 40 }))
  .map(([names, deeds]) => {
    const events: trace.Event[] = []
    const counts = new Map<trace.HostName, number>()
    const lives = names.map(() => 1)
    const pending: Pending[] = []
    let time = 0
    const tell = (who: number, happening: trace.Happening): trace.Event => {
      const host = trace.inLife(names[who] as trace.HostName, lives[who] ?? 1)
      const count = (counts.get(host) ?? 0) + 1
      counts.set(host, count)
      const event = { time, host, clock: { [host]: count }, ...happening }
      events.push(event)
      return event
    }
    const begin = (who: number): trace.Event => tell(who, { kind: 'start', role: who === 0 ? 'server' : 'member', places: [] })
    names.forEach((_, who) => begin(who))
    deeds.forEach(({ who, to, ms, what, late, label, im }, i) => {
      time += ms
      const about = im === undefined ? {} : { im }
      const [list, some] = ['a list', im ?? 'none']
      switch (what) {
        case 'send': {
          const send = tell(who, { kind: 'send', datagram: String(i), to: names[to] as string, label, ...about })
          if (send.kind === 'send') for (const by of late) pending.push({ due: i + by, send, to })
          break
        }
        case 'crash': {
          tell(who, { kind: 'crash' })
          lives[who] = (lives[who] ?? 1) + 1
          begin(who)
          break
        }
        case 'note': tell(who, { kind: 'note', label, ...about }); break
        case 'lock': tell(0, { kind: 'lock', list, im: some, by: label }); break
        case 'unlock': tell(0, { kind: 'unlock', list, im: some, ...(late.length > 0 ? { why: 'forced' } : {}) }); break
        case 'stored': tell(who, { kind: 'stored', im: some }); break
        case 'pause': tell(who, { kind: 'pause', why: 'asleep' }); break
        case 'resume': tell(who, { kind: 'resume' }); break
        case 'broken': tell(who, { kind: 'broken', rule: 'I1', label }); break
      }
      for (const one of pending.filter(({ due }) => due === i)) {
        time += 1
        const { datagram, host, im: of } = one.send
        tell(one.to, { kind: 'receive', datagram, from: host, label: one.send.label, ...(of === undefined ? {} : { im: of }) })
      }
    })
    return events
  })
