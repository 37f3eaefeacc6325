// A network for tests, without sockets and without time of its own: datagrams are posted at an instant and come out at another, or twice, or
// never. What it does to them is one options struct; what happens when is drawn from the seed, so that the same seed is the same network.

/** What the network does. Chances are from 0 to 1, each drawn for itself. */
export interface Weather {
  /** a datagram is lost */
  readonly loss: number
  /** it comes a second time, with a delay of its own */
  readonly duplication: number
  /** one byte of it is changed */
  readonly corruption: number
  /** ms that it takes, evenly spread */
  readonly delayMs: readonly [least: number, most: number]
  /** whether one may overtake another between the same two places; otherwise each way keeps its order */
  readonly reordering: boolean
}

export const fair: Weather = { loss: 0, duplication: 0, corruption: 0, delayMs: [1, 1], reordering: false }

export interface Post<A> {
  readonly from: string
  readonly to: string
  readonly bytes: A
}

interface Trip<A> extends Post<A> {
  readonly at: number
  readonly order: number
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export const dice = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** How often each thing happened. */
export interface Toll {
  posted: number
  lost: number
  doubled: number
  changed: number
  overtaken: number
}

export class Link {
  readonly toll: Toll = { posted: 0, lost: 0, doubled: 0, changed: 0, overtaken: 0 }
  /** may be changed at any time: the weather does */
  weather: Weather
  /** what filters on the way let through; is shown every datagram that is posted */
  passes: (post: Post<Uint8Array>) => boolean = () => true
  readonly #chance: () => number
  #trips: ReadonlyArray<Trip<Uint8Array>> = []
  #order = 0

  constructor(weather: Weather, seed: number) {
    this.weather = weather
    this.#chance = dice(seed)
  }

  /** Under way from that instant on. */
  post(now: number, datagram: Post<Uint8Array>): void {
    const { loss, duplication } = this.weather
    this.toll.posted += 1
    const passes = this.passes(datagram)
    if (this.#chance() < loss || !passes) this.toll.lost += 1
    else this.#travel(now, datagram)
    if (this.#chance() >= duplication || !passes) return
    this.toll.doubled += 1
    this.#travel(now, datagram)
  }

  /** When the next one arrives; Infinity: none is under way. */
  get next(): number {
    return this.#trips[0]?.at ?? Infinity
  }

  /** The one that arrives next. */
  take(): Post<Uint8Array> | undefined {
    const [first, ...rest] = this.#trips
    this.#trips = rest
    return first
  }

  #travel(now: number, datagram: Post<Uint8Array>): void {
    const [least, most] = this.weather.delayMs
    const soonest = Math.round(now + least + this.#chance() * (most - least))
    const before = this.#trips.filter(({ from, to }) => from === datagram.from && to === datagram.to).at(-1)?.at ?? 0
    const at = this.weather.reordering ? soonest : Math.max(soonest, before)
    if (at < before) this.toll.overtaken += 1
    const trip = { ...datagram, bytes: this.#weathered(datagram.bytes), at, order: this.#order++ }
    const behind = this.#trips.findIndex((other) => other.at > at)
    this.#trips = behind < 0 ? [...this.#trips, trip] : this.#trips.toSpliced(behind, 0, trip)
  }

  #weathered(bytes: Uint8Array): Uint8Array {
    if (this.#chance() >= this.weather.corruption) return bytes
    this.toll.changed += 1
    const at = Math.floor(this.#chance() * bytes.length)
    return bytes.with(at, (bytes[at] ?? 0) ^ (1 + Math.floor(this.#chance() * 255)))
  }
}
