// Whole states as rows of 32-bit words: which have been met, which are still to be looked at, and by what each was first reached.

const growBy = 2

/** Words, appended row by row. */
export class Rows {
  #words: Uint32Array
  readonly #width: number
  count = 0

  constructor(width: number) {
    this.#width = width
    this.#words = new Uint32Array(width * 1024)
  }

  add(row: ArrayLike<number>): number {
    const at = this.count * this.#width
    if (at + this.#width > this.#words.length) {
      const larger = new Uint32Array(this.#words.length * growBy)
      larger.set(this.#words)
      this.#words = larger
    }
    for (let i = 0; i < this.#width; i++) this.#words[at + i] = row[i] ?? 0
    return this.count++
  }

  /** The row's words, copied. */
  at(index: number, into: Uint32Array): void {
    const start = index * this.#width
    for (let i = 0; i < this.#width; i++) into[i] = this.#words[start + i] ?? 0
  }

  isSame(index: number, row: ArrayLike<number>): boolean {
    const start = index * this.#width
    for (let i = 0; i < this.#width; i++) if (this.#words[start + i] !== row[i]) return false
    return true
  }
}

/** FNV-1a over words, stirred. */
const hashOf = (row: ArrayLike<number>): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < row.length; i++) {
    h = Math.imul(h ^ (row[i] ?? 0), 0x01000193)
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  }
  return (h ^ (h >>> 13)) >>> 0
}

const none = 0xffffffff

/** A set of rows, each kept whole: two states are never taken for one. Rows are looked at in the order in which they were met. */
export class Frontier {
  readonly rows: Rows
  /** of each row: the one that it was first reached from, and by what */
  readonly #origins = new Rows(2)
  #slots = new Uint32Array(1 << 16).fill(none)

  readonly #width: number

  constructor(width: number) {
    this.#width = width
    this.rows = new Rows(width)
  }

  /** True where it is new. */
  meet(row: ArrayLike<number>, from: number, by: number): boolean {
    if (this.rows.count * growBy > this.#slots.length) this.#grow()
    const slot = this.#slotOf(row)
    if (this.#slots[slot] !== none) return false
    this.#slots[slot] = this.rows.add(row)
    this.#origins.add([from, by])
    return true
  }

  /** By what the row was reached, from the first one on. */
  wayTo(row: number): ReadonlyArray<number> {
    const way: number[] = []
    const origin = new Uint32Array(2)
    for (let at = row; at !== 0; at = origin[0] ?? 0) {
      this.#origins.at(at, origin)
      way.unshift(origin[1] ?? 0)
    }
    return way
  }

  #slotOf(row: ArrayLike<number>): number {
    const mask = this.#slots.length - 1
    for (let slot = hashOf(row) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] ?? none
      if (index === none || this.rows.isSame(index, row)) return slot
    }
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * growBy).fill(none)
    const row = new Uint32Array(this.#width)
    for (let index = 0; index < this.rows.count; index++) {
      this.rows.at(index, row)
      this.#slots[this.#slotOf(row)] = index
    }
  }
}
