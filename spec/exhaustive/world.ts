// Everything that can happen next, in a ring, on its network, at its server: each datagram that ever was sent may arrive, at any time and any number of
// times; each armed timer may be due; processes stop and begin anew; the grant ends. What is promised is looked at in each step.
import { Closure, type Judged, type Message } from './closure.js'
import { heardText, kinds, label } from './labels.js'
import { Broken, certain, closed, judge } from './promises.js'
import { Ring } from './ring.js'
import { deaf, over } from './quotient.js'
import { costs, type Table } from './tables.js'
import type { Scene } from './scene.js'
import type { Tampering } from './tampering.js'

export type Found = (row: Uint32Array, label: number) => void

export class World {
  readonly ring: Ring
  readonly closure: Closure
  readonly #scene: Scene
  readonly #tampering: Tampering
  readonly #reduced: boolean
  readonly #next: Uint32Array
  /** of the state that is looked at: what the scratch of `ring` is set back to */
  readonly #row: Uint32Array
  /** datagrams that have come up since the last look at their receiver's answers */
  readonly #fresh: Int32Array
  readonly #judged: ReadonlyArray<Judged>
  readonly #proofs: ReadonlyArray<Message>
  /** by message: the server's datagrams to its initiator; -1: there are none */
  readonly #answers: ReadonlyArray<number>
  readonly #overrulings: ReadonlyArray<number>
  /** by message: what the server may still be asked when it has ended */
  readonly #others: ReadonlyArray<Int32Array>
  /** what was reached: datagrams that were ever sent; steps that were judged, with the server's word at that time; settled disks and the server's word */
  readonly sent: Int32Array
  readonly reached = new Set<string>()
  /** the step that is taken; and, where somebody wants to follow a way, what is answered at once in it */
  by = 0
  echoes: string[] | undefined

  constructor(scene: Scene, tampering: Tampering, reduced = true) {
    this.#scene = scene
    this.#tampering = tampering
    this.#reduced = reduced
    this.closure = new Closure(scene, tampering)
    this.#proofs = this.closure.messages[scene.members]?.all ?? []
    const { live } = this.closure.grants
    this.#answers = live.map((_, which) => (this.#proofs.some((one) => one.which === which && one.verdict === 'wrong' && one.from === this.closure.initiatorOf(which)) ? this.closure.answer(which) : -1))
    this.#overrulings = live.map((_, which) => (scene.forced ? this.closure.overruling(which) : -1))
    this.#others = live.map((_, which) => Int32Array.from({ length: Math.max(1, Math.ceil(this.#proofs.length / 32)) }, (_w, word) =>
      this.#proofs.slice(word << 5, (word + 1) << 5).reduce((mask, one, bit) => (one.which === which ? mask : mask | (1 << bit)), 0)))
    this.ring = new Ring(this.closure, scene, reduced)
    this.#judged = this.closure.judged.all
    this.#next = new Uint32Array(this.ring.width)
    this.#row = new Uint32Array(this.ring.width)
    this.#fresh = new Int32Array(this.ring.words)
    this.sent = new Int32Array(this.ring.words)
  }

  first(): Uint32Array {
    this.ring.begin()
    this.#fresh.set(this.ring.net)
    this.sent.set(this.ring.net)
    this.#settle(this.ring.mode, -1)
    this.ring.write(this.#next)
    return this.#next
  }

  /** Gives `found` each state that may follow. Throws `Broken`. */
  follow(row: Uint32Array, found: Found): void {
    const { ring } = this
    ring.read(row)
    this.#row.set(row)
    const mode = ring.mode
    for (let place = 0; place < this.#scene.members; place++) {
      const table = ring.table(mode, place)
      this.#own(mode, table, place, found)
      this.#heard(mode, table, place, found)
    }
    if (!ring.isOver) this.#server(mode, found)
    if (this.#scene.forced) this.#all(3, mode, found)
    if (ring.behind === 0) {
      ring.behind = 1
      this.#emit(mode, -1, label(kinds.time, 0, 0, 0), found)
    } else this.#all(2, mode, found)
  }

  /** Each message that goes on may end so. */
  #all(ending: 2 | 3, mode: number, found: Found): void {
    const { ring } = this
    for (let which = 0; which < this.#answers.length; which++) {
      if (ring.endOf(which) !== 0) continue
      ring.ended |= ending << (2 * which)
      if (ending === 3) this.#sendOne(this.closure.initiatorOf(which), this.#overrulings[which] as number)
      this.#emit(mode, -1, label(kinds.time, 0, 0, (ending === 3 ? 3 : 1) + which), found)
    }
  }

  #own(mode: number, table: Table, place: number, found: Found): void {
    const state = this.ring.locals[place] as number
    for (let i = table.begins[state] as number; i < (table.begins[state + 1] as number); i++) {
      const cost = table.cost[i] as number
      if (cost === costs.crash) this.ring.crashes += 1
      if (cost === costs.sleep) this.ring.slept = 1
      this.#step(mode, table, place, table.edge[i] as number, label(kinds.own, place, 0, table.label[i] as number), found)
    }
  }

