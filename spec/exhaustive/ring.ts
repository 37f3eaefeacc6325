// A whole ring as numbers: a class for each member (`tables`), a bit for each datagram that was ever sent and may still come, and what is nobody's: the
// time, the server's word, how often a process has stopped or a machine slept. A state is a row of words; here is what a row says, and how it is made.
import { memberOf, startOf, type Member, type Table } from './tables.js'
import { over } from './quotient.js'
import type { Closure } from './closure.js'
import type { Scene } from './scene.js'

export const endings = ['live', 'proof', 'expired', 'forced'] as const

export const mostPlaces = 8

export class Ring {
  readonly scene: Scene
  readonly closure: Closure
  readonly members: ReadonlyArray<Member>
  /** words of a row */
  readonly width: number
  /** where the datagrams of each place begin in `net`; behind the last, the server's */
  readonly begins: ReadonlyArray<number>
  readonly words: number
  /** of a set of datagrams, `words` words */
  readonly outs: Int32Array
  /** of the state that is looked at, or made */
  readonly locals: Int32Array
  readonly net: Int32Array
  behind = 0
  /** how each message has ended, two bits each (`endings`) */
  ended = 0
  crashes = 0
  slept = 0
  /** places that the initiator of each message has called undelivered, `mostPlaces` bits each */
  undelivered = 0

  constructor(closure: Closure, scene: Scene, reduced: boolean) {
    if (scene.members > mostPlaces) throw new Error(`a ring of more than ${mostPlaces} is not looked at`)
    this.scene = scene
    this.closure = closure
    this.members = Array.from({ length: scene.members }, (_, place) => memberOf(closure, scene, place, reduced))
    const words = closure.messages.map(({ all }) => Math.max(1, Math.ceil(all.length / 32)))
    this.begins = words.map((_, place) => words.slice(0, place).reduce((sum, more) => sum + more, 0))
    this.words = words.reduce((sum, more) => sum + more, 0)
    this.width = Math.ceil(scene.members / 2) + 1 + this.words
    this.locals = new Int32Array(scene.members)
    this.net = new Int32Array(this.words)
    this.outs = new Int32Array(closure.outs.all.length * this.words)
    closure.outs.all.forEach((out, number) => {
      for (const [to, slot] of out) {
        const at = number * this.words + (this.begins[to] as number) + (slot >> 5)
        this.outs[at] = (this.outs[at] as number) | (1 << (slot & 31))
      }
    })
  }

  get mode(): number {
    const { scene } = this
    return (this.behind === 0 ? 0 : over.time) | (this.isOver ? over.ended : 0) | (this.crashes < scene.crashes ? 0 : over.crashes) | (scene.sleeps && this.slept === 0 ? 0 : over.sleeps)
  }

  endOf(which: number): number {
    return (this.ended >> (2 * which)) & 3
  }

  /** All have ended. */
  get isOver(): boolean {
    return this.closure.grants.live.every((_, which) => this.endOf(which) !== 0)
  }

  table(mode: number, place: number): Table {
    return this.members[place]?.tables[mode] as Table
  }

  /** As it is when the initiator has its grant. */
  begin(): void {
    this.net.fill(0)
    this.behind = this.ended = this.crashes = this.slept = this.undelivered = 0
    this.closure.first.forEach(({ to, out }, place) => {
      const { classes } = this.members[place] as Member
      this.locals[place] = this.table(startOf(this.scene), place).classOf[classes[to] as number] as number
      this.#add(out)
    })
  }

  #add(out: number): void {
    for (let word = 0; word < this.words; word++) this.net[word] = (this.net[word] as number) | (this.outs[out * this.words + word] as number)
  }

  /** What a member's disk has: 0 nothing, 1 the message, 2 that it was closed. */
  disk(mode: number, place: number, which: number): number {
    return ((this.table(mode, place).looks[this.locals[place] as number] as number) >> (2 * which)) & 3
  }

  read(row: Uint32Array): void {
    const { locals, net } = this
    const half = (locals.length + 1) >> 1
    for (let place = 0; place < locals.length; place++) locals[place] = ((row[place >> 1] as number) >>> ((place & 1) << 4)) & 0xffff
    const rest = row[half] as number
    this.behind = rest & 1
    this.ended = (rest >> 1) & 15
    this.crashes = (rest >> 5) & 3
    this.slept = (rest >> 7) & 1
    this.undelivered = rest >>> 8
    for (let word = 0; word < net.length; word++) net[word] = row[half + 1 + word] as number
  }

  write(row: Uint32Array): void {
    const { locals, net } = this
    const half = (locals.length + 1) >> 1
    for (let i = 0; i < half; i++) row[i] = (locals[2 * i] as number) | ((2 * i + 1 < locals.length ? (locals[2 * i + 1] as number) : 0) << 16)
    row[half] = this.behind | (this.ended << 1) | (this.crashes << 5) | (this.slept << 7) | (this.undelivered << 8)
    for (let word = 0; word < net.length; word++) row[half + 1 + word] = net[word] as number
  }
}
