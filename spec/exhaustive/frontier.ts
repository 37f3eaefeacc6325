// Whole states as rows of 32-bit words: which have been met, which are still to be looked at, and by what each was first reached.

const inChunk = 1 << 16

/** Words, appended row by row, in chunks: what is there is never moved. */
class Rows {
  readonly #chunks: Uint32Array[] = []
  readonly #width: number
  count = 0

  constructor(width: number) {
    this.#width = width
  }

  add(row: Uint32Array): number {
    const at = this.count & (inChunk - 1)
    if (at === 0) this.#chunks.push(new Uint32Array(this.#width * inChunk))
    const chunk = this.#chunks[this.#chunks.length - 1] as Uint32Array
    for (let i = 0, to = at * this.#width; i < this.#width; i++, to++) chunk[to] = row[i] as number
    return this.count++
  }

  /** The row's words, copied. */
  at(index: number, into: Uint32Array): void {
    const chunk = this.#chunks[index >>> 16] as Uint32Array
    for (let i = 0, from = (index & (inChunk - 1)) * this.#width; i < this.#width; i++, from++) into[i] = chunk[from] as number
  }

  isSame(index: number, row: Uint32Array): boolean {
    const chunk = this.#chunks[index >>> 16] as Uint32Array
    for (let i = 0, from = (index & (inChunk - 1)) * this.#width; i < this.#width; i++, from++) if (chunk[from] !== row[i]) return false
    return true
  }
}

/** FNV-1a over words, stirred. */
const hashOf = (row: Uint32Array): number => {
  let h = 0x811c9dc5
  for (let i = 0; i < row.length; i++) {
    h = Math.imul(h ^ (row[i] as number), 0x01000193)
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
  readonly #origin = new Uint32Array(2)
  #slots = new Uint32Array(1 << 16).fill(none)
  readonly #width: number

  constructor(width: number) {
    this.#width = width
    this.rows = new Rows(width)
  }

  /** True where it is new. */
  meet(row: Uint32Array, from: number, by: number): boolean {
    if (this.rows.count * 2 > this.#slots.length) this.#grow()
    const slot = this.#slotOf(row)
    if (this.#slots[slot] !== none) return false
    this.#slots[slot] = this.rows.add(row)
    this.#origin[0] = from
    this.#origin[1] = by
    this.#origins.add(this.#origin)
    return true
  }

  /** By what the row was reached, from the first one on. */
  wayTo(row: number): ReadonlyArray<{ readonly from: number; readonly by: number }> {
    const way: Array<{ readonly from: number; readonly by: number }> = []
    for (let at = row; at !== 0; at = way[0]?.from ?? 0) {
      this.#origins.at(at, this.#origin)
      way.unshift({ from: this.#origin[0] as number, by: this.#origin[1] as number })
    }
    return way
  }

  #slotOf(row: Uint32Array): number {
    const mask = this.#slots.length - 1
    for (let slot = hashOf(row) & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number
      if (index === none || this.rows.isSame(index, row)) return slot
    }
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2).fill(none)
    const row = new Uint32Array(this.#width)
    for (let index = 0; index < this.rows.count; index++) {
      this.rows.at(index, row)
      this.#slots[this.#slotOf(row)] = index
    }
  }
}
