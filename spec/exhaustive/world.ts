// Everything that can happen next, in a ring, on its network, at its server: each datagram that ever was sent may arrive, at any time and any number of
// times; each armed timer may be due; processes stop and begin anew; the grant ends. What is promised is looked at in each step.
import { Closure, type Judged, type Message } from './closure.js'
import { heardText, kinds, label } from './labels.js'
import { endings, Ring } from './ring.js'
import { over } from './quotient.js'
import { costs, type Table } from './tables.js'
import type { Scene } from './scene.js'
import type { Tampering } from './tampering.js'

/** A promise that was broken, and how. */
export class Broken extends Error {
  readonly rule: string
  constructor(rule: string, what: string) {
    super(what)
    this.rule = rule
  }
}

export type Found = (row: Uint32Array, label: number) => void

const places = (bits: number): ReadonlyArray<number> => Array.from({ length: 8 }, (_, place) => place).filter((place) => ((bits >> place) & 1) === 1)

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
  readonly #answer: number
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
    this.#answer = this.#proofs.some(({ verdict, from }) => verdict === 'wrong' && from === 0) ? this.closure.answer() : -1
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
    if (ring.ended === 0) this.#server(mode, found)
    if (ring.behind === 0) {
      ring.behind = 1
      this.#emit(mode, -1, label(kinds.time, 0, 0, 0), found)
    } else if (ring.ended === 0) {
      ring.ended = 2
      this.#emit(mode, -1, label(kinds.time, 0, 0, 1), found)
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
    if (judged !== 0) this.#judge(mode, place, judged)
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
      const { verdict, from } = this.#proofs[slot] as Message
      this.by = label(kinds.server, from, 0, slot)
      if (verdict === 'proof' || this.#tampering.gullible) {
        this.#closed(mode, from)
        ring.ended = 1
        this.#emit(mode, -1, this.by, found)
      } else if (verdict === 'wrong' && from === 0) {
        if (this.#scene.liar === undefined) throw new Broken('R18', 'the initiator hands in receipts that do not add up')
        this.#sendOne(0, this.#answer)
        this.#emit(mode, -1, this.by, found)
      }
    }
  }

  /** I7 */
  #closed(mode: number, from: number): void {
    const { path } = this.closure.granted.grant
    const open = path.filter((place) => place !== this.#scene.liar && this.ring.disk(mode, place) === 0)
    if (open.length > 0) throw new Broken('I7', `it ends by the word of member ${from}, and ${open.map((place) => `member ${place}`).join(', ')} may still take it`)
    this.reached.add(`proof of ${from === 0 ? 'the initiator' : 'a finder'}`)
  }

  /** What is promised of a step of one member. */
  #judge(mode: number, place: number, number: number): void {
    const { broken, taken, report, fact } = this.#judged[number] as Judged
    const { ring } = this
    if (broken !== undefined) throw new Broken(broken.rule, broken.what)
    this.reached.add(`${endings[ring.ended] ?? ''} ${ring.behind} ${place} judged ${taken ? 'taken' : ''}${fact ?? ''}${report === undefined ? '' : `report ${report.delivered} ${report.undelivered} ${report.unknown}`}`)
    if (taken && ring.ended !== 0 && place !== this.#scene.liar) throw new Broken('I1', `member ${place} takes the message when it has ended (${endings[ring.ended] ?? ''})`)
    if (report === undefined) return
    for (const one of places(report.delivered)) {
      if (one !== this.#scene.liar && ring.disk(mode, one) !== 1) throw new Broken('I5', `member ${one} is reported delivered, and has not stored it`)
    }
    for (const one of places(report.undelivered)) {
      if (one !== this.#scene.liar && ring.disk(mode, one) === 1) throw new Broken('I5', `member ${one} is reported undelivered, and has stored it`)
    }
    if ((report.delivered | report.undelivered | report.unknown) !== (1 << this.#scene.members) - 2) throw new Broken('I5', 'a member is in none of the three classes')
    ring.undelivered |= report.undelivered
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
    if (ring.undelivered !== 0) this.#certain(mode)
    ring.write(this.#next)
    found(this.#next, by)
    ring.read(this.#row)
  }

  /** I5: who was called undelivered never has it. */
  #certain(mode: number): void {
    for (const place of places(this.ring.undelivered)) {
      if (place !== this.#scene.liar && this.ring.disk(mode, place) === 1) throw new Broken('I5', `member ${place} has it, and was called undelivered`)
    }
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
    if (ring.ended !== 0) for (let word = ring.begins[this.#scene.members] as number; word < ring.words; word++) ring.net[word] = 0
  }

  #wake(place: number, words: number): void {
    const begin = this.ring.begins[place] as number
    for (let word = begin; word < begin + words; word++) this.#fresh[word] = this.ring.net[word] as number
  }

  #forget(table: Table, place: number): void {
    const { net, begins, locals } = this.ring
    const [begin, state] = [begins[place] as number, locals[place] as number]
    const isDeaf = (table.looks[state] as number) >= 4
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