  #heard(mode: number, table: Table, place: number, found: Found): void {
    const { ring } = this
    const state = ring.locals[place] as number
    const begin = ring.begins[place] as number
    for (let phase = 0; phase < 2; phase++) {
      if (ring.behind === 1 ? phase === 0 : phase === 1 && !this.#scene.hasty) continue
      const acts = table.acts[phase] as Int32Array
      const heard = table.heard[phase] as Int32Array
      for (let word = 0; word < table.words; word++) {
        for (let left = (ring.net[begin + word] as number) & (acts[state * table.words + word] as number); left !== 0; left &= left - 1) {
          const slot = (word << 5) + 31 - Math.clz32(left & -left)
          this.#step(mode, table, place, heard[state * table.slots + slot] as number, label(kinds.heard, place, phase, slot), found)
        }
      }
    }
  }

  #step(mode: number, table: Table, place: number, edge: number, by: number, found: Found): void {
    const { ring } = this
    const judged = table.judged[edge] as number
    this.by = by
    if (judged !== 0) this.reached.add(judge(ring, mode, place, this.#judged[judged] as Judged))
    ring.locals[place] = table.to[edge] as number
    this.#send(table.out[edge] as number)
    this.#emit(mode, place, by, found)
  }

  /** The server is told of receipts. A proof is the sum of those of the whole path, and ends it; nothing else does (R21). */
  #server(mode: number, found: Found): void {
    const { ring } = this
    const begin = ring.begins[this.#scene.members] as number
    for (let slot = 0; slot < this.#proofs.length; slot++) {
      if ((((ring.net[begin + (slot >> 5)] as number) >>> (slot & 31)) & 1) === 0) continue
      const { verdict, from, which } = this.#proofs[slot] as Message
      const initiator = this.closure.initiatorOf(which)
      this.by = label(kinds.server, from, 0, slot)
      if (verdict === 'proof' || this.#tampering.gullible) {
        this.reached.add(closed(ring, mode, from, which))
        ring.ended |= 1 << (2 * which)
        this.#emit(mode, -1, this.by, found)
      } else if (verdict === 'wrong' && from === initiator) {
        if (this.#scene.liar === undefined) throw new Broken('R18', 'the initiator hands in receipts that do not add up')
        this.#sendOne(initiator, this.#answers[which] as number)
        this.#emit(mode, -1, this.by, found)
      }
    }
  }

  #send(out: number): void {
    if (out === 0) return
    const { words, outs, net } = this.ring
    for (let word = 0; word < words; word++) {
      const fresh = (outs[out * words + word] as number) & ~(net[word] as number)
      if (fresh === 0) continue
      net[word] = (net[word] as number) | fresh
      this.#fresh[word] = (this.#fresh[word] as number) | fresh
      this.sent[word] = (this.sent[word] as number) | fresh
    }
  }

  #sendOne(to: number, slot: number): void {
    const word = (this.ring.begins[to] as number) + (slot >> 5)
    const bit = 1 << (slot & 31)
    if (((this.ring.net[word] as number) & bit) !== 0) return
    this.ring.net[word] = (this.ring.net[word] as number) | bit
    this.#fresh[word] = (this.#fresh[word] as number) | bit
    this.sent[word] = (this.sent[word] as number) | bit
  }

