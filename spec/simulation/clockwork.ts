// Real time in a simulated world: what is due when, in whole ms from 0. Two things of one instant happen in the order in which they were set.
// (A binary heap; a list kept in order costs a third of a run as soon as a thousand datagrams are late.)

interface Due {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

const isBefore = (one: Due, other: Due): boolean => one.at < other.at || (one.at === other.at && one.order < other.order)

export class Clockwork {
  now = 0
  /** how much has happened */
  turns = 0
  readonly #heap: Due[] = []
  #order = 0

  /** Does that at that instant, or now where it is past. */
  at(when: number, run: () => void): void {
    const heap = this.#heap
    const due = { at: Math.max(this.now, when), order: this.#order++, run }
    let i = heap.length
    heap.push(due)
    while (i > 0) {
      const above = (i - 1) >> 1
      const parent = heap[above] as Due
      if (!isBefore(due, parent)) break
      heap[i] = parent
      i = above
    }
    heap[i] = due
  }

  /** Lets time pass until `until`, or until `isOver` after something has happened. */
  pass(until: number, isOver: () => boolean = () => false): void {
    for (let first = this.#heap[0]; first !== undefined && first.at <= until; first = this.#heap[0]) {
      this.#drop()
      this.now = first.at
      this.turns += 1
      first.run()
      if (isOver()) return
    }
    this.now = until
  }

  #drop(): void {
    const heap = this.#heap
    const last = heap.pop() as Due
    const size = heap.length
    if (size === 0) return
    let i = 0
    for (;;) {
      let below = 2 * i + 1
      if (below >= size) break
      if (below + 1 < size && isBefore(heap[below + 1] as Due, heap[below] as Due)) below += 1
      const child = heap[below] as Due
      if (!isBefore(child, last)) break
      heap[i] = child
      i = below
    }
    heap[i] = last
  }
}
