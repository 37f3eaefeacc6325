// Channels without sockets: each at a place of its own, joined by a link, in virtual time. After every step every invariant is checked.
import { deepEqual } from 'node:assert/strict'
import { channel, self, showAddress, type Instant, type ProcessId, type PublicKey, type sealed } from '../../core/index.js'
import { Link, type Post, type Weather } from './link.js'

/** One end: who, where, and what was delivered to it. */
export interface End<H, K> {
  readonly ciphers: channel.Ciphers<H, K>
  readonly key: PublicKey
  place: channel.Place
  state: channel.State<H, K>
  readonly machine: ReturnType<typeof channel.machine<H, K>>
  readonly delivered: channel.Deliver[]
  readonly moved: channel.Moved[]
  lost: number
}

const startsAt = 1_000_000

/** What the receiver is given. */
export const arrival = ({ from, bytes }: Post<Uint8Array>): channel.Command => {
  const [, ip = '', port = '0'] = /^\[?(.*?)\]?:(\d+)$/.exec(from) ?? []
  return { _tag: 'Arrive', bytes, from: { ip, port: Number(port) } }
}

export class Line<H, K> {
  readonly link: Link
  readonly ends: ReadonlyArray<End<H, K>>
  now = startsAt
  /** whether the invariants are checked after every step; that takes as long as the state is large */
  isChecked = true
  /** all datagrams that arrived, as they did, for replays */
  readonly arrived: Post<Uint8Array>[] = []
  /** all datagrams that left */
  readonly sent: Post<Uint8Array>[] = []
  /** places where nobody listens, whoever says to be there */
  readonly deaf = new Set<string>()
  /** ms by which an end's clock is behind */
  readonly lags = new Map<End<H, K>, number>()
  /** sees each before it arrives */
  before: (end: End<H, K>, datagram: Post<Uint8Array>) => void = () => undefined
  behaviour: (end: End<H, K>, delivered: channel.Deliver) => void = () => undefined

  constructor(ciphers: ReadonlyArray<channel.Ciphers<H, K>>, weather: Weather, seed: number, hellosASecond = 128) {
    this.link = new Link(weather, seed)
    this.ends = ciphers.map((own, i) => ({
      ciphers: own,
      key: own.own.seals,
      place: { ip: `192.168.1.${i + 1}`, port: 22000 },
      state: channel.initial(Uint8Array.from({ length: 32 }, (_, byte) => (seed * 31 + i * 7 + byte) & 0xff)),
      machine: channel.machine({ ciphers: own, process: '00000000000000aa' as ProcessId, whois: undefined, hellosASecond }),
      delivered: [],
      moved: [],
      lost: 0,
    }))
  }

  /** An end by its number. */
  end(who: number): End<H, K> {
    const end = this.ends[who]
    if (end === undefined) throw new Error(`no end ${who}`)
    return end
  }

  /** `from` sends a frame to `to`. */
  send(from: number, to: number, frame: sealed.Frame, again = false): void {
    const { key, place } = this.end(to)
    this.give(this.end(from), { _tag: 'Seal', to: key, via: undefined, place, appointed: true, frame, again })
  }

  /** One command; its effects are carried out. */
  give(end: End<H, K>, command: channel.Command): void {
    const step = end.machine.reduce(end.state, { at: (this.now - (this.lags.get(end) ?? 0)) as Instant, by: self, command })
    end.state = step.state
    if (this.isChecked) deepEqual(end.machine.violations(end.state), [])
    for (const effect of step.effects) {
      if (effect._tag === 'Send') this.post(end, effect.to, effect.packet)
      if (effect._tag === 'Moved') end.moved.push(effect)
      if (effect._tag === 'Lost') end.lost += 1
      if (effect._tag !== 'Deliver') continue
      end.delivered.push(effect)
      this.behaviour(end, effect)
    }
  }

  /** Lets time pass, with everything that is due in it. */
  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const wakes = this.ends.map((end) => {
        const wake = end.machine.wakeAt(end.state)
        return wake._tag === 'Some' ? wake.value + (this.lags.get(end) ?? 0) : Infinity
      })
      const next = Math.min(this.link.next, ...wakes)
      if (next > until) break
      this.now = Math.max(this.now, next)
      if (this.link.next <= next) this.arrive(this.link.take())
      else this.give(this.end(wakes.indexOf(next)), channel.wake)
    }
    this.now = until
  }

  /** A datagram arrives where its address says, if anybody is there. */
  arrive(datagram: Post<Uint8Array> | undefined): void {
    if (datagram === undefined) return
    const end = this.ends.find(({ place }) => showAddress(place) === datagram.to && !this.deaf.has(datagram.to))
    if (end === undefined) return
    this.before(end, datagram)
    this.arrived.push(datagram)
    this.give(end, arrival(datagram))
  }

  post(end: End<H, K>, to: channel.Place, bytes: Uint8Array): void {
    const datagram = { from: showAddress(end.place), to: showAddress(to), bytes }
    this.sent.push(datagram)
    this.link.post(this.now, datagram)
  }

  /** The end begins anew, as a restarted program does: without any session. */
  restart(who: number, seed: number): void {
    const end = this.end(who)
    end.state = channel.initial(Uint8Array.from({ length: 32 }, (_, byte) => (seed + byte * 3) & 0xff))
  }
}