  /** The state that is made is found; the one that is looked at is set up again. `changed`: a place; -1: none. */
  #emit(before: number, changed: number, by: number, found: Found): void {
    const { ring } = this
    const mode = ring.mode
    if (this.echoes !== undefined) this.echoes = []
    if (mode !== before) this.#turn(before, mode)
    this.#settle(mode, mode === before ? changed : -2)
    if (ring.undelivered !== 0) certain(ring, mode)
    ring.write(this.#next)
    found(this.#next, by)
    ring.read(this.#row)
  }

  /** Less can happen from now on: classes are those of the new mode. */
  #turn(before: number, mode: number): void {
    const { locals, scene } = this.ring
    for (let place = 0; place < scene.members; place++) {
      const one = this.ring.table(before, place).first[locals[place] as number] as number
      locals[place] = this.ring.table(mode, place).classOf[one] as number
    }
  }

  /** Whatever is only answered is answered; what nothing will come of any more is forgotten. `changed`: whose datagrams are all to be looked at; -2: all. */
  #settle(mode: number, changed: number): void {
    const { ring } = this
    const fresh = this.#fresh
    if (this.#reduced) {
      for (let place = 0; place < this.#scene.members; place++) {
        if (place === changed || changed === -2) this.#wake(place, ring.table(mode, place).words)
      }
      while (this.#answerAll(mode));
    }
    fresh.fill(0)
    for (let place = 0; place < this.#scene.members; place++) this.#forget(ring.table(mode, place), place)
    for (let which = 0; which < this.#others.length; which++) if (ring.endOf(which) !== 0) this.#unasked(which)
  }

  /** What the server is told of a message that has ended changes nothing. */
  #unasked(which: number): void {
    const begin = this.ring.begins[this.#scene.members] as number
    const others = this.#others[which] as Int32Array
    for (let word = 0; word < others.length; word++) this.ring.net[begin + word] = (this.ring.net[begin + word] as number) & (others[word] as number)
  }

  #wake(place: number, words: number): void {
    const begin = this.ring.begins[place] as number
    for (let word = begin; word < begin + words; word++) this.#fresh[word] = this.ring.net[word] as number
  }

  #forget(table: Table, place: number): void {
    const { net, begins, locals } = this.ring
    const [begin, state] = [begins[place] as number, locals[place] as number]
    const isDeaf = (table.looks[state] as number) >= deaf
    for (let word = 0; word < table.words; word++) {
      if (isDeaf && net[begin + word] !== 0) throw new Error(`member ${place} hears what it was thought not to`)
      net[begin + word] = (net[begin + word] as number) & (table.live[state * table.words + word] as number)
    }
  }

  #answerAll(mode: number): boolean {
    const { ring } = this
    const fresh = this.#fresh
    let some = false
    for (let place = 0; place < this.#scene.members; place++) {
      const table = ring.table(mode, place)
      const begin = ring.begins[place] as number
      const state = ring.locals[place] as number
      for (let word = 0; word < table.words; word++) {
        const bits = fresh[begin + word] as number
        if (bits === 0) continue
        fresh[begin + word] = 0
        some = true
        for (let phase = 0; phase < 2; phase++) {
          const echoes = table.echoes[phase] as Int32Array
          if ((mode & over.time) !== 0 ? phase === 0 : phase === 1 && !this.#scene.hasty) continue
          for (let left = bits & (echoes[state * table.words + word] as number); left !== 0; left &= left - 1) {
            const slot = (word << 5) + 31 - Math.clz32(left & -left)
            this.#echo(table, place, (table.heard[phase] as Int32Array)[state * table.slots + slot] as number, slot, phase === 1 && (mode & over.time) === 0)
          }
        }
      }
    }
    return some
  }

  #echo(table: Table, place: number, edge: number, slot: number, isEarly: boolean): void {
    this.#send(table.out[edge] as number)
    this.echoes?.push(heardText(this.ring, place, slot, isEarly))
  }

  /** Datagrams that were sent in any state that was looked at. */
  allSent(): ReadonlyArray<string> {
    return this.closure.messages.flatMap(({ all }, to) => all.flatMap(({ from, text }, slot) => {
      const word = this.sent[(this.ring.begins[to] as number) + (slot >> 5)] as number
      return ((word >>> (slot & 31)) & 1) === 1 ? [`${from} ${to} ${text}`] : []
    }))
  }
}
