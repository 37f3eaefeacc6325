// A network between numbered places, 0 the server's and from 1 the members'. It loses, repeats, damages, delays and reorders, has cuts and clogs, and
// counts what it was given. It does not know what a datagram says: only how long it is and, for the counts, of which kind; `damage` does.
import type { Clockwork } from './clockwork.js'
import type { Skies } from './options.js'

export interface Datagram<A> {
  readonly from: number
  readonly to: number
  readonly load: A
}

/** How many were sent, and their bytes. */
export interface Sum {
  datagrams: number
  bytes: number
}

/** How often each thing happened. */
export interface Toll {
  posted: number
  lost: number
  cut: number
  doubled: number
  damaged: number
  overtaken: number
  tailed: number
  clogged: number
}

export class Network<A> {
  /** may be changed at any time: the weather does */
  skies: Skies
  readonly toll: Toll = { posted: 0, lost: 0, cut: 0, doubled: 0, damaged: 0, overtaken: 0, tailed: 0, clogged: 0 }
  readonly sums = new Map<string, Sum>()
  /** is told what becomes of each */
  fared: (load: A, fate: 'lost' | 'cut' | 'damaged' | 'underway') => void = () => undefined
  readonly #clockwork: Clockwork
  readonly #chance: () => number
  readonly #places: number
  readonly #arrive: (datagram: Datagram<A>) => void
  readonly #damage: (load: A) => A | undefined
  /** how many cuts there are from one place to another */
  readonly #cuts: Uint8Array
  readonly #clogged: Float64Array
  readonly #lastAt: Float64Array

  /** `damage`: what is left of a load that is damaged on its way; `undefined`: nothing that anybody would open. */
  constructor(clockwork: Clockwork, skies: Skies, chance: () => number, places: number, arrive: (datagram: Datagram<A>) => void, damage: (load: A) => A | undefined) {
    this.#clockwork = clockwork
    this.skies = skies
    this.#chance = chance
    this.#places = places
    this.#arrive = arrive
    this.#damage = damage
    this.#cuts = new Uint8Array(places * places)
    this.#clogged = new Float64Array(places)
    this.#lastAt = new Float64Array(places * places)
  }

  /** Whether anything of it is under way. */
  post(datagram: Datagram<A>, kind: string, bytes: number): boolean {
    this.#count(kind, bytes)
    const { loss, duplication } = this.skies
    const isLost = this.#chance() < loss
    if (isLost) {
      this.toll.lost += 1
      this.fared(datagram.load, 'lost')
    } else this.#travel(datagram)
    if (duplication === 0 || this.#chance() >= duplication) return !isLost
    this.toll.doubled += 1
    this.#travel(datagram)
    return true
  }

  /** From now on, or no more, nothing comes through from these to all others; and from the others to them, where it is `mutual`. */
  cut(side: ReadonlyArray<number>, mutual: boolean, more: 1 | -1): void {
    const within = new Set(side)
    for (let from = 0; from < this.#places; from++) {
      for (let to = 0; to < this.#places; to++) {
        const isCut = within.has(from) ? !within.has(to) : mutual && within.has(to)
        if (isCut) this.#cuts[from * this.#places + to] = (this.#cuts[from * this.#places + to] ?? 0) + more
      }
    }
  }

  clog(who: number, until: number): void {
    this.#clogged[who] = Math.max(this.#clogged[who] ?? 0, until)
  }

  /** From now on everything comes through. */
  heal(skies: Skies): void {
    this.skies = skies
    this.#cuts.fill(0)
    this.#clogged.fill(0)
  }

  #count(kind: string, bytes: number): void {
    this.toll.posted += 1
    const sum = this.sums.get(kind)
    if (sum === undefined) this.sums.set(kind, { datagrams: 1, bytes })
    else {
      sum.datagrams += 1
      sum.bytes += bytes
    }
  }

  #travel(datagram: Datagram<A>): void {
    const { delayMs, tail, tailMs, reordering, corruption } = this.skies
    const { from, to } = datagram
    const isTailed = tail > 0 && this.#chance() < tail
    if (isTailed) this.toll.tailed += 1
    const [low, high] = isTailed ? tailMs : delayMs
    const takes = Math.round(low + this.#chance() * (high - low))
    const way = from * this.#places + to
    const before = this.#lastAt[way] ?? 0
    const soonest = this.#clockwork.now + takes
    const at = reordering || isTailed ? soonest : Math.max(soonest, before)
    if (at < before) this.toll.overtaken += 1
    // whoever is very late holds up nobody behind it
    if (!isTailed) this.#lastAt[way] = at
    const isDamaged = corruption > 0 && this.#chance() < corruption
    if (isDamaged) this.toll.damaged += 1
    this.fared(datagram.load, isDamaged ? 'damaged' : 'underway')
    const load = isDamaged ? this.#damage(datagram.load) : datagram.load
    if (load === undefined) return
    const given = isDamaged ? { from, to, load } : datagram
    this.#clockwork.at(at, () => this.#come(given))
  }

  /** What comes through a cut, or while it lasts, is lost; what meets a clog waits for its end. */
  #come(datagram: Datagram<A>): void {
    const { from, to } = datagram
    if ((this.#cuts[from * this.#places + to] ?? 0) > 0) {
      this.toll.cut += 1
      this.fared(datagram.load, 'cut')
      return
    }
    const free = Math.max(this.#clogged[from] ?? 0, this.#clogged[to] ?? 0)
    if (free <= this.#clockwork.now) return this.#arrive(datagram)
    this.toll.clogged += 1
    this.#clockwork.at(free, () => this.#come(datagram))
  }
}
